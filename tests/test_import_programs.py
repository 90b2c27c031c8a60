"""Files of other programs, and damaged ones, are read as far as they go, and what was left out is told."""

import io
import zipfile
from datetime import date
from pathlib import Path

import docx
import pytest

from clinicpress.errors import InputError
from clinicpress.library.imports import Imported, read_foreign
from tests.word_files import file_of, p, part, run

TODAY = date(2026, 12, 1)
_SPACES = "urn:oasis:names:tc:opendocument:xmlns"
_DECLARED = {"office": "office", "style": "style", "text": "text", "table": "table", "draw": "drawing"}
_DECLARED |= {"fo": "xsl-fo-compatible"}
_NAMED = " ".join(f'xmlns:{name}="{_SPACES}:{space}:1.0"' for name, space in _DECLARED.items())


def imported(path: Path, **options: object) -> Imported:
    return read_foreign(path, TODAY, **options)


def body(made: Imported) -> str:
    return made.text.split("---\n", 2)[2]


def told(made: Imported) -> str:
    return "\n".join(f"{remark.what} {remark.words}" for remark in made.remarks)


# OpenDocument ---------------------------------------------------------------------------------------------------------

STYLES = """
<style:style style:name="Hid" style:family="text"><style:text-properties text:display="none"/></style:style>
<style:style style:name="Up" style:family="text"><style:text-properties style:text-position="super 58%"/></style:style>
<style:style style:name="Low" style:family="text"><style:text-properties style:text-position="-25% 58%"/></style:style>
<style:style style:name="Bold" style:family="text"><style:text-properties fo:font-weight="bold"/></style:style>
<style:style style:name="Gone" style:family="text">
<style:text-properties style:text-line-through-style="solid"/></style:style>
<text:list-style style:name="Steps">
<text:list-level-style-number text:level="1" style:num-suffix="." style:num-format="1"/>
<text:list-level-style-number text:level="2" style:num-suffix=")" style:num-format="a"/></text:list-style>
<text:list-style style:name="Ticks">
<text:list-level-style-bullet text:level="1" text:bullet-char="✓"/></text:list-style>
"""


def cell(words: str, spans: str = "") -> str:
    return f"<table:table-cell {spans}><text:p>{words}</text:p></table:table-cell>"


def item(words: str, inner: str = "") -> str:
    return f"<text:list-item><text:p>{words}</text:p>{inner}</text:list-item>"


NESTED = item("Wrap", f"<text:list>{item('softly')}{item('twice')}</text:list>")
COVERED = "<table:covered-table-cell/>"
OPEN_TEXT = f"""
<text:p text:style-name="Title">Knee wrap</text:p>
<text:h text:outline-level="1">What is it?</text:h>
<text:p>It holds 10<text:span text:style-name="Up">6</text:span> cells and
H<text:span text:style-name="Low">2</text:span>O
<text:span text:style-name="Hid">Staff only.</text:span> <text:span text:style-name="Gone">Two tablets.</text:span>
<text:span text:style-name="Bold">Rest</text:span><text:s/>well<text:note text:note-class="footnote">
<text:note-citation>1</text:note-citation><text:note-body><text:p>Said the nurse.</text:p></text:note-body></text:note>.
<draw:frame><draw:text-box><text:p>Boxed advice.</text:p></draw:text-box></draw:frame></text:p>
<text:list text:style-name="Steps">{item("Wash")}{item("Dry")}</text:list>
<text:p>Wait.</text:p>
<text:list text:style-name="Steps" text:continue-numbering="true">{NESTED}</text:list>
<text:list text:style-name="Ticks">{item("Walk")}</text:list>
<table:table><table:table-row>{cell("Week")}{cell("Day")}{cell("Night")}</table:table-row>
<table:table-row>{cell("One", 'table:number-rows-spanned="2"')}{cell("4 hours")}{cell("once")}</table:table-row>
<table:table-row>{COVERED}{cell("6 hours")}{cell("never")}</table:table-row>
<table:table-row>{cell("Two")}{cell("when wet", 'table:number-columns-spanned="2"')}{COVERED}</table:table-row>
</table:table>
"""


def open_file(path: Path, text: str, styles: str = "") -> Path:
    content = f"<office:automatic-styles>{STYLES}</office:automatic-styles>"
    content += f"<office:body><office:text>{text}</office:text></office:body>"
    with zipfile.ZipFile(path, "w") as parts:
        parts.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        parts.writestr("content.xml", f"<office:document-content {_NAMED}>{content}</office:document-content>")
        parts.writestr("styles.xml", f"<office:document-styles {_NAMED}>{styles}</office:document-styles>")
    return path


