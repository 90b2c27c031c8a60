"""Both languages in one document: whole in each, under one numbering, with every place to write once."""

import json
import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import product
from pathlib import Path

import numpy as np
import pikepdf
import pytest

from clinicpress import library
from clinicpress.cache import NO_CACHE
from clinicpress.clinics import PageProfile, Paper, Print
from clinicpress.documents import KINDS, Document, Field, FieldGroup, Kind, Review, ReviewState, Section
from clinicpress.documents.bilingual import bilingual, words_only
from clinicpress.errors import ContentError
from clinicpress.markup import to_html
from clinicpress.orders import Order, Rendition
from clinicpress.press.press import complete, lay_out
from tests import prints
from tests.instruments import extract, letters, verapdf
from tests.lint.shelf import TODAY, forked

LONGEST = (KINDS["consent"], Print.LARGE)  # it takes as long to set as all others together
USUAL = [one for one in product(prints.BOTH, Print) if one != LONGEST]
PAGES = [*USUAL, pytest.param(*LONGEST, marks=pytest.mark.soak)]


@dataclass(frozen=True)
class Made:
    """A bilingual print, and the two texts that went into it."""

    path: Path
    order: Order

    @property
    def texts(self) -> tuple[Document, Document]:
        assert self.order.second is not None
        return self.order.document, self.order.second


@lru_cache(maxsize=1)
def texts() -> Mapping[tuple[Kind, str], Document]:
    documents, problems = library.read_library(prints.ROOT / "handouts", [prints.TOPIC])
    assert not problems
    return {(one.kind, one.language): one for one in documents}


def order(kind: Kind, size: Print = Print.STANDARD) -> Order:
    document, second = bilingual(texts()[kind, "es"], texts()[kind, "en"])
    rendition = Rendition.FILLABLE if kind == KINDS["consent"] else Rendition.PAPER
    page = PageProfile(Paper.LETTER, size)
    return Order(document, prints.clinic("shipped"), page, prints.fonts(), rendition=rendition, second=second)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Mapping[tuple[Kind, Print], Made]:
    """The prints, each made when it is first asked for."""
    folder = tmp_path_factory.mktemp("bilingual")

    class Prints(dict[tuple[Kind, Print], Made]):
        def __missing__(self, one: tuple[Kind, Print]) -> Made:
            asked = order(*one)
            self[one] = Made(prints.produce(asked, folder, "-".join(one)), asked)
            return self[one]

    return Prints()


@pytest.mark.parametrize("which", [USUAL, pytest.param([LONGEST], marks=pytest.mark.soak)], ids=["usual", "longest"])
def test_it_is_pdf_ua_1_and_pdf_a_3a(which: list[tuple[Kind, Print]], made: Mapping[tuple[Kind, Print], Made]) -> None:
    found = verapdf.validate([made[one].path for one in which], verapdf.FLAVOURS)
    assert len(found) == len(which)
    assert [findings for findings in found.values() if findings] == []


@pytest.mark.parametrize(("kind", "size"), PAGES)
def test_every_word_of_both_languages_is_on_its_pages(
    kind: Kind, size: Print, made: Mapping[tuple[Kind, Print], Made]
) -> None:
    pages = extract.poppler_pages(made[kind, size].path)
    for text in made[kind, size].texts:
        pieces = [piece.text for piece in prints.pieces(text)]
        assert len(pieces) > 30
        assert extract.missing_paragraphs(pieces, pages) == []
    assert extract.missing_paragraphs(["Nobody wrote this sentence."], pages) != []


@pytest.mark.parametrize(("kind", "size"), PAGES)
def test_nothing_is_printed_over_anything(kind: Kind, size: Print, made: Mapping[tuple[Kind, Print], Made]) -> None:
    assert overprints(made[kind, size].path) == []


@pytest.mark.soak
def test_overprint_is_seen(tmp_path: Path) -> None:
    spoiled = ".bilingual .second { margin-top: -20pt } .bilingual .identity .fields { top: 60pt }"
    assert len(overprints(prints.produce(order(KINDS["consent"]), tmp_path, css=spoiled))) > 20


def kinds(widget: pikepdf.Object) -> list[str]:
    """What is written into a place: its own kind, or that of the field it belongs to."""
    return [str(one.FT) for one in (widget, widget.get("/Parent")) if one is not None and "/FT" in one]


