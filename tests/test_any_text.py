"""Any text that the guide lets an author write is on the paper, whole and in order, or its line is named.

300 documents of a grammar (`tests.grammar`); the judge knows nothing of how they were made. The usual suite prints
some. A document that fails stays in the folder that is named; `make_document(seed, folder)` makes it again.
"""

import shutil
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import combinations
from multiprocessing import get_context
from pathlib import Path
from tempfile import gettempdir

import pytest

from clinicpress.clinics import Paper, Print
from tests.attempts import Attempt, attempt, left_behind
from tests.grammar import Made, make_document
from tests.instruments import verapdf

ALL = range(300)
SAMPLE = (9, 14, 101, 173, 228, 296)  # any two of kind, language, size and paper meet in every way; none is long
MOST_REFUSED = 0.1  # of all documents; otherwise the property would hold for a press that refuses
LONGEST_SENTENCE = 400  # letters of a refusal that are told


@dataclass(frozen=True)
class Outcome:
    made: Made
    done: Attempt
    faults: tuple[str, ...]


def outcome(seed: int, folder: Path) -> Outcome:
    """Prints the document of a seed and judges it."""
    made = make_document(seed, folder)
    done = attempt(made.source, folder / "out", clinic=made.clinic, size=made.size, paper=made.paper)
    faults = [f"{made}: {fault}" for fault in done.faults()]
    if done.code != 0:
        faults += [f"{made}: {name} was written all the same" for name in left_behind(folder / "out")]
    return Outcome(made, done, tuple(faults))


def kept(found: Outcome, folder: Path) -> str:
    """What is told of a document that failed: it stays on the disk beyond this run of the tests."""
    place = Path(gettempdir(), "clinicpress-any-text", f"seed-{found.made.seed}")
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(folder, place)
    return "\n".join([f"kept in {place}", *found.faults])


def validated(pdfs: list[Path]) -> list[str]:
    return [f"{path}: {rule}" for path, rules in verapdf.validate(pdfs).items() for rule in rules]


@pytest.mark.parametrize("seed", SAMPLE)
def test_any_text_is_on_the_paper_whole_or_its_line_is_named(seed: int, tmp_path: Path) -> None:
    found = outcome(seed, tmp_path)
    assert found.faults == (), kept(found, tmp_path)
    assert found.done.code != 0 or validated([found.done.pdf]) == [], f"{found.made} is kept in {tmp_path}"


@pytest.fixture(scope="module")
def every(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Outcome]]:
    """All documents, by as many processes as there are cores."""
    folder = tmp_path_factory.mktemp("any")
    folders = [folder / str(seed) for seed in ALL]
    for one in folders:
        one.mkdir()
    # Processes that start again: veraPDF's Java lives in this one, and does not live on in a fork.
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        yield list(pool.map(outcome, ALL, folders))


@pytest.mark.soak
def test_each_of_300_texts_is_on_the_paper_whole_or_its_line_is_named(every: list[Outcome]) -> None:
    failed = [found for found in every if found.faults]
    told = [kept(found, found.made.source.parents[2]) for found in failed]
    assert not failed, "\n".join([f"{len(failed)} of {len(every)} documents:", *told])


@pytest.mark.soak
def test_each_that_is_printed_passes_verapdf(every: list[Outcome]) -> None:
    pdfs = [found.done.pdf for found in every if found.done.code == 0]
    assert pdfs
    assert validated(pdfs) == []


@pytest.mark.soak
def test_few_of_300_texts_are_refused(every: list[Outcome], capsys: pytest.CaptureFixture[str]) -> None:
    refused = [found for found in every if found.done.code != 0]
    with capsys.disabled():
        print(f"\n{len(refused)} of {len(every)} documents are refused:")  # noqa: T201  a soak is read by a person
        for found in refused:
            print(f"  {found.made}\n    {found.done.errors[:LONGEST_SENTENCE]}")  # noqa: T201
    assert len(refused) <= MOST_REFUSED * len(every)


@pytest.mark.soak
def test_the_texts_are_of_every_kind(every: list[Outcome]) -> None:
    """And some of them are long, so that pages end in all places."""
    kinds = Counter(
        (found.made.source.name, found.made.size, found.made.paper) for found in every if found.done.code == 0
    )
    names = ("handout.en.md", "handout.es.md", "consent.en.md", "consent.es.md")
    assert set(kinds) == {(name, size, paper) for name in names for size in Print for paper in Paper}
    assert max(int(found.done.facts.get("pages", 0)) for found in every) > 10


def test_any_two_choices_meet_in_the_sample(tmp_path: Path) -> None:
    def choices(seed: int) -> tuple[str, ...]:
        made = make_document(seed, tmp_path)
        return (*made.source.name.split(".")[:2], str(made.size), str(made.paper))

    met = {pair for seed in SAMPLE for pair in combinations(enumerate(choices(seed)), 2)}
    assert len(met) == 6 * 4  # six pairs of choices, each of two


def test_the_same_seed_makes_the_same_document(tmp_path: Path) -> None:
    one, other = (make_document(7, tmp_path / name).source for name in ("one", "other"))
    assert one.read_bytes() == other.read_bytes()
    assert one.read_text(encoding="utf-8") != make_document(8, tmp_path / "third").source.read_text(encoding="utf-8")