def test_an_opendocument_text_comes_over_as_its_reader_saw_it(tmp_path: Path) -> None:
    made = imported(open_file(tmp_path / "wrap.odt", OPEN_TEXT))
    assert made.lost == 0
    assert made.title == "Knee wrap"
    for words in (
        "10⁶ cells and H₂O",
        "**Rest** well[^1].",
        "[^1]: Said the nurse.",
        "Boxed advice.",
        "1. Wash\n2. Dry\n\nWait.\n\n3. Wrap",
        "- a) softly\n   - b) twice",
        "✓ Walk",
        "| One | 4 hours | once |\n|  | 6 hours | never |\n| Two | when wet |  |",
    ):
        assert words in body(made), words
    for words in ("Staff only.", "Two tablets."):
        assert words not in body(made)
        assert words in told(made)


MATH = "<math xmlns='http://www.w3.org/1998/Math/MathML'><mfrac><mn>1</mn><mn>2</mn></mfrac></math>"
LINK = 'xmlns:xlink="http://www.w3.org/1999/xlink" xlink:href="./Object 1"'
RUBY = "<text:ruby><text:ruby-base>base</text:ruby-base><text:ruby-text>above</text:ruby-text></text:ruby>"
GONE = "<text:changed-region><text:deletion><text:p>deleted</text:p></text:deletion></text:changed-region>"
ODD = f"""
<text:tracked-changes>{GONE}</text:tracked-changes><text:p text:style-name="Title">Knee wrap</text:p>
<text:h>Zu</text:h><text:section text:display="none"><text:p>secret</text:p></text:section>
<text:p>Take <draw:frame><draw:object {LINK}/></draw:frame> of
<text:hidden-text text:string-value="unseen"/>it {RUBY}</text:p>
<text:numbered-paragraph text:style-name="Steps"><text:p>one</text:p></text:numbered-paragraph>
<text:numbered-paragraph text:style-name="Steps"><text:p>two</text:p></text:numbered-paragraph>
<table:table><table:table-row>{cell("a")}{cell("b")}<table:table-cell table:number-columns-repeated="1000"/>
</table:table-row><table:table-row>{cell("c")}{cell("d")}</table:table-row></table:table>
"""


def test_what_an_opendocument_text_says_in_ways_of_its_own_comes_over(tmp_path: Path) -> None:
    path = open_file(tmp_path / "wrap.odt", ODD)
    with zipfile.ZipFile(path, "a") as parts:
        parts.writestr("Object 1/content.xml", MATH)
    made = imported(path)
    assert made.lost == 0
    for words in ("Take ½ of it base", "1. one\n\n2) two", "| a | b |\n|---|---|\n| c | d |"):
        assert words in body(made), words
    for words in ("deleted", "secret", "unseen", "above"):
        assert words not in body(made)
        assert words in told(made), words


OUTLINE = "".join(
    f'<text:outline-level-style text:level="{level}" style:num-format="1" text:display-levels="{level}"/>'
    for level in (1, 2)
)
HEADINGS = [(1, "Uses"), (2, "Here"), (2, "There"), (1, "Risks"), (2, "Few")]


def test_headings_of_an_opendocument_text_keep_their_numbers(tmp_path: Path) -> None:
    text = "".join(
        f'<text:h text:outline-level="{level}">{words}</text:h><text:p>It is {words}.</text:p>'
        for level, words in HEADINGS
    )
    styles = f"<office:styles><text:outline-style>{OUTLINE}</text:outline-style></office:styles>"
    made = imported(open_file(tmp_path / "wrap.odt", '<text:p text:style-name="Title">Wrap</text:p>' + text, styles))
    assert made.lost == 0
    headings = [line.lstrip("# ").split(" {")[0] for line in body(made).split("\n") if line.startswith("#")]
    assert headings == ["1 Uses", "1.1 Here", "1.2 There", "2 Risks", "2.1 Few"]


# Pages of other programs ----------------------------------------------------------------------------------------------

GOOGLE = """<html><head><meta charset="utf-8"><style>
.lst-kix_a-0>li:before{content:"" counter(lst-ctn-kix_a-0,decimal) ". "}
.lst-kix_a-1>li:before{content:"" counter(lst-ctn-kix_a-1,lower-latin) ") "}
.c1{font-weight:700}.c2{vertical-align:super}.c3{text-decoration:line-through}.c4{display:none}
@media print{.c1{display:none}}</style></head><body>
<h1>Ear drops</h1><h2>What is it?</h2><p><span class="c1">Drops</span> hold 10<span class="c2">6</span> units.
<span class="c3">Old words.</span><span class="c4">Gone words.</span>
<sup><a href="#ftnt1" id="ftnt_ref1">[1]</a></sup></p>
<ol class="lst-kix_a-0 start" start="1"><li>Wash.</li></ol><ol class="lst-kix_a-1 start" start="1"><li>Hands</li></ol>
<ol class="lst-kix_a-0" start="2"><li>Drop.</li></ol>
<hr><div><p><a href="#ftnt_ref1" id="ftnt1">[1]</a>&nbsp;Ask the nurse.</p></div></body></html>"""


