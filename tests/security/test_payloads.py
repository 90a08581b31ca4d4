"""500 texts that would like to be programs, in every field that keeps or repeats text: they stay text.

A page with them has the same elements, with the same attributes, as one with harmless words in their place.
"""

import json

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from accounts.models import User
from portfolios.services import delete_transaction
from prices.models import Asset
from tests.conftest import signed_in
from tests.factories import AssetFactory, PortfolioFactory, SnapshotFactory, record
from tests.security.payloads import payloads, skeleton

pytestmark = pytest.mark.django_db

ALL = payloads()
BATCH = 50
HARMLESS = [f"Word {number}" for number in range(BATCH)]
FRAGMENT = {"HX-Request": "true"}
COIN = "COIN"


def world(texts: list[str], name: str) -> User:
    """A user whose every kept text is one of these: portfolios, notes, external ids, own name, a coin."""
    user = User.objects.create_user(name, f"{name}@example.org", "a-long-password", first_name=texts[0])
    coin = AssetFactory(symbol=COIN, is_tracked=True)
    Asset.objects.filter(symbol=COIN).update(name=texts[1])
    for text in texts:
        portfolio = PortfolioFactory(owner=user, name=text)
        stated = {"asset": coin, "unit_price": "100", "note": text, "external_id": text}
        record(portfolio, "buy", "1", "2024-01-01", **stated)
    emptied = PortfolioFactory(owner=user, name="Emptied")
    for text in texts[:10]:
        gone = record(emptied, "buy", "1", "2024-01-01", asset=coin, unit_price="100", note=text)
        delete_transaction(transaction=gone, now=timezone.now())
    return user


def pages(user: User) -> list[str]:
    first = user.portfolios.order_by("pk").first()
    row = first.transactions.first()
    return [
        "/", "/portfolios/", f"/portfolios/{first.pk}/", f"/portfolios/{first.pk}/edit/",
        f"/portfolios/{first.pk}/delete/", f"/portfolios/{first.pk}/method/?to=fifo", "/transactions/",
        "/transactions/new/", "/transactions/deleted/", f"/transactions/{row.pk}/edit/",
        f"/transactions/{row.pk}/history/", "/accounts/settings/", f"/prices/{COIN}/",
        "/prices/coins/?q=COIN",
        "/portfolios/no/", "/prices/",
    ]  # fmt: skip


def skeletons(user: User) -> list[list[tuple]]:
    client = signed_in(user)
    return [skeleton(client.get(path).content.decode()) for path in pages(user)]


def test_what_is_kept_is_shown_as_text_on_every_page() -> None:
    SnapshotFactory(asset=AssetFactory(symbol=COIN, is_tracked=True))
    plain = skeletons(world(HARMLESS, "plain"))
    for start in range(0, len(ALL), BATCH):
        user = world(ALL[start : start + BATCH], f"user{start}")
        for path, harmless, hostile in zip(pages(user), plain, skeletons(user), strict=True):
            assert set(hostile) <= set(harmless), path
            assert len(hostile) == len(harmless), path


ECHOES = [
    "/transactions/?q={}",
    "/accounts/login/?next={}",
    "/prices/coins/?q={}",
    "/?range={}",
    "/transactions/?page={}",
]


@pytest.mark.parametrize("form", ECHOES)
def test_what_an_address_says_is_text(form, alice_client, client) -> None:
    visitor = client if "login" in form else alice_client
    plain = skeleton(visitor.get(form.format("Word")).content.decode())
    for text in ALL if form.startswith("/transactions/?q=") else ALL[::15]:
        response = visitor.get(form.format(urlencode({"": text})[1:]))
        assert skeleton(response.content.decode()) == plain, text


FORMS = {
    "register": ["username", "email", "timezone"],
    "login": ["username", "next"],
    "password_reset": ["email"],
    "settings": ["name", "email", "timezone", "currency"],
    "portfolio-new": ["name", "currency"],
    "transaction-new": ["quantity", "unit_price", "fee", "note", "occurred_at", "next", "version"],
    "transaction-preview": ["quantity", "unit_price", "note", "occurred_at"],
}


@pytest.mark.parametrize(("name", "field"), [(name, field) for name in FORMS for field in FORMS[name]])
def test_what_a_refused_form_repeats_is_text(name, field, client, alice, alice_client) -> None:
    PortfolioFactory(owner=alice)
    visitor = client if name in {"register", "login", "password_reset"} else alice_client
    form = {"section": "profile" if field in {"name", "email"} else "display"} if name == "settings" else {}
    plain = skeleton(visitor.post(reverse(name), form | {field: "one two"}).content.decode())
    for text in ALL[::40]:
        response = visitor.post(reverse(name), form | {field: text})
        found = skeleton(response.content.decode())
        assert set(found) - set(plain) <= errors_of_a_form(plain, found), text


