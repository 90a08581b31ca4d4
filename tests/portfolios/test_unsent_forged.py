"""A form whose CSRF token is not the browser's: kept where it came from a page of ours, and from no other."""

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from portfolios.forms import author_mark
from portfolios.models import Transaction
from portfolios.views.unsent import UNSENT
from tests.conftest import LOGIN_BACKEND
from tests.portfolios.entering import address, form
from tests.portfolios.page import Page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("new_year")]
NEW = "/transactions/new/"
HERE = {"Origin": "http://testserver"}
ELSEWHERE = [
    {}, {"Origin": "null"}, {"Origin": "https://evil.example"}, {"Origin": "https://testserver"},
    {"Origin": "http://testserver:81"}, {"Origin": "http://testserver.evil.example"},
    {"Referer": "http://testserver/transactions/new/"},
]  # fmt: skip


@pytest.fixture
def browser() -> Client:
    """One that is asked for a token, and has no cookie at all."""
    return Client(enforce_csrf_checks=True)


@pytest.fixture
def typed(alice, savings) -> dict[str, object]:
    return form(savings, author=author_mark(alice), quantity="0.0123", note="Typed words")


def sign_in(client: Client, user) -> Client:
    client.force_login(user, backend=LOGIN_BACKEND)
    return client


def test_with_both_cookies_gone_it_comes_back_after_sign_in(browser, alice, typed) -> None:
    answer = browser.post(NEW, typed, headers=HERE)
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/login/?next=/transactions/new/")
    assert "the form comes back as you left it" in Page(browser.get(answer["Location"])).text
    html = sign_in(browser, alice).get(NEW).content.decode()
    assert "Typed words" in html
    assert "Typed words" not in browser.get(NEW).content.decode()
    assert not Transaction.objects.exists()


def test_htmx_is_sent_to_sign_in_as_a_whole_page(browser, alice, bought) -> None:
    sent = form(bought.portfolio, author=author_mark(alice), version="1", note="Typed words")
    where = address("edit", bought)
    answer = browser.post(where, sent, headers=HERE | {"HX-Request": "true"})
    assert answer["HX-Redirect"] == f"/accounts/login/?next=%2Ftransactions%2F{bought.pk}%2Fedit%2F"
    assert "Typed words" in sign_in(browser, alice).get(where).content.decode()


@pytest.mark.parametrize("htmx", [{}, {"HX-Request": "true"}])
def test_who_has_signed_in_again_in_another_tab_gets_it_back_at_once(browser, alice, typed, htmx) -> None:
    """It is shown, not saved: that takes a token of this session."""
    sign_in(browser, alice)
    answer = browser.post(f"{NEW}?kind=buy", typed, headers=HERE | htmx)
    assert (answer.headers.get("HX-Redirect") or answer["Location"]) == f"{NEW}?kind=buy"
    page = Page(browser.get(f"{NEW}?kind=buy"))
    assert "Here is what you had typed" in page.text
    assert "Typed words" in page.html
    assert not Transaction.objects.exists()


@pytest.mark.parametrize("said", ELSEWHERE, ids=range(len(ELSEWHERE)))
def test_what_another_site_sends_is_kept_nowhere(browser, typed, said) -> None:
    answer = browser.post(NEW, typed, headers=said)
    assert (answer.status_code, answer.cookies) == (403, {})
    assert not Session.objects.exists()


@pytest.mark.parametrize("said", ELSEWHERE, ids=range(len(ELSEWHERE)))
def test_nor_in_the_session_of_its_author(browser, alice, typed, said) -> None:
    sign_in(browser, alice)
    assert browser.post(NEW, typed, headers=said).status_code == 403
    assert UNSENT not in browser.session


def test_without_the_mark_of_its_author_it_is_refused(browser, charlie, typed) -> None:
    assert browser.post(NEW, typed | {"author": "1"}, headers=HERE).status_code == 403
    assert not Session.objects.exists()
    sign_in(browser, charlie)
    assert browser.post(NEW, typed, headers=HERE).status_code == 403  # Alice's form
    assert UNSENT not in browser.session


def test_a_site_that_is_trusted_is_one_of_ours(browser, settings, typed) -> None:
    settings.CSRF_TRUSTED_ORIGINS = ["https://coins.example"]
    assert browser.post(NEW, typed, headers={"Origin": "https://coins.example"}).status_code == 302


@pytest.mark.parametrize("name", ["delete", "erase"])
def test_other_changes_are_refused_as_ever(browser, alice, bought, name) -> None:
    sent = {"author": author_mark(alice)}
    assert browser.post(address(name, bought), sent, headers=HERE).status_code == 403
    assert not Session.objects.exists()
