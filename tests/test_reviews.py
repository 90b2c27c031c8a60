"""No text reaches a patient unapproved: an approval is bound to the very words, and its history is kept."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from clinicpress import library
from clinicpress.cli import main
from clinicpress.documents import KINDS, ReviewRecord, ReviewState, Verdict
from clinicpress.press import approvals
from clinicpress.press.shelf import Shelf as OnShelf
from clinicpress.press.shelf import take_stock
from tests.instruments.extract import poppler_pages
from tests.lint.shelf import ROOT, TODAY, Shelf, stock

DAY = date.fromisoformat(TODAY)
SHIPPED = Path(__file__).parents[1] / "handouts" / "neurotherapy"
ADA = ["--by", "Ada Example, ND", "--until", "2027-06-30"]
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return stock(tmp_path / "shelf")


@pytest.fixture
def run(shelf: Shelf, capsys: pytest.CaptureFixture[str]) -> Run:
    def running(command: str, *arguments: str, today: str = TODAY) -> tuple[int, str, str]:
        code = main([command, *arguments, *shelf.options[:-1], today])
        return (code, *capsys.readouterr())

    return running


def approve(run: Run, kind: str = "consent", *more: str, today: str = TODAY) -> tuple[int, str, str]:
    return run("approve", "ear-rinse", "--kind", kind, *(more or ADA), today=today)


def state(path: Path, today: date = DAY) -> ReviewState:
    return library.read_document(path, today).review.state


def test_a_text_is_a_draft_until_somebody_approves_it(shelf: Shelf, run: Run) -> None:
    assert state(shelf.consent) is ReviewState.DRAFT
    assert approve(run)[0] == 0
    assert state(shelf.consent) is ReviewState.APPROVED
    assert state(shelf.handout) is ReviewState.DRAFT


@pytest.mark.parametrize("flip", ["first", "middle", "last"])
def test_changing_any_line_ends_the_approval_and_putting_it_back_restores_it(flip: str, shelf: Shelf, run: Run) -> None:
    """One character of every line in turn: the first, one in the middle, the last."""
    approve(run)
    text = shelf.consent.read_text(encoding="utf-8")
    lines = text.split("\n")
    start = lines.index("---", 1)  # a changed front matter may be no front matter any more
    seen = 0
    for number, line in enumerate(lines):
        if not line.strip() or number in (0, start):
            continue
        place = {"first": 0, "middle": len(line) // 2, "last": len(line) - 1}[flip]
        changed = line[:place] + ("x" if line[place] != "x" else "y") + line[place + 1 :]
        shelf.consent.write_text("\n".join([*lines[:number], changed, *lines[number + 1 :]]), encoding="utf-8")
        documents, _ = library.read_library(shelf.folder, today=DAY)
        form = [one for one in documents if one.file == shelf.consent]
        assert all(one.review.state is ReviewState.STALE for one in form), line
        seen += 1
    assert seen > 30
    shelf.consent.write_text(text, encoding="utf-8")
    assert state(shelf.consent) is ReviewState.APPROVED


def test_changing_a_figure_ends_the_approval() -> None:
    """The digest takes the figures in: see the test of revisions in test_library."""
    shipped = Path(__file__).parents[1] / "handouts" / "neurotherapy"
    document = library.read_document(shipped / "handout.en.md", date(2026, 12, 1))
    assert document.review.state is ReviewState.SUPPLIED
    assert document.review.record is not None
    assert document.review.record.digest == document.revision.digest


def test_an_approval_ends_after_its_last_day(shelf: Shelf, run: Run) -> None:
    approve(run)
    assert state(shelf.consent, date(2027, 6, 30)) is ReviewState.APPROVED
    assert state(shelf.consent, date(2027, 7, 1)) is ReviewState.EXPIRED


def test_a_clock_that_was_set_back_is_told(shelf: Shelf, run: Run) -> None:
    approve(run)
    before = (DAY - timedelta(days=3)).isoformat()
    code, told, _ = run("check", "--words", today=before)
    assert code == 0
    assert "is the clock of this machine right?" in told
    assert state(shelf.consent, DAY - timedelta(days=3)) is ReviewState.DRAFT


def test_a_withdrawn_text_is_a_draft_until_it_is_approved_again(shelf: Shelf, run: Run) -> None:
    approve(run)
    withdrawn = [*ADA[:2], "--withdraw", "--reason", "New evidence on ear drums."]
    assert approve(run, "consent", *withdrawn)[0] == 0
    assert state(shelf.consent) is ReviewState.WITHDRAWN
    assert "New evidence on ear drums." in run("check", "--words")[1]
    approve(run)
    assert state(shelf.consent) is ReviewState.APPROVED


def test_history_is_kept_and_listed(shelf: Shelf, run: Run) -> None:
    approve(run)
    approve(run, "consent", "--by", "Bo Sample, NP", "--until", "2028-01-01")
    told = run("list")[1]
    assert "approved on 2026-12-01 until 2027-06-30 by Ada Example, ND" in told
    assert "approved on 2026-12-01 until 2028-01-01 by Bo Sample, NP" in told
    entry = next(one for one in json.loads(run("list", "--json")[1]) if one["kind"] == "consent")
    assert [record["by"] for record in entry["history"]] == ["Ada Example, ND", "Bo Sample, NP"]


def test_check_warns_sixty_days_before_an_approval_ends(shelf: Shelf, run: Run) -> None:
    approve(run)
    days = {left: (date(2027, 6, 30) - timedelta(days=left)).isoformat() for left in (61, 60, 0)}
    assert "R04" not in run("check", "--words", today=days[61])[1]
    assert "ends on 2027-06-30: in 60 days" in run("check", "--words", today=days[60])[1]
    assert "R04" in run("check", "--words", today=days[0])[1]


def test_release_refuses_what_nobody_stands_behind_and_says_why(shelf: Shelf, run: Run, tmp_path: Path) -> None:
    out = tmp_path / "out"
    code, _, told = run("build", "--release", "--out", str(out))
    assert code == 2
    assert told.count("error R05 not-approved") >= 2
    assert not out.exists()
    approve(run)
    code, _, told = run("build", "--release", "--kind", "consent", "--paper-form", "--out", str(out))
    assert code == 2  # its leaflet is a draft
    assert "handout.en.md" in told
    approve(run, "handout")
    assert run("build", "--release", "--paper-form", "--out", str(out))[0] == 0
    entries = json.loads((out / "manifest.json").read_text())["files"]
    assert {entry["review_state"] for entry in entries} == {"approved"}
    for path in out.rglob("*.pdf"):
        assert not any("DRAFT" in page for page in poppler_pages(path))


def test_a_draft_says_so_on_every_page_in_its_metadata_and_in_the_manifest(
    shelf: Shelf, run: Run, tmp_path: Path
) -> None:
    approve(run)
    with shelf.consent.open("a", encoding="utf-8") as file:
        file.write("\nOne more word.\n")
    out = tmp_path / "out"
    run("build", "--kind", "consent", "--paper-form", "--out", str(out))
    (path,) = out.rglob("*.pdf")
    assert all("DRAFT" in page for page in poppler_pages(path))
    with pikepdf.open(path) as pdf, pdf.open_metadata() as metadata:
        assert "DRAFT" in str(metadata.get("dc:description", "")) + str(pdf.docinfo.get("/Subject", ""))
    assert json.loads((out / "manifest.json").read_text())["files"][0]["review_state"] == "stale"


def test_errors_stand_in_the_way_unless_each_is_accepted_with_a_reason(shelf: Shelf, run: Run) -> None:
    text = shelf.consent.read_text(encoding="utf-8")
    shelf.consent.write_text(text.replace("effective: ", "effective: 2099-01-01 # ", 1), encoding="utf-8")
    code, _, told = approve(run)
    assert code == 2
    assert "R02" in told
    assert not (shelf.consent.parent / "review.toml").exists()
    assert approve(run, "consent", *ADA, "--despite", "R02")[0] == 3  # no reason
    accepted = [*ADA, "--despite", "R02", "--reason", "Checked by the board."]
    assert approve(run, "consent", *accepted)[0] == 0
    code, told, _ = run("check", "--words")
    assert code == 0
    assert "Accepted by Ada Example, ND: Checked by the board." in told
    assert "despite R02: Checked by the board." in run("list")[1]


def test_what_was_not_read_is_not_approved(shelf: Shelf, run: Run) -> None:
    shown = library.read_document(shelf.consent).revision
    with shelf.consent.open("a", encoding="utf-8") as file:
        file.write("\nAnother word.\n")
    code, _, told = approve(run, "consent", *ADA, "--revision", str(shown))
    assert code == 3
    assert "changed since it was read" in told
    assert state(shelf.consent) is ReviewState.DRAFT


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--by", "Ada"], "name and credential"),
        (["--by", "Ada Example, ND", "--until", TODAY], "ended already"),
        (["--by", "Ada Example, ND", "--withdraw"], "--reason"),
        ([*ADA, "--despite", "C99", "--reason", "x"], "no such finding"),
        ([*ADA, "--lang", "en", "--kind", "handout", "--revision", "ffff"], "changed since"),
    ],
)
def test_a_wrong_approval_is_answered_with_what_to_do(arguments: list[str], told: str, run: Run) -> None:
    code, _, said = approve(run, "consent", *arguments)
    assert code == 3
    assert told in said


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("2027-06-30", "2037-06-30"), "changed by hand"),
        (("Ada Example", "Eve Example"), "changed by hand"),
        (('verdict = "approved"', 'verdict = "aproved"'), "verdict"),
        (("[[review]]", "[[review"), "not TOML"),
        (("on = ", "colour = 1\non = "), "colour"),
    ],
)
def test_a_review_file_edited_by_hand_is_told_and_does_not_count(
    change: tuple[str, str], told: str, shelf: Shelf, run: Run
) -> None:
    approve(run)
    path = shelf.consent.parent / "review.toml"
    path.write_text(path.read_text(encoding="utf-8").replace(*change), encoding="utf-8")
    assert state_of_anything(shelf) is ReviewState.DRAFT
    said = "".join(run("check", "--words")[1:])
    assert told in said
    assert "review.toml:" in said


def state_of_anything(shelf: Shelf) -> ReviewState:
    return state_of(shelf, shelf.consent)


def state_of(shelf: Shelf, path: Path) -> ReviewState:
    """As the library has it: also when the review file has faults, and with the text that a translation is of."""
    documents, _ = library.read_library(shelf.folder, today=DAY)
    return next(one.review.state for one in documents if one.file == path)


def test_a_record_that_was_taken_out_is_told(shelf: Shelf, run: Run) -> None:
    approve(run)
    approve(run, "handout")
    path = shelf.consent.parent / "review.toml"
    head, _, last = path.read_text(encoding="utf-8").split("[[review]]")
    path.write_text(f"{head}[[review]]{last}", encoding="utf-8")
    assert "the one before it was" in run("check", "--words")[1]


def test_a_new_approval_counts_behind_a_broken_record(shelf: Shelf, run: Run) -> None:
    approve(run)
    path = shelf.consent.parent / "review.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("Ada", "Eve"), encoding="utf-8")
    approve(run)
    assert state_of_anything(shelf) is ReviewState.APPROVED


def test_of_two_approvals_at_once_none_is_lost(shelf: Shelf) -> None:
    names = [f"Person {number}, ND" for number in range(4)]
    command = [sys.executable, str(ROOT / "generate.py"), "approve", "ear-rinse", "--kind", "consent"]
    at_once = [
        subprocess.Popen(
            [*command, "--by", name, "--until", "2027-06-30", *shelf.options],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for name in names
    ]
    for one in at_once:
        one.communicate(timeout=60)
    records, problems = library.read_reviews(shelf.consent.parent)
    assert problems == []
    assert sorted(record.by for record in records["consent.en"]) == names


def test_who_comes_second_is_told_who_came_first(shelf: Shelf) -> None:
    """Both looked at the draft before one of them approved it: the second one's stock does not know of it."""
    shown = take_stock(OnShelf(shelf.folder, shelf.clinic, DAY), ("ear-rinse",))
    form = next(one for one in shown.documents if one.kind == KINDS["consent"])
    digest = form.revision.digest

    def decide(by: str, known: int, *, withdraw: bool = False) -> Path:
        reason = "New evidence." if withdraw else ""
        return approvals.approve(
            shown, form, by=by, today=DAY, revision=digest, withdraw=withdraw, reason=reason, known=known
        )

    for seen, withdraw, done in ((0, False, "approved"), (1, True, "withdrew"), (2, False, "approved")):
        path = decide("Ada Example, ND", seen, withdraw=withdraw)
        before = path.read_bytes()
        with pytest.raises(
            approvals.AlreadyApprovedError, match=f"^Ada Example, ND {done} this very text on {TODAY}. Nothing more"
        ):
            decide("Bo Sample, NP", seen, withdraw=withdraw)
        assert path.read_bytes() == before
    decide("Bo Sample, NP", 3)  # who has seen the approval may give it another last day
    decide("Cleo Example, MD", 3, withdraw=True)  # and who has not may still take the text out of use
    with pytest.raises(approvals.AlreadyApprovedError, match="Cleo Example, MD withdrew"):
        decide("Ada Example, ND", 4)
    records, _ = library.read_reviews(path.parent)
    assert [one.by for one in records["consent.en"]] == [*["Ada Example, ND"] * 3, "Bo Sample, NP", "Cleo Example, MD"]


