"""A translation goes out and comes back whole: nothing lost, nothing guessed, and the record tells who did it."""

import re
import shutil
from pathlib import Path

import pytest
from lxml import etree

from clinicpress import library
from clinicpress.cli import main
from clinicpress.documents import Document
from clinicpress.errors import InputError
from clinicpress.library.xliff import NAMESPACE
from tests.lint.shelf import EXAMPLES, change
from tests.prints import ROOT, TOPIC

MACHINE, HUMAN = (EXAMPLES / code / side / "ear-rinse" for code, side in (("T03", "bad"), ("T03", "good")))
BY = "Eva Muster, certified translator"
TODAY = "2026-12-01"


class Desk:
    """A library with one topic, and a file that goes to a translator and comes back."""

    def __init__(self, folder: Path, source: Path) -> None:
        self.handouts = folder / "handouts"
        self.topic = self.handouts / source.name
        shutil.copytree(source, self.topic)
        self.sheet = folder / "sheet.xlf"

    @property
    def english(self) -> Path:
        return self.topic / "handout.en.md"

    @property
    def spanish(self) -> Path:
        return self.topic / "handout.es.md"

    def run(self, *arguments: str) -> int:
        return main(["translate", *arguments, "--handouts", str(self.handouts), "--today", TODAY])

    def export(self, kind: str = "handout") -> None:
        assert self.run("export", self.topic.name, "--kind", kind, "--to", "es", "--out", str(self.sheet)) == 0

    def take_back(self, by: str = BY) -> int:
        return self.run("import", str(self.sheet), *(["--by", by] if by else []))

    def document(self) -> Document:
        documents, problems = library.read_library(self.handouts)
        assert problems == []
        return next(one for one in documents if one.language == "es")

    def units(self) -> dict[str, etree._Element]:
        self.tree = etree.parse(self.sheet)
        return {str(one.get("id")): one for one in self.tree.iter(f"{{{NAMESPACE}}}trans-unit")}

    def translate(self, words: dict[str, str], state: str = "") -> None:
        """What a translator's program does: it writes targets, and perhaps their states."""
        units = self.units()
        for name, said in words.items():
            target = units[name].find(f"{{{NAMESPACE}}}target")
            target.text = said or target.text
            if state:
                target.set("state", state)
        self.tree.write(self.sheet, encoding="utf-8", xml_declaration=True)


@pytest.fixture
def machine(tmp_path: Path) -> Desk:
    return Desk(tmp_path, MACHINE)


@pytest.fixture
def human(tmp_path: Path) -> Desk:
    return Desk(tmp_path, HUMAN)


def state(unit: etree._Element) -> str:
    return str(unit.find(f"{{{NAMESPACE}}}target").get("state"))


# Out ------------------------------------------------------------------------------------------------------------------


def test_a_sheet_holds_every_segment_with_its_words_in_both_languages(human: Desk) -> None:
    human.export()
    units = human.units()
    assert len(units) == 2 + 6 * 2 + 2  # title, opening, six headings and their texts, two lists of two
    said = {
        name: [unit.findtext(f"{{{NAMESPACE}}}{side}") for side in ("source", "target")] for name, unit in units.items()
    }
    assert said["title.1"] == ["Having your ears rinsed", "Lavado de oídos"]
    assert said["drawbacks.3"] == ["Some people need to come back.", "Algunas personas tienen que volver."]
    assert {state(unit) for unit in units.values()} == {"translated"}
    assert all("Part '" in unit.findtext(f"{{{NAMESPACE}}}note") for unit in units.values())
    file = human.tree.find(f"{{{NAMESPACE}}}file")
    assert (file.get("source-language"), file.get("target-language")) == ("en", "es")
    assert [one.get("resname") for one in human.tree.iter(f"{{{NAMESPACE}}}group")] == list(human.document().parts)


