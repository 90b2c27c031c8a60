"""Printing from the front desk: one press, one print; what comes out stood on the screen; every trouble is told."""

import io
import os
import re
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from clinicpress.desk.packets import Held
from clinicpress.desk.pages.look import WIDTHS as PICTURE_WIDTHS
from clinicpress.desk.prints import SENTENCES, UNHEARD, Printing
from clinicpress.destinations.printer import REASONS
from clinicpress.printers import REFUSALS, STATES, PrintServer, sentences
from clinicpress.record import Did, Entry, UnfinishedPrint
from clinicpress.record.entries import note_print
from tests.instruments.browser import shut_out, signed_in, tab_to, violations
from tests.instruments.desk import FrontDesk, Visitor, entries, front_desk
from tests.instruments.desk_inside import DeskInside, desk_inside
from tests.instruments.extract import pdfium_pages
from tests.instruments.paint import TOLERANCE, difference, paint, worst
from tests.instruments.printshop import PrintShop, deaf_line, print_shop, until
from tools.catalogues import messages

CANARY, NUMBER = "Kuckucksei", "0074711"
PATIENT = {
    "patient.name": f"Quilla {CANARY}",
    "patient.birth_date": "1961-04-09",
    "patient.mrn": NUMBER,
    "encounter.date": "2026-11-24",
}
CONSENT, HANDOUT = ("neurotherapy", "consent"), ("neurotherapy", "handout")
ROSTER = (
    b"mrn,name,birth_date,appointment,procedure\n0000001,Zo\xc3\xab Example,1961-04-09,2026-11-24 09:00,neurotherapy\n"
)
PRINTERS = ("Desk", "Hall", "Cellar", "Fading")
FAST = 2.0  # seconds, on a machine that works on other tests too; a print service that hangs is waited for 12
PATIENCE = 20_000  # milliseconds
ROSA = "Rosa Desk"


@pytest.fixture(scope="module")
def shop() -> Iterator[PrintShop]:
    with print_shop(PRINTERS) as opened:
        yield opened


@pytest.fixture(scope="module")
def desk(shop: PrintShop, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskInside]:
    """A desk that prints in the shop. This process lays packets of invented patients on its counter."""
    with desk_inside(tmp_path_factory.mktemp("desk"), str(shop.socket), shop.user) as one:
        yield one


@pytest.fixture(scope="module")
def page(desk: DeskInside, browser: Browser) -> Page:
    return signed_in(browser, desk, ROSA)


@pytest.fixture(scope="module")
def rosa(desk: DeskInside) -> Visitor:
    """Somebody who sends what no browser would."""
    return desk.visitor().sign_in(ROSA)


@pytest.fixture
def leaflet(desk: DeskInside) -> Held:
    """A packet of one short document."""
    return desk.lay(ROSA, PATIENT, [HANDOUT])


def looked_at(page: Page, desk: FrontDesk, held: Held, printer: str = "") -> None:
    """Opens the page of a packet, and chooses a printer."""
    page.goto(f"{desk.address}/packets/{held.id}", wait_until="domcontentloaded")
    if printer:
        page.check(f"[name=printer][value={printer}]")


def sent(page: Page, desk: FrontDesk, held: Held, printer: str = "") -> None:
    """Presses Print, and sees the page of the print."""
    looked_at(page, desk, held, printer)
    page.click("[data-printing] button")
    page.wait_for_url(re.compile(r"/packets/[\w-]+/prints/\d+$"))


def said(page: Page, sentence: str) -> None:
    """Waits until the page of a print says this."""
    expect(page.locator("[data-sentence]")).to_have_text(sentence, timeout=PATIENCE)


def deeds(desk: DeskInside, held: Held) -> list[Entry]:
    """What the journal says of a packet."""
    return [entry for entry in desk.inner.journal.entries() if entry.facts.get("packet") == held.id]


