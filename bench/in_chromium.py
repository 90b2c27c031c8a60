"""The form in headless Chromium: our own page, printed over the DevTools protocol, tagged and with an outline.

Chromium knows no running elements of CSS, so what stands in the margins is given to it as words in margin boxes.
"""

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from playwright.sync_api import sync_playwright

from bench.pieces import Form

PROGRAM = shutil.which("chromium")  # Debian's, which `make bench` installs; elsewhere there may be none
PUT = """([entries, margins]) => {
  document.getElementById("margins").textContent = margins;
  for (const place of document.querySelectorAll("[data-field]")) {
    const [name, choice] = place.dataset.field.split("?");
    const value = entries[name] ?? "";
    place.textContent = choice === undefined ? value : value === choice ? "X" : "";
  }
}"""
READY = """() => {
  document.querySelectorAll(".furniture").forEach(one => one.remove());
  document.head.insertAdjacentHTML("beforeend", '<style id="margins"></style>');
  for (const place of document.querySelectorAll('a[href^="field:"]')) {
    place.dataset.field = place.getAttribute("href").slice(6);
    place.removeAttribute("href");
  }
  return document.fonts.ready.then(() => true);
}"""


class Press:
    """One Chromium with one tab, where the form is open; each patient's values are put into it."""

    def __init__(self, form: Form, page: Path) -> None:
        self._form, self._page = form, page

    def __enter__(self) -> Self:
        self._driver = sync_playwright().start()
        # Chromium refuses its sandbox to root; the page is our own. It draws nothing on a machine without fonts, and
        # clinicpress shuts them out of its own process.
        environment = {name: value for name, value in os.environ.items() if not name.startswith("FONTCONFIG")}
        self._browser = self._driver.chromium.launch(executable_path=PROGRAM, args=["--no-sandbox"], env=environment)
        self._tab = self._browser.new_page()
        self._tab.goto(self._page.as_uri())
        self._tab.evaluate(READY)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._browser.close()
        self._driver.stop()

    def make(self, entries: Mapping[str, str]) -> bytes:
        """The form with these values."""
        self._tab.evaluate(PUT, [dict(entries), margins(self._form, entries)])
        return bytes(self._tab.pdf(prefer_css_page_size=True, tagged=True, outline=True, print_background=True))


def margins(form: Form, entries: Mapping[str, str]) -> str:
    """The style sheet that puts words into the margins of every page."""
    identity = "   ".join(f"{box.label}: {entries.get(box.name, '')}" for box in form.identity)
    page = f"{_text(['DRAFT · ' if form.draft else ''])} 'Page ' counter(page) ' of ' counter(pages)"
    return "\n".join(
        (
            "@page consent { margin: 105pt 42.5pt 107pt;",
            f"@top-left {{ content: {_text([form.draft, identity])}; white-space: pre; font-size: 10pt }}",
            f"@bottom-left {{ content: {_text(form.footer)}; white-space: pre; width: 400pt; font-size: 9.5pt }}",
            f"@bottom-right {{ content: {page}; font-size: 9.5pt; width: 110pt }} }}",
            f"@page consent:first {{ @top-left {{ content: {_text([*form.letterhead, form.draft])} }}",
            f"@top-right {{ content: {_text([form.label])}; font-size: 9.5pt; width: 200pt }} }}",
            "a.tick { font-size: 9pt; line-height: 10pt; text-align: center; vertical-align: top }",
            "a.box { padding: 2pt 4pt }",
            "h2 { break-after: auto }",  # else Chromium leaves most of the first page empty
        )
    )


def _text(lines: list[str] | tuple[str, ...]) -> str:
    r"""Lines as a string of CSS, where a new line is `\A`."""
    return " '\\A' ".join(json.dumps(line, ensure_ascii=False) for line in lines)
