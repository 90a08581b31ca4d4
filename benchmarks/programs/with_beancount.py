"""beancount as a program: its own text form in, the realised gain of each coin out, lots by FIFO.

It loads the file as its own commands do (parse, book, interpolate, check), without the cache of the load
before. What a sale realised is taken from its money and its lots: the posting that beancount fills in for it
is rounded to cents.
"""

import sys
from collections import defaultdict
from decimal import Decimal

from beancount import loader
from beancount.core.convert import get_weight
from beancount.core.data import Transaction

if __name__ == "__main__":
    loader.initialize(use_cache=False)
    entries, errors, _ = loader.load_file(sys.argv[1])
    if errors:
        sys.exit(f"{len(errors)} errors; the first: {errors[0]}")
    gains: dict[str, Decimal] = defaultdict(Decimal)
    for entry in entries:
        if not isinstance(entry, Transaction):
            continue
        *legs, last = entry.postings
        if last.account.startswith("Income:Gains:"):
            gains[last.account.rpartition(":")[2]] += sum(get_weight(leg).number for leg in legs)
    for asset, gain in sorted(gains.items()):
        print(asset, f"{gain:f}")
