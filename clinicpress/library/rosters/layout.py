"""What a row of a roster is, and which column holds which fact: profile, `--map` and header say so."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from clinicpress.clinics import RosterLayout
from clinicpress.errors import InputError
from clinicpress.letters import folded
from clinicpress.library.keys import Keys, nearest
from clinicpress.visits import LONGEST

MAX_CELL = LONGEST  # characters: a cell holds one fact at most
MAX_COLUMNS = 200


class CellContent(StrEnum):
    """What a cell holds that is not plain text; the value is how a finding says it."""

    FORMULA = "a formula, whose result may be old"
    ERROR = "an error of the spreadsheet"
    NUMBER = "a number"
    FRACTION = "a number that is not whole"
    LONG_NUMBER = "a number of more than 15 digits, of which a spreadsheet forgets the last"
    SHAPED = "a number that the sheet shows in a form of its own"
    DAY = "a date"
    NO_DAY = "a date that is none"
    TRUTH = "true or false"
    NESTED = "a list or a table"


class RosterLine(NamedTuple):
    """A row: its number as a person counts it, its cells, what some of them hold, and what is wrong with it as a whole.

    `fault` is why it cannot be parted into cells, and what to do; then the cells are the row as far as it was read.
    """

    row: int
    cells: list[str]
    held: Mapping[int, CellContent] = MappingProxyType({})
    fault: tuple[str, str] | None = None


FIELDS = MappingProxyType(
    {
        "mrn": "patient.mrn",
        "name": "patient.name",
        "given": "",
        "family": "",
        "birth_date": "patient.birth_date",
        "language": "patient.language",
        "appointment": "",
        "date": "encounter.date",
        "time": "encounter.time",
        "procedure": "encounter.procedure",
        "site": "encounter.site",
        "side": "encounter.side",
        "clinician": "clinician.name",
        "credential": "clinician.credential",
    }
)
"""Our columns, each with the fact that it holds as it stands."""
OTHER_NAMES = {"dob": "birth_date", **{fact: name for name, fact in FIELDS.items() if fact}}
KNOWN = (*FIELDS, "dob")
DATE_FORMATS = MappingProxyType(
    {
        **dict.fromkeys(("MM/DD/YYYY", "M/D/YYYY"), ("/", "mdy")),
        **dict.fromkeys(("DD/MM/YYYY", "D/M/YYYY"), ("/", "dmy")),
        **dict.fromkeys(("DD.MM.YYYY", "D.M.YYYY"), (".", "dmy")),
        **dict.fromkeys(("MM-DD-YYYY", "M-D-YYYY"), ("-", "mdy")),
        **dict.fromkeys(("DD-MM-YYYY", "D-M-YYYY"), ("-", "dmy")),
        "YYYY/MM/DD": ("/", "ymd"),
    }
)
"""Forms of dates that a profile may name: what stands between the parts, and their order."""
ENCODINGS = (
    *("utf-8", "utf-16", "utf-16-le", "utf-16-be", "windows-1250", "windows-1251", "windows-1252", "windows-1253"),
    *("windows-1254", "windows-1257", "iso-8859-1", "iso-8859-2", "iso-8859-15", "macintosh"),
)
"""How the letters of a roster may be stored, by the names of IANA. `cp1252` means windows-1252, and so on."""
DELIMITERS = MappingProxyType({",": ",", ";": ";", "|": "|", "\t": "\t", "tab": "\t"})
ALTERNATIVES = (
    ("mrn", ("mrn",)),
    ("name (or given and family)", ("name", "given", "family")),
    ("birth_date", ("birth_date",)),
    ("appointment (or date)", ("appointment", "date")),
    ("procedure", ("procedure",)),
)
"""What every roster needs: how to say it, and the columns of which one will do."""
CLASHES = (("name", "given"), ("name", "family"), ("appointment", "date"))
_BLANKS = re.compile(r"[\s_-]+")


def plain(header: str) -> str:
    """A header as it is compared: without blanks, strokes and capitals."""
    return _BLANKS.sub("", header.casefold())


_BY_HEADER = {plain(name): name for name in FIELDS} | {plain(name): to for name, to in OTHER_NAMES.items()}


def column_named(word: str) -> str:
    """Our column of a name that people may give it; nothing when there is none."""
    return _BY_HEADER.get(plain(word), "")


def encoding_named(word: str) -> str:
    """The encoding that a word means; nothing when we do not read it."""
    name = word.strip().lower().replace("_", "-").replace("cp125", "windows-125").replace("latin-1", "iso-8859-1")
    return name if name in ENCODINGS else {"utf8": "utf-8", "utf16": "utf-16", "latin1": "iso-8859-1"}.get(name, "")


def read_layout(keys: Keys, columns: Keys, left_out: Keys) -> RosterLayout:
    """The layout in the table `[roster]` of a profile. Problems are noted in the keys."""
    keys.known("columns")
    keys.known("leave_out")
    mapped = {}
    for header in columns.values:
        word = columns.text(header)
        if word and not column_named(word):
            columns.unknown_value(header, word, KNOWN)
        mapped[header] = column_named(word)
    date_format = keys.text("date_format", required=False).upper()
    if date_format and date_format not in DATE_FORMATS:
        keys.unknown_value("date_format", date_format, DATE_FORMATS)
    encoding = keys.text("encoding", required=False)
    if encoding and not encoding_named(encoding):
        keys.unknown_value("encoding", encoding, ENCODINGS)
    written = keys.values.get("delimiter")
    delimiter = "\t" if written == "\t" else keys.text("delimiter", required=False)
    keys.known("delimiter")
    if delimiter and delimiter not in DELIMITERS:
        keys.unknown_value("delimiter", delimiter, (",", ";", "|", "tab"))
    return RosterLayout(
        columns=MappingProxyType(mapped),
        date_format=date_format,
        encoding=encoding_named(encoding),
        delimiter=DELIMITERS.get(delimiter, ""),
        sheet=keys.text("sheet", required=False),
        leave_out=MappingProxyType({header: left_out.texts(header) for header in left_out.values}),
    )


def with_options(layout: RosterLayout, maps: Sequence[str] = (), encoding: str = "") -> RosterLayout:
    """A layout with what the command line says on top: `--map "Their header=column"`, `--encoding`.

    Raises `InputError` for what is not understood.
    """
    columns, asked = dict(layout.columns), set()
    for one in maps:
        header, equals, word = (part.strip() for part in one.rpartition("="))
        if not equals or not header:
            raise InputError(f"--map '{one}' has to be 'Their header=column', for example --map \"Patient ID=mrn\".")
        if not column_named(word):
            raise InputError(f"--map '{one}': there is no column '{word}'. {nearest(word, KNOWN)}")
        ours = column_named(word)
        kept = {known: to for known, to in columns.items() if plain(known) != plain(header)}
        columns = {known: to for known, to in kept.items() if to != ours or known in asked} | {header: ours}
        asked.add(header)
    if encoding and not encoding_named(encoding):
        raise InputError(f"The encoding '{encoding}' is not read. {nearest(encoding.lower(), ENCODINGS)}")
    named = encoding_named(encoding) or layout.encoding
    return replace(layout, columns=MappingProxyType(columns), encoding=named, asked=frozenset(asked))


@dataclass(frozen=True, slots=True)
class Columns:
    """Where our columns stand in a roster, counted from 0, and which of its headers nobody reads.

    `deciding` are the columns whose values leave rows out: place, and those values as they are compared.
    """

    header: tuple[str, ...]
    places: Mapping[str, int]
    ignored: tuple[str, ...]
    deciding: tuple[tuple[int, frozenset[str]], ...] = ()

    def missing(self) -> list[str]:
        """The columns that a roster needs and this one has not, in words."""
        return [words for words, ones in ALTERNATIVES if not any(one in self.places for one in ones)]


def columns_of(file: str, header: Sequence[str], layout: RosterLayout) -> Columns:
    """Finds our columns in a header. Raises `InputError` for two columns of one fact.

    Where the profile or `--map` names a column for a fact, another one of the usual name is passed over.
    """
    mapped = {plain(theirs): ours for theirs, ours in layout.columns.items()}
    places: dict[str, int] = {}
    names = [plain(name) for name in header]
    for found in ({n: mapped[n] for n in names if n in mapped}, _BY_HEADER):
        taken = set(places)
        for place, name in enumerate(names):
            ours = found.get(name)
            if ours is None or ours in taken or (found is _BY_HEADER and name in mapped):
                continue
            if ours in places:
                two = f"'{header[places[ours]].strip()}' and '{header[place].strip()}' both hold {ours}"
                raise InputError(f"{file}: the columns {two}. Delete one, or rename it.")
            places[ours] = place
    for one, other in CLASHES:
        if one in places and other in places:
            mapped_ones = [name for name in (one, other) if plain(header[places[name]]) in mapped]
            if len(mapped_ones) == 1:  # the profile has decided
                del places[other if mapped_ones[0] == one else one]
                continue
            two = f"'{header[places[one]].strip()}' and '{header[places[other]].strip()}' say the same thing"
            raise InputError(f"{file}: the columns {two}. Delete one, or rename it.")
    values = {plain(theirs): frozenset(map(folded, words)) for theirs, words in layout.leave_out.items()}
    deciding = tuple((place, values[name]) for place, name in enumerate(names) if name in values)
    used = {*places.values(), *(place for place, _ in deciding)}
    ignored = tuple(name.strip() for place, name in enumerate(header) if place not in used and name.strip())
    return Columns(tuple(header), MappingProxyType(places), ignored, deciding)


def checked(file: str, columns: Columns, layout: RosterLayout, *, where: str = "The first row") -> Columns:
    """Columns that a roster can be read with. Raises `InputError` for those that are missing, or promised in vain.

    A first row that names none of them may be a patient's, so it is not repeated.
    """
    if not columns.places:
        raise InputError(
            f"{where} of {file} names none of our columns. Put their names there: mrn, name, birth_date, appointment, "
            'procedure; or say what yours are called: --map "Their header=mrn".'
        )
    names = [plain(name) for name in columns.header]
    if absent := sorted(name for name in layout.asked if plain(name) not in names):
        raise InputError(f"{file} has no column '{absent[0]}', which --map names. Write it as the file does.")
    if absent := sorted(name for name in layout.leave_out if plain(name) not in names):
        raise InputError(
            f"{file} has no column '{absent[0]}', by which clinic.toml leaves rows out (leave_out under [roster]). "
            "Write it as the file does, or take it out there."
        )
    if missing := columns.missing():
        noun = "The column" if len(missing) == 1 else "The columns"
        verb = "is" if len(missing) == 1 else "are"
        raise InputError(
            f"{noun} {', '.join(missing)} {verb} missing in {file}. Add what is missing, or say what it is called "
            f'there: --map "Their header={missing[0].split()[0]}", or [roster.columns] in clinic.toml.'
        )
    return columns
