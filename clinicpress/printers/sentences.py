"""A plain sentence for each state of a printer or a job, and for what cannot be printed. Closed, to be translated.

Source of the keywords: RFC 8011, 5.3.8 and 5.4.12; PWG 5100.9 (more of them); CUPS' own begin with "cups-".
"""

import re
from collections.abc import Sequence
from difflib import get_close_matches

from clinicpress.clinics import Paper
from clinicpress.printers.facts import Job, JobState, Printer, PrinterState, PrintingError, Sides

READY = "The printer is ready."
WAITING = "Waiting for the printer."
PRINTING = "Printing."
DONE = "Printed."
CANCELLED = "Cancelled. What is in the printer already may still come out."
FAILED = "The printer could not print this. Print it again, or on another printer."
HELD = "The job is held back in the print service. Release it there, or cancel it."
UNSURE = "The printer does not say whether all sheets came out. Count them, and print again what is missing."
STUCK = "The printer has stopped. Look at its display for the reason."
REFUSES = "The printer takes no jobs now. Whoever manages the printers can allow them again."
PAUSED = "The printer is paused. Resume it; it goes on by itself."
UNREACHABLE = "The printer does not answer. Look whether it is switched on and connected; it goes on by itself."
BUSY = "The printer is busy with other work. It goes on by itself."
JAM = "Paper is jammed. Take it out of the printer; it goes on by itself."
NO_PAPER = "Out of paper: put paper into the printer; it goes on by itself."
LOW_PAPER = "Printing. There is little paper left."
NO_TRAY = "A paper tray is missing or open. Push it in; it goes on by itself."
OPEN = "A cover of the printer is open. Close it; it goes on by itself."
NO_INK = "Out of toner or ink: change it; the printer goes on by itself."
LOW_INK = "Printing. There is little toner or ink left."
WASTE = "The waste container of the printer is full. Change it; it goes on by itself."
TRAY_FULL = "The output tray is full. Take the sheets out; it goes on by itself."
SERVICE = "The printer needs service. Use another printer meanwhile."
HOT_OR_COLD = "The printer cools down or warms up. It goes on by itself."
NO_FILTER = "The print service lacks the program for this printer. Set the printer up again, or use another one."
NO_ROOM = "The printer or the print service has no room for this document. Free some space, then print again."
NO_ACCESS = "The printer wants a password. Whoever manages the printers can enter it in the print service."

# What a keyword means, without its ending, in the order in which it is told: what a hand can mend comes first.
MEANINGS: tuple[tuple[str, str], ...] = (
    (JAM, r"media-jam|.*-jam"),
    (OPEN, r"cover-open|door-open|interlock-open|.*-(?:cover|door|interlock)-open"),
    (NO_TRAY, r"(?:input|output)-tray-missing|input-pick-error|.*-tray-missing"),
    (NO_PAPER, r"media-empty|media-needed"),
    (NO_INK, r"toner-empty|marker-supply-empty|marker-(?:ink|toner)-(?:empty|missing)|developer-empty"),
    (WASTE, r"marker-waste-full|marker-waste-.*-full"),
    (TRAY_FULL, r"output-area-full|output-.*-full"),
    (UNREACHABLE, r"offline|shutdown|connecting-to-device|timed-out|power-down|hibernate|unknown-host"),
    (PAUSED, r"paused|moving-to-paused|deactivated|hold-new-jobs"),
    (NO_ACCESS, r"account-.*|cups-held-for-authentication|auth-info-required|job-password-wait"),
    (NO_FILTER, r"cups-missing-filter|cups-insecure-filter|document-unprintable-error"),
    (NO_ROOM, r"spool-area-full|resources-are-not-.*|document-too-large"),
    (SERVICE, r"opc-life-over|fuser-failure|.*-(?:failure|life-over|unrecoverable-.*)"),
    (HOT_OR_COLD, r"fuser-(?:over|under)-temp|warming-up|power-up|.*-(?:over|under)-temp"),
    (UNSURE, r"cups-ipp-missing-job-history"),
    (LOW_PAPER, r"media-low"),
    (LOW_INK, r"toner-low|marker-supply-low|developer-low"),
)
# CUPS says some things in no keyword, only in words. We ask for English, so they are always these.
# Source: CUPS 2.4, backend/ipp.c and backend/network.c.
SPOKEN: tuple[tuple[str, str], ...] = (
    (UNREACHABLE, r"may not exist or is unavailable|not responding|[Uu]nable to (?:locate|connect|find)|not connected"),
    (BUSY, r"printer is (?:busy|in use)|is busy"),
)
# These do not keep a job from printing; and at the end of a job only UNSURE matters.
HARMLESS = frozenset({LOW_PAPER, LOW_INK, HOT_OR_COLD, UNSURE})

