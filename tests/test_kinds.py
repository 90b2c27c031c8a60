"""A kind of document is a row of data, and so is a language: whoever adds one writes files and no code."""

import ast
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import pikepdf
import pytest

from clinicpress.documents import BLOCKS, KINDS, LANGUAGES, BlockPlace
from clinicpress.library import read_kinds
from clinicpress.press.shelf import Shelf, take_stock
from tests import forms
from tests.instruments import extract, verapdf
from tests.lint.shelf import as_spanish

ROOT = Path(__file__).parents[1]
HOME_CARE = """
shape = "sheet"
order = 3
called = "Home care sheet"
on_page = "Instructions for home"
grades = [6.0, 8.0]
characters = 70

[words.es]
"Instructions for home" = "Instrucciones para la casa"

[roles]
aftercare = {required = true, heading = "What to do at home", write = "what to do, step by step"}
next-visit = {heading = "Your next visit", write = "when to come again"}
"""
BOOKLET = """
shape = "form"
order = 4
called = "Receipt of a booklet"
characters = 76
blocks = ["identification", "receipt"]
allowed = ["identification", "receipt"]
signed_in = "receipt"

[places]
opening = "About you"

[roles]
definition = {required = true, heading = "What it is", write = "what was received"}
statement = {required = true, heading = "Your statement", write = "what the person who signs states, in a list"}
"""
HEAD = """---
title: "{title}"
kind: {kind}
language: {language}
form: X-1
effective: 2026-11-01
review_by: 2027-11-01
author: "A. Writer"
sources: ["A source"]
{more}---

"""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The product, of a clinic with two kinds of its own."""
    root = tmp_path_factory.mktemp("house")
    for name in ("clinicpress", "templates", "fonts", "brand", "tools"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("generate.py", "clinic.toml", "requirements.txt"):
        shutil.copy(ROOT / name, root / name)
    (root / "kinds").mkdir()
    (root / "kinds/home-care.toml").write_text(HOME_CARE)
    (root / "kinds/booklet.toml").write_text(BOOKLET)
    (root / "handouts/wound").mkdir(parents=True)
    shutil.copy(ROOT / "handouts/glossary.toml", root / "handouts")
    return root


def ran(house: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "generate.py", *arguments, "--today", "2026-11-30"]
    return subprocess.run(command, cwd=house, capture_output=True, text=True, check=False)


def write(house: Path, kind: str, text: str, *, language: str = "en", more: str = "") -> Path:
    path = house / "handouts/wound" / f"{kind}.{language}.md"
    path.write_text(HEAD.format(title="Care for your bandage", kind=kind, language=language, more=more) + text)
    return path


def test_a_sheet_of_a_new_kind_is_printed_under_its_own_name(house: Path) -> None:
    written = write(house, "home-care", "## At home {#aftercare}\n\nKeep it dry for one day.\n")
    written.with_name("home-care.es.md").write_text(as_spanish(written.read_text()))
    made = ran(house, "build", "--kind", "home-care", "--out", "out")
    assert (made.returncode, made.stdout.split()[:-1]) == (
        0,
        [f"out/wound/home-care.{language}.pdf" for language in ("en", "es")],
    ), made.stderr
    for language, named in (("en", "Instructions for home"), ("es", "Instrucciones para la casa")):
        text = "".join(extract.poppler_pages(house / f"out/wound/home-care.{language}.pdf"))
        assert named in text
        assert "Patient handout" not in text


LIST = """## Your list {#aftercare}

Write down what you take. Bring this sheet to each visit.

