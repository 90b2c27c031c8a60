"""A `clinic.toml` becomes a clinic profile."""

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

import phonenumbers

from clinicpress.clinics import Branding, ClinicFact, ClinicProfile, Jurisdiction, Notice, Paper, Phone
from clinicpress.documents import KINDS, Kind
from clinicpress.documents.blocks import Asset
from clinicpress.errors import ContentError, Problem
from clinicpress.library.files import MAX_ROW, lies_in, long_row, read_text, toml_lines, toml_values
from clinicpress.library.jurisdictions import read_jurisdiction
from clinicpress.library.keys import Keys, nearest
from clinicpress.library.pictures import read_picture
from clinicpress.library.rosters.layout import read_layout
from clinicpress.library.rules import BAD_COLOR, BAD_FRONT_MATTER, BAD_PHONE, BAD_TYPEFACE, BROKEN_FIGURE, UNKNOWN_VALUE

_COLOR = re.compile(r"#[0-9a-fA-F]{6}")
_SAID_IN = re.compile(r"(?:\[([a-z]{2,3}(?:-[A-Za-z0-9]+)*)\] )?(.+)")  # [es] ¿Habla español?
INK = "#111111"
WIDEST_LOGO, TALLEST_LOGO = 8.0, 1 / 2  # width for height
DEFAULT_TYPEFACE = "Clinic Sans"


def read_clinic(path: Path, typefaces: Collection[str], kinds: Mapping[str, Kind] = KINDS) -> ClinicProfile:
    """The clinic profile in a TOML file. `typefaces` are the families that ship with the product.

    Raises `ContentError` with every problem of the file, `InputError` when it cannot be read.
    """
    profile, problems = examine_clinic(path, typefaces, kinds)
    if profile is None or problems:
        raise ContentError(problems)
    return profile


def examine_clinic(
    path: Path, typefaces: Collection[str], kinds: Mapping[str, Kind] = KINDS
) -> tuple[ClinicProfile | None, list[Problem]]:
    """A clinic profile as far as it can be read, and every problem that reading it found.

    Raises `InputError` when the file cannot be read.
    """
    text, problems = read_text(path)
    if not text and problems:
        return None, problems  # whatever else could be said would only follow from it
    if row := long_row(text):
        message = f"The row is longer than {MAX_ROW:,} letters."
        remedy = "Shorten it, or part it into several rows."
        return None, [*problems, BAD_FRONT_MATTER.found(str(path), row, message, remedy)]
    try:
        values = toml_values(text)
    except ValueError as error:
        found = re.search(r"line (\d+)", str(error))
        remedy = 'Write each entry as: name = "value".'
        message = f"The profile cannot be read: {error}."
        return None, [*problems, BAD_FRONT_MATTER.found(str(path), int(found[1]) if found else 1, message, remedy)]
    lines = toml_lines(text)
    keys = Keys(path, values, lines)
    named = keys.text("jurisdiction", required=False) or Jurisdiction().name
    jurisdiction, faults = read_jurisdiction(named, path, keys.line("jurisdiction"))
    problems += faults
    brand = Keys(path, _subtable(keys, "brand"), lines, "brand.")
    chart = Keys(path, _subtable(keys, "chart"), lines, "chart.")
    roster = Keys(path, _subtable(keys, "roster"), lines, "roster.")
    columns = _named(roster, "columns", lines)
    left_out = _named(roster, "leave_out", lines)
    procedures = _named(keys, "procedures", lines)
    region = keys.text("region", required=False) or HOME
    told = {name: Keys(path, _subtable(keys, name), lines, f"{name}.") for name in _FACTS}
    profile = ClinicProfile(
        name=keys.text("name"),
        legal_name=keys.text("legal_name", required=False),
        phone=_phone(keys, region),
        emergency=_emergency(region),
        facts=MappingProxyType(dict(_facts(told, region))),
        after_hours=keys.text("after_hours", required=False),
        address=keys.texts("address", required=False),
        website=keys.text("website", required=False),
        hours=keys.text("hours", required=False),
        footer=keys.text("footer", required=False),
        other_phones=keys.texts("other_phones", required=False),
        paper=keys.choice("paper", Paper, Paper.LETTER),
        branding=_branding(brand, path, typefaces),
        jurisdiction=jurisdiction,
        document_types=MappingProxyType(
            {str(kind): chart.text(kind, required=False) or kind.chart for kind in kinds.values()}
        ),
        language_notice=_notice(keys, path),
        roster=read_layout(roster, columns, left_out),
        procedures=MappingProxyType({name: _packet(procedures, name, kinds) for name in procedures.values}),
        kinds=kinds,
        file=path,
        lines=MappingProxyType(lines),
    )
    for table in (keys, brand, chart, roster, columns, left_out, procedures, *told.values()):
        table.refuse_unknown()
        problems += table.problems
    return profile, problems


