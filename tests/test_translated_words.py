"""What a translation says is set beside its original: its language, its numbers, its doses, what it denies."""

import re
import shutil
from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from clinicpress import words
from clinicpress.cli import main
from clinicpress.documents.translated import (
    in_another_language,
    not_compared,
    number_faults,
    quantities,
    small_words,
    untranslated,
)
from clinicpress.documents.turned import denial_faults
from clinicpress.words import SOURCE, SPOKEN_LANGUAGES, catalogue_of, language_told
from tests.lint.shelf import EXAMPLES, TODAY

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


# A translation beside its original ------------------------------------------------------------------------------------

CASES = Path(__file__).parent / "cases" / "translate"
ENGLISH_SPANISH = ("en", "es")


def pairs(name: str) -> list[tuple[str, str, str]]:
    """Invented pairs: what was planted (nothing in sound ones), the English, the Spanish."""
    rows = (CASES / name).read_text(encoding="utf-8").splitlines()
    return [(fault, source, target) for fault, source, target in (row.split("\t") for row in rows)]


FAULTS: dict[str, Callable[[str, str], bool]] = {
    "untranslated": lambda source, target: untranslated(source, target, ENGLISH_SPANISH, small_words([source])),
    "language": lambda source, target: bool(in_another_language(target, "es")),
    "number": lambda source, target: any("numbers" in one for one in number_faults(source, target, ENGLISH_SPANISH)),
    "unit": lambda source, target: any("became" in one for one in number_faults(source, target, ENGLISH_SPANISH)),
    "negation": lambda source, target: any(denial_faults(source, target, ENGLISH_SPANISH)),
}


def seen(source: str, target: str) -> set[str]:
    return {fault for fault, looks in FAULTS.items() if looks(source, target)}


@pytest.mark.parametrize("pair", pairs("pairs.tsv"), ids=lambda pair: f"{pair[0] or 'sound'}: {pair[1]}")
def test_a_planted_fault_is_found_and_a_sound_pair_is_left_alone(pair: tuple[str, str, str]) -> None:
    fault, *texts = pair
    found = seen(*texts)
    assert fault in found if fault else found == set()


def test_most_pairs_that_were_written_after_the_rule_are_judged_rightly() -> None:
    """These were never tuned for: 1 of 30 faults is missed, and 3 of 30 sound ones are taken for faulty."""
    missed = [one for one in pairs("pairs-later.tsv") if one[0] and not seen(*one[1:])]
    wronged = [one for one in pairs("pairs-later.tsv") if not one[0] and seen(*one[1:])]
    assert len(missed) <= 1
    assert len(wronged) <= 3
    assert {fault for one in wronged for fault in seen(*one[1:])} <= {"negation"}  # no error, a warning


def test_half_of_the_pairs_are_faulty() -> None:
    for name, least in (("pairs.tsv", 100), ("pairs-later.tsv", 60)):
        faulty = [bool(fault) for fault, *_ in pairs(name)]
        assert len(faulty) >= least
        assert sum(faulty) * 2 == len(faulty)


def test_the_words_of_the_program_are_translated_soundly() -> None:
    with catalogue_of("es").open("rb") as file:
        said = [(str(one.id), str(one.string)) for one in read_po(file) if one.id and one.string]
    assert len(said) > 500
    assert {source: seen(source, target) for source, target in said if source != target and seen(source, target)} == {}


@pytest.mark.parametrize(
    ("written", "certain", "values"),
    [
        ("1,000", True, ["1000"]),
        ("1.500", True, ["3/2"]),
        ("1.500", False, ["1500", "3/2"]),
        ("1\u00a0000", False, ["1000"]),
        ("1.234.567", False, ["1234567"]),
        ("1,234.5", True, ["2469/2"]),
        ("0,5", False, ["1/2"]),
        ("½", True, ["1/2"]),
        ("⅓", True, ["1/3"]),
        ("1/4", True, ["1/4"]),
        (".5", True, ["1/2"]),
        ("third", True, ["3", "1/3"]),
        ("twenty-five", True, ["25"]),
        ("two hundred", True, ["200"]),
        ("a hundred and", True, ["100"]),
    ],
)
def test_a_number_is_read_as_each_land_writes_it(written: str, certain: bool, values: list[str]) -> None:
    (found,) = quantities(written, "en", certain=certain)
    assert found.values == tuple(map(Fraction, values))


