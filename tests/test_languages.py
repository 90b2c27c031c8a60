"""Every word that the program prints is there in every language, and a translation shows what went out of date."""

import re
import shutil
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from babel import localedata
from babel.messages.pofile import read_po
from jinja2 import Environment, nodes

from clinicpress import library, words
from clinicpress.cli.choosing import pair_of
from clinicpress.desk import prints as desk_printing
from clinicpress.desk.answers import preferred
from clinicpress.desk.posted import Posted
from clinicpress.desk.prints import SENTENCES
from clinicpress.desk.visits import as_typed
from clinicpress.documents import BLOCKS, LANGUAGES, Document, Translation, worded
from clinicpress.documents.variables import VARIABLES
from clinicpress.errors import RenderError
from clinicpress.lint import Context, check_clinic, translation
from clinicpress.markup import to_html
from clinicpress.orders import Order
from clinicpress.press import press
from clinicpress.printers import REFUSALS, STATES
from clinicpress.words import SOURCE, Words, catalogue_of, words_in
from tests import forms, prints
from tests.lint.shelf import EXAMPLES, change, forked
from tests.prints import CONSENT, HANDOUT, ROOT, TOPIC
from tools.catalogues import messages

OTHERS = [language for language in LANGUAGES if language != SOURCE]
VALUES = re.compile(r"\{\w+\}")
STAFF_ONLY = "report"  # a page for the manager, in English
PAIR = EXAMPLES / "T03" / "bad" / "ear-rinse"  # a handout and what a machine made of it


# The words of the templates -------------------------------------------------------------------------------------------


def known(language: str) -> Mapping[str, str]:
    with catalogue_of(language).open("rb") as file:
        return {str(one.id): str(one.string) for one in read_po(file, locale=language) if one.id}


def test_there_is_another_language_and_many_messages() -> None:
    assert OTHERS
    assert len(messages()) > 100


@pytest.mark.parametrize("language", OTHERS)
def test_every_message_has_words_in_every_language_and_no_word_is_left_over(language: str) -> None:
    """`python tools/catalogues.py` brings a catalogue up to date; the words are for a translator."""
    said = known(language)
    assert [message for message in messages() if not said.get(message)] == []
    assert [message for message in said if message not in messages()] == []
    assert dict(words_in(language).messages) == said


@pytest.mark.parametrize("language", OTHERS)
def test_the_words_of_every_language_take_the_same_values(language: str) -> None:
    for message, said in known(language).items():
        assert sorted(VALUES.findall(message)) == sorted(VALUES.findall(said)), message
        assert said == said.strip()
        assert "<" not in said


@pytest.mark.parametrize("language", OTHERS)
def test_a_draft_says_draft_in_every_language_beside_its_translation(language: str) -> None:
    marks = {message: said for message, said in known(language).items() if "DRAFT" in message}
    assert len(marks) >= 4
    for said in marks.values():
        assert re.match(r"DRAFT · \S{4,}", said)


def test_missing_words_stop_the_printing_and_english_never_stands_in() -> None:
    poor = Words("es", {"Notes": "Notas"})
    assert poor("Notes") == "Notas"
    assert Words("en")("Signature") == "Signature"
    with pytest.raises(RenderError, match="'es' has no words for 'Signature'"):
        poor("Signature")
    with pytest.raises(RenderError, match="'xx' has no words"):
        words_in("xx")("Signature")


def test_no_template_holds_words_of_its_own() -> None:
    """Words outside of _(…) would print in English in every language."""
    templates = [
        path for path in sorted((prints.ROOT / "templates").rglob("*.j2")) if path.name.partition(".")[0] != STAFF_ONLY
    ]
    assert {path.parent.name for path in templates} == {"templates", "desk"}
    assert len(templates) >= 20
    for path in templates:
        assert bare_words(path.read_text(encoding="utf-8")) == [], path.name
    assert bare_words("<p>{{ x }} Call us</p>") == ["Call us"]
    assert bare_words('<p>{{ "Call us" }}</p>') == ["Call us"]


def bare_words(template: str) -> list[str]:
    """What a template prints that is not in the catalogue: text between its marks, and texts of two words in them."""
    template = re.sub(r"\{#.*?#\}|<code>.*?</code>|\{% block place %\}\w+", "", template, flags=re.DOTALL)
    printed = " ".join(re.findall(r"\{\{(?! browser_print)(.*?)\}\}", template))
    said = [text for before, text in re.findall(r'(_\()?"([^"]*)"', printed) if not before]
    text = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", " ", template, flags=re.DOTALL)
    text = re.sub(r"<!?[^>]*>", "\n", re.sub(r'[\w-]+="[^"]*"', "", text))  # a macro may make attributes only
    found = [one.strip() for one in text.split("\n") if re.search(r"[A-Za-z]{2}", one)]
    return found + [one for one in said if re.search(r"[A-Za-z]+ [A-Za-z]+", one)]


