"""Writes the pages of `docs/reference/` from the program itself (`make docs`): commands, rules, tables.

Nothing there is written by hand, so that nothing there can be out of date; `tests/test_docs.py` holds the pages beside
what this says.
"""

import re
import sys
import textwrap
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

import click

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from clinicpress import library, lint  # noqa: E402
from clinicpress.cli.batch import ROWS_REFUSED  # noqa: E402
from clinicpress.cli.commands import cli  # noqa: E402
from clinicpress.cli.journal import NOT_VERIFIED  # noqa: E402
from clinicpress.documents import BLOCKS, KINDS, LANGUAGES, BlockPlace, FieldKind, Kind, RegulatoryStatus  # noqa: E402
from clinicpress.documents.wordings import classes  # noqa: E402
from clinicpress.errors import ContentError, InputError, RenderError, Rule, Severity  # noqa: E402
from clinicpress.library.imports.skeleton import skeleton  # noqa: E402

REFERENCE = ROOT / "docs" / "reference"
WIDTH = 100  # characters of a line of `--help`
RULES: tuple[Rule, ...] = (*library.RULES, *library.VALUE_RULES, *lint.RULES)

FAMILIES = {
    "S": "Structure: the file, its sections, fields, values and rows",
    "C": "Consent: the elements of a consent form",
    "L": "Language: words, numbers, claims",
    "N": "Passages and variables",
    "R": "Review: approvals and days",
    "T": "Translation",
    "X": "Somebody else's forms",
    "B": "Brand and legibility: the clinic's profile, letters, the printed page",
}

EXIT_CODES: Mapping[int, str] = {
    0: "done",
    1: "a bug of ours, with its traceback",
    ContentError.exit_code: "what was asked for, what it refers to, or the profile has problems: all of them are "
    "listed with file and line, and nothing was printed",
    InputError.exit_code: "wrong usage, a file or folder that cannot be read or written, or a printer that did not "
    "print",
    RenderError.exit_code: "a document could not be rendered, or not all that its source says would be on the paper, "
    "whole and readable: file and line are named",
    NOT_VERIFIED: "the journal could not be verified: each change is listed with its line",
    ROWS_REFUSED: "a batch is finished, but some rows were refused",
}

PLACES: Mapping[BlockPlace, str] = {
    BlockPlace.OPENING: "at the start",
    BlockPlace.AFTER_RISKS: "after the risks",
    BlockPlace.SECTION: "within its section",
    BlockPlace.BEFORE_SIGNING: "before the signing page",
    BlockPlace.STATEMENT: "with the statement",
    BlockPlace.SIGNING: "on the signing page",
    BlockPlace.LATER: "at the end of the signing page",
}

PROFILE: Mapping[str, str] = {
    "name": "the clinic's name, 80 characters at most",
    "phone": "the phone number, printed on every page",
    "legal_name": "the name under which the clinic signs contracts, for texts that name it",
    "region": 'the country of the phone number, two letters (default: "US")',
    "after_hours": "printed beside the phone",
    "other_phones": "further numbers that your texts may name",
    "address": "six lines of 60 characters at most",
    "website": "printed with the address",
    "hours": "when you are open",
    "footer": "a line at the foot of every page",
    "paper": "`letter` or `a4`",
    "language_notice": "a file beside the profile with your notice of language assistance",
    "jurisdiction": "how rules weigh: `us-clinic` (the default), `us-hospital`, `uk`, or a file of your own",
    "brand.logo": "SVG, PNG or JPEG, beside the profile",
    "brand.color": "headings and heavy rules; a contrast of 7:1 on white at least",
    "brand.typeface": '"Clinic Sans" or "Atkinson Hyperlegible"',
    "chart.handout": "what your record system calls a handout",
    "chart.consent": "what your record system calls a consent form",
    "privacy.officer": "who answers questions about privacy; for texts that name it, as all up to `policy`",
    "privacy.phone": "that person's phone number",
    "privacy.notice_date": "the day of your notice of privacy practices; another day is another text",
    "billing.phone": "whom to call about a bill",
    "portal.name": "what you call your patient portal",
    "policy.no_show_fee": 'the fee for a missed visit, as it prints: "$25"; another fee is another text',
    "policy.no_show_hours": "how many hours before a visit it may be cancelled; another number is another text",
    "policy.records_days": "within how many days records are sent; another number is another text",
    "roster.date_format": "how your list writes dates: MM/DD/YYYY, DD/MM/YYYY, DD.MM.YYYY, MM-DD-YYYY, DD-MM-YYYY, "
    "YYYY/MM/DD",
    "roster.encoding": "for a list that is not UTF-8: windows-1252 …",
    "roster.delimiter": "only if it is not found: , ; | or tab",
    "roster.sheet": "in a workbook with several sheets",
    "roster.leave_out": "rows that are not printed, by column and value",
    "roster.columns": "your column = ours",
    "procedures": "your procedure = what is handed out: a topic, `topic/handout` or `topic/consent`",
}


