"""Bitfolio's ledger as a program: the workload's CSV in, the realised gain of each coin out."""

import sys
from pathlib import Path

import bitfolio  # noqa: F401  (sets the precision)
from benchmarks.ledger import entries, realised
from benchmarks.workload import read_csv

if __name__ == "__main__":
    for asset, gain in sorted(realised(entries(read_csv(Path(sys.argv[1]))), "fifo").items()):
        print(asset, f"{gain:f}")
