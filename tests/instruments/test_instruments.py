"""Each instrument is shown to fail: an instrument that always says "fine" is worse than none."""

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Protocol, get_args

import numpy as np
import pikepdf
import pytest

from tests.instruments import codes, extract, footprint, ink, letters, paint, tagtree, tools, verapdf

ROOT = Path(__file__).resolve().parents[2]

WORDS = "The shot is just under the skin. It may ease pain for hours or weeks, and it does not help everyone."
LONG = [f"Paragraph {number} of a text that fills more than one page, line after line of it." for number in range(9)]


class Printer(Protocol):
    def __call__(self, body: str, variant: str | None = "pdf/ua-1") -> Path: ...


@pytest.fixture(scope="module")
def printer(tmp_path_factory: pytest.TempPathFactory) -> Printer:
    """Prints the body of a page as a tagged PDF, in a font that ships with the project."""
    weasyprint = tools.library("weasyprint", "weasyprint")
    folder = tmp_path_factory.mktemp("printed")
    printed: dict[str, Path] = {}
    font = next(iter(sorted((ROOT / "fonts").rglob("*.[to]tf"))), None)
    face = f"@font-face {{ font-family: ours; src: url({font.as_uri()}) }}" if font else ""

    def print_it(body: str, variant: str | None = "pdf/ua-1") -> Path:
        key = f"{variant} {body}"
        if key not in printed:
            printed[key] = folder / f"{len(printed)}.pdf"
            style = "@page { size: 400pt 300pt; margin: 40pt } body { font: 12pt/18pt ours; margin: 0 } p { margin: 0 }"
            html = f"<html lang=en><title>A page</title><style>{face}{style}</style>{body}"
            weasyprint.HTML(string=html).write_pdf(printed[key], pdf_variant=variant)
        return printed[key]

    return print_it


@pytest.fixture
def page(printer: Printer) -> Path:
    return printer(f"<h1>Sugar water</h1><p>{WORDS}</p>")


# --- tools


def test_a_program_that_lacks_is_named_with_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(tools.ToolMissingError, match=r"pdftotext.*Debian package poppler-utils"):
        extract.poppler_pages(Path("any.pdf"))


def test_a_library_that_lacks_is_named_with_its_package() -> None:
    with pytest.raises(tools.ToolMissingError, match="pip install no-such-package"):
        tools.library("no_such_library", "no-such-package")


def test_a_program_that_fails_says_why(tmp_path: Path) -> None:
    (tmp_path / "no.pdf").write_text("this is no PDF")
    with pytest.raises(tools.ToolFailedError, match="pdftotext ended with"):
        extract.poppler_pages(tmp_path / "no.pdf")


def test_pdfjs_that_lacks_is_named_with_the_command_that_brings_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    packages = {
        "text.mjs": "pdfjs-dist",
        "tree.mjs": "pdfjs-dist",
        "fill.mjs": "pdfjs-dist",
        "paint.mjs": "@napi-rs/canvas",
    }
    for name in packages:
        (tmp_path / name).write_bytes((extract.SCRIPTS / name).read_bytes())
    monkeypatch.setattr(extract, "SCRIPTS", tmp_path)
    monkeypatch.delenv("NODE_PATH", raising=False)
    for name, package in packages.items():
        with pytest.raises(tools.ToolMissingError, match=f"^{package} is not installed: run `npm ci` in tests/pdfjs.$"):
            extract.pdfjs_script(name, tmp_path / "any.pdf")


# --- verapdf


def test_verapdf_tells_a_tagged_page_from_an_untagged_one(printer: Printer, page: Path) -> None:
    untagged = printer(f"<p>{WORDS}</p>", None)
    findings = verapdf.validate([page, untagged], ["ua1"])
    assert findings[page] == []
    assert any(rule.startswith("ua1 7.1-") for rule in findings[untagged])


def test_verapdf_fails_a_file_that_claims_only_the_other_standard(page: Path) -> None:
    (rules,) = verapdf.validate([page]).values()
    assert rules
    assert all(rule.startswith("3a ") for rule in rules)


def test_verapdf_fails_what_is_no_pdf(tmp_path: Path) -> None:
    (tmp_path / "no.pdf").write_text("this is no PDF")
    (rules,) = verapdf.validate([tmp_path / "no.pdf"], ["ua1"]).values()
    assert rules[0].startswith("ua1 unreadable")


