"""Debian's Chromium, driven as a person does, and axe-core, which looks for what shuts people out of a page.

with chromium() as browser:
    page = signed_in(browser, desk, "Rosa Desk", width=320)
    assert violations(page) == []
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, sync_playwright

from tests.instruments.desk import PASSPHRASE, FrontDesk
from tests.instruments.tools import program

AXE = Path(__file__).parents[1] / "pdfjs" / "node_modules" / "axe-core" / "axe.min.js"
WIDTHS = (320, 768, 1440)  # pixels: a phone or 400 % zoom, a tablet, a desk
AT = [320, pytest.param(768, marks=pytest.mark.soak), 1440]
"""The same for tests of many states of a page: the one in between is left to `make soak`."""
PATIENCE = 30_000  # milliseconds: the machine may have other work
# What WCAG 2.2 AA asks for, and what axe-core's authors think best beside it.
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


COMPLAINTS: list[str] = []
"""What the pages of desks made the browser complain of: what their policy forbids, and what broke in their script."""
_LISTEN = """
addEventListener("securitypolicyviolation", (one) => {
  console.error(`forbidden: ${one.effectiveDirective} ${one.blockedURI}`);
});
"""
# To tell of what is in order, place by place, would take as long as to look.
_RUN = "(rules) => axe.run(document, {runOnly: {type: 'tag', values: rules}, resultTypes: ['violations']})"


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser. It asks nobody but the desk: a page that wants anything from elsewhere gets nothing.

    In the end it fails when it had to complain of any page.
    """
    COMPLAINTS.clear()
    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=program("chromium", "chromium"),
            # Without the setting that shuts the machine's fonts out of our pages: no browser lives without any font.
            env={name: value for name, value in os.environ.items() if name != "FONTCONFIG_FILE"},
            # No sandbox: in containers it may not be had. Names resolve to nothing, so nothing leaves the machine.
            args=["--no-sandbox", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"],
        )
        try:
            yield browser
        finally:
            browser.close()
    assert COMPLAINTS == []


def let_in(browser: Browser, desk: FrontDesk, width: int = 1440, language: str = "en-US") -> Page:
    """A page of a browser that was let in, at the sign-in form."""
    context = browser.new_context(viewport={"width": width, "height": 900}, locale=language)
    context.set_default_timeout(PATIENCE)
    context.add_init_script(_LISTEN)

    def note(page: Page | None, said: str) -> None:
        if page is not None and page.url.startswith(desk.address):
            COMPLAINTS.append(said)

    context.on("console", lambda one: note(one.page, one.text) if one.text.startswith("forbidden: ") else None)
    context.on("weberror", lambda one: note(one.page, str(one.error)))
    page = context.new_page()
    page.goto(desk.address + desk.link())
    page.wait_for_url("**/sign-in")
    return page


def tab_to(page: Page, selector_or_locator: str | Locator, most: int = 200) -> None:
    """Goes on with the Tab key until the keyboard stands there."""
    wanted = selector_or_locator
    for _ in range(most):
        page.keyboard.press("Tab")
        if isinstance(wanted, str):
            there = page.evaluate("(wanted) => document.activeElement.matches(wanted)", wanted)
        else:
            there = wanted.evaluate("(one) => one === document.activeElement")
        if there:
            return
    raise AssertionError(f"the keyboard does not come to {wanted}")


def signed_in(browser: Browser, desk: FrontDesk, name: str, width: int = 1440, language: str = "en-US") -> Page:
    """A page where somebody is signed in, at the library."""
    page = let_in(browser, desk, width, language)
    page.fill("#name", name)
    page.fill("#passphrase", PASSPHRASE)
    page.press("#passphrase", "Enter")
    page.wait_for_url(desk.address + "/")
    return page


@lru_cache(maxsize=1)
def _axe() -> str:
    return AXE.read_text(encoding="utf-8")


def violations(page: Page) -> list[str]:
    """What axe-core finds on a page: the rule, and the places. Empty when all is well."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(_axe())
    found = page.evaluate(_RUN, RULES)
    return [
        f"{one['id']}: {one['help']}: {'; '.join(str(node['target']) for node in one['nodes'])}"
        for one in found["violations"]
    ]


def overflow(page: Page) -> int:
    """By how many pixels a page is wider than its window."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def shut_out(page: Page) -> list[str]:
    """What shuts people out of a page as it stands, at each width: what axe-core finds, and what leaves the window."""
    found = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        found += [f"{width}: {one}" for one in violations(page)]
        found += [f"{width}: {more} pixels too wide"] if (more := overflow(page)) else []
    return found
