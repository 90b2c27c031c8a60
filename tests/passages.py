"""A shelf with a passage, for the tests of passages and of variables."""

from pathlib import Path

from clinicpress.clinics import PageProfile, Paper, Print
from clinicpress.documents import Document
from clinicpress.orders import Request
from clinicpress.press import press
from clinicpress.press.shelf import Shelf as Content
from clinicpress.press.shelf import Stock, printable, take_stock
from tests.instruments.extract import poppler_pages
from tests.lint.shelf import TODAY, Shelf, change, stock
from tests.lint.shelf import date as day

DAY = day.fromisoformat(TODAY)
WORDS = "If you cannot breathe, call 911.\n\n- For all else, call our office.\n- At night, wait for the day.\n"
ASK = "::: passage emergency\n:::\n"
CALL = "## Any questions? {#questions}\n\n"


def head(name: str = "emergency", language: str = "en", more: str = "") -> str:
    """The front matter of a passage."""
    dates = "effective: 2026-11-22\nreview_by: 2027-11-22\n"
    return f"---\npassage: {name}\nlanguage: {language}\n{more}{dates}---\n\n"


def passage(shelf: Shelf, words: str = WORDS, name: str = "emergency", language: str = "en", more: str = "") -> Path:
    """Writes a passage into a shelf."""
    path = shelf.folder / "passages" / f"{name}.{language}.md"
    path.parent.mkdir(exist_ok=True)
    path.write_text(head(name, language, more) + words, encoding="utf-8")
    return path


def with_passage(folder: Path, words: str = WORDS) -> Shelf:
    """A shelf whose handout asks for a passage."""
    shelf = stock(folder)
    passage(shelf, words)
    change(shelf.handout, (CALL, f"{CALL}{ASK}\n"))
    return shelf


def taken(shelf: Shelf) -> Stock:
    """What is on a shelf, checked."""
    return take_stock(Content(shelf.folder, shelf.clinic, DAY), ())


def handout_of(shelf: Shelf) -> Document:
    """The handout of a shelf, as it is printed."""
    return next(one for one in taken(shelf).documents if one.file == shelf.handout)


def told(shelf: Shelf) -> list[str]:
    """What is wrong on a shelf: code, place, and what is said."""
    found = taken(shelf).problems
    return [f"{one.code} {Path(one.file).name}:{one.line} {one.message} {one.remedy}" for one in found]


def letters(text: str) -> str:
    """A text without blanks, as it may part at any line end."""
    return "".join(text.split())


def printed(shelf: Shelf, size: Print = Print.STANDARD, clinic: Path | None = None, text: Path | None = None) -> str:
    """What stands on the pages of the handout or another text, for its own clinic or another."""
    stock_ = take_stock(Content(shelf.folder, clinic or shelf.clinic, DAY), ())
    sound = printable(stock_)
    document = next(one for one in sound.documents if one.file == (text or shelf.handout))
    request = Request(sound.clinic, stock_.fonts, PageProfile(Paper.LETTER, size))
    file = shelf.folder.parent / "printed.pdf"
    file.write_bytes(press.produce(request.order(document)).pdf)
    return "\n".join(poppler_pages(file))
