"""The kinds of paper that a clinic has: those that ship, and its own, each a TOML file in `kinds/` by its profile."""

import os
import re
import tomllib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from clinicpress.documents import KINDS, BlockPlace, FieldKind, Kind
from clinicpress.documents.kinds import ROW_KEYS, in_order, merged
from clinicpress.documents.wordings import classes, faults_of
from clinicpress.errors import Problem
from clinicpress.library.files import long_row, read_text, toml_values
from clinicpress.library.keys import Keys, nearest
from clinicpress.library.rules import BAD_KIND

KINDS_FOLDER = "kinds"
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_MARKS = {  # what a test of an element may say, and of what type
    **dict.fromkeys(
        ("role", "says", "in", "topic", "block", "field", "kind", "option", "of", "field_like", "key"), str
    ),
    **dict.fromkeys(("alone", "person"), str),
    **dict.fromkeys(("items", "sentences"), int),
    **dict.fromkeys(("required", "denied"), bool),
    "unless": Mapping,
    "either": Sequence,
}
_EVERY_KEY = ("title", "form", "effective", "review_by", "author", "sources")  # in the header of every text
_ROLES_OF_PEOPLE = ("clinician", "manager")
_RULE = re.compile(r"[A-Z]\d\d")


def read_kinds(folder: Path) -> tuple[Mapping[str, Kind], list[Problem]]:
    """The kinds of a clinic, by name, in the order of a packet; and what is wrong with the files of its own.

    A faulty kind is left out, so that nothing is read or printed by it.
    """
    paths = sorted(folder.glob("*.toml")) if os.path.isdir(folder) else []  # noqa: PTH112  Path.is_dir() fails for a name that is too long
    if not paths:
        return KINDS, []
    rows: dict[str, tuple[Path, dict[str, Any], str]] = {}
    problems: list[Problem] = []
    for path in paths:
        text, faults = read_text(path)
        problems += faults
        try:
            values = {} if long_row(text) else toml_values(text)
        except tomllib.TOMLDecodeError as error:
            found = re.search(r"line (\d+)", str(error))
            message = f"The kind cannot be read: {error}."
            remedy = "Correct the line; the shipped kinds show how one is written."
            problems.append(BAD_KIND.found(str(path), int(found[1]) if found else 1, message, remedy))
            continue
        if text:
            rows[path.stem] = path, values, text
    own = []
    for name, (path, values, text) in rows.items():
        faults = list(_faults(name, path, values, text, rows))
        problems += faults
        if not faults:
            own.append(Kind(name, _whole(values, rows)))
    return in_order((*KINDS.values(), *own)), problems


def _whole(values: Mapping[str, Any], rows: Mapping[str, tuple[Path, dict[str, Any], str]]) -> Mapping[str, Any]:
    """A row with all that it takes from the one that it extends."""
    wider = values.get("extends")
    if wider is None:
        return values
    return merged(values, KINDS[wider].row if wider in KINDS else _whole(rows[wider][1], rows))


def _faults(
    name: str, path: Path, values: Mapping[str, Any], text: str, rows: Mapping[str, tuple[Path, dict[str, Any], str]]
) -> Iterator[Problem]:
    """What is wrong with a kind of the clinic's own. What follows from another fault is not told."""

    def told(word: str, message: str, remedy: str) -> Problem:
        line = next((number for number, row in enumerate(text.split("\n"), 1) if word and word in row), 1)
        return BAD_KIND.found(str(path), line, message, remedy, word)

    if not _NAME.fullmatch(name):
        yield told(
            "", f"'{name}' is no name for a kind.", "Take small letters, digits and '-', for example sports-form."
        )
        return
    if name in KINDS:
        remedy = f'Give the file another name, and write extends = "{name}" in it.'
        yield told("", f"The kind '{name}' ships with the program.", remedy)
        return
    seen, wider = [name], values.get("extends")
    while wider is not None and wider not in KINDS:
        if wider in seen:
            yield told("extends", f"The kind '{name}' extends itself.", "Let it extend a kind that ships, or none.")
            return
        if wider not in rows:
            advice = nearest(str(wider), [*KINDS, *rows])
            yield told("extends", f"There is no kind '{wider}' to extend.", advice)
            return
        seen.append(wider)
        wider = rows[wider][1].get("extends")
    faults = list(_weakened(values, _whole(values, rows), wider, told))
    if not faults:
        faults = list(_unfit(_whole(values, rows), values, told))
    yield from faults


