"""Nothing that stands in a text, a drawing, a clinic profile or a page can reach another file or the network.

A folder of canary files and a canary server stand ready, and an audit hook of Python hears every file that is opened
and every connection that is tried. Each payload has to end in a named problem, in a `RenderError`, or as plain words.
A control takes the lock off and shows that the same payloads do reach the canaries.
"""

import os
import re
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pikepdf
import pytest
from PIL import Image

from clinicpress import library
from clinicpress.cli import main
from clinicpress.documents.blocks import Asset
from clinicpress.errors import RenderError
from clinicpress.library.pictures import read_picture
from clinicpress.pdf import render as door
from tests.instruments.extract import normalise, pdfium_pages
from tests.instruments.footprint import Listener, open_listener

pytestmark = pytest.mark.filterwarnings("ignore:unclosed file.*sRGB2014:ResourceWarning")  # WeasyPrint forgets it
ROOT = Path(__file__).parents[1]
SECRET = "Zaubernuss"
ODD_SIZE = (23, 17)  # pixels of the canary picture: no other picture has this shape
CANARY_FOLDER = "canary-of-this-test"
REACHES = {"socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "urllib.Request", "subprocess.Popen"}


# The canaries -------------------------------------------------------------------------------------------------------

_heard: list[str] | None = None


def _hear(event: str, arguments: tuple[object, ...]) -> None:
    """Python's own account of what a program does; it cannot be switched off, so it only notes while a test listens."""
    if _heard is None:
        return
    if event in REACHES and not str(arguments[0]).startswith("data:"):  # a data address holds its own content
        _heard.append(f"{event} {arguments[0] if event == 'urllib.Request' else arguments[1:]}")
    elif event == "open" and isinstance(arguments[0], str | bytes | os.PathLike):
        path = os.path.realpath(os.fsdecode(arguments[0]))
        if CANARY_FOLDER in path:
            _heard.append(f"open {path}")


sys.addaudithook(_hear)


@contextmanager
def listening() -> Iterator[list[str]]:
    """Whatever is tried while the block runs: connections, look-ups, programs, openings of canary files."""
    global _heard  # noqa: PLW0603 (an audit hook stays for good, so its ear is global)
    heard: list[str] = []
    _heard = heard
    try:
        yield heard
    finally:
        _heard = None


@dataclass(frozen=True)
class Canary:
    """What the payloads try to reach."""

    listener: Listener
    folder: Path

    def fill(self, payload: str) -> str:
        """A payload with the canaries' addresses in it: «url», «host», «port», «file» (SVG), «folder»."""
        values = {
            "url": self.listener.url,
            "host": "{}:{}".format(*self.listener.address),
            "port": str(self.listener.address[1]),
            "file": str(self.folder / "secret.svg"),
            "folder": str(self.folder),
        }
        return re.sub("«([a-z]+)»", lambda found: values[found[1]], payload)


SECRET_SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="200" height="40" viewBox="0 0 200 40">'
    f'<g id="x"><text y="20" font-family="Own" font-size="12">{SECRET}</text></g></svg>'
)


@pytest.fixture(scope="module")
def canary(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Canary]:
    folder = tmp_path_factory.mktemp("far") / CANARY_FOLDER
    folder.mkdir()
    (folder / "secret.svg").write_text(SECRET_SVG)
    (folder / "secret.txt").write_text(f"{SECRET}\n")
    (folder / "secret.css").write_text(f'p::after {{ content: "{SECRET}" }}')
    (folder / "secret.md").write_text(f"---\ntitle: {SECRET}\n---\n")
    (folder / "handout.en.md").write_text(handout_text("Words.", title=SECRET))
    Image.new("RGB", ODD_SIZE, "red").save(folder / "secret.png")
    with open_listener() as listener:
        yield Canary(listener, folder)


def leaks(pdf: bytes, folder: Path) -> list[str]:
    """Where a PDF shows that a canary was reached: words, picture, attachment, an action that opens files."""
    path = folder / "looked-at.pdf"
    path.write_bytes(pdf)
    found = ["words"] if SECRET in "".join(pdfium_pages(path)) else []
    with pikepdf.open(path) as document:
        found += [f"attachment {name}" for name in document.attachments if name != "document.json"]
        for item in document.objects:
            if not isinstance(item, pikepdf.Dictionary | pikepdf.Stream):
                continue
            if isinstance(item, pikepdf.Stream):
                if item.get("/Subtype") == "/Image" and (item.Width, item.Height) == ODD_SIZE:
                    found.append("picture")
                if item.get("/Subtype") != "/Image" and SECRET.encode() in item.read_bytes():
                    found.append("stream")
            if item.get("/Subtype") == "/FileAttachment" or item.get("/S") in ("/Launch", "/GoToR", "/JavaScript"):
                found.append(f"action {item.get('/S', item.get('/Subtype'))}")
            address = str(item.get("/URI", ""))
            if address and not address.startswith(("http://", "https://", "tel:", "mailto:")):
                found.append(f"address {address}")
    return found


# Content: through the front door, as a person would -----------------------------------------------------------------


def handout_text(body: str, title: str = "A small title", extra: str = "") -> str:
    return f"""---
title: {title}
kind: handout
language: en
form: CAN-1
effective: 2026-11-22
review_by: 2027-11-22
author: The clinic
sources: ["The clinic"]
{extra}---

A line of words.

## What it is {{#definition}}

It is a small thing.

{body}

## How it works {{#mechanism}}

It works by itself.

## What may help {{#benefits}}

- It may help.

## What to weigh {{#drawbacks}}

- It may hurt.

## What to expect {{#expect}}

You go home.
"""


