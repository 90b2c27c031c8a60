"""A person's mistake ends with a sentence that says what to do and an exit code; nothing is written, nothing is lost.

Every case runs in a process of its own, with real exit codes and streams; one of each kind as `python generate.py`.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from clinicpress import library
from clinicpress.documents import KINDS
from tests.instruments import disk
from tests.lint.shelf import ROOT, Shelf, change, forked, generate, stock
from tests.test_lint import picture, png_header

DRAWBACKS = "- You may feel dizzy for a short time.\n- Some people need to come back.\n"
DONE, CONTENT, USAGE, RENDERING = 0, 2, 3, 4
EARLIER = {
    "manifest.json": b'{"files": []}\n',
    "ear-rinse/handout.en.pdf": b"%PDF-1.7 of yesterday",
    "notes.txt": b"Somebody keeps notes here.",
}


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return stock(tmp_path / "shelf")


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """An output folder in which an earlier run, and a person, left something."""
    folder = tmp_path / "out"
    for name, data in EARLIER.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


def state(folder: Path) -> dict[str, tuple[bytes, int]]:
    """Every file below a folder: its bytes and when it was last touched."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): (path.read_bytes(), path.stat().st_mtime_ns) for path in files}


def refused(code: int, *arguments: str, out: Path, **environment: str) -> str:
    """Runs `build`, which has to end with that code, in words, and leave the output folder as it was."""
    before = state(out)
    command = ("build", *arguments, "--out", str(out))
    ran = generate(*command, **environment) if environment else forked(*command)
    assert "Traceback" not in ran.stderr
    assert "Warning:" not in ran.stderr
    assert (ran.returncode, ran.stdout) == (code, ""), ran.stderr
    assert state(out) == before
    return ran.stderr


def handout(*changes: tuple[str, str]) -> Callable[[Shelf], None]:
    return lambda shelf: change(shelf.handout, *changes)


def consent(*changes: tuple[str, str]) -> Callable[[Shelf], None]:
    return lambda shelf: change(shelf.consent, *changes)


def clinic(*changes: tuple[str, str]) -> Callable[[Shelf], None]:
    return lambda shelf: change(shelf.clinic, *changes)


def more(text: str) -> Callable[[Shelf], None]:
    """Text at the end of the handout; its first line is line 41."""
    return lambda shelf: change(shelf.handout, ("Please call our office.", "Please call our office.\n\n" + text))


FIGURE = '![A rinsed ear.]({} "Where the water flows")'


def with_picture(name: str, data: bytes, alternative: str = "A rinsed ear.") -> Callable[[Shelf], None]:
    def put(shelf: Shelf) -> None:
        (shelf.handout.parent / name).write_bytes(data)
        more(FIGURE.format(name).replace("A rinsed ear.", alternative))(shelf)

    return put


def as_bytes(data: Callable[[bytes], bytes]) -> Callable[[Shelf], None]:
    return lambda shelf: shelf.handout.write_bytes(data(shelf.handout.read_bytes())) and None


@dataclass(frozen=True)
class Case:
    """A mistake in a file: how it is made, where it is reported, and the sentence, message and remedy shown."""

    make: Callable[[Shelf], None]
    place: str
    says: tuple[str, ...]


