"""The administrator's door to prices: assets, prices through the gate, the quarantine, the worker's rows.

Nothing here selects a whole table: lists are paged by primary key and choices are looked up.
"""

from prices.admin import gate, market
from prices.admin.base import ReadOnlyAdmin, SoundAdmin

__all__ = ["ReadOnlyAdmin", "SoundAdmin", "gate", "market"]
