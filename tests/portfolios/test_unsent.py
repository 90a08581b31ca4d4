"""What was typed when the session had ended: back for its author, on its page, once; for nobody else ever."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.core import signing
from django.test import Client

from portfolios.forms import author_mark
from portfolios.forms.authors import SALT
from portfolios.models import Transaction
from portfolios.views.unsent import UNSENT
from tests.conftest import LOGIN_BACKEND
from tests.factories import NOW, PortfolioFactory
from tests.portfolios.entering import address, form
from tests.portfolios.page import Page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("new_year")]
NEW = "/transactions/new/"
TYPED = {"quantity": "0.0123", "note": "Typed words"}


@pytest.fixture
def typed(alice, savings) -> dict[str, object]:
    return form(savings, author=author_mark(alice), **TYPED)


def sign_in(client: Client, user) -> Client:
    client.force_login(user, backend=LOGIN_BACKEND)
    return client


def test_it_comes_back_as_it_was_typed_and_once(client, alice, savings, typed) -> None:
    answer = client.post(f"{NEW}?portfolio={savings.pk}", typed)
    assert answer["Location"] == f"/accounts/login/?next=/transactions/new/%3Fportfolio%3D{savings.pk}"
    assert "the form comes back as you left it" in Page(client.get(answer["Location"])).text
    page = Page(sign_in(client, alice).get(NEW))
    assert (page.status, "Here is what you had typed" in page.text) == (200, True)
    assert 'value="0.0123"' in page.html
    assert "Typed words" in page.html
    assert "You pay" in page.text  # the preview stands there too, without a script
    assert "Typed words" not in client.get(NEW).content.decode()
    assert not Transaction.objects.exists()


def test_what_was_wrong_with_it_is_told_at_once(client, alice, typed) -> None:
    client.post(NEW, typed | {"quantity": "0,125"})
    page = Page(sign_in(client, alice).get(NEW))
    assert "Use a point for decimals: 0.125." in page.text


def test_htmx_sends_the_whole_page_to_sign_in(client, alice, bought) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/transactions/?page=2"}
    where = address("edit", bought)
    sent = form(bought.portfolio, author=author_mark(alice), version="1", **TYPED)
    answer = client.post(where, sent, headers=headers)
    assert answer["HX-Redirect"] == f"/accounts/login/?next=%2Ftransactions%2F{bought.pk}%2Fedit%2F"
    assert "Typed words" in sign_in(client, alice).get(where).content.decode()


def test_what_was_only_previewed_comes_back_too(client, alice, typed) -> None:
    page = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{NEW}?kind=income"}
    answer = client.post("/transactions/preview/", typed, headers=page)
    assert answer["HX-Redirect"] == "/accounts/login/?next=%2Ftransactions%2Fnew%2F%3Fkind%3Dincome"
    assert "Typed words" in sign_in(client, alice).get(NEW).content.decode()


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/transactions/new/", "http://[", "http://testserver/"]
)
def test_a_preview_of_no_form_keeps_nothing(client, typed, elsewhere) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": elsewhere}
    answer = client.post("/transactions/preview/", typed, headers=headers)
    assert answer["HX-Redirect"] == "/accounts/login/?next=%2F"
    assert UNSENT not in client.session


def test_another_person_gets_nothing_and_it_is_forgotten(client, alice, charlie, typed) -> None:
    PortfolioFactory(owner=charlie)
    client.post(NEW, typed)
    html = sign_in(client, charlie).get(NEW).content.decode()
    assert "Typed words" not in html
    assert "0.0123" not in html
    assert UNSENT not in client.session


def test_it_does_not_outlast_the_next_person_even_unasked_for(client, alice, charlie, typed) -> None:
    client.post(NEW, typed)
    sign_in(client, charlie)
    assert "Typed words" not in sign_in(client, alice).get(NEW).content.decode()


def test_a_strangers_transaction_stays_unknown(client, charlie, alice, bought) -> None:
    client.post(address("edit", bought), form(bought.portfolio, author=author_mark(alice), **TYPED))
    assert sign_in(client, charlie).get(address("edit", bought)).status_code == 404


def test_it_waits_for_its_own_page(client, alice, bought, typed) -> None:
    client.post(NEW, typed)
    sign_in(client, alice)
    assert "Typed words" not in client.get(address("edit", bought)).content.decode()
    assert "Typed words" in client.get(NEW).content.decode()


def test_after_an_hour_it_is_gone(client, alice, typed) -> None:
    client.post(NEW, typed)
    sign_in(client, alice)
    with time_machine.travel(NOW + timedelta(hours=1, seconds=1), tick=False):
        assert "Typed words" not in client.get(NEW).content.decode()


MARKS = ["", "1", "x:y:z", "\x00", signing.dumps("1", salt=SALT), signing.dumps(1, salt="another")]


# Named by their place: a signature is another one each time the tests are collected.
@pytest.mark.parametrize("mark", MARKS, ids=range(len(MARKS)))
def test_without_a_mark_of_ours_nothing_is_kept(client, typed, mark) -> None:
    answer = client.post(NEW, typed | {"author": mark})
    assert answer["Location"].startswith("/accounts/login/")
    assert not Session.objects.exists()


def test_an_old_mark_is_none(client, alice, typed) -> None:
    with time_machine.travel(NOW + timedelta(days=30, seconds=1), tick=False):
        client.post(NEW, typed)
    assert not Session.objects.exists()


def test_more_than_a_form_holds_is_not_kept_nor_what_is_none_of_its_fields(client, typed) -> None:
    client.post(NEW, typed | {"note": "x" * 9_000})
    assert not Session.objects.exists()
    client.post(NEW, typed | {"password": "secret"})
    assert "password" not in client.session[UNSENT]["typed"]


def test_reading_the_page_signed_out_leads_back_to_it(client) -> None:
    answer = client.get(f"{NEW}?kind=sell")
    assert answer["Location"] == "/accounts/login/?next=/transactions/new/%3Fkind%3Dsell"
    assert not Session.objects.exists()
