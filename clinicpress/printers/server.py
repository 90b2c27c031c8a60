"""Speaks with CUPS, the print service of this machine or of another one, in its own language (IPP)."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote, unquote, urlsplit

import aiohttp
from pyipp import IPP
from pyipp.enums import IppOperation, IppStatus, IppTag
from pyipp.exceptions import IPPConnectionError, IPPError, IPPResponseError
from pyipp.tags import ATTRIBUTE_TAG_MAP

from clinicpress.clinics import Paper
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
from clinicpress.printers.sentences import (
    COPIES,
    GONE,
    NO_ANSWER,
    NO_SERVER,
    NOT_ALLOWED,
    OVER,
    REFUSED,
    UNREADABLE,
    UNTOLD,
    VANISHED,
    fitting,
)

Answer = TypeVar("Answer")

USUAL_SOCKET = "/run/cups/cups.sock"  # Debian, Fedora; elsewhere, CUPS listens on this port of the machine itself
USUAL_PORT = 631  # source: RFC 8010, 4
TO_CONNECT = 3.0  # seconds
TO_ANSWER = 10.0  # seconds; CUPS answers within milliseconds, but may be waking up
TO_SUBMIT = 60.0  # seconds, for the whole document to be handed over
TO_KNOCK = 2.0  # seconds for a printer that is in the same building
TITLE_BYTES = 255  # source: RFC 8011, 5.1.3

OF_A_PRINTER = [
    *("printer-name", "printer-info", "printer-location", "printer-state", "printer-state-reasons", "printer-type"),
    *("printer-state-message", "printer-is-accepting-jobs", "sides-supported", "media-supported", "media-default"),
]
OF_A_JOB = [
    *("job-id", "job-state", "job-state-reasons", "job-printer-uri", "job-media-sheets-completed"),
    *("job-printer-state-reasons", "job-printer-state-message"),
]
GROUP, DEFAULT = 0x0001, 0x20000  # bits of printer-type; source: CUPS, cups/cups.h, cups_ptype_e
PRINTER_STATES = {3: PrinterState.IDLE, 4: PrinterState.PRINTING, 5: PrinterState.STOPPED}  # RFC 8011, 5.4.11
JOB_STATES = dict(zip(range(3, 10), JobState, strict=True))  # RFC 8011, 5.3.7: in this order
# When a printer was away and knows a job no more, CUPS calls the job completed and sets this. It never takes it back.
FORGOTTEN = "cups-ipp-missing-job-history"
# While it waits for the printer, CUPS does not notice that nobody is there; see `PrintServer.job`.
HEARD = ("ipp", "ipps", "http", "https")

# pyipp leaves out what it has no tag for, in silence.
ATTRIBUTE_TAG_MAP.setdefault("print-scaling", IppTag.KEYWORD)
# Its debugging would write down whole answers, names of jobs and people among them.
logging.getLogger("pyipp").setLevel(logging.WARNING)


class PrintServer:
    """A print service: which printers there are, and what is printed on them.

    Each call speaks with the service again, waits for it no longer than the times above, and may come from any thread
    but not from inside an event loop. `address` is the path of a socket or host:port; empty means CUPS' usual place.
    `user` is whom the process belongs to: over a socket CUPS compares the name with the process.
    """

    def __init__(self, address: str = "", user: str = "") -> None:
        usual = USUAL_SOCKET if Path(USUAL_SOCKET).exists() else f"localhost:{USUAL_PORT}"
        self.address = address or usual
        self.user = user or "anonymous"
        self._socket = self.address if self.address.startswith("/") else ""
        host, _, port = ("localhost" if self._socket else self.address).partition(":")
        self._host = host or "localhost"
        self._port = int(port) if port.isdecimal() else USUAL_PORT
        self._old_news: set[int] = set()  # jobs whose printer had FORGOTTEN an earlier one before they began
        self._alone: set[int] = set()  # jobs whose printer was seen to be away

    def printers(self) -> tuple[Printer, ...]:
        """All printers with their states, the default first, then by name. None is no error. Raises `PrintingError`."""
        return self._served(self._printers)

    def submit(
        self,
        printer: str,
        pdf: bytes,
        title: str,
        *,
        copies: int = 1,
        sides: Sides = Sides.ONE,
        media: Paper = Paper.LETTER,
    ) -> Job:
        """Hands a document to a printer. Nothing of it comes into a file of ours.

        `title` is shown in the print service's lists and logs, so it must hold no fact about a patient. Raises
        `PrintingError`; after `UNTOLD` nobody knows whether the document was taken, after any other it was not.
        """
        if not 1 <= copies <= MOST_COPIES:
            raise PrintingError(COPIES, copies=str(copies), most=str(MOST_COPIES))
        found = fitting(self.printers(), printer, sides, media)
        path = f"/{'classes' if found.group else 'printers'}/{quote(found.name)}"
        operation = {
            "job-name": title.encode()[:TITLE_BYTES].decode(errors="ignore"),
            "document-format": "application/pdf",
        }
        wishes = {"copies": copies, "sides": str(sides), "media": MEDIA[media], "print-scaling": "none"}

        async def hand_over(session: aiohttp.ClientSession) -> Job:
            answer = await self._ask(session, IppOperation.PRINT_JOB, operation, path, wishes=wishes, document=pdf)
            return _job(answer["jobs"][0], found.name)

        try:
            job = self._served(hand_over, TO_SUBMIT, missing=PrintingError(VANISHED, name=found.name))
        except PrintingError as error:
            if error.sentence in (NO_ANSWER, UNREADABLE):  # it had the document, or a part of it
                raise PrintingError(UNTOLD) from None
            raise
        if FORGOTTEN in found.reasons:
            self._old_news.add(job.number)
        return job

    def job(self, number: int) -> Job:
        """How far a job is. Raises `PrintingError`, with `GONE` when CUPS has forgotten it.

        When a printer vanishes while it prints, CUPS goes on waiting for it without a word. So a printer that this
        machine can reach by itself is knocked at; when nobody is there, `reasons` say "offline", and at the end that
        the printer has forgotten the job.
        """

        async def look(session: aiohttp.ClientSession) -> Job:
            wanted = {"job-id": number, "requested-attributes": OF_A_JOB}
            answer = await self._ask(session, IppOperation.GET_JOB_ATTRIBUTES, wanted)
            job = _job(answer["jobs"][0])
            if job.state is JobState.PRINTING and not await self._there(session, job.printer):
                self._alone.add(number)
                return replace(job, reasons=("offline-report",), message="")
            return self._judged(job)

        return self._served(look, missing=PrintingError(GONE, number=str(number)))

    def cancel(self, number: int) -> Job:
        """Cancels a job and says how it stands then. Raises `PrintingError`, with `OVER` when it has ended already."""

        async def stop(session: aiohttp.ClientSession) -> None:
            try:
                await self._ask(session, IppOperation.CANCEL_JOB, {"job-id": number})
            except IPPError as error:
                if _status(error) == IppStatus.ERROR_NOT_POSSIBLE:
                    raise PrintingError(OVER, number=str(number)) from None
                raise

        self._served(stop, missing=PrintingError(GONE, number=str(number)))
        return self.job(number)

    def _judged(self, job: Job) -> Job:
        """A job without what CUPS says of an earlier one, and with what was seen while it was printed."""
        reasons = [one for one in job.reasons if one != FORGOTTEN or job.number not in self._old_news]
        if job.state is JobState.DONE and job.number in self._alone and FORGOTTEN not in reasons:
            reasons.append(FORGOTTEN)
        return replace(job, reasons=tuple(reasons))

    async def _printers(self, session: aiohttp.ClientSession) -> tuple[Printer, ...]:
        try:
            answer = await self._ask(session, IppOperation.CUPS_GET_PRINTERS, {"requested-attributes": OF_A_PRINTER})
        except IPPError as error:
            if _status(error) == IppStatus.ERROR_NOT_FOUND:  # CUPS' way to say "none"
                return ()
            raise
        found = [_printer(one) for one in answer["printers"] if one.get("printer-name")]
        return tuple(sorted(found, key=lambda one: (not one.default, one.name.casefold())))

    async def _there(self, session: aiohttp.ClientSession, printer: str) -> bool:
        """Whether a printer of this machine opens its door. What cannot be tried counts as there."""
        if self._host != "localhost" or not printer:
            return True
        asked = {"requested-attributes": ["device-uri"]}
        try:
            path = f"/printers/{quote(printer)}"
            answer = await self._ask(session, IppOperation.GET_PRINTER_ATTRIBUTES, asked, path)
            place = urlsplit(str(answer["printers"][0].get("device-uri", "")))
            host, port = place.hostname or "", place.port or USUAL_PORT
        except (IPPError, IndexError, ValueError):
            return True
        if place.scheme not in HEARD or not host or "._tcp" in host:  # a name that only Avahi knows
            return True
        try:
            async with asyncio.timeout(TO_KNOCK):
                _, line = await asyncio.open_connection(host, port)
                line.close()
                await line.wait_closed()
        except (OSError, TimeoutError):
            return False
        return True

    async def _ask(
        self,
        session: aiohttp.ClientSession,
        operation: IppOperation,
        wanted: Mapping[str, object],
        path: str = "/",
        *,
        wishes: Mapping[str, object] | None = None,
        document: bytes = b"",
    ) -> dict[str, Any]:
        """One question and its answer. Raises what pyipp and aiohttp raise, which `_served` turns into sentences."""
        ipp = IPP(self._host, path, port=self._port, session=session, request_timeout=int(TO_SUBMIT))
        about = {"printer-uri": f"ipp://localhost{path}", "requesting-user-name": self.user, **wanted}
        message: dict[str, Any] = {"operation-attributes-tag": about}
        if wishes:
            message["job-attributes-tag"] = dict(wishes)
        if document:
            message["data"] = document
        return await ipp.execute(operation, message)

    def _served(
        self,
        question: Callable[[aiohttp.ClientSession], Awaitable[Answer]],
        seconds: float = TO_ANSWER,
        missing: PrintingError | None = None,
    ) -> Answer:
        """Asks in a session of its own, and turns every failure into a sentence. `missing` is for what is not there."""
        try:
            return asyncio.run(self._asked(question, seconds))
        except (IPPConnectionError, aiohttp.ClientError, OSError) as error:
            why = error.__cause__ or error  # pyipp hides it
            if isinstance(why, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError | FileNotFoundError):
                raise PrintingError(NO_SERVER, address=self.address) from None
            raise PrintingError(NO_ANSWER) from None
        except IPPResponseError as error:
            if _status(error) in (401, 403):
                raise PrintingError(NOT_ALLOWED, user=self.user) from None
            raise PrintingError(UNREADABLE, address=self.address) from None
        except IPPError as error:
            status = _status(error)
            if missing and status in (IppStatus.ERROR_NOT_FOUND, IppStatus.ERROR_GONE):
                raise missing from None
            if status in (IppStatus.ERROR_NOT_AUTHENTICATED, IppStatus.ERROR_NOT_AUTHORIZED, IppStatus.ERROR_FORBIDDEN):
                raise PrintingError(NOT_ALLOWED, user=self.user) from None
            if status == 0:
                raise PrintingError(UNREADABLE, address=self.address) from None
            raise PrintingError(REFUSED, status=f"0x{status:04X}") from None

    async def _asked(self, question: Callable[[aiohttp.ClientSession], Awaitable[Answer]], seconds: float) -> Answer:
        connector = aiohttp.UnixConnector(self._socket) if self._socket else aiohttp.TCPConnector()
        headers = {"Authorization": f"PeerCred {self.user}"} if self._socket else {}
        bounds = aiohttp.ClientTimeout(total=seconds, connect=TO_CONNECT)
        async with asyncio.timeout(seconds + TO_KNOCK):
            async with aiohttp.ClientSession(connector=connector, headers=headers, timeout=bounds) as session:
                return await question(session)


def _printer(facts: Mapping[str, Any]) -> Printer:
    """A printer as CUPS describes it."""
    kind = int(facts.get("printer-type") or 0)
    return Printer(
        str(facts["printer-name"]),
        str(facts.get("printer-info") or ""),
        str(facts.get("printer-location") or ""),
        PRINTER_STATES.get(int(facts.get("printer-state") or 0), PrinterState.STOPPED),
        _reasons(facts, "printer-state-reasons"),
        str(facts.get("printer-state-message") or ""),
        bool(facts.get("printer-is-accepting-jobs", True)),
        bool(kind & DEFAULT),
        _many(facts.get("sides-supported")),
        _many(facts.get("media-supported")),
        str(facts.get("media-default") or ""),
        bool(kind & GROUP),
    )


def _job(facts: Mapping[str, Any], printer: str = "") -> Job:
    """A job as CUPS describes it."""
    queue = unquote(str(facts.get("job-printer-uri") or "").rpartition("/")[2])
    return Job(
        int(facts["job-id"]),
        printer or queue,
        JOB_STATES[int(facts["job-state"])],
        (*_reasons(facts, "job-state-reasons"), *_reasons(facts, "job-printer-state-reasons")),
        int(facts.get("job-media-sheets-completed") or 0),
        str(facts.get("job-printer-state-message") or ""),
    )


def _reasons(facts: Mapping[str, Any], name: str) -> tuple[str, ...]:
    return tuple(one for one in _many(facts.get(name)) if one != "none")


def _many(value: object) -> tuple[str, ...]:
    """One value or several, as pyipp gives them."""
    values = value if isinstance(value, list) else [value]
    return tuple(str(one) for one in values if one)


def _status(error: IPPError) -> int:
    """The status that CUPS answered with; 0 when the answer was none."""
    details = error.args[1] if len(error.args) > 1 and isinstance(error.args[1], dict) else {}
    return int(details.get("status-code", 0))
