"""`print`: sends documents to a printer."""

import json
import os
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict

import click

from clinicpress.cache import Cache
from clinicpress.cli import installation
from clinicpress.cli.choosing import Wish, choice_options, choose, orders_of, print_all
from clinicpress.cli.options import cache_options, shelf_options
from clinicpress.clinics import PageProfile, Paper, Print
from clinicpress.destinations.printer import GAPS, End, Follower, PrintQueue, name_of
from clinicpress.errors import InputError
from clinicpress.interrupts import stop_if_asked
from clinicpress.issued import Issued
from clinicpress.orders import Rendition
from clinicpress.press.shelf import Shelf
from clinicpress.printers import (
    MOST_COPIES,
    Job,
    JobState,
    Printer,
    PrintingError,
    PrintServer,
    Sides,
    fitting,
    in_the_way,
    named,
    told,
)
from clinicpress.printers.sentences import DONE, NO_PRINTERS, UNSURE

DUPLEX = {"long": Sides.LONG, "short": Sides.SHORT, "off": Sides.ONE}
PATIENCE = 600.0  # seconds without any news of a job; somebody may have to fetch paper


@click.command("print")
@choice_options
@click.option(
    "--profile",
    "size",
    type=click.Choice([str(one) for one in Print]),
    default=str(Print.STANDARD),
    help="Size of print.",
)
@click.option("--paper", type=click.Choice([str(one) for one in Paper]), help="Paper (default: the clinic's).")
@click.option("--printer", metavar="NAME", default="", help="The printer (default: the usual one of this machine).")
@click.option("--copies", type=click.IntRange(1, MOST_COPIES), default=1, help="How many of each document.")
@click.option(
    "--duplex",
    type=click.Choice(list(DUPLEX)),
    help="Both sides of a sheet, turned over the long or the short edge (default: long, where the printer can).",
)
@click.option("--list", "listing", is_flag=True, help="Print nothing; list the printers and how they are.")
@click.option("--json", "as_json", is_flag=True, help="Print the jobs, or the printers, as JSON.")
@cache_options
@shelf_options
def print_documents(
    shelf: Shelf,
    cache: Cache,
    wish: Wish,
    size: str = str(Print.STANDARD),
    paper: str | None = None,
    printer: str = "",
    copies: int = 1,
    duplex: str | None = None,
    listing: bool = False,
    as_json: bool = False,
) -> None:
    """Sends documents to a printer, and tells how it goes.

    Each document is a job of its own. Consent forms are printed for a pen; with a patient, filled in. Nothing is sent
    before all documents are made. Ctrl-C ends the waiting, not the jobs.

    \b
    Example:
      python generate.py print neurotherapy --kind consent --lang en --printer Desk --copies 2
      python generate.py print --list
    """  # noqa: D301  click reads \b as "do not wrap"
    server = PrintServer(installation.print_service(), installation.account())
    if listing:
        click.echo(_listed(server.printers(), as_json), nl=False)
        return
    if not wish.topics:
        raise InputError("Name what is to be printed: python generate.py print TOPIC. Without it, all would be.")
    printers = server.printers()
    wanted = DUPLEX[duplex] if duplex else Sides.LONG
    if duplex is None and not named(printers, printer).prints_on(wanted):
        wanted = Sides.ONE
    if paper:  # the sooner it is told, the better
        fitting(printers, printer, wanted, Paper(paper))
    choice = choose(shelf, wish, cache)
    page = PageProfile(Paper(paper) if paper else choice.clinic.paper, Print(size))
    chosen = fitting(printers, printer, wanted, page.paper)
    finished = print_all(orders_of(choice, wish, [page], (Rendition.PAPER,)), cache, choice.content)
    record = installation.recorder()
    queue = PrintQueue(server, chosen.name, record, copies, wanted)
    jobs: list[Job] = []
    for one in finished:
        stop_if_asked()
        try:
            (receipt,) = queue.take([one])
        except PrintingError as error:
            sent = f" Sent before that: {', '.join(map(name_of, jobs))}." if jobs else ""
            raise InputError(f"{error}{sent}") from error
        jobs.append(receipt.facts["job"])
        if not as_json:
            click.echo(receipt.place)

    def heard(job: Job, end: End) -> None:
        did, why = end
        record(did, job=job.number, printer=job.printer, **why)

    ended = _follow(server, jobs, heard)
    if as_json:
        entries = [_entry(job, one, copies) for job, one in zip(ended, finished, strict=True)]
        click.echo(json.dumps({"jobs": entries}, ensure_ascii=False, indent=1))
    _refuse_unfinished(ended)


