"""Rows of front matter whose values need quotes: found by their letters, where YAML only stumbles, and put right."""

import re
from collections.abc import Sequence

MAX_SHOWN = 120  # letters of a row that a finding repeats
_QUOTED = re.compile(r"""(?:"(?:[^"\\]|\\.)*+"|'(?:[^']|'')*+')\s*+(?:#.*)?""")
_BLOCK = re.compile(r"[|>][-+0-9]{0,2}\s*(?:#.*)?")
NAME = re.compile(r"[A-Za-z_][\w.-]*")
KEY_ROW = re.compile(r"""(?:[A-Za-z_][\w.-]*+|"[^"]*+"|'[^']*+')\s*+:(?:\s|$)""")


def _parted(row: str) -> tuple[str, str]:
    """A row of front matter before its value, and its value."""
    bare = row.lstrip()
    if bare.startswith("- "):
        bare = bare[2:].lstrip()
    elif bare.endswith(":") and NAME.fullmatch(bare[:-1]):
        bare = ""
    else:
        key, colon, value = bare.partition(": ")
        bare = value.lstrip() if colon and NAME.fullmatch(key.rstrip()) else bare
    return row[: len(row) - len(bare)], bare.rstrip()


def with_quotes(row: str) -> str:
    """What to do about a value that needs quotes, with the very row to write."""
    before, value = _parted(row)
    if len(row) > MAX_SHOWN or not value or (value[0] in "[{" and value[-1] in "]}"):
        return "Put the value in quotes."
    if value[0] in "'\"" and value.count(value[0]) == 1:  # one that was begun
        value = value.replace(value[0], "") or value
    if '"' in value or "\\" in value:
        doubled = value.replace("'", "''")
        return f"Put the value in quotes: {before.strip()} '{doubled}'."
    return f'Put the value in quotes: {before.strip()} "{value}".'


def oddity(row: str) -> str:
    """Why YAML cannot read a row of front matter; nothing when it looks right."""
    before, value = _parted(row)
    if not value or value.startswith("#"):
        return ""
    if before.startswith("\t"):
        return "begins with a tab"
    first = value[0]
    if first in "'\"":
        return "" if _QUOTED.fullmatch(value) else "has quotes that do not go around all of it"
    if (first in "[{" and not value.endswith("]" if first == "[" else "}")) or first in "*&!%@`,]}":
        return f"begins with {first}"
    if first in "|>" and not _BLOCK.fullmatch(value):
        return f"begins with {first}"
    if first in "-?" and value[1:2].isspace():
        return f"begins with {first} and a blank"
    return "holds a colon and a blank" if ": " in value or value.endswith(":") else ""


def key_at(rows: Sequence[str], place: int) -> str:
    """The key that a row of front matter belongs to: the nearest one at the edge, from there upwards."""
    edge = (row.partition(":")[0].rstrip() for row in reversed(rows[: place + 1]) if row[:1].strip() and ":" in row)
    return next((key for key in edge if NAME.fullmatch(key)), "front matter")
