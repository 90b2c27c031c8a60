"""What stands behind a text: `review.toml`, only ever added to, and the record of a translation in its front matter.

Each record carries a check over itself and over the one before it. So a record that was changed by hand, or whose
neighbour was taken out, is told and does not count. This guards against slips, not against forgers: whoever can write
the file can also compute the check.
"""

import hashlib
import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from clinicpress.documents import (
    LANGUAGES,
    OPENING,
    Block,
    ReviewRecord,
    Section,
    Translation,
    Verdict,
    figures,
    part_names,
)
from clinicpress.documents.blocks import Asset
from clinicpress.documents.passages import own_line
from clinicpress.errors import InputError, Problem
from clinicpress.library.files import quoted, read_text, toml_values
from clinicpress.library.keys import UNKNOWN_DAY, Keys
from clinicpress.library.rules import REVIEW_FILE

REVIEW = "review.toml"
HEAD = """\
# Who stands behind which text: written by `approve`, which adds to it. Not for editing by hand: what is changed here
# no longer counts. A record holds for the very text whose SHA-256 it names.
"""
_RECORD = re.compile(r"^\[\[review\]\]", re.MULTILINE)


def read_reviews(folder: Path) -> tuple[dict[str, tuple[ReviewRecord, ...]], list[Problem]]:
    """The records of a topic by document (`handout.en`), the oldest first, and what is wrong with its review file."""
    path = folder / REVIEW
    if not path.is_file():
        return {}, []
    text, problems = read_text(path)
    try:
        entries = toml_values(text).get("review", [])
    except ValueError as error:
        line = int(found[1]) if (found := re.search(r"line (\d+)", str(error))) else 1
        return {}, [*problems, REVIEW_FILE.found(str(path), line, f"The file is not TOML: {error}.", _REMEDY)]
    starts = [text[: found.start()].count("\n") + 1 for found in _RECORD.finditer(text)]
    records: dict[str, tuple[ReviewRecord, ...]] = {}
    before = ""
    for number, entry in enumerate(entries if isinstance(entries, list) else []):
        line = starts[number] if number < len(starts) else 1
        record, faults = _record(path, entry, line, before)
        before = str(entry.get("check", "")) if isinstance(entry, dict) else ""
        problems += faults
        if record is not None:
            records[record.document] = (*records.get(record.document, ()), record)
    return records, problems


_TAKE_BACK = "Nothing was written. Take the file back from a copy, then do it again."
_REMEDY = "Take the file back from a copy, or approve the text again: a new record is added behind the others."


def _record(path: Path, entry: object, line: int, before: str) -> tuple[ReviewRecord | None, list[Problem]]:
    """One entry, if it is whole."""
    if not isinstance(entry, dict):
        return None, [REVIEW_FILE.found(str(path), line, "A record is no table.", _REMEDY)]
    keys = Keys(path, entry, dict.fromkeys(entry, line))
    despite = tuple(keys.table("despite").items())
    record = ReviewRecord(
        document=keys.text("document"),
        verdict=keys.choice("verdict", Verdict),
        by=keys.text("by"),
        on=keys.date("on"),
        until=keys.date("until"),
        digest=keys.text("sha256"),
        despite=despite,
        reason=keys.text("reason", required=False),
        parts=tuple(keys.table("parts").items()),
        because=keys.text("because", required=False),
        confirmed=tuple(keys.table("confirmed").items()),
        line=line,
    )
    check = keys.text("check")
    keys.refuse_unknown()
    if keys.problems:
        return None, keys.problems
    if check != _check(record, before):
        message = f"The record of {record.document} was changed by hand, or the one before it was. It does not count."
        return None, [REVIEW_FILE.found(str(path), line, message, _REMEDY, record.by)]
    return record, []


def with_record(file: bytes, record: ReviewRecord) -> str:
    """The text of a review file with one more record.

    Raises `InputError` when the file cannot be read as it stands.
    """
    try:
        text = file.decode()
        entries = toml_values(text).get("review", [])
    except ValueError as error:  # not TOML, or not UTF-8
        raise InputError(f"{REVIEW} is not TOML any more ({error}). {_TAKE_BACK}") from error
    if not isinstance(entries, list) or not all(isinstance(one, dict) for one in entries):
        raise InputError(f"{REVIEW} holds something else than records. {_TAKE_BACK}")
    before = str(entries[-1].get("check", "")) if entries else ""
    rows = [f"{key} = {value}" for key, value in _facts(record).items()]
    block = "\n".join(["", "[[review]]", *rows, f"check = {quoted(_check(record, before))}", ""])
    return (text.rstrip("\n") + "\n" if text.strip() else HEAD) + block


def _facts(record: ReviewRecord) -> dict[str, str]:
    """The keys of a record as they are written."""
    facts = {
        "document": quoted(record.document),
        "verdict": quoted(record.verdict),
        "by": quoted(record.by),
        "on": record.on.isoformat(),
        "until": record.until.isoformat(),
        "sha256": quoted(record.digest),
    }
    if record.despite:
        facts["despite"] = "{" + ", ".join(f"{code} = {quoted(reason)}" for code, reason in record.despite) + "}"
    if record.reason:
        facts["reason"] = quoted(record.reason)
    if record.parts:
        facts["parts"] = "{" + ", ".join(f"{quoted(name)} = {quoted(said)}" for name, said in record.parts) + "}"
    if record.because:
        facts["because"] = quoted(record.because)
    if record.confirmed:
        facts["confirmed"] = "{" + ", ".join(f"{quoted(ask)} = {quoted(said)}" for ask, said in record.confirmed) + "}"
    return facts


def _check(record: ReviewRecord, before: str) -> str:
    """The first 16 digits of a SHA-256 over a record and the check of the one before it."""
    said = json.dumps([before, *_facts(record).items()], ensure_ascii=False)
    return hashlib.sha256(said.encode()).hexdigest()[:16]


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
                if own_line(figure.line) == figure.line  # those of a passage are translated with it
                for part in (figure.drawing, *figure.large)
                for word in _words_in(part)
            )
            digests[name] = _digest([*words, *drawn])
    return MappingProxyType(digests)


def text_digest(text: str, pictures: Sequence[Asset]) -> str:
    """The SHA-256 of a text (as normalised by `read_text`) and of its pictures, in the order of their names.

    Pictures count as they lie on the disk: an approval does not end because they are made fit for print in another way.
    """
    digest = hashlib.sha256(text.encode())
    for name, data in sorted({(picture.name, picture.original or picture.data) for picture in pictures}):
        digest.update(b"\0" + name.encode() + b"\0" + hashlib.sha256(data).digest())
    return digest.hexdigest()


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
