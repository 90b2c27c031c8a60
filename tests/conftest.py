"""Options and fixtures that tests share: the printed library, and golden files with one flag to accept them."""

import difflib
import gc
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser

from clinicpress.cache import Cache
from tests import forms, prints
from tests.instruments.browser import chromium
from tests.instruments.desk import CACHE_KEY, SHARED_CACHE, FrontDesk, front_desk, with_our_cache_key
from tests.instruments.paint import TOLERANCE, Picture, difference, save_difference
from tests.prints import Library, Printed, Wanted

# A test of how something is made must not be handed what an earlier one made. Tests of the cache name a folder; those
# of something else ask for what this run has made before (`from_cache`).
os.environ["CLINICPRESS_CACHE"] = "off"
# Pages that are set, and tests that are gathered, are many things that stay for a while: to go through all of them for
# garbage after each seven hundred new ones, as Python does, takes a tenth of the time. Forks inherit this.
gc.set_threshold(100_000, 20, 20)
GOLDEN = Path(__file__).parent / "golden"
DIFFERENCES = Path(__file__).parent / "differences"
SHADES = 16  # of a golden picture: enough to compare (the measure forgives 64 of 255), and a third of the bytes


@pytest.fixture(scope="session", autouse=True)
def _state(tmp_path_factory: pytest.TempPathFactory) -> None:
    """An installation of its own: no test adds to the journal of whoever runs it."""
    os.environ["CLINICPRESS_STATE"] = str(with_our_cache_key(tmp_path_factory.mktemp("state")))


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds the one flag that accepts what is made now as what is expected."""
    parser.addoption("--update-golden", action="store_true", help="accept what is made now as what is expected")


@pytest.fixture(scope="module", autouse=True)
def settled() -> None:
    """What is there when a file of tests begins mostly stays, fonts and dictionaries among it: it need not be gone
    through for garbage again and again, here and in every process that is forked."""
    gc.collect()
    gc.freeze()


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    """Whether golden files are to be written again."""
    return bool(request.config.getoption("--update-golden"))


@pytest.fixture
def golden(update_golden: bool) -> Callable[[str, str], None]:
    """Compares a text with tests/golden/NAME, and fails with the difference; what was made is kept to look at."""

    def compare(name: str, actual: str) -> None:
        path = GOLDEN / name
        if update_golden:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(actual, encoding="utf-8")
        if not path.is_file():
            pytest.fail(f"There is no {path}. Look at what is made, then accept it with --update-golden.")
        expected = path.read_text(encoding="utf-8")
        if actual != expected:
            DIFFERENCES.mkdir(parents=True, exist_ok=True)
            (DIFFERENCES / name).write_text(actual, encoding="utf-8")
            rows = difflib.unified_diff(
                expected.splitlines(), actual.splitlines(), "expected", "actual", lineterm="", n=1
            )
            pytest.fail("\n".join([f"{name} is not as expected (--update-golden accepts it):", *rows]), pytrace=False)

    return compare


@pytest.fixture
def golden_picture(update_golden: bool) -> Callable[[str, Picture], None]:
    """Compares a grey picture with tests/golden/NAME.png; on failure, actual, expected and difference are written."""

    def compare(name: str, actual: Picture) -> None:
        path = GOLDEN / f"{name}.png"
        if update_golden:
            path.parent.mkdir(parents=True, exist_ok=True)
            step = 255 / (SHADES - 1)
            few = Image.fromarray((np.round(actual / step) * step).astype(np.uint8)).quantize(SHADES)
            few.save(path, optimize=True)
        if not path.is_file():
            pytest.fail(f"There is no {path}. Look at what is made, then accept it with --update-golden.")
        with Image.open(path) as image:
            expected = np.asarray(image.convert("L"), dtype=np.uint8)
        apart = difference(actual, expected)
        if apart > TOLERANCE:
            files = ", ".join(str(file) for file in save_difference(DIFFERENCES, name, actual, expected))
            pytest.fail(
                f"{name} looks different ({apart:.3f} of a square, {TOLERANCE} is allowed): {files}", pytrace=False
            )

    return compare


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FrontDesk]:
    """A front desk that runs, with people who may sign in (`instruments.desk.STAFF`), for the tests of one file."""
    with front_desk(tmp_path_factory.mktemp("desk"), "--today", "2026-11-24", quick=True) as one:
        yield one


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, for the tests of one file."""
    with chromium() as one:
        yield one


@pytest.fixture(scope="session")
def common(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all processes of this run of the tests share."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@pytest.fixture(scope="session", autouse=True)
def kept(common: Path) -> Path:
    """A cache of this run, for tests that need some finished print, and do not test how it is made."""
    forms.kept = Cache(common / "kept", CACHE_KEY)
    os.environ[SHARED_CACHE] = str(common / "kept")  # for the front desks that tests start
    return common / "kept"


@pytest.fixture
def from_cache(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What this run of the tests has made from the same text is not made again: for a test of something else.

    Never for one that changes what makes pages while it runs, nor for one of how something is made, how long that
    takes or what it leaves behind. The cache is the run's own: a program that was changed between two runs is tested.
    """
    monkeypatch.setenv("CLINICPRESS_CACHE", str(kept))


@pytest.fixture(scope="session")
def library(common: Path, kept: Path) -> Iterator[Library]:
    """The library, printed once by the real command line: two clinics, two sizes of print, two papers, two kinds."""
    folder = common / "printed"
    folder.mkdir(exist_ok=True)
    with prints.print_library(folder, kept) as printed:
        yield printed


@pytest.fixture(params=prints.each(prints.EVERYTHING))
def printed(request: pytest.FixtureRequest, library: Library) -> Printed:
    """One printed document. Each in turn, or those that a test names (parametrize, indirect=True)."""
    wanted: Wanted = request.param
    return library[wanted]
