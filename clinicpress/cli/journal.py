"""`journal`: who did what, and whether anybody changed that record."""

import json
from collections import deque
from collections.abc import Mapping

import click

from clinicpress.cli import installation
from clinicpress.record import Entry

NOT_VERIFIED = 5


@click.group()
def journal() -> None:
    """Shows who did what, and finds any change that was made to that record.

    \b
    Example:
      python generate.py journal show --last 20
      python generate.py journal verify
    """  # noqa: D301  click reads \b as "do not wrap"


@journal.command("show")
@click.option("--last", type=click.IntRange(min=1), metavar="N", help="The last N entries only.")
@click.option("--json", "as_json", is_flag=True, help="Print the entries as JSON.")
def show(last: int | None = None, as_json: bool = False) -> None:
    """Lists who did what, and when. It does not look for changes.

    Whoever was added as somebody who may sign in stands there with the name of that time, also when removed since.

    \b
    Example:
      python generate.py journal show --last 20
    """  # noqa: D301  click reads \b as "do not wrap"
    names: dict[str, str] = {}
    entries: deque[Entry] = deque(maxlen=last)
    for one in installation.journal().entries():
        entries.append(one)
        if "id" in one.facts:
            names[str(one.facts["id"])] = str(one.facts.get("person"))
    if as_json:
        told = [{**_as_dict(one), "name": names.get(one.who, "")} for one in entries]
        click.echo(json.dumps({"entries": told}, ensure_ascii=False, indent=1))
        return
    click.echo("number  time                       what                who")
    for one in entries:
        who = f"{names[one.who]} ({one.who})" if one.who in names else one.who
        line = f"{one.number:<7} {one.at.isoformat():<26} {one.did:<19} {who}  {_facts(one.facts)}"
        click.echo(_shown(line.rstrip()))


@journal.command("verify")
@click.option("--json", "as_json", is_flag=True, help="Print what was found as JSON.")
@click.pass_context
def verify(context: click.Context, as_json: bool = False) -> None:
    """Finds every place where the journal is not as it was written. Exit code 5 when there is one.

    Note the last digest elsewhere from time to time: older copies of the journal do not have it.

    \b
    Example:
      python generate.py journal verify
    """  # noqa: D301  click reads \b as "do not wrap"
    record = installation.journal()
    faults = record.check()
    last = None if faults else next(record.entries(1), None)
    if as_json:
        answer = {
            "journal": str(record.path),
            "intact": not faults,
            "last": last and _as_dict(last),
            "faults": [{"line": one.line, "sentence": one.sentence} for one in faults],
        }
        click.echo(json.dumps(answer, ensure_ascii=False, indent=1))
    elif faults:
        for one in faults:
            click.echo(f"{record.path}{f':{one.line}' if one.line else ''}: {one.sentence}")
        click.echo(f"{len(faults)} change(s). The journal is not as it was written.", err=True)
    else:
        end = f"the last one of {last.at.isoformat()}, digest {last.digest}" if last else "nothing was recorded yet"
        click.echo(f"Intact: {last.number if last else 0} entries, {end}.")
    if faults:
        context.exit(NOT_VERIFIED)


def _as_dict(entry: Entry) -> dict[str, object]:
    return {
        "number": entry.number,
        "at": entry.at.isoformat(),
        "who": entry.who,
        "did": str(entry.did),
        "facts": dict(entry.facts),
        "digest": entry.digest,
    }


def _facts(facts: Mapping[str, object]) -> str:
    return "  ".join(
        f"{key}={value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}"
        for key, value in facts.items()
    )


def _shown(line: str) -> str:
    """A line without what would steer a terminal; a journal that was changed may hold it."""
    return "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in line)
