"""The tag tree of a PDF tells what the HTML tells, also where page ends, tables and links make it hard.

Small pages are rendered for real and rebuilt; the tree is then read from the PDF as it stands there, by a reader of
this test's own. What cannot be told right is refused.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html import escape
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest

from clinicpress import library
from clinicpress.documents.blocks import Asset
from clinicpress.errors import RenderError
from clinicpress.library.markdown import read_markdown
from clinicpress.pdf.pages import Places
from clinicpress.pdf.render import render
from clinicpress.pdf.structure import rebuilt as tree_of
from clinicpress.pdf.tags import mark_furniture, read_tree, write_tree

pytestmark = pytest.mark.filterwarnings("ignore:unclosed file.*sRGB2014:ResourceWarning")  # WeasyPrint forgets it
ROOT = Path(__file__).parents[1]
DRAWING = b'<svg xmlns="http://www.w3.org/2000/svg" width="90" height="60"><rect width="90" height="60"/></svg>'
ASSETS = {
    "asset:font": library.read_fonts(ROOT / "fonts")[0].file,
    "asset:one": Asset("one.svg", DRAWING, "image/svg+xml"),
    "asset:two": Asset("two.svg", DRAWING, "image/svg+xml"),
}
# 20 lines of 20 points a page: 400 points between margins of 100.
STYLE = """@font-face { font-family: Own; src: url("asset:font") }
@page { size: 600pt 600pt; margin: 100pt; @bottom-left { content: element(foot) } }
body { font: 10pt/20pt Own; margin: 0 } p, ul, ol, h1, h2, h3, table, figure { margin: 0; padding: 0 }
p, li { break-inside: avoid } table { border-spacing: 0 } td, th { padding: 0; vertical-align: top }
.furniture { position: running(foot) } img { image-rendering: crisp-edges; display: block }"""


def rebuild(pdf: pikepdf.Pdf, html: str, places: Sequence[Places]) -> None:
    """Gives a PDF the tree of its HTML, as the finishing pass does."""
    mark_furniture(pdf, write_tree(pdf, tree_of(pdf, html, places).root))


def page(body: str) -> str:
    return f'<html lang="en"><head><title>T</title><style>{STYLE}</style></head><body>{body}</body></html>'


@dataclass
class Element:
    """An element of the tree as it stands in the PDF; `marks` are (page, number) of its own marked content."""

    tag: str
    source: pikepdf.Object
    pdf: pikepdf.Pdf  # held, because its objects are empty once it is gone
    kids: list["Element"] = field(default_factory=list)
    marks: list[tuple[int, int]] = field(default_factory=list)
    links: list[pikepdf.Object] = field(default_factory=list)

    def walk(self) -> Iterator["Element"]:
        yield self
        for kid in self.kids:
            yield from kid.walk()

    def find(self, tag: str) -> list["Element"]:
        return [one for one in self.walk() if one.tag == tag]

    @property
    def pages(self) -> list[int]:
        return sorted({number for one in self.walk() for number, _ in one.marks})

    def attribute(self, name: str) -> str:
        owned = self.source.get("/A", [])
        for one in owned if isinstance(owned, pikepdf.Array) else [owned]:
            if name in one:
                return str(one[name])
        return ""

    def __str__(self) -> str:
        """`L(LI(LBody) LI(LBody))`: the shape of the tree."""
        return f"{self.tag}({' '.join(map(str, self.kids))})" if self.kids else self.tag


@dataclass
class Rebuilt:
    """A page that was rendered and rebuilt."""

    pdf: pikepdf.Pdf
    tree: Element

    @property
    def pages(self) -> int:
        return len(self.pdf.pages)

    def marked(self, number: int) -> tuple[set[int], int]:
        """The numbers of the marked content of a page, and how many pieces are artifacts."""
        numbers, artifacts = set(), 0
        for operands, operator in pikepdf.parse_content_stream(self.pdf.pages[number]):
            if str(operator) == "BDC":
                numbers |= {int(operands[1].MCID)} if "/MCID" in operands[1] else set()
                artifacts += str(operands[0]) == "/Artifact"
        return numbers, artifacts


def read(pdf: pikepdf.Pdf) -> Element:
    numbers = {one.obj.objgen: number for number, one in enumerate(pdf.pages)}

    def element(source: pikepdf.Object, parent: pikepdf.Object | None) -> Element:
        found = Element(str(source.get("/S", "/Root"))[1:], source, pdf)
        assert parent is None or source.P.objgen == parent.objgen
        for kid in source.get("/K", []):
            if not isinstance(kid, pikepdf.Dictionary):
                found.marks.append((numbers[source.Pg.objgen], int(kid)))
            elif kid.get("/Type") == "/OBJR":
                found.links.append(kid.Obj)
            elif kid.get("/Type") == "/MCR":
                found.marks.append((numbers[kid.Pg.objgen], int(kid.MCID)))
            else:
                found.kids.append(element(kid, source))
        return found

    (document,) = element(pdf.Root.StructTreeRoot, None).kids
    return document


def rebuilt(body: str, other: str | None = None) -> Rebuilt:
    """A rendered body with its tree rebuilt, from the same HTML or from another; read back from its bytes."""
    pages = render(page(body), ASSETS)
    with pikepdf.open(BytesIO(pages.pdf)) as pdf:
        rebuild(pdf, page(body if other is None else other), pages.places)
        saved = BytesIO()
        pdf.save(saved)
    again = pikepdf.open(saved)
    made = Rebuilt(again, read(again))
    sound(made)
    return made


def sound(made: Rebuilt) -> None:
    """What holds for every tree: all marked content is in it, each once, or an artifact; and the pages find back."""
    marks = [mark for one in made.tree.walk() for mark in one.marks]
    assert len(marks) == len(set(marks))
    on_pages = {(number, mark) for number in range(made.pages) for mark in made.marked(number)[0]}
    assert set(marks) == on_pages
    numbers = made.pdf.Root.StructTreeRoot.ParentTree.Nums
    owners = {int(key): value for key, value in zip(list(numbers)[::2], list(numbers)[1::2], strict=True)}
    for one in made.tree.walk():
        for number, mark in one.marks:
            assert owners[int(made.pdf.pages[number].StructParents)][mark].objgen == one.source.objgen
        for link in one.links:
            assert owners[int(link.StructParent)].objgen == one.source.objgen


# What page ends part ------------------------------------------------------------------------------------------------


def test_a_list_that_a_page_end_parts_is_one_list() -> None:
    made = rebuilt("<ul>" + "".join(f"<li>Item {number}</li>" for number in range(50)) + "</ul>")
    (one,) = made.tree.find("L")
    assert made.pages == 3
    assert one.pages == [0, 1, 2]
    assert [kid.tag for kid in one.kids] == ["LI"] * 50
    assert {str(kid) for kid in one.kids} == {"LI(Lbl LBody)"}


def test_two_lists_that_meet_at_a_page_end_stay_two() -> None:
    items = "".join(f"<li>Item {number}</li>" for number in range(9))
    made = rebuilt(f'<ul>{items}</ul><ol style="break-before: page">{items}</ol>')
    assert [(len(one.kids), one.pages) for one in made.tree.find("L")] == [(9, [0]), (9, [1])]


def test_a_section_that_a_page_end_parts_is_one_section() -> None:
    made = rebuilt("<section><h2>Head</h2>" + "<p>Words</p>" * 30 + "</section><section><h2>Next</h2></section>")
    first, second = made.tree.find("Sect")
    assert [kid.tag for kid in first.kids] == ["H2", *["P"] * 30]
    assert (first.pages, str(second)) == ([0, 1], "Sect(H2)")


ROWS = "".join(f'<tr><th scope="row">Row {number}</th><td>Words</td><td></td></tr>' for number in range(60))
HEAD = '<thead><tr><td></td><th scope="col">One</th><th scope="col">Two</th></tr></thead>'


def test_a_table_over_four_pages_is_one_table_whose_head_is_read_once() -> None:
    made = rebuilt(f"<table>{HEAD}<tbody>{ROWS}</tbody></table>")
    (table,) = made.tree.find("Table")
    assert made.pages == 4
    assert table.pages == [0, 1, 2, 3]
    assert [kid.tag for kid in table.kids] == ["THead", "TBody"]
    assert len(table.find("THead")) == 1
    assert table.find("THead")[0].pages == [0]
    assert {str(row) for row in table.kids[1].kids} == {"TR(TH TD TD)"}
    assert len(table.kids[1].kids) == 60


def test_a_head_that_is_repeated_on_the_page_is_furniture_there() -> None:
    made = rebuilt(f"<table>{HEAD}<tbody>{ROWS}</tbody></table>")
    assert [made.marked(number)[1] for number in range(4)] == [0, 2, 2, 2]  # the words of two head cells


def test_two_tables_one_of_which_is_parted_keep_their_own_heads() -> None:
    short = "".join(f'<tr><th scope="row">Row {number}</th><td>Words</td><td></td></tr>' for number in range(3))
    made = rebuilt(f"<table>{HEAD}<tbody>{ROWS}</tbody></table><table>{HEAD}<tbody>{short}</tbody></table>")
    assert [len(table.find("TR")) for table in made.tree.find("Table")] == [61, 4]
    assert [len(table.find("THead")) for table in made.tree.find("Table")] == [1, 1]


def test_scopes_and_spans_of_heading_cells_are_told() -> None:
    groups = "".join(
        f'<tbody><tr><th scope="row" rowspan="2">Group {number}</th><td>A</td></tr><tr><td>B</td></tr></tbody>'
        for number in range(3)
    )
    head = '<thead><tr><td></td><th scope="col">One</th></tr></thead>'
    (table,) = rebuilt(f"<table>{head}{groups}</table>").tree.find("Table")
    assert str(table) == "Table(THead(TR(TD TH)) " + " ".join(["TBody(TR(TH TD) TR(TD))"] * 3) + ")"
    cells = [(cell.attribute("/Scope"), cell.attribute("/RowSpan")) for cell in table.find("TH")]
    assert cells == [("/Column", ""), *[("/Row", "2")] * 3]
    assert {cell.attribute("/Scope") for cell in table.find("TD")} == {""}


def test_row_groups_that_page_ends_part_from_each_other_stay_groups() -> None:
    group = '<tbody style="break-inside: avoid"><tr><th scope="row" rowspan="3">G</th><td>A</td></tr>'
    group += "<tr><td>B</td></tr><tr><td>C</td></tr></tbody>"
    head = '<thead><tr><td></td><th scope="col">One</th></tr></thead>'
    made = rebuilt(f"<table>{head}{group * 12}</table>")
    (table,) = made.tree.find("Table")
    assert made.pages > 1
    assert str(table) == "Table(THead(TR(TD TH)) " + " ".join(["TBody(TR(TH TD) TR(TD) TR(TD))"] * 12) + ")"


# What is in what ----------------------------------------------------------------------------------------------------


def test_a_list_in_a_list_belongs_to_its_item() -> None:
    made = rebuilt("<ul><li>One<ul><li>Two</li><li>Three</li></ul></li><li>Four</li></ul>")
    assert str(made.tree) == "Document(L(LI(Lbl LBody(L(LI(Lbl LBody) LI(Lbl LBody)))) LI(Lbl LBody)))"


def test_a_list_in_a_list_that_a_page_end_parts_belongs_to_its_item() -> None:
    inner = "".join(f"<li>Inner {number}</li>" for number in range(30))
    made = rebuilt(f'<ul><li style="break-inside: auto">One<ul>{inner}</ul></li><li>Last</li></ul>')
    outer, nested = made.tree.find("L")
    assert [len(one.kids) for one in (outer, nested)] == [2, 30]
    assert nested in outer.kids[0].kids[-1].kids
    assert nested.pages == [0, 1]


@pytest.mark.parametrize("outer", ["ol", "ul"])
def test_what_stands_behind_and_between_lists_of_an_item_keeps_its_place(outer: str) -> None:
    """WeasyPrint 70 puts lists of an item behind all else that the item holds."""
    inner = "<ul><li>Two</li></ul>"
    made = rebuilt(f"<{outer}><li>One{inner}<p>Three</p>{inner}<p>Four</p><p>Five</p></li></{outer}>")
    nested = "L(LI(Lbl LBody))"
    assert str(made.tree) == f"Document(L(LI(Lbl LBody({nested} P {nested} P P))))"


def test_a_list_in_a_list_in_a_list_is_told_level_by_level() -> None:
    made = rebuilt("<ul><li>One<ul><li>Two<ul><li>Three</li></ul></li></ul></li></ul>")
    assert str(made.tree) == "Document(L(LI(Lbl LBody(L(LI(Lbl LBody(L(LI(Lbl LBody)))))))))"


@pytest.mark.parametrize(("tag", "numbering"), [("ol", "/Decimal"), ("ul", "/None")])
def test_a_list_says_how_it_is_numbered(tag: str, numbering: str) -> None:
    (one,) = rebuilt(f"<{tag}><li>One</li><li>Two</li></{tag}>").tree.find("L")
    assert one.attribute("/ListNumbering") == numbering


def test_an_item_of_several_paragraphs_holds_them_all() -> None:
    made = rebuilt("<ul><li><p>One</p><p>Two</p></li><li>Three</li></ul>")
    first, second = made.tree.find("LI")
    assert [one.tag for one in first.walk()].count("P") == 2
    assert str(second) == "LI(Lbl LBody)"


def test_headings_and_paragraphs_are_told_in_the_order_of_the_text() -> None:
    body = "<h1>A</h1><p>B <b>C</b> <em>D</em><br />E</p><section><h2>F</h2><div><h3>G</h3><p>H</p></div></section>"
    assert str(rebuilt(body).tree) == "Document(H1 P Sect(H2 H3 P))"


def test_what_stands_side_by_side_is_read_one_after_the_other() -> None:
    half = "<section><h2>Head</h2><p>Words</p></section>"
    made = rebuilt(f'<div style="display: grid; grid-template-columns: 1fr 1fr">{half}{half}</div><p>After</p>')
    assert str(made.tree) == "Document(Sect(H2 P) Sect(H2 P) P)"


def test_what_is_empty_is_not_told_save_cells() -> None:
    body = "<p></p><h2> </h2><section></section><p>Words</p><table><tbody><tr><td></td><td>A</td></tr></tbody></table>"
    assert str(rebuilt(body).tree) == "Document(P Table(TBody(TR(TD TD))))"


# Links, figures, furniture ------------------------------------------------------------------------------------------


def test_a_link_says_its_words_and_has_a_proper_place() -> None:
    made = rebuilt(
        '<p>Call <a href="tel:+15036912000">(503)  <b>691</b>-2000</a> or <a href="https://a.example/x">us</a></p>'
    )
    (paragraph,) = made.tree.kids
    links = [link for one in paragraph.find("Link") for link in one.links]
    assert {str(link.A.URI): str(link.Contents) for link in links} == {
        "tel:+15036912000": "(503) 691-2000",
        "https://a.example/x": "us",
    }
    for link in links:
        left, bottom, right, top = map(float, link.Rect)
        assert left < right
        assert bottom < top
        assert int(link.F) & 4
        assert link.Subtype == "/Link"


def test_links_are_in_the_order_of_the_tab_key_as_in_the_text() -> None:
    floated = '<p><a style="float: right" href="https://b.example/">second</a></p>'
    made = rebuilt(
        f'<p><a href="https://a.example/">first</a></p>{floated}<p><a href="https://c.example/">third</a></p>'
    )
    in_tree = [str(link.A.URI) for one in made.tree.walk() for link in one.links]
    assert [str(one.A.URI) for one in made.pdf.pages[0].Annots] == in_tree
    assert made.pdf.pages[0].Tabs == "/S"


def test_two_links_to_one_address_say_their_own_words() -> None:
    made = rebuilt(
        '<p><a href="https://a.example/">Our price list</a> and <a href="https://a.example/">our map</a></p>'
    )
    said = [str(link.Contents) for one in made.tree.walk() for link in one.links]
    assert said == ["Our price list", "our map"]


def test_a_link_whose_address_is_written_anew_says_its_words() -> None:
    made = rebuilt('<p><a href="https://a.example/Größe und mehr">our sizes</a></p>')
    assert [str(link.Contents) for one in made.tree.walk() for link in one.links] == ["our sizes"]


@pytest.mark.parametrize(
    "address", ["https://a.example/?q=a%26b", "https://a.example/a%2Fb%20c", "https://a.example/%23x"]
)
def test_a_link_leads_where_its_author_says(address: str, tmp_path: Path) -> None:
    """From the Markdown on: an address is not decoded, because %26 is not & in it."""
    (paragraph,) = read_markdown(f"[words]({address})", tmp_path / "text.md", 1, []).opening
    (link,) = paragraph.content
    made = rebuilt(f'<p><a href="{escape(link.href)}">words</a></p>')
    assert [str(one.A.URI) for element in made.tree.walk() for one in element.links] == [address]


def test_each_part_of_a_link_over_a_line_end_says_the_words_of_the_link() -> None:
    words = " ".join(["words"] * 60)
    made = rebuilt(f'<p>Before <a href="https://a.example/">{words}</a> after</p>')
    (paragraph,) = made.tree.kids
    links = [link for one in paragraph.walk() for link in one.links]
    assert len(links) >= 2
    assert {str(link.Contents) for link in links} == {words}


def test_a_figure_says_what_it_shows_and_where_it_is() -> None:
    made = rebuilt('<p>Words</p><figure><img src="asset:one" alt="A box" /><figcaption>Caption</figcaption></figure>')
    assert str(made.tree) == "Document(P Figure Caption)"
    (figure,) = made.tree.find("Figure")
    assert str(figure.source.Alt) == "A box"
    assert [round(float(side), 1) for side in figure.source.A.BBox] == [100, 600 - 100 - 20 - 45, 167.5, 600 - 100 - 20]


def test_a_figure_in_two_parts_is_one_figure() -> None:
    parts = '<img src="asset:one" alt="Two boxes" /><img src="asset:two" alt="Two boxes" />'
    made = rebuilt(f"<figure>{parts}<figcaption>Caption</figcaption></figure>")
    assert str(made.tree) == "Document(Figure Caption)"
    (figure,) = made.tree.find("Figure")
    assert len(figure.marks) == 2
    assert str(figure.source.Alt) == "Two boxes"


def test_a_figure_in_two_parts_on_two_pages_is_one_figure() -> None:
    parts = '<img src="asset:one" alt="Boxes" /><img style="break-before: page" src="asset:two" alt="Boxes" />'
    made = rebuilt(f"<figure>{parts}<figcaption>Caption</figcaption></figure>")
    (figure,) = made.tree.find("Figure")
    assert figure.pages == [0, 1]


def test_two_figures_that_show_different_things_stay_two() -> None:
    figures = "".join(f'<figure><img src="asset:one" alt="Box {number}" /></figure>' for number in (1, 2))
    assert str(rebuilt(figures).tree) == "Document(Figure Figure)"


def test_furniture_is_an_artifact_on_every_page_and_not_in_the_tree() -> None:
    made = rebuilt('<div class="furniture"><p>The clinic</p></div>' + "<p>Words</p>" * 30)
    assert made.pages == 2
    assert str(made.tree) == "Document(" + " ".join(["P"] * 30) + ")"
    assert [made.marked(number)[1] for number in (0, 1)] == [1, 1]


def test_furniture_is_told_by_its_class_alone() -> None:
    """A class that only begins so is text."""
    assert str(rebuilt('<p class="furnitures">Words</p>').tree) == "Document(P)"


# What is refused ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        "Words<p>Words</p>",
        "<section>Words<p>Words</p></section>",
        "<div>Words</div>",
        "<ul><li>Words</li></ul>Words",
        '<section><a href="https://a.example/">Words</a></section>',
    ],
)
def test_words_outside_a_paragraph_are_refused(body: str) -> None:
    with pytest.raises(RenderError):
        rebuilt(body)


MISMATCHES = {
    "a paragraph too many": ("<p>One</p>", "<p>One</p><p>Two</p>"),
    "a paragraph too few": ("<p>One</p><p>Two</p>", "<p>One</p>"),
    "another heading": ("<h1>One</h1>", "<h2>One</h2>"),
    "a heading for a paragraph": ("<p>One</p>", "<h1>One</h1>"),
    "an item too many": ("<ul><li>One</li></ul>", "<ul><li>One</li><li>Two</li></ul>"),
    "an item too few": ("<ul><li>One</li><li>Two</li></ul>", "<ul><li>One</li></ul>"),
    "a list for a table": ("<table><tbody><tr><td>A</td></tr></tbody></table>", "<ul><li>A</li></ul>"),
    "a cell too few": (
        "<table><tbody><tr><td>A</td><td>B</td></tr></tbody></table>",
        "<table><tbody><tr><td>A</td></tr></tbody></table>",
    ),
    "a row too few": (
        "<table><tbody><tr><td>A</td></tr><tr><td>B</td></tr></tbody></table>",
        "<table><tbody><tr><td>A</td></tr></tbody></table>",
    ),
    "a missing picture": ('<p>One</p><img src="asset:one" alt="x" />', "<p>One</p>"),
    "a missing section": ("<section><p>One</p></section>", "<p>One</p>"),
    "another order": ("<h1>One</h1><p>Two</p>", "<p>Two</p><h1>One</h1>"),
    "words that are hidden": ('<p>One</p><p style="display: none">Two</p>', "<p>One</p><p>Two</p>"),
    "nothing at all": ("<p>One</p>", ""),
}


@pytest.mark.parametrize("name", MISMATCHES)
def test_a_tree_that_does_not_tell_what_the_html_tells_is_refused(name: str) -> None:
    body, other = MISMATCHES[name]
    rebuilt(body if "hidden" not in name else "<p>One</p>")
    with pytest.raises(RenderError, match=r"Please report|tags do not match"):
        rebuilt(body, other)


def test_a_refusal_names_the_place() -> None:
    with pytest.raises(RenderError, match="at 'The second heading'"):
        rebuilt("<h1>First</h1><p>The second heading</p>", "<h1>First</h1><h2>The second heading</h2>")


def test_a_page_without_a_body_is_refused() -> None:
    with (
        pikepdf.open(BytesIO(render(page("<p>One</p>"), ASSETS).pdf)) as pdf,
        pytest.raises(RenderError, match="no body"),
    ):
        rebuild(pdf, "<html><head /></html>", ())


def test_without_rebuilding_the_tree_does_tell_it_wrong() -> None:
    """The control: what the tests above ask for is not there by itself."""
    body = "<ul>" + "".join(f"<li>Item {number}</li>" for number in range(50)) + "</ul>"
    with pikepdf.open(BytesIO(render(page(body), ASSETS).pdf)) as pdf:
        assert [node.tag for node in read_tree(pdf).nodes()] == ["L", "L", "L"]
    with pikepdf.open(BytesIO(render(page(f"<table>{HEAD}<tbody>{ROWS}</tbody></table>"), ASSETS).pdf)) as pdf:
        assert sum(node.tag == "THead" for node in read_tree(pdf).walk()) == 4
