"""What cannot be printed: one sentence each, which says what to do next. The table is closed, to be translated."""

from collections.abc import Sequence
from difflib import get_close_matches

from clinicpress.clinics import Paper
from clinicpress.printers.facts import Printer, PrintingError, Sides

NO_SERVER = (
    "No print service (CUPS) answers at {address}. Install or start it ('python generate.py doctor' says how), or open "
    "the PDF and print it from there."
)
NO_PRINTERS = (
    "The print service knows no printer. Add one ('python generate.py doctor' says how), or open the PDF and print it "
    "from there."
)
NO_ANSWER = "The print service stopped answering. Wait a moment, then try again."
UNTOLD = "The print service did not say whether it took the pages. Look whether sheets come out before you print again."
UNREADABLE = "What answers at {address} is no print service that can be understood. Name the one of this machine."
NOT_ALLOWED = "The print service does not allow this for '{user}'. Whoever manages the printers can allow it."
REFUSED = "The print service refused this (IPP status {status}). Look at the printer in its own list, then try again."
UNKNOWN = "There is no printer '{name}'. There are: {names}."
MISSPELT = "There is no printer '{name}'. Did you mean {names}?"
NO_DEFAULT = "No printer is the usual one. Choose one of these: {names}."
VANISHED = "The printer {name} was taken away from the print service just now. Choose another one."
NOT_ACCEPTING = "The printer {name} takes no jobs now. Choose another one, or have it allowed again."
ONE_SIDE = "The printer {name} cannot print both sides of a sheet. Print one side, or choose another printer."
NO_LETTER = "The printer {name} does not take Letter paper. Choose the paper that is in it, or another printer."
NO_A4 = "The printer {name} does not take A4 paper. Choose the paper that is in it, or another printer."
COPIES = "{copies} copies cannot be printed at once. Ask for 1 to {most}."
GONE = "The print service no longer knows job {number}. If its sheets did not come out, print again."
OVER = "Job {number} is over already; there is nothing to cancel."

REFUSALS = (
    *(
        NO_SERVER,
        NO_PRINTERS,
        NO_ANSWER,
        UNTOLD,
        UNREADABLE,
        NOT_ALLOWED,
        REFUSED,
        UNKNOWN,
        MISSPELT,
        NO_DEFAULT,
        VANISHED,
        NOT_ACCEPTING,
    ),
    *(ONE_SIDE, NO_LETTER, NO_A4, COPIES, GONE, OVER),
)


def named(printers: Sequence[Printer], name: str) -> Printer:
    """The printer of that name, or the default one without a name. Raises `PrintingError` with the nearest names."""
    if not printers:
        raise PrintingError(NO_PRINTERS)
    found = next((one for one in printers if one.name == name or (not name and one.default)), None)
    if found is not None:
        return found
    names = [one.name for one in printers]
    if not name:
        raise PrintingError(NO_DEFAULT, names=", ".join(names))
    as_heard = {one.casefold(): one for one in names}
    near = [as_heard[one] for one in get_close_matches(name.casefold(), as_heard, n=3)]
    if near:
        raise PrintingError(MISSPELT, name=name, names=", ".join(f"'{one}'" for one in near))
    raise PrintingError(UNKNOWN, name=name, names=", ".join(names))


def fitting(printers: Sequence[Printer], name: str, sides: Sides, media: Paper) -> Printer:
    """The printer that is meant, when it can do what is asked. Raises `PrintingError` with what it cannot do."""
    found = named(printers, name)
    if not found.accepting:
        raise PrintingError(NOT_ACCEPTING, name=found.name)
    if not found.prints_on(sides):
        raise PrintingError(ONE_SIDE, name=found.name)
    if not found.takes(media):
        raise PrintingError(NO_A4 if media is Paper.A4 else NO_LETTER, name=found.name)
    return found
