"""`kinds`: which kinds of paper there are, and what each has to say."""

import json
from collections.abc import Iterator
from typing import Any

import click

from clinicpress import library
from clinicpress.cli.commands import problem_lines
from clinicpress.cli.options import known_kinds, shelf_options
from clinicpress.documents import KINDS, Kind, Weight
from clinicpress.press.shelf import Shelf

_WEIGHTS = {
    Weight.REQUIRED: "error",
    Weight.WELL_DESIGNED: "warning",
    Weight.RECOMMENDED: "warning",
    Weight.LOCAL: "only where a jurisdiction asks for it",
}


@click.command("kinds")
@click.option("--explain", "name", metavar="KIND", help="All about one kind.")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@shelf_options
def list_kinds(shelf: Shelf, name: str | None = None, as_json: bool = False) -> None:
    """Lists the kinds of paper, or explains one: its sections, blocks and rules.

    A kind of your own is a file in kinds/ beside the clinic's profile (docs/kinds.md).

    \b
    Example:
      python generate.py kinds
      python generate.py kinds --explain authorization
    """  # noqa: D301  click reads \b as "do not wrap"
    known, (_, problems) = known_kinds(shelf, name), library.read_kinds(shelf.kinds_folder)
    if problems:
        click.echo("\n".join(problem_lines(problems)), err=True)
    if name:
        kind = known[name]
        click.echo(json.dumps(_facts(kind), ensure_ascii=False, indent=1) if as_json else "\n".join(_explained(kind)))
    elif as_json:
        click.echo(json.dumps([_facts(one) for one in known.values()], ensure_ascii=False, indent=1))
    else:
        wide = max(map(len, known))
        for kind in known.values():
            own = "" if str(kind) in KINDS else "  (your own)"
            click.echo(f"{kind:<{wide}}  {kind.shape:<6}  {kind.called}{own}")


def _facts(kind: Kind) -> dict[str, Any]:
    """A kind as JSON."""
    return {
        "kind": str(kind),
        "shape": str(kind.shape),
        "called": kind.called,
        "approved_by": list(kind.approve_by),
        "grades": list(kind.grades),
        "sections": [
            {"role": role, "required": one.required, "heading": one.heading, "holds": one.write}
            for role, one in kind.roles.items()
        ],
        "keys": [*kind.keys, *kind.own_keys],
        "blocks": list(kind.blocks),
        "blocks_allowed": list(kind.offered),
        "elements": [
            {"code": code, "what": one.what, "core": one.core, "weight": _weight(kind, code), "source": one.source}
            for code, one in kind.elements.items()
        ],
        "asked_before_approval": [{"of": one.who, "question": one.ask} for one in kind.confirm],
        "chart": kind.chart,
        "loinc": kind.loinc,
        "kept": kind.kept,
    }


def _weight(kind: Kind, code: str) -> str:
    one = kind.elements[code]
    return "warning" if not one.read and one.weight is Weight.REQUIRED else _WEIGHTS[one.weight]


def _done_with(kind: Kind) -> str:
    """What is done with a paper of a kind, in a few words."""
    if kind.is_fixed:
        return "Printed as it is"
    return "Filled in and signed" if kind.signed_in else "Filled in" if kind.offered else "Read"


def _explained(kind: Kind) -> Iterator[str]:
    """A kind in words, a line each."""
    yield f"{kind}: {kind.called}"
    done = _done_with(kind)
    yield f"  {done}. Approved by: {' or '.join(kind.approve_by)}."
    if kind.grades:
        yield f"  Reading grade: a warning above {kind.grades[0]:g}, an error above {kind.grades[1]:g}."
    for value, words in ((kind.chart, "In the chart"), (kind.loinc, "LOINC"), (kind.kept, "Kept")):
        if value:
            yield f"  {words}: {value}."
    if keys := (*kind.keys, *kind.own_keys):
        yield f"  In the header beside what every text has: {', '.join(keys)}."
    yield from ("", "Sections (* cannot be missing)") if kind.roles else ()
    wide = max(map(len, kind.roles), default=0)
    for role, one in kind.roles.items():
        yield f"  {'*' if one.required else ' '} {role:<{wide}}  {one.heading}: {one.write}."
    if kind.offered:
        yield ""
        yield f"Blocks: {', '.join(kind.offered)}"
        yield f"  without 'blocks' in the header: {', '.join(kind.blocks)}"
    if kind.elements:
        yield from ("", "What it has to say or ask, or must not say (* core)")
    for code, element in kind.elements.items():
        source = f" [{element.source}]" if element.source else ""
        yield f"  {code}{'*' if element.core else ' '} {_weight(kind, code)}: {element.what}.{source}"
    if kind.confirm:
        yield from ("", "Asked before it is approved")
        yield from (f"  {one.who}: {one.ask}" for one in kind.confirm)
