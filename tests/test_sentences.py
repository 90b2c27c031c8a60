"""A sentence ends in one place, whoever asks: the rules about consent, those about language, and the import."""

from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

import pytest

from clinicpress import library
from clinicpress.documents import LANGUAGES, split_sentences
from clinicpress.documents.sentences import ABBREVIATIONS
from clinicpress.library.imports.plain import read_plain
from clinicpress.library.imports.tags import Found, Heading
from clinicpress.lint import phrases, sentences
from clinicpress.lint.readability import scored_sentences
from tests.lint.shelf import change, stock
from tests.test_consent_rules import context, found

__all__ = ["context", "found"]  # fixtures
# Each case is a text; a stroke | stands where a sentence ends.
CASES = {
    "a title": "Dr. Lee will treat you.| Mr. and Mrs. Gil came.| Ms. Roy did not.",
    "a title in capitals": "DR. LEE WILL TREAT YOU.",
    "a saint or a street": "Go to St. Mary's on Main St. at noon.| Mt. Sinai is closed.",
    "a number": "See No. 5 on p. 12.| Is it sure? |No.| It is likely.",
    "an example": "Take a pain pill, e.g. Tylenol.| Rest, i.e. Do not run.",
    "a comparison": "We study drops vs. Water.| It takes approx. Ten minutes.",
    "a time, and on": "Come at 9 a.m. today.| We open at 8 a.m. Monday to Friday.",
    "a time that ends it": "Come before 9 a.m.| Do not eat.| We close at 5 P.M.| Call then.",
    "and so on": "Bring pills, drops, etc. with you.| Bring your card, etc.| Then sit down.",
    "a unit before a number": "Take 1 tsp. 3 times a day.| Rest on Nov. 22.| Take 1 tsp.| Then rest.",
    "an initial": "Ask J. Smith.| John F. Kennedy and J. R. R. Tolkien wrote it.| J.R. Lee read it.",
    "a credential": "Ask Jane Lee, N.D.| She is here.| Ask Jane Lee, Ph.D., or us.",
    "a letter that is none": "Eat more vitamin C.| You may have hepatitis B.| Ask us.",
    "a land": "The U.S. Food and Drug Administration knows it.",
    "a decimal": "It costs $1.50 or so.| Take 0.5 ml.| It is 1.5 cm.| 2 in 100 have it.",
    "a sum first": "Prices vary.| $5 is usual.",
    "dots for a pause": "Wait ... then breathe.| Wait…| Then go.| Wait...| Then go.",
    "a quote": 'She said, “It works.”| We saw it.| “Does it hurt?” he asked.| "Yes!" |Then go.',
    "brackets": "It may hurt (a little).| (Some feel nothing.)| Ask (e.g. Ada).",
    "marks that ask and shout": "Why?| Tell us!| Really?!| Yes.",
    "a small letter": "It itches. that is usual.| The pH. is low.",
    "the number of a note": "It helps.1 |Most go home.2 |Take 1.5 Then see No.5 Main Street.",
    "marks of bold": "**Dr.** Lee will treat you.| **Call us.**| We are open.",
    "a numbered line": "1. Clean the ear.| Dry it.|\n2. Rest.|\nA. Sit down.|\nb. Stand up.",
    "a line end": "Ear drops|\nWater|\n\nCall Dr.|\nLee",
    "an address": "See www.example.org.| Write to a.b@example.org.| Call (503) 555-0171 ext. 12.| Ask.",
    "no letter behind it": "It hurts. – |",
    "letters of other lands": "Es hilft.| Über uns.| Ça va.| Élan.",
    "nothing": "  \n \n",
    "blanks that do not break": "Dr.\u00a0Lee is here.\u00a0|Sit down.",
    "Spanish titles": "La Dra. Gil y el Sr. Roy la verán.| La Sra. Paz no.| Ud. Decide.| D. Juan vino.",
    "a Spanish example": "Tome algo, p. ej. Tylenol.| Tarda aprox. Diez minutos.| Traiga gotas, etc.| Luego espere.",
    "Spanish numbers": "Vea el núm. 5 en la pág. 12.| ¿Duele? |No.| Es rápido.",
    "Spanish times": "Venga a las 9 a. m. mañana.| Cerramos a las 5 p. m.| Llame.",
    "Spanish marks": "¿Duele?| ¡No!| «Funciona.»| ¿Por qué?| En EE. UU. hay más.",
}


def parts(case: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in case.split("|") if part.strip())


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_a_sentence_ends_where_a_reader_ends_it(case: str) -> None:
    assert split_sentences(case.replace("|", "")) == parts(case)


def test_a_text_of_nothing_but_stops_is_split_in_a_short_time() -> None:
    assert len(split_sentences(". " * 100_000)) == 1
    assert len(split_sentences("Dr. " * 100_000)) == 1
    assert len(split_sentences("A b. " * 50_000)) == 50_000


def test_every_language_of_the_templates_has_its_abbreviations() -> None:
    assert ABBREVIATIONS.keys() == LANGUAGES.keys()
    for one in ABBREVIATIONS.values():
        words = [word for kind in fields(one) for word in getattr(one, kind.name).split()]
        assert [word for word in words if word.endswith(".")] == []


@pytest.mark.parametrize("name", ["Dr Lee", "Dr. Lee", "**Dr.** Lee", "**Dr** Lee", "Dr. *Lee*"])
def test_who_will_treat_the_patient_is_read_with_and_without_a_stop(found: Callable[..., dict], name: str) -> None:
    said = found(("discussion,", ""), ("We rinse your ear", f"{name} will treat you. We rinse your ear"))
    assert "C05 practitioner" not in said


def test_rules_of_consent_rules_of_language_and_grades_read_the_same_sentences(tmp_path: Path) -> None:
    shelf = stock(tmp_path)
    text = "**Dr.** Lee, e.g., will see you at 9 a.m. in St. Mary's. Bring your drops, etc. Then rest."
    change(shelf.consent, ("We rinse your ear", f"{text} We rinse your ear"))
    form = library.read_document(shelf.consent)
    assert form.kind.is_form
    told = [one for passage in phrases.passages(form) for _, one in passage.spoken]
    assert told == [one for passage in sentences.passages(form) for one in passage.sentences]
    assert {"Dr. Lee, e.g., will see you at 9 a.m. in St. Mary's.", "Bring your drops, etc."} <= set(told)
    assert set(scored_sentences(form)) <= set(told)


@pytest.mark.parametrize(
    ("line", "one"), [("Who is Dr. Lee?", True), ("Is St. Mary's open at 9 a.m. today?", True), ("Rest. Why?", False)]
)
def test_an_imported_line_is_a_heading_when_it_is_one_question(line: str, one: bool) -> None:
    found = Found()
    read_plain(f"Ear rinse\n\nWe rinse your ear.\n{line}\nShe is our doctor.", found)
    assert [piece.words for piece in found.pieces[1:] if isinstance(piece, Heading)] == [line] * one
