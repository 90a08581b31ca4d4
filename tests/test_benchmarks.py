"""The benchmarks measure what they say, on a workload that can be trusted. Nothing depends on a clock."""

import doctest
from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection

from benchmarks import books, computed, history, measure, memory, pages, prices, processes, report, stage
from benchmarks.__main__ import SUBJECTS, addresses
from benchmarks.bare import moves
from benchmarks.ledger import METHODS, bare, entries, realised
from benchmarks.measure import Line, Sides, exponent
from benchmarks.one import whatever_happens
from benchmarks.workload import (
    COINS,
    DAYS,
    HOURLY,
    Trade,
    daily_prices,
    hourly_prices,
    hours_of,
    read_csv,
    trades,
    write_csv,
)

FEW = 50
SIZES = (10, FEW)


@pytest.fixture
def found() -> list[Trade]:
    return list(trades(FEW))


def test_a_seed_gives_one_workload(found) -> None:
    assert found == list(trades(FEW))
    assert found != list(trades(FEW, seed=1))
    assert list(trades(0)) == []


def test_moments_ascend_and_no_two_are_the_same(found) -> None:
    moments = [trade.at for trade in found]
    assert moments == sorted(set(moments))


def test_no_more_is_sold_than_is_held_and_every_trade_has_a_fee(found) -> None:
    held: dict[str, Decimal] = defaultdict(Decimal)
    for trade in found:
        held[trade.asset] += trade.quantity if trade.kind == "buy" else -trade.quantity
        assert held[trade.asset] >= 0
        assert min(trade.quantity, trade.unit_price, trade.fee) > 0


def test_about_39_in_100_trades_are_disposals_of_all_coins() -> None:
    sold = [trade.asset for trade in trades(3_000) if trade.kind == "sell"]
    assert 0.36 < len(sold) / 3_000 < 0.42
    assert set(sold) == set(COINS)


def test_prices_cover_the_span() -> None:
    closes = daily_prices()
    assert {len(each) for each in closes.values()} == {DAYS}
    assert [len(each) for each in hourly_prices(2)] == [DAYS * 24] * 2
    assert hours_of(closes[HOURLY])[::24] == closes[HOURLY]


def test_the_ledger_and_the_bare_loop_agree(found) -> None:
    booked, looped = realised(entries(found), "fifo"), bare(moves(found))
    assert booked.keys() == looped.keys()
    assert max(abs(booked[asset] - looped[asset]) for asset in booked) < Decimal("1e-16")


@pytest.mark.parametrize("method", METHODS)
def test_every_method_that_is_measured_books_the_workload(found, method) -> None:
    assert any(realised(entries(found), method).values())


def test_the_file_for_other_programs_loses_nothing(found, tmp_path) -> None:
    write_csv(found, tmp_path / "trades.csv")
    assert list(read_csv(tmp_path / "trades.csv")) == found


@pytest.mark.parametrize("other", ["rp2", "beancount"])
def test_whole_programs_agree_on_a_few_trades(other, tmp_path) -> None:
    if not find_spec(other):
        pytest.skip(f"{other} is in the environment of `make bench` alone")
    commands = processes.prepared(FEW, tmp_path)
    ours, theirs = (processes.gains_by(commands[name], tmp_path) for name in ("bitfolio", other))
    assert processes.differing(ours, theirs, processes.PLACES[other]) == 0


def test_bitfolio_as_a_program_says_what_the_ledger_says(found, tmp_path) -> None:
    commands = processes.prepared(FEW, tmp_path)
    assert processes.gains_by(commands["bitfolio"], tmp_path) == realised(entries(found), "fifo")


def test_ratios_are_medians_of_turns_and_the_first_turn_does_not_count(monkeypatch) -> None:
    monkeypatch.setattr(measure, "time", SimpleNamespace(monotonic=lambda: 0.0))
    ticks = iter([0, 90, 0, 9, 0, 4, 0, 2, 0, 9, 0, 3, 0, 5, 0, 1])
    sides = measure.in_turns(lambda: None, lambda: None, pairs=3, clock=lambda: next(ticks))
    assert sides == Sides(ours=5, other=2, ratio=3, pairs=3)


