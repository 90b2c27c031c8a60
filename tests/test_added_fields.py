"""Every field of every block has its place: what is asked can be written there, and what was written is printed.

The shipped fields have their places in the templates' plan; here a field is added to each block, as a clinic would.
"""

from dataclasses import replace
from functools import lru_cache
from io import BytesIO

import pikepdf
import pytest

from clinicpress.cache import NO_CACHE
from clinicpress.documents import KINDS, Field, FieldGroup, FieldKind, FormBlock
from clinicpress.documents.bilingual import bilingual
from clinicpress.issued import Issued
from clinicpress.markup import to_html
from clinicpress.orders import Order, Rendition
from clinicpress.pdf.pages import body_of
from clinicpress.press.press import complete, lay_out
from clinicpress.visits import Encounter
from tests import forms
from tests.instruments.extract import words_of
from tests.test_bilingual import texts

BLOCKS = KINDS["consent"].offered
VALUES = {f"added.{name.replace('-', '_')}": f"Written for {name.replace('-', ' ')}" for name in BLOCKS}


def with_one_more(block: FormBlock, kind: FieldKind = FieldKind.TEXT, language: str = "en") -> FormBlock:
    """A block with a further field, half a line wide."""
    words = block.name.replace("-", " ")
    label = f"Added to {words}" if language == "en" else f"Puesto en {words}"
    options = ("First", "Second") if kind is FieldKind.CHOICE else ()
    one = Field(f"added.{block.name.replace('-', '_')}", label, kind, 6, options=options)
    return replace(block, fields=(*block.fields, one))


def ordered(kind: FieldKind = FieldKind.TEXT) -> Order:
    order = forms.order()
    assert order.document.kind.is_form
    assert {block.name for block in order.document.form_blocks} == set(BLOCKS)
    blocks = tuple(with_one_more(block, kind) for block in order.document.form_blocks)
    return replace(order, document=replace(order.document, form_blocks=blocks))


@lru_cache(maxsize=1)
def made() -> dict[Rendition, Issued]:
    """The form in pages, filled. That it was made says that the proof has nothing against it."""
    order, layout = ordered(), lay_out(ordered(), cache=NO_CACHE)
    filled = replace(order, encounter=Encounter(VALUES, "test"))
    return {one: complete(layout, replace(filled, rendition=one)) for one in Rendition}


@pytest.mark.parametrize("block", BLOCKS)
def test_a_text_field_added_to_a_block_is_on_paper_with_its_value(block: str) -> None:
    printed = " ".join(words_of(made()[Rendition.PAPER].pdf).split())
    name = block.replace("-", " ")
    assert printed.count(f"Added to {name}") == 1
    assert printed.count(f"Written for {name}") == 1


@pytest.mark.parametrize("block", BLOCKS)
def test_a_text_field_added_to_a_block_can_be_typed_in_and_holds_its_value(block: str) -> None:
    name = f"added.{block.replace('-', '_')}"
    with pikepdf.open(BytesIO(made()[Rendition.FILLABLE].pdf)) as pdf:
        held = [str(widget.V) for named, widget in forms.widgets(pdf) if named == name]
    assert held == [VALUES[name]]


@pytest.mark.parametrize("block", BLOCKS)
def test_a_choice_added_to_a_block_has_its_question_beside_it(block: str) -> None:
    page = to_html(ordered(FieldKind.CHOICE)).html
    name = f"added.{block.replace('-', '_')}"
    holders = [one for one in body_of(page).iter() if one.tag in ("p", "li")]
    near = [one for one in holders if any(place.get("href") == f"field:{name}?0" for place in one.iter("a"))][-1]
    assert f"Added to {block.replace('-', ' ')}" in "".join(near.itertext())


def test_in_two_languages_an_added_field_has_each_label_once() -> None:
    form, second = (
        replace(one, form_blocks=tuple(with_one_more(block, language=language) for block in one.form_blocks))
        for language in ("es", "en")
        if (one := texts()[KINDS["consent"], language]).kind.is_form
    )
    form, second = bilingual(form, second)
    page = to_html(replace(forms.order(), document=form, second=second)).html
    said = " ".join("".join(body_of(page).itertext()).split())
    for block in BLOCKS:
        name = block.replace("-", " ")
        assert (said.count(f"Puesto en {name}"), said.count(f"Added to {name}")) == (1, 1)


def test_a_place_to_write_may_stand_under_the_title_in_two_languages() -> None:
    own = FieldGroup((Field("added.own", "Added of our own"),), 3)
    form, second = (replace(texts()[KINDS["consent"], language], opening=(own,)) for language in ("es", "en"))
    form, second = bilingual(form, second)
    page = to_html(replace(forms.order(), document=form, second=second)).html
    assert page.count("field:added.own") == 1