def _notice(keys: Keys, path: Path) -> Notice | None:
    """The notice of language assistance in the file that the profile names, which lies beside it.

    Paragraphs stand between empty lines. One that begins with the tag of its language, `[es]`, is read aloud in it.
    """
    name = keys.text("language_notice", required=False)
    if not name:
        return None
    place = path.parent / name
    if not lies_in(place, path.parent):
        message = f"The notice {name if len(name) <= 60 else name[:60] + '…'} does not lie beside the profile."
        keys.refuse_value("language_notice", name, message, f"Put the file beside {path.name}, and write its name.")
        return None
    text, problems = read_text(place)
    keys.problems += problems
    paragraphs, line = [], 1
    for block in re.split(r"(\n\s*\n)", text):
        if said := _SAID_IN.fullmatch(" ".join(block.split())):
            paragraphs.append((said[1] or "", said[2], line + len(block) - len(block.lstrip("\n"))))
        line += block.count("\n")
    if any(unicodedata.bidirectional(character) in ("R", "AL") for character in text):
        message = "The notice holds words that run from right to left, which are not printed reliably yet."
        keys.refuse_value("language_notice", name, message, "Hand these languages out on a sheet of their own.")
    return Notice(place, tuple(paragraphs))


def _named(keys: Keys, name: str, lines: Mapping[str, int]) -> Keys:
    """A table whose keys are names of other people's: quotes and blanks are no part of them where lines are noted."""
    values, prefix = _subtable(keys, name), f"{keys.prefix}{name}."
    noted = {prefix + key: lines.get(prefix + re.sub(r"[\s\"']", "", key), lines.get(prefix[:-1], 0)) for key in values}
    return Keys(keys.path, values, noted, prefix)


def _packet(procedures: Keys, name: str, kinds: Collection[str]) -> tuple[str, ...]:
    """What is handed out for a procedure: topics, or `topic/kind`."""
    entries = procedures.texts(name)
    for entry in entries:
        topic, stroke, kind = (part.strip() for part in entry.partition("/"))
        if not topic or (stroke and kind not in kinds):
            message = f"'{entry}' is no document."
            procedures.refuse_value(name, entry, message, "Write topic, or topic/kind: topic/handout, topic/consent.")
    return entries


def _subtable(keys: Keys, name: str) -> Mapping[str, object]:
    """A [table] of the file; an empty one when it is not there."""
    value = keys.values.get(name)
    keys.table(name) if not isinstance(value, dict) else keys.known(name)
    return value if isinstance(value, dict) else {}


HOME = "US"  # the country of a phone number, where the profile does not say
_EMERGENCY = ("911", "999", "000", "111", "112")  # 112 rings in many countries beside their own
_FACTS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "privacy": {"officer": "text", "phone": "phone", "notice_date": "day"},
        "billing": {"phone": "phone"},
        "portal": {"name": "text"},
        "policy": {"no_show_fee": "text", "no_show_hours": "number", "records_days": "number"},
    }
)
"""What only texts name, by the tables of a profile: what each value is."""
_USUAL = {"no_show_hours": 24, "records_days": 30}


