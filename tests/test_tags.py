"""What a screen reader gets: each piece of the text once, whole, in order, as what it is."""

import json
from collections.abc import Callable
from itertools import pairwise

import pikepdf
import pytest

from clinicpress.documents import KINDS, Listing, Table, walk
from tests import prints
from tests.instruments import tagtree
from tests.instruments.tools import program, run
from tests.prints import CONSENT, CONSENTS, EVERYTHING, HANDOUT, LARGE, OURS, USUAL, Element, Library, Printed, each

FOLDED = ("Span", "NonStruct")
HEADINGS = ("H1", "H2", "H3", "H4", "H5", "H6")
BEARERS = (*HEADINGS, "P", "LBody", "TD", "TH", "Caption")  # the elements that may hold words


def bearers(elements: list[Element]) -> list[Element]:
    """The elements that hold words themselves, not those that only hold others."""
    return [one for one in elements if one.role in BEARERS and one.letters]


def lost_or_parted(printed: Printed, elements: list[Element]) -> list[str]:
    """The pieces of the source that are not one element each, without other words, in the order of the source."""
    numbered = printed.document.kind == KINDS["consent"]
    lost = []
    rest = bearers(elements)
    for piece in printed.pieces:
        for place, element in enumerate(rest):
            said = element.letters
            if piece.where == "heading" and numbered:
                said = said.split(".", 1)[-1]
            if said == piece.letters:
                rest = rest[place + 1 :]
                break
        else:
            lost.append(piece.text)
    return lost


# Everything is in the tree, and nothing is in it twice -------------------------------------------------------------


@pytest.mark.parametrize("printed", OURS, indirect=True, ids=str)
def test_the_tag_tree_is_as_expected(printed: Printed, golden: Callable[[str, str], None]) -> None:
    tree = tagtree.outline([page.tree for page in printed.tags], fold=FOLDED)
    golden(f"{printed.wanted.name}.tags.txt", tree)


def test_no_word_is_untagged_or_orphaned_on_any_page(printed: Printed) -> None:
    assert len(printed.tags) == printed.pages
    assert [(page.untagged, page.orphaned) for page in printed.tags] == [("", "")] * printed.pages
    assert all(page.tree.text for page in printed.tags)


def test_each_piece_of_the_source_is_one_whole_element_in_its_place(printed: Printed) -> None:
    assert lost_or_parted(printed, printed.elements) == []


def test_a_parted_and_a_misplaced_paragraph_are_seen(library: Library) -> None:
    for wanted in (HANDOUT, CONSENT):
        printed = library[wanted]
        read = list(printed.elements)
        place = max((n for n, one in enumerate(read) if one.role == "P"), key=lambda n: len(read[n].text))
        whole = read[place]
        half = len(whole.text) // 2
        parts = [Element("P", (), text, (), "", {}) for text in (whole.text[:half], whole.text[half:])]
        assert lost_or_parted(printed, [*read[:place], *parts, *read[place + 1 :]]) == [whole.text]
        assert lost_or_parted(printed, [*read[:place], *read[place + 1 :], whole]) != []


def test_tables_that_a_page_end_parts_were_among_them(library: Library) -> None:
    """In large print tables run over page ends, and stay one table each: else the test above proves little."""
    large = [one for wanted in LARGE if wanted in USUAL for one in library[wanted].elements]
    parted = [one for one in large if one.role == "Table" and len(one.pages) > 1]
    assert len(parted) >= 2


def test_a_screen_reader_hears_each_paragraph_once(printed: Printed) -> None:
    heard = [one.text for one in bearers(printed.elements)]
    for text in {piece.text for piece in printed.pieces if len(piece.text) > 40}:
        assert sum(text in other for other in heard) == 1, text


def test_the_page_content_stands_in_reading_order(printed: Printed) -> None:
    """What is copied, or read by a program without tags, comes in the order in which it is drawn, not of the tags."""
    assert backward(printed.elements) == []


def backward(elements: list[Element]) -> list[str]:
    """The elements that are drawn before one that is read earlier. WeasyPrint numbers contents as it draws them."""
    last: dict[int, int] = {}
    found = []
    for element in bearers(elements):
        for page, number in element.marks:
            if number < last.get(page, -1):
                found.append(element.text)
                break
            last[page] = number
    return found


def test_content_in_another_order_is_seen(library: Library) -> None:
    read = [Element("P", (), text, ((1, number),), "", {}) for text, number in (("a", 0), ("b", 2), ("c", 1))]
    assert backward(read) == ["c"]


# Headings, lists, tables, figures, links ---------------------------------------------------------------------------


