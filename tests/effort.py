"""How hard the laws of the books are tried: a short look that repeats, or with LAWS=thorough a long one."""

import os

THOROUGH = os.environ.get("LAWS", "") == "thorough"
TIMES = 40 if THOROUGH else 1  # as many examples, and others each time