def heard(desk: DeskInside, held: Held, *expected: Did) -> list[Entry]:
    """The entries of a packet, when the journal has heard the end."""
    until(lambda: [one.did for one in deeds(desk, held)] == list(expected), f"{expected}: {deeds(desk, held)}")
    return deeds(desk, held)


# What is printed ----------------------------------------------------------------------------------------------------


def prepared_by_keyboard(page: Page, desk: DeskInside) -> Held:
    """A packet of the patient on A4 paper, made without a mouse."""
    page.goto(f"{desk.address}/prepare")
    page.keyboard.type("neuro")  # the keyboard stands in the first field, and lists find what is typed
    typed = {"patient-name": PATIENT["patient.name"], "patient-birth_date": "04091961", "patient-mrn": NUMBER}
    for field, value in {**typed, "paper": "A4"}.items():
        tab_to(page, f"#{field}")
        page.keyboard.type(value)
    tab_to(page, "main button.main")
    page.keyboard.press("Enter")
    page.wait_for_url("**/packets/*")
    owner = next(one.id for one in desk.inner.people.all() if one.name == ROSA)
    held = desk.inner.packets.find(page.url.rpartition("/")[2], owner, desk.inner.clock())
    assert held is not None
    return held


def assert_the_same(came: Path, shown: Path, form: int) -> None:
    """What came out is what was shown, on every page; from the first page of the form on, it says whose it is."""
    words = [" ".join(one.split()) for one in pdfium_pages(came)]
    assert words == [" ".join(one.split()) for one in pdfium_pages(shown)]
    assert worst(paint(came, "pdfium", 72), paint(shown, "pdfium", 72)) <= TOLERANCE
    assert len(words) > form
    for text in words[form:]:
        assert PATIENT["patient.name"] in text
        assert "Apr 9, 1961" in text


def test_by_keyboard_alone_a_patients_packet_is_printed_and_what_comes_out_stood_on_the_screen(
    desk: DeskInside, shop: PrintShop, page: Page, tmp_path: Path
) -> None:
    held = prepared_by_keyboard(page, desk)
    assert page.locator(".patient dd").all_inner_texts() == [PATIENT["patient.name"], "Apr 9, 1961", NUMBER]
    assert page.is_checked("[name=printer][value=Desk]"), "the default printer is chosen"
    assert page.input_value("#sides") == "two-sided-long-edge"
    tab_to(page, "[name=printer]")
    page.keyboard.press("ArrowDown")
    assert page.is_checked("[name=printer][value=Cellar]")
    tab_to(page, "#copies")
    page.keyboard.type("2")
    tab_to(page, "#sides")
    page.keyboard.press("ArrowDown")
    tab_to(page, "[data-printing] button")
    page.keyboard.press("Enter")
    said(page, sentences.DONE)
    assert page.locator(".patient dd").all_inner_texts() == [PATIENT["patient.name"], "Apr 9, 1961", NUMBER]
    printer = shop.printer("Cellar")
    asked = printer.options()[0]
    assert (asked["sides"], asked["copies"]) == ("two-sided-short-edge", "2")
    assert "x-dimension=21000 y-dimension=29700" in asked["media-col"]
    handout, form = held.documents
    assert asked["job-name"] == f"clinicpress {handout.form} {form.form}"

    came, shown = tmp_path / "came.pdf", tmp_path / "shown.pdf"
    came.write_bytes(printer.received()[0])
    shown.write_bytes(page.request.get(f"{desk.address}/packets/{held.id}/print.pdf").body())
    assert_the_same(came, shown, handout.pages)
    # The picture of a page on the screen is the page that came out. Fields to fill are tinted there.
    address = f"{desk.address}/packets/{held.id}/1/1-{PICTURE_WIDTHS[-1]}.png"
    picture = np.asarray(Image.open(io.BytesIO(page.request.get(address).body())).convert("L"))
    sheet = paint(came, "pdfium", 72 * PICTURE_WIDTHS[-1] / 595.28, pages=(handout.pages + 1,) * 2)[0]
    assert difference(picture, sheet) <= TOLERANCE
    printing, was_sent, printed, *_ = deeds(desk, held)
    assert (printing.did, was_sent.did, printed.did) == (Did.PRINTING, Did.SENT, Did.PRINTED)
    assert (printing.facts["copies"], printing.facts["sides"]) == (2, "two-sided-short-edge")
    assert printing.facts["documents"] == held.for_journal()
    assert was_sent.facts["job"] == printed.facts["job"]
    assert {one.who for one in (printing, was_sent, printed)} == {held.owner}
    looked_at(page, desk, held)
    assert page.is_checked("[name=printer][value=Cellar]"), "the printer used last is chosen"