def note(title: str) -> list[str]:
    """How each page begins."""
    return [f"# {title}", "", "Written by `make docs` from the program; not for editing by hand.", ""]


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """A table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return [*(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in lines), ""]


def commands() -> str:
    """The page of the commands: what `--help` says of each."""
    lines = note("Commands")
    lines += ["`python generate.py COMMAND`, with the environment active (`. .venv/bin/activate`).", ""]
    settings = {"terminal_width": WIDTH, "max_content_width": WIDTH, **cli.context_settings}
    for context in _contexts(click.Context(cli, info_name="python generate.py", **settings)):
        title = context.command_path.removeprefix("python generate.py").strip() or "Without a command"
        rows = [row.rstrip() for row in context.get_help().splitlines()]
        lines += [f"## {title}", "", "```text", *rows, "```", ""]
    return "\n".join(lines)


def _contexts(context: click.Context) -> Iterator[click.Context]:
    """A command and those below it."""
    yield context
    if isinstance(command := context.command, click.Group):
        for name in sorted(command.list_commands(context)):
            if below := command.get_command(context, name):
                yield from _contexts(click.Context(below, context, name))


def rules() -> str:
    """The page of the rules: what `check --explain` says of each."""
    lines = note("Rules")
    lines += [
        "Errors keep a document from being printed; warnings do not. `python generate.py check --explain CODE` says",
        "the same as this page.",
        "",
    ]
    ordered = [rule for _, rule in sorted({(rule.code, rule.name): rule for rule in RULES}.items())]
    for letter, title in FAMILIES.items():
        members = [rule for rule in ordered if rule.code.startswith(letter)]
        lines += [f"## {title}", ""]
        lines += table(("code", "name", "weight"), [(one.code, one.name, str(one.severity)) for one in members])
        for one in members:
            weight = " (warning)" if one.severity is Severity.WARNING else ""
            manual = [textwrap.fill(row, WIDTH) for row in one.manual.splitlines()]
            lines += [f"### {one.code} {one.name}{weight}", "", "```text", *manual, "```", ""]
            lines += [f"Source: {_linked(one.source)}", ""]
    return "\n".join(lines)


def _linked(source: str) -> str:
    """A source whose page of ours is a link."""
    return re.sub(r"docs/([\w/-]+\.md)", r"[docs/\1](../\1)", source)


def tables() -> str:
    """The page of the tables: roles, blocks, kinds of fields, keys, exit codes."""
    lines = [*note("Tables"), "## Roles", ""]
    for kind in (one for one in KINDS.values() if one.roles):
        lines += [
            f"### {kind.called} (`{kind}`)",
            "",
            *table(("role", "required", "usual heading", "holds"), _roles(kind)),
        ]
    lines += ["## Blocks", "", "Of a consent form, by their names in `blocks`.", ""]
    lines += table(
        ("block", "is printed", "fields"),
        [
            (f"`{one.name}`", PLACES[one.place], "; ".join(field.spoken for field in one.fields))
            for one in BLOCKS.values()
        ],
    )
    lines += ["## Kinds of own fields", "", ", ".join(f"`{one}`" for one in FieldKind) + ".", ""]
    lines += ["## Values of `regulatory_status`", "", ", ".join(f"`{one}`" for one in RegulatoryStatus) + ".", ""]
    lines += ["## Turns of phrase", "", "What `says = …` of an element may name, in English.", ""]
    lines += table(
        ("name", "stands for", "for example"),
        [(f"`{name}`", row["about"], row["yes"][0].replace("|", "/")) for name, row in classes()["en"].items()],
    )
    lines += ["## Languages", "", *table(("tag", "language"), [(f"`{tag}`", name) for tag, name in LANGUAGES.items()])]
    lines += ["## Keys of clinic.toml", ""]
    lines += table(("key", "default as shipped", "holds"), _keys())
    lines += ["## Exit codes", ""]
    lines += table(("exit code", "means"), [(str(code), words) for code, words in sorted(EXIT_CODES.items())])
    return "\n".join(lines)


def _roles(kind: Kind) -> Iterator[tuple[str, str, str, str]]:
    """Each role with what `new` writes for it."""
    text = skeleton(kind, "topic", "en", date(2026, 1, 1))
    for heading, role, words in re.findall(r"^## (.+?) \{#([\w-]+)\}\n\nTODO: write (.+)\.$", text, re.MULTILINE):
        holds, optional, _ = words.partition(" (or delete this section)")
        yield f"`{role}`", "" if optional else "yes", heading, holds


def _keys() -> Iterator[tuple[str, str, str]]:
    """Each key of a clinic's profile, with the value that ships."""
    shipped = tomllib.loads((ROOT / "clinic.toml").read_text(encoding="utf-8"))
    for key, words in PROFILE.items():
        part, _, name = key.rpartition(".")
        value = (shipped.get(part, {}) if part else shipped).get(name, "")
        yield f"`{key}`", f"`{value}`" if value else "", words


def pages() -> dict[str, str]:
    """Each page by its name."""
    made = {"commands.md": commands(), "rules.md": rules(), "tables.md": tables()}
    return {name: text.rstrip("\n") + "\n" for name, text in made.items()}


if __name__ == "__main__":
    REFERENCE.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (REFERENCE / name).write_text(text, encoding="utf-8")
        print(f"docs/reference/{name}")
