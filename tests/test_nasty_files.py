"""Whatever lies where a file is expected, each reader ends within its time, with a sentence that names the file.

Never a traceback, never an endless wait, never a value in silence, and never a fact about a patient in a sentence. All
people are invented.
"""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from clinicpress import library
from clinicpress.clinics import RosterLayout
from clinicpress.documents.reviews import ReviewRecord, Verdict
from clinicpress.errors import InputError
from clinicpress.json_text import MAX_DEPTH, JsonError, read_json
from clinicpress.library.records import read_reviews, with_record
from tests.lint.shelf import ROOT, Shelf, as_spanish, change, forked, stock

CASES = Path(__file__).parent / "cases"
TODAY = date(2026, 12, 1)
PARTS = ("xl/workbook.xml", "xl/styles.xml", "xl/worksheets/sheet1.xml", "xl/_rels/workbook.xml.rels")
SECONDS = 20  # of the processor: generous, for a command line that ends at once
CONTENT, USAGE = 2, 3
NAME = "Zoraida Madeup"  # nobody; what no sentence may hold


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return stock(tmp_path / "shelf")


def refused(code: int, *arguments: str) -> str:
    """Runs a command line that has to be refused in words, in time, and without a fact about a patient."""
    ran = forked(*arguments, seconds=SECONDS)
    assert "Traceback" not in ran.stderr, ran.stderr
    assert ran.returncode == code, (ran.returncode, ran.stderr)
    assert NAME not in ran.stderr + ran.stdout
    return ran.stderr


# What is no file ------------------------------------------------------------------------------------------------------


def pipe(path: Path) -> None:
    os.mkfifo(path)


