"""The print job of a batch: every packet in the order of the roster, in one file, or in as few as the format allows."""

from collections.abc import Collection
from contextlib import ExitStack
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import TracebackType

from clinicpress import files
from clinicpress.destinations.chunks import Chunk, Task
from clinicpress.errors import NoRoomError
from clinicpress.issued import STANDARDS
from clinicpress.orders import Order, Rendition
from clinicpress.pdf.job import PrintJob
from clinicpress.pdf.plate import OffPlateError
from clinicpress.press.packets import Packet
from clinicpress.press.plates import Plates
from clinicpress.visits import Visit


def add_to(job: PrintJob, plates: Plates, order: Order) -> None:
    """Adds a document with its values to a print job. Raises as `Plates.fill` does."""
    if order.document.fixed is not None:
        job.take(plates.fill(order).pdf, order.language, order.document.title)
        return
    faces = (order.fonts[0], *order.encounter.faces)
    try:
        job.add(plates.of(order).plate, order.encounter.values, faces)
    except (NoRoomError, OffPlateError):
        job.add(plates.whole(order), {}, faces)


class BatchJob:
    """The print file of all rows that were printed, while the context lasts; `files` are where it is.

    Values are part of the page there: two forms with fields of the same names cannot be in one file. When the format
    can hold no more, further files follow, `print-2.pdf` and so on. Each takes its place when it is whole.
    `lost` says of each file that holds somebody else's form which standards it does without.
    """

    def __init__(self, task: Task, path: Path) -> None:
        self._plates, self._terms = Plates(task.cache), task.terms
        self._path = path
        self._open = ExitStack()
        self._job: PrintJob | None = None
        self.files: list[str] = []
        self.lost: dict[str, list[str]] = {}

    def __enter__(self) -> "BatchJob":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.__exit__(kind, error, trace)

    def add(self, chunk: Chunk, refused: Collection[int]) -> None:
        """Adds the rows of a chunk but for those that were refused. Chunks come in their order."""
        for row in chunk.rows:
            if isinstance(row, Visit) and row.row not in refused:
                self._add(self._terms.packet(row))

    def _add(self, packet: Packet) -> None:
        """Adds a packet. It is never parted between two files."""
        orders = [_on_paper(order) for order in packet.orders]
        plates = [self._plates.of(order).plate for order in orders if order.document.fixed is None]
        others = sum(len(order.document.fixed.data) for order in orders if order.document.fixed is not None)
        if self._job is None or not self._job.has_room(*plates, bytes_of_others=others):
            self._job = self._begun(date.fromisoformat(packet.visit.facts["encounter.date"]))
        for order in orders:
            add_to(self._job, self._plates, order)
        if not self._job.claims:
            self.lost[self.files[-1]] = list(STANDARDS)

    def _begun(self, day: date) -> PrintJob:
        """The next file; the one before is ended."""
        self._open.close()
        number = len(self.files) + 1
        path = self._path if number == 1 else self._path.with_stem(f"{self._path.stem}-{number}")
        file = self._open.enter_context(files.written(path))
        self.files.append(str(path))
        title = f"Print job, {day.isoformat()}" + (f", part {number}" if number > 1 else "")
        return self._open.enter_context(PrintJob(file.write, title, day, self._terms.request.clinic.name))


def _on_paper(order: Order) -> Order:
    return order if order.rendition is Rendition.PAPER else replace(order, rendition=Rendition.PAPER)
