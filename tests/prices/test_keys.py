"""Keys of providers: in no log, no error and no row, whatever the provider does."""

import logging

import pytest
from pytest_django import Settings

from prices.models import Asset, Backfill, PriceSnapshot, SourceState
from prices.services import advance_backfills, fetch_latest, request_missing
from tests.prices.conftest import NOW
from tests.prices.provider import FAULTS, NAMES, FakeProvider


class TestKeys:
    @pytest.mark.parametrize("fault", sorted(set(FAULTS) - {"slow", "slow headers", "bomb", "endless"}))
    def test_they_are_in_no_log_and_no_row(
        self,
        only_btc: Asset,
        provider: FakeProvider,
        settings: Settings,
        caplog: pytest.LogCaptureFixture,
        fault: str,
    ) -> None:
        caplog.set_level(logging.DEBUG)
        settings.PRICE_SOURCES = [name for name in NAMES if name != "frankfurter"]
        for name in NAMES:
            settings.PROVIDERS[name]["api_key"] = f"s3cret-{name}"
        provider.faults = dict.fromkeys(NAMES, fault)
        report = fetch_latest(now=NOW)
        request_missing(now=NOW)
        advance_backfills(now=NOW)
        rows = [*SourceState.objects.values(), *Backfill.objects.values(), *PriceSnapshot.objects.values()]
        assert "s3cret" not in caplog.text + str(rows) + str(report) + str(report.failures)
        assert any("s3cret" in str(headers) for _, _, headers in provider.requests)
        assert not any("s3cret" in path + str(query) for path, query, _ in provider.requests)