def test_verapdf_refuses_a_name_it_does_not_know(page: Path) -> None:
    with pytest.raises(ValueError, match="no flavour 'ua9'"):
        verapdf.validate([page], ["ua9"])
    with pytest.raises(FileNotFoundError, match=r"nowhere\.pdf"):
        verapdf.validate([Path("nowhere.pdf")])


def test_verapdf_on_the_command_line_speaks_by_exit_code(page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert verapdf.main(["ua1", str(page)]) == 0
    assert capsys.readouterr().out == f"PASS ua1 {page}\n"
    assert verapdf.main(["ua1,3a", str(page)]) == 1
    assert capsys.readouterr().out.startswith(f"FAIL ua1,3a {page}\n    3a ")
    assert verapdf.main(["ua1", "nowhere.pdf"]) == 2
    assert "nowhere.pdf" in capsys.readouterr().err


# --- extract

EXTRACTORS = [extract.poppler_pages, extract.pdfium_pages, extract.pdfjs_pages]


@pytest.mark.parametrize("read", EXTRACTORS)
def test_extract_finds_what_is_there_and_misses_a_lost_letter(read: Callable[[Path], list[str]], page: Path) -> None:
    pages = read(page)
    assert extract.missing_paragraphs(["Sugar water", WORDS], pages) == []
    assert extract.words_run_together([WORDS], pages) == []
    for place in (0, 17, len(WORDS) - 1):  # a letter at the beginning, in the middle, and the full stop
        longer = WORDS[:place] + "x" + WORDS[place:]
        assert extract.missing_paragraphs([longer], pages) == [longer]


def test_extract_sees_a_letter_that_vanished_from_the_page(printer: Printer) -> None:
    spoiled = printer(f"<p>{WORDS.replace('everyone', 'everyne')}</p>")
    assert extract.missing_paragraphs([WORDS], extract.poppler_pages(spoiled)) == [WORDS]


def test_extract_forgives_no_ligature_and_no_accent() -> None:
    assert extract.missing_paragraphs(["find it"], ["\ufb01nd it"]) == ["find it"]  # the one character "fi"
    assert extract.missing_paragraphs(["café"], ["cafe"]) == ["café"]
    assert extract.missing_paragraphs(["café"], ["cafe\u0301"]) == []  # the same letter, written as two


def test_extract_does_not_find_a_paragraph_inside_a_word() -> None:
    assert extract.missing_paragraphs(["No"], ["We Know. Not so. NoNo."]) == ["No"]
    assert extract.missing_paragraphs(["No"], ["• No"]) == []


@pytest.mark.parametrize("read", EXTRACTORS)
def test_extract_keeps_the_hyphen_at_a_line_end(read: Callable[[Path], list[str]], printer: Printer) -> None:
    narrow = printer("<p style='width: 60pt'>It is long-lasting, self-explanatory and over-the-counter.</p>")
    (text,) = read(narrow)
    assert "-\n" in text.replace(" ", "")
    assert extract.missing_paragraphs(["It is long-lasting, self-explanatory and over-the-counter."], [text]) == []
    assert extract.missing_paragraphs(["It is longlasting, selfexplanatory and overthecounter."], [text])


def test_extract_follows_a_paragraph_over_a_page_end_but_loses_no_letter() -> None:
    text = "You can change your mind at any time, even after you sign."
    first, second = "Head\nYou can change your mind\nPage 1 of 2", "Page 2\nat any time, even\nafter you sign.\nFoot"
    assert extract.missing_paragraphs([text], [first, second]) == []
    assert extract.missing_paragraphs([text], [first.replace("mind", "min"), second]) == [text]
    assert extract.missing_paragraphs([text], [first, second.replace("at any", "any")]) == [text]
    assert extract.missing_paragraphs([text], [second, first]) == [text]


@pytest.mark.parametrize("read", EXTRACTORS)
def test_extract_follows_a_real_paragraph_over_a_page_end(read: Callable[[Path], list[str]], printer: Printer) -> None:
    furniture = "<style>@page { @top-left { content: 'Head' } @bottom-left { content: 'Page ' counter(page) } }</style>"
    long = " ".join(LONG)
    pages = read(printer(f"{furniture}<p>{'Before. ' * 60}</p><p>{long}</p>"))
    assert len(pages) == 2
    assert "Paragraph 0" in pages[0]
    assert "Paragraph 8" in pages[1]
    assert extract.missing_paragraphs([long], pages) == []
    assert extract.missing_paragraphs([long.replace("4 of", "4 off")], pages)


def test_extract_sees_words_run_together() -> None:
    assert extract.missing_paragraphs(["AA swelling"], ["AAswelling"]) == []
    assert extract.words_run_together(["AA swelling"], ["AAswelling"]) == ["AA swelling"]
    assert extract.words_run_together(["AA swelling"], ["AA\nswelling"]) == []


# --- tagtree

TABLE = """<table><thead><tr><th>Where<th>How deep</tr></thead><tbody><tr><td>Skin<td>A little</tr></tbody></table>"""


def test_tagtree_gives_roles_languages_headers_and_words(printer: Printer) -> None:
    path = printer(
        f"<h1>Sugar <b>water</b></h1><ul><li>One<li>Two</ul><p><a href='https://x.invalid/'>a link</a>{TABLE}"
    )
    (tree,) = tagtree.pdfjs_tree(path)
    assert [node.text for node in tree.find("H1")] == ["Sugar water"]
    assert ["One" in item.text for item in tree.find("LI")] == [True, False]
    text = tagtree.outline([tree], fold=("Span", "NonStruct"))
    assert text.startswith("page 1\n  Root\n")
    assert 'H1 "Sugar water"\n' in text
    assert 'TD Headers="Where" "Skin"\n' in text
    assert "#annotation Subtype=Link" in text
    assert "ListNumbering" not in text


def test_tagtree_shows_attributes_that_pdfjs_leaves_out(printer: Printer, tmp_path: Path) -> None:
    path = printer("<ol><li>One<li>Two</ol>")
    with pikepdf.open(path) as document:
        (numbered,) = (item for item in document.objects if getattr(item, "get", lambda _: None)("/S") == "/L")
        numbered.A = pikepdf.Dictionary(O=pikepdf.Name.List, ListNumbering=pikepdf.Name.Decimal)
        document.save(tmp_path / "numbered.pdf")
    assert "L ListNumbering=Decimal\n" in tagtree.outline(tagtree.pdfjs_tree(tmp_path / "numbered.pdf"))


def test_tagtree_outline_changes_with_role_and_order_and_not_with_a_line_end(printer: Printer) -> None:
    def outline(body: str) -> str:
        return tagtree.outline(tagtree.pdfjs_tree(printer(body)), fold=("Span", "NonStruct"))

    wide = outline(f"<h1>Sugar water</h1><p>{WORDS}</p>")
    assert outline(f"<h1>Sugar water</h1><p style='width: 200pt'>{WORDS}</p>") == wide
    assert outline(f"<p>{WORDS}</p><h2>Sugar water</h2>") != wide


def test_tagtree_outline_shows_every_fact_a_listener_would_miss() -> None:
    def said(**facts: str) -> str:
        plain = {key: facts.pop(key) for key in ("alt", "lang") if key in facts}
        words = tagtree.Node(tagtree.TEXT, piece="Where ")
        return tagtree.outline(tagtree.Node("TH", (words,), **plain, attributes=facts))

    assert said() == 'TH "Where"\n'
    assert said(alt="A nerve", lang="es") == 'TH lang=es alt="A nerve" "Where"\n'
    assert said(Scope="Column", BBox="0 0 1 1") == 'TH Scope=Column "Where"\n'
    assert said(Headers="no-such") == 'TH Headers="(on no page)" "Where"\n'


def test_tagtree_finds_words_outside_of_the_tree(printer: Printer) -> None:
    """WeasyPrint hangs running headers under an element that no tree leads to; veraPDF says nothing."""
    path = printer(f"<style>@page {{ @top-left {{ content: 'Running head' }} }}</style><p>{WORDS}</p>")
    (page,) = tagtree.tagged_pages(path)
    assert page.tree.text == WORDS
    assert "Running head" in f"{page.orphaned} {page.artifact}"
    (bare,) = tagtree.tagged_pages(printer(f"<p>{WORDS}</p>", None))
    assert bare.untagged == WORDS
    assert bare.tree.children == ()


def test_popplers_tree_agrees_on_the_words(page: Path) -> None:
    tree = tagtree.poppler_tree(page)
    assert "H1" in tree
    assert '"Sugar water"' in tree


# --- paint

VIEWERS: tuple[paint.Viewer, ...] = get_args(paint.Viewer)
QUICK: tuple[paint.Viewer, ...] = ("poppler", "pdfium", "mupdf")  # the others take a second to start


def test_paint_agrees_between_viewers(page: Path) -> None:
    poppler, *others = (paint.paint(page, viewer) for viewer in VIEWERS)
    assert [picture.shape for picture in poppler] == [(625, 834)]
    assert ink.ink_box(poppler[0], paint.DPI) is not None  # an empty page would agree with anything
    assert [paint.worst(poppler, other) <= paint.TOLERANCE for other in others] == [True] * 4


def test_paint_agrees_on_the_pages_that_are_asked_for(printer: Printer) -> None:
    path = printer("".join(f"<p style='break-before: page'>Page {number}, {WORDS}</p>" for number in range(3)))
    second = paint.paint(path, "poppler")[1:2]
    for viewer in VIEWERS:
        assert paint.worst(paint.paint(path, viewer, pages=(2, 2)), second) <= paint.TOLERANCE, viewer


def test_paint_agrees_on_a_thin_line_at_the_finer_grain(printer: Printer) -> None:
    path = printer("".join(f"<p style='border-bottom: .75pt solid; margin-top: {top}pt'>A" for top in (1, 2.2, 3.1)))
    expected = paint.paint(path, "poppler", dpi=paint.FINE)
    for viewer in VIEWERS:
        assert paint.worst(paint.paint(path, viewer, dpi=paint.FINE), expected) <= paint.TOLERANCE, viewer


@pytest.mark.parametrize("viewer", QUICK)
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("not ", ""),
        ("everyone.", "everyone"),
        ("hours", "<span style='position: relative; left: 2pt'>hours</span>"),
        ("hours", "<span style='color: #777'>hours</span>"),
        ("<p>", "<p style='position: relative; top: 2pt'>"),
        ("<p>", "<p style='border-bottom: .5pt solid #595959'>"),
    ],
)
def test_paint_sees_what_a_reader_would_see(
    viewer: paint.Viewer, old: str, new: str, printer: Printer, page: Path
) -> None:
    before = f"<h1>Sugar water</h1><p>{WORDS}</p>"
    assert old in before
    changed = printer(before.replace(old, new))
    assert paint.worst(paint.paint(changed, viewer), paint.paint(page, viewer)) > paint.TOLERANCE
    assert paint.worst(paint.paint(changed, viewer), paint.paint(changed, viewer)) == 0