@pytest.mark.parametrize(
    ("text", "tag", "told"),
    [
        ("Tome treinta y dos gotas.", "es", ["treinta y dos drop"]),
        ("Call 555.010.0199 or 9:00.", "en", ["555", "010", "0199", "9", "00"]),
        ("6 to 8 weeks, 5 mg, 101 °F and 5%", "en", ["6", "8 week", "5 milligram", "101 fahrenheit", "5 percent"]),
        ("a 12-hour fast", "en", ["a", "12 hour"]),
        ("2 muỗng canh, 1 muỗng cà phê", "vi", ["2 tablespoon", "1 teaspoon"]),
        ("2 viên nang, 3 viên, 2 lần", "vi", ["2 capsule", "3", "2 time"]),
        ("2 lần xịt hoặc 2 lần hít", "vi", ["2", "2 puff"]),
        ("38 độ C, 5 phần trăm", "vi", ["38 celsius", "5 percent"]),
        ("hai mươi lăm năm", "vi", ["hai mươi lăm year"]),
        ("một trăm năm mươi ngày", "vi", ["một trăm năm mươi day"]),
        ("một trăm lẻ năm ngày", "vi", ["một trăm lẻ năm day"]),
        ("hai năm mười tháng", "vi", ["hai year", "mười month"]),
        ("dos y segundos", "es", ["dos"]),
        ("twenty a day", "en", ["twenty", "a day"]),
    ],
)
def test_a_number_stands_with_its_unit(text: str, tag: str, told: list[str]) -> None:
    assert [one.told for one in quantities(text, tag, certain=True)] == told


@pytest.mark.parametrize(
    ("text", "tag", "value"),
    [
        ("one hundred twenty-five", "en", 125),
        ("two thousand five hundred", "en", 2500),
        ("one hundred twenty-five thousand", "en", 125_000),
        ("two million three thousand", "en", 2_003_000),
        ("5 million", "en", 5_000_000),
        ("ciento veinticinco", "es", 125),
        ("ciento treinta y dos", "es", 132),
        ("dos mil quinientos", "es", 2500),
        ("mil doscientos", "es", 1200),
        ("5 mil", "es", 5000),
        ("một trăm hai mươi lăm", "vi", 125),
        ("hai nghìn năm trăm", "vi", 2500),
        ("hai nghìn không trăm lẻ năm", "vi", 2005),
        ("5 nghìn", "vi", 5000),
    ],
)
def test_a_number_in_words_is_put_together_by_its_places(text: str, tag: str, value: int) -> None:
    (found,) = quantities(f"{text}.", tag, certain=True)
    assert (found.written, found.values) == (text, (value,))


@pytest.mark.parametrize(
    ("text", "tag", "values"),
    [
        ("nine one one", "en", [9, 1, 1]),
        ("five two hundred", "en", [5, 200]),
        ("one hundred, five", "en", [100, 5]),
        ("20 five", "en", [20, 5]),
        ("5 mg thousand", "en", [5, 1000]),
        ("dos tres", "es", [2, 3]),
        ("un tercio", "es", [1, Fraction(1, 3)]),
        ("ba, bốn", "vi", [3, 4]),
    ],
)
def test_two_numbers_stay_two(text: str, tag: str, values: list[int]) -> None:
    assert [one.values[0] for one in quantities(text, tag, certain=True)] == values