def test_what_only_a_machine_translated_is_to_be_read_and_what_is_stale_to_be_translated(machine: Desk) -> None:
    change(machine.english, ("ten minutes", "nine minutes"))
    machine.export()
    states = {name: state(unit) for name, unit in machine.units().items()}
    assert {name for name, said in states.items() if said == "needs-translation"} == {"expect.1", "expect.2"}
    assert set(states.values()) == {"needs-translation", "needs-review-translation"}


def test_every_word_of_the_shipped_texts_is_on_a_sheet(tmp_path: Path) -> None:
    desk = Desk(tmp_path, ROOT / "handouts" / TOPIC)
    for kind in ("handout", "consent"):
        desk.export(kind)
        sources = " ".join(str(unit.findtext(f"{{{NAMESPACE}}}source")) for unit in desk.units().values())
        text = (desk.topic / f"{kind}.en.md").read_text(encoding="utf-8").split("\n---\n", 1)[1]
        text = re.sub(r"\{[^{}]*\}|\]\(\S+|^#+ |^[-|: ]+$", " ", text, flags=re.MULTILINE)
        words = re.findall(r"\w+", text)
        assert len(words) > 300
        assert [word for word in words if word not in sources] == []


# And back -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("source", [MACHINE, HUMAN], ids=["machine", "human"])
def test_what_comes_back_as_it_went_out_changes_no_byte(source: Path, tmp_path: Path) -> None:
    desk = Desk(tmp_path, source)
    change(desk.english, ("ten minutes", "nine minutes"))
    before = {path: path.read_bytes() for path in desk.topic.iterdir()}
    desk.export()
    assert desk.take_back("") == 0
    assert {path: path.read_bytes() for path in desk.topic.iterdir()} == before


def test_a_changed_target_changes_its_own_line_and_the_record_and_no_other(human: Desk) -> None:
    change(human.english, ("ten minutes", "nine minutes"))
    assert human.document().stale_parts == ("expect",)
    before = human.spanish.read_text(encoding="utf-8").split("\n")
    human.export()
    human.translate({"expect.2": "Tarda unos nueve minutos. Puede irse a casa después.", "expect.1": ""}, "translated")
    assert human.take_back() == 0
    after = human.spanish.read_text(encoding="utf-8").split("\n")
    assert len(after) == len(before)
    different = [old.split(":")[0].strip() for old, new in zip(before, after, strict=True) if old != new]
    assert different == ["reviewer", "date", "expect", "Tarda unos diez minutos. Puede irse a casa después."] or (
        sorted(different)
        == sorted(["reviewer", "date", "expect", "Tarda unos diez minutos. Puede irse a casa después."])
    )
    document = human.document()
    assert document.stale_parts == ()
    assert document.current_translation
    assert document.translation is not None
    assert document.translation.reviewer == f"Ana Example, certified medical translator; {BY}"
    assert document.translation.day.isoformat() == TODAY


def test_a_machine_draft_becomes_current_when_a_human_has_read_all_of_it(machine: Desk) -> None:
    machine.export()
    names = list(machine.units())
    machine.translate(dict.fromkeys(names[:-1], ""), "final")
    assert machine.take_back() == 0
    assert not machine.document().current_translation  # one segment was not read
    machine.translate(dict.fromkeys(names, ""), "final")  # the same sheet, later
    assert machine.take_back() == 0
    document = machine.document()
    assert document.current_translation
    assert document.translation is not None
    assert (document.translation.tool, document.translation.reviewer) == ("Machine 1", BY)


def test_a_translation_without_a_record_gets_one(machine: Desk) -> None:
    text = machine.spanish.read_text(encoding="utf-8")
    start, end = text.index("translation:"), text.index("---\n", 5)
    machine.spanish.write_text(text[:start] + text[end:], encoding="utf-8")
    machine.export()
    machine.translate(dict.fromkeys(machine.units(), ""), "final")
    assert machine.take_back() == 0
    document = machine.document()
    assert document.current_translation
    assert document.translation is not None
    assert (document.translation.tool, document.translation.translator) == ("", BY)


