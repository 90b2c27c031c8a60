"""A web page becomes headings, paragraphs, lists and tables (a door to lxml, which reads HTML as browsers do).

A page is taken as a stream of tags, so that no depth and no missing end tag can lose a word. Its own markup is never
carried over. Word files and Markdown files come this way too, once they are HTML.
"""

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

from lxml import etree

from clinicpress.documents import Emphasis, Inline, LineBreak, Link, Strong, Text, plain_text
from clinicpress.library.imports.equations import in_a_line, words_in
from clinicpress.library.imports.grids import Frames
from clinicpress.library.imports.looks import Look, Looks, list_level
from clinicpress.library.imports.pages import BACK, NOTE, Arranger
from clinicpress.library.imports.signs import beside_the_line, lowered, of_font, raised, tokens
from clinicpress.library.imports.source import cleaned
from clinicpress.library.imports.tags import BLOCKS, EMPTY, SILENT, Found, in_its_place, joined

_ADDRESS = re.compile(r"(?:https?://|mailto:|tel:)[^\s<>\"]+$", re.IGNORECASE)
_PICTURE = 'Put the file beside the document and write ![what it shows](file.png "caption") in a line of its own.'
_FIELD = "Write a field (::: fields) where a person is to fill something in."
_APART = ("option", "select", "textarea", "q")
_BLANK = " _____ "
_AWAY = {
    "hidden": ("Words that the file hides were left out.", "Write them again if readers are to see them."),
    "struck": ("Words that were struck through.", "They were left out. Write them again if they are meant to stand."),
    "menu": ("The menu of the page was left out.", "Write again what readers need of it."),
    "cookies": ("Words of the page about cookies were left out.", "Write again what readers need of them."),
    "preheader": ("The line that a mail program shows in its list was left out.", "Write it again if readers need it."),
    "drawing": ("Words in a drawing were left out.", "Write what readers need of them, or put the drawing beside it."),
    "stand-in": ("Words that stand in for a medium were left out.", "Write again what readers need of them."),
    "button": ("The words of a button were left out.", "Paper has no buttons. Write what readers need of them."),
    "choices": ("The choices of a list to choose from were left out.", f"A blank stands there. {_FIELD}"),
    "typed": ("What stood in a field to fill in was left out.", f"A blank stands there. {_FIELD}"),
    "above": ("Small words above others were left out.", "Write them in brackets if readers need them."),
    "comment": ("A comment of an editor was not carried over.", "Settle it, and change the text."),
}
"""Why words do not stand in the document: what is told of them, and what to do."""


def read_web(html: str, found: Found) -> None:
    """Reads a page. `found` gets its pieces, and remarks about what a document of ours cannot hold."""
    frames = Frames()
    for target in (frames, _PageReader(found, frames.found)):
        parser = etree.HTMLParser(target=target, huge_tree=True, recover=True, remove_comments=True, encoding="utf-8")
        parser.feed(html.encode())
        parser.close()