def test_paint_sees_another_size_another_colour_and_another_number_of_pages(printer: Printer) -> None:
    red, blue = (printer(f"<p style='color: {colour}'>{WORDS}</p>") for colour in ("#c00", "#00c"))
    for viewer in VIEWERS:
        first, second = (paint.paint(path, viewer, grey=False) for path in (red, blue))
        assert first[0].shape in ((625, 834, 3), (625, 833, 3))  # Ghostscript leaves the third of a pixel out
        assert tuple(first[0].min(axis=(0, 1))[[0, 2]]) > (190, 0)  # red first: not the viewer's own order
        assert paint.worst(first, second) > paint.TOLERANCE
    (picture,) = paint.paint(red, "poppler")
    assert paint.difference(picture, picture[:-2]) == 1.0
    assert paint.worst([picture], []) == 1.0
    assert paint.worst([], []) == 1.0


def test_paint_leaves_pictures_of_a_difference(printer: Printer, page: Path, tmp_path: Path) -> None:
    (actual,), (expected,) = (paint.paint(path, "poppler") for path in (printer("<h1>Salt water</h1>"), page))
    files = paint.save_difference(tmp_path / "seen", "page-1", actual, expected)
    assert [file.name for file in files] == [f"page-1.{kind}.png" for kind in ("actual", "expected", "difference")]
    assert all(file.stat().st_size > 500 for file in files)


