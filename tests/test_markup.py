"""Facts become HTML: as expected, well-formed, nothing undefined, and every sign printed as it was written."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pikepdf
import pytest
from jinja2 import StrictUndefined, UndefinedError

from clinicpress import markup
from clinicpress.clinics import PageProfile, Paper, Print
from clinicpress.documents import KINDS, Document, Figure, Paragraph, ReviewState, Section, Strong, Text
from clinicpress.markup import to_html
from clinicpress.orders import Order
from tests import prints
from tests.instruments import extract
from tests.prints import CONSENT, CONSENTS, EVERYTHING, HANDOUT, OURS, Wanted

HOSTILE = [
    "{{7*7}}",
    "{% raise %}",
    "${7*7}",
    "<b>bold</b>",
    "Tom <MD> Lee",
    "&amp; &lt;",
    "<script>alert(1)</script>",
    "\"quoted\" 'too'",
    "]]> --> <!--",
    "x onload=go()",
]


def parsed(order: Order) -> ET.Element:
    return ET.fromstring(to_html(order).html)  # noqa: S314  our own templates wrote it


def words(element: ET.Element) -> str:
    """What a reader sees; places where a line may part have no shape."""
    return extract.normalise("".join(element.itertext()).replace("\u200b", ""))


@pytest.mark.parametrize("wanted", [HANDOUT, CONSENT], ids=str)
def test_the_html_is_as_expected(wanted: Wanted, golden: Callable[[str, str], None]) -> None:
    golden(f"{wanted.kind}.html", to_html(prints.order(wanted)).html)


@pytest.mark.parametrize("wanted", EVERYTHING, ids=str)
def test_the_html_is_well_formed_and_holds_each_piece_of_the_source_in_order(wanted: Wanted) -> None:
    ordered = prints.order(wanted)
    text = words(parsed(ordered))
    place = 0
    for piece in prints.pieces(ordered.document):
        place = text.index(extract.normalise(piece.text), place)


@pytest.mark.parametrize("state", list(ReviewState), ids=str)
@pytest.mark.parametrize("wanted", OURS, ids=str)
def test_each_state_of_a_text_has_well_formed_html_that_differs_in_its_marks_only(
    wanted: Wanted, state: ReviewState
) -> None:
    ordered = prints.order(wanted)
    page = parsed(replace(ordered, document=prints.in_state(ordered.document, state)))
    (body,) = page.iter("body")
    draft = state not in (ReviewState.SUPPLIED, ReviewState.APPROVED)
    assert (
        "draft" in body.get("class", "").split()
    ) is draft  # its marks stand in every state, and are seen in this one
    assert any(one.get("class") == "stop" for one in page.iter()) is (draft and wanted in CONSENTS)


# Nothing undefined prints ------------------------------------------------------------------------------------------


def test_what_a_template_does_not_know_is_an_error() -> None:
    environment = markup._environment()
    assert environment.undefined is StrictUndefined
    assert environment.autoescape is True
    for template in ("{{ nothing }}", "{{ clinic.nothing }}", "{% if nothing %}x{% endif %}"):
        with pytest.raises(UndefinedError):
            environment.from_string(template).render(clinic=prints.clinic("shipped"))


def test_a_template_that_asks_for_what_is_not_there_prints_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seen with the real templates, one word of them changed."""
    for file in markup.TEMPLATES.glob("*.j2"):
        text = file.read_text(encoding="utf-8").replace("document.review_by", "document.review_bye")
        (tmp_path / file.name).write_text(text, encoding="utf-8")
    monkeypatch.setattr(markup, "TEMPLATES", tmp_path)
    markup._environment.cache_clear()
    try:
        with pytest.raises(UndefinedError, match="review_bye"):
            to_html(prints.order(HANDOUT))
    finally:
        monkeypatch.undo()
        markup._environment.cache_clear()
    assert to_html(prints.order(HANDOUT)).html


def test_no_template_turns_escaping_off() -> None:
    templates = sorted(markup.TEMPLATES.rglob("*.j2"))
    assert len(templates) >= 5
    for file in templates:
        assert not re.search(r"\|\s*safe\b|autoescape\s+false", file.read_text(encoding="utf-8")), file


# Hostile words -----------------------------------------------------------------------------------------------------


def hostile(wanted: Wanted, said: str) -> Order:
    """An order with the same hostile words wherever a person may write words."""
    ordered = prints.order(wanted)
    place = ordered.document.sections[0]
    blocks = (Paragraph((Text(f"A {said} Z"), Strong((Text(said),))), place.line), *place.blocks)
    sections = [Section(f"Heading {said}", place.roles, blocks, place.line), *ordered.document.sections[1:]]
    changed = [
        replace(one, blocks=tuple(_figure(block, said) if isinstance(block, Figure) else block for block in one.blocks))
        for one in sections
    ]
    document: Document = replace(ordered.document, title=f"Title {said}", sections=tuple(changed))
    clinic = replace(
        ordered.clinic,
        name=f"Clinic {said}",
        address=(f"Street {said}",),
        website=f"site {said}",
        hours=f"Hours {said}",
        after_hours=f"After {said}",
        footer=f"Foot {said}",
    )
    return replace(ordered, document=document, clinic=clinic)