def test_a_double_click_the_back_button_and_a_reload_print_once(
    desk: DeskInside, shop: PrintShop, page: Page, leaflet: Held
) -> None:
    before = len(shop.received("Desk"))
    looked_at(page, desk, leaflet, "Desk")
    page.dblclick("[data-printing] button")
    said(page, sentences.DONE)
    page.reload()
    page.go_back(wait_until="domcontentloaded")
    page.reload(wait_until="domcontentloaded")
    assert page.inner_text(".panel .done").startswith("Sent at ")
    assert "by Rosa Desk to Desk. Printed." in page.inner_text(".panel .done")
    button = page.locator("[data-printing] button")
    assert (button.inner_text(), button.get_attribute("class")) == ("Print once more", None)
    heard(desk, leaflet, Did.PRINTING, Did.SENT, Did.PRINTED)
    assert len(shop.received("Desk")) == before + 1
    button.click()
    said(page, sentences.DONE)
    assert page.url.endswith("/prints/2")
    assert len(shop.received("Desk")) == before + 2


def test_two_posts_with_one_token_make_one_print(desk: DeskInside, shop: PrintShop, leaflet: Held) -> None:
    visitors = [desk.visitor().sign_in(ROSA) for _ in range(2)]
    form = {"once": leaflet.once, "printer": "Hall", "copies": 1, "sides": "one-sided"}
    gate, places = threading.Barrier(6), list[str]()

    def press(number: int) -> None:
        gate.wait()
        places.append(visitors[number % 2].post(f"/packets/{leaflet.id}/print", form).place)

    # Two people's hands would share a connection; here each request has its own.
    threads = [threading.Thread(target=press, args=(number,)) for number in range(6)]
    before = len(shop.received("Hall"))
    with desk.inner.record.writing():  # somebody else writes the journal
        for one in threads:
            one.start()
        until(leaflet.turn.locked, "the first press")
        begun = time.monotonic()
        while time.monotonic() - begun < 1.0:
            assert visitors[0].get("/").status == 200
        assert time.monotonic() - begun < 1.0 + FAST, "all wait for the journal"
        assert leaflet.prints == [], "it is sent before the journal knows"
    for one in threads:
        one.join()
    assert places == [f"/packets/{leaflet.id}/prints/1"] * 6
    heard(desk, leaflet, Did.PRINTING, Did.SENT, Did.PRINTED)
    assert len(leaflet.prints) == len(shop.received("Hall")) - before == 1
    answer = visitors[0].post(f"/packets/{leaflet.id}/print", {**form, "once": "of an old page"})
    assert answer.status == 409
    assert "old page" in answer.text
    assert len(leaflet.prints) == 1


