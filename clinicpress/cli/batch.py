"""`batch`: the packets of a whole morning, from the clinic's appointment list."""

import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import asdict
from hashlib import blake2b
from pathlib import Path

import click

from clinicpress import __version__, files, library
from clinicpress.cache import Cache, address
from clinicpress.cli.installation import secret_key
from clinicpress.cli.options import cache_options, passing_files, shelf_options
from clinicpress.clinics import ClinicProfile, Paper, Print
from clinicpress.destinations.batch_folder import Folder, Outlet
from clinicpress.destinations.chunks import Task, forecast
from clinicpress.destinations.print_job import BatchJob
from clinicpress.destinations.running import Alone, BatchOutcome, Crew, Workers, begin, make_lists, run
from clinicpress.errors import InputError
from clinicpress.files import refuse_what_is_no_file
from clinicpress.fingerprint import program
from clinicpress.interrupts import stop_if_asked
from clinicpress.orders import Copy, Rendition
from clinicpress.press.kept import stock_of
from clinicpress.press.packets import Terms, terms_of
from clinicpress.press.shelf import Shelf
from clinicpress.visits import Refusal, Visit

ROWS_REFUSED = 7  # exit code
SHOWN = 20  # refused rows that are told on the terminal; refused.csv has all


@click.command()
@click.argument("roster", type=click.Path(path_type=Path), metavar="ROSTER")
@click.option(
    "--out", required=True, metavar="DIR|URL", help="Where to write; one folder a batch. Or ftp://…, s3://… and others."
)
@click.option(
    "--merge",
    type=click.Path(path_type=Path),
    metavar="FILE.pdf",
    help="One print job of all packets as well; a bare name is put into --out.",
)
@click.option(
    "--map", "maps", multiple=True, metavar="COLUMN=FIELD", help="What a column of the roster is; repeatable."
)
@click.option("--encoding", default="", metavar="NAME", help="How the roster's letters are stored, if not in UTF-8.")
@click.option("--workers", type=click.IntRange(1), default=1, show_default=True, metavar="N", help="Processes at work.")
@click.option("--cluster", metavar="ADDRESS", help="Work on a Dask cluster: tcp://host:8786.")
@click.option("--resume", is_flag=True, help="Finish what an earlier run began in this folder.")
@click.option("--dry-run", is_flag=True, help="Write nothing; say what would be printed, and what refused.")
@click.option("--release", is_flag=True, help="Refuse rows that would get a draft.")
@click.option("--flatten", is_flag=True, help="Values become part of the page; no fields stay.")
@click.option(
    "--profile",
    "size",
    type=click.Choice([str(one) for one in Print]),
    default=str(Print.STANDARD),
    show_default=True,
    help="Size of print.",
)
@click.option("--paper", type=click.Choice([str(one) for one in Paper]), help="Paper (default: the clinic's).")
@click.option("--copy", type=click.Choice([str(one) for one in Copy]), help="Marks every page as this copy.")
@click.option("--json", "as_json", is_flag=True, help="Print what was made as JSON.")
@cache_options
@shelf_options
def batch(
    shelf: Shelf,
    cache: Cache,
    roster: Path,
    out: str,
    merge: Path | None,
    maps: tuple[str, ...],
    encoding: str,
    workers: int,
    cluster: str | None,
    resume: bool,
    dry_run: bool,
    release: bool,
    flatten: bool,
    size: str,
    paper: str | None,
    copy: str | None,
    as_json: bool,
) -> int:
    """Writes the packet of every row of an appointment list.

    A packet holds the documents that the row's procedure names, in the patient's language, filled. Rows that cannot be
    printed are refused, each with its reason, and collected in refused.csv; the others go on. Exit code 7 says that
    rows were refused.

    \b
    Example:
      python generate.py batch samples/roster.csv --out out/monday --merge print.pdf
      python generate.py batch samples/roster.csv --out out/monday --dry-run
    """  # noqa: D301  click reads \b as "do not wrap"
    stock = stock_of(shelf, cache)
    rendition = Rendition.PAPER if flatten else Rendition.FILLABLE
    terms = terms_of(
        stock,
        size=size,
        paper=paper or "",
        rendition=rendition,
        copy=copy or "",
        release=release,
        source=str(roster),
    )
    layout = library.with_options(terms.request.clinic.roster, maps, encoding)
    listed = library.read_roster(roster, layout, shelf.today)
    if dry_run:
        return _forecast(terms, listed, as_json=as_json)
    key = secret_key()
    with _place(out) as outlet, passing_files():
        if merge and merge.parent == Path() and not isinstance(outlet, Folder):
            raise InputError("A print job is a file of this machine: name its folder too, --merge jobs/print.pdf.")
        begin(outlet, _identity(terms, listed, key), resume=resume)
        outlet.sweep()
        if merge is not None:
            with files.told_plainly(merge):
                refuse_what_is_no_file(merge)
        task = Task(terms, listed.digest, key, cache, outlet)
        place = outlet.path / merge if merge and isinstance(outlet, Folder) and merge.parent == Path() else merge
        with nullcontext() if place is None else BatchJob(task, place) as job, _progress(listed.rows) as told:
            outcome = run(listed, outlet, _crew(task, workers, cluster), told, job.add if job else None)
        made = make_lists(outlet, listed.columns, outcome)
        made += job.files if job else []
        outlet.settle()
    for note in (*listed.notes, *(f"{number} rows: {words}." for words, number in outcome.notes.items())):
        click.echo(f"Note: {note}", err=True)
    lost = job.lost if job else {}
    for file, standards in lost.items():
        says = f"{file} holds somebody else's form as it is, so it is not {' and '.join(standards)}."
        click.echo(f"Note: {says}", err=True)
    _tell(outcome, made, outlet, lost, as_json=as_json)
    return ROWS_REFUSED if outcome.refused else 0


