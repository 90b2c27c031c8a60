"""Nobody gets a document that is not what its source says: each kind of fault, planted into a real one, is found.

Faults are planted where they come from: into the HTML and its style before the pages are set, or into the pages before
they are finished. The unharmed document passes.
"""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from shutil import copytree
from typing import Any

import pikepdf
import pytest
from pikepdf import ContentStreamInstruction, Dictionary, Name, Operator

from clinicpress import library
from clinicpress.documents import (
    Block,
    BlockPlace,
    Field,
    FieldKind,
    Figure,
    Listing,
    Paragraph,
    Text,
)
from clinicpress.documents.bilingual import bilingual
from clinicpress.documents.blocks import Asset
from clinicpress.errors import Fault, ProofError, RenderError
from clinicpress.marks import page_code
from clinicpress.markup import to_html
from clinicpress.orders import Order, Rendition
from clinicpress.pdf.finish import cut_plate, finish, whole_plate
from clinicpress.pdf.pages import Pages, body_of
from clinicpress.pdf.proof import prove
from clinicpress.pdf.render import render
from clinicpress.pdf.structure import rebuilt
from clinicpress.press import press
from clinicpress.visits import Encounter
from tests.prints import CONSENT, HANDOUT, ROOT, TODAY, Wanted, order

Change = Callable[[pikepdf.Pdf], None]
WORDS = "Almost any problem of muscles"  # a paragraph of two lines on side one of the handout
VALUE = "Zanzibara Quillfeather"


@dataclass(frozen=True)
class Laid:
    """A document in pages, with what it was made from."""

    order: Order
    html: str
    pages: Pages
    layout: press.Layout

    @property
    def codes(self) -> list[Any]:
        document, count = self.order.document, self.pages.count
        return (
            [page_code(document, one, count) for one in range(1, count + 1)]
            if self.order.document.kind == "consent"
            else []
        )

    def faults(self) -> list[Fault]:
        """What finishing says of it."""
        try:
            finish(self.pages, self.html, self.order, self.codes)
        except ProofError as error:
            return list(error.faults)
        return []

    def changed(self, change: Change) -> "Laid":
        """The same, with pages that something happened to."""
        with pikepdf.open(BytesIO(self.pages.pdf)) as pdf:
            change(pdf)
            written = BytesIO()
            pdf.save(written)
        return replace(self, pages=replace(self.pages, pdf=written.getvalue()))

    @property
    def owners(self) -> dict[tuple[int, int], str]:
        """Whose each marked content is: the id of its element, by page and number."""
        with pikepdf.open(BytesIO(self.pages.pdf)) as pdf:
            owners = rebuilt(pdf, self.html, self.pages.places).owners
        return {place: name for place, (name, _) in owners.items()}

    def element(self, words: str, tag: str = "") -> str:
        """The id of the innermost element that holds these words, or of the first one of a tag."""
        elements = [one for one in body_of(self.html).iter() if one.get("id") and (not tag or one.tag == tag)]
        holding = [one for one in elements if words in " ".join("".join(one.itertext()).split())]
        return str(holding[0 if tag else -1].get("id"))


@lru_cache(maxsize=2)
def laid(wanted: Wanted) -> Laid:
    """The shipped document, set once."""
    ordered = order(wanted)
    layout = press.lay_out(ordered)
    return Laid(ordered, layout.html, layout.pages, layout)


def harmed(wanted: Wanted, *changes: tuple[str, str]) -> Laid:
    """The shipped document, set from HTML that was changed."""
    unharmed = laid(wanted)
    page = to_html(unharmed.order, unharmed.layout.fit)
    html = page.html
    for before, after in changes:
        assert before in html, before
        html = html.replace(before, after, 1)
    return replace(unharmed, html=html, pages=render(html, page.assets))


def kinds(faults: list[Fault]) -> set[str]:
    return {fault.kind for fault in faults}


# Planted into the pages -----------------------------------------------------------------------------------------------

Steps = list[Any]


def step(operator: str, *operands: Any) -> ContentStreamInstruction:
    return ContentStreamInstruction(list(operands), Operator(operator))


def moved(steps: Steps, x: float, y: float) -> Steps:
    """The same, drawn elsewhere: x to the right and y down, in pixels of the page."""
    return [step("q"), step("cm", 1, 0, 0, 1, x, y), *steps, step("Q")]


