"""`serve`: the front desk in a browser, and who may sign in there."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import click
from click.core import ParameterSource

from clinicpress import delivery
from clinicpress.cache import Cache
from clinicpress.cli import installation, staff
from clinicpress.cli.options import cache_options, shelf_options
from clinicpress.cli.staff import PeopleWish
from clinicpress.errors import InputError
from clinicpress.record.people import Role
from clinicpress.stock import Shelf

LOOPBACK = ("127.0.0.1", "::1", "localhost")
EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104  compared with, not opened
LINK = "link"  # the file in the state folder that holds the address which lets the next browser in
LOCK = "desk.lock"  # the file there that a desk holds while it runs
PATIENCE = 1.0  # seconds for one that is just ending
BUSY = (
    "A front desk works with {state} already. 'python generate.py serve --link' shows the link to it. For a second "
    "one, set CLINICPRESS_STATE to another folder, which has people and a journal of its own."
)


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, metavar="ADDRESS", help="Where the desk answers.")
@click.option("--port", type=click.IntRange(1, 65535), default=8765, show_default=True, metavar="N", help="Its port.")
@click.option("--name", "names", multiple=True, metavar="HOST", help="A further name browsers call it by; repeatable.")
@click.option("--tls-cert", type=click.Path(path_type=Path), metavar="FILE", help="For other machines: certificate.")
@click.option("--tls-key", type=click.Path(path_type=Path), metavar="FILE", help="For other machines: its key.")
@click.option(
    "--idle", type=click.IntRange(1, 480), default=15, show_default=True, metavar="MINUTES", help="Signs out after."
)
@click.option("--link", is_flag=True, help="Show the link that lets the next browser in to the desk that runs.")
@click.option("--add-person", metavar="NAME", help="Add somebody who may sign in; the passphrase is asked for.")
@click.option("--role", type=click.Choice([str(role) for role in Role]), help="What the added person may do.")
@click.option("--credential", metavar="TEXT", help="What stands behind the name in approvals; clinicians need one.")
@click.option("--change-passphrase", metavar="NAME", help="Give this person another passphrase.")
@click.option("--remove-person", metavar="NAME", help="This person may not sign in any more.")
@click.option("--list-people", is_flag=True, help="Show who may sign in.")
@click.option("--forget-browsers", is_flag=True, help="Each browser needs the link again after the next start.")
@click.option("--json", "as_json", is_flag=True, help="Print people as JSON.")
@click.pass_context
@cache_options
@shelf_options
def serve(
    context: click.Context,
    shelf: Shelf,
    cache: Cache,
    host: str,
    port: int,
    names: tuple[str, ...],
    tls_cert: Path | None,
    tls_key: Path | None,
    idle: int,
    link: bool,
    add_person: str | None,
    role: str | None,
    credential: str | None,
    change_passphrase: str | None,
    remove_person: str | None,
    list_people: bool,
    forget_browsers: bool,
    as_json: bool,
) -> None:
    """Opens the front desk in a browser, on this machine only; or looks after the people who may sign in there.

    It shows a link that lets one browser in, and goes on until Ctrl-C. Other machines reach it only with --host and a
    certificate. A passphrase is asked for twice and not shown; when the input is no terminal, it is the first line of
    the input. Who did what is recorded in the journal.

    \b
    Example:
      python generate.py serve --add-person "Ada Example" --role clinician --credential ND
      python generate.py serve
    """  # noqa: D301  click reads \b as "do not wrap"
    wish = PeopleWish(
        add_person, Role(role) if role else None, credential, change_passphrase, remove_person, list_people
    )
    if wish.meant:
        for line in staff.obeyed(wish, as_json=as_json):
            click.echo(line)
        return
    state = installation.state_folder()
    if forget_browsers:
        installation.record().forget_browsers()
        click.echo("No browser is known any more. Start the front desk anew: then each needs its link again.", err=True)
        return
    if link:
        click.echo(_link_of_the_desk(state))
        return
    from clinicpress.desk.settings import Settings  # noqa: PLC0415  other commands need it not

    if host in EVERYWHERE and not names:
        raise InputError(f"--host {host} answers on every address; say by which name browsers call it: --name HOST.")
    given = context.get_parameter_source("today") is not ParameterSource.DEFAULT
    settings = Settings(
        handouts=shelf.handouts,
        clinic=shelf.clinic,
        state=state,
        key=installation.secret_key(),
        account=installation.account(),
        cache=cache.handed_on,
        today=shelf.today if given else None,
        host=host,
        port=port,
        names=names,
        tls=_tls(host, tls_cert, tls_key),
        idle=60.0 * idle,
        printers=installation.print_service(),
        workers=max(2, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 2),
    )

    from clinicpress.desk.serving import serve as open_desk  # noqa: PLC0415  takes longer than to say what is wrong

    def tell(address: str) -> None:
        delivery.write(state / LINK, f"{address}\n".encode())
        click.echo(f"The front desk is open. This link lets one browser in: {address}", err=True)

    with _the_only_desk(state):
        try:
            open_desk(settings, lambda line: click.echo(line, err=True), tell)
        finally:
            (state / LINK).unlink(missing_ok=True)


@contextmanager
def _the_only_desk(state: Path) -> Iterator[None]:
    """Keeps other desks from the same journal and the same link. Raises `InputError` when there is one already.

    However this one ends, the system lets go.
    """
    lock = state / LOCK
    with delivery.told_plainly(lock, f"Set {installation.STATE_SETTING} to a folder that is yours."):
        delivery.make_folder(state)
        lock.touch(0o600)
    with delivery.alone(lock, PATIENCE, BUSY.format(state=state)):
        yield


def _link_of_the_desk(state: Path) -> str:
    """The link of the desk that runs. One that was killed has left its own behind, which leads nowhere."""
    with suppress(OSError):
        if delivery.taken(state / LOCK):
            return (state / LINK).read_text(encoding="utf-8").strip()
    raise InputError("No front desk runs here. Start it: python generate.py serve")


def _tls(host: str, certificate: Path | None, key: Path | None) -> tuple[Path, Path] | None:
    """Certificate and key. Without them nobody but this machine is answered: passphrases would pass in the clear."""
    if (certificate is None) != (key is None):
        raise InputError("--tls-cert and --tls-key go together: the certificate and its key.")
    if certificate is None or key is None:
        if host not in LOOPBACK:
            raise InputError(
                f"--host {host} lets other machines in, so it needs --tls-cert FILE and --tls-key FILE: without them "
                "passphrases and patients' names could be read on the way."
            )
        return None
    for path in (certificate, key):
        if not path.is_file():
            raise InputError(f"{path} is not there. Name the files of the certificate and its key.")
    return certificate, key
