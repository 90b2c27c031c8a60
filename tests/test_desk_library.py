"""The library page: everybody finds a document quickly, sees whether it is a draft, and has its pages in two clicks."""

import pytest
from playwright.sync_api import Browser

from tests.instruments.browser import WIDTHS, overflow, signed_in, violations
from tests.instruments.desk import FrontDesk


@pytest.mark.parametrize("width", WIDTHS)
def test_nobody_is_shut_out_of_the_library(desk: FrontDesk, browser: Browser, width: int) -> None:
    page = signed_in(browser, desk, "Rosa Desk", width)
    assert violations(page) == []
    assert overflow(page) == 0
    page.context.close()


def test_the_library_is_searched_while_typing_and_no_word_of_it_stands_in_an_address(
    desk: FrontDesk, browser: Browser
) -> None:
    page = signed_in(browser, desk, "Rosa Desk")
    assert page.locator("[data-card]:visible").count() == 4
    page.keyboard.press("Tab")
    page.focus("#words")
    page.keyboard.type("neuroterapia")
    assert page.locator("[data-card]:visible").count() == 2
    assert page.locator("[data-count]").inner_text() == "2 documents"
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