def in_element(words: str, rewrite: Callable[[Steps], Steps], tag: str = "") -> Change:
    """Rewrites what is drawn first for an element of the handout."""

    def change(pdf: pikepdf.Pdf) -> None:
        unharmed = laid(HANDOUT)
        element = unharmed.element(words, tag)
        page, mcid = min(place for place, name in unharmed.owners.items() if name == element)
        sheet = pdf.pages[page]
        steps: Steps = list(pikepdf.parse_content_stream(sheet))
        begin = next(place for place, one in enumerate(steps) if _begins(one, mcid))
        end, deep = begin + 1, 1
        while deep:
            deep += {"BDC": 1, "BMC": 1, "EMC": -1}.get(str(steps[end].operator), 0)
            end += 1
        steps[begin + 1 : end - 1] = rewrite(steps[begin + 1 : end - 1])
        sheet.obj.Contents = pdf.make_stream(pikepdf.unparse_content_stream(steps))

    return change


def _begins(one: Any, mcid: int) -> bool:
    marked = str(one.operator) == "BDC" and isinstance(one.operands[1], Dictionary)
    return marked and one.operands[1].get("/MCID") == mcid


def drawn(content: bytes) -> Change:
    """Draws more on side one, after all else."""

    def change(pdf: pikepdf.Pdf) -> None:
        sheet = pdf.pages[0]
        sheet.contents_add(b"q\n", prepend=True)
        sheet.contents_add(b"\nQ\n" + content)
        sheet.contents_coalesce()

    return change


def typed(x: float, y: float) -> Change:
    """Types the first words of side one once more, as if they were furniture."""

    def change(pdf: pikepdf.Pdf) -> None:
        steps: Steps = list(pikepdf.parse_content_stream(pdf.pages[0]))
        font = next(one for one in steps if str(one.operator) == "Tf")
        shown = next(one for one in steps if str(one.operator) == "TJ")
        place = step("Tm", 1, 0, 0, 1, x, y)
        again = pikepdf.unparse_content_stream([step("BT"), font, place, shown, step("ET")])
        drawn(b"/Artifact BMC " + again + b" EMC")(pdf)

    return change


def picture_in_four_inks(pdf: pikepdf.Pdf) -> None:
    picture = pdf.make_stream(b"\0" * 4)
    picture.Type, picture.Subtype, picture.Width, picture.Height = Name.XObject, Name.Image, 1, 1
    picture.BitsPerComponent, picture.ColorSpace = 8, Name.DeviceCMYK
    pdf.pages[0].resources.XObject["/Inks"] = picture
    drawn(b"q 1 0 0 1 50 50 cm /Inks Do Q")(pdf)


def fonts_left_out(pdf: pikepdf.Pdf) -> None:
    for thing in pdf.objects:
        if isinstance(thing, Dictionary) and "/FontFile2" in thing:
            del thing["/FontFile2"]
        elif isinstance(thing, Dictionary) and "/FontFile3" in thing:
            del thing["/FontFile3"]


def heads_left_out(pdf: pikepdf.Pdf) -> None:
    """Shows no letters on the last page that are not of the text."""
    sheet, owned = pdf.pages[-1], laid(HANDOUT).owners
    steps: Steps = list(pikepdf.parse_content_stream(sheet))
    kept: Steps = []
    mcid = 0
    for one in steps:
        if str(one.operator) == "BDC" and isinstance(one.operands[1], Dictionary):
            mcid = int(one.operands[1].get("/MCID", -1))
        if str(one.operator) != "TJ" or (len(pdf.pages) - 1, mcid) in owned:
            kept.append(one)
    sheet.obj.Contents = pdf.make_stream(pikepdf.unparse_content_stream(kept))