def test_a_page_that_google_saved_keeps_its_lists_and_notes(tmp_path: Path) -> None:
    path = tmp_path / "drops.html"
    path.write_text(GOOGLE, encoding="utf-8")
    made = imported(path)
    assert made.lost == 0
    for words in ("**Drops** hold 10⁶ units. [^1]", "1. Wash.\n\n   - a) Hands\n2. Drop.", "[^1]: Ask the nurse."):
        assert words in body(made), words
    for words in ("Old words.", "Gone words."):
        assert words not in body(made)
        assert words in told(made)


PAGE = """<html><body class="with-cookie-banner"><div style="display:none">Your visit of May</div>
<nav>Home News Staff</nav><div id="cookie-banner">We use cookies. Accept</div><ul class="main-menu"><li>Map</li></ul>
<h1>Ear drops</h1><h2>What is it?</h2><p>A drop is a bead of oil.<svg><text>Drawn words</text></svg></p>
<p>Take <math><mfrac><mn>1</mn><mn>2</mn></mfrac></math> drop and
<math><munder><mi>lim</mi><mn>7</mn></munder></math>.</p>
<noscript>Turn it on.</noscript><button>Print me</button></body></html>"""


def test_what_is_no_text_of_a_page_is_left_out_and_told(tmp_path: Path) -> None:
    path = tmp_path / "drops.html"
    path.write_text(PAGE, encoding="utf-8")
    made = imported(path)
    assert made.lost == 0
    assert "Take ½ drop and TODO: lim 7 ." in body(made)
    for words in ("visit of May", "News", "cookies", "Map", "Drawn words", "Turn it on", "Print me"):
        assert words not in body(made)
        assert words in told(made)


# Word's other files, and damaged ones ---------------------------------------------------------------------------------

SENTENCES = p(run("Knee wrap"), '<w:pStyle w:val="T"/>') + "".join(
    p(run(f"Sentence {number} of the text.")) for number in range(2_000)
)


STRICT = "http://purl.oclc.org/ooxml/wordprocessingml/"
RELATIONS = "http://purl.oclc.org/ooxml/officeDocument/relationships"


@pytest.mark.parametrize("suffix", [".dotx", ".docm", ".dotm"])
def test_templates_and_files_with_macros_are_read_and_nothing_is_run(suffix: str, tmp_path: Path) -> None:
    path = file_of(SENTENCES[:4_000].rpartition("</w:p>")[0] + "</w:p>", tmp_path / f"wrap{suffix}")
    with zipfile.ZipFile(path, "a") as parts:
        parts.writestr("word/vbaProject.bin", b"macro")
    made = imported(path)
    assert "Sentence 3 of the text." in body(made)
    assert "macros" in told(made)


def cut_short(data: bytes) -> bytes:
    """Without the table of contents at its end."""
    return data[: data.rindex(b"PK\x01\x02", 0, data.index(b"PK\x05\x06")) - 200]


def wrong_sum(data: bytes) -> bytes:
    """With another checksum of the text, in both places."""
    at = data.index(b"word/document.xml")
    central = data.index(b"PK\x01\x02")
    damaged = bytearray(data)
    damaged[at - 30 + 14 : at - 30 + 18] = b"\1\2\3\4"
    damaged[central + 16 : central + 20] = b"\1\2\3\4"
    return bytes(damaged)


