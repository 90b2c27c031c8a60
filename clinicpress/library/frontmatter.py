"""Parts a document into its front matter and its body (the only door to YAML).

YAML takes some values for something else than their author meant: it cuts a title at " #", reads `no` as false and 060
as 48. Nothing of that may come about in silence: each such value is named with its line, its key and what to write.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from clinicpress.errors import Problem, Rule
from clinicpress.library.files import MAX_ROW, long_row
from clinicpress.library.keys import UNREADABLE
from clinicpress.library.rules import BAD_DATE, BAD_FRONT_MATTER, WRONG_TYPE

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
MAX_DEPTH = 5  # lists and tables within each other; ours need two
MAX_HEADER = 100_000  # letters: some thousand sources
_TIMESTAMP, _TEXT, _WHOLE, _NOTHING = (f"tag:yaml.org,2002:{kind}" for kind in ("timestamp", "str", "int", "null"))
_DATE_LIKE = re.compile(r"\d{4}-")
_CANNOT_CONSTRUCT = (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError, yaml.YAMLError)
_CLOSED = frozenset(
    [
        *("kind", "language", "effective", "review_by", "regulatory_status", "lateral", "valid_days", "glossary"),
        *("translation.from", "translation.date"),
    ]
)  # what they may say is known: a remark behind it cannot be meant as a part of it
_TEXTS = frozenset(["not_applicable"])  # tables that hold nothing but texts
_ONE_WORD = frozenset(["form", "handout", "handout_revision"])
_REMARK_BEHIND = re.compile(r"\s\s+#(\s|$)")
_REMARK_BELOW = re.compile(r"\s+#\S")  # a text that goes on in the next row, as its author sees it
_ROW = "Begin the file with a line ---, then 'key: value' lines, then a line ---."
Split = tuple[dict[str, object], Mapping[str, int], Mapping[str, str], str, int, list[Problem]]


def split_front_matter(text: str, path: Path) -> Split:
    """Parts a file into its front matter and its body.

    Returns values, lines and written forms by key, then the body and the line on which it starts, then problems.
    """
    rows = text.split("\n")
    try:
        end = _end(rows)
        values, lines, written, problems = _read("\n".join(rows[1:end]) + "\n", path)
    except _UnreadableError as error:
        return {}, {}, {}, "", 1, [BAD_FRONT_MATTER.found(str(path), *error.found)]
    return values, lines, written, "\n".join(rows[end + 1 :]), end + 2, problems


Found = tuple[int, str, str, str]
"""The line, message, remedy and sentence of a finding."""


class _UnreadableError(Exception):
    """Front matter cannot be read as a whole."""

    def __init__(self, line: int, message: str, remedy: str = _ROW, sentence: str = "") -> None:
        super().__init__(message)
        self.found: Found = (line, message, remedy, sentence[:MAX_SHOWN])


def _end(rows: Sequence[str]) -> int:
    """The place of the line that ends the front matter, from 0. Raises `_UnreadableError`."""
    if rows[0].strip() != "---":
        raise _UnreadableError(1, "The file does not begin with front matter.")
    end = next((number for number, row in enumerate(rows[1:], 1) if row.strip() == "---"), 0)
    if not end:
        raise _UnreadableError(1, "The front matter has no end.")
    return end


def _read(header: str, path: Path) -> tuple[dict[str, object], dict[str, int], dict[str, str], list[Problem]]:
    """Values, lines and written forms by key, and problems. Raises `_UnreadableError`."""
    _refuse_text(header)
    values: dict[str, object] = {}
    lines: dict[str, int] = {}
    written: dict[str, str] = {}
    problems: list[Problem] = []
    loader, rows = _Loader(header), header.split("\n")
    try:
        _refuse_marks(header)
        for key_node, value_node in _pairs(loader.get_single_node(), header):
            key, line = str(key_node.value), key_node.start_mark.line + 2
            if key in values:
                message = f"The key '{key}' stands twice."
                problems.append(BAD_FRONT_MATTER.found(str(path), line, message, "Delete one of the two."))
            lines[key] = line
            lines |= _inner_lines(key, value_node)
            written[key] = str(value_node.value) if isinstance(value_node, yaml.ScalarNode) else ""
            changed = list(_changed(key, value_node, rows))
            problems += (rule.found(str(path), *found) for rule, found in changed)
            try:
                values[key] = UNREADABLE if changed else loader.construct_object(value_node, deep=True)
            except _CANNOT_CONSTRUCT:
                values[key] = UNREADABLE
                problems.append(_bad_value(path, line, key, written[key], value_node.tag))
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or "it is not YAML"
        raise _blamed(header, mark.line if mark is not None else 0, reason) from error
    finally:
        loader.dispose()
    return values, lines, written, problems


def _pairs(node: yaml.Node | None, header: str) -> Sequence[tuple[yaml.Node, yaml.Node]]:
    """The keys and values of front matter. Raises `_UnreadableError`."""
    if node is None:
        return ()
    if not isinstance(node, yaml.MappingNode):
        raise _blamed(header, 0, "it is not a list of 'key: value' lines")
    if odd := next((key for key, _ in node.value if not isinstance(key, yaml.ScalarNode)), None):
        raise _UnreadableError(odd.start_mark.line + 2, "A key of the front matter is a list or a table.")
    return node.value  # type: ignore[no-any-return]


# Values that YAML would change ----------------------------------------------------------------------------------------


def _changed(name: str, node: yaml.Node, rows: Sequence[str], item: bool = False) -> Iterator[tuple[Rule, Found]]:
    """What YAML would make of a value that its author did not mean. `item`: it stands where only texts may stand."""
    if isinstance(node, yaml.ScalarNode):
        if not node.style or (item and node.style in "|>" and not node.value.strip()):  # without quotes
            yield from _changed_text(name, node, rows, item)
        return
    row, line = rows[node.start_mark.line], node.start_mark.line + 2
    if item:
        what = (
            "is a list" if isinstance(node, yaml.SequenceNode) else "holds a colon and a blank, which makes a key of it"
        )
        yield BAD_FRONT_MATTER, (line, f"An item of '{name}' {what}.", with_quotes(row), row.strip()[:MAX_SHOWN])
    elif isinstance(node, yaml.SequenceNode):
        for one in node.value:
            yield from _changed(name, one, rows, item=True)
    else:
        known: set[str] = set()
        for key, value in node.value:
            inner = f"{name}.{key.value}"
            if inner in known:
                message = f"The key '{inner}' stands twice."
                yield BAD_FRONT_MATTER, (key.start_mark.line + 2, message, "Delete one of the two.", "")
            known.add(inner)
            yield from _changed(inner, value, rows, item=name in _TEXTS)


def _changed_text(name: str, node: yaml.ScalarNode, rows: Sequence[str], item: bool) -> Iterator[tuple[Rule, Found]]:
    """What YAML cuts off a value without quotes, or reads in it that does not stand there."""
    what = f"An item of '{name}'" if item else f"The value of '{name}'"
    last = node.end_mark.line
    behind = rows[last][node.end_mark.column :]
    if not behind.strip() and _REMARK_BELOW.match(rows[min(last + 1, len(rows) - 1)]):
        behind = rows[last + 1]
    row = rows[last]
    sentence = row.strip()[:MAX_SHOWN]
    cut = behind.strip() if behind.lstrip().startswith("#") and name not in _CLOSED else ""
    if cut and not (name in _ONE_WORD and node.value and _REMARK_BEHIND.match(behind)):
        shown = cut if len(cut) <= 40 else f"{cut[:40]}…"
        message = f"{what} ends before '{shown}': YAML takes a blank and # as the begin of a remark."
        yield BAD_FRONT_MATTER, (last + 2, message, with_quotes(row), sentence)
    elif item and not node.value:
        yield WRONG_TYPE, (node.start_mark.line + 2, f"{what} is empty.", "Write it, or delete the row.", sentence)
    elif said := _read_as(node, item):
        remedy = "Write it in plain digits." if name in _CLOSED else with_quotes(row)
        message = f"{what} is written as {node.value}, and YAML reads {said}."
        yield WRONG_TYPE, (last + 2, message, remedy, sentence)


def _read_as(node: yaml.ScalarNode, item: bool) -> str:
    """As what YAML reads a value that is written without quotes, where it is not what stands there."""
    if node.tag == _NOTHING and node.value:
        return "nothing"
    if node.tag == _WHOLE and not re.fullmatch(r"0|-?[1-9][0-9]*", node.value):
        return "another number"
    if item and node.tag != _TEXT:
        return "a number, a day, or yes or no"
    return ""


# Front matter that is not YAML ----------------------------------------------------------------------------------------


def _blamed(header: str, place: int, reason: str) -> _UnreadableError:
    """The row that YAML stumbled over: the nearest one that looks odd, from where it gave up (from 0) upwards."""
    rows = header.split("\n")
    place = min(place, len(rows) - 1)
    for number in range(place, -1, -1):
        row = rows[number]
        if row[:1].strip() and not row.startswith(("#", "- ")) and not KEY_ROW.match(row):
            key, colon, value = row.partition(":")
            remedy = f"Write a blank behind the colon: {key}: {value}." if colon and NAME.fullmatch(key) else _ROW
            return _UnreadableError(number + 2, "The row is no 'key: value'.", remedy, row)
        if odd := oddity(row):
            key = key_at(rows, number)
            remedy = "Put blanks in place of the tab." if "tab" in odd else with_quotes(row)
            return _UnreadableError(
                number + 2,
                f"The value of '{key}' {odd}, which YAML does not read as text.",
                remedy,
                row.strip(),
            )
    last = next((number for number in range(place, -1, -1) if rows[number].strip()), 0)
    within = f"Put the whole value of '{key_at(rows, last)}' in quotes, in one row."
    remedy = within if rows[last][:1].isspace() else _ROW
    return _UnreadableError(last + 2, f"The front matter cannot be read: {reason}.", remedy, rows[last].strip())


def _refuse_text(header: str) -> None:
    """What has to be seen before YAML reads: how long it is, and letters that YAML takes for line ends."""
    if len(header) > MAX_HEADER:
        message = f"The front matter is longer than {MAX_HEADER:,} letters."
        raise _UnreadableError(2, message, "Write notes and texts below it.")
    if number := long_row(header):
        raise _UnreadableError(number + 1, f"The row is longer than {MAX_ROW:,} letters.", "Shorten it, or part it.")
    for number, row in enumerate(header.split("\n"), 2):
        if any(letter in row for letter in "\x85\u2028\u2029"):
            raise _UnreadableError(number, "The row holds a line end that nobody sees.", "Type the row again.")
        if row.partition(" ")[0] in ("...", "%YAML", "%TAG"):
            raise _UnreadableError(number, "The row is an order to YAML, and no 'key: value'.", "Delete it.", row)


def _refuse_marks(header: str) -> None:
    """What has no place in front matter: marks of YAML, which can grow without end or vanish, and deep nesting.

    It looks at events only, for building a deeply nested tree brings the YAML library down.
    """
    depth, rows = 0, header.split("\n")
    for event in yaml.parse(header, Loader=_Loader):
        mark: Any = event.start_mark
        tag = getattr(event, "tag", None) or ""
        sign = "*" if isinstance(event, yaml.AliasEvent) else "&" if getattr(event, "anchor", None) else tag[:1]
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if sign in ("*", "&", "!") or depth > MAX_DEPTH:
            row, key = rows[mark.line], key_at(rows, mark.line)
            message, remedy = f"The value of '{key}' is nested too deeply.", "Write a text, or a list of texts."
            if depth <= MAX_DEPTH:
                message = f"The value of '{key}' begins with {sign}, a mark of YAML ({sign}name)."
                remedy = with_quotes(row)
            raise _UnreadableError(mark.line + 2, message, remedy, row.strip())


def _inner_lines(key: str, node: yaml.Node) -> dict[str, int]:
    """On which line each key of a table stands, as `translation.date`."""
    inner = node.value if isinstance(node, yaml.MappingNode) else ()
    return {f"{key}.{name.value}": name.start_mark.line + 2 for name, _ in inner}


def _unfit_yaml(header: str) -> Found | None:
    """What has no place in front matter: marks of YAML, which can grow without end or vanish, and deep nesting.

    It looks at events only, for building a deeply nested tree brings the YAML library down.
    """
    depth, rows = 0, header.split("\n")
    for event in yaml.parse(header, Loader=_Loader):
        mark: Any = event.start_mark
        row, key = rows[min(mark.line, len(rows) - 1)], key_at(rows, mark.line)
        tag = getattr(event, "tag", None) or ""
        sign = "*" if isinstance(event, yaml.AliasEvent) else "&" if getattr(event, "anchor", None) else tag[:1]
        if sign in ("*", "&", "!"):
            message = f"The value of '{key}' begins with {sign}, a mark of YAML ({sign}name)."
            return mark.line + 2, message, with_quotes(row), row.strip()
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            return (
                mark.line + 2,
                f"The value of '{key}' is nested too deeply.",
                "Write plain text, or a list of texts.",
                "",
            )
    return None


def _bad_value(path: Path, line: int, key: str, written: str, tag: str) -> Problem:
    """The finding for a value that YAML cannot make anything of."""
    if tag == _TIMESTAMP and _DATE_LIKE.match(written):  # no calendar holds 2027-13-45
        message = f"'{key}' is not a date: {written}."
        remedy = "Write a day of the calendar as year-month-day, for example 2027-11-22."
        return BAD_DATE.found(str(path), line, message, remedy, written)
    # a mark of YAML that does not fit, such as !!bool maybe
    remedy = "Put the value in quotes, and write no marks such as !!."
    return BAD_FRONT_MATTER.found(str(path), line, f"The value of '{key}' cannot be read.", remedy, written)


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