BOMB = (
    "form: &a [x, x, x, x, x, x, x, x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a]\nc: [*b, *b, *b, *b, *b, *b, *b]"
)
CASES = {
    "a missing key": Case(
        handout(("review_by: 2027-11-22\n", "")),
        "handout.en.md:1: error S02 missing-key",
        ("The key 'review_by' is missing.", "Add a line 'review_by: …'."),
    ),
    "a misspelt key": Case(
        handout(("review_by:", "reveiw_by:")),
        "handout.en.md:7: error S01 unknown-key",
        ("| reveiw_by", "The key 'reveiw_by' is unknown.", "Did you mean 'review_by'?"),
    ),
    "a misspelt key of the profile": Case(
        clinic(("address", "adress")),
        "clinic.toml:3: error S01 unknown-key",
        ("| adress", "Did you mean 'address'?"),
    ),
    "a missing section of a handout": Case(
        handout(("## What to weigh {#drawbacks}", "## Parking"), (DRAWBACKS, "Park behind the house.\n")),
        "handout.en.md:1: error S06 missing-role",
        ("No section has the role 'drawbacks', and none tells what to weigh.", "{#drawbacks}"),
    ),
    "a missing section of a consent form": Case(
        consent(("## Risks {#risks}\n\n- You may feel dizzy.\n- In rare cases the ear drum is hurt.\n", "")),
        "consent.en.md:1: error C09 missing-role",
        ("what can go wrong", "{#risks}"),
    ),
    "an unknown role": Case(
        handout(("{#drawbacks}", "{#drawbacs}")),
        "handout.en.md:28: error S09 unknown-role",
        ("| What to weigh {#drawbacs}", "Did you mean 'drawbacks'?"),
    ),
    "a date in the American order": Case(
        handout(("2026-11-22", "11/22/2026")),
        "handout.en.md:6: error S04 bad-date",
        ("| 11/22/2026", "'effective' is not a date", "2027-11-22"),
    ),
    "a date that no calendar holds": Case(
        handout(("2027-11-22", "2027-13-45")),
        "handout.en.md:7: error S04 bad-date",
        ("| 2027-13-45", "'review_by' is not a date", "year-month-day"),
    ),
    "a date that YAML takes as text": Case(
        handout(("effective: 2026-11-22", 'effective: "2026-11-22"')),
        "handout.en.md:6: error S04 bad-date",
        ("| 2026-11-22", "quotes"),
    ),
    "a phone number that nobody can dial": Case(
        clinic(("(503) 555-0171", "call Jane")),
        "clinic.toml:2: error B05 bad-phone",
        ("| call Jane", "for example (503) 691-2000"),
    ),
    "a phone number without its area code": Case(
        clinic(("(503) 555-0171", "555-0171")),
        "clinic.toml:2: error B05 bad-phone",
        ("| 555-0171", "for example (503) 691-2000"),
    ),
    "a brand colour too pale to read": Case(
        clinic(("#595959", "#7fb3d5")),
        "clinic.toml:7: error B01 contrast",
        ("| #7fb3d5", "2.3:1", "Take a darker tone, for example #"),
    ),
    "a missing picture": Case(
        more(FIGURE.format("ear.svg")),
        "handout.en.md:41: error S12 broken-figure",
        ("| ear.svg", "The picture ear.svg is not there.", "Its folder holds no pictures."),
    ),
    "a picture of more than 5 MB": Case(
        with_picture("ear.jpg", picture(40, 40, "JPEG") + bytes(5_000_000)),
        "handout.en.md:41: error S15 image-too-large",
        ("| ear.jpg", "larger than 5 MB", "Save it smaller"),
    ),
    "a picture of 30,000 by 30,000 points": Case(
        with_picture("ear.png", png_header(30_000, 30_000)),
        "handout.en.md:41: error S15 image-too-large",
        ("| ear.png", "30000 x 30000", "Save it smaller"),
    ),
    "a picture of 12,000 by 12,000 points": Case(
        with_picture("ear.png", png_header(12_000, 12_000)),
        "handout.en.md:41: error S15 image-too-large",
        ("| ear.png", "12000 x 12000", "Save it smaller"),
    ),
    "an unknown language": Case(
        handout(("language: en", "language: xx")),
        "handout.en.md:4: error S05 bad-language",
        ("| xx", "Known are: en (English)"),
    ),
    "a word that YAML takes as no": Case(
        handout(("language: en", "language: no")),
        "handout.en.md:4: error S03 wrong-type",
        ("'language' has to be text", "Put the value in quotes"),
    ),
    "an emoji": Case(
        handout(("You may feel dizzy", "You may feel dizzy 😵")),
        "handout.en.md:30: error B04 missing-glyph",
        ("| You may feel dizzy 😵", "U+1F635, DIZZY FACE", "Write it in another way"),
    ),
    "a Chinese name": Case(
        handout(("Please call our office.", "Please call 陈医生.")),
        "handout.en.md:39: error B04 missing-glyph",
        ("| Please call 陈医生.", "U+9648", "Write it in another way"),
    ),
    "a picture from a file address": Case(
        more(FIGURE.format("file:///etc/hostname.png")),
        "handout.en.md:41: error S11 remote-image",
        ("| file:///etc/hostname.png", "Put the picture beside handout.en.md"),
    ),
    "a picture from the network": Case(
        more(FIGURE.format("http://127.0.0.1:9/ear.png")),
        "handout.en.md:41: error S11 remote-image",
        ("| http://127.0.0.1:9/ear.png", "Put the picture beside handout.en.md"),
    ),
    "HTML in the text": Case(
        more("Call <script>alert(1)</script> us."),
        "handout.en.md:41: error S10 raw-html",
        ("script>", "The text holds HTML.", "Delete it"),
    ),
    "front matter that is not YAML": Case(
        handout(("title: Having your ears rinsed", "title: Ears: having them rinsed")),
        "handout.en.md:2: error S17 bad-front-matter",
        ("The value of 'title' holds a colon", 'Put the value in quotes: title: "Ears: having them rinsed"'),
    ),
    "a bomb of YAML aliases": Case(
        handout(("form: EAR-1", BOMB)),
        "error S17 bad-front-matter",
        ("a mark of YAML (&name)", "Put the value in quotes"),
    ),
    "front matter that nests too deep": Case(
        handout(("form: EAR-1", "form: " + "[" * 1_900 + "]" * 1_900)),
        "handout.en.md:5: error S17 bad-front-matter",
        ("form",),
    ),
    "a profile that nests too deep": Case(
        clinic(("address = ", "hours = " + "[" * 1_900 + "]" * 1_900 + "\naddress = ")),
        "clinic.toml:3: error S17 bad-front-matter",
        ("The profile cannot be read",),
    ),
    "a profile with a slip of the pen": Case(
        clinic(('phone = "(503)', "phone = (503)")),
        "clinic.toml:2: error S17 bad-front-matter",
        ("The profile cannot be read", 'name = "value"'),
    ),
    "a file in the coding of old Windows": Case(
        as_bytes(lambda data: data.replace(b"dizzy", b"dizzy \x96 caf\xe9")),
        "handout.en.md:30: error S16 unreadable-text",
        ("not UTF-8 text (byte 0x96)", "Save it again as UTF-8"),
    ),
    "a profile in the coding of old Windows": Case(
        lambda shelf: shelf.clinic.write_bytes(shelf.clinic.read_bytes().replace(b"4 Hill", b"4 H\xfcgel")) and None,
        "clinic.toml:3: error S16 unreadable-text",
        ("not UTF-8 text (byte 0xfc)", "Save it again as UTF-8"),
    ),
    "text that turns the reading direction": Case(
        handout(("You may feel dizzy", "You may \u202efeel dizzy")),
        "handout.en.md:30: error S16 unreadable-text",
        ("U+202E (RIGHT-TO-LEFT OVERRIDE)", "does not print", "etype the word that holds it"),
    ),
    "an entity that turns the reading direction": Case(
        handout(("You may feel dizzy", "You may &#x202e;feel dizzy")),
        "handout.en.md:30: error",
        ("U+202E",),
    ),
    "a control character in the author's name": Case(
        handout(("author: Practice nurses", 'author: "Practice\\x07 nurses"')),
        "handout.en.md:8: error",
        ("U+0007",),
    ),
    "alternative text that turns the reading direction": Case(
        with_picture("ear.png", picture(40, 40, "PNG"), "A &#x202e;rinsed ear."),
        "handout.en.md:41: error",
        ("U+202E",),
    ),
    "a form number that no font can write": Case(
        handout(("form: EAR-1", "form: EAR-耳")),
        "handout.en.md:5: error B04 missing-glyph",
        ("EAR-耳", "Write it in another way"),
    ),
    "a picture whose name holds a NUL": Case(
        more(FIGURE.format("ear%00.svg")),
        "handout.en.md:41: error S12 broken-figure",
        ("ear",),
    ),
    "a picture whose name is longer than a name can be": Case(
        more(FIGURE.format("ear" * 100 + ".svg")),
        "handout.en.md:41: error S12 broken-figure",
        ("earear",),
    ),
    "an empty file": Case(
        as_bytes(lambda data: b""),
        "handout.en.md:1: error S17 bad-front-matter",
        ("The file is empty.", "Write the text"),
    ),
    "a table without any head": Case(
        more("| | |\n|---|---|\n| Ear drops | a week |"),
        "handout.en.md:41: error",
        ("head",),
    ),
    "a form that leaves out the block to sign in": Case(
        consent(("copy, attestation, ", "copy, ")),
        "consent.en.md:16: error",
        ("attestation",),
    ),
    "a form that calls the patient's decision not applicable": Case(
        consent(
            ("## Your decision {#statement}\n\nI was told what will be done and what may go wrong.\n", ""),
            ("lateral: true", 'lateral: true\nnot_applicable: {C13: "nobody signs here"}'),
        ),
        "consent.en.md:",
        ("C13",),
    ),
    "a value of YAML that is not one": Case(
        handout(("form: EAR-1", 'form: !!bool "maybe"')),
        "handout.en.md:5: error",
        ("form",),
    ),
}