def half(data: bytes) -> bytes:
    """The text breaks off in the middle."""
    return data[: data.index(b"word/styles.xml") // 2]


@pytest.mark.parametrize(("damage", "last"), [(cut_short, 1_999), (wrong_sum, 1_999), (half, 300)])
def test_a_damaged_file_is_read_as_far_as_it_goes_and_that_is_told(damage, last: int, tmp_path: Path) -> None:
    path = file_of(SENTENCES, tmp_path / "wrap.docx")
    path.write_bytes(damage(path.read_bytes()))
    made = imported(path)
    assert f"Sentence {last} of the text." in body(made)
    assert "The file is damaged; it was read as far as it goes." in told(made)


def test_parts_that_are_missing_or_damaged_do_not_stop_an_import(tmp_path: Path) -> None:
    path = tmp_path / "wrap.docx"
    inner = p(run("One word.") + '<w:hyperlink r:id="rId99"><w:r><w:t>A link.</w:t></w:r></w:hyperlink>')
    inner += p('<w:r><w:footnoteReference w:id="7"/></w:r>' + run("Two words."))
    file_of(inner, path, styles="<w:style><w:broken", numbering="")
    made = imported(path)
    for words in ("One word.A link.", "TODO", "Two words."):
        assert words in body(made)
    assert "The part word/styles.xml of the file is damaged" in told(made)
    assert "A note has no words in the file." in told(made)


ODD_VALUES = {
    "a sign without a number": '<w:p><w:r><w:sym w:font="Symbol" w:char="zz"/><w:t>Words.</w:t></w:r></w:p>',
    "a sign that is none": '<w:p><w:r><w:sym w:font="Symbol" w:char="0001"/><w:t>Words.</w:t></w:r></w:p>',
    "a list that is nowhere": p(run("Words."), '<w:numPr><w:ilvl w:val="²"/><w:numId w:val="77"/></w:numPr>'),
    "a level that is none": p(run("Words."), '<w:outlineLvl w:val="²"/>'),
    "a cell as wide as a word": f'<w:tbl><w:tr><w:tc><w:tcPr><w:gridSpan w:val="zz"/></w:tcPr>{p(run("Words."))}</w:tc>'
    f"<w:tc>{p('')}</w:tc></w:tr></w:tbl>",
    "a row that begins nowhere": '<w:tbl><w:tr><w:trPr><w:gridBefore w:val="-1"/></w:trPr>'
    f"<w:tc>{p(run('Words.'))}</w:tc><w:tc>{p('')}</w:tc></w:tr></w:tbl>",
    "a note that only draws a line": p('<w:r><w:footnoteReference w:id="-1"/></w:r>' + run("Words.")),
    "an end of a field that never began": p('<w:r><w:fldChar w:fldCharType="end"/></w:r>' + run("Words.")),
}


@pytest.mark.parametrize("kind", ODD_VALUES)
def test_a_value_that_no_program_writes_stops_no_import(kind: str, tmp_path: Path) -> None:
    made = imported(file_of(p(run("First.")) + ODD_VALUES[kind], tmp_path / "wrap.docx"))
    assert "Words." in body(made)
    assert made.lost == 0


@pytest.mark.parametrize("form", ["utf-8", "utf-16"])
def test_other_ways_to_write_a_word_file_are_read(form: str, tmp_path: Path) -> None:
    """The strict names of the standard, XML in UTF-16, and a text that the file calls otherwise."""
    path = tmp_path / "wrap.docx"
    text = part("document", f"<w:body>{SENTENCES[:3_000].rpartition('</w:p>')[0]}</w:p></w:body>")
    text = text.replace("http://schemas.openxmlformats.org/wordprocessingml/2006/", STRICT)
    relation = f'<Relationship Id="a" Type="{RELATIONS}/officeDocument" Target="/word/document2.xml"/>'
    with zipfile.ZipFile(path, "w") as parts:
        parts.writestr("word/document2.xml", f'<?xml version="1.0" encoding="{form}"?>{text}'.encode(form))
        parts.writestr("_rels/.rels", f"<Relationships>{relation}</Relationships>")
    assert "Sentence 3 of the text." in body(imported(path))
    hidden = f'<?xml version="1.0" encoding="{form}"?><!DOCTYPE x [<!ENTITY e "x">]>{text}'.encode(form)
    with zipfile.ZipFile(path, "w") as parts:
        parts.writestr("word/document.xml", hidden)
    with pytest.raises(InputError, match="declarations"):
        imported(path)


def test_a_file_that_is_nested_too_deeply_is_read_by_its_words(tmp_path: Path) -> None:
    frame = f"<w:tbl><w:tr><w:tc>{p(run('x'))}</w:tc><w:tc>"
    deep = frame * 300 + p(run("Deep words of the text.")) + "</w:tc></w:tr></w:tbl>" * 300
    path = file_of(p(run("Plain words.")) + deep, tmp_path / "wrap.docx")
    made = imported(path)
    assert "Deep words of the text." in body(made)
    assert "nested too deeply" in told(made)


def test_a_file_of_a_real_writer_is_whole(tmp_path: Path) -> None:
    made = docx.Document()
    made.add_heading("Foam rolling", 0)
    for number in range(3):
        made.add_paragraph(f"Step {number}", style="List Number")
    made.add_paragraph("Then rest.")
    made.add_paragraph("Go on", style="List Number")
    target = io.BytesIO()
    made.save(target)
    path = tmp_path / "foam.docx"
    path.write_bytes(target.getvalue())
    text = body(imported(path))
    assert "1. Step 0\n2. Step 1\n3. Step 2" in text
    assert "4. Go on" in text
