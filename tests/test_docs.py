"""What README.md and DESIGN.md say is so: commands run, options are told, rules are listed, links lead somewhere."""

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from clinicpress import library, lint
from clinicpress.cli.batch import ROWS_REFUSED
from clinicpress.cli.commands import cli
from clinicpress.cli.journal import NOT_VERIFIED
from clinicpress.clinics import Paper, Print
from clinicpress.documents import (
    BLOCKS,
    LANGUAGES,
    Kind,
    RegulatoryStatus,
)
from clinicpress.errors import ContentError, InputError, PressError, RenderError
from tests.instruments.desk import PASSPHRASE, free_port

ROOT = Path(__file__).parents[1]
RULES = (*library.RULES, *library.VALUE_RULES, *lint.RULES)
DOCUMENTS = ("README.md", "DESIGN.md", "CHANGELOG.md", "docs/desk.md", "fonts/README.md")


@lru_cache(maxsize=10)
def text(name: str = "README.md") -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def fences(language: str, name: str = "README.md") -> list[str]:
    """What stands between ```language and ```."""
    blocks = re.findall(r"^```(\w*)\n(.*?)^```$", text(name), re.MULTILINE | re.DOTALL)
    return [block for spoken, block in blocks if spoken == language]


def prose(name: str) -> str:
    """A document without its fenced blocks."""
    return re.sub(r"^```.*?^```$", "", text(name), flags=re.MULTILINE | re.DOTALL)


def section(title: str) -> str:
    """A section of the README, with those below it. (A # in a fenced block begins none.)"""
    rows, depth, fenced = [], 0, False
    for row in text().splitlines():
        fenced ^= row.startswith("```")
        heading = None if fenced else re.match(r"(#+) (.*)", row)
        if heading and heading[2] == title:
            depth = len(heading[1])
        elif heading and len(heading[1]) <= depth:
            break
        elif depth:
            rows.append(row)
    assert rows, f"README.md has no section '{title}'"
    return "\n".join(rows)


def commands(start: str) -> list[list[str]]:
    """The command lines in the shell blocks of all documents that begin with a word."""
    lines = [line for name in DOCUMENTS for block in fences("sh", name) for line in block.splitlines()]
    return [words for line in lines if (words := shlex.split(line, comments=True)) and words[0] == start]


# Sections -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "title", ["Commands", "Writing a document", "Life of a document", "Where it was tried", "Glossary"]
)
def test_the_readme_has_the_section_that_others_name(title: str) -> None:
    """Rules cite 'Writing a document' as their source; the rest is what a newcomer looks for."""
    assert len(section(title)) > 200


def test_every_section_that_a_rule_cites_is_there() -> None:
    cited = {found for rule in RULES for found in re.findall(r"(README|DESIGN)(?:\.md)?, '([^']+)'", rule.source)}
    for path in sorted((ROOT / "clinicpress").rglob("*.py")) + sorted((ROOT / "fonts").glob("*.toml")):
        cited |= set(re.findall(r"(README|DESIGN)(?:\.md)?, [\"']([^\"']+)[\"']", path.read_text(encoding="utf-8")))
    assert len(cited) >= 2
    for name, title in cited:
        assert re.search(rf"^#+ {title}|\*\*{title}", text(f"{name}.md"), re.MULTILINE), f"{name}.md lacks '{title}'"


