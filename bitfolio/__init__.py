"""Wiring of the Bitfolio project: settings, URLs and the WSGI entry point.

Importing this package sets the decimal precision: every process imports it first, because every
process names `bitfolio.settings`.
"""

import decimal

__version__ = "0.1.0"

# Two exact factors of 38 digits need 76 at most, but money is cut to 18 places at entry; 60 digits hold
# every sum and product the ledger makes. The default of 28 rounds sums of long values silently.
PRECISION = 60
decimal.DefaultContext.prec = PRECISION  # what every new thread starts with
decimal.setcontext(decimal.Context(prec=PRECISION))  # the importing thread
