"""What is written comes out of the PDF again, word for word, in each program that reads it aloud or copies from it."""

import re

import pytest

from clinicpress.documents import KINDS, FieldKind
from tests import prints
from tests.instruments import extract
from tests.prints import CONSENT, CONSENTS, EVERYTHING, HANDOUT, HANDOUTS, OURS, Library, Printed, each


def said(page: str) -> str:
    return extract.normalise(page)


def test_every_paragraph_comes_out_whole_in_three_programs(printed: Printed) -> None:
    texts = [piece.text for piece in printed.pieces]
    assert len(texts) > 40
    assert list(printed.texts) == ["poppler", "pdfium", "pdf.js"]
    lost = {name: extract.missing_paragraphs(texts, pages) for name, pages in printed.texts.items()}
    assert lost == {name: [] for name in printed.texts}


def test_no_words_are_run_together_in_three_programs(printed: Printed) -> None:
    texts = [piece.text for piece in printed.pieces]
    joined = {name: extract.words_run_together(texts, pages) for name, pages in printed.texts.items()}
    assert joined == {name: [] for name in printed.texts}


def test_a_lost_letter_or_blank_is_seen_in_each_program(library: Library) -> None:
    for wanted in (HANDOUT, CONSENT):
        printed = library[wanted]
        texts = [piece.text for piece in printed.pieces]
        longest = max(texts, key=len)
        word = max(re.findall(r"(?<= )[a-z]+(?= )", longest), key=len)
        for pages in printed.texts.values():
            shorter = [re.sub(rf"\b{re.escape(word)}\b", word[:-1], said(page)) for page in pages]
            assert longest in extract.missing_paragraphs(texts, shorter)
            joined = [said(page).replace(f" {word}", word) for page in pages]
            assert longest in extract.words_run_together(texts, joined)


def raw_rows(markdown: str) -> list[str]:
    """The rows of a Markdown text without their marks: a second, crude reader that knows nothing of ours."""
    body = markdown.split("\n---\n", 1)[1]
    body = re.sub(r"!\[[^\]]*\]\([^ ]+ \"([^\"]*)\"\)(\{[^}]*\})?", r"\1", body)  # of a figure, the caption
    body = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", body)
    rows = []
    for row in body.splitlines():
        bare = re.sub(r"\s*\{[^}]*\}$", "", row.strip())
        bare = re.sub(r"^(#+|[-*]|\d+\.|:{1,3})\s+", "", bare)
        cells = bare.strip("|").split("|") if bare.startswith("|") else [bare]
        rows += [cell.replace("**", "").strip() for cell in cells if not re.fullmatch(r"[\s:-]*", cell)]
    return rows


def test_every_row_of_the_markdown_file_is_in_the_pdf(printed: Printed) -> None:
    rows = raw_rows(printed.document.file.read_text(encoding="utf-8"))
    assert len(rows) > 40
    assert extract.missing_paragraphs(rows, printed.text) == []


def letters(text: str) -> str:
    return "".join(text.split())


def overprinted(texts: list[str], pages: list[str]) -> list[str]:
    """The texts that stand in the pages more often than the source says them."""
    source = "\n".join(map(letters, texts))
    whole = letters("".join(pages))
    return [text for text in texts if whole.count(letters(text)) > source.count(letters(text))]


def test_nothing_is_printed_twice(printed: Printed) -> None:
    """A float that meets a page end would be drawn twice (pages.md, 11), with all that hangs in it."""
    said_again = {printed.document.title, *prints.table_heads(printed.document)}  # at the top of later pages
    # Short pieces ("5% dextrose", "Cost") stand in other sentences too; a heading counts with its number or row.
    texts = [piece.text for piece in printed.pieces if piece.text not in said_again and len(piece.letters) > 12]
    assert len(texts) > 30
    assert overprinted(texts, printed.text) == []


@pytest.mark.parametrize("printed", each(CONSENTS), indirect=True)
def test_every_heading_of_a_consent_form_is_numbered_and_printed_once(printed: Printed) -> None:
    whole = said(" ".join(printed.text))
    for heading in prints.headings(printed.document)[1:]:
        assert len(re.findall(rf"\b\d+\. {re.escape(heading)}", whole)) == 1, heading
    numbers = [int(number) for number in re.findall(r"(?:^|\n)(\d+)\. [A-Z]", "\n".join(printed.text))]
    assert sorted(numbers) == list(range(1, len(numbers) + 1))


def test_a_text_that_is_drawn_twice_is_seen(library: Library) -> None:
    printed = library[HANDOUT]
    text = max((piece.text for piece in printed.pieces), key=len)
    assert overprinted([text], printed.text) == []
    assert overprinted([text], [*printed.text, printed.text[-1]]) == [text]


def test_the_phone_number_stands_on_every_page(printed: Printed) -> None:
    number = printed.clinic.phone.printed
    assert re.fullmatch(r"\(\d{3}\) \d{3}-\d{4}", number)
    for name, pages in printed.texts.items():
        assert [number in said(page) for page in pages] == [True] * printed.pages, name