def connection(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as one:
        here = Path.cwd()
        os.chdir(path.parent)  # the address of a socket has 108 bytes
        try:
            one.bind(path.name)
        finally:
            os.chdir(here)


NO_FILES: dict[str, tuple[Callable[[Path], object], str]] = {
    "pipe": (pipe, "it is a pipe"),
    "connection": (connection, "it is something to connect to"),
    "device": (lambda path: path.symlink_to("/dev/zero"), "it is a device"),
    "terminal": (lambda path: path.symlink_to("/dev/tty"), ""),
    "folder": (Path.mkdir, "Is a directory"),
    "loop": (lambda path: path.symlink_to(path), "Too many levels of symbolic links"),
    "nothing": (lambda path: None, "No such file"),
}
READERS: dict[str, tuple[str, Callable[[Shelf, str], list[str]]]] = {
    "patient": (".json", lambda shelf, name: ["build", "--kind", "consent", "--patient", name, *shelf.options]),
    "clinic": (".toml", lambda shelf, name: ["build", *shelf.options, "--clinic", name]),
    "roster": (".csv", lambda shelf, name: ["batch", name, "--out", f"{shelf.folder}/batch", *shelf.options]),
    "workbook": (".xlsx", lambda shelf, name: ["batch", name, "--out", f"{shelf.folder}/batch", *shelf.options]),
    "lines": (".jsonl", lambda shelf, name: ["batch", name, "--out", f"{shelf.folder}/batch", *shelf.options]),
    "word": (".docx", lambda shelf, name: ["import", name, "--topic", "new", *shelf.options]),
    "text": (".txt", lambda shelf, name: ["import", name, "--topic", "new", *shelf.options]),
    "translation": (".xlf", lambda shelf, name: ["translate", "import", name, *shelf.options]),
    "handouts": ("", lambda shelf, name: ["build", *shelf.options, "--handouts", name]),
}


@pytest.mark.parametrize("what", NO_FILES)
@pytest.mark.parametrize("reader", READERS)
def test_what_is_no_file_is_refused_at_once_by_whoever_reads_one(shelf: Shelf, reader: str, what: str) -> None:
    ending, command = READERS[reader]
    make, words = NO_FILES[what]
    path = shelf.folder.parent / f"given{ending}"
    if reader == "handouts" and what == "folder":
        pytest.skip("this is what it wants")
    make(path)
    said = refused(USAGE, *command(shelf, str(path)))
    assert path.name in said
    assert words in said or reader == "handouts"


@pytest.mark.parametrize("name", ["x" * 300, "/".join(["y" * 200] * 30), os.fsdecode(b"caf\xe9")])
@pytest.mark.parametrize("reader", READERS)
def test_a_name_that_no_disk_holds_or_no_text_writes_is_refused(shelf: Shelf, reader: str, name: str) -> None:
    ending, command = READERS[reader]
    assert refused(USAGE, *command(shelf, str(shelf.folder.parent / (name + ending))))


@pytest.mark.parametrize("what", ["pipe", "device", "connection"])
def test_nothing_is_written_in_the_place_of_what_is_no_file(shelf: Shelf, tmp_path: Path, what: str) -> None:
    place = tmp_path / "job.pdf"
    NO_FILES[what][0](place)
    before = place.lstat()
    for command in (
        ["batch", str(CASES / "rosters" / "es-mx.csv"), "--out", f"{tmp_path}/packets", "--merge", str(place)],
        ["batch", str(CASES / "rosters" / "es-mx.csv"), "--out", str(place)],
        ["translate", "export", "ear-rinse", "--kind", "handout", "--to", "es", "--out", str(place)],
    ):
        assert "job.pdf" in refused(USAGE, *command, *shelf.options)
    assert (place.lstat().st_ino, place.lstat().st_mode) == (before.st_ino, before.st_mode)


# Texts of JSON --------------------------------------------------------------------------------------------------------

JSON = {
    "brackets": ("[" * 99_000, "more than 32 brackets within each other"),
    "tables": ('{"a":' * 19_000, "more than 32 brackets within each other"),
    "brackets in order": ("[" * 33 + "]" * 33, "more than 32 brackets within each other"),
    "a key twice": ('{"patient": {"name": "x",\n"name": "y"}}', "the key 'name' stands twice"),
    "a key twice, in other letters": ('{"mrn": "1", "\\u006drn": "2"}', "the key 'mrn' stands twice"),
    "a key that may be a fact, twice": (f'{{"{NAME}": 1, "{NAME}": 2}}', "a key stands twice"),
    "half a character": (f'{{"patient": {{"name": "{NAME}\\ud800"}}}}', "half of a character"),
    "half a character as a key": ('{"\\udfff": 1}', "half of a character"),
    "no number": ('{"a": NaN}', "holds NaN"),
    "no end": ('{"a": -Infinity}', "holds -Infinity"),
    "a large number": ('{"a": 1e999}', "a number that is larger"),
    "a number of too many digits": ('{"a": ' + "1" * 5_000 + "}", "too many digits"),
    "no end of a text": ('{"a": "' + '\\"' * 40_000, "not JSON"),
    "quotes": ('"' * 99_000, "not JSON"),
    "blanks": (" " * 99_000, "not JSON"),
    "nothing": ("", "not JSON"),
}


@pytest.mark.parametrize("name", JSON)
def test_json_that_nobody_means_is_refused_by_name_and_line(name: str, shelf: Shelf, tmp_path: Path) -> None:
    text, words = JSON[name]
    with pytest.raises(JsonError, match=words):
        read_json(text)
    path = tmp_path / "patient.json"
    path.write_text(text)
    said = refused(CONTENT, "build", "--kind", "consent", "--patient", str(path), *shelf.options)
    assert words in said
    assert "patient.json" in said


def test_bytes_that_are_no_text_are_no_json() -> None:
    with pytest.raises(JsonError, match="not UTF-8") as told:
        read_json(b'{"a":\n"\xff"}')
    assert told.value.line == 2


@pytest.mark.parametrize(
    "value",
    [
        {"a": [1, 2.5, True, None, "x"], "b": {"a": "the same key in another table"}},
        {"a": "[{" * 1_000, "b": '"\\' * 1_000, "c": "😀 \\ud800"},
        [[[[[["six deep"]]]]]] * 1_000,
    ],
)
@pytest.mark.parametrize("ascii_only", [True, False])
def test_json_that_somebody_means_is_read_as_python_reads_it(value: object, ascii_only: bool) -> None:
    assert read_json(json.dumps(value, ensure_ascii=ascii_only)) == value
    assert read_json(json.dumps(value, ensure_ascii=ascii_only).encode()) == value


def test_as_many_brackets_as_are_allowed_are_read() -> None:
    read_json("[" * MAX_DEPTH + "]" * MAX_DEPTH)


def test_brackets_within_words_do_not_count() -> None:
    said = ["[" * 99, "]{", '"[{', "\\", '\\"' + "[" * 99]
    assert read_json(json.dumps([said] * 99)) == [said] * 99
    deep = "[" * (MAX_DEPTH + 1) + json.dumps("]" * 99) + "]" * (MAX_DEPTH + 1)
    for hidden in (deep, f"[{json.dumps(said)}, {deep}]", f'["{2 * chr(92)}", {deep}]'):
        with pytest.raises(JsonError, match="brackets within each other"):
            read_json(hidden)


@pytest.mark.parametrize(
    ("name", "words"),
    [("07-deep.json", "brackets within each other"), ("08-twice.json", "the key 'name' stands twice")],
)
def test_the_patients_of_the_cases_are_refused_by_name(name: str, words: str, shelf: Shelf) -> None:
    path = CASES / "patients" / name
    said = refused(CONTENT, "build", "--kind", "consent", "--patient", str(path), *shelf.options)
    assert words in said
    assert f"{name}:1" in said
    assert not any(person in said for person in ("Ann One", "Bea Two"))


def test_a_fact_that_is_told_twice_in_two_forms_is_refused(shelf: Shelf, tmp_path: Path) -> None:
    path = tmp_path / "patient.json"
    path.write_text(json.dumps({"patient": {"name": "A"}, "patient.name": NAME}))
    said = refused(CONTENT, "build", "--kind", "consent", "--patient", str(path), *shelf.options)
    assert "patient.name is told twice" in said


SETTINGS = {
    "a field twice": (["patient.mrn=1", f"patient.mrn={NAME}"], USAGE, "numbers 1 and 2"),
    "half a character": ([os.fsdecode(b"patient.name=" + NAME.encode() + b"\xe9")], CONTENT, "U+DCE9"),
    "a name of no field": ([os.fsdecode(b"caf\xe9=1")], CONTENT, "No field"),
}


@pytest.mark.parametrize("name", SETTINGS)
def test_values_of_the_command_line_are_refused_like_those_of_a_file(name: str, shelf: Shelf) -> None:
    settings, code, words = SETTINGS[name]
    given = [part for one in settings for part in ("--set", one)]
    assert words in refused(code, "build", "--kind", "consent", *given, *shelf.options)


# Profiles -------------------------------------------------------------------------------------------------------------

RECORD = ReviewRecord("handout.en", Verdict.APPROVED, "Ada Example, ND", TODAY, TODAY, "0" * 64)
PROFILES = {
    "brackets": "a = " + "[" * 100_000,
    "tables": "a = " + "{a = " * 50_000,
    "a key of many parts": "a." * 200_000 + "a = 1",
    "a table of many parts": "[" + "a." * 200_000 + "a]",
    "a table within a table": "x = {" + "a." * 200_000 + "a = 1}",
    "a number of too many digits": "a = " + "1" * 5_000,
    "no end of a text": 'a = "' + "\\" * 400_000,
    "quotes": "a = '" + "'" * 400_000,
    "a key twice": 'name = "x"\nname = "y"',
}


@pytest.mark.parametrize("name", PROFILES)
def test_a_file_of_toml_that_nobody_means_is_told_by_file_and_line(name: str, shelf: Shelf) -> None:
    (shelf.folder / "here.toml").write_text(PROFILES[name])
    change(shelf.clinic, ("phone =", 'jurisdiction = "here.toml"\nphone ='))
    (shelf.folder / "glossary.toml").write_text(PROFILES[name])
    said = refused(CONTENT, "build", *shelf.options)
    assert all(f"{file}:" in said for file in ("here.toml", "glossary.toml"))
    shelf.clinic.write_text(PROFILES[name])
    assert "clinic.toml:" in refused(CONTENT, "build", *shelf.options)


@pytest.mark.parametrize("name", PROFILES)
def test_a_record_of_reviews_that_nobody_means_is_told_by_file_and_line(name: str, tmp_path: Path) -> None:
    (tmp_path / "review.toml").write_text(PROFILES[name])
    records, problems = read_reviews(tmp_path)
    assert records == {}
    assert [(one.code, one.line > 0) for one in problems] == [("R03", True)]
    with pytest.raises(InputError, match="Nothing was written"):
        with_record((tmp_path / "review.toml").read_bytes(), RECORD)


# Workbooks ------------------------------------------------------------------------------------------------------------


ENCODINGS = [
    *("foo-bar", "hex", "rot13", "idna", "punycode", "utf-7", "utf-32", "zlib", "unicode_escape", "palmos"),
    *("shift_jis", "charmap", "undefined", "cp037", "os", "x-mac-roman", "utf8", "UTF_16"),
]


def workbook_with(path: Path, part: str, change: Callable[[bytes], bytes]) -> Path:
    """A workbook of the cases with one part changed."""
    with zipfile.ZipFile(CASES / "rosters" / "06-surrogate.xlsx") as good, zipfile.ZipFile(path, "w", 8) as bad:
        assert part in good.namelist()
        for name in good.namelist():
            bad.writestr(name, change(good.read(name)) if name == part else good.read(name))
    return path


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("part", PARTS)
def test_a_workbook_that_declares_letters_that_no_workbook_has_is_refused(
    encoding: str, part: str, tmp_path: Path
) -> None:
    def declared(data: bytes) -> bytes:
        head = f'<?xml version="1.0" encoding="{encoding}"?>'.encode()
        return head + (data[data.index(b"?>") + 2 :] if data.startswith(b"<?xml") else data)

    path = workbook_with(tmp_path / "day.xlsx", part, declared)
    with pytest.raises(InputError, match=r"day\.xlsx says that its letters are stored in a way"):
        library.read_roster(path, RosterLayout(), TODAY)


@pytest.mark.parametrize("name", ["10-enchex.xlsx", "10-unkenc.xlsx"])
def test_the_workbooks_of_the_cases_are_refused(name: str, shelf: Shelf, tmp_path: Path) -> None:
    said = refused(USAGE, "batch", str(CASES / "rosters" / name), "--out", str(tmp_path / "out"), *shelf.options)
    assert f"{name} says that its letters are stored in a way that no spreadsheet uses" in said


@pytest.mark.parametrize("part", PARTS)
def test_a_part_of_a_workbook_whose_tags_never_end_is_refused(part: str, tmp_path: Path) -> None:
    path = workbook_with(tmp_path / "day.xlsx", part, lambda _: b"<a>" * 6_000_000)
    with pytest.raises(InputError, match=r"day\.xlsx is damaged"):
        library.read_roster(path, RosterLayout(), TODAY)


# Rosters of the cases -------------------------------------------------------------------------------------------------


def packets(shelf: Shelf, name: str, out: Path) -> list[str]:
    """The command line for a roster of the cases, whose procedure is on this shelf then."""
    with shelf.clinic.open("a") as file:
        file.write('\n[procedures]\nneurotherapy = ["ear-rinse/handout"]\n')
    return ["batch", str(CASES / "rosters" / name), "--out", str(out), *shelf.options]


def printed(tmp_path: Path, shelf: Shelf, name: str) -> tuple[int, str, str]:
    """A batch of a roster of the cases: exit code, what it said, its refused rows."""
    out = tmp_path / "packets"
    ran = forked(*packets(shelf, name, out), seconds=120)
    assert "Traceback" not in ran.stderr, ran.stderr
    rows = (out / "refused.csv").read_text("utf-8-sig") if (out / "refused.csv").exists() else ""
    return ran.returncode, ran.stderr, rows


@pytest.mark.parametrize(("name", "good"), [("06-surrogate.jsonl", 1), ("06-surrogate.xlsx", 0)])
@pytest.mark.usefixtures("from_cache")
def test_a_row_with_half_a_character_is_refused_and_the_others_are_printed(
    name: str, good: int, shelf: Shelf, tmp_path: Path
) -> None:
    code, said, rows = printed(tmp_path, shelf, name)
    assert code == 7
    assert f"{good} rows printed" in said
    assert "U+D800" in rows
    assert "\ufffd" in rows  # what no file can hold


def test_errors_of_a_spreadsheet_and_words_for_nothing_are_no_names_and_no_numbers(
    shelf: Shelf, tmp_path: Path
) -> None:
    code, said, rows = printed(tmp_path, shelf, "r5-errors.csv")
    assert (code, "0 rows printed" in said) == (7, True)
    lines = rows.splitlines()[1:]
    columns = ["name", "mrn", "name", "name", "mrn", "mrn"]
    assert [line.split('"')[1].split(":")[0] for line in lines] == columns


def test_spanish_of_every_country_is_printed_in_spanish(shelf: Shelf, tmp_path: Path) -> None:
    text = shelf.handout.read_text()
    shelf.handout.with_name("handout.es.md").write_text(as_spanish(text))
    ran = forked(*packets(shelf, "es-mx.csv", tmp_path / "x"), "--dry-run", seconds=120)
    assert re.findall(r"(\d+)  ear-rinse handout \((..)", ran.stdout) == [("1", "en"), ("5", "es")]


@pytest.mark.usefixtures("from_cache")
def test_english_instead_of_the_patients_language_is_told_on_the_screen(shelf: Shelf, tmp_path: Path) -> None:
    code, said, _ = printed(tmp_path, shelf, "es-mx.csv")
    assert code == 0
    assert "Note: 5 rows: no handout of ear-rinse in Español; English instead." in said


# Folders, names and days ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [os.fsdecode(b"caf\xe9"), "line\nbreak", "mark\u202e"])
@pytest.mark.usefixtures("from_cache")
def test_a_topic_whose_name_cannot_be_written_is_told_and_the_others_are_printed(name: str, shelf: Shelf) -> None:
    topic = shelf.folder / name
    shutil.copytree(shelf.handout.parent, topic)
    out = ["--out", str(shelf.folder.parent / "out")]
    assert "a sign that cannot be shown, or bytes that are no text" in refused(CONTENT, "build", *out, *shelf.options)
    assert "name-mismatch" in refused(CONTENT, "list", "--json", *shelf.options[:4])
    ran = forked("build", "ear-rinse", "--kind", "handout", *out, *shelf.options)
    assert (ran.returncode, ran.stderr) == (0, "")


@pytest.mark.usefixtures("from_cache")
def test_a_shelf_in_a_folder_whose_name_is_no_text_is_printed_and_told_as_it_is(tmp_path: Path) -> None:
    folder = tmp_path / os.fsdecode(b"caf\xe9")
    shelf = stock(folder / "shelf")
    command = [
        sys.executable,
        "generate.py",
        "build",
        "--kind",
        "handout",
        "--out",
        str(folder / "out"),
        *shelf.options,
    ]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, timeout=120).stdout
    assert os.fsencode(folder / "out" / "ear-rinse" / "handout.en.pdf") in told.splitlines()
    as_json = subprocess.run([*command, "--json"], cwd=ROOT, capture_output=True, check=True, timeout=120).stdout
    assert json.loads(as_json)["manifest"] == str(folder / "out" / "manifest.json")


