"""2,000 requests that nobody means, to every form and address of the site: none is answered by 5xx."""

import io
import zlib
from collections.abc import Iterator
from itertools import product

import pytest
from django.conf import settings
from django.core import signals
from django.core.handlers.wsgi import WSGIHandler
from django.db import close_old_connections
from django.test import Client

from bitfolio.wsgi import application
from tests.conftest import LOGIN_BACKEND, signed_in
from tests.factories import PortfolioFactory, UserFactory
from tests.security.inputs import VALUES, broken, encoded, fields_of
from tests.security.routes import ROUTES, SITE, Route, address, named

pytestmark = pytest.mark.django_db

PER_FORM = 24
MAY_BE_503 = {"health"}
OFFICE = [
    route for route in ROUTES
    if route.is_admin and route.name.endswith(("_add", "_change", "_changelist", "_delete", ":login"))
]  # fmt: skip
PER_OFFICE = 6


def ways_of(route: Route) -> int:
    """A seed of its own for each address, which does not change when others come or go."""
    return zlib.crc32(route.name.encode())


def failures(client: Client, path: str, seed: int, count: int) -> list[str]:
    page = client.get(path)
    fields = fields_of(page.content.decode()) if page.status_code == 200 and not page.streaming else {}
    found = []
    for kind, body in broken(fields, seed, count):
        headers = {"HX-Request": "true"} if len(body) % 3 == 0 else {}
        response = client.generic("POST", path, body, content_type=kind, headers=headers)
        if response.status_code >= 500:
            found.append(f"POST {path} {kind} {body[:300]!r}")
    for value in VALUES[seed % 6 :: 6]:
        query = encoded([(name, value) for name in (*fields, "page", "range", "asset", "portfolio", "q")])
        response = client.generic("GET", path.split("?")[0], QUERY_STRING=query.decode())
        if response.status_code >= 500:
            found.append(f"GET {path} {query[:300]!r}")
    return found


@pytest.mark.parametrize("route", SITE, ids=named)
def test_a_form_of_the_site_answers_whatever_it_is_sent(route, transaction, owner) -> None:
    PortfolioFactory(owner=owner)
    clients = [Client(raise_request_exception=False) for _ in range(2)]
    clients[1].force_login(owner, backend=LOGIN_BACKEND)
    path, seed = address(route, transaction), ways_of(route)
    found = [fault for client in clients for fault in failures(client, path, seed, PER_FORM)]
    assert route.name in MAY_BE_503 or found == []


def test_the_forms_of_the_administration_answer_whatever_they_are_sent(transaction, root) -> None:
    root.raise_request_exception = False
    found = [
        fault
        for route in OFFICE
        for fault in failures(root, address(route, transaction), ways_of(route), PER_OFFICE)
    ]
    assert found == []


def test_there_are_two_thousand_of_them() -> None:
    sent = len(SITE) * 2 * PER_FORM + len(OFFICE) * PER_OFFICE
    assert sent >= 2_000


# --- Below Django's own reading of a request ------------------------------------------------------------


@pytest.fixture
def one_connection() -> Iterator[None]:
    """Keep the connection through requests that reach the handler itself, as Django's client does."""
    around = (signals.request_started, signals.request_finished)
    for signal in around:
        signal.disconnect(close_old_connections)
    yield
    for signal in around:
        signal.connect(close_old_connections)


def ask(**environ: object) -> int:
    """Status of a request as the web server would hand it over."""
    given = {
        "REQUEST_METHOD": "GET", "PATH_INFO": "/", "QUERY_STRING": "", "SERVER_NAME": "testserver",
        "SERVER_PORT": "80", "HTTP_HOST": "testserver", "REMOTE_ADDR": "127.0.0.1",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(environ.pop("body", b"")),
        "wsgi.errors": io.StringIO(),
        "wsgi.version": (1, 0), "wsgi.multithread": False, "wsgi.multiprocess": True, "wsgi.run_once": False,
    } | environ  # fmt: skip
    heard: list[str] = []
    handler: WSGIHandler = application
    answer = handler(given, lambda status, headers: heard.append(status))
    b"".join(answer)
    answer.close()
    return int(heard[0].split()[0])


