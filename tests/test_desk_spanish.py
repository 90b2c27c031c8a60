"""The front desk in Spanish: every page speaks it throughout, and what stays English says so to a screen reader."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from clinicpress import library
from clinicpress.words import words_in
from tests.instruments.browser import let_in, overflow, signed_in, violations
from tests.instruments.desk import ROOT, FrontDesk
from tools.catalogues import messages

SPANISH = "es-US"
PATIENCE = 60_000  # milliseconds: pages of a document may be made again here
WIDTHS = (320, 1440)  # pixels: Spanish words are longer, and the narrowest window is where they would not fit
MIXED = (
    "mrn,name,birth_date,appointment,procedure,language,site,side,clinician\n"
    "0000001,Zoë Example,1961-04-09,2026-11-24 09:00,neurotherapy,English,Knee,left,Ada Example\n"
    "0000002,Zoë Example,04/09/1961,2026-11-24 09:30,neurotherapy,Spanish,Knee,left,Ada Example\n"
    "0000003,Zoë Example,1988-01-30,2026-11-24 10:00,neurotherapy,Somali,Knee,right,Ada Example\n"
    "0000004,Ula Example,1975-11-02,2026-11-24 10:30,knitting,English,Knee,right,Ada Example\n"
).encode()
# Everything that a page says in its own language: texts, and what is only read aloud or comes by the script.
SAID = """() => {
  const own = (one) => one.closest("[lang]").lang === "es" && !one.closest("code, pre, script, style, .clinic");
  const said = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) if (own(walker.currentNode.parentElement)) said.push(walker.currentNode.data);
  for (const name of ["aria-label", "alt", "title", "placeholder", "label", "data-one", "data-many", "data-none",
                      "data-label"])
    for (const one of document.querySelectorAll(`[${name}]`)) if (own(one)) said.push(one.getAttribute(name));
  return said.map((one) => one.replace(/\\s+/g, " ").trim()).filter(Boolean);
}"""
# Words that nearly every English sentence has one of, and no Spanish one.
ENGLISH = re.compile(
    r"(?<![\w/-])(the|this|that|is|are|not|and|of|with|was|were|your|cannot|by|from|has|have)(?![\w/-])", re.IGNORECASE
)


def english(texts: list[str]) -> list[str]:
    """What is English among some texts: messages of the catalogue, and sentences that are in no catalogue."""
    spanish = words_in("es")
    others = [one for one in messages() if spanish(one) != one]
    short = {one for one in others if " " not in one}
    parts = "|".join(re.sub(r"\\{\w+\\}", ".+?", re.escape(one)) for one in others if " " in one)
    long = re.compile(rf"(?<!\w)(?:{parts})(?!\w)")
    return [one for one in texts if one.strip(" .,:()") in short or long.search(one) or ENGLISH.search(one)]


def assert_spanish(page: Page) -> None:
    """A page is in Spanish throughout, shuts nobody out, and fits into its window."""
    said = page.evaluate(SAID)
    assert english(said) == []
    assert page.evaluate("document.documentElement.lang") == "es"
    assert page.title().endswith(" – Recepción")
    assert len(said) >= 4
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert overflow(page) == 0, width
    assert violations(page) == []  # at one width: layout and colours are those of the English page


@pytest.fixture(scope="module")
def page(desk: FrontDesk, browser: Browser) -> Iterator[Page]:
    """Somebody at the desk whose browser asks for Spanish."""
    one = signed_in(browser, desk, "Rosa Desk", language=SPANISH)
    one.set_default_timeout(PATIENCE)
    yield one
    one.context.close()


def test_the_test_itself_finds_english(desk: FrontDesk, browser: Browser) -> None:
    documents, _ = library.read_library(ROOT / "handouts")
    page = signed_in(browser, desk, "Rosa Desk")
    said = page.evaluate(SAID.replace('"es"', '"en"'))
    found = english(said)
    assert {"Prepare", "Look and print", "Kind", "Library", f"{len(documents)} documents", "DRAFT"} <= set(found)
    assert english(["The file was moved away."]) == ["The file was moved away."]  # in no catalogue
    assert english([words_in("es")(one) for one in messages()]) == []
    page.context.close()


def test_signing_in_is_in_the_language_that_the_browser_asks_for(desk: FrontDesk, browser: Browser) -> None:
    page = let_in(browser, desk, language=SPANISH)
    assert page.locator("h1").inner_text() == "Iniciar sesión"
    assert_spanish(page)
    page.fill("#name", "Rosa Desk")
    page.fill("#passphrase", "wrong")
    page.press("#passphrase", "Enter")
    page.wait_for_selector("#summary")
    assert_spanish(page)
    page.context.close()


def test_a_press_changes_the_language_and_another_changes_it_back(desk: FrontDesk, browser: Browser) -> None:
    page = signed_in(browser, desk, "Rosa Desk")
    assert page.locator("h1").inner_text() == "Library"
    page.click("button:text('Español')")
    page.wait_for_selector("html[lang=es]")
    assert page.locator("h1").inner_text() == "Biblioteca"
    page.goto(desk.address + "/prepare")
    assert page.locator("h1").inner_text() == "Preparar"
    page.click("button:text('English')")
    page.wait_for_selector("html[lang=en]")
    assert page.locator("h1").inner_text() == "Prepare"
    page.context.close()


def test_the_library_and_its_search_are_in_spanish(desk: FrontDesk, page: Page) -> None:
    page.goto(desk.address)
    assert_spanish(page)
    assert page.locator(".draft").first.inner_text() == "DRAFT · BORRADOR"
    page.fill("#words", "neuroterapia")
    assert page.locator("[data-count]").inner_text() == "2 documentos"
    page.select_option("#kind", "handout")
    assert page.locator("[data-count]").inner_text() == "1 documento"
    page.fill("#words", "xyzzy")
    assert page.locator("[data-count]").inner_text().startswith("Ningún documento tiene estas palabras.")
    with page.expect_navigation():
        page.evaluate("document.querySelector('button[value=search]').click()")
    assert page.locator("[data-card]").count() == 0
    assert_spanish(page)


def test_looking_at_pages_is_in_spanish_where_there_is_no_printer_too(desk: FrontDesk, page: Page) -> None:
    page.goto(desk.address)
    page.locator("[data-card] button").first.click()
    page.wait_for_url("**/packets/*")
    assert "Ningún servicio de impresión (CUPS) responde en" in page.locator(".panel").inner_text()
    assert_spanish(page)


def test_preparing_is_in_spanish_and_so_is_every_slip(desk: FrontDesk, page: Page) -> None:
    page.goto(desk.address + "/prepare")
    assert_spanish(page)
    page.fill("#clinician-credential", "ND")
    page.fill("#patient-mrn", "\u202e1")
    page.fill("#patient-birth_date", "2061-04-09")
    page.fill("#encounter-date", "2061-04-09")
    page.fill("#encounter-site", "x" * 2001)
    page.click("main button.main")
    page.wait_for_selector("#summary")
    assert page.locator("#summary li").count() == 7
    assert_spanish(page)


def test_the_days_list_is_in_spanish_and_a_row_says_why_it_cannot_be_printed(desk: FrontDesk, page: Page) -> None:
    page.goto(desk.address + "/today")
    assert_spanish(page)
    page.set_input_files("#file", {"name": "day.docx", "mimeType": "x/y", "buffer": b"PK\x03\x04 no list"})
    page.click("main button.main")
    page.wait_for_selector("#file-fault")
    assert page.locator("#file-fault [lang=en]").count() == 1  # a worker's sentence stays English, and says so
    assert_spanish(page)
    page.set_input_files("#file", {"name": "day.csv", "mimeType": "text/csv", "buffer": MIXED})
    page.click("main button.main")
    page.wait_for_selector("#row-2")
    assert page.locator(".fault[lang=en]").count() >= 1
    assert_spanish(page)
    page.click("button.danger")
    page.wait_for_selector("#away-fault")
    assert_spanish(page)
    page.check("#away")
    page.click("button.danger")
    page.wait_for_selector("h2")
    assert page.locator("#row-1").count() == 0


def test_the_editors_desk_is_in_spanish_and_findings_stay_english(desk: FrontDesk, browser: Browser) -> None:
    page = signed_in(browser, desk, "Ada Example", language=SPANISH)
    page.set_default_timeout(PATIENCE)
    page.goto(desk.address + "/editor")
    assert_spanish(page)
    page.click("a[href='/editor/neurotherapy/consent/es']")
    page.wait_for_selector("#decide")
    assert page.locator(".finding[lang=en]").count() >= 1
    assert_spanish(page)
    page.goto(desk.address + "/editor/neurotherapy/consent/en")
    page.fill("#reason", "x" * 10)
    page.click("button.danger")
    page.wait_for_selector("#summary")
    assert_spanish(page)
    page.context.close()


def test_refusals_are_in_spanish_for_strangers_too(desk: FrontDesk, browser: Browser, page: Page) -> None:
    for place in ("/nowhere", "/packets/nothing"):  # 404
        page.goto(desk.address + place)
        assert_spanish(page)
    page.goto(desk.address)
    page.evaluate("document.getElementById('words').value = 'x'.repeat(300000)")
    page.evaluate("document.querySelector('button[value=search]').click()")  # 413
    page.wait_for_selector(".refusal:has-text('demasiado grande')")
    assert_spanish(page)
    stranger: BrowserContext = browser.new_context(locale=SPANISH)
    other = stranger.new_page()
    for place in ("/", "/open/used"):  # 403
        answer = other.goto(desk.address + place)
        assert answer is not None
        assert answer.status == 403
        assert_spanish(other)
    stranger.close()