def test_what_a_template_says_by_a_variable_comes_from_a_table_that_is_translated() -> None:
    """The words of any other variable would be missing on a page in another language, and the page with them."""
    templates = sorted((prints.ROOT / "templates").rglob("*.j2"))
    found = {name for path in templates for name in said_by_variable(path.read_text(encoding="utf-8"))}
    assert found == {"one.sentence", "one.answer", "panel.trouble"}  # all of them tell of printing
    tables = {*SENTENCES, *STATES, *REFUSALS}
    assert tables <= set(messages())
    assert {one for one in vars(desk_printing).values() if isinstance(one, str) and one in tables} == set(SENTENCES)
    assert said_by_variable('{{ _(x.y) }}{{ _("a" if b else "c") }}{{ _("a") if b else _("c") }}') == [
        "x.y",
        "CondExpr",
    ]


def said_by_variable(template: str) -> list[str]:
    """What is given to the words of a template but is no text in it."""
    calls = Environment(autoescape=True).parse(template).find_all(nodes.Call)
    given = (one.args[0] for one in calls if isinstance(one.node, nodes.Name) and one.node.name == "_")
    odd = [one for one in given if not (isinstance(one, nodes.Const) and isinstance(one.value, str))]
    return [
        f"{one.node.name}.{one.attr}"
        if isinstance(one, nodes.Getattr) and isinstance(one.node, nodes.Name)
        else type(one).__name__
        for one in odd
    ]


def test_no_style_sheet_prints_words_of_its_own() -> None:
    for path in sorted((prints.ROOT / "templates").glob("*.css")):
        if path.name.partition(".")[0] == STAFF_ONLY:
            continue
        assert printed_words(path.read_text(encoding="utf-8")) == [], path.name
    assert printed_words('.n::after { content: "Page " counter(page) } .o { width: 1pt }') == ["Page "]


def printed_words(styles: str) -> list[str]:
    contents = re.findall(r"content: ([^;}]*)", styles)
    return [text for one in contents for text in re.findall(r'"([^"]*)"', one) if re.search(r"(?<!\\)[B-Zb-z]", text)]


def test_days_are_written_as_each_language_writes_them() -> None:
    day = date(2027, 11, 2)
    assert (words_in("en").day(day), words_in("en").short_day(day)) == ("November 2, 2027", "Nov 2, 2027")
    assert (words_in("es").day(day), words_in("es").short_day(day)) == ("2 de noviembre de 2027", "2 nov 2027")
    with pytest.raises(AttributeError):
        words_in("en").day(None)  # type: ignore[arg-type]  Babel would write today


# A document in Spanish ------------------------------------------------------------------------------------------------


def spanish(wanted: prints.Wanted) -> Order:
    """A shipped document as if its words were Spanish: its furniture and its blocks are."""
    ordered = prints.order(wanted)
    document: Document = replace(ordered.document, language="es")
    if document.kind.is_form:
        blocks = tuple(worded(BLOCKS[block.name], words_in("es")) for block in document.form_blocks)
        document = replace(document, form_blocks=blocks)
    return replace(ordered, document=document)


@pytest.mark.parametrize("wanted", [HANDOUT, CONSENT], ids=str)
def test_a_spanish_document_says_nothing_of_the_program_in_english(wanted: prints.Wanted) -> None:
    html = to_html(spanish(wanted)).html
    assert '<html lang="es">' in html
    html = re.sub(r'<p class="beside" lang="en">.*?</p>', "", html)
    texts = {" ".join(text.split()) for text in re.sub(r"<[^>]*>", "\n", html).split("\n")}
    same = {message for message, said in known("es").items() if said == message}  # "No", "Video"
    assert sorted(texts & (set(messages()) - same)) == []
    assert texts & set(known("es").values())