CLINIC = """name = "Small Clinic"
phone = "(503) 691-2000"
address = ["1 Street"]
"""
PLAIN_SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>'


@dataclass
class Shelf:
    """A library with one handout, and a clinic, in a folder of their own."""

    root: Path

    def __post_init__(self) -> None:
        self.topic = self.root / "handouts" / "topic"
        self.topic.mkdir(parents=True)
        self.text = self.topic / "handout.en.md"
        self.text.write_text(handout_text("Words."))
        (self.topic / "plain.svg").write_text(PLAIN_SVG)
        self.clinic = self.root / "clinic.toml"
        self.clinic.write_text(CLINIC)
        self.out = self.root / "out"

    def build(self) -> int:
        paths = {"--handouts": self.text.parents[1], "--clinic": self.clinic, "--out": self.out}
        words = [word for option, path in paths.items() for word in (option, str(path))]
        return main(["build", *words, "--today", "2026-12-01"])

    def pdfs(self) -> list[Path]:
        return sorted(self.out.rglob("*.pdf"))

    def words(self) -> str:
        return "".join("".join(normalise(" ".join(pdfium_pages(pdf))).split()) for pdf in self.pdfs())


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path)


def outcome(shelf: Shelf, canary: Canary, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """Builds a shelf; nothing may be reached or leaked. The exit code, and what was said."""
    callers = canary.listener.connections
    with listening() as heard:
        code = shelf.build()
    said = capsys.readouterr()
    assert heard == []
    assert canary.listener.connections == callers
    assert SECRET not in said.out + said.err
    for pdf in shelf.pdfs():
        assert leaks(pdf.read_bytes(), shelf.root) == []
    assert bool(shelf.pdfs()) == (code == 0), "a PDF is written when, and only when, all is well"
    assert not list(shelf.root.rglob("*.tmp"))
    return code, said.out + said.err


def refused_at(said: str, file: Path, text: str, payload: str) -> list[str]:
    """The codes of the errors that point at a line of the payload."""
    first = text[: text.index(payload)].count("\n") + 1
    lines = range(first, first + payload.count("\n") + 1)
    found = re.findall(rf"^{re.escape(str(file))}:(\d+(?:, \d+)*): error ([A-Z]\d\d)", said, re.MULTILINE)
    return [code for told, code in found if {int(line) for line in told.split(", ")} & {*lines}]


# Each payload of a text: what it is, and the rule that names it ("" when it prints as plain words, see PRINTS).
MARKDOWN = {
    "image over http": ('![A](«url»x.png "c")', "S11"),
    "image over HTTP": ('![A](HTTP://«host»/x.png "c")', "S11"),
    "image over ftp": ('![A](ftp://«host»/x.png "c")', "S11"),
    "image in pointed brackets": ('![A](<«url»x.png> "c")', "S11"),
    "image without a scheme": ('![A](//«host»/x.png "c")', "S11"),
    "image of a file": ('![A](file://«file» "c")', "S11"),
    "image of a FILE": ('![A](FILE:///«file» "c")', "S11"),
    "image of a file on a host": ('![A](file://localhost«file» "c")', "S11"),
    "image of a file on our host": ('![A](file://«host»/x.svg "c")', "S11"),
    "image of a data address": ("![A](data:image/svg+xml;base64,PHN2Zy8+ 'c')", "S11"),
    "image by an absolute path": ('![A](«file» "c")', "S11"),
    "image by a path upwards": (f'![A](../../../far/{CANARY_FOLDER}/secret.svg "c")', "S11"),
    "image by an encoded path upwards": ('![A](%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/x.svg "c")', "S11"),
    "image by a twice encoded path upwards": ('![A](%252e%252e/%252e%252e/x.svg "c")', "S12"),
    "image by a path down and up": ('![A](plain/../../../../x.svg "c")', "S11"),
    "image through a linked file": ('![A](linked.svg "c")', "S11"),
    "image through a linked folder": ('![A](linked/secret.svg "c")', "S11"),
    "image of a linked bitmap": ('![A](linked/secret.png "c")', "S11"),
    "image by backslashes upwards": (r'![A](..\\..\\secret.svg "c")', "S12"),
    "image on a Windows share": (r'![A](\\\\127.0.0.1\\share\\x.png "c")', "S12"),
    "image with an encoded colon": ('![A](http%3A//«host»/x.png "c")', "S12"),
    "image with an entity in its scheme": ('![A](&#104;ttp://«host»/x.png "c")', "S11"),
    "image with a tab in its scheme": ('![A](ht&Tab;tp://«host»/x.png "c")', "S12"),
    "image with a NUL in its name": ('![A](plain.svg%00.png "c")', "S12"),
    "image by reference": ('![A][r]\n\n[r]: «url»x.png "c"', "S11"),
    "image by a collapsed reference": ('![A][]\n\n[A]: «url»x.png "c"', "S11"),
    "image by a shortcut reference": ('![A]\n\n[A]: file://«file» "c"', "S11"),
    "image within a line": ("Words ![A](«url»x.png) words.", "S11"),
    "image within a link": ("[![A](«url»x.png)](https://a.example)", "S11"),
    "image within bold words": ("**![A](«url»x.png) words**", "S11"),
    "image within a heading": ("### Words ![A](«url»x.png)", "S11"),
    "image within a list": ('- ![A](«url»x.png "c")', "S11"),
    "image within a quotation": ('> ![A](«url»x.png "c")', "S11"),
    "image within a table": ("| a | b |\n|---|---|\n| c | ![A](file://«file») |", "S11"),
    "image within a definition": ("Term\n: ![A](file://«file»)", "S11"),
    "image within a note": ('::: note\n![A](«url»x.png "c")\n:::', "S11"),
    "image within a footnote": ("Words[^1]\n\n[^1]: Words ![A](«url»x.png)", "S11"),
    "image for large print": ('![A](plain.svg "c"){large="«url»x.svg"}', "S11"),
    "image for large print of a file": ('![A](plain.svg "c"){large="plain.svg «file»"}', "S11"),
    "attribute that swaps the image": ('![A](plain.svg "c"){src="«url»x.svg"}', "S11"),
    "attribute that swaps the link": ('[words](https://a.example){href="file://«file»"}', "S18"),
    "link to a file": ("[words](file://«file»)", "S18"),
    "link to a script": ("[words](javascript:fetch('«url»'))", "S18"),
    "link to a script with an entity": ("[words](javascript&colon;fetch('«url»'))", "S18"),
    "link to a data address": ("[words](data:text/html,x)", "S18"),
    "link without a scheme": ("[words](//«host»/x)", "S18"),
    "link by reference": ("[words][r]\n\n[r]: file://«file»", "S18"),
    "link with an encoded NUL": ("[words](https://a.example/%00)", "S18"),
    "autolink to a file": ("<file://«file»>", "S18"),
    "HTML image": ('<img src="«url»x.png">', "S10"),
    "HTML image within a line": ('Words <img src="«url»x.png"> words.', "S10"),
    "HTML image in capitals": ("<IMG SRC='«url»x.png'/>", "S10"),
    "HTML style sheet": ('<link rel="stylesheet" href="«url»x.css">', "S10"),
    "HTML attachment": ('<link rel="attachment" href="file://«file»">', "S10"),
    "HTML attachment within a line": ('Words <a rel="attachment" href="file://«file»">words</a>.', "S10"),
    "HTML style": ('<style>@import url("«url»x.css");</style>', "S10"),
    "HTML style attribute": ('<p style="background: url(«url»x.png)">words</p>', "S10"),
    "HTML frame": ('<iframe src="«url»"></iframe>', "S10"),
    "HTML object": ('<object data="file://«file»"></object>', "S10"),
    "HTML embed": ('<embed src="file://«file»">', "S10"),
    "HTML base": ('<base href="«url»">', "S10"),
    "HTML script": ('<script src="«url»x.js"></script>', "S10"),
    "HTML drawing": ('<svg><image href="«url»x.png"/></svg>', "S10"),
    "HTML video": ('<video poster="«url»x.png"></video>', "S10"),
    "HTML within a table": ("| a | b |\n|---|---|\n| c | <img src='«url»x.png'> |", "S10"),
    "HTML comment": ('<!--[if IE]><img src="«url»x.png"><![endif]-->', "S10"),
    "HTML CDATA": ('<![CDATA[<img src="«url»x.png">]]>', "S10"),
    "HTML instruction": ('<?xml-stylesheet href="«url»x.css"?>', "S10"),
    "HTML declaration": ('<!DOCTYPE x SYSTEM "file://«file»">', "S10"),
    "code in a fence": ("```{.include}\n«file»\n```", "S21"),
}
# Payloads that are no more than words: they print as they stand (or a rule of the editor names their line).
PRINTS = {
    "HTML in code": '`<img src="«url»x.png">`',
    "HTML with its brackets escaped": r'\<img src="«url»x.png"\>',
    "HTML with its brackets as entities": "&lt;img src='«url»x.png'&gt;",
    "code of a template": "{{ 7 + 7 }} {{ cycler.x }} {# remark #}",
    "inclusion by a template": '{% include "«folder»/secret.txt" %}',
    "inclusion by a preprocessor": "!include «folder»/secret.txt",
    "style sheet as words": "} p { content: url(«url»x.png) } @import '«url»x.css';",
    "address as words": "«url»secret.png",
}


def place_links(shelf: Shelf, canary: Canary) -> None:
    (shelf.topic / "linked.svg").symlink_to(canary.folder / "secret.svg")
    (shelf.topic / "linked").symlink_to(canary.folder)


def test_a_text_without_a_payload_builds(shelf: Shelf, canary: Canary, capsys: pytest.CaptureFixture[str]) -> None:
    shelf.text.write_text(handout_text('![A](plain.svg "A thing")'))
    assert outcome(shelf, canary, capsys)[0] == 0
    assert "Itisasmallthing." in shelf.words()


@pytest.mark.parametrize("name", MARKDOWN)
def test_a_text_cannot_reach_out_and_is_told_so_by_name(
    name: str, shelf: Shelf, canary: Canary, capsys: pytest.CaptureFixture[str]
) -> None:
    body, rule = MARKDOWN[name]
    body = canary.fill(body)
    place_links(shelf, canary)
    text = handout_text(body)
    shelf.text.write_text(text)
    code, said = outcome(shelf, canary, capsys)
    assert code == 2
    assert rule in refused_at(said, shelf.text, text, body)


def test_a_text_that_only_looks_like_code_prints_as_it_stands(
    shelf: Shelf, canary: Canary, capsys: pytest.CaptureFixture[str]
) -> None:
    """All of them in one text. Those that a rule of the editor names are taken out, and the rest prints."""
    rows = {name: f"See {canary.fill(payload)} here." for name, payload in PRINTS.items()}
    text = handout_text("\n\n".join(rows.values()))
    shelf.text.write_text(text)
    code, said = outcome(shelf, canary, capsys)
    if code:
        rows = {name: row for name, row in rows.items() if not refused_at(said, shelf.text, text, row)}
        shelf.text.write_text(handout_text("\n\n".join(rows.values())))
        code, _ = outcome(shelf, canary, capsys)
    assert code == 0
    assert len(rows) > len(PRINTS) / 2
    words = shelf.words()
    for name, row in rows.items():
        literal = re.sub(r"[`\\]", "", row).replace("&lt;", "<").replace("&gt;", ">")
        assert "".join(literal.split()) in words, name


LINKS = [
    '[words](https://a.example){style="background: url(«url»x.png)"}',
    '[words](https://a.example){rel=attachment download="x"}',
    '[words](«url»page "a title")',
    "<«url»page>",
]


def test_a_link_prints_and_its_further_attributes_are_dropped(
    shelf: Shelf, canary: Canary, capsys: pytest.CaptureFixture[str]
) -> None:
    figure = '![A](plain.svg "c"){style="background: url(«url»x.png)" srcset="«url»y.png"}'
    shelf.text.write_text(handout_text(canary.fill("\n\n".join([*LINKS, figure]))))
    assert outcome(shelf, canary, capsys)[0] == 0


FRONT_MATTER = {
    "title": ("title: \"<img src='«url»x.png'>\"", "<imgsrc='«url»x.png'>"),
    "title that is a template": ('title: "#{7*7} <%= 7*7 %>"', "#{7*7}<%=7*7%>"),
    "title that is a style": ('title: "} @import url(«url»x.css); {"', "}@importurl(«url»x.css);{"),
    "title that opens a file in YAML": ("title: !include «file»", ""),
    "title that is code in YAML": ('title: !!python/object/apply:os.system ["cat «file»"]', ""),
    "title that names a file in YAML": ("title: !!python/name:os.system", ""),
    "title by an alias": ("title: *x", ""),
}


@pytest.mark.parametrize("name", FRONT_MATTER)
def test_front_matter_is_words_and_nothing_else(
    name: str, shelf: Shelf, canary: Canary, capsys: pytest.CaptureFixture[str]
) -> None:
    line, printed = (canary.fill(part) for part in FRONT_MATTER[name])
    shelf.text.write_text(handout_text("Words.").replace("title: A small title", line))
    code, said = outcome(shelf, canary, capsys)
    if printed:
        assert code == 0
        assert printed in shelf.words()
    else:
        assert code == 2
        assert "S17 bad-front-matter" in said


@pytest.mark.parametrize("way", ["upwards", "absolute", "linked"])
def test_a_consent_form_cannot_take_a_leaflet_from_outside_the_library(
    way: str, shelf: Shelf, canary: Canary, capsys: pytest.CaptureFixture[str]
) -> None:
    form = (ROOT / "handouts" / "neurotherapy" / "consent.en.md").read_text()
    named = {"upwards": os.path.relpath(canary.folder, shelf.topic.parent), "absolute": str(canary.folder)}
    (shelf.topic / "consent.en.md").write_text(
        form.replace("handout: neurotherapy", f"handout: {named.get(way, 'elsewhere')}")
    )
    if way == "linked":
        (shelf.topic.parent / "elsewhere").mkdir()
        (shelf.topic.parent / "elsewhere" / "handout.en.md").symlink_to(canary.folder / "secret.md")
    code, _ = outcome_with_links_followed(shelf, canary, capsys, followed=way == "linked")
    assert code == 2


def outcome_with_links_followed(
    shelf: Shelf, canary: Canary, capsys: pytest.CaptureFixture[str], *, followed: bool
) -> tuple[int, str]:
    """As `outcome`; whoever puts a link in the place of a text may have it read, but what it says is not told."""
    if not followed:
        return outcome(shelf, canary, capsys)
    code = shelf.build()
    said = capsys.readouterr()
    assert SECRET not in said.out + said.err
    assert not shelf.pdfs()
    return code, said.out + said.err


# Drawings -----------------------------------------------------------------------------------------------------------

SVG_HEAD = (
    'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
    'width="200" height="40" viewBox="0 0 200 40"'
)
BOX = '<rect width="20" height="20" {} />'


def svg(body: str, before: str = "", attributes: str = "") -> str:
    return f"{before}<svg {SVG_HEAD} {attributes}>{body}</svg>"


# Each drawing: its text; the rule that refuses it (two where the second lock alone counts: ""); whether it does reach a
# canary when the locks are off ("live"), which WeasyPrint decides.
DRAWINGS = {
    "image": (svg('<image width="9" height="9" href="«url»a.png"/>'), "S11", "live"),
    "image by xlink": (svg('<image width="9" height="9" xlink:href="«url»a.png"/>'), "S11", "live"),
    "image of a file": (svg('<image width="200" height="40" href="file://«file»"/>'), "S11", "live"),
    "image against a base": (
        svg('<image width="9" height="9" href="a.png"/>', attributes='xml:base="«url»"'),
        "S11",
        "live",
    ),
    "image in a nested drawing": (svg('<svg><image width="9" height="9" href="«url»a.png"/></svg>'), "S11", "live"),
    "image in a pattern": (
        svg(
            '<pattern id="p" width="9" height="9"><image width="9" height="9" href="«url»a.png"/></pattern>'
            + BOX.format('fill="url(#p)"')
        ),
        "S11",
        "live",
    ),
    "use": (svg('<use href="«url»a.svg#x"/>'), "S11", ""),
    "use of a file": (svg('<use xlink:href="file://«file»#x"/>'), "S11", ""),
    "use of a data address": (svg('<use href="data:image/svg+xml,%3Csvg/%3E#x"/>'), "S11", ""),
    "feImage": (
        svg('<filter id="f"><feImage href="«url»a.png"/></filter>' + BOX.format('filter="url(#f)"')),
        "S11",
        "",
    ),
    "style that imports": (svg('<style>@import url("«url»a.css");</style>' + BOX), "S11", ""),
    "style that imports a string": (svg('<style>@import "«url»a.css";</style>' + BOX), "S11", ""),
    "style that imports, in CDATA": (svg('<style><![CDATA[@import "«url»a.css";]]></style>' + BOX), "S11", ""),
    "style that imports, as an entity": (svg('<style>&#64;import "«url»a.css";</style>' + BOX), "S11", ""),
    "style that imports, escaped": (svg(r'<style>@\69mport "«url»a.css";</style>' + BOX), "", ""),
    "style that imports behind an element": (svg('<style>/**/<g/>@import "«url»a.css";</style>' + BOX), "", ""),
    "font": (svg("<style>@font-face {font-family: q; src: url(«url»a.ttf)}</style><text>x</text>"), "S11", "live"),
    "font, escaped": (svg(r'<style>@font-face {font-family: q; src: u\72l("«url»a.ttf")}</style>' + BOX), "", "live"),
    "font by an element": (
        svg('<font-face font-family="q"><font-face-src><font-face-uri href="«url»a.ttf"/></font-face-src></font-face>'),
        "S11",
        "",
    ),
    "fill": (svg(BOX.format('fill="url(«url»a.svg#g)"')), "S11", ""),
    "fill in capitals": (svg(BOX.format("fill=\"URL( '«url»a.svg#g')\"")), "S11", ""),
    "fill, escaped": (svg(BOX.format(r'fill="u\72l(«url»a.svg#g)"')), "", ""),
    "fill in a style attribute": (svg(BOX.format("style=\"fill: url('«url»a.svg#g')\"")), "S11", ""),
    "fill in a style": (svg('<style>rect { fill: url("«url»a.svg#g") }</style>' + BOX), "S11", ""),
    "mask": (svg(BOX.format('mask="url(«url»a.svg#m)"')), "S11", ""),
    "clip path": (svg(BOX.format('clip-path="url(«url»a.svg#m)"')), "S11", ""),
    "filter": (svg(BOX.format('filter="url(«url»a.svg#m)"')), "S11", ""),
    "marker": (svg('<path d="M0 0L9 9" marker-end="url(«url»a.svg#m)"/>'), "S11", ""),
    "cursor": (svg(BOX.format('style="cursor: url(«url»a.cur)"')), "S11", ""),
    "gradient": (svg('<linearGradient id="p" href="«url»a.svg#p"/>' + BOX.format('fill="url(#p)"')), "S11", ""),
    "text on a path": (svg('<text><textPath href="«url»a.svg#p">x</textPath></text>'), "S11", ""),
    "link": (svg('<a href="«url»a"><rect width="9" height="9"/></a>'), "S11", ""),
    "base": (svg('<base href="«url»"/><rect width="9" height="9"/>'), "S11", ""),
    "script": (svg('<script href="«url»a.js"/>'), "S11", ""),
    "script of words": (svg("<script>fetch('«url»')</script>"), "S11", ""),
    "foreign object": (
        svg('<foreignObject><img xmlns="http://www.w3.org/1999/xhtml" src="«url»a.png"/></foreignObject>'),
        "S11",
        "",
    ),
    "HTML image": (svg('<img xmlns="http://www.w3.org/1999/xhtml" src="«url»a.png"/>'), "", ""),
    "event": (svg(BOX.format("onload=\"fetch('«url»')\"")), "", ""),
    "style sheet by an instruction": (svg(BOX, '<?xml-stylesheet type="text/css" href="«url»a.css"?>'), "", ""),
    "DOCTYPE": (svg(BOX, '<!DOCTYPE svg SYSTEM "«url»a.dtd">'), "S12", ""),
    "DOCTYPE in UTF-16": (svg(BOX, '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE svg SYSTEM "«url»a">'), "S12", ""),
    "entity of a file": (
        svg('<text y="20">&x;</text>', '<!DOCTYPE svg [<!ENTITY x SYSTEM "file://«folder»/secret.txt">]>'),
        "S12",
        "",
    ),
    "entity over http": (svg('<text y="20">&x;</text>', '<!DOCTYPE svg [<!ENTITY x SYSTEM "«url»a">]>'), "S12", ""),
    "parameter entity": (svg(BOX, '<!DOCTYPE svg [<!ENTITY % x SYSTEM "«url»a"> %x;]>'), "S12", ""),
    "inclusion": (
        svg('<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file://«folder»/secret.txt" parse="text"/>'),
        "S11",
        "",
    ),
}


def drawing(name: str, canary: Canary) -> bytes:
    text = canary.fill(DRAWINGS[name][0]).replace("{}", "")
    return text.encode("utf-16" if "UTF-16" in text else "utf-8")


@pytest.mark.parametrize("name", [name for name, (_, rule, _) in DRAWINGS.items() if rule])
def test_a_drawing_that_reaches_out_is_refused_by_name(name: str, tmp_path: Path, canary: Canary) -> None:
    path = tmp_path / "figure.svg"
    path.write_bytes(drawing(name, canary))
    with listening() as heard:
        asset, problems = read_picture(path, tmp_path, ("text.md", 7))
    assert heard == []
    assert asset is None
    assert [problem.code for problem in problems] == [DRAWINGS[name][1]]


@pytest.mark.parametrize("name", [name for name, (_, rule, _) in DRAWINGS.items() if not rule])
def test_a_drawing_that_hides_how_it_reaches_out_gets_no_further(
    name: str, shelf: Shelf, canary: Canary, capsys: pytest.CaptureFixture[str]
) -> None:
    (shelf.topic / "figure.svg").write_bytes(drawing(name, canary))
    shelf.text.write_text(handout_text('![A](figure.svg "A thing")'))
    code, said = outcome(shelf, canary, capsys)
    assert code in (0, 2, 4)
    assert code == 0 or "figure.svg" in said or "rendered cleanly" in said


@pytest.mark.parametrize("place", ["figure", "logo"])
def test_a_drawing_is_refused_as_a_figure_and_as_a_logo(
    place: str, shelf: Shelf, canary: Canary, capsys: pytest.CaptureFixture[str]
) -> None:
    data = drawing("image", canary)
    if place == "figure":
        (shelf.topic / "figure.svg").write_bytes(data)
        shelf.text.write_text(handout_text('![A](figure.svg "A thing")'))
    else:
        (shelf.root / "logo.svg").write_bytes(data)
        shelf.clinic.write_text(f'{CLINIC}[brand]\nlogo = "logo.svg"\n')
    code, said = outcome(shelf, canary, capsys)
    assert code == 2
    assert "S11 remote-image" in said


# The clinic's profile -----------------------------------------------------------------------------------------------

INJECTION = '"); } @import url(«url»x.css); p::after { content: url(«url»y.png) } x { y: url("'
PROFILES = {
    "logo upwards": ("brand", f'logo = "../far/{CANARY_FOLDER}/secret.svg"', "S11"),
    "logo by an absolute path": ("brand", 'logo = "«file»"', "S11"),
    "logo over http": ("brand", 'logo = "«url»x.svg"', "S12"),
    "logo without a scheme": ("brand", 'logo = "//«host»/x.svg"', "S11"),
    "logo of a file address": ("brand", 'logo = "file://«file»"', "S12"),
    "logo on a Windows share": ("brand", r"logo = '\\127.0.0.1\share\x.svg'", "S12"),
    "logo through a link": ("brand", 'logo = "linked.svg"', "S11"),
    "logo with a NUL": ("brand", r'logo = "logo\u0000.svg"', "S16"),
    "colour that is a style": ("brand", f"color = '#000000{INJECTION}'", "B06"),
    "typeface that is a style": ("brand", f"typeface = 'Clinic Sans{INJECTION}'", "B07"),
    "paper that is a style": ("", f"paper = 'letter{INJECTION}'", "S20"),
    "phone that is an address": ("", 'phone = "«url»"', "B05"),
    "phone that is a script": ("", 'phone = "tel:1;javascript:x"', "B05"),
}


@pytest.mark.parametrize("name", PROFILES)
def test_a_clinic_profile_cannot_reach_out_and_is_told_so_by_name(
    name: str, shelf: Shelf, canary: Canary, capsys: pytest.CaptureFixture[str]
) -> None:
    table, line, rule = PROFILES[name]
    line = canary.fill(line)
    key = line.split(" ")[0]
    base = "".join(row + "\n" for row in CLINIC.splitlines() if not row.startswith(f"{key} "))
    text = f"{base}[{table}]\n{line}\n" if table else f"{base}{line}\n"
    shelf.clinic.write_text(text)
    (shelf.root / "linked.svg").symlink_to(canary.folder / "secret.svg")
    code, said = outcome(shelf, canary, capsys)
    assert code == 2
    assert refused_at(said, shelf.clinic, text, line) == [rule]


@pytest.mark.parametrize("words", ["<img src='«url»'>", "}@import url(«url»", "{{7*7}}"])
def test_the_words_of_a_profile_print_as_they_stand(
    words: str, shelf: Shelf, canary: Canary, capsys: pytest.CaptureFixture[str]
) -> None:
    words = canary.fill(words)
    keys = {"name": "A", "after_hours": "B", "website": "C", "hours": "D", "footer": "E"}
    rows = [f'{key} = "{letter}{words}"' for key, letter in keys.items()]
    shelf.clinic.write_text("\n".join([*rows, f'address = ["F{words}"]', 'phone = "(503) 691-2000"', ""]))
    shelf.text.write_text(handout_text("Words.").rstrip() + "\n\n## Any more questions? {#questions}\n\nPlease call.\n")
    assert outcome(shelf, canary, capsys)[0] == 0
    printed = shelf.words()
    assert [letter for letter in "ABCDEF" if letter + "".join(words.split()) not in printed] == []


PEOPLE_CHOOSE = ["two words.svg", "naïve.svg", "it's me (1).svg"]
FILE_NAMES = [
    *PEOPLE_CHOOSE,
    "a%41&amp;b.svg",
    "a#b?c.svg",
    '<b>\\".svg',
    'a"); --logo: none } body { color: white } :root { --z: url("b.svg',
]


LOGO = "logo.svg"


def build_with_logo(shelf: Shelf, name: str) -> int:
    (shelf.root / name).write_text(PLAIN_SVG)
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    shelf.clinic.write_text(f'{CLINIC}[brand]\nlogo = "{quoted}"\n')
    return shelf.build()


@pytest.fixture(scope="module")
def with_a_plain_logo(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    shelf = Shelf(tmp_path_factory.mktemp("logo"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        assert build_with_logo(shelf, LOGO) == 0
    (pdf,) = shelf.pdfs()
    return pdf.read_bytes()


@pytest.mark.parametrize("name", FILE_NAMES)
def test_the_name_of_a_logo_is_a_name_and_nothing_else(
    name: str, with_a_plain_logo: bytes, shelf: Shelf, canary: Canary, capsys: pytest.CaptureFixture[str]
) -> None:
    """It prints as any other logo would, to the very byte, or it is refused; a name that people choose is not."""
    with listening() as heard:
        code = build_with_logo(shelf, name)
    assert heard == []
    assert code == 0 or (code == 2 and name not in PEOPLE_CHOOSE)
    assert [pdf.read_bytes() for pdf in shelf.pdfs()] == ([with_a_plain_logo] if code == 0 else [])


@pytest.mark.parametrize("name", FILE_NAMES)
def test_the_name_of_a_figure_is_a_name_and_nothing_else(
    name: str, shelf: Shelf, canary: Canary, capsys: pytest.CaptureFixture[str]
) -> None:
    """The figure prints, or the text is refused; a name that people choose is not."""
    (shelf.topic / name).write_text(PLAIN_SVG)
    escaped = re.sub(r"([\\<>&])", r"\\\1", name).replace("%", "%25")
    shelf.text.write_text(handout_text(f'![A](<{escaped}> "A thing")'))
    code, _ = outcome(shelf, canary, capsys)
    assert code == 0 or (code == 2 and name not in PEOPLE_CHOOSE)


@pytest.mark.parametrize("topic", ["{{7*7}}<b>", "a b%2fc"])
def test_the_name_of_a_topic_is_a_name_and_nothing_else(
    topic: str, shelf: Shelf, canary: Canary, capsys: pytest.CaptureFixture[str]
) -> None:
    shelf.topic.rename(shelf.topic.parent / topic)
    code, _ = outcome(shelf, canary, capsys)
    assert code in (0, 2)
    assert [pdf.parent.name for pdf in shelf.pdfs()] == ([topic] if code == 0 else [])


@pytest.mark.parametrize("kind", ["loop", "folder", "pipe", "long name"])
def test_a_figure_that_is_no_file_is_named_as_a_broken_figure(
    kind: str, shelf: Shelf, canary: Canary, capsys: pytest.CaptureFixture[str]
) -> None:
    path = shelf.topic / ("a" * 300 + ".svg" if kind == "long name" else "figure.svg")
    if kind == "loop":
        path.symlink_to(path)
    elif kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    shelf.text.write_text(handout_text(f'![A]({path.name} "A thing")'))
    code, said = outcome(shelf, canary, capsys)
    assert code == 2
    assert re.search("S1[12] ", said)


# Straight at the door to WeasyPrint ---------------------------------------------------------------------------------


def own_fonts() -> dict[str, Asset]:
    return {"asset:font": library.read_fonts(ROOT / "fonts")[0].file}


FONTS = own_fonts()


def page(body: str, head: str = "", style: str = "") -> str:
    return (
        '<html lang="en"><head><title>T</title><style>@font-face { font-family: Own; src: url("asset:font") } '
        f"body {{ font: 12pt Own }} {style}</style>{head}</head><body><p>Words</p>{body}</body></html>"
    )


# Each page: HTML of the body, of the head, CSS; and whether it does reach a canary when the lock is off.
PAGES = {
    "img": ('<img src="«url»a.png" alt="x" />', "", "", "live"),
    "img of a file": ('<img src="file://«file»" alt="x" />', "", "", "live"),
    "img of a bitmap file": ('<img src="file://«folder»/secret.png" alt="x" />', "", "", "live"),
    "img of a FILE": ('<img src="FILE://«file»" alt="x" />', "", "", ""),
    "img of a file on localhost": ('<img src="file://localhost«file»" alt="x" />', "", "", "live"),
    "img of a path": ('<img src="«file»" alt="x" />', "", "", ""),
    "img over ftp": ('<img src="ftp://«host»/a.png" alt="x" />', "", "", ""),
    "img without a scheme": ('<img src="//«host»/a.png" alt="x" />', "", "", ""),
    "img of a path upwards": ('<img src="../../../../../..«file»" alt="x" />', "", "", ""),
    "img of an asset that is not there": ('<img src="asset:figures/other.svg" alt="x" />', "", "", ""),
    "img of an asset with a path upwards": ('<img src="asset:fonts/../../..«file»" alt="x" />', "", "", ""),
    "img against a base": ('<img src="a.png" alt="x" />', '<base href="«url»" />', "", "live"),
    "img in a data address": (
        (
            '<img alt="x" src="data:image/svg+xml,%3Csvg xmlns=%22http://www.w3.org/2000/svg%22 width=%229%22 '
            'height=%229%22%3E%3Cimage width=%229%22 height=%229%22 href=%22«url»a.png%22/%3E%3C/svg%3E" />'
        ),
        "",
        "",
        "live",
    ),
    "object": ('<object data="«url»a.png"></object>', "", "", "live"),
    "embed": ('<embed src="file://«file»" />', "", "", "live"),
    "iframe": ('<iframe src="«url»a.html"></iframe>', "", "", ""),
    "video": ('<video poster="«url»a.png" src="«url»a.mp4"></video>', "", "", ""),
    "input": ('<input type="image" src="«url»a.png" />', "", "", ""),
    "srcset": ('<img srcset="«url»a.png 1x" alt="x" />', "", "", ""),
    "script": ('<script src="«url»a.js"></script>', "", "", ""),
    "inline drawing": (
        svg('<image width="9" height="9" href="«url»a.png"/>'),
        "",
        "",
        "live",
    ),
    "link to a style sheet": ("", '<link rel="stylesheet" href="«url»a.css" />', "", "live"),
    "link to a style sheet of a file": ("", '<link rel="stylesheet" href="file://«folder»/secret.css" />', "", "live"),
    "link to an icon": ("", '<link rel="icon" href="«url»a.png" />', "", ""),
    "link to an attachment": ("", '<link rel="attachment" href="file://«folder»/secret.txt" />', "", "live"),
    "link to an attachment over http": ("", '<link rel="attachment" href="«url»a.txt" />', "", "live"),
    "anchor to an attachment": ('<p><a rel="attachment" href="file://«folder»/secret.txt">x</a></p>', "", "", "live"),
    "anchor to an attachment over http": ('<p><a rel="attachment" href="«url»a.txt">x</a></p>', "", "", "live"),
    "import": ("", "", '@import url("«url»a.css");', ""),
    "import first": ("", '<style>@import url("«url»a.css");</style>', "", "live"),
    "import of a file": ("", '<style>@import "file://«folder»/secret.css";</style>', "", "live"),
    "import, escaped": ("", r'<style>@\69mport "«url»a.css";</style>', "", "live"),
    "background": ("", "", "p { background: url(«url»a.png) }", "live"),
    "background by an escape": ("", "", r"p { background: u\72l(«url»a.png) }", "live"),
    "background by a variable": ("", "", ":root { --x: url(«url»a.png) } p { background: var(--x) }", "live"),
    "background by an attribute": ('<p style="background: url(«url»a.png)">x</p>', "", "", "live"),
    "list image": ('<ul style="list-style-image: url(«url»a.png)"><li>x</li></ul>', "", "", "live"),
    "content": ("", "", "p::after { content: url(file://«file») }", "live"),
    "content in a margin": ("", "", "@page { @top-left { content: url(«url»a.png) } }", "live"),
    "border image": ("", "", "p { border: 9pt solid; border-image: url(«url»a.png) 9 }", "live"),
    "font": ("", "", "@font-face { font-family: F; src: url(«url»a.ttf) }", "live"),
    "font of a file": ("", "", "@font-face { font-family: F; src: url(file://«folder»/secret.txt) }", "live"),
    "target text": ("", "", "p::after { content: target-text(url(«url»a)) }", ""),
    "cursor": ("", "", "p { cursor: url(«url»a.cur), auto }", ""),
    "color profile": ("", "", "@color-profile device-cmyk { src: url(«url»a.icc) }", "live"),
}


def rendered(name: str, canary: Canary) -> tuple[bytes | None, list[str]]:
    """A page, if it renders, and what was tried on the way."""
    body, head, style, _ = (canary.fill(part) for part in PAGES[name])
    with listening() as heard:
        try:
            return door.render(page(body, head, style), FONTS).pdf, heard
        except (RenderError, OSError):  # the latter is WeasyPrint's own, for a colour profile
            return None, heard


@pytest.mark.parametrize("name", PAGES)
def test_a_page_cannot_reach_out(name: str, canary: Canary, tmp_path: Path) -> None:
    callers = canary.listener.connections
    pdf, heard = rendered(name, canary)
    assert heard == []
    assert canary.listener.connections == callers
    assert pdf is None or leaks(pdf, tmp_path) == []
    assert pdf is None or PAGES[name][3] != "live", "what would reach out, and is stopped, is an error and not silence"


@pytest.mark.parametrize("name", DRAWINGS)
def test_a_drawing_cannot_reach_out_even_when_it_is_not_read_first(name: str, canary: Canary, tmp_path: Path) -> None:
    assets = FONTS | {"asset:figure": Asset("figure.svg", drawing(name, canary), "image/svg+xml")}
    callers = canary.listener.connections
    pdf = None
    with listening() as heard:
        try:
            pdf = door.render(page('<img src="asset:figure" alt="x" />'), assets).pdf
        except RenderError:
            assert pdf is None
    assert heard == []
    assert canary.listener.connections == callers
    assert pdf is None or leaks(pdf, tmp_path) == []


# Controls: the canaries do sing -------------------------------------------------------------------------------------


@pytest.fixture
def lock_off(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Puts WeasyPrint's own fetcher in the place of ours: it also fetches what does not belong to the page."""
    locked = door._fetcher

    def unlocked(assets):
        from weasyprint.urls import URLFetcher  # noqa: PLC0415 (not before the machine's fonts are shut out)

        ours = locked(assets)

        class Fetcher(URLFetcher):
            def fetch(self, url, headers=None):
                return ours.fetch(url, headers) if url in assets else super().fetch(url, headers)

        return Fetcher()

    monkeypatch.setattr(door, "_fetcher", unlocked)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        yield


@pytest.mark.parametrize("name", [name for name, (*_, live) in PAGES.items() if live])
def test_with_the_lock_off_a_page_does_reach_a_canary(name: str, canary: Canary, lock_off: None) -> None:
    assert rendered(name, canary)[1]


@pytest.mark.parametrize("name", [name for name, (*_, live) in DRAWINGS.items() if live])
def test_with_the_lock_off_a_drawing_does_reach_a_canary(name: str, canary: Canary, lock_off: None) -> None:
    assets = FONTS | {"asset:figure": Asset("figure.svg", drawing(name, canary), "image/svg+xml")}
    with listening() as heard:
        try:
            door.render(page('<img src="asset:figure" alt="x" />'), assets)
        except RenderError:
            assert heard, "a canary that answers with nothing is a broken picture, but it was asked"
    assert heard


def test_with_the_lock_off_each_way_of_looking_sees_its_leak(canary: Canary, lock_off: None, tmp_path: Path) -> None:
    callers = canary.listener.connections
    rendered("img", canary)
    assert canary.listener.connections > callers
    for name, leak in [
        ("img of a file", "words"),
        ("import of a file", "words"),
        ("img of a bitmap file", "picture"),
        ("link to an attachment", "attachment secret.txt"),
        ("anchor to an attachment", "action /FileAttachment"),
    ]:
        pdf, heard = rendered(name, canary)
        assert pdf is not None
        assert leak in leaks(pdf, tmp_path)
        assert [line for line in heard if line.startswith("open ")]


def test_there_are_enough_payloads() -> None:
    """Safety asks for 40; and a table that lost its payloads would pass every test above."""
    assert len(MARKDOWN) + len(PRINTS) + len(PROFILES) > 80
    assert len(DRAWINGS) > 40
    assert len(PAGES) > 40
    assert sum(live == "live" for *_, live in [*PAGES.values(), *DRAWINGS.values()]) > 25
