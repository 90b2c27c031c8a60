"""The rows that were not printed, as a table for the person who puts them right."""

import csv
import io
import re
from collections.abc import Sequence

from clinicpress.visits import Refusal

RISKY = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What makes a spreadsheet run a cell as a formula, also in the wide letters of Chinese and Japanese keyboards.

Source: OWASP, CSV Injection.
"""
_HALF = re.compile("[\ud800-\udfff]")
FIRST_COLUMNS = ("row", "reason")
BOM = "\ufeff"
"""With it Excel reads the file as UTF-8; without it names are garbled there. All else that reads CSV passes over it."""


def safe_cell(text: str) -> str:
    """A cell that no spreadsheet runs as a formula: where it could be one, an apostrophe stands before it.

    For half of a character, which no file can hold, stands the mark of a lost one.
    """
    text = _HALF.sub("\ufffd", text.replace("\0", ""))
    return f"'{text}" if text.startswith(RISKY) or text.lstrip().startswith(RISKY) else text


def table_row(cells: Sequence[str]) -> str:
    """A line of a CSV file, its cells safe."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow([safe_cell(cell) for cell in cells])
    return out.getvalue()


def table_header(columns: Sequence[str]) -> str:
    """The first line of a CSV file, with the mark of UTF-8 before it."""
    return BOM + table_row(columns)


def refused_header(columns: Sequence[str]) -> str:
    """The first line of `refused.csv`."""
    return table_header((*FIRST_COLUMNS, *columns))


def refused_row(refusal: Refusal) -> str:
    """The line of `refused.csv` for a row: its number, why it was refused, and its cells as they were."""
    reason = " ".join(f"{one.message} {one.remedy}" for one in refusal.problems)
    return table_row((str(refusal.row), reason, *refusal.cells))