# Refusals -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({"copies": "21"}, "copies", "21 copies cannot be printed at once. Ask for 1 to 20."),
        ({"copies": "0"}, "copies", "0 copies cannot be printed at once. Ask for 1 to 20."),
        ({"copies": "two"}, "copies", "two copies cannot be printed at once. Ask for 1 to 20."),
        ({"printer": "Dess"}, "printer", "There is no printer &#39;Dess&#39;. Did you mean &#39;Desk&#39;?"),
    ],
)
def test_a_slip_of_the_finger_prints_nothing_and_is_told_beside_its_field(
    rosa: Visitor, leaflet: Held, typed: dict[str, str], field: str, sentence: str
) -> None:
    form = {"once": leaflet.once, "printer": "Desk", "copies": "1", "sides": "one-sided", **typed}
    answer = rosa.post(f"/packets/{leaflet.id}/print", form)
    assert answer.status == 422
    assert f'id="{field}-fault">{sentence}' in answer.text
    assert f'<a href="#{field}">{sentence}' in answer.text
    assert leaflet.prints == []
    assert rosa.post(f"/packets/{leaflet.id}/print", {**form, "copies": "1", "printer": "Hall"}).status == 303


def test_without_a_named_printer_the_usual_one_prints_and_is_named(
    desk: DeskInside, rosa: Visitor, shop: PrintShop, leaflet: Held
) -> None:
    before = len(shop.received("Desk"))
    form = {"once": leaflet.once, "printer": "", "copies": "1", "sides": "one-sided"}
    place = rosa.post(f"/packets/{leaflet.id}/print", form).place
    printing, *_, end = heard(desk, leaflet, Did.PRINTING, Did.SENT, Did.PRINTED)
    assert printing.facts["printer"] == end.facts["printer"] == "Desk"
    assert "by Rosa Desk to Desk." in rosa.get(place).text
    assert len(shop.received("Desk")) == before + 1


def test_without_the_journal_nothing_is_printed(desk: DeskInside, page: Page, leaflet: Held) -> None:
    looked_at(page, desk, leaflet)
    with desk.inner.record.writing() as connection:
        (head,) = connection.execute("SELECT digest FROM head").fetchall()
        connection.execute("UPDATE head SET digest = 'another'")
    try:
        page.click("[data-printing] button")
        assert "The journal cannot be written, and without it nothing is printed." in page.inner_text("#summary")
        assert violations(page) == []
        assert leaflet.prints == []
        assert "Nothing is printed, for the journal cannot be written" in desk.log.read_text()
    finally:
        with desk.inner.record.writing() as connection:
            connection.execute("UPDATE head SET digest = ?", head)
    page.click("[data-printing] button")
    said(page, sentences.DONE)
    heard(desk, leaflet, Did.PRINTING, Did.SENT, Did.PRINTED)


# Trouble at the printer ---------------------------------------------------------------------------------------------


def test_paper_out_is_told_on_the_page_and_the_print_goes_on_by_itself(
    desk: DeskInside, shop: PrintShop, page: Page, leaflet: Held
) -> None:
    printer = shop.printer("Hall")
    printer.run_out_of_paper()
    sent(page, desk, leaflet, "Hall")
    said(page, sentences.NO_PAPER)
    assert shut_out(page) == []
    page.focus("button.danger")
    printer.put_paper_in()
    said(page, sentences.DONE)
    expect(page.locator("button.danger")).to_be_hidden()
    expect(page.locator("[data-sentence]")).to_be_focused()  # the keyboard has not lost its place
    assert page.locator(".button.main:visible").count() == 0
    heard(desk, leaflet, Did.PRINTING, Did.SENT, Did.PRINTED)


def test_a_print_is_cancelled_once(desk: DeskInside, rosa: Visitor, shop: PrintShop, page: Page, leaflet: Held) -> None:
    shop.ask("cupsdisable", "Hall")
    sent(page, desk, leaflet, "Hall")
    said(page, sentences.PAUSED)
    page.click("text=Cancel this print")
    said(page, sentences.CANCELLED)
    *_, end = heard(desk, leaflet, Did.PRINTING, Did.SENT, Did.CANCELLED)
    assert end.facts["reason"] == "at-the-desk"
    assert rosa.post(f"/packets/{leaflet.id}/prints/1/cancel").place == f"/packets/{leaflet.id}/prints/1"
    page.click("text=Send it again, or to another printer")
    assert page.inner_text("[data-printing] button.main") == "Print"
    shop.ask("cupsenable", "Hall")
    assert len(deeds(desk, leaflet)) == 3


