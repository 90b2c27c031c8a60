"""Printing, on a real CUPS server with real IPP printers: what is sent is what comes out, and every trouble is told."""

import logging
import re
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from clinicpress import printers
from clinicpress.clinics import Paper
from clinicpress.printers import (
    Job,
    JobState,
    Printer,
    PrinterState,
    PrintingError,
    PrintServer,
    Sides,
    fitting,
    in_the_way,
    sentences,
    told,
)
from clinicpress.printers import facts as facts_of_printing
from tests.instruments.extract import pdfium_pages
from tests.instruments.paint import TOLERANCE, paint, worst
from tests.instruments.printshop import PrintShop, ShopPrinter, print_shop, until

CANARY = "Kuckucksei"
HALL = [f"Hall-{number}" for number in range(10)]


def leaflet(*words: str) -> bytes:
    """A PDF of two sides, one of them with these words."""
    text = " ".join(words)
    rows = [f"BT /F1 24 Tf 72 {700 - 40 * n} Td ({text} {n}) Tj ET" for n in range(5)]
    first = "\n".join(rows).encode()
    second = b"72 72 468 648 re S BT /F1 24 Tf 90 600 Td (side two) Tj ET"
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R 4 0 R]/Count 2/MediaBox[0 0 612 792]/Resources<</Font<</F1 7 0 R>>>>>>",
        b"<</Type/Page/Parent 2 0 R/Contents 5 0 R>>",
        b"<</Type/Page/Parent 2 0 R/Contents 6 0 R>>",
        *(b"<</Length %d>>stream\n%s\nendstream" % (len(one), one) for one in (first, second)),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    made, places = b"%PDF-1.7\n", []
    for number, one in enumerate(objects, 1):
        places.append(len(made))
        made += b"%d 0 obj%s endobj\n" % (number, one)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    tail = b"xref\n0 %d\n0000000000 65535 f \n%strailer<</Root 1 0 R/Size %d>>\nstartxref\n%d\n%%%%EOF\n"
    return made + tail % (size, table, size, len(made))


@pytest.fixture(scope="module")
def shop() -> Iterator[PrintShop]:
    with print_shop(("Desk", *HALL, "Fading")) as opened:
        yield opened


@pytest.fixture(scope="module")
def server(shop: PrintShop) -> PrintServer:
    """Over the socket, as on the clinic's own machine."""
    return PrintServer(str(shop.socket), shop.user)


@pytest.fixture(scope="module")
def unused(shop: PrintShop) -> Iterator[ShopPrinter]:
    return iter([shop.printer(name) for name in HALL])


@pytest.fixture
def hall(unused: Iterator[ShopPrinter]) -> ShopPrinter:
    """A printer with nothing to do: CUPS looks after a job once a second, and begins no other one until then."""
    return next(unused)


def ended(server: PrintServer, number: int) -> Job:
    """The job, as soon as it has ended."""
    until(lambda: server.job(number).state.final, f"the end of job {number}")
    return server.job(number)


def said_until(server: PrintServer, number: int, sentence: str) -> set[str]:
    """All that is told of a job until a sentence is."""
    heard: set[str] = set()

    def listen() -> bool:
        heard.add(told(None, server.job(number)))
        return sentence in heard

    until(listen, f"'{sentence}' (heard: {heard})")
    return heard


# What is printed ----------------------------------------------------------------------------------------------------


def test_what_the_printer_gets_looks_as_what_was_sent(hall: ShopPrinter, server: PrintServer, tmp_path: Path) -> None:
    sent, came = tmp_path / "sent.pdf", tmp_path / "came.pdf"
    sent.write_bytes(leaflet("As it stands on the screen"))
    server.submit(hall.name, sent.read_bytes(), "leaflet", media=Paper.LETTER)
    came.write_bytes(hall.wait_for(1)[0])
    apart = worst(paint(came, "pdfium", 72), paint(sent, "pdfium", 72))
    assert apart <= TOLERANCE
    sent.write_bytes(leaflet("Something else"))
    assert worst(paint(came, "pdfium", 72), paint(sent, "pdfium", 72)) > TOLERANCE


