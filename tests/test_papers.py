"""Papers that nobody wrote for the rules: what is wrong in them is found, and sound ones are left alone, so often.

The sets were written before the rules, by somebody who had not seen them, and their texts are not looked at when a rule
is written: only these counts are. In each faulty paper one thing is missing or wrong. The figures are what was reached;
none may get worse. What only a reader can tell is a warning, and counts as found; it is no error in a sound paper.
"""

import json
import shutil
from datetime import date
from pathlib import Path

import pytest

from clinicpress import lint
from clinicpress.errors import Problem, Severity
from clinicpress.press.shelf import Shelf, take_stock
from tests.lint.shelf import TODAY

SETS = Path(__file__).parent / "papers"
REACHED = {  # of the faulty ones found, of the sound ones with an error
    "authorization": (17, 20, 2, 20),
    "acknowledgement": (9, 10, 1, 10),
    "policy": (9, 10, 3, 10),
    "telehealth-consent": (9, 10, 1, 10),
}


def judged(kind: str, folder: Path) -> dict[str, list[Problem]]:
    """What is found in each paper of a set, by the name of its file."""
    for paper in (SETS / kind).glob("*.md"):
        topic = folder / paper.name.partition(".")[0]
        topic.mkdir()
        shutil.copy(paper, topic / f"{kind}.en.md")
    stock = take_stock(Shelf(folder, SETS / "clinic.toml", date.fromisoformat(TODAY)), ())
    found: dict[str, list[Problem]] = {one.topic: [] for one in stock.documents}
    for one in stock.problems:
        if Path(one.file).parent.parent == folder:
            found.setdefault(Path(one.file).parent.name, []).append(one)
    return found


@pytest.mark.parametrize("kind", REACHED)
def test_as_many_are_told_apart_as_before(kind: str, tmp_path: Path) -> None:
    labels = json.loads((SETS / kind / "labels.json").read_text())
    found = judged(kind, tmp_path)
    faulty = {name.partition(".")[0]: fault for name, fault in labels.items()}
    sound = [name for name in found if name not in faulty]
    hits = [name for name, fault in faulty.items() if fault in {one.code for one in found[name]}]
    wrong = [name for name in sound if any(one.severity is Severity.ERROR for one in found[name])]
    at_least, of_faulty, at_most, of_sound = REACHED[kind]
    assert (len(faulty), len(sound)) == (of_faulty, of_sound)
    assert len(hits) >= at_least
    assert len(wrong) <= at_most


def test_a_kind_without_its_rows_finds_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The counter-proof: it is the rows that find the faults."""
    monkeypatch.setattr(lint, "checks_of", lambda kind: ())
    monkeypatch.setattr(lint, "_rules_of", lint._rules_of.__wrapped__)  # what it found before is not kept
    labels = json.loads((SETS / "authorization" / "labels.json").read_text())
    found = judged("authorization", tmp_path)
    faulty = {name.partition(".")[0]: fault for name, fault in labels.items()}
    assert [name for name, fault in faulty.items() if fault in {one.code for one in found[name]}] == []