def _facts(tables: Mapping[str, Keys], region: str) -> Iterator[tuple[str, ClinicFact]]:
    """What only texts name. A value that is not said is not there: then no text can name it."""
    for table, keys in tables.items():
        for key, kind in _FACTS[table].items():
            value: ClinicFact
            if keys.values.get(key, "") == "":
                keys.known(key)
                continue
            if kind == "phone":
                value = _phone(keys, region)
            elif kind == "day":
                value = keys.date(key)
            elif kind == "number":
                value = keys.number(key, 1, 999, _USUAL[key])
            else:
                value = keys.text(key)
                if "{" in value or "}" in value:
                    message = f"The value of '{table}.{key}' holds a brace, which would print."
                    keys.refuse_value(key, value, message, "Write plain words: nothing is put in for a name in braces.")
            yield f"{table}.{key}", value


def _emergency(region: str) -> str:
    """The number for emergencies that people of a country know."""
    known = (one for one in _EMERGENCY if phonenumbers.is_emergency_number(one, region))
    return next(known, _EMERGENCY[-1])


def _phone(keys: Keys, region: str) -> Phone:
    """The phone number, checked against the numbering plan of its region (`region`, a country code; default US)."""
    written = keys.text("phone")

    def bad(reason: str) -> Phone:
        remedy = "Write it as people dial it, for example (503) 691-2000, or with its country, +1 503 691 2000."
        keys.problems.append(BAD_PHONE.found(keys.file, keys.line("phone"), reason, remedy, written))
        return Phone(written, "")

    if not written:
        return Phone("", "")
    if region not in phonenumbers.SUPPORTED_REGIONS:
        message = f"'{region}' is not the code of a country."
        problem = UNKNOWN_VALUE.found(keys.file, keys.line("region"), message, "Write two capital letters: US.", region)
        keys.problems.append(problem)
        return Phone(written, "")
    try:
        number = phonenumbers.parse(written, region)
    except phonenumbers.NumberParseException:
        return bad(f"'{written}' is not a phone number.")
    if phonenumbers.is_possible_number_with_reason(number) != phonenumbers.ValidationResult.IS_POSSIBLE:
        return bad(f"'{written}' has too many or too few digits.")
    home = phonenumbers.country_code_for_region(region) == number.country_code
    style = phonenumbers.PhoneNumberFormat.NATIONAL if home else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return Phone(
        phonenumbers.format_number(number, style),
        phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.RFC3966),
    )


def _branding(brand: Keys, path: Path, typefaces: Collection[str]) -> Branding:
    color = brand.text("color", required=False) or INK
    if not _COLOR.fullmatch(color):
        message = f"'{color}' is not a colour."
        brand.problems.append(BAD_COLOR.found(str(path), brand.line("color"), message, "Write it as #0b4a56.", color))
        color = INK
    typeface = brand.text("typeface", required=False) or DEFAULT_TYPEFACE
    if typeface not in typefaces:
        message = f"The typeface '{typeface}' does not ship with the product."
        remedy = nearest(typeface, typefaces)
        brand.problems.append(BAD_TYPEFACE.found(str(path), brand.line("typeface"), message, remedy, typeface))
    logo: Asset | None = None
    name = brand.text("logo", required=False)
    if name:
        logo, problems = read_picture(path.parent / name, path.parent, (str(path), brand.line("logo")))
        brand.problems += problems
        if logo and not TALLEST_LOGO <= logo.size[0] / logo.size[1] <= WIDEST_LOGO:
            most = (
                f"{WIDEST_LOGO:.0f} times as wide as high" if logo.size[0] > logo.size[1] else "twice as high as wide"
            )
            message = f"The logo {logo.name} is more than {most}."
            remedy = "Take a form of it that is nearer to a square: at the head of a page it would be too small to see."
            brand.problems.append(BROKEN_FIGURE.found(str(path), brand.line("logo"), message, remedy, name))
    return Branding(color.lower(), typeface, logo)
