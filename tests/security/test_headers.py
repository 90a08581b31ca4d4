"""Every answer carries policy and headers: pages, fragments, files, redirects, refusals and errors."""

import gunicorn
import pytest
from django.conf import settings
from django.test import Client
from django.urls import path as url
from django.urls import reverse

from bitfolio import urls
from bitfolio.policy import CHART_CDN
from tests.security.routes import METHODS, ROUTES, SITE, address, named

pytestmark = pytest.mark.django_db
STRICT = {
    "default-src": {"'none'"},
    "script-src": {"'self'", CHART_CDN},
    "style-src": {"'self'"},
    "img-src": {"'self'", "data:"},
    "connect-src": {"'self'"},
    "font-src": {"'self'"},
    "object-src": {"'none'"},
    "base-uri": {"'none'"},
    "form-action": {"'self'"},
    "frame-ancestors": {"'none'"},
}
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def broken(_request):
    raise RuntimeError("a fault of ours")


urlpatterns = [*urls.urlpatterns, url("broken/", broken, name="broken")]
handler500 = urls.handler500


def faults(response) -> list[str]:
    """What is missing from an answer."""
    policy = {
        part.split()[0]: set(part.split()[1:]) for part in response["Content-Security-Policy"].split("; ")
    }
    found = [] if policy == STRICT else [f"policy {policy}"]
    found += [name for name, value in HEADERS.items() if response.get(name) != value]
    found += [] if "camera=()" in response.get("Permissions-Policy", "") else ["Permissions-Policy"]
    found += [name for name in ("Server", "X-Powered-By", "Access-Control-Allow-Origin") if name in response]
    if response.status_code not in {204, 304} and (response.streaming or response.content):
        found += [] if "charset=" in (kind := response["Content-Type"]) or "text/" not in kind else [kind]
    return found


@pytest.mark.parametrize("route", SITE, ids=named)
def test_every_answer_of_every_address(route, transaction, owner) -> None:
    inside = Client()
    inside.force_login(owner, backend="accounts.backends.AccountBackend")
    for client in (Client(), inside):
        for method in METHODS:
            for headers in ({}, {"HX-Request": "true"})[: 2 if method == "GET" else 1]:
                response = client.generic(method, address(route, transaction), headers=headers)
                assert faults(response) == [], (method, response.status_code)


def test_every_answer_of_the_administration(transaction, root) -> None:
    for route in ROUTES:
        if route.is_admin and route.name != "admin:logout":
            assert faults(root.get(address(route, transaction))) == [], route.name


@pytest.mark.parametrize(
    "path", ["/no/such/page", "/static/no.css", "/static/css/bitfolio.css", "//evil.example/"]
)
def test_files_and_what_is_not_there(client, path) -> None:
    assert faults(client.get(path)) == []


def test_refusals(client, alice_client) -> None:
    strict = Client(enforce_csrf_checks=True)
    answers = [
        client.get("/", headers={"host": "evil.example"}),
        alice_client.post(reverse("display"), {"unit": "x"}),
        strict.post(reverse("login"), {}),
        client.generic("POST", reverse("login"), b"x", content_type="text/plain; charset=hex"),
        client.generic("POST", reverse("login"), b"x", content_type="multipart/form-data"),
    ]
    assert [answer.status_code for answer in answers] == [400, 400, 403, 415, 400]
    assert [faults(answer) for answer in answers] == [[]] * 5


@pytest.mark.urls(__name__)
def test_errors_of_ours(alice) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(alice, backend="accounts.backends.AccountBackend")
    response = client.get("/broken/")
    assert (response.status_code, faults(response)) == (500, [])


def test_a_bad_host_meets_them_too_where_https_is_forced(settings, client) -> None:
    settings.SECURE_SSL_REDIRECT = True
    response = client.get("/", headers={"host": "evil.example"})
    assert (response.status_code, faults(response)) == (400, [])


@pytest.mark.parametrize("path", ["/api/portfolios", "/api/auth/token", "/api", "/api/no", "/api/healthy"])
def test_where_https_is_asked_for_the_api_refuses_plain_requests(settings, client, path) -> None:
    """To be redirected would hide from a program that it sends its token in the clear."""
    settings.SECURE_SSL_REDIRECT = True
    response = client.post(path, {}, content_type="application/json")
    assert (response.status_code, faults(response)) == (403, [])
    assert "https" in response.json()["detail"]
    assert client.get(path, secure=True).status_code != 403


@pytest.mark.parametrize("path", ["/metrics", "/metrics/"])
def test_where_https_is_asked_for_metrics_refuse_plain_requests(settings, client, path) -> None:
    """Who scrapes them shows a token, too."""
    settings.SECURE_SSL_REDIRECT, settings.METRICS_TOKEN = True, "word"
    response = client.get(path, headers={"Authorization": "Bearer word"})
    assert (response.status_code, faults(response)) == (403, [])
    assert b"https" in response.content
    assert client.get(path, secure=True).status_code == 401
    assert client.get("/metricsx").status_code == 301


def test_where_https_is_asked_for_health_is_told_to_those_beside_the_proxy(settings, client, db) -> None:
    settings.SECURE_SSL_REDIRECT = True
    assert client.get("/api/health").status_code in {200, 503}
    assert client.get("/prices/").status_code == 301


def test_https_is_kept_for_a_year_on_every_subdomain(settings, client) -> None:
    settings.SECURE_HSTS_SECONDS, settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = 31_536_000, True
    for path in ("/", "/no/such/page", "/static/css/bitfolio.css"):
        said = client.get(path, secure=True)["Strict-Transport-Security"]
        assert said.startswith("max-age=31536000; includeSubDomains")


def test_cookies_of_the_session_are_out_of_reach_of_scripts_and_other_sites(client, alice) -> None:
    form = {"username": "alice", "password": "alice-has-a-long-password"}
    response = client.post(reverse("login"), form)
    session = response.cookies[settings.SESSION_COOKIE_NAME]
    assert (session["httponly"], session["samesite"], session["path"], session["domain"]) == (
        True,
        "Lax",
        "/",
        "",
    )


def test_the_server_names_itself_without_a_version() -> None:
    assert not any(letter.isdigit() for letter in gunicorn.SERVER)
