"""`doctor`: what this machine lacks; `backup` and `restore`: all that a clinic would miss, in one file."""

import dataclasses
import json
from datetime import datetime
from pathlib import Path

import click

from clinicpress.backup import BackedUpPlaces, restore_backup, write_backup
from clinicpress.cli import installation
from clinicpress.doctor import Machine, examine
from clinicpress.errors import InputError
from clinicpress.press.shelf import ROOT
from clinicpress.record import Journal


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


HOLDS = (
    "It holds the names of your staff and the key that seals the journal: keep it where only you can read it. It holds "
    "no patients."
)


@click.command()
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE.tar")
@click.option("--handouts", type=click.Path(path_type=Path), metavar="DIR", help="The folder of content.")
@click.option("--clinic", type=click.Path(path_type=Path), metavar="FILE.toml", help="The clinic's profile.")
@click.option("--json", "as_json", is_flag=True, help="Print what was written as JSON.")
def backup(file: Path, handouts: Path | None = None, clinic: Path | None = None, as_json: bool = False) -> None:
    """Writes record, content and the clinic's profile into one file, also while the front desk runs.

    The record is people, known browsers, unfinished prints and the journal, with the key that seals it: without the
    key the journal could be read, and nobody could go on with it. An older file of the same name is replaced at the
    end.

    \b
    Example:
      python generate.py backup out/clinicpress.tar
    """  # noqa: D301  click reads \b as "do not wrap"
    places = BackedUpPlaces(installation.state_folder(), handouts or ROOT / "handouts", clinic or ROOT / "clinic.toml")
    record = installation.record()
    if record.begun and Journal(record).check():
        click.echo("Note: the journal is not as it was written, and goes into the backup as it is.", err=True)
    files = write_backup(file, places, record, datetime.now().astimezone())
    if as_json:
        click.echo(json.dumps({"backup": str(file), "files": files, "holds_key": True}, ensure_ascii=False, indent=1))
        return
    click.echo(f"{files} files were backed up. {HOLDS}", err=True)
    click.echo(str(file))


@click.command()
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE.tar")
@click.option(
    "--handouts", type=click.Path(path_type=Path), metavar="DIR", required=True, help="An empty or new folder."
)
@click.option(
    "--clinic", type=click.Path(path_type=Path), metavar="FILE.toml", required=True, help="A new file for the profile."
)
@click.option("--json", "as_json", is_flag=True, help="Print what was restored as JSON.")
def restore(file: Path, handouts: Path, clinic: Path, as_json: bool = False) -> None:
    """Puts back what a backup holds, and overwrites nothing.

    The record comes into the folder that CLINICPRESS_STATE names, what the profile names beside the profile. Each file
    is compared with the list in the backup first. End the front desk before; what was done since the backup is not in
    it.

    \b
    Example:
      python generate.py restore out/clinicpress.tar --handouts new/handouts --clinic new/clinic.toml
    """  # noqa: D301  click reads \b as "do not wrap"
    places = BackedUpPlaces(installation.state_folder(), handouts, clinic)
    files, made = restore_backup(file, places)
    if as_json:
        told = {"state": str(places.state), "handouts": str(handouts), "clinic": str(clinic)}
        click.echo(json.dumps({"files": files, "made": made, **told}, ensure_ascii=False, indent=1))
        return
    click.echo(
        f"{files} files of {made} were restored. 'python generate.py journal verify' looks at the journal.", err=True
    )
    for place in (places.state, handouts, clinic):
        click.echo(str(place))
