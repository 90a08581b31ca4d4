"""Files of comma-separated values: exact, and harmless in a spreadsheet.

Amounts are plain decimals to their last digit, with a dot; times are ISO 8601 in UTC; unknown is empty.
Text that a spreadsheet would take for a formula gets an apostrophe before it, as spreadsheets themselves do;
numbers never do, so that they stay numbers.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.http import StreamingHttpResponse

from prices.fields import canonical

# Where a formula may begin, behind what can't be seen: in a text, and in each line of one, since not every
# program sees that a line break is quoted; and behind what parts cells where a comma stands in numbers. A
# text with an apostrophe of its own gets another one.
FORMULA = re.compile(r"\A(?=['\t\r\n])|(?:\A|(?<=[\r\n\t;]))(?=[\s\ufeff\u200b]*[=+\-@＝＋－＠])")


class _Line:
    """What the writer of the standard library writes to: it hands each line on at once."""

    def write(self, line: str) -> str:
        return line


def csv_file(name: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> StreamingHttpResponse:
    """Return a download of that name, sent row by row and kept by no cache."""
    response = StreamingHttpResponse(csv_lines(columns, rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def cell(value: object) -> str:
    """The text of a value.

    >>> cell(Decimal("-1.50")), cell("-1.50"), cell(None), cell(7)
    ('-1.5', "'-1.50", '', '7')
    """
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return canonical(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, int):
        return str(value)
    return FORMULA.sub("'", str(value))


def csv_lines(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """The lines of such a file, the names of the columns first."""
    writer = csv.writer(_Line())
    yield writer.writerow(columns)
    for row in rows:
        yield writer.writerow([cell(value) for value in row])
