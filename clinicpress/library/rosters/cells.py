"""What a cell of a roster means: a day, a time, a language, a record number, a name."""

import re
from collections.abc import Callable
from datetime import date
from functools import lru_cache

from clinicpress.clinics import folded
from clinicpress.library.rosters.layout import DATE_FORMATS
from clinicpress.library.rosters.lines import Held

_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
_TIME = re.compile(r"(\d\d):(\d\d)(?::00(?:\.0+)?)?", re.ASCII)
_CLOCK = re.compile(r"(\d{1,2}):(\d\d)(?::00)? ?([ap])\.?m\.?", re.ASCII | re.IGNORECASE)
_NUMBERS = re.compile(r"(\d{1,4})([/.-])(\d{1,2})([/.-])(\d{1,4})", re.ASCII)
_SHORTENED = re.compile(r"\d(?:[.,]\d+)?E\+?\d+", re.ASCII)
_TAG = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{2,8})*", re.ASCII)
OLDEST = 130  # years: nobody lives longer

Fault = tuple[str, str]
"""Why a cell is refused, and what to do. It never repeats the cell."""
Report = Callable[[str, Fault | None], None]
"""Takes a column and what is wrong with its cell, if anything."""

LANGUAGE_NAMES = {
    "en": "english",
    "es": "spanish, español, espanol, castellano",
    "fr": "french, français, francais",
    "de": "german, deutsch",
    "it": "italian, italiano",
    "pt": "portuguese, português, portugues",
    "vi": "vietnamese, tiếng việt",
    "zh": "chinese, mandarin, 中文",
    "ko": "korean, 한국어",
    "ja": "japanese, 日本語",
    "ru": "russian, русский",
    "uk": "ukrainian, українська",
    "ar": "arabic, العربية",
    "fa": "persian, farsi, فارسی",
    "tl": "tagalog, filipino",
    "hi": "hindi, हिन्दी",
    "ht": "haitian creole, haitian, kreyòl ayisyen",
    "pl": "polish, polski",
    "so": "somali, soomaali",
    "am": "amharic, አማርኛ",
    "he": "hebrew, עברית",
    "th": "thai, ไทย",
    "el": "greek, ελληνικά",
}
_TAGS = {name: tag for tag, names in LANGUAGE_NAMES.items() for name in names.split(", ")}
_THREE = {"eng": "en", "spa": "es", "fra": "fr", "deu": "de", "vie": "vi", "zho": "zh", "kor": "ko", "rus": "ru"}


@lru_cache(maxsize=200)
def language_of(text: str) -> str:
    """The tag of a language that is told by its tag or its name; what is unknown stays, in small letters."""
    word = folded(text)
    if tag := _TAGS.get(word):
        return tag
    tag = word.replace("_", "-")
    return _THREE.get(tag, tag) if _TAG.fullmatch(tag) else word


@lru_cache(maxsize=4_096)
def day_of(text: str, date_format: str) -> tuple[str, Fault | None]:
    """A day as 1961-04-09, or why it is none. `date_format` is the declared form; ISO dates need none."""
    if iso := _ISO.fullmatch(text):
        return _day(iso[1], iso[2], iso[3], "the date does not exist.", "Write a day of the calendar: 2026-11-24.")
    found = _NUMBERS.fullmatch(text)
    if found is None or found[2] != found[4]:
        return "", ("this is not a date.", "Write year-month-day: 2026-11-24.")
    if not date_format:
        remedy = 'Write 2026-11-24, or declare the form under [roster] in clinic.toml: date_format = "MM/DD/YYYY".'
        return "", ("the date can be read two ways.", remedy)
    between, order = DATE_FORMATS[date_format]
    parts = dict(zip(order, (found[1], found[3], found[5]), strict=True))
    if len(parts["y"]) != 4:
        return "", ("the year has not four digits.", "Write it in full: 1961.")
    remedy = f"Write it as {date_format} or as 2026-11-24, and check that date_format is right for all rows."
    if found[2] != between or len(parts["m"]) > 2 or len(parts["d"]) > 2:
        return "", (f"the date is not written as {date_format}.", remedy)
    return _day(parts["y"], parts["m"], parts["d"], f"as {date_format} there is no such day.", remedy)


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


def appointment_of(text: str, date_format: str) -> tuple[str, str, Fault | None]:
    """Day and time (empty when it is not told) of an appointment, or why it is none."""
    day, blank, clock = text.partition("T") if text[10:11] == "T" else text.partition(" ")
    iso, fault = day_of(day, date_format)
    if fault is not None or not blank:
        return iso, "", fault
    time, fault = time_of(clock.strip())
    return iso, time, fault


def birth_fault(iso: str, today: date) -> Fault | None:
    """Why a day cannot be the day of birth of a patient."""
    if iso > today.isoformat():
        return "the day of birth is in the future.", "Look it up in the chart."
    if int(iso[:4]) < today.year - OLDEST:
        return f"the day of birth is more than {OLDEST} years ago.", "Look it up in the chart."
    return None


def mrn_fault(text: str) -> Fault | None:
    """Why a text cannot be a record number."""
    if _SHORTENED.fullmatch(text):
        remedy = "Make the column text in the spreadsheet, and type the number again."
        return "a spreadsheet has shortened the number, and digits are lost.", remedy
    return None


AS_TEXT = "Format the column as text in the spreadsheet, and type it again."
TAKES: dict[str, tuple[Held, ...]] = {
    "mrn": (Held.NUMBER,),
    "birth_date": (Held.DAY,),
    "date": (Held.DAY,),
    "time": (Held.DAY,),
    "appointment": (Held.DAY,),
    "procedure": (Held.NUMBER,),
    "site": (Held.NUMBER,),
}
"""What may stand in a cell of a spreadsheet beside text."""


def held_fault(column: str, held: Held, *, json: bool) -> Fault | None:
    """Why a column cannot take what a cell holds."""
    if held in TAKES.get(column, ()) and not json:
        return None
    if held is Held.FORMULA:
        return f"the cell holds {held}.", "Replace it by its value (copy, paste as values)."
    return f"the cell holds {held}, not text.", 'Put it in quotes: "0012345".' if json else AS_TEXT


def parted_name(text: str) -> tuple[str, str]:
    """A clinician's name and credential: 'Ada Example, ND'."""
    name, _, credential = text.partition(",")
    return name.strip(), credential.strip()
