"""rp2's engine as a program: the workload's CSV in, the realised gain of each coin out, lots by FIFO.

What rp2's own command spends on reading and writing spreadsheets is left out: this makes its transactions
from the CSV, lets its tax engine pair them, and adds up the gains. rp2 keeps a log in the current directory.
"""

import csv
import sys
from pathlib import Path

from prezzemolo.avl_tree import AVLTree
from rp2.accounting_engine import AccountingEngine
from rp2.configuration import MIN_DATE, Configuration
from rp2.in_transaction import InTransaction
from rp2.input_data import InputData
from rp2.out_transaction import OutTransaction
from rp2.plugin.accounting_method.fifo import AccountingMethod
from rp2.plugin.country.us import US
from rp2.rp2_decimal import ZERO, RP2Decimal
from rp2.tax_engine import compute_tax
from rp2.transaction_set import TransactionSet

SETTINGS = """
[general]
assets = {assets}
exchanges = Here
holders = Me
[in_header]
timestamp = 0
[out_header]
timestamp = 0
[intra_header]
timestamp = 0
"""


def main(path: Path) -> None:
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assets = sorted({row["asset"] for row in rows})
    settings = Path("rp2.ini")
    settings.write_text(SETTINGS.format(assets=", ".join(assets)))
    configuration = Configuration(str(settings), US())
    sets = {
        asset: {form: TransactionSet(configuration, form, asset) for form in ("IN", "OUT", "INTRA")}
        for asset in assets
    }
    for number, row in enumerate(rows, start=1):
        if row["kind"] == "buy":
            sets[row["asset"]]["IN"].add_entry(bought(configuration, number, row))
        else:
            sets[row["asset"]]["OUT"].add_entry(sold(configuration, number, row))
    methods: AVLTree = AVLTree()
    methods.insert_node(MIN_DATE.year, AccountingMethod())
    for asset, found in sets.items():
        data = InputData(asset, found["IN"], found["OUT"], found["INTRA"])
        gains = compute_tax(configuration, AccountingEngine(methods), data).gain_loss_set
        print(asset, f"{sum((gain.fiat_gain for gain in gains), ZERO):f}")


def bought(configuration: Configuration, number: int, row: dict[str, str]) -> InTransaction:
    return InTransaction(
        configuration, row["at"], row["asset"], "Here", "Me", "buy",
        spot_price=RP2Decimal(row["unit_price"]), crypto_in=RP2Decimal(row["quantity"]),
        fiat_fee=RP2Decimal(row["fee"]), row=number,
    )  # fmt: skip


def sold(configuration: Configuration, number: int, row: dict[str, str]) -> OutTransaction:
    """A fee in dollars lowers what a sale brings in; rp2 wants the unit price to agree with that."""
    quantity = RP2Decimal(row["quantity"])
    brought = quantity * RP2Decimal(row["unit_price"]) - RP2Decimal(row["fee"])
    return OutTransaction(
        configuration, row["at"], row["asset"], "Here", "Me", "sell",
        spot_price=brought / quantity, crypto_out_no_fee=quantity, crypto_fee=ZERO,
        fiat_out_no_fee=brought, row=number,
    )  # fmt: skip


if __name__ == "__main__":
    main(Path(sys.argv[1]))