@pytest.mark.parametrize("day", ["9999-12-31", "9999-12-30", "2028-02-29", "0001-01-01"])
@pytest.mark.usefixtures("from_cache")
def test_every_day_of_the_calendar_can_be_today(day: str, shelf: Shelf, tmp_path: Path) -> None:
    options = [*shelf.options[:4], "--today", day]
    out = ["--out", str(tmp_path / "out")]
    commands = {
        "build": ["build", "--kind", "consent", *out, *options],
        "list": ["list", *options],
        "check": ["check", *options],
        "new": ["new", "knee-brace", *options],
        "import": ["import", str(ROOT / "samples" / "cool-wrap.txt"), *options],
        "batch": [*packets(shelf, "es-mx.csv", tmp_path / "packets")[:-1], day],
    }
    for name, command in commands.items():
        ran = forked(*command)
        assert "Traceback" not in ran.stderr, (name, ran.stderr)
        assert ran.returncode in (0, 2, 7), (name, ran.stderr)


@pytest.mark.parametrize("key", ["language_notice", "jurisdiction", "logo"])
@pytest.mark.parametrize(
    "name", ["x" * 300 + ".toml", "y" * 5_000 + ".toml", "loop.toml", "/dev/zero", ".", "dir.toml"]
)
def test_a_name_in_a_profile_that_leads_nowhere_is_refused_by_its_line(key: str, name: str, shelf: Shelf) -> None:
    (shelf.folder / "loop.toml").symlink_to("loop.toml")
    (shelf.folder / "dir.toml").mkdir()
    text = shelf.clinic.read_text()
    lines = [line for line in text.splitlines() if not line.startswith(f"{key} =")]
    at = lines.index("[brand]") + 1 if key == "logo" else 0
    lines.insert(at, f'{key} = "{name}"')
    shelf.clinic.write_text("\n".join(lines) + "\n")
    assert f"clinic.toml:{at + 1}" in refused(CONTENT, "build", *shelf.options)


