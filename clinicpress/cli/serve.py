"""`serve`: the front desk, and who may sign in there."""

import click

from clinicpress.cli import staff
from clinicpress.cli.staff import Wish
from clinicpress.errors import InputError
from clinicpress.people import Role


@click.command()
@click.option("--add-person", metavar="NAME", help="Add somebody who may sign in; the passphrase is asked for.")
@click.option("--role", type=click.Choice([str(role) for role in Role]), help="What the added person may do.")
@click.option("--credential", metavar="TEXT", help="What stands behind the name in approvals; clinicians need one.")
@click.option("--change-passphrase", metavar="NAME", help="Give this person another passphrase.")
@click.option("--remove-person", metavar="NAME", help="This person may not sign in any more.")
@click.option("--list-people", is_flag=True, help="Show who may sign in.")
@click.option("--json", "as_json", is_flag=True, help="Print people as JSON.")
def serve(
    add_person: str | None = None,
    role: str | None = None,
    credential: str | None = None,
    change_passphrase: str | None = None,
    remove_person: str | None = None,
    list_people: bool = False,
    as_json: bool = False,
) -> None:
    """Looks after the people who may sign in at the front desk.

    A passphrase is asked for twice and not shown; when the input is no terminal, it is the first line of the input.
    All of this is recorded in the journal, under the name of the account that does it.

    \b
    Example:
      python generate.py serve --add-person "Ada Example" --role clinician --credential ND
      python generate.py serve --list-people
    """  # noqa: D301  click reads \b as "do not wrap"
    wish = Wish(add_person, Role(role) if role else None, credential, change_passphrase, remove_person, list_people)
    if wish.meant:
        for line in staff.obeyed(wish, as_json=as_json):
            click.echo(line)
        return
    raise InputError("The desk itself is not built yet. 'python generate.py serve --help' shows what there is.")