@pytest.mark.parametrize(
    ("sides", "paper", "copies"), [(Sides.LONG, Paper.LETTER, 3), (Sides.SHORT, Paper.A4, 1), (Sides.ONE, Paper.A4, 2)]
)
def test_sides_paper_and_copies_arrive(
    hall: ShopPrinter, server: PrintServer, sides: Sides, paper: Paper, copies: int
) -> None:
    job = server.submit(hall.name, leaflet("Options"), "leaflet", copies=copies, sides=sides, media=paper)
    assert job.printer == hall.name
    hall.wait_for(1)
    asked = hall.options()[-1]
    width, height = (21590, 27940) if paper is Paper.LETTER else (21000, 29700)  # hundredths of a millimetre
    assert asked["sides"] == sides
    assert asked.get("copies", "1") == str(copies)
    assert f"x-dimension={width} y-dimension={height}" in asked["media-col"]
    assert asked["job-name"] == "leaflet"


def test_a_printed_job_is_done_and_cannot_be_cancelled_any_more(server: PrintServer) -> None:
    job = ended(server, server.submit("", leaflet("To the default printer"), "leaflet").number)
    assert (job.printer, job.state, told(None, job)) == ("Desk", JobState.DONE, sentences.DONE)
    with pytest.raises(PrintingError, match="is over already") as refused:
        server.cancel(job.number)
    assert refused.value.sentence == sentences.OVER


def test_printers_are_listed_with_what_they_can(shop: PrintShop, server: PrintServer) -> None:
    listed = server.printers()
    assert [one.name for one in listed] == ["Desk", "Fading", *HALL]
    first = listed[0]
    assert first.default
    assert first.location == "the front desk"
    assert first.accepting
    assert all(first.prints_on(sides) for sides in Sides)
    assert all(first.takes(paper) for paper in Paper)
    assert PrintServer(shop.address, shop.user).printers()[0].name == "Desk"


# Trouble at the printer ---------------------------------------------------------------------------------------------


def test_paper_out_is_told_and_the_job_goes_on(shop: PrintShop, server: PrintServer) -> None:
    desk = shop.printer("Desk")
    before = len(desk.received())
    desk.run_out_of_paper()
    job = server.submit("Desk", leaflet("Waits for paper"), "leaflet")
    said_until(server, job.number, sentences.NO_PAPER)
    assert told(server.printers()[0]) == sentences.NO_PAPER
    desk.put_paper_in()
    desk.wait_for(before + 1)
    assert ended(server, job.number).state is JobState.DONE


@pytest.mark.parametrize("over", ["socket", "address"])
def test_a_job_can_be_cancelled_under_the_usual_rules(
    shop: PrintShop, hall: ShopPrinter, server: PrintServer, over: str
) -> None:
    one = server if over == "socket" else PrintServer(shop.address, shop.user)
    shop.ask("cupsdisable", hall.name)
    job = one.submit(hall.name, leaflet("Never comes out"), "leaflet")
    paused = next(printer for printer in one.printers() if printer.name == hall.name)
    assert told(paused, one.job(job.number)) == sentences.PAUSED
    cancelled = one.cancel(job.number)
    assert cancelled.state is JobState.CANCELLED
    assert told(None, cancelled) == sentences.CANCELLED
    shop.ask("cupsenable", hall.name)
    one.submit(hall.name, leaflet("Comes out"), "the next one")
    hall.wait_for(1)
    assert [options["job-name"] for options in hall.options()] == ["the next one"]


def test_nobody_else_can_cancel_a_job(shop: PrintShop, hall: ShopPrinter, server: PrintServer) -> None:
    shop.ask("cupsdisable", hall.name)
    job = server.submit(hall.name, leaflet("Mine"), "leaflet")
    for address in (str(shop.socket), shop.address):
        with pytest.raises(PrintingError, match="does not allow this for 'stranger'"):
            PrintServer(address, "stranger").cancel(job.number)
    assert server.cancel(job.number).state is JobState.CANCELLED
    shop.ask("cupsenable", hall.name)


