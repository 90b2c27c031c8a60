"""What the documents say is so: commands run, the reference is current, links lead somewhere."""

import ast
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tomllib
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

import click
import pytest
import yaml

from clinicpress import library
from clinicpress.cli.batch import ROWS_REFUSED
from clinicpress.cli.commands import cli
from clinicpress.cli.journal import NOT_VERIFIED
from clinicpress.documents import KINDS
from clinicpress.errors import ContentError, InputError, PressError, RenderError
from tests.instruments.desk import PASSPHRASE, free_port
from tools import docs as reference

ROOT = Path(__file__).parents[1]
RULES = reference.RULES
PAGES = tuple(sorted(str(path.relative_to(ROOT)) for path in (ROOT / "docs").rglob("*.md")))
DOCUMENTS = ("README.md", "DESIGN.md", "CHANGELOG.md", "fonts/README.md", *PAGES)
README_BYTES, DESIGN_BYTES = 6_000, 10_000


@lru_cache(maxsize=200)
def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def fences(language: str, name: str) -> list[str]:
    """What stands between ```language and ```, also within a list."""
    blocks = re.findall(r"^ *```(\w*)\n(.*?)^ *```$", text(name), re.MULTILINE | re.DOTALL)
    return [block for spoken, block in blocks if spoken == language]


def prose(name: str) -> str:
    """A document without its fenced blocks."""
    return re.sub(r"^ *```.*?^ *```$", "", text(name), flags=re.MULTILINE | re.DOTALL)


def commands(start: str, *languages: str) -> list[list[str]]:
    """The command lines in blocks of all documents that begin with a word, each once."""
    blocks = [block for name in DOCUMENTS for language in languages or ("sh",) for block in fences(language, name)]
    lines = dict.fromkeys(line.strip() for block in blocks for line in block.splitlines())
    found = [line for line in lines if line.startswith(start)]
    return [words for line in found if (words := shlex.split(line, comments=True)) and words[0] == start]


# Pages --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "most"), [("README.md", README_BYTES), ("DESIGN.md", DESIGN_BYTES)])
def test_what_a_newcomer_reads_first_is_short(name: str, most: int) -> None:
    assert 2_000 < len(text(name).encode()) <= most


def test_every_page_that_the_program_names_is_there() -> None:
    """Sources of rules are printed; and no rule names a section of a document that has none any more."""
    places = [*sorted((ROOT / "clinicpress").rglob("*.py")), *sorted((ROOT / "fonts").glob("*.toml"))]
    spoken = [rule.source for rule in RULES]
    spoken += [path.read_text(encoding="utf-8") for path in (*places, ROOT / "clinic.toml")]
    named = {page for words in spoken for page in re.findall(r"docs/[\w/-]+\.md", words)}
    assert len(named) >= 6
    assert named <= set(PAGES)
    assert [words for words in spoken if re.search(r"(README|DESIGN)(\.md)?[,:] [\"\']", words)] == []


@pytest.mark.parametrize("name", ["commands.md", "rules.md", "tables.md"])
def test_the_reference_says_what_the_program_is(name: str) -> None:
    """Run `make docs` when this fails, and read the difference."""
    assert text(f"docs/reference/{name}") == reference.pages()[name]


def test_the_reference_has_no_other_pages() -> None:
    assert {path.name for path in (ROOT / "docs/reference").iterdir()} == set(reference.pages())


def test_every_page_is_found_from_the_readme() -> None:
    """By following links, as a reader does."""
    seen, waiting = set[str](), ["README.md"]
    while waiting:
        name = waiting.pop()
        seen.add(name)
        folder = (ROOT / name).parent
        there = {
            str((folder / target.partition("#")[0]).resolve().relative_to(ROOT.resolve())) for target in links(name)
        }
        waiting += [one for one in there if one.endswith(".md") and one not in seen]
    assert set(PAGES) - seen == set()


@pytest.mark.parametrize("name", [name for name in PAGES if "/decisions/" in name and not name.endswith("index.md")])
def test_a_decision_says_what_was_decided_and_why(name: str) -> None:
    headings = re.findall(r"^#+ (.+)$", text(name), re.MULTILINE)
    assert headings[1:3] == ["What was decided", "Why"]
    assert headings[3:] in ([], ["What else was tried"])


