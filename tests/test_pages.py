"""How many pages a document takes, and what has to stay together on one of them."""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pikepdf
import pytest

from clinicpress.clinics import Paper, Print
from clinicpress.documents import KINDS, BlockPlace, Document, FieldKind, ReviewState
from tests import prints
from tests.instruments import extract, ink, letters, paint
from tests.instruments.letters import Char, Line
from tests.instruments.tagtree import Node, tagged_pages
from tests.prints import CONSENT, CONSENTS, HANDOUT, HANDOUTS, LARGE, STANDARD, Library, Printed, Wanted, each
from tests.test_codes import BORDER, inner, quiet_zones_inked
from tests.test_legibility import PIXEL, overlaps

# How many ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("printed", each([one for one in HANDOUTS if one in STANDARD]), indirect=True)
def test_a_handout_is_one_sheet(printed: Printed) -> None:
    assert printed.pages == 2


@pytest.mark.parametrize("printed", each([one for one in CONSENTS if one in STANDARD]), indirect=True)
def test_a_consent_form_is_two_sheets_at_most(printed: Printed) -> None:
    assert printed.pages <= 4


def test_the_manifest_says_how_many_pages_a_document_has(printed: Printed) -> None:
    with pikepdf.open(printed.path) as pdf:
        assert len(pdf.pages) == printed.pages


def test_the_paper_is_the_one_that_was_asked_for(printed: Printed) -> None:
    with pikepdf.open(printed.path) as pdf:
        sizes = {tuple(round(float(side), 1) for side in page.mediabox) for page in pdf.pages}
    width, height = printed.page.size
    assert sizes == {(0.0, 0.0, round(width, 1), round(height, 1))}


def test_no_page_is_empty(printed: Printed) -> None:
    assert all(len(page.tree.text) > 100 for page in printed.tags)


# What stays together -----------------------------------------------------------------------------------------------


def paragraphs(node: Node) -> list[str]:
    return [one.text for one in node.walk() if one.role in ("P", "LBody", "H1", "H2") and one.text]


def signatures(document: Document) -> int:
    blocks = (block for block in document.form_blocks if block.place in (BlockPlace.SIGNING, BlockPlace.LATER))
    return sum(one.kind is FieldKind.SIGNATURE for block in blocks for one in block.fields)


@pytest.mark.parametrize("printed", each([one for one in CONSENTS if one in STANDARD]), indirect=True)
def test_the_statement_the_decision_and_all_signatures_are_on_one_page(printed: Printed) -> None:
    document = printed.document
    assert document.kind.is_form
    section = document.section("statement")
    assert section is not None
    pages = [paragraphs(page.tree) for page in printed.tags]
    (page,) = (texts for texts in pages if any(text.startswith("Signature") for text in texts))
    assert sum(text.startswith("Signature") for text in page) == signatures(document) >= 4
    assert any(text.endswith(section.heading) for text in page)
    stated = [piece.text for piece in prints._pieces(section.blocks, "text")]
    assert set(stated) <= set(page)
    assert "Yes, I agree to this treatment. No, I do not want it." in page


def parted_rows(pages: Sequence[Sequence[str]], people: Sequence[str]) -> list[str]:
    """The signature rows that are not whole on one page together with what the person states there."""
    faults = []
    for number, texts in enumerate(pages, start=1):
        stated, open_row = "", 0
        for text in texts:
            said = next((person for person in people if text.startswith(person)), "")
            stated = said or stated
            if text.startswith("Signature"):
                open_row = 1
                if not stated:
                    faults.append(f"page {number}: '{text}' without a statement")
            elif text == "Time" and open_row:
                open_row = 0
        if open_row:
            faults.append(f"page {number}: a row without its time")
        if stated and not any(text.startswith("Signature") for text in texts[texts.index(_first(texts, stated)) :]):
            faults.append(f"page {number}: '{stated}' without its signature")
    return faults


def _first(texts: Sequence[str], start: str) -> str:
    return next(text for text in texts if text.startswith(start))


def people(document: Document) -> list[str]:
    """How each signing person's part begins."""
    return [
        f"{block.title} {block.lead}".strip()
        for block in document.form_blocks
        if block.place in (BlockPlace.SIGNING, BlockPlace.LATER)
        and any(one.kind is FieldKind.SIGNATURE for one in block.fields)
    ]


@pytest.mark.parametrize("printed", each(CONSENTS), indirect=True)
def test_nobody_signs_on_a_page_that_does_not_say_what(printed: Printed) -> None:
    document = printed.document
    assert document.kind.is_form
    pages = [paragraphs(page.tree) for page in printed.tags]
    assert sum(text.startswith("Signature") for texts in pages for text in texts) == signatures(document)
    assert parted_rows(pages, people(document)) == []


def test_a_signature_row_that_is_parted_from_its_statement_is_seen() -> None:
    whole = ["Witness. I saw it.", "Signature", "Printed name", "Date", "Time"]
    assert parted_rows([["Before."], whole], ["Witness."]) == []
    assert parted_rows([whole[:1], whole[1:]], ["Witness."]) == [
        "page 1: 'Witness.' without its signature",
        "page 2: 'Signature' without a statement",
    ]
    assert parted_rows([whole[:3], whole[3:]], ["Witness."]) == ["page 1: a row without its time"]


def test_no_heading_stands_alone_at_the_end_of_a_page(printed: Printed) -> None:
    for page in printed.tags:
        leaves = [one for one in page.tree.walk() if one.role in ("H1", "H2", "H3", "P", "LBody", "TD", "TH", "Figure")]
        assert not leaves[-1].role.startswith("H"), leaves[-1].text


# What moves nothing ------------------------------------------------------------------------------------------------