@pytest.mark.parametrize("mistake", CASES)
def test_a_mistake_in_a_file_is_named_with_its_place_and_a_remedy_and_nothing_is_written(
    mistake: str, shelf: Shelf, out: Path
) -> None:
    case = CASES[mistake]
    case.make(shelf)
    said = refused(CONTENT, *shelf.options, out=out)
    for words in (case.place, *case.says):
        assert words in said
    assert "Nothing was printed." in said


def test_a_sound_shelf_is_printed(shelf: Shelf, out: Path) -> None:
    """The counter-proof of all the others: without a mistake the same call writes."""
    ran = generate("build", *shelf.options, "--kind", "handout", "--out", str(out))
    assert (ran.returncode, ran.stderr) == (DONE, "")
    assert (out / "ear-rinse" / "handout.en.pdf").read_bytes().startswith(b"%PDF-1.7\n")
    assert (out / "notes.txt").read_bytes() == EARLIER["notes.txt"]


def test_an_output_folder_is_not_even_made(shelf: Shelf, tmp_path: Path) -> None:
    change(shelf.handout, ("form: EAR-1\n", ""))
    refused(CONTENT, *shelf.options, out=tmp_path / "new" / "out")
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("key", ["title", "form", "author"])
def test_a_bidi_override_is_refused_by_name_wherever_it_hides(key: str, shelf: Shelf, out: Path) -> None:
    lines = shelf.handout.read_text(encoding="utf-8").splitlines()
    number = next(number for number, line in enumerate(lines) if line.startswith(key))
    lines[number] = f'{key}: "\\u202elive"'
    shelf.handout.write_text("\n".join(lines), encoding="utf-8")
    said = refused(CONTENT, *shelf.options, out=out)
    assert f"handout.en.md:{number + 1}: error" in said
    assert "U+202E" in said


