"""Takes the pictures of the front desk's pages that the documents show: run it by `make pictures`, then look at them.

A real desk, a real print service with a printer that has run out of paper, Debian's Chromium; invented people. The day
is fixed, and times of the clock are written over, so that a picture changes only when its page does.
"""

import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image
from playwright.sync_api import Page, expect

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.instruments.browser import WIDTHS, chromium, let_in  # noqa: E402
from tests.instruments.desk import PASSPHRASE, FrontDesk, front_desk  # noqa: E402
from tests.instruments.printshop import PrintShop, print_shop  # noqa: E402

PICTURES = ROOT / "docs" / "pictures" / "desk"
DAY = "2026-11-24"  # the day of samples/roster.csv
SCREENS = {320: (640, 2), 768: (1024, 1), 1440: (900, 1)}  # width: height of a screen, and how many screens are shown
PATIENCE = 120_000  # milliseconds: every document is set for the first time
COLOURS = 64  # of a picture: the letters' edges stay smooth, and it takes a third of the bytes
# Letters and pictures are there as far down as the picture will reach.
SHOWN = """(deep) => document.fonts.status === "loaded" && [...document.images].every(
  (one) => one.getBoundingClientRect().top > deep || (one.complete && one.naturalWidth > 0))"""
QUIET = """() => {
  for (const one of document.querySelectorAll("main p, main .small, main label")) {
    for (const text of one.childNodes) {
      if (text.nodeType === Node.TEXT_NODE && !one.closest("td")) {
        text.data = text.data.replace(/\\b(at|am) \\d\\d:\\d\\d\\b/, "$1 08:05");
      }
    }
  }
}"""


def pages(page: Page, desk: FrontDesk, shop: PrintShop) -> Iterator[str]:
    """Goes from page to page as a person does, and names each."""
    yield "sign-in"
    page.fill("#name", "Cleo Example")
    page.fill("#passphrase", PASSPHRASE)
    page.press("#passphrase", "Enter")
    page.wait_for_url(desk.address + "/")
    yield "library"
    yield from _one_patient(page, desk, shop)
    page.goto(desk.address + "/today")
    page.set_input_files("#file", ROOT / "samples" / "roster.csv")
    page.click("main button.main")
    page.wait_for_selector("#row-2")
    yield "today"
    page.goto(desk.address + "/editor")
    yield "editor"
    page.click("th a")
    page.wait_for_selector("#decide")
    yield "text"
    page.goto(desk.address + "/packets/put-away")
    yield "refusal"


def _one_patient(page: Page, desk: FrontDesk, shop: PrintShop) -> Iterator[str]:
    page.goto(desk.address + "/prepare")
    page.select_option("#encounter-procedure", "neurotherapy")
    page.fill("#patient-name", "Zoë Example")
    page.fill("#encounter-site", "Knee")
    page.select_option("#encounter-side", "left")
    page.click("main button.main")
    page.wait_for_selector(".fault")
    yield "prepare"
    page.fill("#patient-birth_date", "1961-04-09")
    page.click("main button.main")
    page.wait_for_selector(".sheets")
    yield "look"
    shop.printer().run_out_of_paper()
    page.click("main button.main")
    expect(page.locator("[data-sentence]")).to_contain_text("Out of paper", timeout=30_000)
    yield "print"


def take(page: Page, name: str) -> None:
    """The pictures of a page as it stands, at each width."""
    for width in WIDTHS:
        height, screens = SCREENS[width]
        page.set_viewport_size({"width": width, "height": height})
        page.evaluate("scrollTo(0, 0)")
        page.wait_for_function(SHOWN, arg=height * screens)
        page.evaluate("Promise.all([...document.images].filter((one) => one.complete).map((one) => one.decode()))")
        page.evaluate(QUIET)
        whole = page.evaluate("document.documentElement.scrollHeight")
        shot = page.screenshot(
            full_page=True,
            clip={"x": 0, "y": 0, "width": width, "height": min(height * screens, whole)},
            animations="disabled",
        )
        with Image.open(BytesIO(shot)) as picture:
            few = picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
        few.save(PICTURES / f"{name}-{width}.png", optimize=True)


def main() -> None:
    """Takes them all."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as folder, print_shop(("Front-desk", "Office")) as shop, chromium() as browser:
        reach = {"CUPS_SERVER": str(shop.socket)}
        with front_desk(Path(folder), "--today", DAY, environment=reach) as desk:
            page = let_in(browser, desk)
            page.set_default_timeout(PATIENCE)
            for name in pages(page, desk, shop):
                take(page, name)
            shop.printer().put_paper_in()


if __name__ == "__main__":
    main()