def test_a_job_that_somebody_deletes_elsewhere_is_told(
    desk: DeskInside, shop: PrintShop, page: Page, leaflet: Held
) -> None:
    shop.ask("cupsdisable", "Hall")
    sent(page, desk, leaflet, "Hall")
    said(page, sentences.PAUSED)
    shop.ask("cancel", "-x", f"Hall-{leaflet.prints[0].job}")
    expect(page.locator("a.button:has-text('again'):visible")).to_have_count(1, timeout=PATIENCE)
    assert violations(page) == []
    shop.ask("cupsenable", "Hall")
    end = deeds(desk, leaflet)[-1]
    assert (end.did, end.facts["reason"]) in [(Did.PERHAPS_PRINTED, "gone"), (Did.CANCELLED, "elsewhere")]


def test_a_printer_that_vanishes_while_it_prints_is_told_with_a_way_on(
    desk: DeskInside, shop: PrintShop, page: Page, leaflet: Held
) -> None:
    printer = shop.printer("Fading")
    printer.be_slow()
    sent(page, desk, leaflet, "Fading")
    said(page, sentences.PRINTING)
    printer.vanish()
    said(page, sentences.UNREACHABLE)
    printer.come_back()
    said(page, sentences.UNSURE)
    assert page.locator("text=Sheets are missing: print again").is_visible()
    assert not page.locator("text=Send it again").is_visible()
    assert page.locator("text=Print from the browser instead").is_visible()
    *_, end = heard(desk, leaflet, Did.PRINTING, Did.SENT, Did.PERHAPS_PRINTED)
    assert end.facts["reason"] == "to-be-counted"


def test_a_row_of_today_says_what_became_of_its_print(desk: DeskInside, rosa: Visitor, shop: PrintShop) -> None:
    said_on = lambda: re.sub("<[^>]+>|\\s+", " ", rosa.get("/today").text)  # noqa: E731
    rosa.upload("/today", "day.csv", ROSTER)
    listed = re.search(r'name="list" value="([^"]+)"', rosa.get("/today").text)
    assert listed
    place = rosa.post("/today/rows/2", {"list": listed[1], "profile": "standard", "paper": "letter"}).place
    form = {"printer": "Hall", "copies": 1, "sides": "one-sided"}

    def press() -> None:
        once = re.search(r'name="once" value="([^"]+)"', rosa.get(place).text)
        assert once
        assert rosa.post(f"{place}/print", {**form, "once": once[1]}).status == 303

    shop.ask("cupsdisable", "Hall")
    press()
    assert re.search(r"Sent to the printer \d\d:\d\d, Rosa Desk", said_on())
    until(lambda: "paused" in rosa.get(f"{place}/prints/1").text, "the job")
    assert rosa.post(f"{place}/prints/1/cancel").status == 303
    assert re.search(r"Prepared \d\d:\d\d, Rosa Desk", said_on())
    shop.ask("cupsenable", "Hall")
    press()
    until(lambda: re.search(r"[^s] Printed \d\d:\d\d, Rosa Desk", said_on()), "the row: " + said_on())
    before = len(shop.received("Hall"))
    with deaf_line(shop) as line, other_service(desk, line):
        press()
        until(lambda: "Handing the pages" not in rosa.get(f"{place}/prints/3").text, "the end of the sending")
        assert "did not say whether it took the pages" in rosa.get(f"{place}/prints/3").text
        assert re.search(r"Perhaps printed \d\d:\d\d, Rosa Desk: look whether all sheets came out", said_on())
        assert "<button>Print once more</button>" in rosa.get(place).text
    *_, printing, end = deeds(desk, desk.inner.packets._held[place.rpartition("/")[2]])
    assert (printing.did, end.did, end.facts["reason"]) == (Did.PRINTING, Did.PERHAPS_PRINTED, "untold")
    assert len(shop.printer("Hall").wait_for(before + 1)) == before + 1, "it did come out"