# Wrong usage, and what cannot be read or written ----------------------------------------------------------------------


def test_a_folder_with_the_name_of_a_document_is_not_read(shelf: Shelf, out: Path) -> None:
    shelf.handout.unlink()
    shelf.handout.mkdir()
    said = refused(USAGE, *shelf.options, out=out)
    assert f"{shelf.handout} cannot be read: Is a directory." in said
    assert "Check the name" in said


def test_an_unknown_topic_is_answered_with_the_nearest(shelf: Shelf, out: Path) -> None:
    said = refused(USAGE, "ear-rinze", *shelf.options, out=out)
    assert said == "Error: There is no topic 'ear-rinze'. Did you mean 'ear-rinse'?\n"


def test_an_empty_library_says_so(shelf: Shelf, out: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    said = refused(USAGE, *shelf.options, "--handouts", str(tmp_path / "empty"), out=out)
    assert "python generate.py" in said
    said = refused(USAGE, "ear-rinse", *shelf.options, "--handouts", str(tmp_path / "empty"), out=out)
    assert "holds no documents yet" in said


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--papr", "a4"), ("No such option '--papr'", "'--paper'", "--help")),
        (("--paper", "legal"), ("'legal' is not one of 'letter', 'a4'", "--help")),
        (("--kind", "leaflet"), ("There is no kind 'leaflet'. Known are: ",)),
        (("--lang", "xx"), ("the language 'xx' is unknown. Known are: en, es",)),
        (("--today", "tomorrow"), ("'tomorrow' does not match the format", "--today")),
        (("--today", "2026-13-45"), ("'2026-13-45' does not match the format", "--today")),
        (("--today", ""), ("--today",)),
        (("--out",), ("--out",)),
    ],
)
def test_a_wrong_option_is_answered_with_the_right_one(
    arguments: tuple[str, ...], words: tuple[str, ...], shelf: Shelf, tmp_path: Path
) -> None:
    ran = forked("build", *shelf.options, "--out", str(tmp_path / "out"), *arguments)
    assert (ran.returncode, ran.stdout) == (USAGE, "")
    assert "Traceback" not in ran.stderr
    assert all(word in ran.stderr for word in words), ran.stderr
    assert not (tmp_path / "out").exists()