@pytest.mark.parametrize("text", ["9" * 9000, "1." * 9000, "1/0, 0/5 and 5/0", "²³ ٣ mg", "½" * 900, "two " * 900])
def test_no_number_stops_the_reading(text: str) -> None:
    assert all(one.values for one in quantities(text, "en", certain=False))


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("What to expect", True),
        ("**What** to _expect_", True),
        ("Skin care", True),
        ("Advil, Naprosyn", False),
        ("Ada Example, ND", False),
        ("CGRP 5% {clinic.name}", False),
        ("https://example.org/for-you", False),
        ("Video", False),
        ("Sinusitis", False),
        ("¿Habla español? Tiene ayuda gratis.", False),
        ("", False),
    ],
)
def test_names_numbers_and_words_of_both_languages_need_no_translation(text: str, left: bool) -> None:
    known = frozenset({"skin", "care", "video", "sinusitis"})
    assert untranslated(text, text, ENGLISH_SPANISH, known) is left


def test_what_a_language_has_no_words_for_is_believed_and_said() -> None:
    """Swahili has no row: nothing is found, and all of it is named."""
    pair = "Do not take two.", "Usinywe mbili."
    assert not_compared("es") == not_compared("en") == ()
    assert not_compared("sw") == ("number words", "units", "words that deny", "small words")
    assert list(denial_faults(*pair, ("en", "sw"))) == []
    assert list(number_faults(*pair, ("en", "sw"))) == []
    assert not in_another_language(pair[1], "sw")
    assert untranslated("Take it with food.", "Take it with food.", ("en", "sw"), frozenset())


def test_a_third_language_is_set_beside_english_by_its_data_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    row = words.Language(
        "Tiếng Việt",
        numbers={"2": "hai", "5": "năm lăm", "10": "mười mươi", "20": "chục"},
        units={"drop": "giọt", "hour": "giờ", "year": "năm", "milliliter": "ml"},
        negation={"plain": "không đừng", "turned": "tránh", "alike": "chỉ"},
        thousands=".",
    )
    monkeypatch.setattr(words, "LANGUAGE_ROWS", {**words.LANGUAGE_ROWS, "xx": row})
    pair = ("en", "xx")
    sound = {
        "Take twenty-five drops. Do not drive.": "Uống hai mươi lăm giọt. Đừng lái xe.",
        "Wait five years.": "Chờ 5 năm.",
        "Use 2.5 mL every two hours.": "Dùng 2,5 ml mỗi hai giờ.",
        "Avoid milk.": "Không uống sữa.",
    }
    faulty = {
        "Take twenty-five drops.": "Uống hai mươi giọt.",
        "Wait five years.": "Chờ 5 giờ.",
        "Do not drive.": "Hãy lái xe.",
    }
    assert not_compared("xx") == ("small words",)
    for texts, wrong in ((sound, False), (faulty, True)):
        for source, target in texts.items():
            found = [*number_faults(source, target, pair), *denial_faults(source, target, pair)]
            assert bool(found) is wrong, (source, target, found)


@pytest.mark.parametrize(
    ("source", "target", "tag", "differs"),
    [
        ("Can I drive?", "Tôi có lái xe được không?", "vi", False),
        ("Do you smoke?", "Quý vị có hút thuốc không ạ?", "vi", False),
        ("Ask whether you may eat.", "Hãy hỏi xem quý vị có được ăn hay không.", "vi", False),
        ("Have you eaten?", "Quý vị đã ăn chưa?", "vi", False),
        ("The air must be clean.", "Không khí phải sạch.", "vi", False),
        ("Take it with food, such as bread.", "Uống với thức ăn, chẳng hạn bánh mì.", "vi", False),
        ("You may drive.", "Quý vị không được lái xe.", "vi", True),
        ("Is it so that you smoke?", "Có phải quý vị không hút thuốc?", "vi", True),
        ("Do not breathe the air.", "Hãy hít không khí.", "vi", True),
        ("Do not drive.", "Quý vị lái xe được không?", "vi", True),
        ("Call us if it hurts.", "Llame si le duele o no.", "es", False),
        ("However, call us.", "No obstante, llámenos.", "es", False),
        ("You feel well, right?", "Se siente bien, ¿no?", "es", False),
        ("Call us.", "No llame.", "es", True),
        ("It was used or is right.", "Ya se usó o no es correcto.", "es", True),
        ("Call us if you are tired or eat.", "Hãy gọi nếu quý vị mệt hay không ăn.", "vi", True),
        ("Stay, or not to mend it is best.", "Quédese.", "es", True),
        ("Call us whether or not it hurts.", "Llame aunque le duela.", "es", False),
        ("Do not call us.", "Llame.", "es", True),
    ],
)
def test_a_question_and_a_word_that_only_holds_a_denial_deny_nothing(
    source: str, target: str, tag: str, differs: bool
) -> None:
    assert bool([*denial_faults(source, target, ("en", tag))]) is differs