def test_a_text_that_was_never_translated_comes_back_as_a_new_file(
    human: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    human.spanish.unlink()
    human.export()
    words = {name: f"Palabras de {name}" for name in human.units()}
    human.translate({"title.1": "Solo el título"})
    assert human.take_back() == InputError.exit_code
    assert "has to be complete" in capsys.readouterr().err
    assert not human.spanish.exists()
    human.translate(words)
    assert human.take_back() == 0
    document = human.document()
    assert document.title == "Palabras de title.1"
    assert document.current_translation
    assert [section.roles for section in document.sections] == [
        section.roles for section in document.original.sections if document.original
    ]


def test_a_section_that_is_new_in_english_comes_into_its_place(human: Desk) -> None:
    change(
        human.english, ("## What to weigh", "## Aftercare {#aftercare}\n\nKeep it dry.\n\n- One.\n\n## What to weigh")
    )
    assert human.document().stale_parts == ("aftercare",)
    human.export()
    human.translate({"aftercare.1": "Después", "aftercare.2": "Manténgalo seco.", "aftercare.3": "Uno."})
    assert human.take_back() == 0
    document = human.document()
    assert document.current_translation
    assert [one.roles for one in document.sections] == [one.roles for one in document.original.sections]  # type: ignore[union-attr]
    assert "## Después {#aftercare}\n\nManténgalo seco.\n\n- Uno.\n\n## Lo que hay" in human.spanish.read_text(
        encoding="utf-8"
    )


def test_words_that_were_left_as_they_are_count_as_not_translated(
    human: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    """OmegaT writes the original where nobody has translated it, and whoever is in a hurry sets the state."""
    change(human.english, ("ten minutes", "nine minutes"))
    human.export()
    english = "It takes about nine minutes. You can go home right after it."
    before = human.spanish.read_bytes()
    human.translate({"expect.1": "", "expect.2": english}, "final")
    assert human.take_back() == 0
    said = capsys.readouterr().err
    assert "the same as in the original: expect.2." in said
    assert "Not complete yet: expect." in said
    assert human.spanish.read_bytes() != before  # the heading was confirmed
    assert "nine minutes" not in human.spanish.read_text(encoding="utf-8")
    assert human.document().stale_parts == ("expect",)


@pytest.mark.parametrize("state", ["translated", "final", "signed-off"])
def test_a_sheet_that_nobody_has_translated_makes_no_new_file(
    state: str, human: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    human.spanish.unlink()
    human.export()
    human.translate({name: str(unit.findtext(f"{{{NAMESPACE}}}source")) for name, unit in human.units().items()}, state)
    assert human.take_back() == InputError.exit_code
    said = capsys.readouterr().err
    assert re.search(r"Still the words of the original: (?:[\w-]+\.\d+, ){15}[\w-]+\.\d+\.", said)
    assert not human.spanish.exists()


# As programs of translators write it ----------------------------------------------------------------------------------

ENGLISH = "Call {clinic.phone} if your **ear drum** hurts. Then wait."
SPANISH = "Llame al {clinic.phone} si le duele el **tímpano**. Después espere."
X = '<x id="1" ctype="x-variable" equiv-text="{clinic.phone}"/>'
FORMS = Path(__file__).parent / "cases" / "translate" / "forms.txt"


def forms() -> dict[str, tuple[str, str]]:
    """How programs write one segment: what stands behind the source, and the target. § is the tag that we wrote."""
    cases = [block.split("\n") for block in FORMS.read_text(encoding="utf-8").replace("§", X).strip().split("\n\n")]
    return {name: (parted.strip("-"), target) for name, parted, target in cases}


def with_tags(desk: Desk, parted: str, target: str) -> None:
    """Writes one segment as another program does."""
    text = desk.sheet.read_text(encoding="utf-8")
    unit = re.search(r'<trans-unit id="definition\.2">\s*(<source>.*?</source>)\s*<target.*?</target>', text, re.DOTALL)
    assert unit
    written = f'<trans-unit id="definition.2">{unit[1]}{parted}{target}'
    desk.sheet.write_text(text.replace(unit[0], written), encoding="utf-8")


@pytest.fixture
def tagged(human: Desk) -> Desk:
    change(human.english, ("We rinse your ear with warm water to wash the wax out.", ENGLISH))
    human.export()
    assert X in human.sheet.read_text(encoding="utf-8")
    return human


@pytest.mark.parametrize("case", forms())
def test_a_segment_is_taken_as_programs_of_translators_write_it(case: str, tagged: Desk) -> None:
    with_tags(tagged, *forms()[case])
    tagged.translate({"definition.1": ""}, "translated")
    assert tagged.take_back() == 0
    assert SPANISH in tagged.spanish.read_text(encoding="utf-8")
    assert tagged.document().stale_parts == ()


PARTED = forms()["Trados: parted at sentences"]
OPEN = {
    "half empty": (PARTED[0], PARTED[1].replace("Después espere.", "")),
    "half gone": (PARTED[0], PARTED[1].replace('<mrk mtype="seg" mid="2">Después espere.</mrk>', "")),
    "empty": ("", "<target/>"),
    "no target": ("", ""),
    "blank": ("", '<target state="new"> </target>'),
    "by a machine": (
        "",
        forms()["plain"][1].replace(">", ' state="needs-review-translation" state-qualifier="leveraged-mt">', 1),
    ),
    "as it was": ("", f'<target state="translated">{ENGLISH.replace("{clinic.phone}", X)}</target>'),
}


@pytest.mark.parametrize(("parted", "target"), OPEN.values(), ids=OPEN)
def test_a_segment_that_nobody_has_finished_stays_open(
    parted: str, target: str, tagged: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    with_tags(tagged, parted, target)
    tagged.translate({"definition.1": ""}, "translated")
    assert tagged.take_back() == 0
    assert "Not complete yet: definition." in capsys.readouterr().err
    assert tagged.document().stale_parts == ("definition",)


@pytest.mark.parametrize("named", ["es-MX", "es-419", "es_MX", "ES-us", "spa", "es-mx"])
def test_a_target_of_any_country_is_the_nearest_language(named: str, human: Desk) -> None:
    change(human.english, ("ten minutes", "nine minutes"))
    human.export()
    human.translate({"expect.2": "Tarda unos nueve minutos.", "expect.1": ""}, "translated")
    text = human.sheet.read_text(encoding="utf-8")
    text = text.replace('target-language="es"', f'target-language="{named}"').replace('"en"', '"en-US"')
    human.sheet.write_text(text, encoding="utf-8")
    assert human.take_back() == 0
    assert human.document().stale_parts == ()


@pytest.mark.parametrize(
    ("asked", "written"),
    [("es-MX", "es-MX"), ("es_mx", "es-MX"), ("es-419", "es-419"), ("Spanish", "es")],
)
def test_a_sheet_goes_out_for_the_country_that_somebody_names(asked: str, written: str, human: Desk) -> None:
    assert human.run("export", "ear-rinse", "--kind", "handout", "--to", asked, "--out", str(human.sheet)) == 0
    assert f'target-language="{written}"' in human.sheet.read_text(encoding="utf-8")
    assert human.take_back("") == 0


def test_notes_that_a_program_adds_do_not_hide_ours(human: Desk) -> None:
    human.export()
    text = human.sheet.read_text(encoding="utf-8").replace("<header>", "<header><note>Made by another.</note>", 1)
    human.sheet.write_text(text, encoding="utf-8")
    assert human.take_back("") == 0


def test_all_of_a_shipped_text_comes_back_in_parts(tmp_path: Path) -> None:
    """Every target is parted into segments, as Trados does; then no byte is different."""
    desk = Desk(tmp_path, ROOT / "handouts" / TOPIC)
    for kind in ("handout", "consent"):
        before = (desk.topic / f"{kind}.es.md").read_bytes()
        desk.export(kind)
        text = desk.sheet.read_text(encoding="utf-8")
        text = re.sub(r"(<target[^>]*>)(.*?)(</target>)", r'\1<mrk mtype="seg" mid="1">\2</mrk>\3', text)
        assert text.count("<mrk") > 50
        desk.sheet.write_text(text.replace('"es"', '"es-MX"'), encoding="utf-8")
        assert desk.take_back("") == 0
        assert (desk.topic / f"{kind}.es.md").read_bytes() == before


# What is refused ------------------------------------------------------------------------------------------------------


def refused(desk: Desk, capsys: pytest.CaptureFixture[str], by: str = BY) -> str:
    before = desk.spanish.read_bytes()
    assert desk.take_back(by) == InputError.exit_code
    assert desk.spanish.read_bytes() == before
    return capsys.readouterr().err


def test_segments_that_are_unknown_or_changed_or_twice_are_refused_by_name(
    human: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    human.export()
    units = human.units()
    units["expect.2"].set("id", "expect.9")
    units["benefits.2"].find(f"{{{NAMESPACE}}}source").text = "You will hear better."
    units["benefits.3"].set("id", "benefits.1")
    human.tree.write(human.sheet)
    said = refused(human, capsys)
    for fault in ("expect.9: there is no such", "benefits.2: its original words", "benefits.1: it stands twice"):
        assert fault in said


@pytest.mark.parametrize("which", ["english", "spanish"])
def test_a_text_that_was_changed_meanwhile_is_not_written_over(
    which: str, human: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    human.export()
    change(getattr(human, which), ("EAR-1", "EAR-1.2"))
    assert "was changed after this file was exported" in refused(human, capsys)


@pytest.mark.parametrize("words", ["# Grande", "<b>Grande</b>", "- Uno", "::: note", "| a | b |", "a\u202eb"])
def test_words_that_would_become_something_else_are_refused(
    words: str, human: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    human.export()
    human.translate({"definition.2": words})
    said = refused(human, capsys)
    assert "definition.2" in said or "HTML" in said


@pytest.mark.parametrize("by", ["", "Eva", "Eva,", ", translator"])
def test_nobody_without_a_name_and_a_qualification_stands_behind_a_translation(
    by: str, human: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    human.export()
    human.translate({"definition.2": "Otra cosa."})
    assert "NAME, QUALIFICATION" in refused(human, capsys, by)


STAMP = "clinicpress made this from: "
TRADOS = "xmlns:sdl='http://sdl.com/FileTypes/SdlXliff/1.0'"
BOMB = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b SYSTEM "file:///etc/hostname">]>'


@pytest.mark.parametrize(
    ("break_it", "said"),
    [
        (lambda text: "", "is not an XLIFF file"),
        (lambda text: text[: len(text) // 2], "is not an XLIFF file"),
        (lambda text: text.replace("?>", "?>" + BOMB, 1).replace("Having your", "&b;", 1), "document type"),
        (lambda text: text.replace('version="1.2"', 'version="2.1"').replace("1.2", "2.0"), "is not an XLIFF 1.2 file"),
        (lambda text: text.replace("clinicpress made this", "made"), "was not exported by this program"),
        (lambda text: text.replace('"es"', '"xx"'), "the language 'xx' is unknown"),
        (lambda text: text.replace("ear-rinse/", "../"), "There is no topic"),
        (
            lambda text: text.replace("Lavado de", "Lavado <x id='9'/> de"),
            "title.1 has a tag (x) that its original has not",
        ),
        (
            lambda text: text.replace("Lavado", "<mrk mtype='x-sdl-deleted'>El</mrk> Lavado"),
            "title.1 holds changes that nobody has accepted",
        ),
        (lambda text: text.replace(STAMP, "").replace("<xliff", f"<xliff {TRADOS}"), "a working file of Trados"),
        (
            lambda text: text.replace(STAMP, "").replace("<xliff", "<xliff xmlns:mq='MQXliff'"),
            "a working file of memoQ",
        ),
        (lambda text: "PK\3\4" + text, "is a package. Unpack it"),
        (lambda text: text.replace("</xliff>", ""), "is not an XLIFF file"),
        (lambda text: text.replace('target-language="es"', ""), "the language '' is unknown"),
    ],
)
def test_a_file_that_is_none_of_ours_or_could_do_harm_is_refused(
    break_it: "type", said: str, human: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    human.export()
    human.sheet.write_text(break_it(human.sheet.read_text(encoding="utf-8")), encoding="utf-8")
    assert said in refused(human, capsys)


def test_a_kind_and_a_language_that_are_not_there_are_named(human: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    assert human.run("export", "ear-rinse", "--kind", "consent", "--to", "es", "--out", str(human.sheet)) == 3
    assert "has no consent in English" in capsys.readouterr().err
    assert human.run("export", "ear-rinse", "--kind", "handout", "--to", "xx", "--out", str(human.sheet)) == 3


# What has to be compared ----------------------------------------------------------------------------------------------

TABLE = "It takes about **ten minutes**.\n\n| | Morning | Night |\n|---|---|---|\n| Week 1 | 2.5 mg | 5 mg |"
SPANISH_TABLE = {
    "expect.2": "Tarda unos **diez minutos**.",
    "expect.3": "Mañana",
    "expect.4": "Noche",
    "expect.5": "Semana 1",
    "expect.6": "2.5 mg",
    "expect.7": "5 mg",
}


def with_table(desk: Desk) -> None:
    """The section with a table of doses, new in English and translated; what a cell says may be the same."""
    text = desk.english.read_text(encoding="utf-8")
    start = text.index("{#expect}") + len("{#expect}")
    text = f"{text[:start]}\n\n{TABLE}\n\n{text[text.index('## ', start) :]}"
    desk.english.write_text(text, encoding="utf-8")
    desk.export()
    desk.translate(SPANISH_TABLE | {"expect.1": "Qué esperar"}, "translated")


def test_a_table_of_doses_comes_back_with_the_cells_that_are_the_same(
    human: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    with_table(human)
    assert human.take_back() == 0
    said = capsys.readouterr().err
    assert "Taken: expect." in said
    assert "Compare" not in said
    assert human.document().stale_parts == ()


@pytest.mark.parametrize(
    ("segment", "words", "fault"),
    [
        ("expect.6", "2.5 mcg", "became"),
        ("expect.6", "2.500 mg", "2.500"),
        ("expect.3", "Noche", "the opposite"),
        ("expect.2", "No tarda **diez minutos**.", "denies"),
    ],
)
def test_what_has_to_be_compared_is_said_when_a_sheet_is_taken_back(
    segment: str, words: str, fault: str, human: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    with_table(human)
    human.translate({segment: words}, "translated")
    assert human.take_back() == 0
    told = [row for row in capsys.readouterr().err.splitlines() if row.startswith("Compare")]
    assert told
    assert all(row.startswith(f"Compare it with the original: {segment}: ") for row in told)
    assert any(fault in row for row in told)


@pytest.mark.parametrize(
    ("words", "taken"),
    [
        ("Tarda unos **diez minutos**.", True),
        ("**Diez minutos** es lo que tarda.", True),
        ("Tarda **unos** **diez minutos**.", True),
        ("Tarda unos diez minutos.", False),
        ("Tarda unos **diez minutos.", False),
        ("Tarda unos ** diez minutos **.", False),
        (r"Tarda unos \*\*diez minutos\*\*.", False),
    ],
)
def test_bold_words_stay_bold(words: str, taken: bool, human: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    with_table(human)
    before = human.spanish.read_bytes()
    human.translate({"expect.2": words}, "translated")
    assert (human.take_back() == 0) is taken
    said = capsys.readouterr().err
    assert ("expect.2: it lacks a pair of '**'" in said) is not taken
    assert (human.spanish.read_bytes() == before) is not taken
