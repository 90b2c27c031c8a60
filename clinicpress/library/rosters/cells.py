"""What a cell of a roster means: a day, a time, a language, a record number, a name; also as a sheet shows them."""

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from clinicpress.library.rosters.layout import DATE_FORMATS, CellContent

_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
_TIME = re.compile(r"(\d\d):(\d\d)(?::00(?:\.0+)?)?", re.ASCII)
_CLOCK = re.compile(r"(\d{1,2}):(\d\d)(?::00)? ?([ap])\.?m\.?", re.ASCII | re.IGNORECASE)
_NUMBERS = re.compile(r"(\d{1,4})([/.-])(\d{1,2})([/.-])(\d{1,4})", re.ASCII)
LOOSE_DAY = re.compile(rb"\d{1,2}\\?[/.-]\d{1,2}\\?[/.-]\d{4}")  # a date that may need an order; JSON may write \/
_SHORTENED = re.compile(r"\d(?:[.,]\d+)?E\+?\d+", re.ASCII)
_FORMS = {(between, order): form for form, (between, order) in list(DATE_FORMATS.items())[::-1]}

Fault = tuple[str, str]
"""Why a cell is refused, and what to do. It never repeats the cell."""
Report = Callable[[str, Fault | None], None]
"""Takes a column and what is wrong with its cell, if anything."""


class Orders:
    """In which order the columns of a roster write day and month, as far as their own dates show it.

    A date with a number above 12 can be read in one order only. Where all such dates of a column agree, it settles the
    order of the column; where they do not, nothing is certain. Nothing is kept but what was seen of each column.
    """

    def __init__(self, declared: str) -> None:
        """With the form that the profile declares, if it does: then no date is asked."""
        self.declared = declared
        self._seen: dict[tuple[str, str], set[str]] = {}

    def look_at(self, column: str, text: str) -> None:
        """Hears one cell of a column of dates; a time may stand behind the day."""
        found = _NUMBERS.match(text)
        if found is None or found[2] != found[4] or len(found[5]) != 4 or len(found[1]) > 2:
            return
        first, second = int(found[1]) <= 12, int(found[3]) <= 12
        if first != second:
            self._seen.setdefault((column, found[2]), set()).add("mdy" if first else "dmy")

    def form(self, column: str, text: str) -> str:
        """The form in which a column writes a date like this one; nothing when it is not settled."""
        if self.declared or not self._seen:
            return self.declared
        found = _NUMBERS.match(text)
        seen = self._seen.get((column, found[2]), set()) if found else set()
        return _FORMS.get((found[2], min(seen)), "") if found and len(seen) == 1 else ""

    def torn(self, column: str, text: str) -> bool:
        """Whether some dates of a column can be read in one order only, and others in the other one only."""
        found = _NUMBERS.match(text) if self._seen else None
        return found is not None and len(self._seen.get((column, found[2]), ())) > 1

    def settled(self) -> Iterator[tuple[str, str]]:
        """The columns whose order is settled, each with the form of its dates."""
        for (column, between), seen in self._seen.items():
            if len(seen) == 1 and (form := _FORMS.get((between, min(seen)))):
                yield column, form


@lru_cache(maxsize=4_096)
def day_of(text: str, date_format: str, *, torn: bool = False) -> tuple[str, Fault | None]:
    """A day as 1961-04-09, or why it is none. `date_format` is the form of the column; ISO dates need none.

    `torn`: dates of this column contradict each other (`Orders`).
    """
    if iso := _ISO.fullmatch(text):
        return _day(iso[1], iso[2], iso[3], "the date does not exist.", "Write a day of the calendar: 2026-11-24.")
    found = _NUMBERS.fullmatch(text)
    if found is None or found[2] != found[4]:
        return "", ("this is not a date.", "Write year-month-day: 2026-11-24.")
    if not date_format:
        return "", (_why_unread(found, torn=torn), _DECLARE)
    between, order = DATE_FORMATS[date_format]
    parts = dict(zip(order, (found[1], found[3], found[5]), strict=True))
    if len(parts["y"]) != 4:
        return "", ("the year has not four digits.", "Write it in full: 1961.")
    remedy = f"Write it as {date_format} or as 2026-11-24, and check that date_format is right for all rows."
    if found[2] != between or len(parts["m"]) > 2 or len(parts["d"]) > 2:
        return "", (f"the date is not written as {date_format}.", remedy)
    return _day(parts["y"], parts["m"], parts["d"], f"as {date_format} there is no such day.", remedy)