::: fields
- Name: text {owner.name} half
- Your medicines: table(Name, How much, When) {medicines} rows=20
- Pain now: scale(0-10, "no pain", "worst pain") {pain.now}
:::
"""


def test_a_sheet_whose_kind_has_own_fields_can_be_filled(house: Path) -> None:
    row = house / "kinds/home-care.toml"
    write(house, "home-care", LIST)
    refused = ran(house, "build", "--kind", "home-care", "--lang", "en", "--out", "own")
    assert "handouts/wound/home-care.en.md:16: error S21" in refused.stderr
    assert "This kind of document (home care sheet) has no places to write." in refused.stderr
    row.write_text("own_fields = true\n" + HOME_CARE)
    try:
        made = ran(house, "build", "--kind", "home-care", "--lang", "en", "--out", "own")
        large = ran(house, "build", "--kind", "home-care", "--lang", "en", "--profile", "large-print", "--out", "own")
        filled = ran(
            *(house, "build", "--kind", "home-care", "--lang", "en", "--out", "filled", "--flatten"),
            *("--set", "medicines.20.name=Metformin", "--set", "pain.now=3"),
        )
    finally:
        row.write_text(HOME_CARE)
        write(house, "home-care", "## At home {#aftercare}\n\nKeep it dry for one day.\n")
    assert (made.returncode, large.returncode, filled.returncode) == (0, 0, 0), (
        made.stderr + large.stderr + filled.stderr
    )
    paper, fillable = (house / f"own/wound/home-care.en{name}.pdf" for name in ("", ".fillable"))
    (printed,) = (house / "filled/wound").glob("*.pdf")
    assert "Metformin" in "".join(extract.poppler_pages(printed))
    with pikepdf.open(fillable) as pdf:
        assert len(dict(forms.widgets(pdf))) == 1 + 3 * 20 + 1
    found = verapdf.validate([paper, fillable, printed, *(house / "own/wound").glob("*large*.pdf")])
    assert len(found) == 5
    assert {path.name: faults for path, faults in found.items() if faults} == {}


def test_a_required_role_of_a_new_kind_is_asked_for(house: Path) -> None:
    write(house, "home-care", "## Your next visit {#next-visit}\n\nCome again in one week.\n")
    made = ran(house, "check", "wound")
    assert "S06 missing-role" in made.stdout
    assert "what to do, step by step" in made.stdout
    assert "thin-element" not in made.stdout


def test_a_form_of_a_new_kind_has_fields_and_needs_no_procedure(house: Path) -> None:
    text = "## What it is {#definition}\n\nThis paper tells how we keep what you tell us.\n\n"
    text += "## Your statement {#statement}\n\n- I got it.\n"
    write(house, "booklet", text)
    made = ran(house, "build", "--kind", "booklet", "--out", "out")
    assert made.returncode == 0, made.stderr
    assert "out/wound/booklet.en.fillable.pdf" in made.stdout
    write(house, "booklet", text, more="procedure: a shot\n")
    assert "procedure" in ran(house, "check", "wound").stdout
    write(house, "booklet", text, more="blocks: [receipt, teach-back]\n")
    made = ran(house, "check", "wound")
    assert "teach-back" in made.stdout, "a block that has no place in this kind would not print"


def test_a_new_topic_begins_with_the_usual_kinds_and_any_other_can_be_asked_for(house: Path) -> None:
    assert sorted(Path(one).name for one in ran(house, "new", "knee").stdout.split()) == [
        "consent.en.md",
        "handout.en.md",
    ]
    for kind in ("home-care", "booklet"):
        made = ran(house, "new", "knee", "--kind", kind)
        assert [Path(one).name for one in made.stdout.split()] == [f"{kind}.en.md"]
        found = [line for line in ran(house, "check", "knee").stdout.splitlines() if f"{kind}.en" in line]
        assert found
        assert [line for line in found if " S" in line] == []


def test_a_kind_offers_the_blocks_that_it_has_a_place_for() -> None:
    assert set(KINDS["consent"].offered) < set(BLOCKS)
    assert {"attestation", "teach-back"} <= set(KINDS["consent"].offered)
    assert KINDS["handout"].offered == ()
    assert all(place in KINDS["consent"].places for place in BlockPlace if place.headed)


def test_a_new_language_takes_a_row_and_a_catalogue(house: Path) -> None:
    """What is not known in it is believed: no finding says that a section does not tell what it is for."""
    (house / "clinicpress/languages/so.toml").write_text('name = "Soomaali"\n', encoding="utf-8")
    shutil.copytree(house / "templates/locales/es", house / "templates/locales/so")
    text = "".join(
        f"## Qaybta {number} {{#{role}}}\n\nDaawadani waxay ku caawin kartaa.\n\n"
        for number, role in enumerate(KINDS["handout"].required, 1)
    )
    write(house, "handout", text, language="so")
    made = ran(house, "build", "--lang", "so", "--out", "out")
    assert made.returncode == 0, made.stderr
    assert "missing-role" not in made.stderr
    pages = "".join(extract.poppler_pages(house / "out/wound/handout.so.pdf"))
    assert "Soomaali" in pages
    assert "Daawadani waxay" in pages


def named(text: str) -> list[str]:
    """The kinds and languages that a module names."""
    found = []
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Constant(value=str(value)) if value in LANGUAGES:
                found.append(value)
            case ast.Subscript(value=ast.Name(id="KINDS"), slice=ast.Constant(value=str(name))):
                found.append(name)
    return found


def test_no_code_names_a_kind_or_a_language_but_that_of_the_templates() -> None:
    modules = {path.relative_to(ROOT).as_posix(): path.read_text() for path in (ROOT / "clinicpress").rglob("*.py")}
    assert len(modules) > 100
    found = {name: told for name, text in modules.items() if (told := named(text))}
    assert found == {"clinicpress/words.py": ["en"]}
    assert named('if language == "es" or kind == KINDS["consent"]: ...') == ["es", "consent"]


FAULTS = {
    "an unknown key": ("grade = [8.0, 10.0]\n", "The key 'grade' is unknown. Did you mean 'grades'?"),
    "a shape": ('shape = "paper"\n', "'paper' is not a valid Shape"),
    "grades": ("grades = 8\n", "The kind cannot be understood"),
    "a block": ('blocks = ["receipd"]\n', "There is no block 'receipd'. Did you mean 'receipt'?"),
    "a signing block": ('signed_in = "recept"\n', "There is no block 'recept'. Did you mean 'receipt'?"),
    "who approves": ('approve_by = ["doctor"]\n', "There is no person to approve 'doctor'."),
    "itself": ('extends = "own"\n', "The kind 'own' extends itself."),
    "another": ('extends = "consnt"\n', "There is no kind 'consnt' to extend. Did you mean 'consent'?"),
    "what it does without": (
        'extends = "policy"\nwithout = ["assignmnt"]\n',
        "no part to do without 'assignmnt'.",
    ),
    "a core element": ('extends = "policy"\nwithout = ["P05"]\n', "P05 is a core element of 'policy'"),
    "a core element switched off": ('extends = "policy"\n[off]\nP05 = "none here"\n', "cannot be switched off here"),
    "a role in a row": ('[elements.X01]\nwhat = "x"\nany = [{role = "limit"}]\n', "names the role 'limit'"),
    "a test": ('[elements.X01]\nwhat = "x"\nany = [{rule = "limits"}]\n', "asks 'rule', which is no test"),
    "no test": ('[elements.X01]\nwhat = "x"\n', "X01 has no test"),
    "a turn of phrase": (
        '[elements.X01]\nwhat = "x"\nany = [{says = "hold-harmles"}]\n',
        "Did you mean 'hold-harmless'?",
    ),
    "a class without examples": (
        "[phrases.may]\npatterns = ['may']\nyes = ['I may.']\n",
        "needs 5 sentences under 'yes'",
    ),
    "a pattern": ("[phrases.may]\npatterns = ['(may']\n", "has a pattern that cannot be read"),
    "a role": ('[roles]\nlimits = {heading = "x", write = "x", requierd = true}\n', "a role has no 'requierd'"),
    "a place": ('[places]\nopenning = "x"\n', "There is no place 'openning'. Did you mean 'opening'?"),
    "no TOML": ("shape = \n", "The kind cannot be read"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_faulty_kind_of_a_clinic_is_named_with_its_remedy(fault: str, tmp_path: Path) -> None:
    planted, told = FAULTS[fault]
    head = "" if "extends" in planted else 'shape = "form"\ncalled = "Own"\n'
    if planted.startswith("shape"):
        head = 'called = "Own"\n'
    (tmp_path / "own.toml").write_text(head + planted)
    kinds, problems = read_kinds(tmp_path)
    assert "own" not in kinds
    assert any(told in f"{one.message} {one.remedy}" for one in problems), [str(one) for one in problems]
    assert {one.code for one in problems} == {"S50"}


def test_a_kind_does_without_blocks_of_the_one_that_it_extends(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(
        'extends = "acknowledgement"\ncalled = "School rules"\nwithout = ["not-obtained"]\n'
    )
    kinds, problems = read_kinds(tmp_path)
    assert [str(one) for one in problems] == []
    assert "not-obtained" in KINDS["acknowledgement"].offered
    assert "not-obtained" not in (*kinds["own"].offered, *kinds["own"].blocks)


def test_a_topic_of_a_faulty_kind_is_not_said_to_be_missing(house: Path) -> None:
    row = house / "kinds/home-care.toml"
    row.write_text(HOME_CARE.replace("aftercare = {", "aftercare = {requierd = true, "))
    try:
        write(house, "home-care", "## At home {#aftercare}\n\nKeep it dry.\n")
        assert "S50" in ran(house, "check", "wound").stderr + ran(house, "check", "wound").stdout
        assert "S50" in ran(house, "kinds").stderr
    finally:
        row.write_text(HOME_CARE)


@pytest.mark.parametrize("kind", ["telehealth-consent", "authorization", "consent"])
def test_an_element_that_the_kind_has_not_is_told_and_stops_nothing_else(kind: str, tmp_path: Path) -> None:
    (tmp_path / "topic").mkdir()
    head = HEAD.format(title="A paper", kind=kind, language="en", more='not_applicable: {Q99: "none"}\n')
    (tmp_path / "topic" / f"{kind}.en.md").write_text(head + "## Signature {#statement}\n\n- I read it.\n")
    shelf = Shelf(tmp_path, ROOT / "clinic.toml", date(2026, 11, 30))
    told = [one for one in take_stock(shelf, ()).problems if one.sentence == "Q99"]
    assert [one.message for one in told] == ["There is no element 'Q99'."]
