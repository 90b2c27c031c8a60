"""Runs a batch: chunks go to those who have time, what was finished before is left alone, at the end all is listed."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from clinicpress.batch.chunks import INDEX, Chunk, chunks
from clinicpress.batch.crews import Crew
from clinicpress.batch.outlets import Outlet, finished_record
from clinicpress.errors import InputError
from clinicpress.interrupts import stop_if_asked
from clinicpress.json_text import read_json
from clinicpress.library import refused_header, table_header
from clinicpress.visits import Refusal, Visit

BATCH = "batch.json"
INDEX_FILE, MANIFEST, REFUSED, PLATES = "index.csv", "manifest.jsonl", "refused.csv", "plates.jsonl"


@dataclass(frozen=True, slots=True)
class BatchOutcome:
    """What became of a batch: rows printed and refused, documents, rows that were finished before, and chunks.

    `notes` says of how many rows the desk should know what: English instead of the patient's language.
    """

    printed: int = 0
    refused: int = 0
    documents: int = 0
    resumed: int = 0
    chunks: int = 0
    notes: Mapping[str, int] = field(default_factory=dict)


def run(rows: Iterable[Visit | Refusal], outlet: Outlet, crew: Crew, told: Callable[[int], object]) -> BatchOutcome:
    """Makes the documents of all rows that are not there yet. `told` hears of how many rows each step was.

    Raises `InputError` when documents cannot be written; what is finished stays.
    """
    printed = refused = documents = resumed = number = 0
    notes: Counter[str] = Counter()

    def waiting() -> Iterator[Chunk]:
        nonlocal printed, refused, documents, resumed, number
        for chunk in chunks(rows):
            stop_if_asked()
            number = chunk.number
            record = outlet.record(chunk.number)
            if record is None:
                yield chunk
                continue
            printed += record["printed"]
            refused += len(record["refused"])
            documents += record["documents"]
            notes.update(record.get("notes", {}))
            resumed += len(chunk.rows)
            told(len(chunk.rows))

    with closing(crew.work(waiting())) as made:  # also after Ctrl-C, its workers end here and now
        for one in made:
            printed, refused, documents = printed + one.printed, refused + one.refused, documents + one.documents
            notes.update(one.notes)
            told(one.printed + one.refused)
    return BatchOutcome(printed, refused, documents, resumed, number, dict(sorted(notes.items())))


def make_lists(outlet: Outlet, columns: Iterable[str], outcome: BatchOutcome) -> list[str]:
    """Writes the lists of a finished batch, in the order of the roster; returns where they are.

    `columns` are the roster's headers. A list of refused rows is written when there are some.
    """
    written = [
        outlet.write(INDEX_FILE, _lines(outlet, outcome, "index", table_header(INDEX))),
        outlet.write(MANIFEST, _lines(outlet, outcome, "manifest")),
        outlet.write(PLATES, _plates(outlet, outcome)),
    ]
    if outcome.refused:
        written.append(outlet.write(REFUSED, _lines(outlet, outcome, "refused", refused_header(tuple(columns)))))
    return written


def _records(outlet: Outlet, outcome: BatchOutcome) -> Iterator[dict[str, Any]]:
    return (finished_record(outlet, number) for number in range(1, outcome.chunks + 1))


def _lines(outlet: Outlet, outcome: BatchOutcome, name: str, header: str = "") -> Iterator[bytes]:
    """The lines of one list, from the records of the chunks."""
    end = "" if header else "\n"  # lines of a table bring their own
    yield header.encode()
    for record in _records(outlet, outcome):
        yield "".join(line + end for line in record[name]).encode()


def _plates(outlet: Outlet, outcome: BatchOutcome) -> Iterator[bytes]:
    """What is true of all documents of a plate, a line for each plate: fields, codes, standards."""
    told: set[str] = set()
    for record in _records(outlet, outcome):
        for plate, facts in record["plates"].items():
            if plate not in told:
                told.add(plate)
                yield (json.dumps({"plate": plate, **facts}, ensure_ascii=False) + "\n").encode()


def begin(outlet: Outlet, identity: dict[str, object], *, resume: bool) -> None:
    """Notes in a place which batch it holds.

    Raises `InputError` when it holds another one, or this one and nobody said to go on with it.
    """
    kept = outlet.read(BATCH)
    if kept is None:
        if not outlet.empty():
            raise InputError(f"{outlet.name} is not empty, and holds no batch. Name an empty folder with --out.")
        outlet.write(BATCH, [(json.dumps(identity, indent=1) + "\n").encode()])
        return
    try:
        there = dict(read_json(kept))
    except (ValueError, TypeError) as error:
        raise InputError(f"{BATCH} in {outlet.name} cannot be read. Name an empty folder with --out.") from error
    if not resume:
        raise InputError(
            f"{outlet.name} holds a batch already. Add --resume to finish it, or name another folder with --out."
        )
    if changed := [name for name in {**there, **identity} if there.get(name) != identity.get(name)]:
        listed = ", ".join(sorted(changed))
        raise InputError(f"{outlet.name} holds another batch: {listed} changed since. Name an empty folder with --out.")
