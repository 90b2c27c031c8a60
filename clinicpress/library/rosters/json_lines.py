"""Reads a roster of JSON lines: an object a line, its keys the columns, or nested as a patient file is."""

import json
from collections.abc import Iterator, Mapping
from typing import BinaryIO

from clinicpress.errors import InputError
from clinicpress.json_text import JsonError, read_json
from clinicpress.library.rosters.lines import MAX_COLUMNS, MAX_RECORD, CellContent, RosterLine

MAX_NESTED = 3  # tables within tables that become columns: patient.name
NOT_AN_OBJECT = ("the line is not an object of JSON.", 'Write {"mrn": "0012345", …} in one line.')
TOO_LONG = (f"the line has more than {MAX_RECORD:,} characters.", "Take out what does not belong into a roster.")
TWICE = ("a key stands twice in the line.", "Delete one of the two.")


def json_header(file: str, stream: BinaryIO) -> tuple[list[str], int]:
    """The keys of all lines in the order of their first use, and how many lines there are.

    Raises `InputError` when the file is not UTF-8, or has more keys than a roster can have columns.
    """
    keys: dict[str, None] = {}
    rows = 0
    for _, found, _ in _objects(file, stream):
        rows += 1
        if found:
            keys.update(dict.fromkeys(found))
        if len(keys) > MAX_COLUMNS:
            raise InputError(f"{file} has more than {MAX_COLUMNS} different keys. Keep the same keys in every line.")
    return list(keys), rows


def json_rows(file: str, stream: BinaryIO, header: list[str]) -> Iterator[RosterLine]:
    """The rows of the file, their cells in the order of the header."""
    places = {key: place for place, key in enumerate(header)}
    for row, found, fault in _objects(file, stream):
        if found is None:
            yield RosterLine(row, [], fault=fault)
            continue
        cells, held = [""] * len(header), {}
        for key, value in found.items():
            place = places.get(key)
            if place is None:
                continue
            cells[place], kind = _cell(value)
            if kind is not None:
                held[place] = kind
        yield RosterLine(row, cells, held)


def _cell(value: object) -> tuple[str, CellContent | None]:
    match value:
        case str():
            return value, None
        case None:
            return "", None
        case bool():
            return str(value).lower(), CellContent.TRUTH
        case int() | float():
            return str(value), CellContent.NUMBER
    return json.dumps(value, ensure_ascii=False), CellContent.NESTED


def _objects(file: str, stream: BinaryIO) -> Iterator[tuple[int, dict[str, object] | None, tuple[str, str] | None]]:
    """Each line with its number: its object by flat keys, or what is wrong with it. Empty lines are passed over."""
    number = 0
    while line := stream.readline(MAX_RECORD * 4):
        number += 1
        whole = line.endswith(b"\n") or len(line) < MAX_RECORD * 4
        while not line.endswith(b"\n") and (rest := stream.readline(MAX_RECORD)):
            if rest.endswith(b"\n"):
                break
        if not whole:
            yield number, None, TOO_LONG
            continue
        try:
            text = line.decode("utf-8-sig" if number == 1 else "utf-8").strip()
        except UnicodeDecodeError:
            raise InputError(f"Line {number} of {file} is not UTF-8 text. Save the file as UTF-8.") from None
        if not text:
            continue
        try:
            tree = read_json(text, halves=True)  # a cell that holds one is refused by its column
        except JsonError as error:
            unread = (f"{NOT_AN_OBJECT[0][:-1]}: {error.sentence}.", NOT_AN_OBJECT[1])
            yield number, None, TWICE if error.twice else unread
            continue
        if not isinstance(tree, dict):
            yield number, None, NOT_AN_OBJECT
            continue
        pairs = list(_flat(tree))
        found = dict(pairs)
        yield number, *((found, None) if len(found) == len(pairs) else (None, TWICE))


def _flat(tree: Mapping[str, object], prefix: str = "", depth: int = 1) -> Iterator[tuple[str, object]]:
    for key, value in tree.items():
        if isinstance(value, dict) and depth < MAX_NESTED:
            yield from _flat(value, f"{prefix}{key}.", depth + 1)
        else:
            yield prefix + key, value
