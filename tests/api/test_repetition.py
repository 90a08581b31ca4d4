"""Idempotency-Key: what creates is done once under a key, and answered the same again."""

from datetime import timedelta
from unittest.mock import patch

import pytest
from django.db import OperationalError

from accounts.models import ANSWERS_KEPT, Answer
from accounts.services import forget_expired
from portfolios.models import Portfolio, Transaction
from tests.api.test_transactions import BUY
from tests.factories import NOW, PortfolioFactory

pytestmark = pytest.mark.django_db
KEY = {"Idempotency_Key": "a-key-of-mine"}


def test_the_same_key_and_body_hear_the_first_answer_whole(program, address) -> None:
    first = program.send("post", address, BUY, **KEY)
    program.send("patch", f"{address}/{first.json()['id']}", {"note": "changed since"})
    again = program.send("post", f"{address}/", BUY, **KEY)
    assert (again.status_code, again.content) == (201, first.content)
    assert {name: again[name] for name in ("ETag", "Content-Type")} == {
        name: first[name] for name in ("ETag", "Content-Type")
    }
    assert Transaction.objects.count() == 1


def test_another_body_or_address_under_the_key_is_refused(program, portfolio, address) -> None:
    other = PortfolioFactory(owner=portfolio.owner)
    program.send("post", address, BUY, **KEY)
    for path, body in (
        (address, BUY | {"quantity": "0.50"}),
        (f"/portfolios/{other.pk}/transactions", BUY),
        (f"{address}/batch", {"items": [BUY]}),
    ):
        said = program.send("post", path, body, **KEY)
        assert (said.status_code, list(said.json()["errors"])) == (422, ["Idempotency-Key"])
    assert Transaction.objects.count() == 1


def test_every_post_that_creates_takes_one(program, portfolio, address) -> None:
    for number, (path, body, rows) in enumerate(
        [
            ("/portfolios/", {"name": "Once"}, Portfolio),
            (f"{address}/batch", {"items": [BUY, BUY]}, Transaction),
            ("/assets/", {"symbol": "BTC", "quantity": 1, "average_buy_price": 2}, Transaction),
        ]
    ):
        Transaction.objects.all().delete()
        key = {"Idempotency_Key": str(number)}
        answers = [program.send("post", path, body, **key) for _ in range(2)]
        assert [one.status_code for one in answers] == [201, 201]
        assert answers[0].content == answers[1].content
        assert Answer.objects.count() == number + 1
        assert rows.objects.count() in {1, 2}


def test_what_was_refused_was_not_done_and_may_be_tried_again(program, address) -> None:
    sale = BUY | {"kind": "sell"}
    assert program.send("post", address, sale, **KEY).status_code == 409
    with patch("portfolios.services.record_transaction", side_effect=OperationalError("gone")):
        assert program.send("post", address, BUY, **KEY).status_code == 503
    assert not Answer.objects.exists()
    assert program.send("post", address, BUY, **KEY).status_code == 201


def test_an_answer_that_can_t_be_kept_undoes_what_it_tells(program, address) -> None:
    with patch("accounts.models.Answer.save", side_effect=OperationalError("disk full")):
        assert program.send("post", address, BUY, **KEY).status_code == 503
    assert not Transaction.objects.exists()


def test_a_key_is_its_users_own(program, stranger, address) -> None:
    program.send("post", "/portfolios/", {"name": "Mine"}, **KEY)
    said = stranger.send("post", "/portfolios/", {"name": "Mine"}, **KEY)
    assert said.status_code == 201
    assert Portfolio.objects.filter(name="Mine").count() == 2


@pytest.mark.parametrize("key", ["", " ", "two words", "x" * 256, "ü"])
def test_a_key_is_of_plain_signs(program, address, key) -> None:
    said = program.send("post", address, BUY, Idempotency_Key=key)
    assert (said.status_code, list(said.json()["errors"])) == (422, ["Idempotency-Key"])


def test_answers_are_kept_for_a_day_at_least_and_then_go(program, address) -> None:
    assert timedelta(hours=24) <= ANSWERS_KEPT
    program.send("post", "/portfolios/", {"name": "A"}, **KEY)
    forget_expired(now=NOW + timedelta(hours=24))
    assert Answer.objects.count() == 1
    forget_expired(now=NOW + ANSWERS_KEPT + timedelta(seconds=1))
    assert not Answer.objects.exists()