Told = Callable[[str, str, str], Problem]


def _weakened(values: Mapping[str, Any], whole: Mapping[str, Any], wider: str | None, told: Told) -> Iterator[Problem]:
    """A clinic may add to what a kind has to say; what every such paper needs is not its own to take away."""
    core = {code for code, one in KINDS[wider].elements.items() if one.core} if wider else set()
    remedy = "Put it back; a jurisdiction may weigh it otherwise, with a reason (docs/clinic.md)."
    for code in sorted(core):
        if code in values.get("without", ()) or code in values.get("elements", {}):
            yield told(code, f"{code} is a core element of '{wider}' and cannot be changed here.", remedy)
        elif code in values.get("off", {}):
            yield told(code, f"{code} is a core element of '{wider}' and cannot be switched off here.", remedy)
    if not whole:
        yield told("", "The file is empty.", 'Write at least shape = "form", called = "…" and the roles.')


def _unfit(whole: Mapping[str, Any], values: Mapping[str, Any], told: Told) -> Iterator[Problem]:
    """Keys, roles, blocks, turns of phrase and checkers that nobody knows."""
    for key in values:
        if key not in ROW_KEYS:
            yield told(key, f"The key '{key}' is unknown.", nearest(key, ROW_KEYS))
    missing = [key for key in ("shape", "called") if not isinstance(whole.get(key), str)]
    if missing:
        yield told("", f"The kind does not say '{missing[0]}'.", f'Write {missing[0]} = "…".')
        return
    kind = _understood(whole)
    if not isinstance(kind, Kind):
        yield told("", f"The kind cannot be understood: {kind}.", "Compare it with one that ships (kinds --explain).")
        return
    yield from _unknown_names(kind, values, told)
    for name, fault in ((name, fault) for name, row in kind.phrases.items() for fault in faults_of(row)):
        yield told(f"phrases.{name}", f"The turn of phrase '{name}' {fault}.", "Correct it; see docs/kinds.md.")
    named = {*(name for rows in classes().values() for name in rows), *kind.phrases}
    for code, element in kind.elements.items():
        if not element.tests and code in values.get("elements", {}):
            yield told(code, f"{code} has no test, so nobody would look for it.", "Write any, all or never = [{…}].")
        for test in (each for tests in element.tests.values() for one in tests for each in _with_held(one)):
            yield from _unfit_test(code, test, kind, named, told)


def _understood(whole: Mapping[str, Any]) -> Kind | str:
    """The kind of a row, or why there is none."""
    try:
        kind = Kind("own", whole)
        lists: tuple[object, ...] = (kind.blocks, kind.allowed, kind.approve_by, kind.keys)
        if len(kind.grades) not in (0, 2):
            return "grades are two numbers, [8.0, 10.0]"
        if not all(isinstance(one, tuple) for one in lists):
            return "blocks, allowed, approve_by and keys are lists"
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        return str(error).replace("SectionRole.__init__() got an unexpected keyword argument", "a role has no")
    return kind