def _entry(job: Job, one: Issued, copies: int) -> dict[str, object]:
    """A job as JSON. The sentence is for people; `state` is for programs."""
    return {
        "job": job.number,
        "printer": job.printer,
        "topic": one.topic,
        "kind": one.kind,
        "language": one.language,
        "revision": one.about["revision"],
        "pages": one.pages,
        "copies": copies,
        "sha256": one.digest,
        "state": str(job.state),
        "reasons": list(job.reasons),
        "said": told(None, job),
        **({"standards": one.about["standards"]} if "fixed" in one.about else {}),
    }


def _listed(printers: Sequence[Printer], as_json: bool) -> str:
    """The printers and how they are: a line each, or JSON. Raises `InputError` when there is none to be told of."""
    if as_json:
        entries = [asdict(one) | {"said": told(one)} for one in printers]
        return json.dumps(entries, ensure_ascii=False, indent=1) + "\n"
    if not printers:
        raise InputError(NO_PRINTERS)
    width = max(len(one.name) for one in printers)
    rows = []
    for one in printers:
        usual = "*" if one.default else " "
        place = f" ({one.location})" if one.location else ""
        rows.append(f"{usual} {one.name.ljust(width)}  {told(one)}{place}\n")
    return "".join(rows)


def _follow(server: PrintServer, jobs: Sequence[Job], ended: Callable[[Job, End], None]) -> list[Job]:
    """Waits until all jobs have ended, and tells what somebody has to do; on a terminal, every step.

    `ended` hears of each job when it has. Raises `InputError` when there was no news for a long time, or when the print
    service tells no more. The jobs stay there then.
    """
    watched = os.isatty(2)
    now = {job.number: job for job in jobs}
    followers = {job.number: Follower(server, job.number) for job in jobs}
    heard: dict[int, str] = {}
    news = time.monotonic()
    while True:
        with _named(now.values()):
            printers = server.printers()
        for number, job in now.items():
            stop_if_asked()
            said = job if job.state.final else followers[number].look()
            seen = Follower.understood(said, printers)
            if seen.end is not None and not job.state.final:
                ended(job, seen.end)
            if isinstance(said, PrintingError):
                with _named(now.values()):
                    raise said
            now[number], sentence = said, seen.sentence
            if now[number] != job or number not in heard:
                news = time.monotonic()
            doubtful = now[number].state.final and sentence != DONE  # told at the end
            if sentence != heard.get(number) and not doubtful and (watched or in_the_way(sentence)):
                click.echo(f"{name_of(job)}: {sentence}", err=True)
            heard[number] = sentence
        waiting = [job for job in now.values() if not job.state.final]
        if not waiting:
            return list(now.values())
        if time.monotonic() - news > PATIENCE:
            names = ", ".join(name_of(job) for job in waiting)
            raise InputError(
                f"Nothing has happened for {PATIENCE / 60:.0f} minutes: {heard[waiting[0].number]} "
                f"These jobs still wait: {names}. To give one up: cancel {name_of(waiting[0])}"
            )
        time.sleep(min(followers[job.number].gap or GAPS[-1][1] for job in waiting))


@contextmanager
def _named(jobs: Collection[Job]) -> Iterator[None]:
    """Names the jobs whose end nobody hears when the print service tells no more. Raises `InputError`."""
    try:
        yield
    except PrintingError as error:
        names = ", ".join(name_of(job) for job in jobs if not job.state.final)
        raise InputError(f"{error} Look whether all sheets of {names} came out before you print again.") from error


def _refuse_unfinished(jobs: Sequence[Job]) -> None:
    """Raises `InputError` that names the jobs which did not come out for certain."""
    said = [(job, told(None, job)) for job in jobs]
    sentences = [f"{name_of(job)}: {one}" for job, one in said if job.state is not JobState.DONE or one == UNSURE]
    if sentences:
        raise InputError(" ".join(sentences))
