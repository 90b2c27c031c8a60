"""What a translation rests on: its record in the front matter, and the hashes of the parts of a text."""

import hashlib
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from clinicpress.clinics import Asset
from clinicpress.documents import LANGUAGES, OPENING, Block, Section, Translation, figures, part_names
from clinicpress.library.keys import UNKNOWN_DAY, Keys

KEY = "translation"
DIGITS = 16  # hexadecimal digits of a hash: enough to tell versions of one section apart


def read_record(keys: Keys) -> Translation | None:
    """The record of a translation, if the front matter has one. What is wrong with it is noted in `keys`."""
    values = keys.values.get(KEY)
    if not isinstance(values, dict):
        keys.table(KEY)  # a value of another kind is refused
        return None
    keys.known(KEY)
    record = Keys(keys.path, values, keys.lines, f"{KEY}.")
    source = record.text("from")
    if source and source not in LANGUAGES:
        record.unknown_value("from", source, LANGUAGES)
    found = Translation(
        source=source,
        tool=record.text("tool", required=False),
        translator=record.text("translator", required=False),
        day=record.date("date") if "date" in values else UNKNOWN_DAY,
        reviewer=record.text("reviewer", required=False),
        sections=MappingProxyType(dict(record.table("sections"))),
    )
    record.refuse_unknown()
    keys.problems += record.problems
    return found


def part_lines(sections: Sequence[Section], first_line: int, last_line: int) -> dict[str, tuple[int, int]]:
    """The lines of each part of a text in its file: first and behind the last, counted from 1.

    A text that starts with a heading has no opening.
    """
    starts = [first_line, *(section.line for section in sections), last_line + 1]
    names = (OPENING, *part_names(sections))
    return {name: (starts[n], starts[n + 1]) for n, name in enumerate(names)}


def part_digests(
    text: str, first_line: int, opening: Sequence[Block], sections: Sequence[Section], told: Mapping[str, str]
) -> Mapping[str, str]:
    """The hash of each part of a text: of its words as they stand in the file, heading and figures included.

    Blanks at line ends and empty lines do not count. `told` are the texts of the front matter that are translated.
    """
    rows = text.split("\n")
    held = dict(zip((OPENING, *part_names(sections)), (opening, *(one.blocks for one in sections)), strict=True))
    digests = {name: _digest([value]) for name, value in told.items() if value}
    for name, (start, end) in part_lines(sections, first_line, len(rows)).items():
        words = [" ".join(row.split()) for row in rows[start - 1 : end - 1] if row.strip()]
        if words:
            drawn = (
                word
                for figure in figures(held[name])
                for part in (figure.drawing, *figure.large)
                for word in _words_in(part)
            )
            digests[name] = _digest([*words, *drawn])
    return MappingProxyType(digests)


def _words_in(picture: Asset) -> Iterator[str]:
    """The words of a drawing; of a picture made of points, its hash: its words cannot be read."""
    if picture.media_type != "image/svg+xml":
        yield hashlib.sha256(picture.data).hexdigest()
        return
    for element in ET.fromstring(picture.data).iter():  # noqa: S314  read and checked by library.pictures
        if element.tag.rpartition("}")[2] in ("text", "title", "desc"):
            yield " ".join("".join(element.itertext()).split())


def _digest(words: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(words).encode()).hexdigest()[:DIGITS]