@contextmanager
def _place(out: str) -> Iterator[Outlet]:
    """Where the documents go. A folder of this machine is kept free of other runs meanwhile."""
    scheme, mark, rest = out.partition("://")
    if mark and scheme != "file":
        with _installed("An --out on another machine"):
            from clinicpress.destinations.remote import Remote  # noqa: PLC0415  few install what it needs
        yield Remote(out)
        return
    folder = Path(rest if mark else out).absolute()  # other machines may stand elsewhere
    with files.told_plainly(folder):
        files.make_folder(folder)
    with files.alone(folder):
        yield Folder(folder)


def _crew(task: Task, workers: int, cluster: str | None) -> Crew:
    """Those who do the work: this process, several, or a cluster."""
    if cluster:
        with _installed("--cluster"):
            from clinicpress.destinations.cluster import Cluster  # noqa: PLC0415  few install what it needs
        return Cluster(task, cluster)
    return Workers(task, workers) if workers > 1 else Alone(task)


@contextmanager
def _installed(what: str) -> Iterator[None]:
    """Says how to get packages that only few need."""
    try:
        yield
    except ImportError as error:
        raise InputError(f"{what} needs packages that are not installed. Run: make cluster") from error


def _identity(terms: Terms, listed: library.Roster, key: bytes) -> dict[str, object]:
    """What a batch is made of: when it is resumed, all of it has to be the same."""
    asked = terms.request
    return {
        "the program": f"{__version__} {program()[:32]}",
        "the roster": listed.digest,
        "the clinic": address(*_clinic_parts(asked.clinic))[:32],
        "the texts": {
            f"{one.topic} {one.kind} {one.language}": f"{one.revision.digest} {one.review.state}"
            for one in terms.documents
        },
        "how it is read": repr(listed.layout),
        "how it is printed": [str(asked.page), str(asked.rendition), str(asked.copy), terms.release],
        "the key": blake2b(key, digest_size=16).hexdigest(),
    }


def _clinic_parts(clinic: ClinicProfile) -> tuple[str | bytes, ...]:
    """A clinic's profile and what it names: the logo, its weights of rules, its notice of language assistance."""
    logo, notice = clinic.branding.logo, clinic.language_notice
    return (
        clinic.file.read_bytes(),
        logo.data if logo else b"",
        repr(sorted(clinic.jurisdiction.rules.items())),
        repr(notice.paragraphs if notice else ()),
    )


@contextmanager
def _progress(rows: int, label: str = "Printing") -> Iterator[Callable[[int], object]]:
    """Shows how far it is, how fast, and how long it will take, when a person watches."""
    if not os.isatty(2):
        yield lambda _: None
        return
    start, done = time.monotonic(), 0

    def rate(_: object) -> str:
        return f"{done / max(time.monotonic() - start, 0.001):,.0f} a second"

    with click.progressbar(length=rows, label=label, file=sys.stderr, show_pos=True, item_show_func=rate) as bar:

        def told(number: int) -> None:
            nonlocal done
            done += number
            bar.update(number)

        yield told


def _forecast(terms: Terms, listed: library.Roster, *, as_json: bool) -> int:
    """Says what would be printed."""
    with _progress(listed.rows, "Reading") as told:
        seen = forecast(_counted(listed, told), terms)
    if as_json:
        facts = {
            "rows": seen.rows,
            "refused": seen.refused,
            "documents": dict(seen.documents),
            "notes": dict(seen.notes),
            "problems": [one.as_dict() for one in seen.problems],
        }
        click.echo(json.dumps(facts, ensure_ascii=False, indent=1))
    else:
        for problem in seen.problems[:SHOWN]:
            click.echo(str(problem), err=True)
        for note in listed.notes:
            click.echo(f"Note: {note}", err=True)
        lines = [f"{number:>7}  {what}" for what, number in sorted(seen.documents.items())]
        lines += [f"{number:>7}  rows: {note}" for note, number in sorted(seen.notes.items())]
        lines.append(f"{seen.rows - seen.refused} of {seen.rows} rows would be printed, {seen.refused} refused.")
        click.echo("\n".join(lines))
    return ROWS_REFUSED if seen.refused else 0


def _counted(rows: library.Roster, told: Callable[[int], object]) -> Iterator[Visit | Refusal]:
    for row in rows:
        stop_if_asked()
        told(1)
        yield row


def _tell(
    outcome: BatchOutcome, made: list[str], outlet: Outlet, lost: Mapping[str, list[str]], *, as_json: bool
) -> None:
    """Says what was made."""
    if as_json:
        click.echo(
            json.dumps(
                {**asdict(outcome), "files": made, **({"standards_lost": lost} if lost else {})},
                ensure_ascii=False,
                indent=1,
            )
        )
        return
    click.echo("\n".join(made))
    again = f" ({outcome.resumed} of all rows were finished before)" if outcome.resumed else ""
    refused = f" {outcome.refused} refused: see {outlet.name}/refused.csv." if outcome.refused else ""
    message = f"{outcome.printed} rows printed, {outcome.documents} documents{again}.{refused}"
    click.echo(message, err=True)
