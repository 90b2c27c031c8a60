"""Signing in and the library: everybody gets in by keyboard and finds a document, and sees whether it is a draft."""

from playwright.sync_api import Browser

from clinicpress import library
from tests.instruments.browser import let_in, shut_out, signed_in, tab_to
from tests.instruments.desk import PASSPHRASE, ROOT, FrontDesk


def test_nobody_is_shut_out_of_signing_in_of_refusals_and_of_the_library(desk: FrontDesk, browser: Browser) -> None:
    page = let_in(browser, desk)
    assert shut_out(page) == []
    page.fill("#name", "Rosa Desk")
    page.fill("#passphrase", "not this one, surely")
    page.press("#passphrase", "Enter")
    page.wait_for_selector("#summary")
    assert shut_out(page) == []
    page.goto(f"{desk.address}/packets/nothing")
    page.context.close()
    page = signed_in(browser, desk, "Rosa Desk")
    assert shut_out(page) == []
    page.goto(f"{desk.address}/packets/nothing")
    assert "prepare them again" in page.inner_text(".refusal")
    assert shut_out(page) == []
    page.context.close()


def test_axe_sees_what_shuts_people_out(desk: FrontDesk, browser: Browser) -> None:
    page = let_in(browser, desk)
    page.evaluate("document.querySelector('label[for=name]').remove(); document.body.style.width = '3000px'")
    found = "\n".join(shut_out(page))
    assert "label" in found
    assert "pixels too wide" in found
    page.context.close()


def test_the_keyboard_alone_leads_from_the_link_to_the_pages_of_a_handout(desk: FrontDesk, browser: Browser) -> None:
    page = let_in(browser, desk)
    tab_to(page, "#name")
    page.keyboard.type("Rosa Desk")
    tab_to(page, "#passphrase")
    page.keyboard.type(PASSPHRASE)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{desk.address}/")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # past what stands on every page
    assert page.evaluate("document.activeElement.id") == "main"
    tab_to(page, "#words")
    page.keyboard.type("what is")
    tab_to(page, "button[name=document]")
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineWidth")
    assert outline == "3px"  # seen
    page.keyboard.press("Enter")
    page.wait_for_url(f"{desk.address}/packets/*")
    assert page.inner_text("h1") == "Look and print"
    assert page.locator(".sheets img").count() == 2
    page.context.close()


def test_the_library_is_searched_while_typing_and_no_word_of_it_stands_in_an_address(
    desk: FrontDesk, browser: Browser
) -> None:
    documents, _ = library.read_library(ROOT / "handouts")
    spanish = sum(one.language == "es" for one in documents)
    page = signed_in(browser, desk, "Rosa Desk")
    assert page.locator("[data-card]:visible").count() == len(documents)
    tab_to(page, "#words")
    page.keyboard.type("neuroterapia")
    assert page.locator("[data-card]:visible").count() == spanish
    assert page.locator("[data-count]").inner_text() == f"{spanish} documents"
    page.select_option("#kind", "handout")
    assert page.locator("[data-card]:visible").count() == 1
    page.keyboard.press("Enter")
    assert page.url == desk.address + "/"
    page.context.close()


def test_search_works_without_a_script_too(desk: FrontDesk) -> None:
    visitor = desk.visitor().sign_in("Rosa Desk")
    found = visitor.post("/", {"words": "consentimiento", "kind": "consent", "language": "es"})
    assert found.status == 200
    assert found.text.count("data-card ") == 1