def overprints(path: Path) -> list[str]:
    """Letters that stand on other letters, and letters in a place to write (save those that say DRAFT).

    The letters of a ligature, as in 'off', share a place.
    """
    chars = [one for one in letters.characters(path) if one.text.strip()]
    with pikepdf.open(path) as pdf:
        boxes = [
            (number, *(float(side) for side in one.Rect))
            for number, page in enumerate(pdf.pages, 1)
            for one in page.obj.get("/Annots", [])
            if one.Subtype == "/Widget" and "/Sig" not in kinds(one)
        ]
    found = []
    for page in {one.page for one in chars}:
        here = [one for one in chars if one.page == page]
        sides = np.array([(one.left, one.bottom, one.right, one.top) for one in here])
        inked = sides[:, None, :]
        across = np.minimum(inked[..., 2], sides[:, 2]) - np.maximum(inked[..., 0], sides[:, 0])
        upright = np.minimum(inked[..., 3], sides[:, 3]) - np.maximum(inked[..., 1], sides[:, 1])
        both = (across > 1.5) & (upright > 1.5)
        found += [f"{page}: {here[a].text} on {here[b].text}" for a, b in np.argwhere(both) if a + 2 < b]
        for number, left, bottom, right, top in boxes:
            if number == page:
                found += [
                    f"{page}: {one.text} in a box"
                    for one in here
                    if left + 1 < one.right and one.left < right - 1 and bottom + 1 < one.top and one.bottom < top - 1
                ]
    return found


def test_the_numbering_is_the_same_in_both_languages() -> None:
    html = to_html(order(KINDS["consent"])).html
    numbers = [re.findall(r"(?:<h2>|\">)(\d+)\. ", one) for one in re.findall(r"<h2>.*?</h2>", html)]
    found = [int(one) for heading in numbers for one in heading]
    assert sorted(found) == sorted(2 * list(range(1, 15)))
    numbered = dict.fromkeys(found)
    assert list(numbered) == list(range(1, 15))


@pytest.mark.parametrize("size", [Print.STANDARD, pytest.param(Print.LARGE, marks=pytest.mark.soak)])
def test_every_field_is_there_once(size: Print, made: Mapping[tuple[Kind, Print], Made]) -> None:
    one = made[KINDS["consent"], size]
    html = to_html(one.order).html
    body = re.sub(r'<div class="furniture.*?</div></div>', "", html, flags=re.DOTALL)
    places = re.findall(r'href="field:([^"]+)"', body)
    assert len(places) == len(set(places)) > 40
    form = one.order.document
    assert form.kind.is_form
    asked = {field.name for field in form.fields()}
    with pikepdf.open(one.path) as pdf:
        assert set(fields_of(pdf)) == asked


def fields_of(pdf: pikepdf.Pdf) -> Iterator[str]:
    """The names of all fields of a file."""

    def below(field: pikepdf.Object, before: str) -> Iterator[str]:
        name = f"{before}.{field.T}" if before and "/T" in field else str(field.get("/T", before))
        kids = [kid for kid in field.get("/Kids", []) if "/T" in kid]
        if not kids:
            yield name
        for kid in kids:
            yield from below(kid, name)

    for field in pdf.Root.AcroForm.Fields:
        yield from below(field, "")


def test_every_label_stands_in_both_languages(made: Mapping[tuple[Kind, Print], Made]) -> None:
    one = made[KINDS["consent"], Print.STANDARD]
    pages = extract.poppler_pages(one.path)
    for form in one.texts:
        assert form.kind.is_form
        labels = [field.label.split(" (m / d")[0] for field in form.fields() if field.name != "attestation.decision"]
        in_words = [label for label in labels if not label.startswith(("Paciente o", "Patient or", "Intérp", "Interp"))]
        assert extract.missing_paragraphs(in_words, pages) == []


def test_what_is_not_in_the_patients_language_says_its_language(made: Mapping[tuple[Kind, Print], Made]) -> None:
    with pikepdf.open(made[KINDS["consent"], Print.STANDARD].path) as pdf:
        assert str(pdf.Root.Lang) == "es"
        named = [str(one.S) for one in pdf.objects if isinstance(one, pikepdf.Dictionary) and one.get("/Lang") == "en"]
    assert named.count("/Sect") >= 12
    assert named.count("/Span") >= 20
    assert named.count("/P") >= 6


def test_the_print_is_a_draft_when_either_text_is() -> None:
    patients, second = (
        replace(texts()[KINDS["handout"], one], review=Review(ReviewState.SUPPLIED)) for one in ("es", "en")
    )
    draft = Review(ReviewState.DRAFT)
    assert not bilingual(patients, second)[0].review.draft
    assert bilingual(replace(patients, review=draft), second)[0].review.draft
    assert bilingual(patients, replace(second, review=draft))[0].review.draft