def heading_faults(levels: list[int]) -> list[int]:
    """The places of headings that skip a level; the first has to be the only H1."""
    faults = [place for place, level in enumerate(levels) if (level == 1) != (place == 0)]
    return faults + [n for n in range(1, len(levels)) if levels[n] > levels[n - 1] + 1]


def test_headings_begin_with_the_title_and_skip_no_level(printed: Printed) -> None:
    read = [one for one in printed.elements if one.role in HEADINGS]
    assert read[0].text == printed.document.title
    assert heading_faults([int(one.role[1]) for one in read]) == []
    numbered = printed.document.kind == KINDS["consent"]
    said = [one.text.split(". ", 1)[-1] if numbered else one.text for one in read]
    assert [text for text in said if text in prints.headings(printed.document)] == prints.headings(printed.document)


def test_a_skipped_level_and_a_second_title_are_seen() -> None:
    assert heading_faults([1, 2, 3, 2]) == []
    assert heading_faults([1, 3]) == [1]
    assert heading_faults([2, 3]) == [0]
    assert heading_faults([1, 2, 1]) == [2]


def test_poppler_finds_the_same_elements_in_the_same_order(printed: Printed) -> None:
    rows = run(program("pdfinfo", "poppler-utils"), "-struct", printed.path).decode().splitlines()
    roles = [row.split()[0].rstrip(":") for row in rows if row.strip() and not row.strip().startswith("/")]
    ours = [one.role for one in printed.elements[1:]]  # without the root
    assert [role for role in roles if role in ours] == ours
    assert len(ours) > 40


@pytest.mark.parametrize("printed", [HANDOUT], indirect=True, ids=str)  # poppler takes 4 to 7 s for a document
def test_poppler_reads_the_headings_with_the_same_words(printed: Printed) -> None:
    rows = [row.strip() for row in tagtree.poppler_tree(printed.path).splitlines()]
    words = [following.strip('"').strip() for row, following in pairwise(rows) if row.startswith(HEADINGS)]
    read = [one.text for one in printed.elements if one.role in HEADINGS]
    # A heading of two rows is two strings; the first is enough to know it by.
    assert [text.startswith(word) for text, word in zip(read, words, strict=True)] == [True] * len(read)


def test_bookmarks_are_the_headings_and_lead_to_their_pages(printed: Printed) -> None:
    read = [(one.text, one.pages[0]) for one in printed.elements if one.role in HEADINGS]
    with pikepdf.open(printed.path) as pdf, pdf.open_outline() as outline:
        numbers = {page.objgen: number for number, page in enumerate(pdf.pages, start=1)}

        def flat(items: list[pikepdf.OutlineItem]) -> list[tuple[str, int]]:
            return [
                row for one in items for row in ((one.title, numbers[one.destination[0].objgen]), *flat(one.children))
            ]

        assert flat(list(outline.root)) == read


def test_lists_hold_items_and_items_hold_bodies(printed: Printed) -> None:
    lists = [one for one in printed.elements if one.role == "L"]
    assert len(lists) >= 4
    assert {one.attributes["ListNumbering"] for one in lists} <= {"None", "Decimal", "Disc", "Square"}
    for one in printed.elements:
        parent = one.parents[-1] if one.parents else ""
        if one.role == "LI":
            assert parent == "L"
        elif one.role == "LBody":
            assert parent == "LI"
            assert one.letters
        elif parent == "L":
            assert one.role in ("LI", "Caption")
    counted = sum(len(row.items) for row in _listings(printed))
    assert sum(one.role == "LI" for one in printed.elements) >= counted


def _listings(printed: Printed) -> list[Listing]:
    return [block for block in walk(tuple(printed.document.blocks())) if isinstance(block, Listing)]


def test_every_head_cell_says_what_it_heads(printed: Printed) -> None:
    tables = [block for block in printed.document.blocks() if isinstance(block, Table)]
    assert tables
    heads = [one for one in printed.elements if one.role == "TH"]
    columns = [cell for table in tables for cell in table.head if cell.heading]
    rows = [cell for table in tables for group in table.groups for row in group for cell in row if cell.heading]
    scopes = [one.attributes["Scope"] for one in heads]
    assert (scopes.count("Column"), scopes.count("Row")) == (len(columns), len(rows))
    spans = [int(one.attributes.get("RowSpan", 1)) for one in heads if one.attributes["Scope"] == "Row"]
    assert spans == [cell.rows for cell in rows]


def test_a_table_head_that_is_printed_again_is_not_read_again(printed: Printed) -> None:
    tables = [one for one in printed.elements if one.role == "Table"]
    assert len(tables) == sum(isinstance(block, Table) for block in printed.document.blocks())
    assert sum(one.role == "THead" for one in printed.elements) == len(tables)
    read = [one.text for one in printed.elements if one.role == "TH" and one.attributes["Scope"] == "Column"]
    assert read == prints.table_heads(printed.document)


