"""/metrics: what Prometheus reads, for whoever has the token alone."""

from datetime import timedelta

import pytest
from django.db import OperationalError
from prometheus_client.parser import text_string_to_metric_families

from operations.metrics import metrics
from prices.models import Backfill, Heartbeat, SourceState
from tests.factories import NOW, AssetFactory, PortfolioFactory, SnapshotFactory, record

pytestmark = pytest.mark.django_db
TOKEN = "a-long-random-word"


def samples(text: bytes) -> dict[str, float]:
    """By name and label what is told; whatever is not Prometheus' format fails here."""
    found = {}
    for family in text_string_to_metric_families(text.decode()):
        for sample in family.samples:
            found[" ".join([sample.name, *sample.labels.values()])] = sample.value
    return found


class TestTheDoor:
    @pytest.mark.parametrize("path", ["/metrics", "/metrics/"])
    def test_without_a_token_in_the_settings_there_is_none(self, path, client) -> None:
        assert client.get(path, headers={"Authorization": "Bearer "}).status_code == 404

    @pytest.mark.parametrize("given", ["", "Bearer", "Bearer wrong", TOKEN, f"Basic {TOKEN}", "Bearer é"])
    def test_another_word_than_the_token_opens_nothing(self, given, client, settings) -> None:
        settings.METRICS_TOKEN = TOKEN
        response = client.get("/metrics", headers={"Authorization": given})
        assert (response.status_code, response.content) == (401, b"")

    def test_the_token_does(self, client, settings) -> None:
        settings.METRICS_TOKEN = TOKEN
        response = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
        assert response.status_code == 200
        assert response["Content-Type"].startswith("text/plain")
        assert samples(response.content)["bitfolio_users"] == 0

    def test_with_the_database_away_it_is_a_503(self, client, settings, monkeypatch) -> None:
        def fail(**_: object) -> None:
            raise OperationalError("gone")

        settings.METRICS_TOKEN = TOKEN
        monkeypatch.setattr("operations.views.metrics", fail)
        assert client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 503


class TestWhatItSays:
    def test_it_tells_ages_counts_and_sources(self, alice) -> None:
        asset = AssetFactory(is_tracked=True)
        SnapshotFactory(at=NOW - timedelta(seconds=90))
        Heartbeat.objects.create(at=NOW - timedelta(seconds=30))
        SourceState.objects.create(
            source="kraken", cause="limit", failures=2, until=NOW + timedelta(minutes=1)
        )
        SourceState.objects.create(source="coinbase")
        Backfill.objects.create(asset=asset, since=NOW, until=NOW, cursor=NOW)
        record(PortfolioFactory(owner=alice), "buy", "1", "2024-01-01", unit_price="1")
        found = samples(metrics(now=NOW))
        assert found["bitfolio_worker_heartbeat_age_seconds"] == 30
        assert found["bitfolio_price_age_seconds"] == 90
        assert found["bitfolio_queue_waiting"] == found["bitfolio_queue_oldest_age_seconds"] == 0
        assert (found["bitfolio_source_failures kraken"], found["bitfolio_source_paused kraken"]) == (2, 1)
        assert (found["bitfolio_source_failures coinbase"], found["bitfolio_source_paused coinbase"]) == (
            0,
            0,
        )
        assert found["bitfolio_backfills open"] == 1
        assert found["bitfolio_users"] == found["bitfolio_portfolios"] == found["bitfolio_transactions"] == 1
        assert found["bitfolio_tracked_assets"] == 1

    def test_what_is_not_known_is_left_out(self) -> None:
        found = samples(metrics(now=NOW))
        assert "bitfolio_worker_heartbeat_age_seconds" not in found
        assert "bitfolio_price_age_seconds" not in found

    def test_it_names_the_version_and_nobody(self, alice) -> None:
        text = metrics(now=NOW).decode()
        assert 'version="' in text
        assert "alice" not in text