COOKIES = [
    "=", ";;;;", "sessionid", "sessionid=", "sessionid=\x00",
    "sessionid=" + "x" * 9000, "sessionid=../../x", "a" * 60_000,
    'sessionid="', "sessionid=\xff\xfe", "theme=\xe9; private=\x00", "csrftoken=x", "csrftoken=\xff",
    "messages=x",
    "sessionid=x; sessionid=y", "theme={{7*7}}", "theme=\"><script>",
    "shortcuts=off; live=off; theme=dark\x00",
]  # fmt: skip
PATHS = [
    "/%", "/%zz", "/\xff\xfe", "/\x00", "/portfolios/\xd9\xa1/", "/prices/\x00/", "/prices/%ED%A0%80/",
    "/prices/\xed\xa0\x80/",
    "/" + "a/" * 4000, "//", "/../../etc/passwd", "/static/../bitfolio/settings.py", "/static/%2e%2e/x",
    "/static/\x00", "/static/\xff",
    "/accounts/reset/\x00/x/", "/accounts/reset/\xff/\xff/", "/admin/\x00/",
    "/admin/accounts/user/_5F/change/",
    "/transactions/99999999999999999999999/edit/", "/portfolios/1" + "0" * 4000 + "/",
    "/prices/" + "x" * 9000 + "/", "no-slash", "",
]  # fmt: skip
QUERIES = [
    "%",
    "&&&==&",
    "%00",
    "%ff=%fe",
    "=" * 900,
    "a" * 100_000,
    "page=%ED%A0%80",
    "q=" + "%00" * 500,
    ";" * 50,
    "\xff\xfe",
]
HEADERS = [
    {"CONTENT_TYPE": kind}
    for kind in (
        "text/plain; charset*=hex''%ff", "text/plain; charset*=no-such''x",
        "text/plain; charset*=idna''%ff", "text/plain; charset*=\xff''x",
        "multipart/form-data; boundary*=utf-16''%ff", "text/plain; charset=\x00",
        "text/plain; charset=\xff", "x; charset*0=h; charset*1=ex",
        "application/x-www-form-urlencoded; charset=unicode_escape",
        "multipart/form-data; boundary=x; charset=utf-7", ";;;=;", "\x00",
    )
] + [
    {"CONTENT_LENGTH": "x"}, {"CONTENT_LENGTH": "-1"}, {"CONTENT_LENGTH": "1" + "0" * 40},
    {"HTTP_HOST": ""}, {"HTTP_HOST": "\xff"},
    {"HTTP_HOST": "[::1"}, {"HTTP_X_FORWARDED_FOR": "\xff"}, {"HTTP_REFERER": "http://["},
    {"HTTP_ORIGIN": "http://["},
    {"HTTP_HX_CURRENT_URL": "http://[", "HTTP_HX_REQUEST": "true"}, {"HTTP_HX_CURRENT_URL": "\xff",
    "HTTP_HX_REQUEST": "true"},
    {"HTTP_HX_TARGET": "\x00", "HTTP_HX_REQUEST": "true"}, {"HTTP_HX_CURRENT_URL_URI_AUTOENCODED": "true",
    "HTTP_HX_CURRENT_URL": "%ff%"},
    {"HTTP_ACCEPT": "\xff;q=x"}, {"HTTP_ACCEPT_LANGUAGE": "x" * 9000},
    {"HTTP_ACCEPT_LANGUAGE": "-;q=\xff"}, {"HTTP_ACCEPT_ENCODING": "\xff"},
    {"HTTP_IF_MODIFIED_SINCE": "\xff"}, {"HTTP_IF_NONE_MATCH": '"' * 900}, {"HTTP_RANGE": "bytes=9-1,-"},
    {"HTTP_USER_AGENT": "x" * 60_000},
    {"HTTP_X_CSRFTOKEN": "\xff"}, {"HTTP_AUTHORIZATION": "Bearer \xff"},
    {"HTTP_AUTHORIZATION": "Basic !!"}, {"REQUEST_METHOD": "\xff"},
    {"REQUEST_METHOD": "BREW"}, {"REQUEST_METHOD": "TRACE"}, {"REQUEST_METHOD": "CONNECT"},
]  # fmt: skip
ODD = (
    [{"HTTP_COOKIE": cookie} for cookie in COOKIES]
    + [{"PATH_INFO": path} for path in PATHS]
    + [{"QUERY_STRING": query} for query in QUERIES]
    + HEADERS
)


@pytest.mark.parametrize("odd", ODD, ids=range(len(ODD)))
@pytest.mark.parametrize("path", ["/", "/accounts/login/", "/prices/", "/transactions/"])
def test_a_request_that_can_hardly_be_read_is_answered(odd, path, db, one_connection) -> None:
    for method in ("GET", "POST"):
        body = {"body": b"--x\r\n\r\nq", "CONTENT_LENGTH": "9"} if method == "POST" else {}
        kind = {"CONTENT_TYPE": "multipart/form-data; boundary=x"} if method == "POST" else {}
        assert ask(**({"REQUEST_METHOD": method, "PATH_INFO": path} | kind | body | odd)) < 500