def test_a_printer_that_asks_for_a_proven_name_takes_jobs_over_the_socket_only(
    shop: PrintShop, hall: ShopPrinter, server: PrintServer
) -> None:
    shop.ask("lpadmin", "-p", hall.name, "-o", "printer-op-policy=authenticated")
    with pytest.raises(PrintingError, match="does not allow this"):
        PrintServer(shop.address, shop.user).submit(hall.name, leaflet("x"), "leaflet")
    shop.ask("cupsdisable", hall.name)
    job = server.submit(hall.name, leaflet("x"), "leaflet")
    assert server.cancel(job.number).state is JobState.CANCELLED


def test_sheets_are_to_be_counted_whenever_a_printer_was_seen_to_be_away() -> None:
    server = PrintServer()
    server._alone.add(1)
    assert told(None, server._judged(job(JobState.DONE))) == sentences.UNSURE
    assert told(None, server._judged(replace(job(JobState.DONE), number=2))) == sentences.DONE


def test_a_printer_that_vanishes_while_it_prints_is_told_and_the_sheets_are_to_be_counted(
    shop: PrintShop, server: PrintServer
) -> None:
    fading = shop.printer("Fading")
    fading.be_slow()
    job = server.submit("Fading", leaflet("Half out"), "leaflet")
    until(lambda: "cups-waiting-for-job-completed" in server.job(job.number).reasons, "the printer at work")
    assert told(None, server.job(job.number)) == sentences.PRINTING
    fading.vanish()
    assert told(None, server.job(job.number)) == sentences.UNREACHABLE
    fading.come_back()
    assert told(None, ended(server, job.number)) == sentences.UNSURE
    # CUPS never takes back what it says of this job, and says it of the next ones as well. They did come out.
    after = server.submit("Fading", leaflet("All out"), "leaflet")
    fading.wait_for(1)
    assert told(None, ended(server, after.number)) == sentences.DONE


def test_a_printer_that_was_away_from_the_start_gets_its_job_when_it_is_back(
    shop: PrintShop, server: PrintServer
) -> None:
    fading = shop.printer("Fading")
    before = len(fading.received())
    fading.vanish()
    job = server.submit("Fading", leaflet("Waits for the plug"), "leaflet")
    said_until(server, job.number, sentences.UNREACHABLE)
    fading.come_back()
    assert fading.wait_for(before + 1)


# Refusals -----------------------------------------------------------------------------------------------------------


def test_without_cups_the_sentence_says_what_to_do(tmp_path: Path) -> None:
    for address in (str(tmp_path / "cups.sock"), "localhost:1"):
        begun = time.monotonic()
        with pytest.raises(PrintingError, match="Install or start it") as refused:
            PrintServer(address, "root").printers()
        assert refused.value.sentence == sentences.NO_SERVER
        assert time.monotonic() - begun < 5


