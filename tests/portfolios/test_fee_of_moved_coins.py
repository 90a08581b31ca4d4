"""The fee of coins that move: in those very coins, unless others are named."""

from decimal import Decimal

import pytest

from tests.factories import AssetFactory, PortfolioFactory, record
from tests.portfolios.entering import address, form
from tests.portfolios.page import Page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("new_year")]
NEW = "/transactions/new/"


@pytest.fixture
def moving(alice, savings, bought):
    """What is typed to move half a bitcoin, with a fee and no word about its coin."""
    cold = PortfolioFactory(owner=alice, name="Cold")
    others = {"transfer": {"to_portfolio": cold.pk}, "withdrawal": {}}
    return lambda kind, **said: form(
        savings, **{"kind": kind, "unit_price": "", "fee": "0.01"} | others[kind] | said
    )


@pytest.mark.parametrize("kind", ["transfer", "withdrawal"])
@pytest.mark.parametrize("fee", ["0.01", "1000k sats"])
def test_a_fee_without_a_coin_is_in_the_coin_that_moves(alice_client, savings, moving, kind, fee) -> None:
    page = Page(alice_client.post(NEW, moving(kind, fee=fee), follow=True))
    assert "Choose the coin that the fee" not in page.text
    row = savings.transactions.get(kind=kind)
    assert (row.fee, row.fee_asset) == (Decimal("0.01"), row.asset)
    assert savings.holdings.get().quantity == Decimal("0.49")


@pytest.mark.parametrize("kind", ["transfer", "withdrawal"])
def test_another_coin_pays_where_it_is_named(alice_client, savings, moving, kind) -> None:
    ether = AssetFactory(symbol="ETH")
    record(savings, "deposit", "1", "2024-01-02", asset=ether, cost="10")
    alice_client.post(NEW, moving(kind, fee_asset=ether.pk))
    assert savings.transactions.get(kind=kind).fee_asset == ether


@pytest.mark.parametrize("fee", ["", "0"])
def test_without_a_fee_no_coin_pays_for_it(alice_client, savings, moving, fee) -> None:
    alice_client.post(NEW, moving("transfer", fee=fee))
    assert savings.transactions.get(kind="transfer").fee_asset is None


def test_the_fee_of_a_purchase_without_a_coin_stays_money(alice_client, savings) -> None:
    alice_client.post(NEW, form(savings, fee="1"))
    assert savings.transactions.get().fee_asset is None


def test_coins_counted_in_sats_are_bitcoin_here_too(alice_client, savings, moving) -> None:
    answer = alice_client.post(NEW, moving("withdrawal", asset=AssetFactory(symbol="ETH").pk, fee="5 sats"))
    assert "Enter a number of ETH" in answer.context["form"].errors["fee"][0]


def test_a_fee_that_is_added_to_a_stored_transfer_is_in_its_coin(alice_client, savings, moving) -> None:
    alice_client.post(NEW, moving("transfer", fee=""))
    row = savings.transactions.get(kind="transfer")
    alice_client.post(address("edit", row), moving("transfer") | {"version": row.version})
    row.refresh_from_db()
    assert (row.fee, row.fee_asset) == (Decimal("0.01"), row.asset)


@pytest.mark.parametrize("kind", ["transfer", "withdrawal"])
def test_in_a_row_the_fee_says_which_coin_it_is_in(alice_client, savings, moving, kind) -> None:
    alice_client.post(NEW, moving(kind, fee=""))
    row = savings.transactions.get(kind=kind)
    in_row = {"HX-Request": "true", "HX-Target": f"tx-{row.pk}"}
    edited = Page(alice_client.get(address("edit", row), headers=in_row))
    assert "Fee in BTC" in edited.text
    sent = moving(kind) | {"version": row.version, "fee_asset": ""}
    assert alice_client.post(address("edit", row), sent, headers=in_row).status_code == 200
    row.refresh_from_db()
    assert (row.fee, row.fee_asset) == (Decimal("0.01"), row.asset)


def test_without_scripts_the_choice_reads_right_for_every_kind(alice_client, savings) -> None:
    assert ">Money, or the coin that moves</option>" in alice_client.get(NEW).content.decode()


@pytest.mark.parametrize(
    ("kind", "said"), [("buy", "Money"), ("swap", "Money"), ("transfer", "The coin that moves"),
                       ("withdrawal", "The coin that moves")],
)  # fmt: skip
def test_the_preview_says_what_the_fee_of_this_kind_is_in(alice_client, savings, kind, said) -> None:
    answer = alice_client.post("/transactions/preview/", form(savings, kind=kind))
    assert f'<span hx-swap-oob="innerHTML:#fee-unless-chosen">{said}</span>' in answer.content.decode()