@pytest.mark.parametrize(
    ("entered", "entry"),
    [
        ({"by": "Ada"}, "by"),
        ({"until": DAY}, "until"),
        ({"despite": {"R02": ""}}, "despite"),
        ({"despite": {"R02": "one\ntwo"}}, "despite"),
        ({"despite": {"C99": "x"}}, "despite"),
        ({"withdraw": True}, "reason"),
        ({"withdraw": True, "reason": "one\ntwo"}, "reason"),
    ],
)
def test_what_was_entered_wrongly_is_named(entered: Mapping[str, Any], entry: str, shelf: Shelf) -> None:
    """Not as an option of a command: there are other ways to approve a text."""
    found = take_stock(OnShelf(shelf.folder, shelf.clinic, DAY), ("ear-rinse",))
    form = next(one for one in found.documents if one.kind == KINDS["consent"])
    with pytest.raises(approvals.EntryError) as told:
        approvals.approve(found, form, **{"by": "Ada Example, ND", "today": DAY, **entered})
    assert told.value.entry == entry
    assert "--" not in str(told.value)


def test_what_is_written_is_what_is_read(tmp_path: Path) -> None:
    record = ReviewRecord(
        "consent.en",
        Verdict.APPROVED,
        'Ann "Zoë" O’Neil, MD \\ PhD',
        date(2026, 12, 1),
        date(2027, 12, 1),
        "ab" * 32,
        (("C09", "said “no”"), ("L01", "short = [x]")),
    )
    text = library.with_record(library.with_record(b"", record).encode(), record)
    (tmp_path / "review.toml").write_text(text, encoding="utf-8")
    records, problems = library.read_reviews(tmp_path)
    assert problems == []
    assert [re.sub(r"line=\d+", "", repr(one)) for one in records["consent.en"]] == [
        re.sub(r"line=\d+", "", repr(record))
    ] * 2


