"""What was read and checked once is taken from the cache, as long as no file of it has changed, nor the program.

A stock is kept for what was asked for; that of the whole library also answers for every part of it.
"""

import os
import pickle
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum
from io import BytesIO
from pathlib import Path
from typing import Any

from clinicpress import fingerprint
from clinicpress.cache import Cache, address
from clinicpress.documents.passages import files_of_text
from clinicpress.errors import Severity
from clinicpress.files import read_file
from clinicpress.library.files import MAX_TEXT, lies_in, long_row, toml_values
from clinicpress.orders import Order
from clinicpress.press.shelf import ROOT, Shelf, Stock, take_stock, with_what_they_refer_to

# What a stock is made of. Nothing else is brought to life, although nobody without our key can have put it there.
_OURS, _OTHERS = ("clinicpress.", "pathlib"), {"datetime.date", "builtins.frozenset"}

Asked = tuple[tuple[str, ...], str | None, tuple[str, ...]]
"""Which part of a library: topics, a kind, languages. Where one is empty, all are meant."""


def _nothing(*_: object) -> None:
    """There is nothing to do."""


@dataclass(frozen=True, slots=True)
class Ahead:
    """What is to be called before anything is read again, and when it was read but not checked yet."""

    before: Callable[[], None] = _nothing
    when_read: Callable[[Stock], None] = _nothing


NOTHING = Ahead()


def stock_of(
    shelf: Shelf,
    cache: Cache,
    topics: tuple[str, ...] = (),
    kind: str | None = None,
    languages: tuple[str, ...] = (),
    *,
    ahead: Ahead = NOTHING,
) -> Stock:
    """The stock of a shelf, or what is asked for of it, as `take_stock` gives it; `content` is what its files held.

    Raises as that does.
    """
    asked: Asked = (topics, kind, languages)
    content = _content(shelf) if cache.handed_on else None
    if content is not None:
        for wider in dict.fromkeys((asked, (topics, None, ()), ((), None, ()))):
            if kept := cache.get(_place(shelf, content, wider)):
                stock = _opened(kept) if wider == asked else _part(_opened(kept), asked)
                if stock is not None:
                    return replace(stock, content=content)
    ahead.before()
    stock = take_stock(shelf, *asked, ahead.when_read)
    if content is None or _content(shelf) != content:  # somebody wrote while we read
        return stock
    cache.put(_place(shelf, content, asked), _closed(stock))
    return replace(stock, content=content)


def place_of(order: Order, content: fingerprint.Content, *facts: object) -> str:
    """Where the document of an order is kept, which is made of its texts, of all that these refer to, and of `facts`.

    A Spanish text refers to the English one alone and in a bilingual print; `Order.pages_of` tells the two apart.
    """
    texts = with_what_they_refer_to([one for one in (order.document, order.second) if one is not None])
    names = [(one.topic, one.kind, one.language, one.current_translation, one.review) for one in texts]
    files = content.of(Path(file).parent for one in texts for file in sorted(files_of_text(one)))
    asked = (order.pages_of, order.rendition, names, facts)
    return address("made", fingerprint.program(), sys.version, files, repr(asked))


def _place(shelf: Shelf, content: fingerprint.Content, asked: Asked) -> str:
    topics, kind, languages = asked
    facts = repr((str(shelf.handouts), str(shelf.clinic), shelf.today, sorted(topics), kind, sorted(languages)))
    return address("stock", fingerprint.program(), sys.version, content.digest, facts)


def _content(shelf: Shelf) -> fingerprint.Content | None:
    """All files that a stock may be made of."""
    own = [shelf.kinds_folder] if os.path.isdir(shelf.kinds_folder) else []  # noqa: PTH112  as at `library.kinds`
    return fingerprint.content(
        (ROOT / "handouts", shelf.handouts, *own),
        (shelf.clinic, *_named_in(shelf.clinic)),
    )


def _named_in(clinic: Path) -> list[Path]:
    """The files beside a clinic's profile that it names, such as its logo. A faulty profile names none."""
    try:
        text = read_file(clinic, MAX_TEXT).decode("utf-8-sig")
        values: list[dict[str, Any]] = [] if long_row(text) else [toml_values(text)]
    except (OSError, ValueError):
        return []
    named: list[Path] = []
    while values:
        for value in values.pop().values():
            if isinstance(value, dict):
                values.append(value)
            elif isinstance(value, str) and value and "\0" not in value:
                named.append(clinic.parent / value)
    return [path for path in named if lies_in(path, clinic.parent)]


def _part(stock: Stock, asked: Asked) -> Stock | None:
    """What is asked for of a whole library that has no errors; None when it has some, or nothing of it is meant."""
    topics, kind, languages = asked
    meant = [
        one
        for one in stock.documents
        if (not topics or one.topic in topics)
        and kind in (None, one.kind)
        and (not languages or one.language in languages)
    ]
    faulty = any(problem.severity is Severity.ERROR for problem in stock.problems)
    if faulty or not meant or not set(topics) <= {one.topic for one in stock.documents}:
        return None
    files = {file for one in with_what_they_refer_to(meant) for file in files_of_text(one)}
    others = {file for one in stock.documents for file in files_of_text(one)} - files
    return replace(
        stock, documents=tuple(meant), problems=tuple(one for one in stock.problems if one.file not in others)
    )


# A stock in bytes -----------------------------------------------------------------------------------------------------


class _StockReader(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("builtins", "getattr"):  # so Python before 3.11.4 keeps a member of an enumeration
            return _member
        if not module.startswith(_OURS) and f"{module}.{name}" not in _OTHERS:
            raise pickle.UnpicklingError(f"{module}.{name} is no part of a stock")
        return super().find_class(module, name)


def _member(kind: Any, name: str) -> Enum:
    """A member of an enumeration, and nothing else that something may have by this name."""
    if not (isinstance(kind, type) and issubclass(kind, Enum)):
        raise pickle.UnpicklingError(f"{kind} is no enumeration")
    member: Enum = kind[name]
    return member


def _closed(stock: Stock) -> bytes:
    return pickle.dumps(replace(stock, content=None))


def _opened(kept: bytes) -> Stock:
    stock: Stock = _StockReader(BytesIO(kept)).load()
    return stock