STATES = (
    *(READY, WAITING, PRINTING, DONE, CANCELLED, FAILED, HELD, STUCK, REFUSES, BUSY),
    *(sentence for sentence, _ in MEANINGS),
)


def told(printer: Printer | None, job: Job | None = None) -> str:
    """What a person at the desk is told of a job, or of a printer without one: one of `STATES`, in English.

    It does not promise that a sheet lies in the tray: CUPS believes the printer, and some printers say little.
    """
    if job is not None and job.state.final:
        return _ended(job)
    # While a job is printed, what the printer wants stands with the job; what stands with the printer may be older.
    asked = (job,) if job is not None and job.state is JobState.PRINTING else (job, printer)
    said = [_said(one.reasons, one.message) for one in asked if one is not None]
    urgent = next((one for one in said if one and one not in HARMLESS), "")
    if urgent:
        return urgent
    stopped = printer is not None and printer.state is PrinterState.STOPPED
    slight = next((one for one in said if one in (LOW_PAPER, LOW_INK, HOT_OR_COLD)), "")
    if job is None:
        return STUCK if stopped else _at_rest(printer, slight)
    match job.state:
        case JobState.HELD:
            return HELD
        case JobState.STOPPED:
            return STUCK
        case JobState.PENDING:
            return STUCK if stopped else WAITING
    return STUCK if stopped else slight or PRINTING


def in_the_way(sentence: str) -> bool:
    """Whether a sentence of `told` asks somebody to do something before a job goes on."""
    return sentence not in {READY, WAITING, PRINTING, DONE, CANCELLED, FAILED, *HARMLESS}


def meaning_of(reasons: tuple[str, ...]) -> str:
    """The sentence for the weightiest of some IPP keywords; an empty one when none of them says anything to a person.

    A keyword may end in -error, -warning or -report. A report may be passed over (RFC 8011, 5.4.12), save that a
    printer is offline: CUPS writes that as a report only.
    """
    keywords = []
    for reason in reasons:
        keyword, _, weight = reason.rpartition("-")
        if weight not in ("error", "warning", "report"):
            keywords.append(reason)
        elif weight != "report" or keyword == "offline":
            keywords.append(keyword)
    for sentence, pattern in MEANINGS:
        if any(re.fullmatch(pattern, keyword) for keyword in keywords):
            return sentence
    return ""


def _said(reasons: tuple[str, ...], message: str) -> str:
    """What keywords say, or else the words beside them."""
    meant = meaning_of(reasons)
    if meant and meant not in HARMLESS:
        return meant
    return next((sentence for sentence, pattern in SPOKEN if re.search(pattern, message)), meant)


def _ended(job: Job) -> str:
    """What is told of a job to which nothing more will happen."""
    match job.state:
        case JobState.CANCELLED:
            return CANCELLED
        case JobState.DONE:
            # A printer that was switched off in between knows nothing of the job; CUPS then calls it completed.
            return UNSURE if meaning_of(job.reasons) is UNSURE else DONE
    return FAILED


def _at_rest(printer: Printer | None, slight: str) -> str:
    """What is told of a printer with which nothing is wrong."""
    if printer is not None and not printer.accepting:
        return REFUSES
    if printer is not None and printer.state is PrinterState.PRINTING:
        return slight or PRINTING
    return READY


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
