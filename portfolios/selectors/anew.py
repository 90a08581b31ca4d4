"""What portfolios did in a currency, or under a cost method, that their books are not kept in: booked anew.

In another currency each transaction is taken at the rate of its date.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from datetime import datetime

from django.db.models import Max

from portfolios.ledger import Booked
from portfolios.models import Kind, Portfolio, Transaction, TransactionQuerySet, left_out_of
from portfolios.selectors.entries import booked_in, coins_of, rate_into, rows_of, settled_in, with_rates
from portfolios.selectors.memory import stamp
from portfolios.selectors.shelf import Shelf
from prices.models import Asset

Key = tuple[int, int]  # portfolio pk, asset pk
Anew = dict[Key, tuple[list[Booked], bool]]  # what was booked, and whether all its rates are known
shelf: Shelf[Anew] = Shelf(most=100_000)  # bookings, in each process


def rows_until(portfolios: Sequence[Portfolio], at: datetime) -> TransactionQuerySet:
    return rows_of(_all_that_hang_together(portfolios)).filter(occurred_at__lte=at)


def _all_that_hang_together(portfolios: Sequence[Portfolio]) -> list[Portfolio]:
    """These, and where coins were transferred, all of the same owners."""
    owners = {each.owner_id for each in portfolios}
    transfers = Transaction.objects.kept().filter(kind=Kind.TRANSFER, portfolio__owner__in=owners)
    if not transfers.exists():
        return list(portfolios)
    return list(Portfolio.objects.filter(owner__in=owners))


def booked_anew(portfolios: Sequence[Portfolio], currency: str, at: datetime) -> Anew:
    """Book portfolios in a currency until `at`, each transaction at the rate of its date.

    The same lots leave as in their own currency; of those that are `asked_under` a method, the lots that
    would leave if they had it. Returns, by portfolio and asset, what was booked, and whether all exchange
    rates of it are known; nothing of assets that are left out.

    What was booked first does not hang on what came later. So everything is booked once and kept until the
    books or a rate change, and each moment gets its part of it; only where a rate is unknown, which unsettles
    all that it hangs together with, is what happened until a moment booked by itself.
    """
    left_out, found = left_out_of(portfolios), _anew(portfolios, currency, at)
    return {key: one for key, one in found.items() if key[1] not in left_out} if left_out else found


def _anew(portfolios: Sequence[Portfolio], currency: str, at: datetime) -> Anew:
    """Of all assets: so that it is kept once, whatever is left out of it."""
    if not portfolios:
        return {}
    together = {each.pk: each for each in _all_that_hang_together(portfolios)}
    together |= {each.pk: each for each in portfolios if not each.as_kept}
    everything = rows_of(together.values())
    whole = _kept(portfolios, together, currency, everything)
    if all(is_known for _, is_known in whole.values()):
        parts = ((key, _until(booked, at)) for key, (booked, _) in whole.items())
        return {key: (part, True) for key, part in parts if part}
    return _kept(portfolios, together, currency, everything.filter(occurred_at__lte=at))


def _until(booked: list[Booked], at: datetime) -> list[Booked]:
    return booked[: bisect_right(booked, at, key=lambda one: one.entry.at)]


def _kept(
    portfolios: Sequence[Portfolio],
    together: Mapping[int, Portfolio],
    currency: str,
    rows: TransactionQuerySet,
) -> Anew:
    """The booking of these rows: the one on the shelf, while all that it follows from is as it was."""
    last = rows.order_by().aggregate(last=Max("occurred_at"))["last"]
    if last is None:
        return {}
    methods = sorted((each.pk, each.cost_method) for each in together.values())
    wanted = sorted(each.pk for each in portfolios)
    label = repr((wanted, methods, stamp(list(together.values()), (), currency, last)))
    kept = shelf.find(label)
    if kept is None:
        kept = _booked_from(set(wanted), together, currency, rows)
        shelf.put(label, kept, sum(len(booked) for booked, _ in kept.values()))
    return kept


def _booked_from(
    wanted: set[int], together: Mapping[int, Portfolio], currency: str, rows: TransactionQuerySet
) -> Anew:
    found: Anew = {}
    every_row = with_rates(rows, settled_in(together.values(), currency))
    for (asset, symbol), group in _groups(every_row).items():
        for part in _parted(group):
            booked, is_known = _booked(part, symbol, together, currency)
            found |= {(place, asset): (ones, is_known) for place, ones in booked.items() if place in wanted}
    return found


def asked_under(portfolios: Sequence[Portfolio], method: str) -> list[Portfolio]:
    """Return these portfolios as they would be under a cost method: whatever a selector reads of them is then
    booked anew. Without a method, or where all of them are kept by it, they are as they are.
    """
    is_other = is_what_if(portfolios, method)
    return [with_method(each, method) if is_other else each for each in portfolios]


def asked_without(portfolios: Sequence[Portfolio], assets: Iterable[Asset]) -> list[Portfolio]:
    """Return these portfolios as they would be without some assets: overviews, returns, periods and what
    explains them then are those of portfolios that hold only the others. Swaps from what is left out are
    money in, swaps into it money out (see `crossings`).
    """
    left_out = frozenset(asset.pk for asset in assets)
    return [_without(each, left_out) for each in portfolios]


def _without(portfolio: Portfolio, left_out: frozenset[int]) -> Portfolio:
    """Not to be saved."""
    changed = copy(portfolio)
    changed.left_out = left_out
    return changed


def is_what_if(portfolios: Iterable[Portfolio], method: str) -> bool:
    """Whether a cost method is another one than the books of some portfolio are kept by."""
    return bool(method) and any(each.cost_method != method for each in portfolios)


def with_method(portfolio: Portfolio, method: str) -> Portfolio:
    """A portfolio as it would be under another cost method; not to be saved."""
    changed = copy(portfolio)
    changed.cost_method, changed.as_kept = method, False
    return changed


def _booked(
    rows: Sequence[Transaction], symbol: str, portfolios: Mapping[int, Portfolio], currency: str
) -> tuple[Mapping[int, list[Booked]], bool]:
    """What rows about an asset do in each portfolio, and whether all rates that it hangs on are known."""
    places = {row.portfolio_id for row in rows}
    places |= {row.to_portfolio_id for row in rows if row.to_portfolio_id and row.asset.symbol == symbol}
    involved = [each for each in portfolios.values() if each.pk in places]
    codes = settled_in(involved, currency)
    told = {code: [(row, rate_into(row, code)) for row in rows] for code in codes}
    booked: dict[int, list[Booked]] = defaultdict(list)
    for one in booked_in(involved, symbol, told)[currency]:
        booked[one.place].append(one)
    return booked, all(rate is not None for rated_rows in told.values() for _, rate in rated_rows)


def _groups(rows: Iterable[Transaction]) -> Mapping[tuple[int, str], list[Transaction]]:
    """Rows by each asset that they are about."""
    groups: dict[tuple[int, str], list[Transaction]] = defaultdict(list)
    for row in rows:
        for asset in coins_of(row):
            groups[asset.pk, asset.symbol].append(row)
    return groups


def _parted(rows: list[Transaction]) -> Iterable[list[Transaction]]:
    """One asset's rows by portfolio, unless it was transferred between them."""
    if any(row.to_portfolio_id for row in rows):
        return [rows]
    parts: dict[int, list[Transaction]] = defaultdict(list)
    for row in rows:
        parts[row.portfolio_id].append(row)
    return parts.values()