IN_PAGES: dict[str, tuple[Change, str]] = {
    "words moved off the paper": (in_element(WORDS, lambda steps: moved(steps, -600, 0)), "outside"),
    "words moved away from their place": (in_element(WORDS, lambda steps: moved(steps, 0, 60)), "outside"),
    "words moved to the side": (in_element(WORDS, lambda steps: moved(steps, 90, 0)), "wide-word"),
    "words moved over others": (in_element(WORDS, lambda steps: moved(steps, 0, -45)), "overprint"),
    "words moved into the foot": (in_element("How the shot may turn", lambda steps: moved(steps, 0, 30)), "covered"),
    "a caption moved onto its picture": (
        in_element("How the shot may turn", lambda steps: moved(steps, 0, -99)),
        "covered",
    ),
    "words removed": (in_element(WORDS, lambda steps: []), "lost-words"),
    "words doubled": (in_element(WORDS, lambda steps: [*steps, *moved(steps, 0, 70)]), "double-words"),
    "words doubled in one place": (in_element(WORDS, lambda steps: [*steps, *steps]), "overprint"),
    "words under a white shape": (drawn(b"1 g 40 300 500 300 re f"), "covered"),
    "words that nobody wrote": (typed(430, 690), "stray-words"),
    "words that nobody wrote, over others": (typed(205, 540), "covered"),
    "a number that is none": (drawn(b"0 0 nan 5 re f"), "standard"),
    "a number as machines write it": (drawn(b"0 0 1e30 5 re f"), "standard"),
    "a number too large": (drawn(b"0 0 99999999999 5 re n"), "standard"),
    "a colour in four inks": (drawn(b"0 0 0 1 k 0 0 1 1 re n"), "standard"),
    "a picture in four inks": (picture_in_four_inks, "standard"),
    "fonts that are not in the file": (fonts_left_out, "standard"),
    "a drawing that is not drawn": (in_element("", lambda steps: [], "img"), "lost-picture"),
    "no words in the head and foot": (heads_left_out, "lost-words"),
}


@pytest.mark.parametrize("wanted", [HANDOUT, CONSENT], ids=str)
def test_an_unharmed_document_passes(wanted: Wanted) -> None:
    assert laid(wanted).faults() == []


@pytest.mark.parametrize("fault", IN_PAGES)
def test_a_fault_planted_into_the_pages_is_found(fault: str) -> None:
    change, kind = IN_PAGES[fault]
    found = laid(HANDOUT).changed(change).faults()
    assert kind in kinds(found), found
    assert {one.file for one in found} == {str(laid(HANDOUT).order.document.file)}
    assert all(one.line and one.message and one.remedy for one in found)


# Planted into the HTML ------------------------------------------------------------------------------------------------

SITE = '<a class="box text" href="field:encounter.site"></a>'
REASON = '<a class="box lines" href="field:encounter.reason"></a>'
ROW = '<div class="signing-row fields-4"'
NEEDS = '<a class="box lines" href="field:patient.needs"></a>'

# Each set is planted at once, for setting a page takes long: what is changed, the kind that is found, and words of it.
WRONG_WORDS = {
    "a heading that is lost": (("<h2>How it works</h2>", ""), "lost-words", "'How it works'"),
    "a heading without its text": (
        ("<h2>What to weigh</h2>", "<h2>Now</h2><h2>What to weigh</h2>"),
        "heading-without-text",
        "'Now'",
    ),
    "words that the author did not write": (
        ("Next visits:", "Next two visits:"),
        "double-words",
        "two",
    ),
    "items that change places": (
        (
            "<li>It has no steroids.</li>\n<li>It does not cause an AA swelling reaction.</li>",
            "<li>It does not cause an AA swelling reaction.</li>\n<li>It has no steroids.</li>",
        ),
        "lost-words",
        "'It does not cause",
    ),
    "words that the page leaves out": (
        ("It is a shot, so it hurts a", "It hurts a"),
        "lost-words",
        "'It is a shot, so",
    ),
    "a foot in the text": (
        ('<div class="furniture formline">', '<div class="furniture formline" style="padding-bottom: 60pt">'),
        "covered",
        "foot of the page",
    ),
    "a word wider than its cell": (
        ("<td>Deeper, into", '<td style="white-space: nowrap">Deeper, into'),
        "wide-word",
        "'Deeper, into",
    ),
}
PARTED = {
    "a heading last on its page": (
        ("<table data-line", '<table style="break-before: page" data-line'),
        "lone-heading",
        "'Neurotherapy is not prolotherapy'",
    ),
    "a caption on the next page": (
        ("<figcaption", '<figcaption style="break-before: page"'),
        "caption-apart",
        "'Two drawings",
    ),
}
WRONG_PLACES = {
    "a field without a place": ((SITE, ""), "field-without-place", "encounter.site"),
    "a field with two places": ((REASON, REASON + REASON), "place-without-field", "encounter.reason"),
    "a box that is not seen": (
        (NEEDS, NEEDS.replace(">", ' style="border: none">', 1)),
        "field-without-place",
        "patient.needs",
    ),
    "a choice without a place": (
        ('<a class="tick" href="field:others.trainees?1"></a>', ""),
        "field-without-place",
        "others.trainees",
    ),
    "a field without its label": (("First given to you on", "Given"), "lost-words", "discussion.first_given"),
    "a choice with other words": (('?1"></a>Right', '?1"></a>Wrong'), "lost-words", "encounter.side"),
    "words that a person states": (("I interpreted it all.", "I did it."), "lost-words", "'I interpreted it all.'"),
}
SIGNED_APART = {
    "a decision apart from the signature": (
        ('<div class="person attestation"', '<div style="break-before: page" class="person attestation"'),
        "signing-apart",
        "one signature stands on several pages",
    ),
    "a person's part that a page end parts": (
        (f"make a mark. </p>\n\n{ROW}>", f'make a mark. </p>{ROW} style="break-before: page">'),
        "signing-apart",
        "A page end parts",
    ),
}

