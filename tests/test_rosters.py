"""A roster is read exactly or refused by row and column; what stands in it is never repeated in a message.

All people are invented.
"""

import csv
import io
import json
import re
import sys
import time
import tracemalloc
import unicodedata
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
from babel.dates import format_date

from clinicpress import library
from clinicpress.clinics import ClinicProfile, RosterLayout, packet_for
from clinicpress.errors import ContentError, InputError
from clinicpress.visits import Refusal, Visit
from clinicpress.words import words_in
from tests import forms

TODAY = date(2026, 11, 22)
HEADER = ["mrn", "name", "birth_date", "appointment", "procedure"]
ADA = ["0012345", "Ada Example", "1961-04-09", "2026-11-24 09:30", "Neurotherapy"]
MORNING, MIDNIGHT = datetime.fromisoformat("2026-11-24T09:30"), datetime.fromisoformat("1961-04-09")
PLAIN = RosterLayout()
Rows = Sequence[Sequence[object]]


def csv_file(folder: Path, rows: Rows, delimiter: str = ",", encoding: str = "utf-8", name: str = "roster.csv") -> Path:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(rows)
    path = folder / name
    path.write_bytes(out.getvalue().encode(encoding))
    return path


def xlsx_file(folder: Path, rows: Rows, formats: Mapping[str, str] | None = None, name: str = "roster.xlsx") -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(list(row))
    for cell, form in (formats or {}).items():
        sheet[cell].number_format = form
    book.save(folder / name)
    return folder / name


def jsonl_file(folder: Path, rows: Rows, name: str = "roster.jsonl") -> Path:
    header, *others = rows
    path = folder / name
    lines = [json.dumps(dict(zip(header, row, strict=True)), ensure_ascii=False) for row in others]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


WRITERS: dict[str, Callable[[Path, Rows], Path]] = {"csv": csv_file, "xlsx": xlsx_file, "jsonl": jsonl_file}


def read(path: Path, layout: RosterLayout = PLAIN) -> list[Visit | Refusal]:
    return list(library.read_roster(path, layout, TODAY))


def visits(path: Path, layout: RosterLayout = PLAIN) -> list[Visit]:
    found = read(path, layout)
    assert [one for one in found if isinstance(one, Refusal)] == []
    return [one for one in found if isinstance(one, Visit)]


def told(one: Visit | Refusal) -> str:
    assert isinstance(one, Refusal), one
    return "\n".join(map(str, one.problems))


def row(**changes: object) -> list[object]:
    return [changes.get(name, value) for name, value in zip(HEADER, ADA, strict=True)]


# What is read ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", WRITERS)
def test_a_row_becomes_the_facts_of_a_patient_file(kind: str, tmp_path: Path) -> None:
    header = [*HEADER, "language", "site", "side", "clinician"]
    path = WRITERS[kind](tmp_path, [header, [*ADA, "Español", "knee", "left", "Grace Sample, ND"]])
    (one,) = visits(path)
    assert dict(one.facts) == {
        "patient.mrn": "0012345",
        "patient.name": "Ada Example",
        "patient.birth_date": "1961-04-09",
        "patient.language": "es",
        "encounter.date": "2026-11-24",
        "encounter.time": "09:30",
        "encounter.procedure": "Neurotherapy",
        "encounter.site": "knee",
        "encounter.side": "left",
        "clinician.name": "Grace Sample",
        "clinician.credential": "ND",
    }
    assert (one.procedure, one.language) == ("Neurotherapy", "es")
    assert one.row == (1 if kind == "jsonl" else 2)
    assert not any(fact in repr(one) for fact in ADA)


def test_a_line_of_json_may_be_nested_as_a_patient_file_is(tmp_path: Path) -> None:
    path = tmp_path / "roster.jsonl"
    tree = {
        "patient": {"name": "Ada Example", "birth_date": "1961-04-09", "mrn": "0012345", "language": None},
        "encounter": {"date": "2026-11-24", "time": "09:30", "procedure": "Neurotherapy"},
        "clinician": {"name": "Grace Sample", "credential": "ND"},
    }
    path.write_text("\n" + json.dumps(tree) + "\n")
    (one,) = visits(path)
    assert one.row == 2
    assert one.facts["clinician.credential"] == "ND"
    assert one.facts["encounter.time"] == "09:30"
    assert "patient.language" not in one.facts


@pytest.mark.parametrize(
    ("given", "facts"),
    [
        ({"given": "Ada", "family": "Example"}, "Ada Example"),
        ({"given": "", "family": "Suharto"}, "Suharto"),
        ({"given": "Madonna", "family": ""}, "Madonna"),
        ({"name": "Teller"}, "Teller"),
        ({"name": "N" * 30 + " " + "M" * 29}, "N" * 30 + " " + "M" * 29),
    ],
)
def test_names_stay_whole(given: dict[str, str], facts: str, tmp_path: Path) -> None:
    header = ["mrn", "dob", "date", "time", "procedure", *given]
    rows = [header, ["1", "1961-04-09", "2026-11-24", "9:30 pm", "Neurotherapy", *given.values()]]
    (one,) = visits(csv_file(tmp_path, rows))
    assert one.facts["patient.name"] == facts
    assert one.facts["encounter.time"] == "21:30"


def test_headers_are_known_without_their_blanks_and_capitals(tmp_path: Path) -> None:
    rows = [[" MRN ", "NAME", "Birth Date", "Appointment", "procedure", "Room"], [*ADA, "12"]]
    path = csv_file(tmp_path, rows)
    assert len(visits(path)) == 1
    roster = library.read_roster(path, PLAIN, TODAY)
    assert "Columns that are not used: Room." in roster.notes
    assert roster.columns == (" MRN ", "NAME", "Birth Date", "Appointment", "procedure", "Room")
    assert roster.rows == 1
    assert len(roster.digest) == 64


@pytest.mark.parametrize(
    ("said", "tag"),
    [("en", "en"), ("English", "en"), ("SPANISH", "es"), ("Español", "es"), ("es-MX", "es"), ("Klingon", "klingon")],
)
def test_languages_are_told_by_tag_or_name(said: str, tag: str, tmp_path: Path) -> None:
    (one,) = visits(csv_file(tmp_path, [[*HEADER, "language"], [*ADA, said]]))
    assert one.language == tag


def test_empty_rows_are_passed_over_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "roster.csv"
    path.write_text("\n" + ",".join(HEADER) + "\n\n" + ",".join(ADA) + "\n,,,,\n" + ",".join(row(mrn="7")) + "\n")
    assert [one.row for one in visits(path)] == [4, 6]


def test_a_row_is_named_by_the_line_where_it_starts(tmp_path: Path) -> None:
    rows = [[*HEADER, "remark"], [*ADA, "two\nlines"], [*row(mrn="8"), ""]]
    assert [one.row for one in visits(csv_file(tmp_path, rows))] == [2, 4]


# Columns of others ----------------------------------------------------------------------------------------------------