def test_the_list_of_promises_names_every_file_of_tests_with_its_first_sentence() -> None:
    found = sorted(path for path in (ROOT / "tests").rglob("test_*.py") if "node_modules" not in path.parts)
    promises = {}
    for path in found:
        said = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
        name = path.relative_to(ROOT / "tests").with_suffix("")
        promises[f"`{name}`"] = " ".join(said.partition("\n\n")[0].split())
    rows = re.findall(r"^\| (.+) \| (`(?:instruments/)?test_\w+`) \|$", text("docs/develop/tests.md"), re.MULTILINE)
    assert {name: promise for promise, name in rows} == promises


# Commands -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the product, for commands that write beside it."""
    folder = tmp_path_factory.mktemp("product") / "tree"
    folder.mkdir()
    for name in ("generate.py", "clinic.toml", "requirements.txt"):
        shutil.copy(ROOT / name, folder)
    for name in ("clinicpress", "templates", "fonts", "brand", "handouts", "samples", "starter"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


DESK = ["python", "generate.py", "serve"]


# What these do is tried elsewhere as well, and they take long.
LONG = {"", "batch", "--clinic", "--copy", "--profile", "--set"}


def unless_long(words: list[str]) -> Any:
    """A command of the documents; `make soak` runs those that take long."""
    long = LONG & set(words[2:] or [""])
    return pytest.param(words, marks=pytest.mark.soak if long else (), id=" ".join(words))


@pytest.mark.parametrize("words", [unless_long(one) for one in commands("python") if one != DESK])
def test_a_command_of_the_documents_runs(words: list[str], tree: Path, kept: Path) -> None:
    assert words[1] == "generate.py"
    answer = subprocess.run(
        [sys.executable, *words[1:]],
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


def test_every_command_that_is_shown_is_one() -> None:
    """Blocks of plain text hold what needs other machines or files of yours: it is parsed, not run."""
    blocks = [block for name in DOCUMENTS for language in ("sh", "text", "") for block in fences(language, name)]
    shown = [row.partition("generate.py")[2] for block in blocks for row in block.splitlines() if "generate.py" in row]
    shown = [row for row in shown if row.strip() and not row.startswith((" [", " COMMAND"))]
    assert len(shown) > 40
    for row in shown:
        words, command = shlex.split(row, comments=True), cli
        while isinstance(command, click.Group) and words and words[0] in command.commands:
            command, words = command.commands[words[0]], words[1:]
        if "[OPTIONS]" not in words:
            command.make_context("", words)


def test_the_front_desk_of_the_documents_opens_and_shows_its_link(tree: Path) -> None:
    assert DESK in commands("python")
    state, port = {"CLINICPRESS_STATE": str(tree / "other state")}, str(free_port())  # a desk may run on the usual one
    command = [sys.executable, *DESK[1:], "--port", port]
    with subprocess.Popen(command, cwd=tree, env={**os.environ, **state}, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        line = process.stderr.readline()
        process.send_signal(signal.SIGINT)
        process.wait(60)
    assert re.search(rf"http://127\.0\.0\.1:{port}/open/\S{{20,}}", line)


def test_the_documents_show_every_command_at_work() -> None:
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


OPTIONS = {
    option
    for command in cli.commands.values()
    for one in (command, *getattr(command, "commands", {}).values())
    for parameter in one.params
    if isinstance(parameter, click.Option)
    for option in parameter.opts
}
OF_OTHERS = {"--help", "--quick", "--only"}  # click's own; the bench's


def test_no_option_is_told_that_is_not_there() -> None:
    told = {
        option
        for name in DOCUMENTS
        if name != "CHANGELOG.md"
        for option in re.findall(r"`[^`\n]*?(--[a-z-]+)", prose(name))
    }
    assert len(told) > 20
    assert told - OPTIONS - OF_OTHERS == set()


def test_every_exit_code_is_told() -> None:
    errors = (error.exit_code for error in (PressError, ContentError, InputError, RenderError))
    assert set(reference.EXIT_CODES) == {0, 1, *errors, NOT_VERIFIED, ROWS_REFUSED}


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


WRITING = "docs/write.md"


def test_the_front_matter_of_the_documents_is_what_a_document_has() -> None:
    """The keys of the examples are those that the reader knows, all of them, with values that it takes."""
    (markdown,) = fences("markdown", WRITING)
    (form,) = fences("yaml", WRITING)
    common = set(yaml.safe_load(markdown.split("---")[1]))
    shipped = {
        kind: set(yaml.safe_load((ROOT / "handouts" / "neurotherapy" / f"{kind}.en.md").read_text().split("---")[1]))
        for kind in ("handout", "consent")
    }
    assert common == shipped[KINDS["handout"]]
    assert common | set(yaml.safe_load(form)) == shipped[KINDS["consent"]]


def test_the_example_of_a_document_is_one(tmp_path: Path) -> None:
    """As it stands, with a figure beside it: nothing is wrong with it but the sections that it leaves out."""
    (markdown,) = fences("markdown", WRITING)
    path = tmp_path / "topic" / "handout.en.md"
    path.parent.mkdir()
    path.write_text(markdown)
    (path.parent / "figure.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')
    document = library.read_document(path)
    assert document.section("definition")


def test_every_rule_that_a_document_names_is_there_or_is_an_element_of_consent() -> None:
    written = [name for name in DOCUMENTS if not name.startswith("docs/reference/")]
    named = {code for name in written for code in re.findall(r"\b[SCRB]\d\d\b", text(name))}
    elements = {f"C{number:02}" for number in range(1, 38)}
    assert named - {rule.code for rule in RULES} - elements == set()


def test_every_rule_has_a_manual_and_a_source() -> None:
    for rule in RULES:
        assert len(rule.manual) > 40, rule.code
        assert rule.source, rule.code


def test_the_keys_of_the_clinic_profile_are_told() -> None:
    """Those that ship, and all that the reader asks for by name."""
    shipped = tomllib.loads(text("clinic.toml"))
    names = {f"{key}.{name}" for key, value in shipped.items() if isinstance(value, dict) for name in value}
    names |= {key for key, value in shipped.items() if not isinstance(value, dict)}
    told = set(reference.PROFILE)
    assert len(names) >= 20
    assert names - told == set()
    reader = text("clinicpress/library/clinics.py")
    asked = set(re.findall(r"\.(?:texts?|choice|table|known)\(\"(\w+)\"", reader))
    assert len(asked) > 10
    assert asked - {part for key in told for part in key.split(".")} == set()


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


@pytest.mark.parametrize("name", [name for name in DOCUMENTS if re.search(r"!\[.*\]\(", prose(name))])
def test_pictures_are_there_and_say_what_they_show(name: str) -> None:
    pictures = re.findall(r"!\[([^\]]*)\]\(([^)\s]+)\)", prose(name))
    assert pictures
    for words, path in pictures:
        assert len(words) > 15, path
        assert ((ROOT / name).parent / path).read_bytes().startswith((b"\x89PNG", b"<svg")), path


def test_every_picture_is_shown_and_small() -> None:
    """The folder is part of every copy of the product."""
    made = {path.resolve() for path in (ROOT / "docs").rglob("*.png")}
    shown = {((ROOT / name).parent / target).resolve() for name in DOCUMENTS for target in links(name)}
    assert len(made) > 20
    assert made <= shown
    assert max(path.stat().st_size for path in made) < 100_000  # bytes; the largest has a whole printed page
    assert sum(path.stat().st_size for path in made) < 2_200_000


@pytest.mark.parametrize("name", DOCUMENTS)
def test_files_and_folders_that_are_named_exist(name: str) -> None:
    """`templates/`, `clinic.toml`, `tests/test_house.py`: a word in code that has a stroke or a known ending."""
    made = (
        "out/",
        "handouts/knee-brace/",
        "handout.",
        "consent.",
        "manifest.json",
        "document.json",
        "figure.svg",
        ".venv/",
    )
    words = re.findall(r"`([\w./-]+(?:/|\.(?:py|md|toml|txt|css|j2|ttf|conf)))`", prose(name))
    places = [ROOT, (ROOT / name).parent, ROOT / "clinicpress", ROOT / "templates", ROOT / "fonts"]
    words = [word for word in words if not word.startswith(made)]
    there = {word for place in places for word in words if (place / word).exists() or list(place.glob(f"*/{word}"))}
    assert set(words) - there == set()


@pytest.mark.parametrize("name", ["DESIGN.md", *(name for name in PAGES if re.search(r"/(decisions|develop)/", name))])
def test_modules_that_are_named_with_a_dot_are_there(name: str) -> None:
    """`press.shelf.printable`: a word in code whose first part is a module of the package."""
    modules = {path.stem for path in (ROOT / "clinicpress").iterdir()}
    for word in re.findall(r"`([a-z_]+(?:\.(?!lock\b)\w+)+)`", prose(name)):
        first, *rest = word.split(".")
        found: object = import_module(f"clinicpress.{first}") if first in modules else None
        for part in rest if found else ():
            below = f"{found.__name__}.{part}" if isinstance(found, ModuleType) and hasattr(found, "__path__") else ""
            found = import_module(below) if below and find_spec(below) else getattr(found, part)


def test_modules_and_functions_that_the_life_of_a_document_names_are_there() -> None:
    (life,) = [block for block in fences("", "docs/develop/life.md") if "└" in block]
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