def test_what_is_no_print_service_is_told(silent: str, babbling: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(PrintingError, match="no print service that can be understood"):
        PrintServer(babbling, "root").printers()
    monkeypatch.setattr("clinicpress.printers.server.TO_ANSWER", 0.3)
    with pytest.raises(PrintingError, match="stopped answering"):
        PrintServer(silent, "root")._served(PrintServer(silent, "root")._printers, 0.3)


@pytest.fixture
def silent() -> Iterator[str]:
    """Somebody who takes every call and says nothing."""
    import socket  # noqa: PLC0415

    with socket.create_server(("127.0.0.1", 0)) as one:
        yield f"127.0.0.1:{one.getsockname()[1]}"


@pytest.fixture
def babbling() -> Iterator[str]:
    """Somebody who answers, but not as a print service does."""
    import http.server  # noqa: PLC0415
    import threading  # noqa: PLC0415

    class Page(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"<p>Welcome</p>")

        def log_message(self, *_: object) -> None: ...

    with http.server.HTTPServer(("127.0.0.1", 0), Page) as one:
        thread = threading.Thread(target=one.serve_forever)
        thread.start()
        yield f"127.0.0.1:{one.server_port}"
        one.shutdown()
        thread.join()


def test_an_unknown_printer_is_refused_with_the_nearest_name(server: PrintServer) -> None:
    with pytest.raises(PrintingError, match=r"There is no printer 'desck'. Did you mean 'Desk'\?"):
        server.submit("desck", leaflet("x"), "leaflet")
    with pytest.raises(PrintingError, match=r"There is no printer 'HP-4711'\. There are: Desk, "):
        server.submit("HP-4711", leaflet("x"), "leaflet")


def test_a_printer_that_takes_no_jobs_is_refused(shop: PrintShop, server: PrintServer) -> None:
    shop.ask("cupsreject", "Fading")
    with pytest.raises(PrintingError, match="The printer Fading takes no jobs now"):
        server.submit("Fading", leaflet("x"), "leaflet")
    fading = next(one for one in server.printers() if one.name == "Fading")
    assert told(fading) == sentences.REFUSES
    shop.ask("cupsaccept", "Fading")


def test_an_unknown_job_is_refused(server: PrintServer) -> None:
    for ask in (server.job, server.cancel):
        with pytest.raises(PrintingError, match="no longer knows job 4711"):
            ask(4711)


@pytest.mark.parametrize("copies", [0, -1, 100])
def test_a_slip_of_the_finger_prints_nothing(server: PrintServer, copies: int) -> None:
    with pytest.raises(PrintingError, match="Ask for 1 to 99"):
        server.submit("Desk", leaflet("x"), "leaflet", copies=copies)


def test_what_a_printer_cannot_do_is_refused() -> None:
    simple = printer(sides=("one-sided",), media=("na_letter_8.5x11in",), default=True)
    assert fitting((simple,), "", Sides.ONE, Paper.LETTER) == simple
    with pytest.raises(PrintingError, match="cannot print both sides"):
        fitting((simple,), "Desk", Sides.LONG, Paper.LETTER)
    with pytest.raises(PrintingError, match="does not take A4 paper"):
        fitting((simple,), "Desk", Sides.ONE, Paper.A4)
    with pytest.raises(PrintingError, match="knows no printer"):
        fitting((), "Desk", Sides.ONE, Paper.A4)


def test_a_shop_without_printers_is_an_empty_list() -> None:
    with print_shop(()) as empty:
        alone = PrintServer(str(empty.socket), empty.user)
        assert alone.printers() == ()
        with pytest.raises(PrintingError, match="knows no printer"):
            alone.submit("Desk", leaflet("x"), "leaflet")


# Sentences ----------------------------------------------------------------------------------------------------------


def printer(**changes: object) -> Printer:
    known = Printer("Desk", "", "", PrinterState.IDLE, (), "", True, False, (), (), "")
    return replace(known, **changes)


def job(state: JobState, *reasons: str, message: str = "") -> Job:
    return Job(1, "Desk", state, reasons, 0, message)


@pytest.mark.parametrize(
    ("reasons", "sentence"),
    [
        (("media-empty-error",), sentences.NO_PAPER),
        (("media-needed",), sentences.NO_PAPER),
        (("cover-open-warning",), sentences.OPEN),
        (("door-open-error", "media-empty-error"), sentences.OPEN),
        (("media-jam-error", "cover-open-error"), sentences.JAM),
        (("toner-empty-error",), sentences.NO_INK),
        (("marker-supply-empty-warning",), sentences.NO_INK),
        (("marker-waste-full-error",), sentences.WASTE),
        (("output-area-full-error",), sentences.TRAY_FULL),
        (("input-tray-missing-error",), sentences.NO_TRAY),
        (("offline-report",), sentences.UNREACHABLE),
        (("connecting-to-device",), sentences.UNREACHABLE),
        (("paused",), sentences.PAUSED),
        (("fuser-over-temp-error",), sentences.HOT_OR_COLD),
        (("media-low-warning",), sentences.LOW_PAPER),
        (("toner-low-warning",), sentences.LOW_INK),
        (("toner-low-report", "media-empty-report"), sentences.PRINTING),
        (("cups-waiting-for-job-completed", "none"), sentences.PRINTING),
        (("com.example-blinks",), sentences.PRINTING),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_a_printers_reasons_are_told_in_words(reasons: tuple[str, ...], sentence: str) -> None:
    assert told(printer(state=PrinterState.PRINTING), job(JobState.PRINTING, *reasons)) == sentence
    assert told(printer(state=PrinterState.PRINTING, reasons=reasons)) == sentence


def test_states_without_a_reason_are_told_too() -> None:
    stopped = printer(state=PrinterState.STOPPED)
    assert told(printer()) == sentences.READY
    assert told(printer(), job(JobState.PENDING)) == sentences.WAITING
    assert told(stopped) == told(stopped, job(JobState.PENDING)) == sentences.STUCK
    assert told(None, job(JobState.HELD)) == sentences.HELD
    assert told(None, job(JobState.STOPPED)) == sentences.STUCK
    assert told(printer(), job(JobState.FAILED)) == sentences.FAILED
    said = "The printer may not exist or is unavailable at this time."
    assert told(printer(), job(JobState.PRINTING, message=said)) == sentences.UNREACHABLE
    assert told(printer(), job(JobState.PRINTING, message="The printer is in use.")) == sentences.BUSY
    assert told(printer(reasons=("media-empty-error",)), job(JobState.PRINTING)) == sentences.PRINTING
    assert in_the_way(sentences.NO_PAPER)
    assert not in_the_way(sentences.LOW_PAPER)


def constants(module: object) -> set[str]:
    return {value for name, value in vars(module).items() if name.isupper() and isinstance(value, str)}


def test_the_tables_of_sentences_are_closed_and_say_what_to_do() -> None:
    assert {*printers.STATES, *printers.REFUSALS} == constants(sentences)
    for sentence in (*printers.STATES, *printers.REFUSALS):
        assert re.match(r"[A-Z{].*[.?]$", sentence), sentence
        assert "%" not in sentence, "the catalogue would take it for a place"
    # Beside a state that is none to mend, each says two things: what is wrong, and what to do.
    mended = [one for one in printers.STATES if in_the_way(one)]
    assert len(mended) > 12
    assert [one for one in (*mended, *printers.REFUSALS) if len(re.split(r"[.:;?] ", one)) < 2] == []


# Patients -----------------------------------------------------------------------------------------------------------


def test_no_fact_of_a_document_is_in_the_logs_of_the_print_service_nor_in_a_file_of_ours(
    shop: PrintShop,
    hall: ShopPrinter,
    server: PrintServer,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    before = set(Path(tempfile.gettempdir()).iterdir())
    caplog.set_level(logging.DEBUG)
    job = server.submit(hall.name, leaflet(CANARY), "neurotherapy consent.en")
    came = tmp_path / "came.pdf"
    came.write_bytes(hall.wait_for(1)[0])
    assert CANARY in " ".join(pdfium_pages(came)), "the search is blind"
    came.unlink()
    assert "neurotherapy consent.en" in shop.logs(), "the logs say nothing"
    assert CANARY not in shop.logs()
    assert CANARY not in caplog.text
    assert not [one for one in caplog.records if one.name.startswith("pyipp")]
    new = [path for path in set(Path(tempfile.gettempdir()).iterdir()) - before if path.is_file()]
    assert not [path for path in new if CANARY.encode() in path.read_bytes()]
    assert CANARY not in repr(job)
    assert CANARY not in shop.ask("lpstat", "-W", "all", "-o")


def test_a_long_title_is_cut_between_letters(server: PrintServer, hall: ShopPrinter) -> None:
    server.submit(hall.name, leaflet("x"), "é" * 200)
    hall.wait_for(1)
    assert hall.options()[-1]["job-name"] == "é" * 127


def test_the_states_of_a_job_are_in_the_order_of_the_standard() -> None:
    assert [str(one) for one in facts_of_printing.JobState] == [
        *("pending", "held", "printing", "stopped", "cancelled", "failed", "done")
    ]
