"""Whole programs: Bitfolio's ledger, rp2, beancount and ledger-cli on the same trades, each in its own form.

CPU seconds, user and system, from the start of the program to its end. All but ledger-cli match lots by FIFO
and print what each coin realised, and those figures are compared; ledger-cli, which has no such matching,
reads the trades, balances each and prints what is left of the money. (Its balance of the coins too, which
keeps every price apart, grows with the square of the trades: minutes at 100,000.)
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from decimal import Decimal
from functools import partial
from pathlib import Path

from benchmarks.measure import Line, compared, cpu_of_children, in_turns
from benchmarks.workload import COINS, SIZES, Trade, trades, write_csv

ON_A_DATABASE = False
ROOT = Path(__file__).resolve().parent.parent
LEAST = 50
ZERO = Decimal(0)
# To how many places gains are compared: rp2 tells 13 apart, computing with 31 digits; beancount's are cents.
PLACES = {"rp2": 13, "beancount": 2}


def whole(sizes: tuple[int, ...]) -> Iterator[Line]:
    """Whole programs."""
    for size in sizes:
        with tempfile.TemporaryDirectory(prefix="bitfolio-bench-") as scratch:
            yield from _at(size, Path(scratch))


def _at(size: int, folder: Path) -> Iterator[Line]:
    commands = prepared(size, folder)
    gains = gains_by(commands["bitfolio"], folder)
    for name, places in PLACES.items():
        unlike = differing(gains, gains_by(commands[name], folder), places)
        what = f"Of {len(gains)} coins: gains unlike {name}'s at {size:,} trades, to {places} places"
        yield Line(what, unlike, 0, "", "", unit="")
    for name in (each for each in commands if each != "bitfolio"):
        sides = in_turns(
            partial(_run, commands["bitfolio"], folder),
            partial(_run, commands[name], folder),
            clock=cpu_of_children,
            warm=False,  # every run is a new process; the files were read by the comparison above
        )
        goal = LEAST if size == SIZES[-1] and name in PLACES else None
        line = compared(f"Whole program at {size:,} trades: CPU of {name} against Bitfolio's", sides, goal)
        yield line._replace(figure=1 / sides.ratio, at_least=True)


def prepared(size: int, folder: Path) -> dict[str, list[str]]:
    """The commands of the programs, on the same trades, which are written to a file in each one's form."""
    found = list(trades(size))
    table, beans, journal = folder / "trades.csv", folder / "trades.beancount", folder / "trades.ledger"
    write_csv(found, table)
    beans.write_text("\n".join(as_beancount(found)), encoding="utf-8")
    journal.write_text("\n".join(as_ledger(found)), encoding="utf-8")
    commands = {
        "bitfolio": _program("with_bitfolio", table),
        "rp2": _program("with_rp2", table),
        "beancount": _program("with_beancount", beans),
    }
    if shutil.which("ledger"):
        commands["ledger"] = ["ledger", "--args-only", "-f", str(journal), "balance", "Cash"]
    return commands


def as_beancount(found: list[Trade]) -> Iterator[str]:
    yield 'option "booking_method" "FIFO"'
    accounts = [
        "Assets:Cash",
        *(f"{kind}:{coin}" for coin in COINS for kind in ("Assets:Coins", "Income:Gains")),
    ]
    yield from (f"2019-12-31 open {account}" for account in accounts)
    for trade in found:
        coins = f"  Assets:Coins:{trade.asset}"
        yield f'{trade.at:%Y-%m-%d} * "{trade.kind}"'
        if trade.kind == "buy":
            yield f"{coins}  {trade.quantity} {trade.asset} {{{{{trade.total:f} USD}}}}"
            yield f"  Assets:Cash  {-trade.total:f} USD"
        else:
            yield f"{coins}  {-trade.quantity} {trade.asset} {{}} @ {trade.unit_price} USD"
            yield f"  Assets:Cash  {trade.total:f} USD"
            yield f"  Income:Gains:{trade.asset}"
    yield ""


def as_ledger(found: list[Trade]) -> Iterator[str]:
    for trade in found:
        signed = trade.quantity if trade.kind == "buy" else -trade.quantity
        yield f"{trade.at:%Y/%m/%d} {trade.kind}"
        yield f"  Assets:Coins:{trade.asset}  {signed} {trade.asset} @ {trade.unit_price} USD"
        yield f"  Expenses:Fees  {trade.fee} USD"
        yield "  Assets:Cash"
        yield ""


def _program(name: str, data: Path) -> list[str]:
    return [sys.executable, "-m", f"benchmarks.programs.{name}", str(data)]


def _run(command: list[str], folder: Path) -> str:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    answer = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    if answer.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{answer.stderr[-2000:]}")
    return answer.stdout


def gains_by(command: list[str], folder: Path) -> dict[str, Decimal]:
    """What a program says that each coin realised."""
    lines = _run(command, folder).splitlines()
    return {asset: Decimal(gain) for asset, gain in map(str.split, lines)}


def differing(ours: dict[str, Decimal], theirs: dict[str, Decimal], places: int) -> int:
    """The number of coins whose gains are not the same; one that a program leaves out gained nothing."""
    assets = ours.keys() | theirs.keys()
    return sum(round(ours.get(asset, ZERO) - theirs.get(asset, ZERO), places) != 0 for asset in assets)


ROWS = (whole,)
