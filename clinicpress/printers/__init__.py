"""Sends documents to printers, follows them, and says in plain words what a printer wants (the only door to pyipp)."""

from clinicpress.printers.facts import (
    MEDIA,
    MOST_COPIES,
    Job,
    JobState,
    Printer,
    PrinterState,
    PrintingError,
    Sides,
)
from clinicpress.printers.sentences import REFUSALS, STATES, fitting, in_the_way, named, told
from clinicpress.printers.server import PrintServer

__all__ = [
    "MEDIA",
    "MOST_COPIES",
    "REFUSALS",
    "STATES",
    "Job",
    "JobState",
    "PrintServer",
    "Printer",
    "PrinterState",
    "PrintingError",
    "Sides",
    "fitting",
    "in_the_way",
    "named",
    "told",
]