MARK = re.compile(r"DRAFT: not approved(\. Do not sign\.)?|DRAFT: do not sign\.?|DRAFT( · )?")


def without_marks(chars: Sequence[Char]) -> list[Line]:
    """The lines of a draft, with the marks that say so taken out."""
    stream = "".join(char.text[0] for char in chars)
    marked = {place for found in MARK.finditer(stream) for place in range(*found.span())}
    return letters.lines([char for place, char in enumerate(chars) if place not in marked])


def moved(draft: Sequence[Line], approved: Sequence[Line]) -> list[str]:
    """The lines that are not at the same place in both states of a text."""
    before, after = (
        {(line.page, line.text, round(line.right), round(line.baseline)) for line in lines}
        for lines in (draft, approved)
    )
    return sorted(f"{page}: {text}" for page, text, *_ in before ^ after)


@pytest.mark.parametrize("wanted", prints.OURS, ids=str)
def test_approving_a_text_moves_no_line_and_takes_every_mark_away(
    wanted: Wanted, library: Library, tmp_path: Path
) -> None:
    ordered = prints.order(wanted)
    other = ReviewState.APPROVED if ordered.document.review.draft else ReviewState.DRAFT
    changed = prints.produce(replace(ordered, document=prints.in_state(ordered.document, other)), tmp_path)
    both = [library[wanted].characters, letters.characters(changed)]
    draft, approved = both if ordered.document.review.draft else reversed(both)
    said = ["".join(char.text for char in chars) for chars in (draft, approved)]
    assert ["DRAFT" in text for text in said] == [True, False]
    assert moved(without_marks(draft), letters.lines(approved)) == []


def test_a_line_that_moves_is_seen(library: Library) -> None:
    lines = library[HANDOUT].lines
    shifted = Line(tuple(replace(char, y=char.y - 1) for char in lines[10].chars))
    assert moved(lines, lines) == []
    assert moved(lines, [*lines[:10], shifted, *lines[11:]]) == [f"1: {shifted.text}"] * 2


# Whose it is -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("wanted", [HANDOUT, CONSENT], ids=str)
def test_another_clinic_is_another_picture_of_the_same_text(wanted: Wanted, library: Library) -> None:
    ours, theirs = library[wanted], library[replace(wanted, clinic="riverside")]
    assert ours.clinic.branding != theirs.clinic.branding
    for a, b in zip(ours.coarse, theirs.coarse, strict=True):
        assert paint.difference(a, b) > 10 * paint.TOLERANCE
    said = []
    for one in (ours, theirs):
        clinic = one.clinic
        own = {clinic.name, clinic.phone.printed, clinic.hours, clinic.after_hours, clinic.website, *clinic.address}
        own |= {", ".join(clinic.address), "Call with any question", f"{clinic.after_hours} · {clinic.website}"}
        texts = [text.text for text in one.elements if text.role in ("P", "LBody", "TD", "TH", "Caption", "H1", "H2")]
        said.append([text for text in texts if text and text not in own and not text.startswith("Questions? Call")])
    assert said[0] == said[1]
    assert len(said[0]) > 40


@pytest.mark.parametrize("wanted", [HANDOUT, CONSENT], ids=str)
def test_the_clinics_colour_is_on_the_page_and_survives_grey(wanted: Wanted, library: Library) -> None:
    for clinic in prints.CLINICS:
        printed = library[replace(wanted, clinic=clinic)]
        color = printed.clinic.branding.color
        red, green, blue = (int(color[place : place + 2], 16) for place in (1, 3, 5))
        (page,) = paint.paint(printed.path, "poppler", dpi=100, grey=False, pages=(1, 1))
        assert (abs(page.astype(int) - (red, green, blue)).max(axis=2) <= 2).sum() > 200
        assert 0.299 * red + 0.587 * green + 0.114 * blue <= 110


LONG = "Northwest Regional Pain and Rehab Center"  # 40 characters
NARROW = [
    pytest.param(Wanted("shipped", KINDS["handout"], Print.STANDARD, Paper.LETTER), marks=pytest.mark.soak),
    Wanted("shipped", KINDS["handout"], Print.LARGE, Paper.A4),
    pytest.param(Wanted("riverside", KINDS["consent"], Print.STANDARD, Paper.A4), marks=pytest.mark.soak),
    Wanted("shipped", KINDS["consent"], Print.LARGE, Paper.A4),
]


@pytest.mark.parametrize("wanted", NARROW, ids=str)
def test_a_name_of_40_characters_overflows_nothing(wanted: Wanted, library: Library, tmp_path: Path) -> None:
    assert len(LONG) == 40
    ordered = prints.order(wanted, clinic=replace(prints.clinic(wanted.clinic), name=LONG))
    path = prints.produce(ordered, tmp_path)
    pages = extract.poppler_pages(path)
    assert all(LONG in extract.normalise(page) for page in pages)
    assert overlaps(letters.lines(letters.characters(path))) == []
    for picture in paint.paint(path, "poppler", dpi=100):
        box = ink.ink_box(picture, dpi=100)
        assert box is not None
        assert min(box) >= 36 - PIXEL
    assert all(page.tree.text and not page.untagged for page in tagged_pages(path))
    if wanted.kind == KINDS["consent"]:
        assert ink.dark_pixels(path, 1, inner(wanted.page.label_zone(), BORDER)) == 0
        assert quiet_zones_inked(path, library[wanted]) == [0, 0] * len(pages)
    if wanted.print is Print.STANDARD:
        assert len(pages) == library[wanted].pages


def test_large_print_is_as_long_as_it_needs_to_be_and_not_shrunk(library: Library) -> None:
    for wanted in LARGE:
        assert library[wanted].pages > library[replace(wanted, print=Print.STANDARD)].pages