def test_somebody_is_asked_to_look_for_the_prints_of_a_desk_that_was_killed(desk: DeskInside, page: Page) -> None:
    at = datetime(2026, 11, 23, 17, 55, tzinfo=UTC)
    begun = [UnfinishedPrint(1, "a", "Desk", at), UnfinishedPrint(2, "b", "Hall", at, 4711)]
    desk.loop.call_soon_threadsafe(desk.inner.printing.resume, begun)
    until(lambda: len(desk.inner.printing.interrupted) == 2, "the notice")

    def told() -> list[Entry]:
        return [one for one in desk.inner.journal.entries() if one.facts.get("packet") in ("a", "b")]

    until(lambda: len(told()) == 2, "what the journal says of both")
    assert [(one.did, one.facts["reason"]) for one in told()] == [
        *((Did.PERHAPS_PRINTED, "interrupted"), (Did.PERHAPS_PRINTED, "gone"))
    ]
    assert "1 of the prints were just being sent when the desk ended." in desk.log.read_text()
    assert "journal show" in desk.log.read_text()
    for place in ("/today", "/"):
        page.goto(desk.address + place)
        assert page.locator(".note li").all_inner_texts() == ["2026-11-23 17:55, Desk", "2026-11-23 17:55, Hall"]
    assert shut_out(page) == []
    page.click("text=Somebody has looked")
    assert page.url == desk.address + "/"
    assert page.locator(".note").count() == 0


def test_a_print_is_told_without_a_script_too(desk: DeskInside, rosa: Visitor, shop: PrintShop, leaflet: Held) -> None:
    form = {"once": leaflet.once, "printer": "Desk", "copies": 1, "sides": "one-sided"}
    place = rosa.post(f"/packets/{leaflet.id}/print", form).place
    assert "Look again</a>" in rosa.get(place).text
    heard(desk, leaflet, Did.PRINTING, Did.SENT, Did.PRINTED)
    assert sentences.DONE in rosa.get(place).text
    with pytest.MonkeyPatch.context() as patch:
        patch.delattr("clinicpress.desk.pages.printing.sheets")
        broken = rosa.get(place)
    assert broken.status == 500
    assert "look whether sheets come out before you print again" in broken.text
    assert "Nothing was printed" not in broken.text
    stranger = desk.visitor().sign_in("Ada Example")
    for address in (place, f"{place}/state"):
        assert stranger.get(address).status == 404
    assert stranger.post(f"{place}/cancel").status == 404
    assert stranger.post(f"/packets/{leaflet.id}/print", form).status == 404
    assert rosa.get(f"/packets/{leaflet.id}/prints/9").status == 404


# The print service --------------------------------------------------------------------------------------------------


@contextmanager
def other_service(desk: DeskInside, address: str) -> Iterator[None]:
    """The desk looks for its print service elsewhere for a while."""
    inner = desk.inner
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(inner, "printing", Printing(PrintServer(address, "root"), inner.recorded, inner.log))
        yield


def test_without_a_print_service_the_browsers_own_print_comes_first(
    desk: DeskInside, page: Page, leaflet: Held, tmp_path: Path
) -> None:
    with other_service(desk, str(tmp_path / "no-cups.sock")):
        looked_at(page, desk, leaflet)
        assert page.inner_text(".panel .button.main").startswith("Open all pages as one PDF")
        assert "No print service (CUPS) answers" in page.inner_text(".panel .note")
        assert page.locator("[data-printing]").count() == 0
        assert shut_out(page) == []


