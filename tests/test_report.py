"""The page for the manager: what the careful editor found, said as a screen and not as a verdict."""

from pathlib import Path

import pytest

from clinicpress.cli import main
from clinicpress.documents import KINDS
from tests.instruments.extract import normalise, poppler_pages
from tests.lint.shelf import Shelf, change, stock


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The words of a report on a shelf with a form that does not say what doing nothing means."""
    folder = tmp_path_factory.mktemp("report")
    shelf = stock(folder / "shelf")
    change(shelf.consent, ("## If you do nothing {#no-treatment}\n\nThe wax may stay, or come out on its own.\n\n", ""))
    change(shelf.handout, ("\n## ", "\nPatients should call us. It is completely safe.\n\n## "))
    assert main(["check", "--words", "--report", str(folder / "report.pdf"), *shelf.options]) == 2
    return normalise(" ".join(poppler_pages(folder / "report.pdf")))


def test_it_calls_itself_a_screen(told: str) -> None:
    assert "This is a screen." in told
    assert "it gives no legal advice" in told


def test_it_tells_the_scores_and_how_they_were_counted(told: str) -> None:
    for words in ("SMOG grade", "Flesch-Kincaid grade", "without the terms that are explained", "words a sentence"):
        assert words in told
    assert "List items and table cells count as sentences" in told


def test_it_tells_the_balance_of_claims(told: str) -> None:
    assert "words of benefit stand against" in told


def test_every_element_is_found_missing_or_not_applicable(told: str) -> None:
    for code, what in ((code, one.what) for code, one in KINDS["consent"].elements.items()):
        place = told.index(f"{what} {code} ")
        verdict = told[place + len(what) + len(code) + 2 :]
        assert verdict.startswith(("found", "missing", "not applicable")), code
    assert "Doing nothing C12 missing" in told
    assert "Risks, common and serious C09 found" in told


def test_checklists_say_what_is_left_to_a_person(told: str) -> None:
    assert "The order is logical PEMAT-P 10 for a person" in told
    assert "It says 'you' where somebody is to act PEMAT-P 21 no: address" in told.replace("’", "'")
    assert "CDC 11" in told


def test_each_finding_stands_there_with_sentence_remedy_and_source(told: str) -> None:
    assert "Error C12" in told
    assert "It is completely safe." in told
    assert "PEMAT-P 21" in told


def test_without_a_sound_profile_there_is_no_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shelf: Shelf = stock(tmp_path / "shelf")
    shelf.clinic.write_text("nonsense", encoding="utf-8")
    assert main(["check", "--words", "--report", str(tmp_path / "report.pdf"), *shelf.options]) == 3
    assert "profile has errors" in capsys.readouterr().err
    assert not (tmp_path / "report.pdf").exists()