def test_the_interpreters_part_is_in_the_language_of_the_document_and_in_english() -> None:
    html = to_html(spanish(CONSENT)).html
    spoken = html[html.index('<div class="person interpreter">') :].partition("</div>\n")[0]
    assert "Intérprete." in spoken
    beside = re.findall(r'<p class="beside" lang="en">(.*?)</p>', html)
    assert len(beside) == 1
    assert beside[0].startswith("<b>Interpreter.</b> I interpreted it all.")
    for word in ("In person", "Phone", "Video", "Patient declined one", "Signature, or ID if remote", "Date", "Time"):
        assert word in beside[0]
    assert 'class="beside"' not in to_html(prints.order(CONSENT)).html


def test_the_printed_spanish_form_tells_a_screen_reader_where_english_begins() -> None:
    finished = press.produce(spanish(CONSENT), forms.kept)
    where = {str(one["name"]): one["page"] for one in finished.about["fields"] if one["kind"] == "signature"}
    patient = where.pop("patient.signature")
    assert set(where.values()) == {patient}  # all sign on one side
    with pikepdf.Pdf.open(BytesIO(finished.pdf)) as pdf:
        assert str(pdf.Root.Lang) == "es"
        spoken = [one for one in pdf.objects if isinstance(one, pikepdf.Dictionary) and "/Lang" in one and "/S" in one]
        assert [(str(one.S), str(one.Lang)) for one in spoken] == [("/P", "en")]


def test_values_are_written_in_the_language_of_the_form_and_choices_may_be_named_in_english() -> None:
    form = spanish(CONSENT).document
    assert form.kind.is_form
    said = ["patient.birth_date=1961-04-09", "encounter.side=left"]
    values = library.read_encounter(None, said, form, prints.fonts()[0], date(2026, 12, 1)).values
    assert values["patient.birth_date"] == "9 abr 1961"
    assert values["encounter.side"] == words_in("es")("Left") != "Left"


# What went out of date ------------------------------------------------------------------------------------------------


def translated(handouts: Path, kind: str = "handout") -> Document:
    documents, problems = library.read_library(handouts)
    assert problems == []
    return next(one for one in documents if one.language == "es" and str(one.kind) == kind)


@pytest.fixture
def pair(tmp_path: Path) -> Path:
    shutil.copytree(PAIR, tmp_path / "ear-rinse")
    return tmp_path / "ear-rinse"


CHANGES = {
    "title": ("title: Having your", "title: To have your"),
    "opening": ("How we wash", "How to wash"),
    "definition": ("rinse your ear with", "rinse an ear with"),
    "mechanism": ("wax soft", "wax very soft"),
    "benefits": ("## What may help you", "## What helps you"),
    "drawbacks": ("- Some people", "- A few people"),
    "expect": ("ten minutes", "nine minutes"),
    "questions": ("our office.", "our office!"),
}


def test_every_part_is_changed_once_in_these_tests() -> None:
    original = translated(PAIR.parent).original
    assert original is not None
    assert set(original.parts) == set(CHANGES)


@pytest.mark.parametrize("part", CHANGES)
def test_a_change_of_one_part_makes_exactly_that_part_stale(part: str, pair: Path) -> None:
    assert translated(pair.parent).stale_parts == ()
    change(pair / "handout.en.md", CHANGES[part])
    assert translated(pair.parent).stale_parts == (part,)
    change(pair / "handout.en.md", CHANGES[part][::-1])
    assert translated(pair.parent).stale_parts == ()


@pytest.mark.parametrize("kind", ["handout", "consent"])
def test_every_line_of_the_shipped_texts_belongs_to_one_part(kind: str, tmp_path: Path) -> None:
    """Each line of the English text is changed in turn, and exactly one part becomes stale."""
    shutil.copytree(prints.ROOT / "handouts" / prints.TOPIC, tmp_path / prints.TOPIC)
    path = tmp_path / prints.TOPIC / f"{kind}.en.md"
    text = path.read_text(encoding="utf-8")
    before = library.read_document(path).parts
    seen = set()
    lines = text.split("\n")
    body = lines.index("---", 1)
    for number in range(body + 1, len(lines)):
        if not lines[number].strip() or set(lines[number]) <= set("|- :"):
            continue
        mark = lines[number].find("{") if lines[number].startswith("#") else len(lines[number].rstrip(" |"))
        changed = lines[number][:mark].rstrip() + "x " + lines[number][mark:]
        if lines[number].startswith("!["):
            changed = lines[number].replace("Two drawings", "Three drawings")
        path.write_text("\n".join([*lines[:number], changed, *lines[number + 1 :]]), encoding="utf-8")
        after = library.read_document(path).parts
        different = [name for name in before if after[name] != before[name]]
        assert len(different) == 1, lines[number]
        seen.add(different[0])
    assert seen == set(before) - {"title", "procedure"}