def _unknown_names(kind: Kind, values: Mapping[str, Any], told: Told) -> Iterator[Problem]:
    """Names in a row that stand for nothing: blocks, places, people, rules, and what it does without."""
    wider = KINDS.get(str(values.get("extends")))
    there = (
        (*wider.roles, *wider.known_blocks, *wider.own_keys, *wider.keys, *wider.elements, *wider.places)
        if wider
        else ()
    )
    for asked, names, what in (
        ((*kind.blocks, *kind.allowed, *filter(None, (kind.signed_in,))), kind.known_blocks, "block"),
        (kind.places, [str(one) for one in BlockPlace if one.headed], "place"),
        (kind.approve_by, _ROLES_OF_PEOPLE, "person to approve"),
        (() if wider is None else values.get("without", ()), there, "part to do without"),
    ):
        for name in asked:
            if name not in names:
                yield told(name, f"There is no {what} '{name}'.", nearest(str(name), names))
    for code in kind.off:
        if not _RULE.fullmatch(code):
            yield told(code, f"'{code}' is no code of a rule.", "Write one as check shows it, for example L12.")


def _with_held(test: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """A test, and those that it holds."""
    yield test
    for one in (*test.get("either", ()), *filter(None, (test.get("unless"),))):
        yield from _with_held(one)


def _unfit_test(
    code: str, test: Mapping[str, Any], kind: Kind, named: Collection[str], told: Told
) -> Iterator[Problem]:
    """What is wrong with one test of an element."""
    for mark, value in test.items():
        if mark not in _MARKS:
            yield told(code, f"{code} asks '{mark}', which is no test.", nearest(mark, _MARKS))
        elif not isinstance(value, _MARKS[mark]):
            yield told(code, f"{code} says {mark} = {value!r}.", f"It takes a {_MARKS[mark].__name__}.")
    roles = [one.strip() for mark in ("role", "in") for one in str(test.get(mark, "")).split("|") if one.strip()]
    for role in roles:
        if role not in (*kind.roles, "anywhere", "opening"):
            yield told(code, f"{code} names the role '{role}', which the kind has not.", nearest(role, kind.roles))
    for name in (one.strip() for one in str(test.get("says", "")).split("|") if one.strip()):
        if name not in named:
            yield told(code, f"{code} names the turn of phrase '{name}', which is unknown.", nearest(name, named))
    keys = (*_EVERY_KEY, *kind.own_keys, *kind.keys)
    for mark, names in (("block", kind.known_blocks), ("kind", tuple(map(str, FieldKind))), ("key", keys)):
        if mark in test and test[mark] not in names:
            yield told(code, f"{code} names the {mark} '{test[mark]}', which is unknown.", nearest(test[mark], names))


# What the front matter of a kind has beside ---------------------------------------------------------------------------


def own_values(kind: Kind, keys: Keys) -> Mapping[str, Any]:
    """What the front matter says under the keys of the kind's own. What is not there, or not right, is left out."""
    values: dict[str, Any] = {}
    for key, facts in kind.own_keys.items():
        if key in keys.values or facts.get("required"):
            value = _READ[facts.get("type", "text")](keys, key, facts)
            if key in keys.values and value not in ("", ()):
                values[key] = value
        else:
            keys.known(key)
    return MappingProxyType(values)


def _several(keys: Keys, key: str, facts: Mapping[str, Any]) -> tuple[str, ...]:
    words = keys.texts(key, required=bool(facts.get("required")))
    for word in words:
        if word not in facts["of"]:
            keys.unknown_value(key, word, facts["of"])
    return words


_READ: Mapping[str, Callable[[Keys, str, Mapping[str, Any]], Any]] = {
    "text": lambda keys, key, facts: keys.text(key, required=bool(facts.get("required"))),
    "date": lambda keys, key, facts: keys.date(key, required=bool(facts.get("required"))),
    "flag": lambda keys, key, _: keys.flag(key),
    "number": lambda keys, key, facts: keys.number(key, facts["of"][0], facts["of"][1], facts["of"][0]),
    "choice": lambda keys, key, facts: keys.word(key, facts["of"], None if facts.get("required") else facts["of"][0]),
    "several": _several,
}