def errors_of_a_form(plain: list[tuple], found: list[tuple]) -> set[tuple]:
    """What our templates add beside a field that is refused for another reason than the plain text."""
    known = {"aria-describedby", "aria-invalid", "autofocus", "id", "class", "for", "role"}
    names = {tuple(sorted(set(part[1]) - known)) for part in plain if len(part) > 1}
    return {part for part in found if len(part) > 1 and tuple(sorted(set(part[1]) - known)) in names}


@pytest.mark.parametrize("text", ALL[::10])
def test_headers_for_htmx_are_json_on_one_line(text, alice, alice_client) -> None:
    bought = record(
        PortfolioFactory(owner=alice, name=text), "buy", "1", "2024-01-01", unit_price="1", note=text
    )
    response = alice_client.post(reverse("transaction-delete", args=[bought.pk]), headers=FRAGMENT)
    for name, value in response.headers.items():
        assert "\n" not in value
        if name.startswith("HX-Trigger"):
            json.loads(value)


ELSEWHERE = [
    "https://evil.example/", "//evil.example/", "///evil.example", "/\\evil.example", "\\\\evil.example",
    "http:evil.example", "http:///evil.example", "javascript:alert(1)", "JavaScript:alert(1)",
    " //evil.example",
    "\t//evil.example", "/\t/evil.example", "/\n/evil.example", "//evil.example@testserver/",
    "https:/evil.example",
    "data:text/html,x", "//testserver@evil.example/", "http://testserver.evil.example/", "%2F%2Fevil.example",
    "\x00//evil.example", "//evil%E3%80%82example", "/%09/evil.example", "https://evil.example\\@testserver/",
]  # fmt: skip


@pytest.mark.parametrize("elsewhere", ELSEWHERE)
def test_next_stays_on_this_host(elsewhere, alice, alice_client, client) -> None:
    portfolio = PortfolioFactory(owner=alice)
    bought = record(portfolio, "buy", "1", "2024-01-01", unit_price="1")
    right = {"username": "alice", "password": "alice-has-a-long-password", "next": elsewhere}
    answers = [
        client.post(f"/accounts/login/?{urlencode({'next': elsewhere})}", right),
        client.post("/admin/login/", right),
        alice_client.post(reverse("display"), {"unit": "btc", "next": elsewhere}),
        alice_client.post(reverse("display"), {"unit": "btc"}, headers={"Referer": elsewhere.strip()}),
        alice_client.post(reverse("logout"), {"next": elsewhere}),
        signed_in(alice).post(reverse("transaction-delete", args=[bought.pk]), {"next": elsewhere}),
    ]
    for answer in answers:
        if answer.status_code in {302, 303}:
            goes = answer["Location"]
            assert goes.startswith(("/", "%2F")), goes
            assert not goes.replace("\\", "/").replace("\t", "").startswith("//"), goes


HOSTS = [
    "evil.example",
    "testserver.evil.example",
    "evil.example:80",
    "testserver@evil.example",
    "a b",
    "\u0430",
    "[::1",
    "x" * 5000,
]


@pytest.mark.parametrize("host", HOSTS)
def test_another_hosts_name_is_refused_and_never_repeated(host, client, alice, mailoutbox) -> None:
    host = host.encode().decode("latin-1")
    for path in ("/", "/accounts/password_reset/", "/api/health/", "/admin/"):
        for send in (client.get, client.post):
            response = send(path, {"email": "alice@example.org"}, headers={"host": host})
            assert response.status_code == 400
            assert host not in response.content.decode()
    assert mailoutbox == []


@pytest.mark.parametrize(
    "header", ["X-Forwarded-Host", "Forwarded", "X-Original-Host", "X-Host", "X-Rewrite-URL"]
)
def test_no_other_header_names_the_host(header, client, alice, mailoutbox, settings) -> None:
    settings.SITE_URL = "https://bitfolio.example.org"
    client.post("/accounts/password_reset/", {"email": "alice@example.org"}, headers={header: "evil.example"})
    assert "evil.example" not in mailoutbox[0].body
    assert "https://bitfolio.example.org/accounts/reset/" in mailoutbox[0].body
