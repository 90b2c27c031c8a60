"""What a number in a spreadsheet is, by the form in which the sheet shows it: a date, a time, a record number."""

import re
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from clinicpress.library.rosters.lines import CellContent


class Shown(StrEnum):
    """How a format of cells shows a number."""

    PLAIN = "plain"
    ZEROS = "zeros"  # with zeros in front, up to a length
    SHAPED = "shaped"  # with strokes, letters, or rounded
    TIME = "time"
    DAY = "day"


class Format(NamedTuple):
    """A format of cells: how it shows numbers, and the least number of digits."""

    shown: Shown
    digits: int = 0


PLAIN = Format(Shown.PLAIN)
_BUILT_IN = {
    **dict.fromkeys((*range(14, 18), 22, *range(27, 32), 36, *range(50, 59)), Format(Shown.DAY)),
    **dict.fromkeys((*range(18, 22), *range(32, 36), *range(45, 48)), Format(Shown.TIME)),
    **dict.fromkeys((9, 10, 11, 12, 13, 48), Format(Shown.SHAPED)),
}
"""Formats that every spreadsheet knows by number. Source: ECMA-376 Part 1, 18.8.30; 27 to 36 and 50 to 58 are dates."""
_UNSEEN = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)


def format_of(number: int, code: str) -> Format:
    """The format of a number and its code, `yyyy-mm-dd`."""
    if not code:
        return _BUILT_IN.get(number, PLAIN)
    first = code.partition(";")[0]
    bare = _UNSEEN.sub("", first).lower().strip()
    if bare in ("general", "standard", "@", "", "0", "#", "#,##0", "0.00", "#,##0.00", "0.0"):
        return (
            PLAIN if bare == first.lower().strip() or not any(one in first for one in '"\\') else Format(Shown.SHAPED)
        )
    if re.search(r"[yd]|mmm", bare) or (("m" in bare) and not re.search(r"[hs]", bare)):
        return Format(Shown.DAY)
    if re.search(r"[hs]", bare):
        return Format(Shown.TIME)
    return Format(Shown.ZEROS, len(first)) if set(first) == {"0"} else Format(Shown.SHAPED)


def number_cell(written: str, form: Format, *, from_1904: bool) -> tuple[str, CellContent | None]:
    """A number as the sheet shows it, and what it is."""
    if form.shown in (Shown.DAY, Shown.TIME):
        return _day_cell(written, form.shown is Shown.TIME, from_1904=from_1904)
    if not (written.isascii() and written.isdigit()):
        try:
            value = Decimal(written)
        except InvalidOperation:
            return written, CellContent.ERROR
        if not value.is_finite() or abs(value) >= 10**15:
            return written, CellContent.LONG_NUMBER
        if value < 0 or value != value.to_integral_value():
            return written, CellContent.FRACTION
        written = str(int(value))
    if len(written.lstrip("0")) > 15:  # a spreadsheet keeps 15 digits. Source: IEEE 754
        return written, CellContent.LONG_NUMBER
    if form.shown is Shown.ZEROS:
        return written.zfill(form.digits), None
    return written, CellContent.SHAPED if form.shown is Shown.SHAPED else CellContent.NUMBER


@lru_cache(maxsize=4_096)
def _day_cell(written: str, time_only: bool, *, from_1904: bool) -> tuple[str, CellContent]:
    """A day, a day and a time, or a time.

    Days count from 1 January 1900, which is day 1, with a 29 February 1900 that never was; in old files of Macs from
    1 January 1904. Source: ECMA-376 Part 1, 18.17.4.
    """
    try:
        minutes = round(float(written) * 1440)  # minutes in a day
        days, rest = divmod(minutes, 1440)
        clock = f"{rest // 60:02}:{rest % 60:02}"
        if days < 0 or (time_only and days > 0 and rest == 0):
            return written, CellContent.NO_DAY
        if time_only and days == 0:
            return clock, CellContent.DAY
        if not from_1904 and days in (0, 60):
            return written, CellContent.NO_DAY
        first = date(1904, 1, 1) if from_1904 else date(1899, 12, 31 if days < 60 else 30)
        day = (first + timedelta(days)).isoformat()
    except (ValueError, OverflowError):
        return written, CellContent.NO_DAY
    return (f"{day} {clock}" if rest else day), CellContent.DAY