def test_slow_comparisons_are_cut_short_and_say_so(monkeypatch) -> None:
    monkeypatch.setattr(measure, "time", SimpleNamespace(monotonic=iter([0.0, 1000.0]).__next__))
    sides = measure.in_turns(lambda: None, lambda: None, clock=iter([0.0, 2, 2, 3]).__next__, warm=False)
    assert (sides.ratio, sides.pairs) == (2, 1)
    assert "1 turns, not 5" in measure.compared("Slow", sides, 3).what


def test_the_exponent_tells_proportion_from_squares() -> None:
    assert exponent({10: 1.0, 100: 10.0, 1000: 100.0}) == pytest.approx(1)
    assert exponent({10: 1.0, 100: 100.0}) == pytest.approx(2)


def test_a_row_that_fails_says_so_and_keeps_its_first_lines() -> None:
    def row(_: tuple[int, ...]):
        """Walking on water."""
        yield Line("Step", 1.0, 2.0, "", "")
        raise ValueError("wet\nfeet | cold")

    first, last = whatever_happens(row, SIZES)
    assert first.is_met
    assert report.cells(last) == (
        "Walking on water.",
        "–",
        "–",
        "",
        "failed: ValueError: wet feet / cold",
        "",
    )


def test_the_table_says_what_is_met(monkeypatch) -> None:
    monkeypatch.setattr(report, "machine", lambda: "A machine")
    lines = [Line("Fast", 2.0, 3.0, "2 s", "1 s"), Line("More", 40.0, 50.0, "", "", at_least=True)]
    text = report.written({"books": lines}, "2025-01-01")
    assert "| Fast | 2× | ≤ 3× | yes | 2 s | 1 s |" in text
    assert "| More | 40× | ≥ 50× | **no** |  |  |" in text


@pytest.mark.parametrize("module", [measure, report])
def test_examples_in_docstrings_hold(module) -> None:
    assert doctest.testmod(module).failed == 0


def test_plain_numpy_values_what_is_held() -> None:
    coin = computed.coins_with_prices(coins=1)[0]
    values = computed.plain_numpy([coin])
    assert len(values) == DAYS * 24
    assert values[-1] == coin[1][-1] * coin[2][-1]


@pytest.mark.django_db
@pytest.mark.parametrize("subject", [books, memory, history, pages, prices], ids=lambda each: each.__name__)
def test_every_row_on_a_database_runs(subject, monkeypatch) -> None:
    if connection.vendor not in SUBJECTS[subject.__name__.removeprefix("benchmarks.")]:
        pytest.skip("it is measured on the other database alone")
    few_prices = {coin: closes[-5:] for coin, closes in daily_prices().items()}
    monkeypatch.setattr(stage, "daily_prices", lambda: few_prices)
    monkeypatch.setattr(subject, "in_turns", once, raising=False)
    monkeypatch.setattr(pages, "call_command", lambda *_, **__: None)
    if not Path("/proc/self/status").exists():
        monkeypatch.setattr(memory, "resident", lambda _: 1.0)
    lines = [line for row in subject.ROWS for line in row(SIZES)]
    assert lines
    assert all(line.figure is not None for line in lines)


def test_a_subject_is_measured_where_it_can_be() -> None:
    urls = {"sqlite": "", "postgresql": "postgres://there"}
    assert addresses("ledger", urls) == [""]
    assert addresses("books", urls) == ["", "postgres://there"]
    assert addresses("prices", urls) == ["postgres://there"]
    assert addresses("prices", {"sqlite": ""}) == []


def test_what_is_taken_in_is_what_is_copied_and_all_of_it_is_believed(db) -> None:
    found = prices.offers(200)
    assert len({(each.asset.pk, each.at) for each in found}) == 200
    assert len(prices.record_snapshots(found, now=stage.NOW, source=prices.SOURCE).stored) == 200


def once(
    ours: Callable[[], object],
    other: Callable[[], object],
    before_ours: Callable[[], object] = lambda: None,
    before_other: Callable[[], object] = lambda: None,
    **_: Any,
) -> Sides:
    """Both sides, one after the other, and no clock."""
    for call in (before_ours, ours, before_other, other):
        call()
    return Sides(1.0, 1.0, 1.0, measure.PAIRS)