def test_a_wrong_command_is_answered_with_help(tmp_path: Path) -> None:
    ran = generate("biuld", cwd=tmp_path)
    assert (ran.returncode, ran.stdout) == (USAGE, "")
    assert "No such command 'biuld'" in ran.stderr
    assert "--help" in ran.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["nowhere.toml", "a-folder"])
def test_a_profile_that_is_missing_is_named(name: str, shelf: Shelf, out: Path, tmp_path: Path) -> None:
    (tmp_path / "a-folder").mkdir()
    said = refused(USAGE, *shelf.options, "--clinic", str(tmp_path / name), out=out)
    assert f"{tmp_path / name} cannot be read" in said
    assert "Check the name" in said


def test_a_folder_of_handouts_that_is_missing_is_named(shelf: Shelf, out: Path, tmp_path: Path) -> None:
    said = refused(USAGE, *shelf.options, "--handouts", str(tmp_path / "nowhere"), out=out)
    assert f"There is no folder {tmp_path / 'nowhere'}." in said
    assert "--handouts DIR" in said


@pytest.mark.parametrize(
    "place",
    ["notes.txt", *(pytest.param(one, marks=pytest.mark.soak) for one in ("notes.txt/inside", "/proc/clinicpress"))],
)
@pytest.mark.usefixtures("from_cache")
def test_a_place_that_cannot_be_written_is_named_with_another_way(place: str, shelf: Shelf, out: Path) -> None:
    """Also for root, who may write nearly everywhere."""
    before = state(out)
    ran = generate("build", *shelf.options, "--kind", "handout", "--out", str(out / place))
    assert (ran.returncode, ran.stdout) == (USAGE, "")
    assert "Traceback" not in ran.stderr
    assert f"{out / place}" in ran.stderr
    assert "Name another folder with --out DIR" in ran.stderr
    assert state(out) == before


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    with disk.small_disk(tmp_path / "disk", "64k") as place:
        yield place


def test_a_full_disk_is_named_and_what_was_there_before_is_intact(small_disk: Path, shelf: Shelf) -> None:
    out = small_disk / "out"
    for name, data in EARLIER.items():
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        (out / name).write_bytes(data)
    (small_disk / "filling").write_bytes(bytes(48_000))
    said = refused(USAGE, *shelf.options, "--kind", "handout", out=out)
    assert "The disk is full" in said
    assert "what was there before is intact" in said
    assert "Free some space" in said
    (small_disk / "filling").unlink()  # the remedy works


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (b"caf\xe9", "caf\\udce9"),
        (b"ear\nrinse", "ear\\nrinse"),
        (b"a\x1b[2J", "a\\x1b[2J"),
        ("\u202egpj", "\\u202egpj"),
    ],
    ids=["no UTF-8", "two lines", "a command to the screen", "turned letters"],
)
def test_a_topic_whose_name_cannot_be_shown_is_named_with_the_way_out(
    name: bytes | str, shown: str, shelf: Shelf, out: Path
) -> None:
    """The name of a topic stands in lists, on screens and in what is printed."""
    topic = shelf.handout.parent
    topic.rename(topic.with_name(os.fsdecode(name)))
    said = refused(CONTENT, *shelf.options, out=out)
    assert f"{shown}/handout.en.md: error S22" in said
    assert "Rename it" in said


