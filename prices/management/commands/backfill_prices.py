"""backfill_prices: a span of hourly (or daily) history for some coins."""

from argparse import ArgumentParser, RawDescriptionHelpFormatter
from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from prices.management.base import PriceCommand, moment
from prices.models import Asset
from prices.selectors import DAY, GENESIS, HOUR, ceiling, floor, missing_closes
from prices.services import BackfillReport, backfill, fill_rates, newest_close
from prices.services.rates import missing_days
from prices.sources import SOURCES

YEAR = timedelta(days=365)


class Command(PriceCommand):
    help = "Fetch the prices of every hour that is not stored yet. Safe to stop and to repeat."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.epilog = (
            "Times are ISO (2024-01-01, 2024-01-01T12:00Z; UTC unless they say otherwise) or Unix seconds."
        )
        parser.add_argument("--asset", nargs="+", metavar="BTC", help="symbols; all tracked coins by default")
        parser.add_argument("--since", help="first moment; a year before the last one by default")
        parser.add_argument("--until", help="last moment; now by default")
        parser.add_argument(
            "--source", choices=SOURCES, help="ask this source alone, not PRICE_SOURCES in order"
        )
        parser.add_argument(
            "--daily", action="store_true", help="the price of each midnight, not of each hour"
        )
        parser.add_argument("--dry-run", action="store_true", help="only say what would be asked for")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        step = DAY if options["daily"] else HOUR
        until = min(moment(options["until"]) if options["until"] else now, newest_close(now, step))
        if until < GENESIS:
            raise CommandError("--until lies before 2009-01-03, when there was no Bitcoin.")
        since = moment(options["since"]) if options["since"] else until - YEAR
        if since < GENESIS:
            raise CommandError("--since lies before 2009-01-03, when there was no Bitcoin.")
        if since > until:
            raise CommandError("--since lies after --until, or in the future.")
        failed = [
            asset.symbol
            for asset in coins(options["asset"], options["source"])
            if not self.treat(asset, since, until, step, now, options)
        ]
        if failed:
            raise CommandError(f"Not finished, no source answered for all of it: {', '.join(failed)}.")

    def treat(
        self,
        asset: Asset,
        since: datetime,
        until: datetime,
        step: timedelta,
        now: datetime,
        options: dict[str, Any],
    ) -> bool:
        """Do for one asset what was asked for; whether it was finished."""
        if asset.kind == Asset.Kind.FIAT:
            return self.fill_rates(asset, since, until, now, options)
        if options["dry_run"]:
            self.announce(asset, since, until, step)
            return True
        return self.fill(asset, since, until, step, now, options["source"])

    def fill_rates(
        self, asset: Asset, since: datetime, until: datetime, now: datetime, options: dict[str, Any]
    ) -> bool:
        """A currency has a rate for each bank day, whatever the step; whether its source answered."""
        if options["dry_run"]:
            days = missing_days([asset], since, until)
            self.result(f"{asset.symbol}: would ask for exchange rates; days without one: {len(days):,}.")
            return True
        report = fill_rates(
            since,
            until,
            now=now,
            currencies=[asset],
            seconds=float("inf"),
            moved=lambda day: self.progress(f"{asset.symbol}: back to {day}"),
        )
        self.result(f"{asset.symbol}: {report}")
        return not report.failures

    def announce(self, asset: Asset, since: datetime, until: datetime, step: timedelta) -> None:
        missing = missing_closes(asset, ceiling(since, step), until, step)
        span = f", from {missing[0]:%Y-%m-%d %H:%M} to {missing[-1]:%Y-%m-%d %H:%M} UTC" if missing else ""
        self.result(f"{asset.symbol}: would ask for {len(missing):,} prices{span}.")

    def fill(
        self,
        asset: Asset,
        since: datetime,
        until: datetime,
        step: timedelta,
        now: datetime,
        source: str | None,
    ) -> bool:
        first, last = ceiling(since, step), floor(until, step)
        report = backfill(
            asset,
            since,
            until,
            now=now,
            source=source,
            step=step,
            moved=lambda close: self.bar(
                asset.symbol, (close - first) // step + 1, (last - first) // step + 1
            ),
        )
        self.result(f"{asset.symbol}: {words(report)}")
        return report.is_finished


def coins(symbols: list[str] | None, source: str | None) -> list[Asset]:
    """The coins and currencies meant, each with somebody to ask. CommandError for an unknown symbol."""
    if not symbols:
        return list(Asset.objects.tracked())
    wanted = [symbol.upper() for symbol in symbols if symbol.isprintable()]  # no database takes the rest
    found = {asset.symbol: asset for asset in Asset.objects.filter(symbol__in=wanted)}
    for symbol in symbols:
        if symbol.upper() not in found:
            shown = symbol if symbol.isprintable() else ascii(symbol)
            raise CommandError(
                f"There is no coin {shown} here. `load_price_pack` makes the usual ones, add_coin others."
            )
        if not any(found[symbol.upper()].id_at(name) for name in ([source] if source else SOURCES)):
            raise CommandError(
                f"{symbol} has no id at {source or 'any price source'}; an administrator can add it."
            )
    return list(found.values())


def words(report: BackfillReport) -> str:
    """One line such as `49 new prices, none missing; coinbase: server error 500`."""
    missing = f"{report.missing:,} still unknown" if report.missing else "none missing"
    return "; ".join([f"{report.stored:,} new prices, {missing}", *report.failures.values()])