# What comes of it -----------------------------------------------------------------------------------------------------

BY = ("--by", "Ada Example, ND")


def on_shelf(folder: Path, code: str, side: str = "bad") -> tuple[str, ...]:
    """A shelf with a translation that breaks a rule, as the options of a command."""
    shutil.copytree(EXAMPLES / code / side, folder / "handouts")
    clinic = EXAMPLES / "B01" / "good" / "clinic.toml"
    return ("--handouts", str(folder / "handouts"), "--clinic", str(clinic), "--today", TODAY)


@pytest.mark.parametrize("code", ["T04", "T06", "T07", "T08"])
def test_a_translation_with_such_findings_is_approved_with_a_reason_for_each_only(
    code: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shelf = on_shelf(tmp_path, code)
    approve = ("approve", "ear-rinse", "--kind", "handout", "--lang", "es", *BY, *shelf)
    assert main([*approve]) == 2
    said = capsys.readouterr().err
    assert code in said
    assert re.search(r"handout\.es\.md:[1-9]\d*: (error|warning) " + code, said)
    assert not (tmp_path / "handouts" / "ear-rinse" / "review.toml").exists()
    assert main([*approve, "--despite", code, "--reason", "Compared by Eva Muster."]) == 0
    assert main(["check", *shelf]) == 0
    assert "Accepted by Ada Example, ND: Compared by Eva Muster." in capsys.readouterr().out
    assert main([*approve]) == 0  # it was answered


def test_a_sound_translation_is_approved_without_more(tmp_path: Path) -> None:
    shelf = on_shelf(tmp_path, "T07", "good")
    assert main(["approve", "ear-rinse", "--kind", "handout", "--lang", "es", *BY, *shelf]) == 0


def test_a_text_in_another_language_than_it_says_is_found_without_an_original(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shelf = on_shelf(tmp_path, "T04", "good")
    (tmp_path / "handouts" / "ear-rinse" / "handout.en.md").unlink()
    spanish = tmp_path / "handouts" / "ear-rinse" / "handout.es.md"
    main(["check", *shelf])
    assert "T06" not in capsys.readouterr().out
    text = spanish.read_text(encoding="utf-8").replace("language: es", "language: en")
    spanish.rename(spanish.with_name("handout.en.md")).write_text(text, encoding="utf-8")
    assert main(["check", *shelf]) == 2
    assert "it is in Spanish" in " ".join(capsys.readouterr().out.split())


def test_a_translation_that_was_left_whole_is_told_in_a_few_lines(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shelf = on_shelf(tmp_path, "T04", "good")
    english, spanish = (tmp_path / "handouts" / "ear-rinse" / f"handout.{tag}.md" for tag in ("en", "es"))
    spanish.write_text(english.read_text(encoding="utf-8").replace("language: en", "language: es"), encoding="utf-8")
    assert main(["check", *shelf]) == 2
    said = capsys.readouterr().out
    assert "T06 not-translated, 12 times" in said
    assert "13 error(s)" in said
    assert "4 more texts are not translated." in said