@pytest.mark.parametrize("name", ["ohrspülung", "-x", "..x", "a b", "a:b;$(c)%s{}", "x" * 255, "洗耳"])
def test_any_other_name_of_a_topic_stays_below_the_folder(name: str, shelf: Shelf) -> None:
    topic = shelf.handout.parent
    topic.rename(topic.with_name(name))
    documents, problems = library.read_library(shelf.folder, kind=KINDS["handout"])
    assert [document.topic for document in documents] == [name]
    assert [problem.code for problem in problems if problem.code == "S22"] == []


@pytest.mark.usefixtures("from_cache")
def test_an_answer_that_finds_the_disk_full_is_no_bug(shelf: Shelf) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no /dev/full")
    with full.open("wb") as sink:
        ran = subprocess.run(
            ["/bin/sh", "-c", 'exec "$@"', "sh", *_command("check", *shelf.options)],
            stdout=sink,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert "Traceback" not in ran.stderr
    assert ran.returncode == USAGE


def _command(*arguments: str) -> list[str]:
    return [sys.executable, str(ROOT / "generate.py"), *arguments]


@pytest.fixture
def without_pango(tmp_path: Path) -> dict[str, str]:
    """A machine whose Pango is damaged: the linker finds this file first, and it is no library."""
    for name in ("libpango-1.0.so.0", "libpango-1.0.so"):
        (tmp_path / "lib" / name).parent.mkdir(exist_ok=True)
        (tmp_path / "lib" / name).write_text("not a library")
    return {"LD_LIBRARY_PATH": str(tmp_path / "lib")}


@pytest.mark.skipif(os.uname().sysname != "Linux", reason="the linker of this system is told otherwise")
def test_a_machine_without_pango_is_told_how_to_get_it(shelf: Shelf, out: Path, without_pango: dict[str, str]) -> None:
    said = refused(USAGE, *shelf.options, out=out, **without_pango)
    assert "Pango" in said
    assert "python generate.py doctor" in said
    answer = generate("doctor", **without_pango)
    assert answer.returncode == USAGE
    assert "MISSING  Pango" in answer.stdout
    assert generate("list", *shelf.options, **without_pango).returncode == DONE
    assert generate("check", *shelf.options, **without_pango).returncode == DONE


# One file among several -----------------------------------------------------------------------------------------------


def test_one_bad_document_stops_all_so_that_no_half_library_is_handed_out(shelf: Shelf, out: Path) -> None:
    shutil.copytree(shelf.handout.parent, shelf.folder / "wash")
    file = shelf.folder / "wash" / "handout.en.md"
    change(file, ("## What to weigh {#drawbacks}", "## Parking"), (DRAWBACKS, "Park behind the house.\n"))
    assert "wash/handout.en.md:1: error S06" in refused(CONTENT, *shelf.options, out=out)


def test_a_consent_form_is_not_printed_while_its_leaflet_cannot_be_read(shelf: Shelf, out: Path) -> None:
    """It would tell the patient of a leaflet, or not, by what else was asked for."""
    (shelf.folder / "ear-form").mkdir()
    shelf.consent.rename(shelf.folder / "ear-form" / "consent.en.md")
    change(shelf.handout, ("form: EAR-1\n", ""))
    assert "handout.en.md" in refused(CONTENT, "ear-form", *shelf.options, out=out)


def test_a_page_that_cannot_be_rendered_is_not_written(shelf: Shelf, out: Path) -> None:
    """No mistake in the content is known to get this far, so a style sheet is made bad."""
    broken = shelf.folder.parent / "press"
    shutil.copytree(ROOT / "clinicpress", broken / "clinicpress")
    shutil.copytree(ROOT / "templates", broken / "templates")
    (broken / "fonts").symlink_to(ROOT / "fonts")
    shutil.copy(ROOT / "generate.py", broken)
    with (broken / "templates" / "page.css").open("a", encoding="utf-8") as sheet:
        sheet.write("h1 { colour: red }\n")
    before = state(out)
    command = _command("build", *shelf.options, "--out", str(out))
    command[1] = str(broken / "generate.py")
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout) == (RENDERING, "")
    assert "Traceback" not in ran.stderr
    assert "colour" in ran.stderr
    assert "consent.en.md" in ran.stderr
    assert state(out) == before