# --- codes and ink

LABEL = (40.0, 200.0, 140.0, 260.0)


def _code(words: str, size: str) -> str:
    reader = tools.library("zxingcpp", "zxing-cpp")
    drawn = reader.create_barcode(words, reader.BarcodeFormat.QRCode, ec_level="Q").to_svg()
    style = f"position: absolute; left: 200pt; top: 60pt; width: {size}"
    sized = f"<style>svg {{ width: {size}; height: {size} }}</style>"
    return f"{sized}<div style='{style}'>{drawn[drawn.index('<svg') :]}</div>"


def test_codes_reads_a_code_and_says_where_it_stands(printer: Printer) -> None:
    (found,) = codes.read_codes(printer(_code("NT-C1|en|1|4", "60pt")), 1)
    assert (found.text, found.symbology) == ("NT-C1|en|1|4", "QRCode")
    left, bottom, right, top = found.box
    assert 240 <= left < right <= 301
    assert 140 - 1 <= bottom < top <= 201
    (straight,) = codes.read_codes(printer(_code("NT-C1|en|1|4", "60pt")), 1, turn=0)
    assert np.allclose(straight.box, found.box, atol=1.0)  # points


def test_codes_does_not_read_what_a_scanner_cannot(printer: Printer, page: Path) -> None:
    assert codes.read_codes(page, 1) == []
    assert codes.read_codes(printer(_code("NT-C1|en|1|4", "9pt")), 1) == []