@pytest.mark.parametrize("stored", ["", "x", "x:y:z", "\x01", "gASVAAA", "é" * 50])
def test_a_session_of_garbage_is_nobodys(stored, alice) -> None:
    client = signed_in(alice)
    client.session.__class__.get_model_class().objects.update(session_data=stored)
    assert client.get("/transactions/").status_code == 302


@pytest.mark.parametrize("key", ["_auth_user_backend", "_auth_user_hash"])
@pytest.mark.parametrize("value", ["", "x", str(10**30), "-1", None, [], {"a": 1}])
def test_a_session_about_nobody_is_nobodys(key, value, alice) -> None:
    client = signed_in(alice)
    session = client.session
    session[key] = value
    session.save()
    assert client.get("/transactions/").status_code == 302


@pytest.mark.parametrize(
    "charset", ["hex", "rot13", "utf-7", "unicode_escape", "utf-16", "idna", "no-such", "base64"]
)
@pytest.mark.parametrize(
    "kind", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/json"]
)
def test_what_is_no_utf8_is_refused_before_it_is_read(charset, kind, alice_client, alice) -> None:
    body = b'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\n+2AA-\\ud800\r\n--x--\r\n'
    for send in ("POST", "PUT", "GET"):
        response = alice_client.generic(
            send, "/portfolios/new/", body, content_type=f"{kind}; charset={charset}"
        )
        assert response.status_code == 415
    assert "UTF-8" in response.content.decode()
    assert not alice.portfolios.exists()


@pytest.mark.parametrize("charset", ["utf-8", "UTF-8", '"utf-8"'])
def test_utf8_by_any_of_its_names_is_read(charset, alice_client) -> None:
    form = f"application/x-www-form-urlencoded; charset={charset}"
    response = alice_client.generic("POST", "/portfolios/new/", b"name=A&currency=USD", content_type=form)
    assert response.status_code in {302, 303}


NO_LENGTHS = ["x", "-1", "+9", "1_0", " 9", "9 9", "1,2", "\xb2", "1e3", "0x9", "9" * 5000]


@pytest.mark.parametrize(
    "kind", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/json"]
)
@pytest.mark.parametrize(
    "path", ["/portfolios/new/", "/accounts/login/", "/api/auth/token", "/api/portfolios/"]
)
def test_a_length_that_is_no_number_is_refused_before_it_is_read(path, kind, alice_client) -> None:
    for send, length in product(("POST", "PUT", "GET"), NO_LENGTHS):
        response = alice_client.generic(send, path, b"name=A", content_type=kind, CONTENT_LENGTH=length)
        assert response.status_code == 400, (send, length)
        assert ("json" in response["Content-Type"]) is path.startswith("/api/")


@pytest.mark.parametrize("length", ["12345678901", "9" * 20])
def test_a_length_beyond_what_is_read_is_refused_unread(length, alice_client) -> None:
    for path, kind, status in (
        ("/portfolios/new/", "application/x-www-form-urlencoded", 400),
        ("/api/auth/token", "application/json", 413),
    ):
        response = alice_client.generic("POST", path, b"name=A", content_type=kind, CONTENT_LENGTH=length)
        assert response.status_code == status


def test_a_length_that_is_left_empty_is_none(alice_client) -> None:
    assert alice_client.generic("GET", "/portfolios/", CONTENT_LENGTH="").status_code == 200
    sent = alice_client.generic(
        "POST", "/api/auth/token", b"{}", content_type="application/json", CONTENT_LENGTH=""
    )
    assert (sent.status_code, set(sent.json()["errors"])) == (422, {"body"})


def test_a_body_without_end_and_fields_without_number_are_refused(alice_client) -> None:
    many = b"&".join(b"a=1" for _ in range(settings.DATA_UPLOAD_MAX_NUMBER_FIELDS + 1))
    huge = b"a=" + b"x" * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)
    for body in (many, huge):
        form = "application/x-www-form-urlencoded"
        assert alice_client.generic("POST", "/portfolios/new/", body, content_type=form).status_code in {
            400,
            413,
        }


def test_nobody_signs_in_by_a_name_that_no_database_takes(client, db) -> None:
    UserFactory()
    for value in VALUES:
        body = encoded([("username", value), ("password", value), ("next", value)])
        form = "application/x-www-form-urlencoded"
        assert client.generic("POST", "/accounts/login/", body, content_type=form).status_code in {200, 422}