_DECLARE = 'Write 2026-11-24, or declare the form under [roster] in clinic.toml: date_format = "MM/DD/YYYY".'


def _why_unread(found: re.Match[str], *, torn: bool) -> str:
    """Why numbers are not read as a date when no form is known."""
    if len(found[1]) == 4:
        return "the date is written in a form that was not declared."
    if len(found[5]) != 4:
        return "the year has not four digits."
    if torn:
        return "other dates of this column have day and month in another order, so none of them is certain."
    if int(found[1]) > 12 and int(found[3]) > 12:
        return "there is no such day, in whatever order it is read."
    if (int(found[1]) > 12) != (int(found[3]) > 12):
        return "the date is written in a form that is not read."  # month.day.year
    return "the date can be read two ways."


def _day(year: str, month: str, day: str, message: str, remedy: str) -> tuple[str, Fault | None]:
    try:
        return date(int(year), int(month), int(day)).isoformat(), None
    except ValueError:
        return "", (message, remedy)


@lru_cache(maxsize=2_000)
def time_of(text: str) -> tuple[str, Fault | None]:
    """A time of day as 09:30, or why it is none."""
    if found := _TIME.fullmatch(text):
        hour, minute = int(found[1]), int(found[2])
        if hour < 24 and minute < 60:
            return f"{hour:02}:{minute:02}", None
    elif (found := _CLOCK.fullmatch(text)) and 1 <= int(found[1]) <= 12 and int(found[2]) < 60:
        return f"{int(found[1]) % 12 + 12 * (found[3] in 'pP'):02}:{found[2]}", None
    return "", ("this is not a time of day.", "Write hours and minutes, 09:30, or 9:30 AM.")


def appointment_of(text: str, date_format: str, *, torn: bool = False) -> tuple[str, str, Fault | None]:
    """Day and time (empty when it is not told) of an appointment, or why it is none."""
    day, blank, clock = text.partition("T") if text[10:11] == "T" else text.partition(" ")
    iso, fault = day_of(day, date_format, torn=torn)
    if fault is not None or not blank:
        return iso, "", fault
    time, fault = time_of(clock.strip())
    return iso, time, fault


def mrn_fault(text: str) -> Fault | None:
    """Why a text cannot be a record number."""
    if _SHORTENED.fullmatch(text):
        remedy = "Make the column text in the spreadsheet, and type the number again."
        return "a spreadsheet has shortened the number, and digits are lost.", remedy
    return None


_ERROR = re.compile(r"#+|#[¡¿]?[^\W\d_][\w/]*[!?]|#(?:N/[AD]|NV|GETTING_DATA)|Err:\d{3}", re.IGNORECASE)
_NOTHING = frozenset(("nan", "null", "none", "nat", "<na>", "n/a", "undefined", "nil"))


def no_value_fault(column: str, text: str) -> Fault | None:
    """Why what stands in a cell is no value: a spreadsheet's error (#REF!, ########), a program's word for nothing.

    People are called Null and None, so parts of a name may be such a word.
    """
    if text[:1] in ("#", "E", "e") and _ERROR.fullmatch(text):
        return (
            "the cell holds an error of the spreadsheet.",
            "Type the value itself, or widen the column.",
        )
    if text.casefold() in _NOTHING and column not in ("given", "family"):
        return "the cell holds a program's word for nothing.", "Fill in what is meant, or empty the cell."
    return None


AS_TEXT = "Format the column as text in the spreadsheet, and type it again."
TAKES: dict[str, tuple[CellContent, ...]] = {
    "mrn": (CellContent.NUMBER,),
    "birth_date": (CellContent.DAY,),
    "date": (CellContent.DAY,),
    "time": (CellContent.DAY,),
    "appointment": (CellContent.DAY,),
    "procedure": (CellContent.NUMBER,),
    "site": (CellContent.NUMBER,),
}
"""What may stand in a cell of a spreadsheet beside text."""


def held_fault(column: str, held: CellContent, *, json: bool) -> Fault | None:
    """Why a column cannot take what a cell holds."""
    if held in TAKES.get(column, ()) and not json:
        return None
    if held is CellContent.FORMULA:
        return f"the cell holds {held}.", "Replace it by its value (copy, paste as values)."
    return f"the cell holds {held}, not text.", 'Put it in quotes: "0012345".' if json else AS_TEXT


def parted_name(text: str) -> tuple[str, str]:
    """A clinician's name and credential: 'Ada Example, ND'."""
    name, _, credential = text.partition(",")
    return name.strip(), credential.strip()


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
