"""A price provider on this machine: a real HTTP server in the shapes of every source, with faults to switch.

`python -m tests.prices.provider --port 9999` starts it for a demo by hand, and says what to set.
"""

from tests.prices.provider.faults import BENT, FAULTS
from tests.prices.provider.market import COINS, price_of, rate_of
from tests.prices.provider.server import NAMES, FakeProvider, running

__all__ = ["BENT", "COINS", "FAULTS", "NAMES", "FakeProvider", "price_of", "rate_of", "running"]