@pytest.mark.parametrize("kind", ["handout", "consent"])
def test_the_shipped_translation_is_a_machine_draft_of_the_shipped_english(kind: str) -> None:
    document = translated(prints.ROOT / "handouts", kind)
    assert document.original is not None
    assert document.translation is not None
    assert document.stale_parts == ()
    assert list(document.translation.sections) == list(document.original.parts)
    assert document.translation.tool
    assert not document.current_translation
    context = Context(date(2026, 12, 1), frozenset())
    found = {one.code for rule in translation.RULES for one in rule(document, context)}
    assert found == {"T03"}


def test_empty_lines_and_blanks_do_not_make_a_translation_stale(pair: Path) -> None:
    change(
        pair / "handout.en.md",
        ("## How it works", "\n##  How it  works"),
        ("to wash the wax out.", "to wash the wax out.  "),
    )
    assert translated(pair.parent).stale_parts == ()


def test_the_words_of_a_drawing_belong_to_the_section_that_shows_it(pair: Path) -> None:
    drawing = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><text>Ear</text><path d="M0 0"/></svg>'
    (pair / "ear.svg").write_text(drawing, encoding="utf-8")
    change(pair / "handout.en.md", ("The water then carries it out.", 'Then.\n\n![An ear](ear.svg "An ear")'))
    before = translated(pair.parent).original
    (pair / "ear.svg").write_text(drawing.replace("M0 0", "M1 1"), encoding="utf-8")
    moved = translated(pair.parent).original
    (pair / "ear.svg").write_text(drawing.replace("Ear", "Nose"), encoding="utf-8")
    named = translated(pair.parent).original
    assert before is not None
    assert moved is not None
    assert named is not None
    assert moved.parts == before.parts
    assert [name for name in before.parts if named.parts[name] != before.parts[name]] == ["mechanism"]


def test_a_translation_is_current_only_when_a_human_stands_behind_all_of_it(pair: Path) -> None:
    machine = translated(pair.parent)
    record = machine.translation
    assert record is not None
    assert machine.original is not None
    assert machine.original.current_translation
    by_human = replace(record, tool="", translator="Ana Example, translator")
    short = replace(record, reviewer="Ana Example", sections=dict(list(record.sections.items())[1:]))
    for changed, current in (
        (record, False),
        (replace(record, reviewer="Ana Example, translator"), True),
        (by_human, True),
        (short, False),
        (None, False),
    ):
        assert replace(machine, translation=changed).current_translation is current
    assert not replace(machine, original=None).current_translation  # a record of a text that is not there
    assert replace(machine, original=None, translation=None).current_translation  # written in Spanish by the clinic


def test_a_broken_record_is_named_with_its_line(pair: Path) -> None:
    change(
        pair / "handout.es.md",
        ("  date: 2026-11-23", '  date: "soon"'),
        ("  tool:", "  tools:"),
    )
    _, problems = library.read_library(pair.parent)
    found = {(one.code, one.line) for one in problems}
    lines = (pair / "handout.es.md").read_text(encoding="utf-8").split("\n")
    where: Callable[[str], int] = lambda start: next(n for n, row in enumerate(lines, 1) if row.startswith(start))  # noqa: E731
    assert found == {("S04", where("  date")), ("S01", where("  tools"))}


def test_a_record_knows_what_is_new_changed_and_gone() -> None:
    record = Translation("en", "", "A, b", date(2026, 1, 1), "", {"one": "1", "two": "2", "old": "3"})
    assert record.stale({"one": "1", "two": "x", "new": "4"}) == ("two", "new", "old")


def test_the_floor_of_words_is_read_from_files_that_ship() -> None:
    assert words.LOCALES.is_dir()


AMOUNTS = {
    ("en", 1, "hour"): "1 hour",
    ("es", 24, "hour"): "24 horas",
    ("vi", 24, "hour"): "24 giờ",  # Babel has only the short form
    ("it", 15, "day"): "15 giorni",
    ("ko", 24, "hour"): "24시간",
    ("ar", 15, "day"): "15 يومًا",
}


@pytest.mark.parametrize("asked", AMOUNTS, ids=str)
def test_so_many_of_a_unit_of_time_is_said_in_the_words_of_the_language(asked: tuple[str, int, str]) -> None:
    language, number, unit = asked
    assert Words(language).amount(number, unit) == AMOUNTS[asked]