def test_columns_are_mapped_and_the_command_line_wins(tmp_path: Path) -> None:
    rows = [["Chart No", "Old No", "Patient", "DOB", "When", "What"], ["0012345", "99", *ADA[1:]]]
    path = csv_file(tmp_path, rows)
    profile = RosterLayout({"old no": "mrn", "Patient": "name", "When": "appointment", "What": "procedure"})
    assert visits(path, profile)[0].facts["patient.mrn"] == "99"
    swapped = library.with_options(profile, ["Chart No=mrn"])
    assert visits(path, swapped)[0].facts["patient.mrn"] == "0012345"
    with pytest.raises(InputError, match=r"'Chart No' and 'Old No' both hold mrn"):
        read(path, library.with_options(profile, ["Chart No=mrn", "old no = mrn"]))


@pytest.mark.parametrize(
    ("maps", "message"),
    [
        (["mrn"], "has to be 'Their header=column'"),
        (["Chart=mnr"], "there is no column 'mnr'. Did you mean 'mrn'?"),
        (["Chart=mrn"], "has no column 'Chart', which --map names"),
    ],
)
def test_a_map_that_leads_nowhere_is_refused(maps: list[str], message: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as error:
        read(csv_file(tmp_path, [HEADER, ADA]), library.with_options(PLAIN, maps))
    assert message in str(error.value)


@pytest.mark.parametrize("kind", WRITERS)
@pytest.mark.parametrize(
    ("header", "message"),
    [
        (["dob", "name", "birth_date", "appointment", "procedure"], "'dob' and 'birth_date' both hold birth_date"),
        (["mrn", "name", "given", "date", "procedure"], "'name' and 'given' say the same thing"),
        (["mrn", "name", "birth_date", "date", "appointment"], "'appointment' and 'date' say the same thing"),
        (["mrn", "name", "birth_date", "date", "what"], "The column procedure is missing"),
        (["a", "b", "c", "d", "e"], "names none of our columns"),
    ],
)
def test_a_header_that_does_not_do_is_refused(kind: str, header: list[str], message: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as error:
        read(WRITERS[kind](tmp_path, [header, ADA]))
    assert message in str(error.value)
    assert "roster." in str(error.value)


def test_a_file_without_header_is_refused_without_its_first_patient(tmp_path: Path) -> None:
    with pytest.raises(InputError) as error:
        read(csv_file(tmp_path, [ADA, row(mrn="7")]))
    assert not any(fact in str(error.value) for fact in ADA)


# Formats and encodings ------------------------------------------------------------------------------------------------

LETTERS = "Zoë Núñez-Łukasz"
ENCODINGS = {
    "utf-8": "",
    "utf-8-sig": "",
    "utf-16": "",
    "utf-16-le": "utf-16-le",
    "utf-16-be": "utf-16-be",
    "cp1250": "cp1250",
    "cp1252": "windows-1252",
    "latin-1": "iso-8859-1",
    "iso-8859-2": "iso-8859-2",
    "mac-roman": "macintosh",
}


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_no_letter_is_ever_garbled(encoding: str, delimiter: str, tmp_path: Path) -> None:
    """Each encoding with each delimiter: read exactly where it is certain or declared, else refused."""
    name = "".join(one for one in LETTERS if one.encode(encoding, "ignore"))
    assert name.encode(encoding).decode(encoding) == name
    path = csv_file(tmp_path, [HEADER, row(name=name)], delimiter, encoding)
    declared = library.with_options(PLAIN, (), ENCODINGS[encoding])
    assert visits(path, declared)[0].facts["patient.name"] == name
    certain = encoding in ("utf-8", "utf-8-sig", "utf-16")
    marked = encoding in ("utf-8-sig", "utf-16")
    for other in ("", "utf-8", *filter(None, ENCODINGS.values())):
        layout = library.with_options(PLAIN, (), other)
        if marked or (certain and other in ("", "utf-8")):
            assert visits(path, layout)[0].facts["patient.name"] == name
        elif certain or other in ("", "utf-8"):  # nothing, or something wrong, is declared
            with pytest.raises(InputError, match=r"roster\.csv"):
                read(path, layout)


def test_a_wrong_encoding_says_where_and_how_to_declare_it(tmp_path: Path) -> None:
    path = csv_file(tmp_path, [HEADER, ADA, row(mrn="7", name="Zoë")], encoding="cp1252")
    with pytest.raises(InputError) as error:
        read(path)
    assert "is not UTF-8 text from line 3 on" in str(error.value)
    assert '--encoding windows-1252, or encoding = "windows-1252" under [roster] in clinic.toml' in str(error.value)
    with pytest.raises(InputError, match="is not read"):
        library.with_options(PLAIN, (), "ebcdic")


def test_utf_8_that_is_declared_as_something_else_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="its letters are UTF-8"):
        read(csv_file(tmp_path, [HEADER, row(name="Zoë")]), RosterLayout(encoding="windows-1252"))


def test_excels_own_line_names_the_delimiter(tmp_path: Path) -> None:
    path = tmp_path / "roster.csv"
    path.write_text("sep=;\r\n" + ";".join(HEADER) + "\r\n" + ";".join(ADA) + "\r\n")
    assert [one.row for one in visits(path)] == [3]


WRONG_FILES: dict[str, tuple[str, bytes, str]] = {
    "workbook as csv": ("roster.csv", b"PK\x03\x04rest", "whatever its name says"),
    "text as workbook": ("roster.xlsx", b"mrn,name", "no Excel workbook"),
    "old workbook": ("roster.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old format .xls"),
    "password": ("roster.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "protected by a password"),
    "pdf": ("roster.csv", b"%PDF-1.7", "is a PDF"),
    "word": ("roster.docx", b"PK\x03\x04", "not a roster by its name ('.docx')"),
    "damaged": ("roster.xlsx", b"PK\x03\x04rest", "damaged"),
    "empty": ("roster.csv", b"", "is empty"),
    "blank": ("roster.csv", b"\n\n", "is empty"),
    "nul": ("roster.csv", b"mrn,name\0,x\n", "NUL"),
    "utf-32": ("roster.csv", "mrn".encode("utf-32"), "UTF-32"),
    "utf-16 unmarked": ("roster.csv", "mrn,name".encode("utf-16-le"), "utf-16-le"),
    "open quote": ("roster.csv", b'mrn,name,birth_date,appointment,procedure\n1,a,b,c,d\n1,"a,b,c,d\n', "line 3"),
    "letters behind a quote": ("roster.csv", b'mrn,name,dob,date,procedure\n1,"a"b,c,d,e\n', "line 2"),
    "open quote in the header": ("roster.csv", b'"mrn,name\n', "quote that does not end"),
    "quote bomb": ("roster.csv", b'mrn,name,dob,date,procedure\n1,"' + b"a\n" * 900_000, "line 2"),
    "one long line": ("roster.csv", b"mrn,name,dob,date,procedure\n" + b"a" * 900_000, "line 2"),
    "wide": ("roster.csv", b"mrn" + b",x" * 300, "more than 200 columns"),
    "bad json letters": ("roster.jsonl", b'{"mrn":"\xff"}\n', "Line 1"),
    "many json keys": ("roster.jsonl", json.dumps({f"k{n}": "" for n in range(300)}).encode(), "200 different keys"),
}


@pytest.mark.parametrize("fault", WRONG_FILES)
def test_a_file_that_is_wrong_as_a_whole_is_refused_before_its_first_row(fault: str, tmp_path: Path) -> None:
    name, data, message = WRONG_FILES[fault]
    (tmp_path / name).write_bytes(data)
    tracemalloc.start()
    with pytest.raises(InputError) as error:
        library.read_roster(tmp_path / name, PLAIN, TODAY)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert message in str(error.value)
    assert "roster" in str(error.value)
    assert peak < 10_000_000


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read: No such file"):
        read(tmp_path / "roster.csv")


def test_a_file_that_changes_between_two_readings_is_refused(tmp_path: Path) -> None:
    path = csv_file(tmp_path, [HEADER, ADA])
    roster = library.read_roster(path, PLAIN, TODAY)
    csv_file(tmp_path, [HEADER, ADA, ADA])
    with pytest.raises(InputError, match="was changed while it was read"):
        list(roster)


# A roster that lies on no disk ----------------------------------------------------------------------------------------


def said_of(name: str, layout: RosterLayout, data: bytes | None = None) -> object:
    """All that is told of a roster."""
    try:
        roster = library.read_roster(Path(name), layout, TODAY, data=data)
        rows = list(roster)
    except InputError as error:
        return str(error)
    return roster.columns, roster.digest, roster.rows, roster.notes, rows


OPENED: list[str] | None = None


def _opening(event: str, arguments: tuple[object, ...]) -> None:
    if event == "open" and OPENED is not None:
        OPENED.append(str(arguments[0]))


sys.addaudithook(_opening)


@contextmanager
def no_file_opened() -> Iterator[None]:
    global OPENED  # noqa: PLW0603  such a hook cannot be taken away again
    OPENED = seen = []
    try:
        yield
    finally:
        OPENED = None
    assert seen == []


def test_a_roster_in_memory_is_read_as_one_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of every format and encoding, sound or broken; and no file is opened for it: there are patients in it."""
    monkeypatch.chdir(tmp_path)
    rows = [[*HEADER, "room"], [*ADA, "7"], [*row(birth_date="yesterday"), ""], [*row(name="Zoë"), ""], [*ADA, "8"]]
    files = [(WRITERS[kind](tmp_path, rows), PLAIN) for kind in WRITERS]
    files += [
        (csv_file(tmp_path, rows, ";", codec, f"{codec}.csv"), RosterLayout(encoding=declared))
        for declared, codec in (("", "utf-16"), ("windows-1252", "cp1252"), ("macintosh", "mac-roman"))
    ]
    for number, (name, data, _) in enumerate(WRONG_FILES.values()):
        files.append((tmp_path / f"{number} {name}", PLAIN))
        files[-1][0].write_bytes(data)
    for number, (part, change, _) in enumerate(FAULTS.values()):
        files.append((rewritten(xlsx_file(tmp_path, rows, name=f"{number}.xlsx"), part, change), PLAIN))
    answers = []
    for path, layout in files:
        answers.append(said_of(path.name, layout))
        data = path.read_bytes()
        path.unlink()
        with no_file_opened():
            assert said_of(path.name, layout, data) == answers[-1]
    assert sum(isinstance(one, tuple) and len(one[-1]) == 4 for one in answers) == 6
    assert sum(isinstance(one, str) for one in answers) == len(WRONG_FILES) + len(FAULTS)


# Rows that are refused ------------------------------------------------------------------------------------------------

BAD_CELLS: dict[str, tuple[str, str, str]] = {
    "no number": ("mrn", "", "mrn: the cell is empty"),
    "blank name": ("name", "   ", "name: no name is given"),
    "no procedure": ("procedure", "", "procedure: the cell is empty"),
    "no appointment": ("appointment", "", "appointment: the cell is empty"),
    "two orders": ("birth_date", "04/09/1961", "birth_date: the date can be read two ways"),
    "no such day": ("birth_date", "1961-02-30", "birth_date: the date does not exist"),
    "words": ("birth_date", "yesteryear", "birth_date: this is not a date"),
    "foreign digits": ("birth_date", "١٩٦١-٠٤-٠٩", "birth_date: this is not a date"),
    "unborn": ("birth_date", "2027-01-01", "birth_date: the day of birth is in the future"),
    "too old": ("birth_date", "1861-04-09", "birth_date: the day of birth is more than 130 years ago"),
    "half past two": ("appointment", "2026-11-24 2:30", "appointment: this is not a time of day"),
    "late": ("appointment", "2026-11-24 25:00", "appointment: this is not a time of day"),
    "shortened": ("mrn", "1.23457E+11", "mrn: a spreadsheet has shortened the number"),
    "too long": ("name", "N" * 2001, "name: the text has more than 2,000 characters"),
    "two lines": ("name", "Zelda\nQuux", "name: the text has more than one line"),
    "bidi": ("name", "Zelda\u202eQuux", "name: the text holds the character U+202E"),
    "unseen": ("mrn", "0012345\u200b", "mrn: the text holds the character U+200B (ZERO WIDTH SPACE)"),
    "escape": ("name", "Zelda\x1b[31m", "name: the text holds the character U+001B"),
    "lost letter": ("name", "Zo\ufffd", "name: the text holds the mark of a letter that was lost"),
}


@pytest.mark.parametrize(
    ("fault", "kind"),  # XML cannot hold an escape
    [(fault, kind) for fault in BAD_CELLS for kind in WRITERS if (fault, kind) != ("escape", "xlsx")],
)
def test_a_bad_cell_is_told_by_row_and_column_and_not_repeated(fault: str, kind: str, tmp_path: Path) -> None:
    column, value, message = BAD_CELLS[fault]
    path = WRITERS[kind](tmp_path, [HEADER, row(mrn="7"), row(**{column: value})])
    good, bad = read(path)
    assert isinstance(good, Visit)
    assert message in told(bad)
    assert f"{path.name}:{2 if kind == 'jsonl' else 3}:" in told(bad)
    assert not value.strip() or value not in told(bad)
    assert not any(fact in told(bad) for fact in ADA)
    assert isinstance(bad, Refusal)
    assert value in bad.cells or fault == "too long"
    assert not value.strip() or value not in repr(bad)


def test_all_that_is_wrong_with_a_row_is_told_at_once(tmp_path: Path) -> None:
    (bad,) = read(csv_file(tmp_path, [HEADER, ["", "", "4/9/61", "soon", ""]]))
    assert isinstance(bad, Refusal)
    assert [one.message.partition(":")[0] for one in bad.problems] == [
        *("name", "birth_date", "appointment", "mrn", "procedure"),
    ]


@pytest.mark.parametrize(
    ("form", "written", "day"),
    [
        ("MM/DD/YYYY", "04/09/1961", "1961-04-09"),
        ("MM/DD/YYYY", "4/9/1961", "1961-04-09"),
        ("M/D/YYYY", "04/09/1961", "1961-04-09"),
        ("DD/MM/YYYY", "04/09/1961", "1961-09-04"),
        ("DD.MM.YYYY", "4.9.1961", "1961-09-04"),
        ("DD.MM.YYYY", "1961-04-09", "1961-04-09"),
        ("YYYY/MM/DD", "1961/04/09", "1961-04-09"),
        ("MM/DD/YYYY", "04/09/61", "the year has not four digits"),
        ("MM/DD/YYYY", "13/09/1961", "as MM/DD/YYYY there is no such day"),
        ("MM/DD/YYYY", "04.09.1961", "the date is not written as MM/DD/YYYY"),
        ("DD.MM.YYYY", "04/09/1961", "the date is not written as DD.MM.YYYY"),
        ("MM/DD/YYYY", "04/09.1961", "this is not a date"),
    ],
)
def test_dates_are_read_in_the_declared_form_only(form: str, written: str, day: str, tmp_path: Path) -> None:
    path = csv_file(tmp_path, [HEADER, row(birth_date=written)])
    roster = library.read_roster(path, RosterLayout(date_format=form), TODAY)
    (one,) = roster
    if isinstance(one, Visit):
        assert one.facts["patient.birth_date"] == day
    else:
        assert day in told(one)
        assert written not in told(one)
        assert any("dates of roster.csv" in note for note in roster.notes) == (form in day)


@pytest.mark.parametrize("cells", [ADA[:-1], [*ADA, "more"], [*ADA, ""]])
def test_a_row_with_other_cells_than_the_header_is_refused(cells: list[str], tmp_path: Path) -> None:
    bad, good = read(csv_file(tmp_path, [HEADER, cells, row(mrn="7")]))
    assert "roster.csv:2: error S36 bad-row: The row has more cells or less than the header." in told(bad)
    assert isinstance(good, Visit)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("nonsense", "The line is not an object"),
        ("[1, 2]", "The line is not an object"),
        ('{"mrn": "1", "mrn": "2"}', "A key stands twice"),
        ('{"patient": {"mrn": "1"}, "patient.mrn": "2"}', "A key stands twice"),
        ("[" * 100_000, "The line is not an object"),
        ('{"mrn": ' + "1" * 5_000 + "}", "The line is not an object"),
        ('{"mrn": "' + "1" * 2_000_000 + '"}', "The line has more than 400,000 characters"),
        ('{"mrn": 12345}', "mrn: the cell holds a number, not text"),
        ('{"name": ["Zelda"]}', "name: the cell holds a list or a table, not text"),
        ('{"name": true}', "name: the cell holds true or false, not text"),
    ],
)
def test_a_bad_line_of_json_is_refused_and_the_next_is_read(line: str, message: str, tmp_path: Path) -> None:
    path = jsonl_file(tmp_path, [HEADER, ADA])
    path.write_text(f"{line}\n{path.read_text()}")
    bad, good = read(path)
    assert message in told(bad)
    assert "roster.jsonl:1:" in told(bad)
    assert (good.row, type(good)) == (2, Visit)


def test_a_formula_is_refused_where_it_matters_only(tmp_path: Path) -> None:
    """In CSV and in a workbook, whose kept result may be old."""
    rows = [[*HEADER, "remark"], [*row(mrn='="0012345"'), "=1+1"], [*row(mrn="7"), "=1+1"]]
    for path in (csv_file(tmp_path, rows), xlsx_file(tmp_path, rows)):
        bad, good = read(path)
        assert f"{path.name}:2: error S35 bad-cell: mrn: the cell holds a formula" in told(bad)
        assert "0012345" not in told(bad)
        assert isinstance(good, Visit)


ODD = (
    *(
        "undefined",
        "None",
        "NULL",
        "nan",
        "true",
        "0",
        "-",
        "--",
        "1/2",
        "1e5",
        "$1.00",
        "\\",
        "\\n",
        "%s%d",
        "{{7*7}}",
        "<b>",
        "&amp;",
    ),
    *(
        "O'Hara-Quux",
        'The "Rock"',
        "a,b;c|d",
        "' OR 1=1 --",
        "../../etc/passwd",
        "Robert'); DROP TABLE x;--",
        "CON",
        "x" * 60,
    ),
    *(
        "田中太郎",
        "Łukasz Żółkiewski",
        "Zoe\u0308",
        "מרים",
        "محمد",
        "𝒜𝒹𝒶",
        "👩‍⚕️",
        "ﬁ",
        "Å",
        "ß",
        "ı",
        "﷽",
        "a\u0300" * 50,
    ),
    *("\u202eevil", "a\u2066b", "\ufeffx", "x\u00ad", "\u2028", "\x7f", "\ufffe", "a\u00a0b", "\u3000", "🏳️‍🌈"),
)


@pytest.mark.parametrize("kind", WRITERS)
def test_odd_names_are_read_exactly_or_refused(kind: str, tmp_path: Path) -> None:
    names = [name for name in ODD if kind != "xlsx" or name != "\ufffe"]  # XML cannot hold it
    rows = [HEADER, *(row(mrn=str(number), name=name) for number, name in enumerate(names))]
    found = read(WRITERS[kind](tmp_path, rows))
    assert len(found) == len(names)
    for name, one in zip(names, found, strict=True):
        if isinstance(one, Visit):
            assert one.facts["patient.name"] == unicodedata.normalize("NFC", name.strip())
        else:
            assert "bad-cell: name: " in told(one)
    assert sum(isinstance(one, Visit) for one in found) > 30


# Twins ----------------------------------------------------------------------------------------------------------------


def test_the_same_visit_twice_is_refused_and_names_the_first(tmp_path: Path) -> None:
    rows = [HEADER, ADA, row(mrn="7"), row(appointment="2026-11-24 15:00", name="ADA  example"), row(procedure="Other")]
    first, other, again, more = read(csv_file(tmp_path, rows))
    assert [type(one) for one in (first, other, more)] == [Visit] * 3
    assert "roster.csv:4: error S37 listed-twice: mrn: row 2 is the same visit" in told(again)


@pytest.mark.parametrize("change", [{"name": "Bea Example"}, {"birth_date": "1962-04-09"}])
def test_one_number_for_two_people_is_refused_wherever_it_stands(change: dict[str, str], tmp_path: Path) -> None:
    others = [row(mrn=str(number)) for number in range(50)]
    found = read(csv_file(tmp_path, [HEADER, ADA, *others, row(appointment="2026-11-30", **change)]))
    assert "roster.csv:53: error S37 listed-twice: mrn: row 2 has the same number with another" in told(found[-1])
    assert sum(isinstance(one, Visit) for one in found) == 51


def test_twins_and_people_of_one_name_are_all_read(tmp_path: Path) -> None:
    rows = [HEADER, ADA, row(mrn="0012346"), row(mrn="12345"), row(mrn="0012347", name="Bea Example")]
    assert [one.facts["patient.mrn"] for one in visits(csv_file(tmp_path, rows))] == [str(one[0]) for one in rows[1:]]


def test_a_row_that_was_refused_stands_in_nobodys_way(tmp_path: Path) -> None:
    bad, good = read(csv_file(tmp_path, [HEADER, row(birth_date="4/9/1961"), ADA]))
    assert (type(bad), type(good)) == (Refusal, Visit)


# Workbooks ------------------------------------------------------------------------------------------------------------


def test_dates_and_times_of_a_workbook_are_read_as_such(tmp_path: Path) -> None:
    rows = [
        [*HEADER[:3], "date", "time", "procedure"],
        ["1", "A", date(1961, 4, 9), date(2026, 11, 24), MORNING.time(), "x"],
        ["2", "B", MIDNIGHT, "2026-11-24", "14:05", "x"],
    ]
    found = [
        [one.facts[name] for name in ("patient.birth_date", "encounter.date", "encounter.time")]
        for one in visits(xlsx_file(tmp_path, rows))
    ]
    assert found == [["1961-04-09", "2026-11-24", "09:30"], ["1961-04-09", "2026-11-24", "14:05"]]


def test_an_appointment_in_one_cell_has_day_and_time(tmp_path: Path) -> None:
    (one,) = visits(xlsx_file(tmp_path, [HEADER, row(appointment=MORNING)]))
    assert (one.facts["encounter.date"], one.facts["encounter.time"]) == ("2026-11-24", "09:30")


@pytest.mark.parametrize(
    ("value", "form", "shown"),
    [
        ("0012345", "@", "0012345"),
        ("0012345", "General", "0012345"),
        (12345, "0000000", "0012345"),
        (12345, "General", "12345"),
        (12345.0, "0", "12345"),
        (12345.5, "General", "a number that is not whole"),
        (-12345, "General", "a number that is not whole"),
        (12345678901234567890, "0", "more than 15 digits"),
        (12345, "000-000", "a form of its own"),
        (12345, '"M"00000', "a form of its own"),
        (12345, "yyyy-mm-dd", "a date, not text"),
        (True, "General", "true or false"),
        ("#N/A", "General", "an error of the spreadsheet"),
    ],
)
def test_a_record_number_is_read_as_the_sheet_shows_it(value: object, form: str, shown: str, tmp_path: Path) -> None:
    path = xlsx_file(tmp_path, [HEADER, row(mrn=value)], {"A2": form})
    roster = library.read_roster(path, PLAIN, TODAY)
    (one,) = roster
    if isinstance(one, Visit):
        assert one.facts["patient.mrn"] == shown
        assert any("zeros in front of them may be lost" in note for note in roster.notes) == (shown == "12345")
    else:
        assert shown in told(one)
        assert str(value) not in told(one) or isinstance(value, bool)


def test_a_number_is_no_date(tmp_path: Path) -> None:
    (bad,) = read(xlsx_file(tmp_path, [HEADER, row(birth_date=22380)]))
    assert "birth_date: the cell holds a number, not text" in told(bad)


def test_a_sheet_is_chosen_and_the_others_are_told(tmp_path: Path) -> None:
    path = xlsx_file(tmp_path, [HEADER, ADA])
    book = openpyxl.load_workbook(path)
    book.create_sheet("Old", 0).sheet_state = "hidden"
    more = book.create_sheet("More")
    more.append(HEADER)
    more.append(row(mrn="7"))
    book["Sheet"].row_dimensions[2].hidden = True
    book.active = 1
    book.save(path)
    roster = library.read_roster(path, PLAIN, TODAY)
    assert [one.facts["patient.mrn"] for one in roster if isinstance(one, Visit)] == ["0012345"]
    assert any("'Sheet' is read, and no other" in note for note in roster.notes)
    assert any("1 rows are hidden" in note for note in roster.notes)
    assert visits(path, RosterLayout(sheet="More"))[0].facts["patient.mrn"] == "7"
    with pytest.raises(InputError, match=r"no sheet 'Today'\. It has: 'Old', 'Sheet', 'More'"):
        read(path, RosterLayout(sheet="Today"))


def rewritten(path: Path, part: str, change: Callable[[bytes], bytes]) -> Path:
    """A workbook with one part changed."""
    with zipfile.ZipFile(path) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    parts[part] = change(parts.get(part, b""))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name, data in parts.items():
            new.writestr(name, data)
    return path


SHEET = "xl/worksheets/sheet1.xml"


def test_shared_texts_are_read_without_the_readings_beside_them(tmp_path: Path) -> None:
    """As Excel and Japanese spreadsheets write them; openpyxl, which made the file, has texts in the cells."""
    path = xlsx_file(tmp_path, [HEADER, row(name=0)])
    rich = b"<si><r><t>Zo\xc3\xab </t></r><r><t>Sample_x0041_</t></r><rPh><t>zoe</t></rPh></si>"
    rewritten(path, "xl/sharedStrings.xml", lambda _: b"<x:sst xmlns:x='x'><si><t>no</t></si>" + rich + b"</x:sst>")
    named = b'<Relationship Type="x/sharedStrings" Target="/xl/sharedStrings.xml" Id="r9"/></Relationships>'
    rewritten(path, "xl/_rels/workbook.xml.rels", lambda data: data.replace(b"</Relationships>", named))
    cell = b'<c r="B2" t="s"><v>%d</v></c>'
    for number, faulty in ((1, False), (2, True)):
        rewritten(path, SHEET, lambda data, n=number: re.sub(rb'<c r="B2".*?</c>', cell % n, data))  # type: ignore[misc]
        (one,) = read(path)
        if faulty:
            assert "an error of the spreadsheet" in told(one)
        else:
            assert isinstance(one, Visit)
            assert one.facts["patient.name"] == "Zoë SampleA"


FAULTS: dict[str, tuple[str, Callable[[bytes], bytes], str]] = {
    "a document type": (SHEET, lambda data: b'<!DOCTYPE x [<!ENTITY a "b">]>' + data, "document type"),
    "no XML": (SHEET, lambda data: data[:-20], "damaged"),
    "a huge tag": (SHEET, lambda data: data.replace(b"<row", b"<row x='" + b"y" * 9_000_000 + b"'", 1), "damaged"),
    "no number of a style": (SHEET, lambda data: data.replace(b'<c r="A2"', b'<c s="x" r="A2"', 1), "damaged"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_workbook_that_is_not_as_it_should_be_is_refused(fault: str, tmp_path: Path) -> None:
    part, change, message = FAULTS[fault]
    path = rewritten(xlsx_file(tmp_path, [HEADER, ADA]), part, change)
    tracemalloc.start()
    with pytest.raises(InputError, match=message):
        read(path)
    assert tracemalloc.get_traced_memory()[1] < 10_000_000
    tracemalloc.stop()


@pytest.mark.parametrize("empty", [50_000, pytest.param(1_000_000, marks=pytest.mark.soak)])
def test_a_million_empty_rows_with_formats_cost_seconds_and_lose_nothing(empty: int, tmp_path: Path) -> None:
    """The last patient stands below them."""
    path = xlsx_file(tmp_path, [HEADER, ADA, row(mrn="7")])
    cells = b"".join(b'<c r="%c%%d" s="0"/>' % letter for letter in b"ABC")

    def spread(data: bytes) -> bytes:
        head, _, last = data.rpartition(b'<row r="3"')
        last = last.replace(b'3"', b'%d"' % (empty + 3))
        between = ((b'<row r="%d">' + cells + b"</row>") % (n, n, n, n) for n in range(3, empty + 3))
        return head + b"".join(between) + b'<row r="%d"' % (empty + 3) + last

    rewritten(path, SHEET, spread)
    start = time.perf_counter()
    found = visits(path)
    assert time.perf_counter() - start < 10  # seconds; 2 on an idle machine
    assert [one.row for one in found] == [2, empty + 3]


def test_a_cell_far_to_the_right_is_refused(tmp_path: Path) -> None:
    path = xlsx_file(tmp_path, [HEADER, ADA, row(mrn="7")])
    book = openpyxl.load_workbook(path)
    book["Sheet"]["H2"] = "x"
    book["Sheet"]["XFD3"] = "x"
    book.save(path)
    assert "The row has cells beyond the last header." in told(read(path)[0])
    assert "The row has cells beyond column 200." in told(read(path)[1])


# Memory ---------------------------------------------------------------------------------------------------------------


def peak_of(path: Path) -> float:
    """Megabytes that reading takes at most."""
    tracemalloc.start()
    seen = sum(1 for _ in library.read_roster(path, PLAIN, TODAY))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert seen >= 10
    return peak / 1e6


def many(rows: int) -> Iterator[list[object]]:
    yield list(HEADER)
    for number in range(rows):
        born = f"{1930 + number % 80}-{number % 12 + 1:02}-{number % 28 + 1:02}"
        yield [f"{number:07}", f"Ada Example {number}", born, "2026-11-24", "Neurotherapy"]


def test_memory_stays_flat_over_thousands_of_rows(tmp_path: Path) -> None:
    assert peak_of(csv_file(tmp_path, list(many(3_000)))) < 4


@pytest.mark.soak
@pytest.mark.parametrize("kind", WRITERS)
def test_memory_stays_flat_over_a_hundred_thousand_rows(kind: str, tmp_path: Path) -> None:
    small = peak_of(WRITERS[kind](tmp_path, list(many(100))))
    assert peak_of(WRITERS[kind](tmp_path, list(many(100_000)))) < small + 10


# The values of a form -------------------------------------------------------------------------------------------------


def test_a_visit_fills_a_form_and_its_faults_name_the_row() -> None:
    order = forms.order()
    assert order.document.kind.is_form
    facts = {
        "patient.name": "Zoë Sample",
        "patient.birth_date": "1961-04-09",
        "patient.mrn": "0012345",
        "encounter.date": "2026-11-24",
        "clinician.name": "Grace Sample",
        "clinician.credential": "ND",
        "encounter.side": "left",
    }
    made = library.encounter_of(facts, "roster.csv", order.document, order.fonts[0], 12)
    assert made.source == "roster.csv row 12"
    assert made.values["patient.birth_date"] == "Apr 9, 1961"
    assert made.values["encounter.side"] == "Left"
    assert made.values["clinician.name"] == "Grace Sample, ND"
    with pytest.raises(ContentError) as error:
        library.encounter_of(
            facts | {"encounter.side": "widdershins"}, "roster.csv", order.document, order.fonts[0], 12
        )
    assert "roster.csv:12: error S26 bad-value: encounter.side:" in str(error.value)
    assert "widdershins" not in str(error.value)


def test_days_are_written_as_babel_writes_them() -> None:
    days = [date(1900 + 7 * n, n % 12 + 1, n + 1) for n in range(28)] + [date(2028, 2, 28), date(2003, 3, 3)]
    for language in ("en", "es", "de", "ar", "fa", "zh", "cs"):
        for day in days:
            assert words_in(language).short_day(day) == format_date(day, "medium", locale=language)
            assert words_in(language).day(day) == format_date(day, "long", locale=language)


def test_plain_and_other_letters_take_the_same_way_to_the_same_words() -> None:
    """The short way for plain letters says what the long way says."""
    order = forms.order()
    assert order.document.kind.is_form
    own = order.fonts[0]
    bare = replace(own, coverage=own.coverage - {ord("~")})  # then no letter is taken for granted
    facts = {"patient.name": " Ada ", "patient.birth_date": "1961-04-09", "patient.mrn": "7", "encounter.side": "left"}
    one, other = (library.encounter_of(facts, "x", order.document, face) for face in (own, bare))
    assert dict(one.values) == dict(other.values)
    assert one.values["patient.name"] == "Ada"


# The rows that come back ----------------------------------------------------------------------------------------------

RISKY = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1")


def test_no_cell_of_what_was_refused_is_a_formula(tmp_path: Path) -> None:
    path = csv_file(tmp_path, [[*HEADER, "remark", "=x"], *([*row(mrn=""), one, 'a "b",\nc'] for one in RISKY)])
    roster = library.read_roster(path, PLAIN, TODAY)
    text = library.refused_header(roster.columns)
    text += "".join(library.refused_row(one) for one in roster if isinstance(one, Refusal))
    assert text.startswith("\ufeffrow,reason,mrn,")
    header, *rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
    assert len(rows) == len(RISKY)
    assert not any(cell.lstrip().startswith(("=", "+", "-", "@", "＝")) for line in (header, *rows) for cell in line)
    assert rows[0][:3] == ["2", "mrn: the cell is empty. Fill it in.", ""]
    assert rows[0][-2:] == ["'=1+1", 'a "b",\nc']


# The profile ----------------------------------------------------------------------------------------------------------


def profile(folder: Path, more: str) -> ClinicProfile:
    (folder / "clinic.toml").write_text('name = "X"\nphone = "(503) 691-2000"\n' + more)
    return library.read_clinic(folder / "clinic.toml", {"Clinic Sans"})


def test_the_profile_says_how_rosters_are_written(tmp_path: Path) -> None:
    clinic = profile(
        tmp_path,
        '[roster]\ndate_format = "mm/dd/yyyy"\nencoding = "cp1252"\ndelimiter = "tab"\nsheet = "Today"\n'
        'leave_out = {"Visit Status" = ["Cancelled", "No show"]}\n'
        '[roster.columns]\n"Patient ID" = "mrn"\nBorn = "dob"\n'
        '[procedures]\n"Neuro therapy" = ["neurotherapy/handout", "neurotherapy/consent"]\nBoth = ["neurotherapy"]\n',
    )
    assert clinic.roster == RosterLayout(
        {"Patient ID": "mrn", "Born": "birth_date"},
        "MM/DD/YYYY",
        "windows-1252",
        "\t",
        "Today",
        {"Visit Status": ("Cancelled", "No show")},
    )
    topics = ["neurotherapy", "sleep"]
    assert packet_for(clinic, " neuro  THERAPY", topics) == (("neurotherapy", "handout"), ("neurotherapy", "consent"))
    assert packet_for(clinic, "both", topics) == (("neurotherapy", ""),)
    assert packet_for(clinic, "Sleep", topics) == (("sleep", ""),)
    assert packet_for(clinic, "Hypnosis", topics) == ()


def test_the_profile_in_the_documents_is_one(tmp_path: Path) -> None:
    (block,) = re.findall(r"```toml\n(\[roster\].*?)```", (forms.ROOT / "docs/batch.md").read_text("utf-8"), re.DOTALL)
    clinic = profile(tmp_path, block)
    assert clinic.roster.columns == {"Patient ID": "mrn", "Appt": "appointment"}
    assert clinic.roster.leave_out == {"Status": ("Cancelled", "No show")}
    assert packet_for(clinic, "EEG training", []) == (("neurotherapy", "handout"), ("neurotherapy", "consent"))


@pytest.mark.parametrize(
    ("more", "line", "message"),
    [
        ('[roster]\ndate_fromat = "x"\n', 4, "Did you mean 'date_format'?"),
        ('[roster]\ndate_format = "MM/DD/YY"\n', 4, "Did you mean 'MM/DD/YYYY'?"),
        ('[roster]\nencoding = "windows-1255"\n', 4, "'encoding' does not know"),
        ('[roster]\ndelimiter = "#"\n', 4, "'delimiter' does not know '#'"),
        ('[roster.columns]\n"Patient ID" = "mnr"\n', 4, "Did you mean 'mrn'?"),
        ('[roster.columns]\n"Patient ID" = 3\n', 4, "has to be text"),
        ('[roster]\nleave_out = ["Cancelled"]\n', 4, "has to be a table"),
        ('[roster.leave_out]\nStatus = "Cancelled"\n', 4, "a list of texts"),
        ("[roster]\nleave_out = {Status = []}\n", 4, "is missing"),
        ('[procedures]\n"Neuro therapy" = ["neurotherapy/leaflet"]\n', 4, "Write topic, or topic/kind"),
        ('[procedures]\n"Neuro therapy" = "neurotherapy"\n', 4, "a list of texts"),
        ("[procedures]\nNeuro = []\n", 4, "is missing"),
        ('roster = "x"\n', 3, "a table"),
    ],
)
def test_a_profile_that_says_it_wrong_is_told_with_its_line(more: str, line: int, message: str, tmp_path: Path) -> None:
    with pytest.raises(ContentError) as error:
        profile(tmp_path, more)
    assert f"clinic.toml:{line}:" in str(error.value)
    assert message in str(error.value)


# The order of dates, as a column shows it itself ----------------------------------------------------------------------

NONE_IS_CERTAIN = "other dates of this column have day and month in another order"
COLUMNS_OF_DAYS = {
    "American": (["04/09/1961", "12/31/1980"], ["1961-04-09", "1980-12-31"], "MM/DD/YYYY"),
    "European": (["09/04/1961", "31/12/1980"], ["1961-04-09", "1980-12-31"], "DD/MM/YYYY"),
    "with dots": (["9.4.1961", "31.12.1980"], ["1961-04-09", "1980-12-31"], "DD.MM.YYYY"),
    "with strokes": (["4-9-1961", "12-31-1980"], ["1961-04-09", "1980-12-31"], "MM-DD-YYYY"),
    "beside ISO dates": (["04/09/1961", "1980-12-31", "12/30/1980"], ["1961-04-09", "1980-12-31", "1980-12-30"], "M"),
    "both orders": (["04/09/1961", "12/31/1980", "31/12/1980"], [NONE_IS_CERTAIN] * 3, ""),
    "two ways": (["04/09/1961", "12/12/1980"], ["can be read two ways"] * 2, ""),
    "a year of two digits": (["04/09/61", "12/31/1980"], ["the year has not four digits", "1980-12-31"], "MM/DD/YYYY"),
    "no such day": (["13/13/1961", "04/09/1961"], ["there is no such day", "can be read two ways"], ""),
    "no such day in the order": (["02/30/1961", "04/09/1961"], ["there is no such day", "1961-04-09"], "MM/DD/YYYY"),
    "the year first": (["1961/04/09"], ["a form that was not declared"], ""),
    "dots in the American order": (["12.31.1980"], ["a form that is not read"], ""),
    "two forms in one column": (["12/31/1980", "31.12.1980"], ["1980-12-31", "1980-12-31"], "MM/DD/YYYY"),
}


@pytest.mark.parametrize("kind", WRITERS)
@pytest.mark.parametrize("name", COLUMNS_OF_DAYS)
def test_a_column_settles_the_order_of_its_dates_or_says_why_not(name: str, kind: str, tmp_path: Path) -> None:
    written, wanted, form = COLUMNS_OF_DAYS[name]
    rows = [HEADER, *(row(mrn=str(number), birth_date=day) for number, day in enumerate(written))]
    roster = library.read_roster(WRITERS[kind](tmp_path, rows), PLAIN, TODAY)
    for found, said in zip(roster, wanted, strict=True):
        if said[0].isdigit():
            assert isinstance(found, Visit)
            assert found.facts["patient.birth_date"] == said
        else:
            assert "birth_date: " in told(found)
            assert said in told(found)
            assert form or "date_format" in told(found)
    assert any(f"The dates of birth_date are read as {form}" in note for note in roster.notes) == bool(form)


def test_one_column_does_not_settle_another(tmp_path: Path) -> None:
    rows = [HEADER, row(birth_date="12/31/1980", appointment="04/09/2026 9:00 AM")]
    (one,) = read(csv_file(tmp_path, rows))
    assert "appointment: the date can be read two ways" in told(one)
    assert "birth_date" not in told(one)
    others = [row(birth_date="12/31/1980", appointment="30/11/2026 09:30"), row(mrn="2", appointment="01/12/2026")]
    rows = [HEADER, *others]
    first, second = visits(csv_file(tmp_path, rows))
    assert (first.facts["patient.birth_date"], first.facts["encounter.date"]) == ("1980-12-31", "2026-11-30")
    assert second.facts["encounter.date"] == "2026-12-01"


def test_a_declared_form_is_believed_whatever_the_dates_show(tmp_path: Path) -> None:
    path = csv_file(tmp_path, [HEADER, row(birth_date="12/31/1980"), row(mrn="2", birth_date="04/09/1961")])
    first, second = read(path, RosterLayout(date_format="DD/MM/YYYY"))
    assert "as DD/MM/YYYY there is no such day" in told(first)
    assert isinstance(second, Visit)
    assert second.facts["patient.birth_date"] == "1961-09-04"


# Rows that the profile leaves out -------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", WRITERS)
def test_rows_are_left_out_by_the_value_of_a_column_and_counted(kind: str, tmp_path: Path) -> None:
    states = ["Confirmed", "cancelled ", "No show", "", "CANCELLED", "Not cancelled"]
    rows = [[*HEADER, "Visit Status"], *([*row(mrn=str(n)), state] for n, state in enumerate(states))]
    layout = RosterLayout(leave_out={"visit status": ("Cancelled", "No show")})
    roster = library.read_roster(WRITERS[kind](tmp_path, rows), layout, TODAY)
    assert [one.facts["patient.mrn"] for one in roster if isinstance(one, Visit)] == ["0", "3", "5"]
    (note,) = [note for note in roster.notes if "left out" in note]
    assert "3 rows of roster" in note
    assert not any("Columns that are not used" in note for note in roster.notes)


def test_a_visit_that_was_cancelled_and_booked_again_is_no_twin(tmp_path: Path) -> None:
    path = csv_file(tmp_path, [[*HEADER, "Status"], [*ADA, "Cancelled"], [*ADA, "Confirmed"]])
    assert len(read(path, RosterLayout(leave_out={"Status": ("Cancelled",)}))) == 1


def test_a_column_that_leaves_rows_out_has_to_be_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"has no column 'Status', by which clinic.toml leaves rows out"):
        read(csv_file(tmp_path, [HEADER, ADA]), RosterLayout(leave_out={"Status": ("Cancelled",)}))


def test_a_row_that_cannot_be_parted_into_cells_is_refused_and_never_left_out(tmp_path: Path) -> None:
    path = csv_file(tmp_path, [[*HEADER, "Status"], [*ADA, "Cancelled", "x"]])
    (one,) = read(path, RosterLayout(leave_out={"Status": ("Cancelled",)}))
    assert "more cells or less" in told(one)


SAID_LANGUAGES = {
    **dict.fromkeys(("es-MX", "es_419", "ES", "es-US", "spa", "SPA-mx", "es_MX.UTF-8", "Español (México)"), "es"),
    **dict.fromkeys(("Spanish; Castilian", "Spanish - Mexico", "Español/Spanish", "Spanish (es)", "castellano"), "es"),
    **dict.fromkeys(("en-US", "English, US", "English (United States)"), "en"),
    "zh-Hant-TW": "zh",
    "pt_BR": "pt",
    "Spanish - no interpreter needed": "es",
    "xx_YY": "xx-yy",
    "": "",
}


@pytest.mark.parametrize("said", SAID_LANGUAGES)
def test_a_language_is_known_with_its_country_and_by_its_longer_names(said: str, tmp_path: Path) -> None:
    (one,) = visits(csv_file(tmp_path, [[*HEADER, "language"], [*ADA, said]]))
    assert one.language == SAID_LANGUAGES[said]


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        *((one, "more than one language") for one in ("Spanish/English", "ENG/SPA", "Spanish and English", "en, es")),
        *((one, "more than one language") for one in ("español e inglés", "Vietnamese + English")),
        *((one, "does not speak") for one in ("No English", "non-English: Spanish", "English, no Spanish")),
        *((one, "does not speak") for one in ("Does not speak any English", "No habla inglés", "not Spanish")),
        *((one, "") for one in ("English", "Español/Spanish", "Spanish (interpreter needed)", "no", "Norwegian")),
        *((one, "") for one in ("Spanish - no interpreter needed", "Klingon", "ESL", "English (no interpreter)")),
    ],
)
def test_two_languages_or_one_that_is_denied_are_asked_for_and_never_english(
    said: str, fault: str, tmp_path: Path
) -> None:
    (one,) = read(csv_file(tmp_path, [[*HEADER, "language"], [*ADA, said]]))
    assert isinstance(one, Refusal) is bool(fault)
    if fault:
        assert fault in told(one)
        assert "language" in told(one)
        assert said not in told(one)


def test_how_many_rows_name_a_language_with_its_country_is_told_and_no_cell_repeated(tmp_path: Path) -> None:
    said = ("es-MX", "es_419", "Español (México)", "Spanish", "es", "spa", "en-US", "pt-BR", "Klingon")
    rows = [[f"000{number}", *ADA[1:], one] for number, one in enumerate(said)]
    roster = library.read_roster(csv_file(tmp_path, [[*HEADER, "language"], *rows]), PLAIN, TODAY)
    assert len(list(roster)) == len(said)
    (note,) = (one for one in roster.notes if "country" in one)
    assert note.endswith("the nearest one is taken: Español in 3, English in 1, pt in 1.")


NO_VALUES = (
    "#N/A",
    "#REF!",
    "#NAME?",
    "#DIV/0!",
    "#¡VALOR!",
    "#¿NOMBRE?",
    "#BEZUG!",
    "#NV",
    "####",
    "Err:502",
    "#SPILL!",
)


@pytest.mark.parametrize("kind", WRITERS)
def test_the_errors_of_a_spreadsheet_are_refused_in_every_column(kind: str, tmp_path: Path) -> None:
    header = [*HEADER, "language", "site", "clinician", "time"]
    for value in (*NO_VALUES, "nan", "NULL", "None", "N/A", "<NA>"):
        path = WRITERS[kind](tmp_path, [header, *([*ADA, "", "", "", ""] for _ in header)])
        rows = [[*ADA, "", "", "", ""] for _ in header]
        for number, cells in enumerate(rows):
            cells[number] = value
        path = WRITERS[kind](tmp_path, [header, *rows])
        for column, found in zip(header, read(path), strict=True):
            assert f"{column}: the cell holds" in told(found), (value, column)


@pytest.mark.parametrize("name", ["Null", "Nan", "None", "#1 Example", "N. A.", "Nannette"])
def test_people_may_be_called_like_a_word_for_nothing(name: str, tmp_path: Path) -> None:
    header = ["mrn", "given", "family", "birth_date", "appointment", "procedure"]
    (one,) = visits(csv_file(tmp_path, [header, [ADA[0], name, "Null", *ADA[2:]]]))
    assert one.facts["patient.name"] == f"{name} Null"


def test_the_appointments_of_the_cases_are_read_as_a_clinic_means_them() -> None:
    cases = Path(__file__).parent / "cases" / "rosters"
    columns = {"Appt Date": "date", "Appt Time": "time", "Chart #": "mrn", "Patient Last": "family"}
    columns |= {"Patient First": "given", "Visit Type": "procedure", "Provider": "clinician", "Lang": "language"}
    layout = RosterLayout(columns=columns, leave_out={"Status": ("Cancelled", "No show")})
    roster = library.read_roster(cases / "appts.csv", layout, TODAY)
    zoe, max_, lee = roster
    assert isinstance(zoe, Visit)
    assert (zoe.facts["encounter.date"], zoe.facts["encounter.time"], zoe.language) == ("2026-11-30", "09:00", "es")
    assert isinstance(max_, Visit)
    assert "Appt Time: this is not a time of day" in told(lee)  # 1:00 may be in the morning
    notes = " ".join(roster.notes)
    assert "2 rows of appts.csv are left out, as [roster] in clinic.toml says: 1 with 'Cancelled'" in notes
    assert "The dates of Appt Date are read as MM/DD/YYYY" in notes
    assert "The dates of DOB are read as MM/DD/YYYY" in notes
