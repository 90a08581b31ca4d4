"""What htmx is answered is a fragment, and a small one: at most 8 kB compressed, after a long history too."""

import gzip

import pytest

from portfolios.services import record_batch
from tests.conftest import signed_in
from tests.factories import NOW, PortfolioFactory
from tests.portfolios.test_query_counts import coins as coins
from tests.portfolios.test_query_counts import trades

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("new_year")]
MOST = 8 * 1024
REGIONS = [
    ("/", "hero"), ("/?range=1Y", "hero"), ("/?by=portfolio", "allocation"),
    ("/portfolios/{pk}/", "hero"), ("/portfolios/{pk}/?asset=ETH", "hero"), ("/portfolios/{pk}/", "holdings"),
    ("/portfolios/{pk}/", "transactions"), ("/portfolios/{pk}/assets/BTC/", "hero"),
    ("/portfolios/{pk}/assets/BTC/", "lots"), ("/portfolios/{pk}/assets/BTC/", "transactions"),
    ("/transactions/", "transactions"), ("/transactions/?kind=sell", "transactions"),
    ("/transactions/{tx}/history/", "history"), ("/gains/?year=all", "gains"), ("/performance/", "period"),
    ("/explain/net_result/", "modal"), ("/explain/realised/", "modal"), ("/explain/xirr/", "modal"),
    ("/explain/twr/", "modal"), ("/transactions/{tx}/edit/", "tx-{tx}"),
    ("/prices/ticker/", "ticker"),
]  # fmt: skip


def test_every_fragment_is_small(alice, coins) -> None:
    portfolio, client = PortfolioFactory(owner=alice, name="Savings"), signed_in(alice)
    rows = record_batch(portfolio=portfolio, drafts=list(trades(coins, 1_000)), now=NOW)
    known, weighed = {"pk": portfolio.pk, "tx": rows[4].pk}, {}
    for address, target in REGIONS:
        headers = {"HX-Request": "true", "HX-Target": target.format(**known)}
        response = client.get(address.format(**known), headers=headers)
        assert response.status_code == 200, address
        assert b"<html" not in response.content, address
        weighed[address, target] = len(gzip.compress(response.content, 6))
    assert {each: size for each, size in weighed.items() if size > MOST} == {}