def test_no_patient_reads_the_key_of_a_unit() -> None:
    known = [tag for tag in words.SPOKEN_LANGUAGES if localedata.exists(tag)]
    units = {one.unit for one in VARIABLES.values() if one.unit}
    assert len(known) > 20
    assert units >= {"hour", "day"}
    said = [Words(tag).amount(number, unit) for tag in known for unit in units for number in (1, 2, 5, 15, 24)]
    assert [one for one in said if "duration" in one] == []
    with pytest.raises(RenderError, match="no words for 'fathom'"):
        Words("vi").amount(5, "fathom")


# Which language is meant ----------------------------------------------------------------------------------------------

SPANISH = ("es", "ES", "es-MX", "es_419", "ES-us", "es-MX-x-clinic", "spa", "Spanish", "Español (México)", "castellano")
NAMED = {
    **dict.fromkeys(SPANISH, "es"),
    **dict.fromkeys(("en", "en-GB", "eng", "English (United States)", "EN_us"), "en"),
    **dict.fromkeys(("vi", "vie", "Vietnamese", "Tiếng Việt", unicodedata.normalize("NFD", "Tiếng Việt")), "vi"),
    **dict.fromkeys(("", "so", "Klingon", "e", "est", "English/Spanish", "es en", "español e inglés"), ""),
}


@pytest.mark.parametrize("said", NAMED)
def test_a_language_is_the_nearest_that_is_there_however_it_is_named(said: str) -> None:
    assert words.nearest_language(said, LANGUAGES) == NAMED[said]


def test_a_language_of_a_country_comes_before_the_language_where_it_has_a_text(monkeypatch: pytest.MonkeyPatch) -> None:
    words.language_tag.cache_clear()
    monkeypatch.setattr(words, "_ROWS", {**words._ROWS, "es-mx": "es-MX"})
    assert words.nearest_language("es_mx", ("es", "es-MX")) == "es-MX"
    assert words.nearest_language("es_mx", ("en", "es")) == "es"
    assert words.nearest_language("es-PR", ("es", "es-MX")) == "es"
    words.language_tag.cache_clear()


@pytest.mark.parametrize("said", ["es-MX", "es_419", "Spanish", "spa", "Español (México)"])
def test_a_command_takes_the_nearest_language_and_says_so(said: str) -> None:
    options = ("--handouts", str(PAIR.parent), "--today", "2026-12-01")
    refused = forked("approve", "ear-rinse", "--kind", "handout", "--lang", said, "--by", "Ada Example, ND", *options)
    assert f"--lang {said}: Español (es) is taken." in refused.stderr
    assert "This translation cannot be approved as it is" in refused.stderr
    plain = forked("approve", "ear-rinse", "--kind", "handout", "--lang", "es", "--by", "Ada Example, ND", *options)
    assert "is taken" not in plain.stderr


def test_a_command_refuses_a_language_that_is_not_there_with_those_that_are() -> None:
    refused = forked("new", "knee", "--lang", "Klingon")
    assert refused.returncode == 3
    assert "the language 'Klingon' is unknown. Known are: en, es, vi." in refused.stderr


def test_a_language_in_which_there_is_no_text_is_named_with_those_in_which_there_are() -> None:
    options = ("--handouts", str(PAIR.parent), "--today", "2026-12-01")
    refused = forked("build", "ear-rinse", "--lang", "Vietnamese", *options)
    assert "There is no such document in the language 'vi'. There are: en, es." in refused.stderr


def test_two_languages_in_one_document_may_be_named_with_their_countries(capsys: pytest.CaptureFixture[str]) -> None:
    assert pair_of("en-US+es-MX", None) == ("en", "es")
    assert "--bilingual en-US+es-MX: en+es is taken." in capsys.readouterr().err
    assert pair_of("en+es", None) == ("en", "es")
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("asked", "language"),
    [
        ("es-419,es;q=0.9", "es"),
        ("fr,es-MX;q=0.5", "es"),
        ("est,en;q=0.3", "en"),
        ("*", "en"),
        ("", "en"),
        ("ES", "es"),
    ],
)
def test_the_desk_speaks_the_nearest_language_that_the_browser_asks_for(asked: str, language: str) -> None:
    assert preferred({"type": "http", "headers": [(b"accept-language", asked.encode())]}) == language


@pytest.mark.parametrize("said", ["es-MX", "Spanish", "es"])
def test_the_desk_takes_the_nearest_language_of_a_patient(said: str) -> None:
    assert as_typed(Posted({"patient.language": (said,)}))["patient.language"] == "es"


