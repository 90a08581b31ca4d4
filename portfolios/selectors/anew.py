"""What portfolios did in a currency, or under a cost method, that their books are not kept in: booked anew.

In another currency each transaction is taken at the rate of its date.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy
from datetime import datetime
from typing import Any

from portfolios.ledger import Booked
from portfolios.models import Kind, Portfolio, Transaction, TransactionQuerySet
from portfolios.selectors.entries import booked_in, coins_of, rate_into, rows_of, settled_in, with_rates

Key = tuple[int, int]  # portfolio pk, asset pk
Anew = dict[Key, tuple[list[Booked], bool]]


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
    rates of it are known.
    """
    if not portfolios:
        return {}
    until, found = noted(
        portfolios, ("booked", currency), at, lambda: _booked_until(portfolios, currency, at)
    )
    if until == at:
        return found
    if not all(is_known for _, is_known in found.values()):  # what is unknown may be so since a later date
        return _booked_until(portfolios, currency, at)
    earlier = {key: [one for one in booked if one.entry.at <= at] for key, (booked, _) in found.items()}
    return {key: (booked, True) for key, booked in earlier.items() if booked}


def noted(
    portfolios: Sequence[Portfolio], name: tuple[str, ...], at: datetime, find: Callable[[], Any]
) -> tuple[datetime, Any]:
    """Return until when (`at` or later) something was found for these portfolios, and what; or find it."""
    notes = portfolios[0].notes
    if notes is None:
        return at, find()
    key = (*name, *(each.pk for each in portfolios))
    if key not in notes or notes[key][0] < at:
        notes[key] = at, find()
    return notes[key]


def _booked_until(portfolios: Sequence[Portfolio], currency: str, at: datetime) -> Anew:
    wanted = {each.pk for each in portfolios}
    all_of_them = {each.pk: each for each in _all_that_hang_together(portfolios)}
    all_of_them |= {each.pk: each for each in portfolios if not each.as_kept}
    found: Anew = {}
    every_row = with_rates(rows_until(portfolios, at), settled_in(all_of_them.values(), currency))
    for (asset, symbol), group in _groups(every_row).items():
        for rows in _parted(group):
            booked, is_known = _booked(rows, symbol, all_of_them, currency)
            found |= {(place, asset): (ones, is_known) for place, ones in booked.items() if place in wanted}
    return found


def asked_under(portfolios: Sequence[Portfolio], method: str) -> list[Portfolio]:
    """Return these portfolios as one answer asks them: as they would be under a cost method, and what every
    selector reads of them is then booked anew, once. Without a method, or where all of them are kept by it,
    they are as they are.
    """
    is_other = is_what_if(portfolios, method)
    asked = [with_method(each, method) if is_other else copy(each) for each in portfolios]
    notes: dict[Any, Any] = {}
    for each in asked:
        each.notes = notes
    return asked


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
