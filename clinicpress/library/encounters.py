"""A patient file (JSON) and `--set` become the values of a form's fields, checked against the form."""

import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from clinicpress.clinics import FontFace
from clinicpress.documents import BLOCKS, Document, Field, FieldKind
from clinicpress.errors import ContentError, InputError, Problem, Rule
from clinicpress.files import read_file
from clinicpress.json_text import JsonError, read_json
from clinicpress.letters import JOINERS
from clinicpress.library.fonts import faces_for, script_of
from clinicpress.library.keys import nearest
from clinicpress.library.rules import BAD_VALUE, NO_GLYPH_FOR_VALUE, UNKNOWN_FIELD
from clinicpress.visits import FACTS, NO_DAY, NO_TIME, Encounter, day_of, impossible, is_time
from clinicpress.words import words_in

MAX_FILE = 100_000  # bytes: one patient's facts
MOST_FORMS = 200  # whose fields are kept at hand
Refusal = Callable[[str, str], tuple[str, list[Problem]]]
_STANDARD = {one.name: one for block in BLOCKS.values() for field in block.fields for one in field.places()}


def read_encounter(path: Path | None, settings: Sequence[str], form: Document, own: FontFace, today: date) -> Encounter:
    """The values for a form from a patient file and from `name=value` settings, which come after it.

    `own` is the typeface that values are set in; other scripts need one that was added. Raises `ContentError` with
    every problem, and `InputError` when the file cannot be read.
    """
    source = str(path) if path else "--set"
    given: dict[str, object] = {}
    problems: list[Problem] = []
    if path is not None:
        given, problems = _from_file(path)
    told: dict[str, int] = {}
    for number, setting in enumerate(settings, 1):
        key, equals, written = setting.partition("=")
        if not equals:  # what was written may be a fact about a person, so it is not repeated
            message = f"The --set number {number} has no '='. Write it as name=value: --set patient.mrn=0012345."
            raise InputError(message)
        if (earlier := told.setdefault(key.strip(), number)) != number:
            raise InputError(f"The --set numbers {earlier} and {number} are of one field. Leave out one of the two.")
        given[key.strip()] = written
    if problems:
        raise ContentError(problems)
    given = {name: _trimmed(value) if isinstance(value, str) else value for name, value in given.items()}
    known = {*FACTS, *_STANDARD, *_fields_of(form)}
    texts = {name: value for name, value in given.items() if isinstance(value, str) and name in known}
    for one in impossible(texts, today):
        problems.append(BAD_VALUE.found(source, 0, f"{one.fact}: {one.message}", one.remedy))
        given.pop(one.fact, None)
    try:
        encounter = encounter_of(given, source, form, own)
    except ContentError as error:
        raise ContentError([*problems, *error.problems]) from error
    if problems:
        raise ContentError(problems)
    return encounter


def encounter_of(facts: Mapping[str, object], source: str, form: Document, own: FontFace, row: int = 0) -> Encounter:
    """The values for a form from the facts of one visit that is possible (`visits`), each checked against the form.

    `source` is a file, and `row` the row of a roster, for findings. Raises `ContentError` with every problem.
    """
    fields = _fields_of(form)
    plain = _ascii_letters(own)
    odd = {
        name: unicodedata.normalize("NFC", text)
        for name, text in facts.items()
        if isinstance(text, str)
        and not (text.isprintable() and (plain if text.isascii() else _has_all_letters(own, text)))
    }
    faces = faces_for(odd.values(), own, str(facts.get("patient.language", ""))) if odd else ()
    problems: list[Problem] = []
    values: dict[str, str] = {}
    for name, value in facts.items():
        one = fields.get(name) or _STANDARD.get(name)
        if one is None and name not in FACTS:
            message = f"No field and no fact is called '{name}'."
            problems.append(UNKNOWN_FIELD.found(source, row, message, nearest(name, [*fields, *FACTS])))
            continue
        text = ""
        if isinstance(value, str) and name not in odd and value == value.strip():
            text = _at_once(one, name, value, form.language)
        if not text:
            text, faults = _printed(one, name, value, (source, row), (own, *faces), language=form.language)
            problems += faults
        if name in fields and text:
            values[name] = text
    credential = facts.get("clinician.credential")
    if isinstance(credential, str) and "clinician.name" in values:
        values["clinician.name"] += f", {unicodedata.normalize('NFC', credential.strip())}"
    if problems:
        raise ContentError(problems)
    needed: tuple[FontFace, ...] = ()
    if faces:
        used = {character for value in values.values() for character in value}
        needed = tuple(
            face for face in faces if any(face.writes(character) and not own.writes(character) for character in used)
        )
    return Encounter(MappingProxyType(values), f"{source} row {row}" if row else source, needed)


def _at_once(one: Field | None, name: str, text: str, language: str) -> str:
    """The printed form of a plain text of the usual kinds; nothing when a closer look has to tell.

    A morning has thousands of rows: here nothing is made that is not needed.
    """
    kind = one.kind if one is not None else FieldKind.DATE if name == "encounter.date" else FieldKind.TEXT
    if kind is FieldKind.TEXT:
        return "" if one is not None and 0 < one.max_length < len(text) else text
    if kind is FieldKind.DATE:
        return _short_day(text, language)
    return ""


@lru_cache(maxsize=4_096)
def _short_day(text: str, language: str) -> str:
    """A day, written year-month-day, as a language writes it; nothing when it is none."""
    day = day_of(text)
    return words_in(language).short_day(day) if day else ""


_FORMS: dict[int, tuple[Document, Mapping[str, Field]]] = {}
"""The fields of forms by their names. A form is long to compare, so it is known by its identity, and kept with it."""