def test_every_page_says_which_page_it_is_and_of_how_many(printed: Printed) -> None:
    for name, pages in printed.texts.items():
        assert len(pages) == printed.pages, name
        for number, page in enumerate(pages, start=1):
            assert re.findall(r"Page (\d+) of (\d+)", said(page)) == [(str(number), str(printed.pages))], name


def test_form_number_revision_and_review_date_stand_on_every_page(printed: Printed) -> None:
    document = printed.document
    day = document.review_by
    for pages in printed.texts.values():
        for page in map(said, pages):
            assert document.form in page
            assert re.search(rf"\b{document.revision}\b", page)
            assert re.search(rf"Review by {day:%b}[a-z]* {day.day}, {day.year}", page)


def test_the_clinic_is_named_on_every_page(printed: Printed) -> None:
    for pages in printed.texts.values():
        assert all(printed.clinic.name in said(page) for page in pages)


@pytest.mark.parametrize("printed", each(EVERYTHING), indirect=True)
def test_draft_stands_on_every_page_of_a_draft_and_nowhere_else(printed: Printed) -> None:
    for pages in printed.texts.values():
        drafts = ["DRAFT" in page for page in pages]
        assert drafts == [printed.document.review.draft] * printed.pages


def test_the_library_holds_a_draft_and_a_text_that_is_none() -> None:
    assert {document.review.draft for document in prints.sources().values()} == {True, False}


@pytest.mark.parametrize("printed", each(CONSENTS), indirect=True)
def test_each_signature_box_of_a_draft_says_do_not_sign(printed: Printed) -> None:
    document = printed.document
    assert document.kind.is_form
    boxes = [one for block in document.form_blocks for one in block.fields if one.kind is FieldKind.SIGNATURE]
    assert len(boxes) >= 4
    assert said(" ".join(printed.text)).count("DRAFT: do not sign ") == len(boxes)


@pytest.mark.parametrize("printed", each(CONSENTS), indirect=True)
def test_every_label_and_statement_of_the_form_blocks_is_printed(printed: Printed) -> None:
    document, large = printed.document, printed.page.large
    assert document.kind.is_form
    wanted = [f"{block.title} {block.lead}" for block in document.form_blocks if block.title]
    for one in (one for block in document.form_blocks for one in block.fields):
        if one.name == "attestation.decision":  # printed as the sentence with Yes and No
            wanted += ["Yes, I agree to this treatment.", "No, I do not want it."]
        elif document.lateral or not one.lateral:
            named = one.kind is not FieldKind.CHOICE or not any(
                one.label == block.title for block in document.form_blocks
            )
            wanted += [one.large_label if large and one.large_label else one.label] if named else []
            wanted += one.options
    assert len(wanted) > 40
    for pages in printed.texts.values():
        assert extract.missing_paragraphs(wanted, pages) == []


@pytest.mark.parametrize("printed", each(CONSENTS), indirect=True)
def test_a_consent_form_has_its_label_zone_first_and_the_patients_name_on_all_later_pages(printed: Printed) -> None:
    for name, pages in printed.texts.items():
        first, *later = map(said, pages)
        assert "Patient label here" in first, name
        assert all(line in first for line in printed.clinic.address)
        assert not any("Patient label here" in page for page in later)
        for page in later:
            assert re.search(r"Patient name Date of birth [\w ]*\(?MRN\)?", page), name


@pytest.mark.parametrize("printed", each([one for one in CONSENTS if one in prints.STANDARD]), indirect=True)
def test_the_form_line_of_a_consent_form_names_title_language_and_the_clinics_footer(printed: Printed) -> None:
    for page in map(said, printed.text):
        assert f"{printed.document.title} · {printed.clinic.phone.printed}" in page
        assert f"Form {printed.document.form} · Revision {printed.document.revision}" in page
        assert "English · Review by" in page
        assert printed.clinic.footer in page


@pytest.mark.parametrize("printed", each(HANDOUTS), indirect=True)
def test_later_pages_of_a_handout_carry_its_title(printed: Printed) -> None:
    first, *later = map(said, printed.text)
    assert first.count(printed.document.title) == 1
    assert [page.count(printed.document.title) for page in later] == [1] * (printed.pages - 1)


@pytest.mark.parametrize("printed", [one for one in OURS if one.kind == KINDS["consent"]], indirect=True, ids=str)
def test_the_consent_form_names_the_very_leaflet_that_the_patient_got(printed: Printed) -> None:
    leaflet = prints.sources()[KINDS["handout"]]
    day = f"{leaflet.effective:%b} {leaflet.effective.day}, {leaflet.effective.year}"
    sentence = f"I got “{leaflet.title}” ({leaflet.form}, {leaflet.revision}, {day})."
    assert extract.missing_paragraphs([sentence], printed.text) == []