class _PageReader:
    """Hears the tags of a page one after the other."""

    def __init__(self, found: Found, frames: Sequence[bool]) -> None:
        self.found = found
        self.page = Arranger(found, frames)
        self.looks = Looks()
        self.open: list[tuple[str, Look]] = []
        self.times: Counter[str] = Counter()  # how often each tag is open, so that no depth is searched again and again
        self.heard: list[str] = []  # the words of the source, blanks where its blocks end
        self.away: list[str] = []  # words that are left out, and are told when their element ends
        self.gone: list[tuple[str, str, int]] = []  # why words of the block at hand are left out, and where they stood
        self.ticked: list[int] = []  # where boxes of the block at hand are ticked
        self.sheet: list[str] = []
        self.href = ""
        self.link: list[Inline] | None = None
        self.in_title = False
        self.title = ""
        self.math: Any = None

    @property
    def look(self) -> Look:
        """How words look at this place."""
        return self.open[-1][1] if self.open else Look()

    # What the parser calls ------------------------------------------------------------------------------------------

    def start(self, tag: str, attributes: dict[str, str]) -> None:  # noqa: C901  one case a kind of tag
        """A tag opens."""
        if tag == "math" and self.math is None:
            self.math = etree.TreeBuilder()
        if self.math is not None:
            self.math.start(tag, {})
        if tag == "title" and not self.times["svg"]:
            self.in_title = True
        self._name_media(tag, attributes)
        look = self.looks.of(tag, attributes, self.look)
        if tag == "br" and not look.away:
            self._break(LineBreak())
        if tag == "input" and not look.away:
            self._input(attributes)
        if tag in EMPTY:
            if tag == "hr":
                self._flush()
            return
        if look.away != self.look.away:
            self._tell_away()
        if tag in BLOCKS:
            self._flush()
        elif (look.high, look.low) != (self.look.high, self.look.low) or tag in _APART:
            self._apart()
        if tag == "option":
            self.away.append(" / " if self.away else "")
        self.open.append((tag, look))
        self.times[tag] += 1
        if not look.away and not self._silent():
            self._start_block(tag, attributes)

    def _start_block(self, tag: str, attributes: dict[str, str]) -> None:  # noqa: C901  one case a kind of tag
        page = self.page
        if tag in ("ul", "ol"):
            page.start_list(tag, attributes, list_level(tag, attributes))
        elif tag == "li":
            page.start_item(attributes, self.looks)
        elif tag == "p":
            page.level = list_level(tag, attributes)
            page.title = attributes.get("class") == "MsoTitle"
        elif tag == "table":
            page.start_table()
        elif tag == "tr":
            page.start_row()
        elif tag in ("td", "th"):
            page.start_cell(attributes, head=tag == "th" or self.times["thead"] > 0)
        elif tag == "a":
            self._end_link()
            self.href, self.link = attributes.get("href", ""), []
            page.begin_note(attributes)
        elif tag == "q":
            self._add(Text("“"))
        elif tag == "select":
            self._add(Text(_BLANK))
            self.found.remark("A field to fill in was not carried over.", _FIELD)
        elif tag == "textarea":
            self._add(Text(_BLANK))
            self.found.remark("A field to fill in was not carried over.", _FIELD, attributes.get("placeholder", ""))
        elif re.fullmatch(r"h[1-6]", tag):
            page.heading_role = attributes.get("id", "")

    def end(self, tag: str) -> None:  # noqa: C901, PLR0912  a case a kind of tag
        """A tag closes."""
        if self.math is not None:
            self._end_math(tag)
        if tag == "title":
            self.in_title = False
        if tag == "style":
            self.looks.read("".join(self.sheet))
            self.sheet = []
        if tag == "q" and not self.look.away and not self._silent():
            self._add(Text("”"))
        if tag in BLOCKS:
            self._flush(tag)
        if tag == "a":
            self._end_link()
        if tag in ("select", "textarea"):
            self._tell_away("choices" if tag == "select" else "typed")
        if tag == "label" and not self.look.away:
            self._break(Text(" "))
        if not self._silent() and not self.look.away:
            self.page.end_block(tag)
        while self.times[tag]:
            last, look = self.open.pop()
            self.times[last] -= 1
            if look.away != self.look.away:
                self._tell_away(look.away)
            if (look.high, look.low) != (self.look.high, self.look.low) or last in _APART:
                self._apart()
            if last == tag:
                break

    def data(self, text: str) -> None:  # noqa: C901  one case a kind of tag
        """Words."""
        if self.math is not None:
            self.math.data(text)
            return
        if self.in_title:
            self.title += text
        if self.times["style"]:
            self.sheet.append(text)
        if self._silent():
            return
        look = self.look
        text = cleaned(of_font(text, look.font) if look.font else text, self.found)
        if NOTE.match(self.href) or BACK.match(self.href):
            return
        if look.away or any(self.times[tag] for tag in ("select", "option", "textarea")):
            self.away.append(text)
            return
        self.heard.append(text)
        if self.times["pre"]:
            for number, line in enumerate(text.split("\n")):
                if number:
                    self._add(LineBreak())
                self._add(self._styled(line))
        elif self.page.run or self.link or self.page.in_cell or text.strip():
            self._add(self._styled(re.sub(r"\s+", " ", text)))

    def close(self) -> Found:
        """The page ends."""
        self._tell_away(self.look.away)
        self._flush()
        self.page.close()
        self.found.heard.update(tokens("".join(self.heard)))
        self.found.heard += self.page.shown
        self.found.heard -= self.page.spent
        if self.title.strip():
            self.found.facts["page title"] = " ".join(cleaned(self.title, self.found).split())
        return self.found

    # Words ----------------------------------------------------------------------------------------------------------

    def _apart(self) -> None:
        """What is heard next is not of the word that was heard last."""
        self.heard.append(" ")
        if self.away:
            self.away.append(" ")

    def _silent(self) -> bool:
        return any(self.times[tag] for tag in SILENT)

    def _styled(self, text: str) -> Inline:
        look = self.look
        if (look.high or look.low) and text.strip():
            text = self._beside(text, high=look.high)
        if look.bold and not self.times["th"]:
            return Strong((Text(text),))
        return Emphasis((Text(text),)) if look.italic and not look.bold else Text(text)

    def _beside(self, text: str, *, high: bool) -> str:
        """Raised or lowered words, as Unicode has them, or told."""
        before = plain_text([*self.page.run[-3:], *(self.link or [])[-3:]])[-20:]
        written = (raised if high else lowered)(text, before)
        if written is not None:
            return written
        what = f"Words stood {'above' if high else 'below'} the line; they stand in the line now."
        self.found.remark(what, "Read them in their place.", before[-20:] + text)
        return beside_the_line(text, high=high)

    def _add(self, part: Inline) -> None:
        (self.page.run if self.link is None else self.link).append(part)

    def _break(self, part: Inline) -> None:
        self._apart()
        self._add(part)

    def _end_link(self) -> None:
        href, self.href = self.href, ""
        words, self.link = joined(self.link or []), None
        run = self.page.run
        if NOTE.match(href):
            run.append(self.page.note_mark(href))
        elif BACK.match(href):
            return
        elif _ADDRESS.match(href) and plain_text(words).strip():
            run.append(Link(href, (Text(plain_text(words)),)))
        else:
            if href and plain_text(words).strip() and not href.startswith("#"):
                remedy = "Write the whole address (https://…) if readers need it."
                self.found.remark(f"The link to '{href[:80]}' was not carried over; its words were.", remedy)
            run.extend(words)

    def _tell_away(self, why: str = "") -> None:
        """Tells what was left out since it was told last."""
        words, self.away = "".join(self.away), []
        if not words.strip(" /\n"):
            return
        self.found.heard.update(tokens(words))
        self.gone.append((why or self.look.away or "hidden", words, len(self._run_text())))

    def _run_text(self) -> str:
        return plain_text([*self.page.run, *(self.link or [])])

    def _tell_gone(self) -> None:
        """Tells what was left out of the block at hand, with the words beside it."""
        text = self._run_text() if self.gone else ""
        for why, words, at in self.gone:
            around = in_its_place(text[:at], words, text[at:]) if why in ("hidden", "struck") else ""
            self.found.left_out(*_AWAY[why], words, around)
        self.gone = []
        for at in self.ticked:
            said = re.split("[☐☑]", self._run_text()[at:])[0][:80]
            self.found.remark("A box is ticked in the file, and stays so.", "Write ☐ if readers are to tick it.", said)
        self.ticked = []

    # What is no text -----------------------------------------------------------------------------------------------

    def _name_media(self, tag: str, attributes: dict[str, str]) -> None:
        if tag in ("img", "svg", "object", "iframe", "canvas", "audio", "video") and not self.look.away:
            name = attributes.get("alt") or attributes.get("title") or attributes.get("src", "")[:80] or tag
            self.found.remark(f"A picture or other medium ({tag}) was not carried over.", _PICTURE, name)

    def _input(self, attributes: dict[str, str]) -> None:
        form = attributes.get("type", "text").lower()
        said = attributes.get("value") or attributes.get("placeholder") or ""
        if form in ("checkbox", "radio"):
            self._break(Text("☑ " if "checked" in attributes else "☐ "))
            if "checked" in attributes:
                self.ticked.append(len(self._run_text()))
        elif form in ("button", "submit", "reset", "image"):
            self.found.remark(*_AWAY["button"], said)
            return
        elif form == "hidden":
            return
        else:
            self._break(Text(_BLANK))
        self.found.remark("A field to fill in was not carried over.", _FIELD, said if len(said) > 1 else "")

    def _end_math(self, tag: str) -> None:
        self.math.end(tag)
        if tag != "math":
            return
        tree, self.math = self.math.close(), None
        words, written = words_in(tree), in_a_line(tree)
        self.heard.append(f" {words} ")
        if written is None:
            written = f" TODO: {words} "
            self.found.remark("An equation could not be written in a line.", "Write it at the TODO.", words)
        self._add(Text(written))

    # Blocks ---------------------------------------------------------------------------------------------------------

    def _flush(self, tag: str = "") -> None:
        """What was heard since the last block is a block."""
        self._apart()
        if self.link and not self.href:
            self._end_link()
        self._tell_gone()
        self.page.flush(tag, aside=bool(self.times["footer"] or self.times["aside"]))