SETS = [(HANDOUT, WRONG_WORDS), (HANDOUT, PARTED), (CONSENT, WRONG_PLACES), (CONSENT, SIGNED_APART)]


@lru_cache(maxsize=4)
def found_in(number: int) -> list[Fault]:
    """What is found when a whole set is planted."""
    wanted, planted = SETS[number]
    return harmed(wanted, *(change for change, _, _ in planted.values())).faults()


@pytest.mark.parametrize(
    ("number", "fault"), [(number, fault) for number, (_, planted) in enumerate(SETS) for fault in planted]
)
def test_a_fault_planted_into_the_html_is_found(number: int, fault: str) -> None:
    _, kind, words = SETS[number][1][fault]
    found = [one for one in found_in(number) if one.kind == kind and words in one.message]
    assert found, found_in(number)
    assert all(one.line and one.remedy for one in found)


def test_a_fault_names_the_line_of_its_words() -> None:
    file = laid(HANDOUT).order.document.file
    lines = file.read_text(encoding="utf-8").split("\n")
    lost = next(one for one in found_in(0) if "'How it works'" in one.message)
    wide = next(one for one in found_in(0) if one.kind == "wide-word")
    assert (lost.file, lines[lost.line - 1]) == (str(file), "## How it works {#mechanism}")
    assert lines[wide.line - 1].startswith("| | Neurotherapy")  # a table is known by its first line
    assert wide.element == harmed(HANDOUT, *(change for change, _, _ in WRONG_WORDS.values())).element("Deeper, into")


def test_a_fault_of_the_second_language_names_its_file() -> None:
    texts = {
        one.language: one
        for one in library.read_library(ROOT / "handouts", ["neurotherapy"])[0]
        if one.kind == "handout"
    }
    document, second = bilingual(texts["es"], texts["en"])
    ordered = replace(laid(HANDOUT).order, document=document, second=second)
    page = to_html(ordered, laid(HANDOUT).layout.fit)
    html = page.html.replace("It has no steroids.", "").replace("No tiene esteroides.", "")
    found = replace(laid(HANDOUT), order=ordered, html=html, pages=render(html, page.assets)).faults()
    named = {one.file: one.message for one in found if "steroid" in one.message or "esteroid" in one.message}
    assert set(named) == {str(document.file), str(second.file)}


def also_said(*blocks: Block) -> tuple[Order, str]:
    """The handout with more under its last heading, and its HTML."""
    ordered = laid(HANDOUT).order
    *others, last = ordered.document.sections
    section = replace(last, blocks=(*last.blocks, *blocks))
    ordered = replace(ordered, document=replace(ordered.document, sections=(*others, section)))
    return ordered, to_html(ordered, laid(HANDOUT).layout.fit).html


@pytest.mark.parametrize(
    ("said", "harm"),
    [
        ("10 µg and 10 μg, Δ and ∆, ² ³ ½ ⅓ ≤ ± × · … “” – — ™ ° €", ("≤", "≥")),
        ("Cafe\u0301 nin\u0303o, x\u0304 and q\u0307\u0323, ﬁve ﬂat oﬀers", ("ﬁve", "fve")),
        (f"It is {'­'.join(['very'] * 40)}­long, and an off-label-and-on-label-use", ("long", "")),
        (f"See https://clinic.example/{'a/long/address/' * 8}end?with=this&and=that", ("?with", "?With")),
    ],
)
def test_letters_of_all_kinds_are_read_from_the_paper(said: str, harm: tuple[str, str]) -> None:
    ordered, html = also_said(Paragraph((Text(said),), 90))
    for text, expected in ((html, set()), (html.replace(*harm), {"lost-words"})):
        page = to_html(ordered, laid(HANDOUT).layout.fit)
        one = replace(laid(HANDOUT), order=ordered, html=text, pages=render(text, page.assets))
        assert kinds(one.faults()) & {"lost-words", "double-words", "order", "overprint", "wide-word"} == expected