def _fields_of(form: Document) -> Mapping[str, Field]:
    """The fields of a form by their names, made once for a form."""
    known = _FORMS.get(id(form))
    if known is None or known[0] is not form:
        if len(_FORMS) >= MOST_FORMS:
            _FORMS.clear()
        known = _FORMS[id(form)] = (form, {one.name: one for one in form.fields()})
    return known[1]


def _has_all_letters(own: FontFace, text: str) -> bool:
    """Whether a typeface has a drawing for each character of a text, whose accents are in one piece with letters."""
    return own.coverage.issuperset(map(ord, text)) and unicodedata.is_normalized("NFC", text)


@lru_cache(maxsize=10)
def _ascii_letters(own: FontFace) -> bool:
    """Whether a typeface draws every printable character of ASCII."""
    return all(own.writes(chr(code)) for code in range(0x20, 0x7F))


def _from_file(path: Path) -> tuple[dict[str, object], list[Problem]]:
    """The facts of a patient file by dotted names."""
    try:
        data = read_file(path, MAX_FILE)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}. Check the name and who may read it.") from error
    remedy = 'Write {"patient": {"name": "…"}, "encounter": {…}, "clinician": {…}} in UTF-8.'
    if len(data) > MAX_FILE:
        return {}, [BAD_VALUE.found(str(path), 0, "The patient file is larger than 100 kB.", remedy)]
    try:
        tree = read_json(data)
    except JsonError as error:
        message = f"The patient file cannot be read: {error.sentence}."
        remedy = "Delete one of the two." if error.twice else remedy
        return {}, [BAD_VALUE.found(str(path), error.line, message, remedy)]
    if not isinstance(tree, dict):
        return {}, [BAD_VALUE.found(str(path), 1, "The patient file is not a table of facts.", remedy)]
    facts: dict[str, object] = {}
    problems = []
    for name, value in _dotted(tree):
        if name in facts:  # once as {"patient": {"name": …}}, once as "patient.name"
            message = f"{name if name in _STANDARD or name in FACTS else 'A fact'} is told twice."
            problems.append(BAD_VALUE.found(str(path), 0, message, "Delete one of the two."))
        facts[name] = value
    return facts, problems


def _dotted(tree: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, object]]:
    for key, value in tree.items():
        if isinstance(value, dict):
            yield from _dotted(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value


def _printed(
    one: Field | None, name: str, value: object, place: tuple[str, int], faces: Sequence[FontFace], *, language: str
) -> tuple[str, list[Problem]]:
    """A value as it is printed. No finding repeats the value: it may be a fact about a person."""

    def bad(message: str, remedy: str, rule: Rule = BAD_VALUE) -> tuple[str, list[Problem]]:
        return "", [rule.found(*place, f"{name}: {message}", remedy)]

    if value is None:
        return "", []
    if one is not None and one.kind is FieldKind.TICK:
        if isinstance(value, bool) or value in ("true", "false"):
            return ("yes" if value in (True, "true") else ""), []
        return bad("a tick is true or false.", "Write true or false.")
    if one is not None and one.kind is FieldKind.SCALE and isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        return bad("the value is not text.", 'Put it in quotes, "0012345": then leading zeros stay.')
    text = _trimmed(value)
    for character in text:
        if character not in "\n" + JOINERS and not any(face.writes(character) for face in faces):
            shown = f"{character} (U+{ord(character):04X}, {unicodedata.name(character, 'no name')})"
            return bad(f"no font of ours has the character {shown}.", _remedy_for(character), NO_GLYPH_FOR_VALUE)
    return _by_kind(one, name, text, language, bad)


def _by_kind(one: Field | None, name: str, text: str, language: str, bad: Refusal) -> tuple[str, list[Problem]]:  # noqa: C901
    """The printed form of a text that is clean, by the kind of its field."""
    kind = one.kind if one else FieldKind.DATE if name == "encounter.date" else FieldKind.TEXT
    match kind:
        case FieldKind.SIGNATURE | FieldKind.INITIALS:
            return bad("a person signs here; it cannot be filled from data.", "Take it out.")
        case FieldKind.DATE:
            if not (day := _short_day(text, language)):
                return bad(*NO_DAY)
            return day, []
        case FieldKind.TIME:
            if not is_time(text):
                return bad(*NO_TIME)
        case FieldKind.CHOICE | FieldKind.SCALE | FieldKind.LIST:
            options = one.options if one else ()
            choices = {option.lower(): option for option in options}
            if name in _STANDARD:  # a patient file says "left", whatever the language of the form
                english = (option.lower() for option in _STANDARD[name].options)
                choices |= dict(zip(english, options, strict=True))
            if text.lower() not in choices:
                return bad("this is none of the choices.", nearest(text.lower(), list(choices)))
            return choices[text.lower()], []
        case FieldKind.TEXT:
            if "\n" in text:
                return bad("the value has more than one line.", "Write it in one line.")
    if one is not None and one.max_length and len(text) > one.max_length:
        return bad(f"the value has {len(text)} characters; {one.max_length} fit.", "Shorten it.")
    return text, []


def _trimmed(value: str) -> str:
    """A value without blanks around it, its letters and their accents in one piece."""
    return unicodedata.normalize("NFC", value.strip())


def _remedy_for(character: str) -> str:
    """Which typeface to add for a character."""
    script = script_of(character)
    if script is not None and script.path is None:
        return f"Run 'make more-fonts' once: it adds {script.name} letters (the package {script.package})."
    return "Write it with other letters, or write it by hand on the printed form."
