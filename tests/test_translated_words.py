"""What a translation says is set beside its original: its language, its numbers, its doses, what it denies."""

from collections import Counter

import pytest
from babel.messages.pofile import read_po

from clinicpress.words import SOURCE, SPOKEN_LANGUAGES, catalogue_of, language_told

# The language of a text -----------------------------------------------------------------------------------------------

LEAST_WORDS = 5


def sentences(language: str) -> list[str]:
    """What the program says on paper and screens, in English or another language: hundreds of short sentences."""
    with catalogue_of("es" if language == SOURCE else language).open("rb") as file:
        said = [(str(one.id), str(one.string)) for one in read_po(file) if one.id and one.string]
    return [pair[language != SOURCE] for pair in said if len(pair[0].split()) >= LEAST_WORDS]


@pytest.mark.parametrize(("language", "told"), [("en", 0.88), ("es", 0.65)])
def test_no_sentence_is_taken_for_another_language(language: str, told: float) -> None:
    found = Counter(language_told(one) for one in sentences(language))
    assert found.total() > 200
    assert set(found) <= {language, ""}
    assert found[language] / found.total() >= told


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_paragraph_is_always_told(language: str) -> None:
    short = sentences(language)
    paragraphs = [" ".join(short[at : at + 4]) for at in range(0, len(short), 4)]
    assert len(paragraphs) > 50
    assert {language_told(one) for one in paragraphs} == {language}


OTHERS = {
    "fr": "Vous pouvez vous sentir fatigué après la piqûre, mais cela ne dure pas.",
    "pt": "Você pode se sentir cansado depois da injeção, mas isso não dura.",
    "it": "Il medico le può dire di più su questo esame, anche per i suoi figli.",
    "de": "Sie können nach der Spritze müde sein, aber das ist nicht gefährlich.",
    "vi": "Quý vị có thể thấy mệt sau khi tiêm, nhưng điều này không kéo dài.",
    "tl": "Maaari kang makaramdam ng pagod pagkatapos ng iniksiyon, at ito ay hindi nagtatagal.",
    "nl": "U kunt zich moe voelen na de prik, maar dat is niet erg en het gaat over.",
    "ht": "Ou ka santi ou fatige apre piki a, men sa pap dire lontan pou moun yo.",
}


@pytest.mark.parametrize("language", OTHERS)
def test_the_languages_that_patients_speak_are_told_apart(language: str) -> None:
    assert SPOKEN_LANGUAGES[language].common_words
    assert language_told(OTHERS[language]) == language


@pytest.mark.parametrize("text", ["", "911", "TRPV-1, CGRP", "Advil, Naprosyn", "Video", "No", "Ada Example, ND"])
def test_a_text_that_tells_no_language_is_left_alone(text: str) -> None:
    assert language_told(text) == ""