def test_what_a_drawing_has_beyond_its_frame_hides_nothing() -> None:
    lines = '<rect x="-9" y="-9" width="30" height="30" stroke="#111111" stroke-width="2"/>'
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" width="8" height="4" viewBox="0 0 8 4">{lines}</svg>'
    drawing = Asset("beyond.svg", svg.encode(), "image/svg+xml")
    ordered, html = also_said(Figure(drawing, "A square", "A square beyond its frame", 90))
    page = to_html(ordered, laid(HANDOUT).layout.fit)
    one = replace(laid(HANDOUT), order=ordered, html=html, pages=render(html, page.assets))
    assert "covered" not in kinds(one.faults())


def test_the_number_of_an_item_is_the_authors() -> None:
    item = ((Paragraph((Text("Steps that go on after a picture"),), 80),), (Paragraph((Text("Last"),), 81),))
    ordered, usual = also_said(Listing(item, 80, 3))
    for style, wrong in (('style="counter-reset: list-item 2"', False), ("", True)):
        html = usual.replace('style="counter-reset: list-item 2"', style)
        page = to_html(ordered, laid(HANDOUT).layout.fit)
        one = replace(laid(HANDOUT), order=ordered, html=html, pages=render(html, page.assets))
        assert ("number" in kinds(one.faults())) == wrong


# Forms ----------------------------------------------------------------------------------------------------------------


def form(**changes: Any) -> Laid:
    """The shipped consent form, ordered otherwise."""
    return replace(laid(CONSENT), order=replace(laid(CONSENT).order, **changes))


FILLED = Encounter({"patient.name": VALUE, "encounter.reason": VALUE, "encounter.side": "Left"})


@pytest.mark.parametrize("rendition", Rendition)
def test_filled_forms_and_plates_pass(rendition: Rendition) -> None:
    one = form(rendition=rendition, encounter=FILLED)
    assert one.faults() == []
    assert cut_plate(one.pages, one.html, one.order, one.codes).pages == one.pages.count
    assert whole_plate(one.pages, one.html, one.order, one.codes).pages == one.pages.count


@pytest.mark.parametrize("make", [finish, cut_plate, whole_plate])
def test_nothing_is_made_of_a_harmed_form_and_no_value_is_told(make: Callable[..., object]) -> None:
    one = form(encounter=FILLED).changed(drawn(b"1 g 40 300 500 300 re f"))
    with pytest.raises(ProofError) as refused:
        make(one.pages, one.html, one.order, one.codes)
    assert "covered" in kinds(list(refused.value.faults))
    assert VALUE not in str(refused.value)
    assert "Quillfeather" not in repr(refused.value.faults)


def finished(one: Laid) -> tuple[bytes, Any, Any]:
    """A finished form, its places, and whose its marked contents are."""
    pdf, entries = finish(one.pages, one.html, one.order, one.codes)
    with pikepdf.open(BytesIO(one.pages.pdf)) as pages:
        owners = rebuilt(pages, one.html, one.pages.places).owners
    return pdf, list(entries), owners


def test_every_field_has_one_place_and_every_place_a_field() -> None:
    one = form(rendition=Rendition.FILLABLE)
    pdf, entries, owners = finished(one)

    def found(pdf: bytes, entries: Any) -> set[tuple[str, str]]:
        faults = prove(pdf, one.html, one.pages, owners, one.order, entries, codes=True)
        return {
            (fault.kind, name) for fault in faults for name in ("encounter.site", "unknown") if name in fault.message
        }

    place = next(entry for entry in entries if entry["name"] == "encounter.site")
    assert found(pdf, entries) == set()
    without = [entry for entry in entries if entry is not place]
    assert ("field-without-place", "encounter.site") in found(pdf, without)
    assert ("place-without-field", "encounter.site") in found(pdf, [*entries, place])
    assert ("place-without-field", "unknown") in found(pdf, [*entries, {**place, "name": "unknown"}])
    left, bottom, right, top = place["rectangle"]
    aside = {**place, "rectangle": [left, bottom + 90, right, top + 90]}  # over another place
    assert ("overprint", "encounter.site") in found(pdf, [*without, aside])
    with pikepdf.open(BytesIO(pdf)) as document:
        notes = document.pages[0].Annots
        at = [
            number
            for number, note in enumerate(notes)
            if abs(float(note.Rect[0]) - left) < 1 and abs(float(note.Rect[1]) - bottom) < 1
        ]
        del notes[at[0]]
        written = BytesIO()
        document.save(written)
    assert ("field-without-place", "encounter.site") in found(written.getvalue(), entries)