# Commands -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the product, for commands that write beside it."""
    folder = tmp_path_factory.mktemp("product") / "tree"
    folder.mkdir()
    for name in ("generate.py", "clinic.toml", "requirements.txt"):
        shutil.copy(ROOT / name, folder)
    for name in ("clinicpress", "templates", "fonts", "brand", "handouts", "samples"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


DESK = ["python", "generate.py", "serve"]


# What these do is tried elsewhere as well, and they take long.
LONG = {"", "batch", "--clinic", "--copy", "--profile", "--set"}


def unless_long(words: list[str]) -> Any:
    """A command of the README; `make soak` runs those that take long."""
    long = LONG & set(words[2:] or [""])
    return pytest.param(words, marks=pytest.mark.soak if long else (), id=" ".join(words))


@pytest.mark.parametrize("words", [unless_long(one) for one in commands("python") if one != DESK])
def test_a_command_of_the_readme_runs(words: list[str], tree: Path, kept: Path) -> None:
    assert words[1] == "generate.py"
    answer = subprocess.run(
        [sys.executable, "-B", *words[1:]],
        cwd=tree,
        env={**os.environ, "CLINICPRESS_STATE": str(tree / "state"), "CLINICPRESS_CACHE": str(kept)},
        input=f"{PASSPHRASE}\n",
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout
    if len(words) == 2 or words[2] == "build":
        made = [tree / line for line in answer.stdout.splitlines()]
        assert len(made) >= 2
        assert all(path.is_file() for path in made)


def test_the_front_desk_of_the_readme_opens_and_shows_its_link(tree: Path) -> None:
    assert DESK in commands("python")
    state, port = {"CLINICPRESS_STATE": str(tree / "other state")}, str(free_port())  # a desk may run on the usual one
    command = [sys.executable, "-B", *DESK[1:], "--port", port]
    with subprocess.Popen(command, cwd=tree, env={**os.environ, **state}, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        line = process.stderr.readline()
        process.send_signal(signal.SIGINT)
        process.wait(60)
    assert re.search(rf"http://127\.0\.0\.1:{port}/open/\S{{20,}}", line)


def test_the_readme_shows_every_command_at_work() -> None:
    shown = {words[2] for words in commands("python") if len(words) > 2}
    # One needs a printer, the other an installation where nothing is yet (test_backup).
    assert shown >= set(cli.commands) - {"print", "restore"}
    assert ["python", "generate.py"] in commands("python")


def test_every_make_of_the_documents_is_a_real_one() -> None:
    declared = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert len(declared) >= 5
    asked = [words[1:] for words in commands("make")]
    assert [] in asked
    assert ["test"] in asked
    told = {target for name in DOCUMENTS for target in re.findall(r"`make ([a-z]+)`", text(name))}
    assert told
    assert {target for words in asked for target in words} | told <= set(declared)


@pytest.mark.parametrize("target", ["", "test"])
def test_make_knows_what_to_do(target: str) -> None:
    """Without doing it."""
    subprocess.run(["make", "-n", *target.split()], cwd=ROOT, capture_output=True, check=True, timeout=60)


# What the command line can do ---------------------------------------------------------------------------------------


def rows() -> dict[str, str]:
    """The table of commands: name and what it does."""
    (table,) = [part for part in section("Commands").split("\n\n") if part.startswith("| command |")]
    found = re.findall(r"^\| [`(](\w+)[^|]*? \| (.*) \|$", table, re.MULTILINE)
    return {name: words.replace("\\|", "|") for name, words in found}


OPTIONS = [
    (name, option)
    for name, command in cli.commands.items()
    for one in (command, *getattr(command, "commands", {}).values())
    for parameter in one.params
    if isinstance(parameter, click.Option)
    for option in parameter.opts
    if option.startswith("--")
]


def test_every_command_is_in_the_table_and_no_other() -> None:
    assert rows().keys() - {"none"} == set(cli.commands)


@pytest.mark.parametrize(("name", "option"), OPTIONS, ids=[" ".join(one) for one in OPTIONS])
def test_every_option_is_told(name: str, option: str) -> None:
    """In the row of its command, or in a sentence behind the table that names the command."""
    behind = [part for part in section("Commands").split("\n\n") if f"`{name}`" in part and not part.startswith("|")]
    assert re.search(rf"`{option}\b", " ".join([rows()[name], *behind]))


def test_no_option_is_told_that_is_not_there() -> None:
    told = set(re.findall(r"`(--[a-z-]+)", prose("README.md")))
    assert len(told) > 8
    assert told - {option for _, option in OPTIONS} == {"--help"}


def test_the_choices_of_the_options_are_told() -> None:
    build = rows()["build"]
    for words in ([str(one) for one in kind] for kind in (Kind, Print, Paper)):
        assert "|".join(words) in build


def test_every_exit_code_is_told() -> None:
    told = {int(code) for code in re.findall(r"^\| (\d) \| ", section("Commands"), re.MULTILINE)}
    errors = (error.exit_code for error in (PressError, ContentError, InputError, RenderError))
    assert told == {0, 1, *errors, NOT_VERIFIED, ROWS_REFUSED}


def test_every_command_shows_an_example_that_runs(tree: Path) -> None:
    """`--help` of each command; the examples are parsed, and the quick ones run."""
    for name, command in cli.commands.items():
        lines = (command.help or "").splitlines()
        examples = [line.strip() for line in lines if line.strip().startswith("python generate.py")]
        assert examples, name
        for example in examples:
            arguments = shlex.split(example)[3:]
            assert shlex.split(example)[2] == name
            command.make_context(name, arguments)


# Content and rules --------------------------------------------------------------------------------------------------


def test_the_front_matter_of_the_readme_is_what_a_document_has() -> None:
    """The keys of the examples are those that the reader knows, all of them, with values that it takes."""
    (markdown,) = fences("markdown")
    (form,) = fences("yaml")
    common = set(yaml.safe_load(markdown.split("---")[1]))
    shipped = {
        kind: set(yaml.safe_load((ROOT / "handouts" / "neurotherapy" / f"{kind}.en.md").read_text().split("---")[1]))
        for kind in Kind
    }
    assert common == shipped[Kind.HANDOUT]
    assert common | set(yaml.safe_load(form)) == shipped[Kind.CONSENT]


def test_the_example_of_a_document_is_one(tmp_path: Path) -> None:
    """As it stands, with a figure beside it: nothing is wrong with it but the sections that it leaves out."""
    (markdown,) = fences("markdown")
    path = tmp_path / "topic" / "handout.en.md"
    path.parent.mkdir()
    path.write_text(markdown)
    (path.parent / "figure.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')
    document = library.read_document(path)
    assert document.section("definition")


def test_every_role_is_told_and_so_is_which_are_required() -> None:
    writing = section("Writing a document")
    for kind in Kind:
        listed = re.search(rf"\* {kind.called}s: (.*?)\.\n", writing, re.DOTALL)
        assert listed
        told = re.findall(r"`([a-z-]+)`(\*?)", listed[1])
        assert tuple(role for role, _ in told) == tuple(kind.roles)
        assert {role for role, star in told if star} == set(kind.required)


def test_every_block_of_a_form_and_every_status_is_told() -> None:
    writing = section("Writing a document")
    assert len(BLOCKS) > 10
    assert [name for name in BLOCKS if f"`{name}`" not in writing] == []
    assert [str(one) for one in RegulatoryStatus if not re.search(rf"\b{one}\b", writing)] == []


def test_every_rule_is_listed_with_its_name_and_whether_it_only_warns() -> None:
    listed = section("The rules so far")
    assert len(RULES) > 30
    for rule in RULES:
        assert re.search(rf"\b{rule.code}\b", listed), rule.code
        assert rule.name in listed, rule.name
        if rule.name != "missing-role":
            warns = re.search(rf"\b{rule.code} {rule.name} \(warning\)", listed) is not None
            assert warns == (rule.severity == "warning"), rule.code


def test_no_rule_is_listed_that_is_not_there() -> None:
    listed = set(re.findall(r"\b[A-Z]\d\d\b", section("The rules so far")))
    assert len(listed) > 30
    assert listed == {rule.code for rule in RULES}


def test_every_rule_that_a_document_names_is_there_or_is_an_element_of_consent() -> None:
    named = {code for name in DOCUMENTS for code in re.findall(r"\b[SCRB]\d\d\b", text(name))}
    elements = {f"C{number:02}" for number in range(1, 38)}
    assert named - {rule.code for rule in RULES} - elements == set()


def test_every_rule_has_a_manual_and_a_source() -> None:
    for rule in RULES:
        assert len(rule.manual) > 40, rule.code
        assert rule.source, rule.code


def test_the_keys_of_the_clinic_profile_are_told() -> None:
    told = section("Your clinic")
    keys = tomllib.loads(text("clinic.toml"))
    names = [name for key, value in keys.items() for name in (value if isinstance(value, dict) else {key: ""})]
    assert len(names) > 10
    assert [name for name in [*names, "region"] if f"`{name}`" not in told] == []


def test_the_languages_are_those_of_the_help() -> None:
    assert [tag for tag in LANGUAGES if f"--lang {tag}" not in rows()["build"]] == []


# Links, pictures, places --------------------------------------------------------------------------------------------


def links(name: str) -> list[str]:
    """Where the links and pictures of a document lead, save to other sites."""
    found = re.findall(r"!?\[[^\]]*\]\(([^)\s]+)", prose(name))
    return [target for target in found if not re.match(r"https?://|mailto:", target)]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_lead_to_files_and_headings_that_exist(name: str) -> None:
    for target in links(name):
        path, _, anchor = target.partition("#")
        file = (ROOT / name).parent / path if path else ROOT / name
        assert file.exists(), target
        if anchor:
            headings = re.findall(r"^#+ (.+)$", file.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor in {re.sub(r"[^\w -]", "", one).lower().replace(" ", "-") for one in headings}, target


@pytest.mark.parametrize("name", ["README.md", "docs/desk.md"])
def test_pictures_are_there_and_say_what_they_show(name: str) -> None:
    pictures = re.findall(r"!\[([^\]]*)\]\(([^)\s]+)\)", prose(name))
    assert len(pictures) >= 2
    for words, path in pictures:
        assert len(words) > 15, path
        assert ((ROOT / name).parent / path).read_bytes().startswith(b"\x89PNG"), path


def test_every_picture_is_shown_and_small() -> None:
    """The folder is part of every copy of the product."""
    made = {path.resolve() for path in (ROOT / "docs").rglob("*.png")}
    shown = {((ROOT / name).parent / target).resolve() for name in DOCUMENTS for target in links(name)}
    assert len(made) > 20
    assert {path.name for path in made - shown} <= {"consent-2.png", "consent-3.png"}
    assert max(path.stat().st_size for path in made) < 100_000  # bytes; the largest has a whole printed page
    assert sum(path.stat().st_size for path in made) < 2_200_000


@pytest.mark.parametrize("name", DOCUMENTS)
def test_files_and_folders_that_are_named_exist(name: str) -> None:
    """`templates/`, `clinic.toml`, `tests/test_house.py`: a word in code that has a stroke or a known ending."""
    made = ("out/", "handout.", "consent.", "manifest.json", "document.json", "figure.svg", ".venv/")
    words = re.findall(r"`([\w./-]+(?:/|\.(?:py|md|toml|txt|css|j2|ttf|conf)))`", prose(name))
    places = [ROOT, (ROOT / name).parent, ROOT / "clinicpress", ROOT / "templates", ROOT / "fonts"]
    words = [word for word in words if not word.startswith(made)]
    there = {word for place in places for word in words if (place / word).exists() or list(place.glob(f"*/{word}"))}
    assert set(words) - there == set()


def test_modules_and_functions_that_the_life_of_a_document_names_are_there() -> None:
    (life,) = [block for block in fences("") if "└" in block]
    named = re.findall(r"^\s*└ ([\w.]+)\(", life, re.MULTILINE)
    assert len(named) >= 6
    for name in named:
        module, _, function = name.rpartition(".")
        path = ROOT / "clinicpress" / module.replace(".", "/")
        files = [path.with_suffix(".py")] if path.with_suffix(".py").is_file() else list(path.glob("*.py"))
        assert files, name
        assert any(
            re.search(rf"^def {function}\(", file.read_text(encoding="utf-8"), re.MULTILINE) for file in files
        ), name


def test_the_changelog_begins_with_this_version() -> None:
    from clinicpress import __version__  # noqa: PLC0415

    first = re.search(r"^## (\S+)", text("CHANGELOG.md"), re.MULTILINE)
    assert first
    assert first[1] == __version__