# The clinic's notice of language assistance ---------------------------------------------------------------------------

NOTICE = (
    "Free help in your language:\ncall us.\n\n[es] ¿Habla español? Tiene ayuda gratis.\n\n[vi] Tiếng Việt: hãy gọi.\n"
)


def clinic_with(folder: Path, notice: str) -> Path:
    shutil.copytree(EXAMPLES / "B01" / "good", folder, dirs_exist_ok=True)
    (folder / "notice.txt").write_text(notice, encoding="utf-8")
    profile = folder / "clinic.toml"
    profile.write_text('language_notice = "notice.txt"\n' + profile.read_text(encoding="utf-8"), encoding="utf-8")
    return profile


@pytest.mark.parametrize("wanted", [HANDOUT, CONSENT], ids=str)
def test_the_clinics_notice_is_printed_word_for_word_at_the_end(wanted: prints.Wanted, tmp_path: Path) -> None:
    families = {face.family for face in prints.fonts()}
    clinic = library.read_clinic(clinic_with(tmp_path, NOTICE), families)
    html = to_html(prints.order(wanted, clinic=clinic)).html
    notice = html[html.index('<section class="notice">') : html.index("</body>")]
    assert re.findall(r"<p( lang=\"\w+\")?>([^<]*)</p>", notice) == [
        ("", "Free help in your language: call us."),
        (' lang="es"', "¿Habla español? Tiene ayuda gratis."),
        (' lang="vi"', "Tiếng Việt: hãy gọi."),
    ]
    assert 'class="notice"' not in to_html(prints.order(wanted)).html
    assert [line for _, _, line in clinic.language_notice.paragraphs] == [1, 4, 6]  # type: ignore[union-attr]


def test_a_printed_notice_is_read_aloud_in_its_languages(tmp_path: Path) -> None:
    clinic = library.read_clinic(clinic_with(tmp_path, NOTICE), {face.family for face in prints.fonts()})
    finished = press.produce(prints.order(HANDOUT, clinic=clinic), forms.kept)
    with pikepdf.Pdf.open(BytesIO(finished.pdf)) as pdf:
        spoken = [
            str(one.Lang)
            for one in pdf.objects
            if isinstance(one, pikepdf.Dictionary) and "/Lang" in one and "/S" in one
        ]
        assert sorted(spoken) == ["es", "vi"]


@pytest.mark.parametrize(
    ("notice", "name", "code"),
    [
        ("مساعدة", "notice.txt", "S20"),
        ("Help", "../notice.txt", "S20"),
        ("Help", "none.txt", "S20"),
        ("Help\a", "notice.txt", "S16"),
        ("Help \N{BUG}", "notice.txt", "B04"),
    ],
)
def test_a_notice_that_cannot_be_printed_is_refused(notice: str, name: str, code: str, tmp_path: Path) -> None:
    profile = clinic_with(tmp_path / "clinic", notice)
    (tmp_path / "notice.txt").write_text("Help", encoding="utf-8")
    change(profile, ('"notice.txt"', f'"{name}"'))
    clinic, problems = library.examine_clinic(profile, {face.family for face in prints.fonts()})
    assert clinic is not None
    writable = frozenset().union(*(face.coverage for face in prints.fonts()))
    found = [*problems, *check_clinic(clinic, Context(date(2026, 12, 1), writable))]
    assert code in {one.code for one in found}


def test_a_leaflet_that_a_form_names_is_read_with_its_original(tmp_path: Path) -> None:
    """A form that names a leaflet of another topic is checked alone: the leaflet's original is in the library."""
    handouts = tmp_path / "handouts"
    shutil.copytree(ROOT / "handouts" / TOPIC, handouts / TOPIC)
    form = handouts / "form"
    form.mkdir()
    for language in ("en", "es"):
        (handouts / TOPIC / f"consent.{language}.md").rename(form / f"consent.{language}.md")
    documents, _ = library.read_library(handouts, ["form"])
    leaflets = [one.leaflet for one in documents if one.leaflet is not None]
    assert {one.language for one in leaflets} == {"en", "es"}
    assert {one.language: one.original and one.original.language for one in leaflets} == {"en": None, "es": "en"}
    (handouts / TOPIC / "handout.en.md").unlink()
    documents, _ = library.read_library(handouts, ["form"])
    assert [one.leaflet.original for one in documents if one.leaflet and one.leaflet.language == "es"] == [None]