def test_some_table_head_was_printed_again(library: Library) -> None:
    """Else the test above proves nothing."""
    again = [
        wanted
        for wanted in LARGE
        if wanted in USUAL
        for head in prints.table_heads(library[wanted].document)
        if "".join(page.artifact for page in library[wanted].tags).count(head)
    ]
    assert {wanted.kind for wanted in again} == set(prints.BOTH)


@pytest.mark.parametrize("printed", each([one for one in EVERYTHING if one.kind == KINDS["handout"]]), indirect=True)
def test_the_figure_has_its_words_and_its_place_on_the_page(printed: Printed) -> None:
    drawn = [one for one in printed.elements if one.role == "Figure"]
    assert [one.alternative for one in drawn] == prints.alternatives(printed.document) != []
    width, height = printed.page.size
    for one in drawn:
        if len(one.pages) > 1:  # in large print it may be in two parts; there is no one box on two pages
            assert printed.page.large
            assert "BBox" not in one.attributes
            continue
        left, bottom, right, top = one.attributes["BBox"]
        assert 36 <= left < right <= width - 36
        assert 36 <= bottom < top <= height - 36
        inside = [
            line.text
            for line in printed.lines
            if line.page == one.pages[0] and left <= line.left < line.right <= right and bottom <= line.baseline <= top
        ]
        assert {"Before: the switch is on", "Pain nerve (C-fiber): thin and calm"} <= set(inside)
        assert printed.document.title not in inside


def test_links_lead_to_the_clinics_phone_and_say_so(printed: Printed) -> None:
    seen = 0
    with pikepdf.open(printed.path) as pdf:
        for page in pdf.pages:
            for link in page.obj.get("/Annots", []):
                assert str(link.A.URI) == printed.clinic.phone.uri
                assert str(link.Contents) == printed.clinic.phone.printed
                assert int(link.F) == 4
                seen += 1
    assert seen >= 1
    assert sum(one.role == "Link" for one in printed.elements) == seen


# What the file says of itself --------------------------------------------------------------------------------------


def test_viewers_are_told_title_language_and_how_to_print(printed: Printed) -> None:
    with pikepdf.open(printed.path) as pdf:
        told = {key: str(value) for key, value in pdf.Root.ViewerPreferences.items()}
        assert told == {"/DisplayDocTitle": "True", "/Duplex": "/DuplexFlipLongEdge", "/PrintScaling": "/None"}
        assert pdf.Root.ViewerPreferences.DisplayDocTitle is True
        assert str(pdf.Root.Lang) == printed.document.language
        assert pdf.Root.MarkInfo.Marked is True
        assert [str(page.obj.Tabs) for page in pdf.pages] == ["/S"] * printed.pages


def test_the_title_and_dates_are_the_same_wherever_the_file_tells_them(printed: Printed) -> None:
    with pikepdf.open(printed.path) as pdf, pdf.open_metadata() as xmp:
        assert xmp["dc:title"] == str(pdf.docinfo.Title) == printed.document.title
        assert xmp["dc:creator"] == [str(pdf.docinfo.Author)] == [printed.clinic.name]
        assert xmp["pdf:Producer"] == str(pdf.docinfo.Producer)
        assert xmp["dc:description"] == str(pdf.docinfo.Subject)
        day = printed.document.effective
        assert xmp["xmp:CreateDate"] == f"{day.isoformat()}T00:00:00Z"
        assert str(pdf.docinfo.CreationDate) == f"D:{day:%Y%m%d}000000Z"
        assert (xmp["pdfuaid:part"], xmp["pdfaid:part"], xmp["pdfaid:conformance"]) == ("1", "3", "A")


def test_the_attached_facts_are_those_of_the_manifest(printed: Printed) -> None:
    with pikepdf.open(printed.path) as pdf:
        assert list(pdf.attachments) == ["document.json"]
        inside = json.loads(pdf.attachments["document.json"].get_file().read_bytes())
    shared = set(inside) & set(printed.facts)
    assert {"topic", "kind", "language", "form", "revision", "review_state", "standards"} <= shared
    assert {key: inside[key] for key in shared} == {key: printed.facts[key] for key in shared}
    assert inside["revision"] == printed.document.revision.digest
    assert inside["title"] == printed.document.title


def test_a_consent_form_carries_the_revision_of_its_leaflet(library: Library) -> None:
    leaflet = prints.sources()[KINDS["handout"]]
    for wanted in CONSENTS:
        with pikepdf.open(library[wanted].path) as pdf:
            inside = json.loads(pdf.attachments["document.json"].get_file().read_bytes())
        assert inside["leaflet"]["revision"] == leaflet.revision.digest
