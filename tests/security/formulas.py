"""What a table program takes for a formula, and the check for any CSV that this site hands out.

Where commas stand in numbers, lists are parted by semicolons: a table program there begins a cell behind one,
and some do behind a tab.
"""

import csv
import io
import re

FORMULAS = [
    "=1+1", "+1+1", "-1+1", "@SUM(A1)", "=cmd|' /C calc'!A0",
    '=HYPERLINK("//evil.example","x")', "\t=1+1", "\r=1+1",
    "\n=1+1", " =1+1", "\ufeff=1+1", "\uff1d1+1", "\uff0b1", "\uff0d1", "\uff201", "\x00=1",
    '"=1+1', ";=1+1", ",=1+1",
    "a;=1+1", "a; +1", "a\t=1+1", "a;\ufeff@SUM(1)", "a;\uff1d1", "';=1",
    "=IMPORTXML(1)", "-2+3+cmd|' /C calc'!A0", "%0A=1",
]  # fmt: skip
STARTS = tuple("=+-@\t\r\n\x00\uff1d\uff0b\uff0d\uff20")


def live_cells(text: str, *, numbers: bool = True) -> list[str]:
    """Cells of a CSV that a table program would compute; plain numbers may begin with a sign."""
    rows = csv.reader(io.StringIO(text.lstrip("\ufeff"), newline=""))
    return [cell for row in rows for cell in row if _is_live(cell) and not (numbers and _is_number(cell))]


def _is_live(cell: str) -> bool:
    bare = cell.lstrip(" \ufeff\u200b")
    inner = [part.lstrip(" \ufeff\u200b") for line in cell.splitlines() for part in re.split("[;\t]", line)]
    return bare.startswith(STARTS) or any(part.startswith(STARTS) for part in inner[1:])


def _is_number(cell: str) -> bool:
    return cell[:1] in "+-" and cell[1:].replace(".", "", 1).isdigit() and cell[1:].isascii()