def test_a_print_service_that_hangs_keeps_nobody_waiting(desk: DeskInside, rosa: Visitor, leaflet: Held) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, other_service(desk, _address(silent)):
        for address in ("/", f"/packets/{leaflet.id}", f"/packets/{leaflet.id}", "/"):
            begun = time.monotonic()
            assert rosa.get(address).status == 200
            assert time.monotonic() - begun < FAST
        assert "does not answer just now" in rosa.get(f"/packets/{leaflet.id}").text
        form = {"once": leaflet.once, "printer": "Desk", "copies": 1, "sides": "one-sided"}
        assert rosa.post(f"/packets/{leaflet.id}/print", form).status == 422
        assert leaflet.prints == []


def _address(listener: socket.socket) -> str:
    return f"127.0.0.1:{listener.getsockname()[1]}"


@pytest.mark.soak
def test_a_desk_that_was_killed_goes_on_listening_to_its_prints(shop: PrintShop, tmp_path: Path) -> None:
    environment = {"CUPS_SERVER": str(shop.socket)}
    shop.ask("cupsdisable", "Cellar")
    with front_desk(tmp_path, environment=environment, quick=True) as first:
        visitor = first.visitor().sign_in(ROSA)
        place = visitor.post("/packets", {"document": "neurotherapy/handout/en"}).place
        once = re.search(r'name="once" value="([^"]+)"', visitor.get(place).text)
        assert once
        form = {"once": once[1], "printer": "Cellar", "copies": 1, "sides": "one-sided"}
        assert visitor.post(f"{place}/print", form).status == 303
        until(lambda: "sent" in [one["did"] for one in entries(first)], "the job in the journal")
        first.kill()
    shop.ask("cupsenable", "Cellar")
    with front_desk(tmp_path, environment=environment, staff=False, quick=True) as second:
        until(lambda: "printed" in [one["did"] for one in entries(second)], "the end in the journal")


@pytest.mark.soak
def test_a_print_outlasts_a_new_start_of_the_print_service(browser: Browser, tmp_path: Path) -> None:
    with print_shop() as shop, desk_inside(tmp_path, str(shop.socket), shop.user) as desk:
        page, held = signed_in(browser, desk, ROSA), desk.lay(ROSA, {}, [HANDOUT])
        shop.ask("cupsdisable", "Desk")
        sent(page, desk, held)
        said(page, sentences.PAUSED)
        shop.process.terminate()
        shop.process.wait()
        said(page, UNHEARD)
        nowhere = subprocess.DEVNULL
        again = subprocess.Popen(shop.process.args, stdout=nowhere, stderr=nowhere, start_new_session=True)
        try:
            said(page, sentences.PAUSED)
            shop.ask("cupsenable", "Desk")
            said(page, sentences.DONE)
        finally:
            os.killpg(again.pid, signal.SIGKILL)  # its filters and backends with it
            again.wait()
        heard(desk, held, Did.PRINTING, Did.SENT, Did.PRINTED)
        page.context.close()


# Patients, the journal, words ---------------------------------------------------------------------------------------


def test_nobody_is_shut_out_of_printing(desk: DeskInside, page: Page, leaflet: Held) -> None:
    sent(page, desk, leaflet, "Desk")
    said(page, sentences.DONE)
    assert shut_out(page) == []
    looked_at(page, desk, leaflet)
    page.locator("[data-printing]").evaluate("form => { form.noValidate = true; }")
    page.fill("#copies", "77")
    page.click("[data-printing] button")
    expect(page.locator("#summary")).to_be_focused()
    assert shut_out(page) == []


def read_elsewhere(*files: Path) -> str:
    """What files hold, read by another process: to close a file of a database lets go of this one's locks on it."""
    return subprocess.run(["cat", *files], capture_output=True, check=True).stdout.decode("latin-1")


