"""Parts a document into its front matter and its body (the only door to YAML)."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from clinicpress.errors import Problem
from clinicpress.library.keys import UNREADABLE
from clinicpress.library.rules import BAD_DATE, BAD_FRONT_MATTER

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
MAX_DEPTH = 5  # lists and tables within each other; ours need two
_TIMESTAMP = "tag:yaml.org,2002:timestamp"
_DATE_LIKE = re.compile(r"\d{4}-")
_CANNOT_CONSTRUCT = (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError, yaml.YAMLError)
Split = tuple[dict[str, object], Mapping[str, int], Mapping[str, str], str, int, list[Problem]]


def split_front_matter(text: str, path: Path) -> Split:
    """Parts a file into its front matter and its body.

    Returns values, lines and written forms by key, then the body and the line on which it starts, then problems.
    """

    def fault(line: int, message: str) -> Split:
        remedy = "Begin the file with a line ---, then 'key: value' lines, then a line ---."
        return {}, {}, {}, "", 1, [BAD_FRONT_MATTER.found(str(path), line, message, remedy)]

    rows = text.split("\n")
    if rows[0].strip() != "---":
        return fault(1, "The file does not begin with front matter.")
    try:
        end = next(number for number, row in enumerate(rows[1:], 1) if row.strip() == "---")
    except StopIteration:
        return fault(1, "The front matter has no end.")
    header = "\n".join(rows[1:end]) + "\n"
    loader = _Loader(header)
    values: dict[str, object] = {}
    lines: dict[str, int] = {}
    written: dict[str, str] = {}
    problems: list[Problem] = []
    try:
        if unfit := _unfit_yaml(header):
            return fault(*unfit)
        node = loader.get_single_node()
        if node is not None and not isinstance(node, yaml.MappingNode):
            return fault(2, "The front matter is not a list of 'key: value' lines.")
        for key_node, value_node in node.value if node is not None else ():
            key, line = str(key_node.value), key_node.start_mark.line + 2
            if key in values:
                message = f"The key '{key}' stands twice."
                problems.append(BAD_FRONT_MATTER.found(str(path), line, message, "Delete one of the two."))
            lines[key] = line
            lines |= _inner_lines(key, value_node)
            written[key] = str(value_node.value) if isinstance(value_node, yaml.ScalarNode) else ""
            try:
                values[key] = loader.construct_object(value_node, deep=True)
            except _CANNOT_CONSTRUCT:
                values[key] = UNREADABLE
                problems.append(_bad_value(path, line, key, written[key], value_node.tag))
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or "it is not YAML"
        return fault(mark.line + 2 if mark is not None else 1, f"The front matter cannot be read: {reason}.")
    finally:
        loader.dispose()
    return values, lines, written, "\n".join(rows[end + 1 :]), end + 2, problems


def _inner_lines(key: str, node: yaml.Node) -> dict[str, int]:
    """On which line each key of a table stands, as `translation.date`."""
    inner = node.value if isinstance(node, yaml.MappingNode) else ()
    return {f"{key}.{name.value}": name.start_mark.line + 2 for name, _ in inner}


def _unfit_yaml(header: str) -> tuple[int, str] | None:
    """The line and name of what has no place in front matter: aliases, which can grow without end, and deep nesting.

    It looks at events only, for building a deeply nested tree brings the YAML library down.
    """
    depth = 0
    for event in yaml.parse(header, Loader=_Loader):
        mark: Any = event.start_mark
        if isinstance(event, yaml.AliasEvent):
            return mark.line + 2, "The front matter uses YAML aliases (*name)."
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            row = header.split("\n")[mark.line]
            return mark.line + 2, f"The value of '{row.partition(':')[0].strip()}' is nested too deeply."
    return None


def _bad_value(path: Path, line: int, key: str, written: str, tag: str) -> Problem:
    """The finding for a value that YAML cannot make anything of."""
    if tag == _TIMESTAMP and _DATE_LIKE.match(written):  # no calendar holds 2027-13-45
        message = f"'{key}' is not a date: {written}."
        remedy = "Write a day of the calendar as year-month-day, for example 2027-11-22."
        return BAD_DATE.found(str(path), line, message, remedy, written)
    # a mark of YAML that does not fit, such as !!bool maybe
    remedy = 'Write it without marks such as !!, text in quotes: "…".'
    return BAD_FRONT_MATTER.found(str(path), line, f"The value of '{key}' cannot be read.", remedy, written)
