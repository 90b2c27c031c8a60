"""`serve`: the front desk in a browser, and who may sign in there."""

import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import click
from click.core import ParameterSource

from clinicpress import files
from clinicpress.cache import Cache
from clinicpress.cli import installation
from clinicpress.cli.options import cache_options, shelf_options
from clinicpress.errors import InputError
from clinicpress.press.shelf import Shelf
from clinicpress.record import Did
from clinicpress.record.people import MOST_LETTERS, People, Person, Role

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
        for line in obeyed(wish, as_json=as_json):
            click.echo(line)
        return
    state = installation.state_folder()
    if forget_browsers:
        installation.record().forget_browsers()
        click.echo("No browser is known any more. Start the front desk again: then each needs a new link.", err=True)
        return
    if link:
        click.echo(_link_of_the_desk(state))
        return
    from clinicpress.desk import application  # noqa: PLC0415  loading it takes longer than what is above

    if host in EVERYWHERE and not names:
        raise InputError(f"--host {host} answers on every address; say by which name browsers call it: --name HOST.")
    given = context.get_parameter_source("today") is not ParameterSource.DEFAULT
    settings = application.Settings(
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

    def tell(address: str) -> None:
        files.write(state / LINK, f"{address}\n".encode())
        click.echo(f"The front desk is open. This link lets one browser in: {address}", err=True)

    with _the_only_desk(state):
        try:
            application.serve(settings, lambda line: click.echo(line, err=True), tell)
        finally:
            (state / LINK).unlink(missing_ok=True)


@contextmanager
def _the_only_desk(state: Path) -> Iterator[None]:
    """Keeps other desks from the same journal and the same link. Raises `InputError` when there is one already.

    However this one ends, the system lets go.
    """
    lock = state / LOCK
    with files.told_plainly(lock, f"Set {installation.STATE_SETTING} to a folder that is yours."):
        files.make_folder(state)
        lock.touch(0o600)
    with files.alone(lock, PATIENCE, BUSY.format(state=state)):
        yield


def _link_of_the_desk(state: Path) -> str:
    """The link of the desk that runs. One that was killed has left its own behind, which leads nowhere."""
    with suppress(OSError):
        if files.taken(state / LOCK):
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


LONGEST = 4 * MOST_LETTERS + 2  # bytes of a line that holds a passphrase, in UTF-8


@dataclass(frozen=True, slots=True)
class PeopleWish:
    """What is asked about people; one thing at a time."""

    add: str | None = None
    role: Role | None = None
    credential: str | None = None
    change: str | None = None
    remove: str | None = None
    show: bool = False

    @property
    def meant(self) -> bool:
        """Whether anything about people was asked for."""
        return self.show or any(one is not None for one in (self.add, self.role, self.credential, *self._others))

    @property
    def _others(self) -> tuple[str | None, str | None]:
        return self.change, self.remove

    def checked(self) -> None:
        """Raises `InputError` when options do not go together."""
        if sum((self.show, *(one is not None for one in (self.add, *self._others)))) != 1:
            raise InputError(
                "Ask for one thing at a time: --add-person, --change-passphrase, --remove-person, or "
                "--list-people. --role and --credential go with --add-person."
            )
        if self.add is None and (self.role or self.credential is not None):
            raise InputError("--role and --credential go with --add-person.")
        if self.add is not None and self.role is None:
            raise InputError(f"Say what the person may do: --role {'|'.join(Role)}.")
        if self.role is Role.CLINICIAN and not self.credential:
            raise InputError('A clinician needs a --credential, for example "ND": approvals name it.')


def obeyed(wish: PeopleWish, *, as_json: bool) -> list[str]:
    """Does what is asked, records it in the journal, and returns what is to be said. Raises `InputError`."""
    wish.checked()
    database = installation.record()
    people = People(database)
    if wish.show:
        return _told(people.all(), as_json=as_json)
    record = installation.recorder(database)  # raised before anything is done when the journal takes no entry
    if wish.change is not None:
        people.find(wish.change)  # before a passphrase is asked for
    passphrase = "" if wish.remove is not None else _passphrase()
    with database.writing():  # the change and its entry: both, or neither
        if wish.add is not None and wish.role is not None:
            did, person = Did.PERSON_ADDED, people.add(wish.add, wish.role, wish.credential or "", passphrase)
        elif wish.change is not None:
            did, person = Did.PASSPHRASE_CHANGED, people.change_passphrase(wish.change, passphrase)
        else:
            did, person = Did.PERSON_REMOVED, people.remove(wish.remove or "")
        record(did, id=person.id, person=person.name, role=str(person.role))
    return _told([person], as_json=as_json)


def _told(people: Sequence[Person], *, as_json: bool) -> list[str]:
    """People as JSON, or one a line."""
    if as_json:
        return [json.dumps({"people": [asdict(one) for one in people]}, ensure_ascii=False, indent=1)]
    lines = [f"{one.name}{f', {one.credential}' if one.credential else ''} ({one.role})  {one.id}" for one in people]
    return lines or ["Nobody may sign in yet. Add somebody with --add-person."]


def _passphrase() -> str:
    """A passphrase, typed twice without being shown; from anything but a terminal, the first line of the input.

    Raises `InputError`.
    """
    if os.isatty(0):
        return str(click.prompt("Passphrase", hide_input=True, confirmation_prompt="Once more", err=True))
    line = sys.stdin.buffer.readline(LONGEST)
    try:
        passphrase = line.decode().rstrip("\r\n")
    except UnicodeDecodeError:
        raise InputError("The passphrase in the input is not UTF-8.") from None
    if not passphrase:
        raise InputError("The passphrase is missing: it is the first line of the input.")
    return passphrase
