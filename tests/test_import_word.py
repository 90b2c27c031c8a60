"""What Word, web pages and OpenDocument say in ways of their own comes over as their readers see it, or it is told."""

import zipfile
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from clinicpress.library.imports import Imported, read_foreign
from tests.word_files import file_of, m, old_field, p, part, run

TODAY = date(2026, 12, 1)
Wanted = tuple[str, tuple[str, ...], tuple[str, ...]]
"""The body of a file; what stands in the document; what is told and does not stand there."""


def imported(path: Path) -> Imported:
    return read_foreign(path, TODAY)


def body(made: Imported) -> str:
    return made.text.split("---\n", 2)[2]


def is_right(made: Imported, there: tuple[str, ...], told: tuple[str, ...]) -> None:
    said = "\n".join(f"{remark.what} {remark.words}" for remark in made.remarks)
    assert made.lost == 0, said
    for words in there:
        assert words in body(made), (words, body(made))
    for words in told:
        assert words in said, (words, said)
        assert words not in body(made)


def heading(words: str) -> str:
    return p(run(words), '<w:pStyle w:val="Ttulo1"/>')


def item(words: str, level: int, number: int) -> str:
    return p(run(words) if words else "", f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>')


def cell(words: str, properties: str = "", inner: str = "") -> str:
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{p(run(words))}{inner}</w:tc>"


def row(*cells: str, properties: str = "") -> str:
    return f"<w:tr><w:trPr>{properties}</w:trPr>{''.join(cells)}</w:tr>"


def box(inner: str) -> str:
    shape = f"<v:shape><v:textbox><w:txbxContent>{inner}</w:txbxContent></v:textbox></v:shape>"
    return f"<w:r><w:pict><v:group>{shape}</v:group></w:pict></w:r>"


def level(at: int, style: str, text: str, more: str = "") -> str:
    inner = f'<w:start w:val="1"/><w:numFmt w:val="{style}"/>{more}<w:lvlText w:val="{text}"/>'
    return f'<w:lvl w:ilvl="{at}">{inner}</w:lvl>'


def num(number: int, abstract: int, more: str = "") -> str:
    return f'<w:num w:numId="{number}"><w:abstractNumId w:val="{abstract}"/>{more}</w:num>'


OUTLINE = level(0, "decimal", "%1.", '<w:pStyle w:val="Ttulo1"/>') + level(1, "decimal", "%1.%2")
RESTART = '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride>'
NUMBERING = (
    f'<w:abstractNum w:abstractNumId="1">{OUTLINE}{level(2, "lowerRoman", "(%3)")}</w:abstractNum>'
    f'<w:abstractNum w:abstractNumId="2">{level(0, "decimal", "Step %1:")}</w:abstractNum>'
    f'<w:abstractNum w:abstractNumId="3">{level(0, "decimal", "%1.")}{level(1, "bullet", "o")}</w:abstractNum>'
    f"{num(1, 1)}{num(2, 2)}{num(3, 3)}{num(4, 3, RESTART)}"
)
FRACTION = f"<m:oMath><m:f><m:num>{m('1')}</m:num><m:den>{m('{}')}</m:den></m:f></m:oMath>"
ENTRIES = '<w:result w:val="1"/><w:listEntry w:val="left"/><w:listEntry w:val="right"/>'
CHOICES = f"<w:ffData><w:ddList>{ENTRIES}</w:ddList></w:ffData>"
INNER = old_field("MERGEFIELD A", "", "instructed")
HIGH, LOW = ('<w:vertAlign w:val="superscript"/>', '<w:vertAlign w:val="subscript"/>')
OFFICE = "urn:schemas-microsoft-com:office:office"
OLD_EQUATION = f'<w:r><w:object><o:OLEObject xmlns:o="{OFFICE}" ProgID="Equation.3"/></w:object></w:r>'
IF_FIELD = (
    '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> IF </w:instrText></w:r>'
    f'{INNER}<w:r><w:fldChar w:fldCharType="separate"/></w:r>{run("seen")}<w:r><w:fldChar w:fldCharType="end"/></w:r>'
)
SPAN, FROM, ON = '<w:gridSpan w:val="2"/>', '<w:vMerge w:val="restart"/>', "<w:vMerge/>"


def table(*rows: str) -> str:
    return f"<w:tbl>{''.join(rows)}</w:tbl>"


def inside(what: str) -> str:
    return f"<w:sdt><w:sdtContent>{what}</w:sdtContent></w:sdt>"


STEPS = item("Wash", 0, 3) + item("Dry", 0, 3)
CORNER = table(
    row(cell(""), cell("Dose", SPAN)),
    row(cell("Drug"), cell("Day"), cell("Night")),
    row(cell("A", FROM), cell("10 mg"), cell("none")),
    row(cell("", ON), cell("20 mg"), cell("5 mg")),
    row(cell("late"), cell("never"), properties='<w:gridBefore w:val="1"/>'),
)
WRAPPED = table(
    row(cell("a"), cell("b")),
    inside(row(cell("c"), inside(cell("d")))),
    row(cell("gone"), cell("away"), properties="<w:hidden/>"),
)
RAISED = run("Clinic") + run("TM", HIGH) + run(" 5") + run("o", HIGH) + run("C, x") + run("ab", LOW) + run("y, ")
BREAKS = (
    run("one") + '<w:r><w:br w:type="page"/></w:r>' + run("two") + '<w:r><w:br w:type="column"/></w:r>' + run("three")
)
RUBY = f"<w:r><w:ruby><w:rt>{run('above')}</w:rt><w:rubyBase>{run('base')}</w:rubyBase></w:ruby></w:r>"
OTHERS = p(f'<w:bdo w:val="rtl">{run("one")}</w:bdo><w:customXml w:element="x">{run(" two")}</w:customXml>')

BOXED = f"<w:tbl><w:tr><w:tc>{p(run('Do this', '<w:b/>'))}{STEPS}{p(run('Then rest.'))}</w:tc></w:tr></w:tbl>"
FURTHER_IN = '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="4"/></w:numPr><w:ind w:left="1080"/>'
WORD: Mapping[str, Wanted] = {
    "a list of its own that stands further in": (
        item("one", 0, 3) + p(run("in"), FURTHER_IN) + item("two", 0, 3),
        ("1. one\n\n   1. in\n2. two",),
        (),
    ),
    "a box that is a table of one cell": (BOXED, ("## Do this\n\n1. Wash\n2. Dry\n\nThen rest.",), ()),
    "headings with numbers": (
        heading("Use") + item("one", 1, 1) + item("two", 1, 1) + item("deep", 2, 1) + heading("Risk") + item("x", 1, 1),
        ("## 1. Use", "- 1.1 one\n- 1.2 two\n\n  - (i) deep", "## 2. Risk", "- 2.1 x"),
        (),
    ),
    "a number with words": (item("Wash", 0, 2) + item("Dry", 0, 2), ("- Step 1: Wash\n- Step 2: Dry",), ()),
    "a list that begins again, in the middle of one that goes on": (
        item("A", 0, 3) + item("sub", 1, 3) + item("B", 0, 3) + item("new", 0, 4) + item("", 0, 4) + item("last", 0, 3),
        ("1. A\n\n   - sub\n2. B\n\n1) new\n\n3. last",),
        (),
    ),
    "a list in a cell": (
        table(row(cell("What"), cell("Do")), row(cell("x"), cell("first", "", STEPS))) + item("Go", 0, 3),
        ("| x | first 1. Wash 2. Dry |", "3. Go"),
        (),
    ),
    "a table whose first head is empty": (
        CORNER,
        ("| A | 10 mg | none |\n|  | 20 mg | 5 mg |\n| – | late | never |",),
        (),
    ),
    "rows and cells inside other things": (WRAPPED, ("| a | b |\n|---|---|\n| c | d |",), ("gone away",)),
    "fields in fields": (
        p(IF_FIELD + run(" page ") + old_field("PAGEREF x", "", "12")),
        ("seen page 12",),
        ("instructed",),
    ),
    "a link as older programs write it": (
        p(run("See ") + old_field('HYPERLINK "https://example.org/a"', "", "our page") + run(" now.")),
        ("See [our page](<https://example.org/a>) now.",),
        (),
    ),
    "an old list to choose from": (
        p(run("Side: ") + old_field("FORMDROPDOWN", CHOICES, "")),
        ("Side: \\_\\_\\_\\_\\_",),
        ("left / right",),
    ),
    "what a style hides and a run shows": (
        p(run("shown", '<w:vanish w:val="0"/>') + run("hidden"), '<w:pStyle w:val="Staff"/>'),
        ("shown",),
        ("hidden",),
    ),
    "words above and below the line": (
        p(RAISED + run("1", HIGH) + run("/") + run("4", LOW) + run(" cup")),
        ("Clinic™ 5ºC, x\\_(ab)y, ¼ cup",),
        (),
    ),
    "fractions behind numbers": (
        p(run("2") + FRACTION.format("2") + run(" or 3") + FRACTION.format("7") + run(" parts")),
        ("2½ or 3 1/7 parts",),
        (),
    ),
    "an equation of an older Word": (p(run("Take ") + OLD_EQUATION + run(" mg")), ("Take TODO: equation mg",), ()),
    "a box in a cell": (
        table(row(cell("a"), cell("b")), row(cell("c", "", p(box(p(run("in the cell"))))), cell("d"))),
        ("| c / in the cell | d |",),
        (),
    ),
    "a box in a box": (
        p(run("Outside ") + box(p(run("outer") + box(p(run("inner")))))),
        ("Outside\n\nouter\n\ninner",),
        (),
    ),
    "words around words": (
        OTHERS + f'<w:customXml w:element="x">{p(run("three"))}</w:customXml>' + p(RUBY),
        ("one two\n\nthree\n\nbase",),
        ("above",),
    ),
    "moved words": (
        p(run("Stay. ") + f"<w:moveFrom>{run('Moved off.')}</w:moveFrom>")
        + p(f"<w:moveTo>{run('Moved in.')}</w:moveTo>"),
        ("Stay.\n\nMoved in.",),
        ("Moved off.",),
    ),
    "lines and pages that end": (p(BREAKS), ("one\\\ntwo\\\nthree",), ()),
    "headings by capitals and in bold": (
        p(run("BENEFITS OF REST")) + p(run("It helps.")) + p(run("Call us when:", "<w:b/>")) + p(run("you are hot.")),
        ("## BENEFITS OF REST {#benefits}\n\nIt helps.\n\n## Call us when:", "you are hot."),
        (),
    ),
}


@pytest.mark.parametrize("kind", WORD)
def test_a_word_file_comes_over_as_word_shows_it(kind: str, tmp_path: Path) -> None:
    inner, there, told = WORD[kind]
    title = p(run("A title of its own"), '<w:pStyle w:val="T"/>') + heading("Zu") + p(run("Zi."))
    path = file_of(title.replace("Ttulo1", "Plain2") + inner, tmp_path / "made.docx", numbering=NUMBERING)
    is_right(imported(path), there, told)


def test_notes_keep_their_places(tmp_path: Path) -> None:
    """Footnotes and endnotes have numbers of their own; one is named twice, one never, one stands in a cell."""
    path = tmp_path / "made.docx"

    def mark(kind: str, number: int) -> str:
        return f'<w:r><w:{kind}Reference w:id="{number}"/></w:r>'

    text = p(
        run("Take 5") + mark("footnote", 2) + run(" mg and 7") + mark("endnote", 2) + run(" or") + mark("footnote", 2)
    )
    text += f"<w:tbl>{row(cell('a'), cell('b'))}{row(cell('c'), cell('d', '', p(mark('footnote', 4))))}</w:tbl>"
    with zipfile.ZipFile(path, "w") as parts:
        parts.writestr("word/document.xml", part("document", f"<w:body>{text}</w:body>"))
        notes = {2: "first", 4: "in the table", 9: "nowhere"}
        rows = "".join(f'<w:footnote w:id="{number}">{p(run(said))}</w:footnote>' for number, said in notes.items())
        parts.writestr("word/footnotes.xml", part("footnotes", rows))
        parts.writestr("word/endnotes.xml", part("endnotes", f'<w:endnote w:id="2">{p(run("last"))}</w:endnote>'))
    made = imported(path)
    there = ("Take 5[^1] mg and 7[^2] or[^1]", "d [^3]", "[^1]: first\n", "[^2]: last\n", "[^3]: in the table\n")
    is_right(made, there, ("nowhere",))
    assert not any("51" in remark.words for remark in made.remarks)


def test_a_note_of_a_heading_waits_for_the_first_words_under_it(tmp_path: Path) -> None:
    path = tmp_path / "made.html"
    notes = '<ol><li id="fn1">first</li><li id="fn2">last</li></ol>'
    mark = '<a href="#fn{0}">{0}</a>'
    text = f"<h2>Risks{mark.format(1)}</h2><ul><li>none</li></ul><p>Few.</p><h2>Uses{mark.format(2)}</h2>{notes}"
    path.write_text(f"<h1>A title of its own</h1>{text}", encoding="utf-8")
    there = ("## Risks {#drawbacks}", "- none[^1]\n\nFew.", "## Uses {#uses}\n\n…[^2]", "[^1]: first", "[^2]: last")
    is_right(imported(path), there, ())


REACHING = """<table><tr><th></th><th colspan=2>Dose</th></tr>
<tbody><tr><th>A</th><td rowspan=0>all</td><td>1</td></tr><tr><th>B</th><td>2</td></tr></tbody>
<tbody><tr><th>C</th><td>x</td><td>3</td></tr></tbody></table>"""
LARGE = """<table><tr><td rowspan=2 colspan=2>big</td><td>p</td></tr><tr><td>q</td></tr>
<tr><td>s</td><td>t</td><td>u</td></tr></table>"""
DEEPEST = """<ol><li>1<ul><li>2<ul><li>3<ul><li>4<ol><li>5</li><li>6</li></ol></li></ul></li></ul></li></ul></li>
<li>7</li></ol>"""
FORM = """<form><label>Name <input placeholder=Yours></label><select><option>Mon<option>Tue</select>
<textarea>old</textarea><input type=submit value=Send></form>"""
SAVED = """<p class=MsoListParagraph style='mso-list:l0 level1 lfo1'>a)<span>&nbsp; </span>one</p>
<p class=MsoListParagraph style='mso-list:l0 level2 lfo1'><span style='font-family:Wingdings'>ü</span> two</p>"""
FONTS = '<p>5 <span style="font-family:Symbol">m</span>g <i style="font-family:Wingdings">ü</i></p>'
STYLED = "<style>p.h{display:none} @media print{p{display:none}}</style><p class=h>away<p>here"
NESTED = "<ol><li>one<ol type=i start=3><li>three</li><li>four</li></ol></li><li>two</li></ol>"
BLANKS = "Name \\_\\_\\_\\_\\_ \\_\\_\\_\\_\\_ \\_\\_\\_\\_\\_"
RAISED_WORDS = "<p>2<sup>1</sup>/<sub>2</sub> x<sup>th</sup> 4<sup>th</sup></p>"
MAIL = """<table role=presentation><tr><td><img src=x></td><td>Dear reader</td></tr></table><table><tr><td><table>
<tr><td><h2>Risks</h2><ul><li>Pain</li></ul></td></tr><tr><td>Few.</td></tr></table></td></tr></table>"""
PAGES: Mapping[str, Wanted] = {
    "tables that are frames for the looks": (MAIL, ("Dear reader\n\n## Risks {#drawbacks}\n\n- Pain\n\nFew.",), ()),
    "words with breaks in them": ("<p>soft&shy;ware, in<wbr>side<br>next</p>", ("software, inside\\\nnext",), ()),
    "raised and lowered": (RAISED_WORDS, ("2½ x\\^(th) 4th",), ()),
    "cells that reach to the end": (REACHING, ("| A | all | 1 |\n| B |  | 2 |\n| C | x | 3 |",), ()),
    "a large corner": (LARGE, ("| big |  | p |\n|---|---|---|\n|  |  | q |\n| s | t | u |",), ()),
    "lists in lists": (NESTED, ("1. one\n\n   - iii. three\n   - iv. four\n2. two",), ()),
    "lists within the deepest": (DEEPEST, ("2. 7",), ()),
    "fields to fill in": (FORM, (BLANKS,), ("Yours", "Mon / Tue", "old", "Send")),
    "what was changed": ("<p><del>gone</del><ins>new</ins> <s>old</s></p>", ("new",), ("gone", "old")),
    "hidden by a style": (STYLED, ("here",), ("away",)),
    "letters of a font": (FONTS, ("5 μg *✓*",), ()),
    "small letters above": ("<p><ruby>base<rt>above</rt></ruby></p>", ("base",), ("above",)),
    "marks of items in words": (SAVED, ("- a) one\n\n  - ✓ two",), ()),
}


@pytest.mark.parametrize("kind", PAGES)
def test_a_page_comes_over_as_a_browser_shows_it(kind: str, tmp_path: Path) -> None:
    inner, there, told = PAGES[kind]
    path = tmp_path / "made.html"
    path.write_text(f"<meta charset=utf-8><h1>A title of its own</h1><h2>Zu</h2><p>Zi.</p>{inner}", encoding="utf-8")
    is_right(imported(path), there, told)


TABLE_OF_BLANKS = "| Drug | Dose | When |\n|---|---|---|\n| A | 5 mg | now |"
TEXTS = {
    "items below a heading": (
        "WHEN TO CALL\n  * Fever\n  * Pain\n",
        "{#when-to-call}\n\n- Fever\n- Pain",
    ),
    "columns of blanks": (
        "These are:\nDrug   Dose   When\nA      5 mg   now\n",
        TABLE_OF_BLANKS,
    ),
    "items with signs": ("Do:\n✓ Walk\n✗ Run\n", "- ✓ Walk\n- ✗ Run"),
    "items within items": ("Do:\n- wash\n  - hands\n  - feet\n- dry\n", "- wash\n\n  - hands\n  - feet\n- dry"),
    "letters before items": ("Call for:\na) fever\nb) pus\n", "- a) fever\n- b) pus"),
    "a number in the middle": (
        "The text goes on over to the next page, page\n12. Then it ends here.\n",
        "page 12. Then",
    ),
    "a dose in the middle": (
        "Take the drops in the morning, between two\n- 3 drops in the evening.\n",
        "two - 3 drops",
    ),
    "numbers that go on": ("1. Wash.\n2. Dry.\n\nWait.\n\n3. Wrap.\n", "1. Wash.\n2. Dry.\n\nWait.\n\n3. Wrap."),
    "what follows a list": ("1. Wash the whole of your knee.\n2. Dry.\nThen call us.\n", "2. Dry.\n\nThen call us."),
    "a line to write on": ("Write it here:\n\n_____\n", "\\_\\_\\_\\_\\_"),
    "or, in Spanish": (
        "- curar el hueso de la pierna o la mano,\n  el pie\no la rodilla del paciente\n",
        "o la rodilla",
    ),
}


@pytest.mark.parametrize("kind", TEXTS)
def test_plain_text_comes_over_as_it_was_written(kind: str, tmp_path: Path) -> None:
    inner, there = TEXTS[kind]
    path = tmp_path / "made.txt"
    path.write_text(f"A title of its own\n\nBenefits\n\n{inner}", encoding="utf-8")
    is_right(imported(path), (there,), ())
