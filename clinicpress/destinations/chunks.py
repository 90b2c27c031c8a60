"""A chunk of a batch: some rows of the roster become files and a record, or a list of what they would become."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields
from hashlib import blake2b

from clinicpress.cache import Cache
from clinicpress.destinations.batch_folder import CHUNKS, SHARED, Outlet
from clinicpress.errors import ContentError, Problem, RenderError
from clinicpress.issued import Issued, listed
from clinicpress.library import refused_row, table_row
from clinicpress.library.rules import NOT_RENDERED
from clinicpress.press.packets import Packet, Terms
from clinicpress.press.plates import Plates
from clinicpress.visits import Refusal, Visit

ROWS = 100  # of a chunk: a task on another machine costs 3 ms beside its work, a killed run loses a second of it
INDEX = (
    "row",
    "appointment",
    "mrn",
    "name",
    "birth_date",
    "procedure",
    "document",
    "language",
    "pages",
    "file",
    "note",
)


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some rows of a roster, in its order. Chunks are counted from 1."""

    number: int
    rows: tuple[Visit | Refusal, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class ChunkReport:
    """What became of a chunk: how many rows were printed, which were refused, how many documents were made.

    `notes` says of how many rows the desk should know what.
    """

    number: int
    printed: int
    refused: tuple[int, ...]
    documents: int
    notes: dict[str, int] = field(default_factory=dict)


def chunks(rows: Iterable[Visit | Refusal]) -> Iterator[Chunk]:
    """The rows of a roster in chunks."""
    gathered: list[Visit | Refusal] = []
    number = 1
    for row in rows:
        gathered.append(row)
        if len(gathered) == ROWS:
            yield Chunk(number, tuple(gathered))
            gathered, number = [], number + 1
    if gathered:
        yield Chunk(number, tuple(gathered))


@dataclass(slots=True)
class _Record:
    """What a chunk leaves behind beside its documents: the lines of the lists, and what its files must be like."""

    printed: int = 0
    refused: list[str] = field(default_factory=list)
    refused_rows: list[int] = field(default_factory=list)
    documents: int = 0
    files: dict[str, str] = field(default_factory=dict)
    index: list[str] = field(default_factory=list)
    manifest: list[str] = field(default_factory=list)
    plates: dict[str, dict[str, object]] = field(default_factory=dict)
    notes: dict[str, int] = field(default_factory=dict)

    def refuse(self, refusal: Refusal) -> None:
        """Notes a row that was not printed."""
        self.refused.append(refused_row(refusal))
        self.refused_rows.append(refusal.row)

    def to_bytes(self) -> bytes:
        """The record as it is kept."""
        facts = {one.name: getattr(self, one.name) for one in fields(self)}
        return json.dumps(facts, ensure_ascii=False).encode()


class Maker:
    """Makes chunks. Each process of a batch has one.

    `key` makes the names of documents: nobody who has not the key can tell a patient from a name.
    """

    def __init__(self, terms: Terms, roster: str, key: bytes, cache: Cache) -> None:
        self._terms, self._roster, self._key = terms, roster.encode(), key
        self._plates = Plates(cache)
        self._shared: set[str] = set()
        self._known: dict[str, str] = {}

    def make(self, chunk: Chunk, outlet: Outlet) -> ChunkReport:
        """Writes the documents of a chunk and its record. Raises `InputError` when they cannot be written."""
        record, index = _Record(), []
        with outlet.chunk(chunk.number) as shelf:
            for row in chunk.rows:
                made = self._made(row)
                if isinstance(made, Refusal):
                    record.refuse(made)
                    continue
                record.printed += 1
                packet, documents = made
                for note in packet.notes:
                    record.notes[note] = record.notes.get(note, 0) + 1
                for order, one in zip(packet.orders, documents, strict=True):
                    identity = self._identity(row.row, one)
                    name = f"{identity}.pdf"
                    if one.personal:
                        shelf.put(name, *one.parts)
                        place = f"{CHUNKS}/{chunk.number:05d}/{name}"
                    else:
                        place = f"{SHARED}/{name}"
                        if name not in self._shared:
                            outlet.share(name, *one.parts)
                            self._shared.add(name)
                    record.documents += 1
                    record.files[place] = one.digest
                    if one.plate not in self._known:
                        self._known[one.plate] = _known(one)
                    if one.plate not in record.plates:
                        usual = one if order.document.fixed else self._plates.of(order)
                        record.plates[one.plate] = listed(usual.about)
                    record.manifest.append(_entry(packet, one, identity, place, self._known[one.plate]))
                    index.append(_index_row(packet, one, place))
            record.index = [table_row(cells) for cells in index]
            shelf.commit(record.to_bytes())
        return ChunkReport(chunk.number, record.printed, tuple(record.refused_rows), record.documents, record.notes)

    def _made(self, row: Visit | Refusal) -> Refusal | tuple[Packet, list[Issued]]:
        """The documents of a row; all of them or none."""
        if isinstance(row, Refusal):
            return row
        try:
            packet = self._terms.packet(row)
            return packet, [self._plates.fill(order) for order in packet.orders]
        except ContentError as error:
            return Refusal(row.row, error.problems, row.cells)
        except RenderError as error:
            problem = NOT_RENDERED.found(
                self._terms.source, row.row, str(error), "Print this one by itself with 'build'."
            )
            return Refusal(row.row, (problem,), row.cells)

    def _identity(self, row: int, one: Issued) -> str:
        """The name of a document: 80 bits, the same in every run of the same batch with the same texts."""
        parts = [self._roster, one.plate.encode()]
        if one.personal:
            parts.append(b"%d" % row)
        return blake2b(b"\0".join(parts), key=self._key, digest_size=10).hexdigest()


@dataclass(frozen=True, slots=True)
class Task:
    """What every worker of a batch has to know. `key` makes the names of documents (`Maker`)."""

    terms: Terms
    roster: str
    key: bytes
    cache: Cache
    outlet: Outlet

    def maker(self) -> Maker:
        """One who makes chunks."""
        return Maker(self.terms, self.roster, self.key, self.cache)


def _entry(packet: Packet, one: Issued, identity: str, file: str, known: str) -> str:
    """The line of `manifest.jsonl` for a document: no fact about the patient. `known` are the pairs of `_known`."""
    again, notes = json.dumps(dict(one.rendered_anew)), json.dumps(packet.notes, ensure_ascii=False)
    return (
        f'{{"row": {packet.visit.row}, "document": "{identity}", "file": "{file}", "sha256": "{one.digest}", '
        f'"pages": {one.pages}, "plate": "{one.plate}", {known}, "rendered_anew": {again}, "notes": {notes}}}'
    )


def _known(one: Issued) -> str:
    """What the manifest says of every document of a plate, as JSON without its braces."""
    facts = {name: one.about[name] for name in ("topic", "kind", "language", "revision", "review_state")}
    return json.dumps(facts, ensure_ascii=False)[1:-1]


def _index_row(packet: Packet, one: Issued, file: str) -> tuple[str, ...]:
    """The cells of `index.csv` for a document: for the person who looks for a patient's file."""
    facts = packet.visit.facts
    when = f"{facts.get('encounter.date', '')} {facts.get('encounter.time', '')}".strip()
    person = (facts.get(f"patient.{name}", "") for name in ("mrn", "name", "birth_date"))
    what = (packet.visit.procedure, f"{one.topic} {one.kind}", one.language, str(one.pages), file)
    return (str(packet.visit.row), when, *person, *what, "; ".join(packet.notes))


MOST_SHOWN = 1_000  # refused rows whose reasons are kept: a roster of the wrong clinic would refuse a million


@dataclass(slots=True)
class Forecast:
    """How many rows and documents there would be, what of, which notes the desk would get, and what is refused."""

    rows: int = 0
    refused: int = 0
    documents: Counter[str] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)


def forecast(rows: Iterable[Visit | Refusal], terms: Terms) -> Forecast:
    """Looks at every row as a batch would, but for whether long values fit."""
    seen = Forecast()
    for row in rows:
        seen.rows += 1
        if isinstance(row, Refusal):
            problems = row.problems
        else:
            try:
                packet = terms.packet(row)
            except ContentError as error:
                problems = error.problems
            else:
                for order in packet.orders:
                    document = order.document
                    draft = ", draft" if document.review.draft else ""
                    seen.documents[f"{document.topic} {document.kind} ({order.language}{draft})"] += 1
                seen.notes.update(packet.notes)
                continue
        seen.refused += 1
        if seen.refused <= MOST_SHOWN:
            seen.problems += problems
    return seen