def test_ink_measures_margins_and_sees_a_speck(printer: Printer) -> None:
    def box(body: str) -> ink.InkBox | None:
        (picture,) = paint.paint(printer(body), "poppler")
        return ink.ink_box(picture, paint.DPI)

    block = "<div style='position: absolute; left: {}pt; top: 10pt; width: 60pt; height: 30pt; background: {}'></div>"
    assert box("<p></p>") is None
    assert box(block.format(20, "black")) == pytest.approx((60, 50, 280, 220), abs=0.6)
    assert box(block.format(20, "black") + block.format(-39, "#eee")) == pytest.approx((1, 50, 280, 220), abs=0.6)


def test_ink_counts_what_stands_in_the_label_zone(printer: Printer) -> None:
    frame = "<div style='position: absolute; box-sizing: border-box; width: 102pt; height: 62pt; border: 1pt solid;"
    frame += "left: -1pt; top: -1pt'>{}</div>"
    assert ink.dark_pixels(printer(frame.format("")), 1, LABEL) == 0
    assert ink.dark_pixels(printer(frame.format(".")), 1, LABEL) > 10
    with pytest.raises(ValueError, match="does not lie on page 1"):
        ink.dark_pixels(printer(frame.format("")), 1, (40, 200, 140, 301))


# --- letters


def test_letters_reads_back_sizes_and_lines(printer: Printer) -> None:
    columns = "<div style='float: left; width: 100pt; font-size: 15pt'>Side</div><div style='margin-left: 120pt'>"
    chars = letters.characters(printer(f"{columns}{WORDS}</div>"))
    assert {round(char.size, 1) for char in chars} == {12.0, 15.0}
    assert all(char.font and "+" not in char.font for char in chars)
    lines = letters.lines(chars)
    assert "Side" in [line.text for line in lines]
    body = [line for line in lines if line.size < 13]
    assert " ".join(line.text for line in body) == WORDS
    assert [line.count for line in body] == [len(line.text) for line in body]
    assert [round(a.baseline - b.baseline, 1) for a, b in pairwise(body)] == [18.0] * (len(body) - 1)
    assert min(line.left for line in body) >= 160
    assert max(line.right for line in body) <= 360


def test_letters_sees_smaller_type(printer: Printer) -> None:
    chars = letters.characters(printer(f"<p>{WORDS}</p><p style='font-size: 8.5pt'>Small print</p>"))
    assert min(char.size for char in chars if char.text == "S") == pytest.approx(8.5, abs=0.02)


# --- footprint


def test_footprint_hears_who_calls_and_only_them(printer: Printer) -> None:
    with footprint.open_listener() as listener:
        assert listener.connections == 0
        printer("<p>quiet</p>")  # in a font of ours: without any, WeasyPrint ends the process
        assert (listener.connections, listener.requests) == (0, [])
        address = listener.address
        for method, path in (("GET", "/logo.png"), ("HEAD", "/")):
            caller = http.client.HTTPConnection(*address, timeout=5)
            caller.request(method, path)
            assert caller.getresponse().status == 200
            caller.close()
        assert (listener.connections, listener.requests) == (2, ["GET /logo.png", "HEAD /"])
        with socket.create_connection(address, timeout=5) as caller_without_words:
            caller_without_words.sendall(b"\x16\x03\x01")  # the beginning of a TLS hello
        deadline = time.monotonic() + 5
        while listener.connections < 3 and time.monotonic() < deadline:
            time.sleep(0.01)
        assert (listener.connections, len(listener.requests)) == (3, 2)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(address, timeout=5)


def test_instruments_print_nothing_when_loaded() -> None:
    names = ", ".join(sorted(path.stem for path in Path(__file__).parent.glob("[a-z]*.py") if "test" not in path.stem))
    script = f"from tests.instruments import {names}"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        check=True,
    )
    assert (done.stdout, done.stderr) == (b"", b"")