@pytest.mark.parametrize("damaged", [b"[[review", b"review = 3\n", b"review = [1]\n"])
def test_nothing_is_added_to_a_review_file_that_cannot_be_read(damaged: bytes, shelf: Shelf, run: Run) -> None:
    path = shelf.consent.parent / "review.toml"
    path.write_bytes(damaged)
    code, _, told = approve(run)
    assert code == 3
    assert "Nothing was written. Take the file back" in told
    assert path.read_bytes() == damaged


def test_a_machine_translation_cannot_be_approved_until_a_qualified_human_has_read_it(shelf: Shelf, run: Run) -> None:
    """Shown on the shipped Spanish handout: a copy of it, first as it is, then with a reviewer, then gone stale."""
    topic = shelf.folder / "neurotherapy"
    shutil.copytree(SHIPPED, topic)
    (topic / "review.toml").unlink()
    handout = topic / "handout.es.md"
    command = ["approve", "neurotherapy", "--kind", "handout", "--lang", "es", *ADA]
    code, _, told = run(*command)
    assert (code, "qualified human translator" in told) == (3, True)
    text = handout.read_text(encoding="utf-8")
    handout.write_text(re.sub(r'reviewer: ""', 'reviewer: "Eva Muestra, CT"', text), encoding="utf-8")
    assert run(*command)[0] == 0
    assert state_of(shelf, handout) is ReviewState.APPROVED
    english = topic / "handout.en.md"
    english.write_text(english.read_text(encoding="utf-8") + "\nOne more word.\n", encoding="utf-8")
    assert state_of(shelf, handout) is ReviewState.STALE
    assert "No qualified human stands behind this translation" in run("check", "--words", "neurotherapy")[1]
