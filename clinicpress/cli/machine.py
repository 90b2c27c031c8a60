"""`doctor`: what this machine lacks."""

import dataclasses
import json

import click

from clinicpress.doctor import Machine, examine
from clinicpress.errors import InputError
from clinicpress.stock import ROOT


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@click.pass_context
def doctor(context: click.Context, as_json: bool = False) -> None:
    """Says what this machine lacks to print and to test, and how to get it.

    Exit code 3 when something is lacking without which nothing can be printed.

    \b
    Example:
      python generate.py doctor
    """  # noqa: D301  click reads \b as "do not wrap"
    findings = examine(Machine(), ROOT / "requirements.txt", ROOT / "fonts")
    if as_json:
        entries = [dataclasses.asdict(one) | {"required": one.required} for one in findings]
        click.echo(json.dumps(entries, ensure_ascii=False, indent=1))
    else:
        for one in findings:
            state = "ok     " if one.ok else ("MISSING" if one.required else "missing")
            click.echo(f"{state}  {one.name}: {one.detail}")
            if not one.ok:
                click.echo(f"         needed for {one.needed_for}\n         {one.remedy}")
    if any(one.required and not one.ok for one in findings):
        context.exit(InputError.exit_code)