def test_a_place_for_no_field_is_refused() -> None:
    one = harmed(CONSENT, (SITE, SITE.replace("encounter.site", "unknown")))
    with pytest.raises(RenderError, match="unknown"):
        finish(one.pages, one.html, one.order, one.codes)


def test_a_form_without_a_block_has_no_place_for_its_fields() -> None:
    document = laid(CONSENT).order.document
    assert document.kind.is_form
    blocks = tuple(one for one in document.form_blocks if one.name not in ("identification", "attestation"))
    ordered = replace(laid(CONSENT).order, document=replace(document, form_blocks=blocks))
    page = to_html(ordered, laid(CONSENT).layout.fit)
    assert replace(laid(CONSENT), order=ordered, html=page.html, pages=render(page.html, page.assets)).faults() == []


def test_a_field_of_any_kind_has_its_place_in_every_block() -> None:
    """House rule V4: what is asked for somewhere can be written there."""
    document = laid(CONSENT).order.document
    assert document.kind.is_form
    assert {block.place for block in document.form_blocks} == set(BlockPlace)
    names: list[str] = []

    def added(place: str) -> tuple[Field, ...]:
        kinds = (kind for kind in FieldKind if kind is not FieldKind.SIGNATURE)
        further: dict[FieldKind, Any] = {
            FieldKind.CHOICE: {"options": ("One", "Two")},
            FieldKind.LIST: {"options": ("One", "Two")},
            FieldKind.TABLE: {"options": ("One", "Two"), "rows": 2},
            FieldKind.SCALE: {"options": ("1", "2"), "around": ("Little", "Much")},
        }
        fields = tuple(Field(f"{place}.{kind}", f"A {kind}", kind, **further.get(kind, {})) for kind in kinds)
        names.extend(one.name for one in fields)
        return fields

    blocks = tuple(
        replace(block, fields=(*block.fields, *added(f"added{number}")))
        for number, block in enumerate(document.form_blocks)
    )
    ordered = replace(laid(CONSENT).order, document=replace(document, form_blocks=blocks))
    page = to_html(ordered, laid(CONSENT).layout.fit)
    found = replace(laid(CONSENT), order=ordered, html=page.html, pages=render(page.html, page.assets)).faults()
    assert len(names) == 10 * len(document.form_blocks)
    assert [one for one in found if one.kind in ("field-without-place", "place-without-field", "lost-words")] == []


# The command line -----------------------------------------------------------------------------------------------------

PLANTED = """
import sys
from pathlib import Path
from clinicpress import markup
from clinicpress.cli import main
markup.TEMPLATES = Path(sys.argv.pop(1))
sys.exit(main(sys.argv[1:]))
"""


def test_the_command_line_refuses_with_file_line_and_remedy_and_writes_nothing(tmp_path: Path) -> None:
    templates = copytree(ROOT / "templates", tmp_path / "templates")
    with (templates / "page.css").open("a", encoding="utf-8") as style:
        style.write("\n.pair li { position: relative; left: 40pt }\n")
    out = tmp_path / "out"
    order = ["build", "--kind", "handout", "--lang", "en", "--today", TODAY, "--no-cache", "--out", str(out)]
    told = subprocess.run(
        [sys.executable, "-c", PLANTED, str(templates), *order],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "CLINICPRESS_STATE": str(tmp_path / "state")},
    )
    assert told.returncode == 4, told.stderr
    assert "Traceback" not in told.stderr
    said = re.search(r"^Error: (\S+\.md):(\d+): page \d+: These words .*: '(.+)'\. (\S.*)$", told.stderr, re.MULTILINE)
    assert said, told.stderr
    file, line, words, remedy = said.groups()
    lists = (ROOT / file).read_text(encoding="utf-8").split("\n")[int(line) - 1 :]
    assert lists[0].startswith("- ")
    assert words in "\n".join(lists[: lists.index("")])
    assert "shorter word" in remedy
    assert not out.exists() or list(out.rglob("*.pdf")) == []
