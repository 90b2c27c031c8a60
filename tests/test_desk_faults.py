"""What is missing or broken is told on a page for everybody: no text, no font, a bad profile, a fault of our own.

The desk is that of a copy of the product, so that parts of it can be taken away and faults be put in.
"""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.instruments.browser import shut_out, signed_in
from tests.instruments.desk import ROOT, FrontDesk, front_desk
from tests.instruments.traces import saying, traces
from tests.test_desk_limits import png_bomb

PARTS = ("clinicpress", "templates", "fonts", "brand", "handouts", "generate.py", "clinic.toml")
FONT = Path("fonts/clinic-sans/ClinicSans-Regular.ttf")
SAID = saying("Quitzilda", "Ohnemus", "Wombatknie", "1907-02-28")
VISIT = {
    "patient.name": "Quitzilda Ohnemus",
    "patient.birth_date": "1907-02-28",
    "patient.language": "en",
    "encounter.date": "2026-11-24",
    "encounter.site": "Wombatknie",
    "encounter.procedure": "neurotherapy",
    "profile": "standard",
    "paper": "letter",
    "copy": "",
}
IN_A_WORKER = """
        if facts.get("encounter.site"):
            raise KeyError(str(facts))
        if paper == "a4":
            raise ContentError([Problem("S16", "unreadable-text", "clinic.toml", 3, "It changed.", "Put it back.")])
"""
ON_A_PAGE = """
    if posted_of(request).get("words"):
        raise ValueError(posted_of(request).get("words"))
"""


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the product with faults; they strike when the facts of a patient are at hand.

    One strikes in a worker when a packet has a site, one on the page when a word is searched for. And what prints on A4
    is as if somebody changed the profile at that very moment.
    """
    root = tmp_path_factory.mktemp("product") / "clinicpress"
    for name in PARTS:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, root / name)
        else:
            shutil.copy(ROOT / name, root)
    put(
        root / "clinicpress/desk/worker.py",
        "terms = terms_of(stock, size=profile, paper=paper, copy=copy)\n",
        IN_A_WORKER,
    )
    put(root / "clinicpress/desk/worker.py", "import ContentError, ", "Problem, ")
    put(root / "clinicpress/desk/pages/library.py", 'name."""\n', ON_A_PAGE)
    return root


def put(path: Path, place: str, fault: str) -> None:
    """Puts a fault behind a place of the program."""
    before, found, behind = path.read_text().partition(place)
    assert found
    path.write_text(before + found + fault + behind)


@contextmanager
def without(path: Path) -> Iterator[None]:
    """A file or folder is gone for a while."""
    aside = path.parents[1] / f"{path.name}-aside"
    path.rename(aside)
    try:
        yield
    finally:
        aside.rename(path)


@pytest.fixture(scope="module")
def desk(product: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FrontDesk]:
    with front_desk(tmp_path_factory.mktemp("desk"), "--today", "2026-11-24", root=product, quick=True) as one:
        yield one


@pytest.fixture(scope="module")
def page(desk: FrontDesk, browser: Browser) -> Iterator[Page]:
    one = signed_in(browser, desk, "Rosa Desk")
    yield one
    one.context.close()


def opened(page: Page, desk: FrontDesk, status: int, path: str = "/") -> str:
    """What a page says."""
    answer = page.goto(desk.address + path)
    assert answer is not None
    assert answer.status == status
    return page.inner_text("main")


def test_an_empty_library_says_how_to_fill_it(desk: FrontDesk, page: Page, product: Path) -> None:
    with without(product / "handouts/neurotherapy"):
        said = opened(page, desk, 200)
    assert shut_out(page) == []
    assert "The library is empty." in said
    assert "python generate.py new" in said


def test_a_missing_font_is_told_once_with_what_to_do(desk: FrontDesk, page: Page, product: Path) -> None:
    shutil.copytree(product / "handouts/neurotherapy", product / "handouts/another")  # two topics, one sentence
    with without(product / FONT):
        said = opened(page, desk, 422)
        assert shut_out(page) == []
        assert len(re.findall(f"The font \\S+{FONT.name} is missing. Restore the folder", said)) == 1
        assert "left out" not in said
    shutil.rmtree(product / "handouts/another")
    assert "Look and print" in opened(page, desk, 200)


def test_a_profile_with_faults_is_told_where_it_stands_in_the_way(desk: FrontDesk, page: Page, product: Path) -> None:
    opened(page, desk, 200)
    page.select_option("#paper", "a4")
    page.click("[data-card] button")
    page.wait_for_load_state()
    said = page.inner_text("main")
    assert shut_out(page) == []
    assert "This stands in the way. The office manager can mend it." in said
    assert "It changed." in said
    profile, bomb = product / "clinic.toml", product / "brand/bomb.png"
    before = profile.read_text()
    bomb.write_bytes(png_bomb())
    profile.write_text(re.sub(r"(?m)^logo *=.*$", 'logo = "brand/bomb.png"', before))
    said = opened(page, desk, 200)
    assert shut_out(page) == []
    assert "Some of this cannot be printed until the office manager has mended it" in said
    assert "bomb.png: it has 30000 x 30000 points" in said
    assert "No document can be printed now." in opened(page, desk, 200, "/prepare")
    profile.write_text(before)
    bomb.unlink()


def test_a_fault_of_ours_is_told_on_a_page_and_no_value_in_the_log(desk: FrontDesk, page: Page) -> None:
    opened(page, desk, 200)
    page.fill("#words", "Quitzilda Ohnemus")
    with page.expect_navigation():
        page.evaluate("document.querySelector('[data-search]').submit()")
    said = page.inner_text("main")
    assert shut_out(page) == []
    assert "Something in the program broke; this is our fault, not yours." in said
    assert "Quitzilda" not in said
    visitor = desk.visitor().sign_in("Rosa Desk")
    visitor.get("/prepare")
    answer = visitor.post("/prepare", VISIT)
    assert answer.status == 500
    assert "this is our fault" in answer.text
    log = desk.log.read_text()
    assert re.search(r"^A fault of ours: POST /: ValueError at library.py:\d+ search < ", log, re.MULTILINE)
    assert re.search(r"^A fault of ours: POST /prepare: KeyError at worker.py:\d+ packet < ", log, re.MULTILINE)
    assert traces(desk, SAID) == []
    assert opened(page, desk, 200)  # and it goes on
