"""May this be printed? `build`, `batch`, `print` and the desk answer alike (house rule V3)."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from shutil import copytree

import pytest

from clinicpress.cli import printing
from clinicpress.desk.worker import Work
from clinicpress.errors import ContentError
from clinicpress.printers import Printer, PrinterState
from tests.lint.shelf import TODAY, Shelf, as_spanish, change, forked, stock

ROSTER = "mrn,name,birth_date,appointment,procedure,language\n0012345,Zoe Example,1961-04-09,2026-12-01 09:30,{},{}\n"
HALF_WRITTEN = "---\ntitle: Lavado de o\n"
UNREADABLE, BAD_ROLE, BAD_COLOR, BAD_NAME, NO_KEY = "S17", "S09", "B06", "S22", "S02"
Change = Callable[[Shelf], object]


def begun(name: str, topic: str = "ear-rinse") -> Change:
    """A text that somebody has begun."""
    return lambda shelf: (shelf.folder / topic / name).write_text(HALF_WRITTEN, encoding="utf-8")


def with_a_wrong_role(file: str) -> Change:
    """A text that can be read, and has an error."""

    def changed(shelf: Shelf) -> None:
        text = shelf.folder / file
        text.write_text(text.read_text(encoding="utf-8") + "\n## More {#nonsense}\n\nWords.\n", encoding="utf-8")

    return changed


def with_half_a_record(topic: str) -> Change:
    """A record of approval in which something is missing."""
    return lambda shelf: (shelf.folder / topic / "review.toml").write_text("[[review]]\n", encoding="utf-8")


def both(*changes: Change) -> Change:
    return lambda shelf: [one(shelf) for one in changes]


@dataclass(frozen=True)
class Asked:
    """What was changed on a shelf of two sound topics, and the finding that then stands in the way, if one does.

    Somebody asks for all documents of a topic in a language.
    """

    changed: Change
    finding: str = ""
    topic: str = "ear-rinse"
    language: str = "en"


AN_ORIGINAL_WITH_AN_ERROR = both(
    lambda shelf: (shelf.folder / "nose-rinse/consent.en.md").unlink(),
    lambda shelf: (shelf.folder / "nose-rinse/handout.es.md").write_text(
        as_spanish(shelf.handout.read_text(encoding="utf-8")), encoding="utf-8"
    ),
    with_a_wrong_role("nose-rinse/handout.en.md"),
)
CASES = {
    "nothing-is-wrong": Asked(both()),
    "half-written-in-another-language": Asked(begun("consent.es.md")),
    "half-written-in-this-language": Asked(begun("consent.es.md"), UNREADABLE, language="es"),
    "half-written-in-another-topic": Asked(begun("handout.en.md", topic="nose-rinse")),
    "half-written-form": Asked(begun("consent.en.md"), UNREADABLE),
    "half-written-leaflet": Asked(begun("handout.en.md"), UNREADABLE),
    "half-written-leaflet-in-another-topic": Asked(
        both(
            lambda shelf: change(shelf.consent, ("handout: ear", "handout: nose")), begun("handout.en.md", "nose-rinse")
        ),
        UNREADABLE,
    ),
    "form-with-an-error": Asked(with_a_wrong_role("ear-rinse/consent.en.md"), BAD_ROLE),
    "leaflet-with-an-error": Asked(with_a_wrong_role("ear-rinse/handout.en.md"), BAD_ROLE),
    "error-in-another-topic": Asked(with_a_wrong_role("nose-rinse/consent.en.md")),
    "original-with-an-error": Asked(AN_ORIGINAL_WITH_AN_ERROR, BAD_ROLE, "nose-rinse", "es"),
    "record-of-approval": Asked(with_half_a_record("ear-rinse"), NO_KEY),
    "record-of-approval-of-another-topic": Asked(with_half_a_record("nose-rinse")),
    "name-of-no-document": Asked(begun("consent.md", topic="nose-rinse")),
    "colour-of-the-clinic": Asked(lambda shelf: change(shelf.clinic, ("#595959", "blue")), BAD_COLOR),
}


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    one = stock(tmp_path / "shelf")
    other = copytree(one.folder / "ear-rinse", one.folder / "nose-rinse")
    change(other / "consent.en.md", ("handout: ear-rinse", "handout: nose-rinse"))
    return one


@pytest.fixture
def nothing_is_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Documents that may be printed are not set in pages here: that takes long, and other tests see to it."""
    facts = ("Desk", "", "", PrinterState.IDLE, (), "", True, True, (), (), "")
    monkeypatch.setattr(
        printing, "PrintServer", lambda *_: type("Fake", (), {"printers": lambda _: (Printer(*facts),)})()
    )
    monkeypatch.setattr(printing, "_follow", lambda *_: [])
    monkeypatch.setenv("CLINICPRESS_STATE", str(tmp_path / "state"))
    for module in ("build", "printing"):
        monkeypatch.setattr(f"clinicpress.cli.{module}.print_all", lambda *_: [])


@pytest.mark.parametrize("asked", CASES.values(), ids=CASES)
@pytest.mark.usefixtures("nothing_is_set")
def test_build_batch_print_and_desk_answer_alike(shelf: Shelf, tmp_path: Path, asked: Asked) -> None:
    asked.changed(shelf)
    topic, language, finding = asked.topic, asked.language, asked.finding
    listed = tmp_path / "roster.csv"
    listed.write_text(ROSTER.format(topic, language), encoding="utf-8")
    out = ["--out", str(tmp_path / "out")]

    def answer(*command: str) -> tuple[int, bool]:
        ran = forked(*command, *shelf.options, "--no-cache")
        return ran.returncode, bool(finding) and f"error {finding} " in ran.stderr

    expected = (2, True) if finding else (0, False)
    assert answer("build", topic, "--lang", language, *out) == expected
    assert answer("print", topic, "--lang", language) == expected
    refused_row = (7, True) if finding and finding != BAD_COLOR else expected
    assert answer("batch", str(listed), *out, "--dry-run") == refused_row
    assert at_the_desk(shelf, listed) == finding


def at_the_desk(shelf: Shelf, listed: Path) -> str:
    """The code of the finding that the desk tells beside the row, or about the clinic; nothing when it prints."""
    work = Work(str(shelf.folder), str(shelf.clinic), None)
    try:
        (row,) = work.roster(TODAY, listed.name, listed.read_bytes())["rows"]
    except ContentError as error:
        return error.problems[0].code
    told = " ".join(one["message"] for one in row["problems"])
    return told.partition(" error ")[2].partition(" ")[0]


@pytest.mark.usefixtures("nothing_is_set")
def test_build_without_topics_asks_for_the_whole_library_so_all_faults_are_told(shelf: Shelf, tmp_path: Path) -> None:
    begun("consent.es.md")(shelf)
    with_a_wrong_role("nose-rinse/handout.en.md")(shelf)
    begun("consent.md", topic="nose-rinse")(shelf)
    out = tmp_path / "out"
    ran = forked("build", *shelf.options, "--no-cache", "--out", str(out))
    assert ran.returncode == 2
    assert [code for code in (UNREADABLE, BAD_ROLE, BAD_NAME) if f"error {code} " not in ran.stderr] == []
    assert not out.exists()