# Patterns are linear --------------------------------------------------------------------------------------------------

LONG = 100_000  # characters: with a pattern that is quadratic this takes minutes
ROWS = {
    "blanks": " " * LONG,
    "blanks behind a key": "a" + " " * LONG,
    "letters": "a" * LONG,
    "letters in braces": "a = {" + "a" * LONG,
    "quotes": "'" * LONG,
    "brackets": "[" * LONG,
    "braces": "{" * LONG,
    "strokes": "- " * (LONG // 2) + "x",
    "notes": "[^" * (LONG // 2),
    "addresses": "](" + "a" * LONG,
    "marks": "#" * LONG,
    "dots": "." * LONG,
}


@pytest.mark.parametrize("name", ROWS)
def test_one_long_line_is_read_in_its_time_by_every_reader_of_texts(name: str, shelf: Shelf) -> None:
    for files in ((shelf.handout, shelf.folder / "glossary.toml"), (shelf.clinic,)):
        for path in files:
            with path.open("a") as file:
                file.write(f"\n{ROWS[name]}\n")
        ran = forked("check", "--words", *shelf.options, seconds=SECONDS)
        assert "Traceback" not in ran.stderr
        assert ran.returncode in (0, 2, 3), (files[0].name, ran.returncode, ran.stderr)


IMPORTED = {
    "deep.html": "<html>" + "<div>" * 100_000 + "<p>Wear the brace.",
    "lists.html": "<html>" + "<ul><li>Wear the brace.</li>" * 5_000,
    "cells.html": "<html><table>" + "<tr><td>a" * 2_000 + '<td colspan="50">b' * 2_000,
    "pieces.html": "<html><p>" + "<x>a</x>" * 20_000,
    "pictures.html": "<html>" + "".join(f"<img src=p{number}>" for number in range(10_000)) + "Wear the brace.",
    "own.txt": "Wear the brace.\n\n" + "".join(chr(0xE000 + n % 6_400) + "a" for n in range(100_000)),
    "lines.txt": "and wear the brace\n" * 20_000,
    "empty.txt": "Wear it.\n\n" + "o\n" + "\n" * 200_000 + "x",
    "mixed.txt": "- a\n1. b\n" * 5_000,
    "blanks.md": "# a" + " " * 200_000 + "b\n\nWear the brace.",
}


@pytest.mark.parametrize("name", IMPORTED)
def test_what_is_imported_takes_time_by_its_length_only(name: str, shelf: Shelf, tmp_path: Path) -> None:
    (tmp_path / name).write_text(IMPORTED[name])
    ran = forked("import", str(tmp_path / name), "--topic", "new", *shelf.options, seconds=SECONDS)
    assert (ran.returncode, "Traceback" in ran.stderr) == (0, False), ran.stderr
    assert "do not stand in the document" not in ran.stderr