def test_no_fact_of_a_patient_leaves_the_desk_but_for_the_printer(
    desk: DeskInside, shop: PrintShop, page: Page, tmp_path: Path
) -> None:
    held = desk.lay(ROSA, PATIENT, [CONSENT])
    wrong = {"once": held.once, **dict.fromkeys(("printer", "copies", "sides", CANARY), CANARY)}
    assert desk.visitor().sign_in(ROSA).post(f"/packets/{held.id}/print", wrong).status == 422
    sent(page, desk, held, "Desk")
    assert CANARY not in page.title() + page.url
    said(page, sentences.DONE)
    heard(desk, held, Did.PRINTING, Did.SENT, Did.PRINTED)
    came = tmp_path / "came.pdf"
    came.write_bytes(shop.received("Desk")[-1])
    assert CANARY in pdfium_pages(came)[0], "the search is blind"
    written = {
        "the logs of CUPS": shop.logs(),
        "its list of jobs": shop.ask("lpstat", "-W", "all", "-o"),
        "the record": read_elsewhere(*desk.state.glob("record.db*")),
        "the log of the desk": desk.log.read_text() if desk.log.exists() else "",
        "names of jobs": str([one["job-name"] for printer in shop.printers for one in printer.options()]),
        "what is said of a packet": repr(held) + repr(held.prints),
    }
    assert "clinicpress NT" in written["the logs of CUPS"], "the logs say nothing"
    assert (desk.state / "record.db-wal").stat().st_size, "the file beside the record was not looked at"
    assert held.id in written["the record"], "the search is blind"
    assert [place for place, text in written.items() if CANARY in text or NUMBER in text] == []


def test_the_journal_is_whole(desk: DeskInside) -> None:
    assert desk.inner.journal.check() == []
    assert desk.inner.journal.unfinished_prints() == []


def test_a_print_that_was_begun_and_not_ended_is_found_in_the_journal() -> None:
    now = datetime.now(UTC)

    def entry(did: Did, packet: str, **facts: object) -> Entry:
        return Entry(1, now, "r", did, MappingProxyType({"packet": packet, **facts}), "")

    told = [
        Entry(1, now, "r", Did.PRINTING, MappingProxyType({"printer": "Desk"}), ""),  # of the command line
        *(entry(Did.PRINTED, "before", job=1), entry(Did.PRINTING, "a", printer="Desk")),
        *(entry(Did.SENT, "a", job=2, printer="Desk"), entry(Did.PRINTING, "b", printer="Hall")),
        *(entry(Did.PRINTING, "c", printer="Hall"), entry(Did.NOT_SENT, "c"), entry(Did.PRINTING, "d", printer="Hall")),
        *(entry(Did.SENT, "d", job=3, printer="Hall"), entry(Did.CANCELLED, "d", job=3)),
        *(entry(Did.PRINTING, "e", printer="Hall"), entry(Did.PERHAPS_PRINTED, "e"), entry(Did.SENT, "late", job=5)),
    ]
    unfinished = list[UnfinishedPrint]()
    for one in told:
        note_print(unfinished, one)
    assert unfinished == [UnfinishedPrint(1, "a", "Desk", now, 2), UnfinishedPrint(1, "b", "Hall", now)]


def test_a_page_that_asks_by_itself_keeps_nobody_signed_in(desk: DeskInside, leaflet: Held) -> None:
    sessions = desk.inner.sessions
    visitor = desk.visitor().sign_in(ROSA)
    session = sessions.find(visitor.cookie.partition("=")[2], desk.inner.clock())
    assert session is not None
    seen = session.seen
    assert visitor.get(f"/packets/{leaflet.id}/prints/1/state").status == 404
    assert session.seen == seen
    visitor.get("/")
    assert session.seen > seen


def test_everything_that_is_told_of_printing_can_be_translated() -> None:
    assert {*STATES, *REFUSALS, *SENTENCES} <= messages().keys()
    assert set(REASONS) == set(REFUSALS)
    assert REASONS[sentences.NO_SERVER] == "no-server"