def _figure(figure: Figure, said: str) -> Figure:
    return replace(figure, alternative=f"Drawing {said}", caption=f"Caption {said}")


@pytest.mark.parametrize("said", HOSTILE)
@pytest.mark.parametrize("wanted", [HANDOUT, CONSENT], ids=str)
def test_hostile_words_are_only_words_in_the_html(wanted: Wanted, said: str) -> None:
    ordered = hostile(wanted, said)
    root = parsed(ordered)
    text = words(root)
    for where in ("Title", "Heading", "A", "Clinic", "Street", "After", "Foot"):
        assert f"{where} {said}" in text, where
    if wanted.kind == KINDS["handout"]:
        for where in ("Hours", "site", "Caption"):
            assert f"{where} {said}" in text, where
        assert {image.get("alt") for image in root.iter("img")} == {f"Drawing {said}"}
    assert root.find("head/title").text == f"Title {said}"  # type: ignore[union-attr]
    plain = parsed(prints.order(wanted))
    assert {element.tag for element in root.iter()} <= {element.tag for element in plain.iter()} | {"br"}
    assert not any(name.startswith("on") for element in root.iter() for name in element.attrib)


def test_hostile_words_come_out_of_the_pdf_as_they_were_written(tmp_path: Path) -> None:
    said = "{{7*7}} Tom <MD> Lee &amp; <b>"
    path = prints.produce(hostile(HANDOUT, said), tmp_path)
    text = extract.normalise(" ".join(extract.poppler_pages(path)))
    for where in ("Title", "Heading", "A", "Clinic", "Street", "Hours", "site", "Caption", "Foot"):
        assert f"{where} {said}" in text, where
    with pikepdf.open(path) as pdf, pdf.open_metadata() as xmp:
        assert xmp["dc:title"] == str(pdf.docinfo.Title) == f"Title {said}"
        assert xmp["dc:creator"] == [f"Clinic {said}"]
        assert str(pdf.Root.Lang) == "en"


# What only the clinic's profile decides ----------------------------------------------------------------------------


@pytest.mark.parametrize("wanted", [HANDOUT, CONSENT], ids=str)
def test_what_the_clinic_does_not_tell_leaves_no_trace(wanted: Wanted) -> None:
    ordered = prints.order(wanted)
    bare = replace(ordered.clinic, address=(), website="", hours="", after_hours="", footer="")
    html = to_html(replace(ordered, clinic=bare)).html
    for trace in (">None<", "None,", "()", "[]", " · </", " · <br", "<p></p>", " , "):
        assert trace not in html, trace


def test_the_phone_number_in_a_text_is_a_link_that_does_not_break() -> None:
    ordered = prints.order(HANDOUT)
    phone = ordered.clinic.phone
    first = ordered.document.sections[0]
    section = replace(
        first, blocks=(Paragraph((Text(f"Call {phone.printed}, or use 15–25% of it."),), 1), *first.blocks)
    )
    document = replace(ordered.document, sections=(section, *ordered.document.sections[1:]))
    html = to_html(replace(ordered, document=document)).html
    assert f'Call &#8203;<a class="nb" href="{phone.uri}">{phone.printed}</a>, or use' in html
    assert '<span class="nb">15–25%</span>' in html


def test_numbers_of_sections_run_through_a_consent_form() -> None:
    headings = [words(heading) for heading in parsed(prints.order(CONSENT)).iter("h2") if words(heading)]
    assert [int(heading.split(".")[0]) for heading in headings] == list(range(1, len(headings) + 1))
    assert len(headings) > 10


def test_a_page_may_use_only_the_files_that_come_with_it() -> None:
    for wanted in OURS:
        page = to_html(prints.order(wanted))
        used = set(re.findall(r"(?:src|href)=\"(asset:[^\"]*)\"", page.html))
        assert used
        assert used <= set(page.assets)
        for asset in page.assets.values():
            if asset.media_type == "text/css":
                assert set(re.findall(r"url\(\"?([^\")]*)", asset.data.decode())) <= set(page.assets)
        assert not re.search(r"(src|href)=\"(https?:)?//", page.html)


def test_paper_and_print_choose_their_style_sheets_and_nothing_else_changes_them() -> None:
    sheets = {}
    for paper in Paper:
        for size in Print:
            ordered = replace(prints.order(HANDOUT), page=PageProfile(paper, size))
            sheets[paper, size] = re.findall(r'href="asset:([\w./-]+\.css)"', to_html(ordered).html)
    assert "a4.css" not in sheets[Paper.LETTER, Print.STANDARD]
    assert "a4.css" in sheets[Paper.A4, Print.STANDARD]
    assert "large.css" in sheets[Paper.LETTER, Print.LARGE]
    assert {"large.css", "large-a4.css"} <= set(sheets[Paper.A4, Print.LARGE])