def test_texts_that_do_not_correspond_are_refused_by_the_name_of_the_section() -> None:
    patients, second = texts()[KINDS["consent"], "es"], texts()[KINDS["consent"], "en"]
    assert second.kind.is_form
    swapped = (second.sections[1], second.sections[0], *second.sections[2:])
    with pytest.raises(ContentError, match="The section 'Qué es' does not correspond"):
        bilingual(patients, replace(second, sections=swapped))
    with pytest.raises(ContentError, match="The section 'Su decisión' does not correspond"):
        bilingual(patients, replace(second, sections=second.sections[:-1]))
    with pytest.raises(ContentError, match="After the last section, 'Your decision'"):
        bilingual(replace(patients, sections=patients.sections[:-1]), second)
    with pytest.raises(ContentError, match="What is filled in"):
        bilingual(patients, replace(second, form_blocks=second.form_blocks[1:]))


def test_an_authors_own_fields_stand_in_the_first_language_only() -> None:
    form = prints.consent()
    group = FieldGroup(form.fields()[:1], 1)
    blocks = (*form.sections[0].blocks, group)
    assert words_only(blocks) == form.sections[0].blocks


def test_a_section_that_is_all_fields_has_both_headings_above_them() -> None:
    form, second = (texts()[KINDS["consent"], language] for language in ("es", "en"))
    headings = {"es": "Lo nuestro", "en": "Of our own"}

    def with_fields(one: Document) -> Document:
        line = one.sections[1].line - 1
        fields = FieldGroup((Field("added.own", "Added of our own"),), line)
        first, *rest = one.sections
        return replace(one, sections=(first, Section(headings[one.language], (), (fields,), line), *rest))

    form, second = bilingual(with_fields(form), with_fields(second))
    ordered = replace(order(KINDS["consent"]), document=form, second=second)
    made = complete(lay_out(ordered, cache=NO_CACHE), ordered)  # the proof says that no heading is left alone
    printed = " ".join("".join(extract.pdfium_pages(made.pdf)).split())
    assert printed.index("3. Lo nuestro") < printed.index("3. Of our own") < printed.index("Added of our own")


# The command --------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("from_cache")
def test_the_file_and_the_manifest_name_both_languages_and_both_revisions(tmp_path: Path) -> None:
    ran = forked(
        *("build", prints.TOPIC, "--kind", "handout", "--bilingual", "en+es", "--today", TODAY, "--out", str(tmp_path))
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.splitlines()[0].endswith("neurotherapy/handout.en+es.pdf")
    entry = json.loads((tmp_path / "manifest.json").read_text())["files"][0]
    assert entry["language"] == "en+es"
    assert entry["revision"] == texts()[KINDS["handout"], "es"].revision.digest
    assert entry["second"]["revision"] == texts()[KINDS["handout"], "en"].revision.digest
    with pikepdf.open(tmp_path / entry["file"]) as pdf:
        facts = json.loads(pdf.attachments["document.json"].get_file().read_bytes())
    assert facts["second"] == entry["second"]


@pytest.mark.parametrize(
    ("wish", "more", "sentence"),
    [
        ("en+xx", (), "the language 'xx' is unknown"),
        ("en", (), "needs two languages, not 'en'"),
        ("en+", (), "needs two languages"),
        ("es+es", (), "'es' is named twice"),
        ("es+en", (), "does not start with English"),
        ("en+es+en", (), "the language 'es+en' is unknown"),
        ("en+es", ("--lang", "es"), "--bilingual and --lang do not go together"),
    ],
)
def test_a_wish_that_makes_no_sense_is_told_plainly(
    wish: str, more: tuple[str, ...], sentence: str, tmp_path: Path
) -> None:
    ran = forked("build", prints.TOPIC, "--bilingual", wish, *more, "--out", str(tmp_path / "out"))
    assert ran.returncode == 3
    assert sentence in ran.stderr
    assert not (tmp_path / "out").exists()


def test_a_text_that_lacks_in_one_language_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "handouts"
    shutil.copytree(prints.ROOT / "handouts", folder)
    (folder / prints.TOPIC / "consent.es.md").unlink()
    words = ("--bilingual", "en+es", "--today", TODAY, "--handouts", str(folder), "--out", str(tmp_path / "out"))
    ran = forked("build", *words, "--kind", "consent")
    assert ran.returncode == 3
    assert "neurotherapy has no consent.es.md" in ran.stderr
