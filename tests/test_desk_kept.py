"""Nothing typed is lost, whoever is slow is asked in time, and no patient stays on a screen that nobody watches."""

import os
import re
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from playwright.sync_api import Browser, Page, expect

from clinicpress.desk.packets import KEPT, Packets
from clinicpress.desk.posted import Posted
from clinicpress.desk.sessions import FORM_KEPT, Sessions, page_of
from clinicpress.record.people import Person, Role
from tests.instruments.browser import overflow, signed_in, tab_to, violations
from tests.instruments.desk import PASSPHRASE, FrontDesk, Visitor, front_desk, workers

IDLE = 4.0  # seconds; half of it is the warning
GOOD = {
    "encounter.procedure": "neurotherapy",
    "patient.name": "Zoë Example",
    "patient.birth_date": "1961-04-09",
    "patient.language": "en",
    "encounter.date": "2026-11-24",
    "profile": "standard",
    "paper": "letter",
}
ROSA, MAX = Person("r", "Rosa", Role.DESK), Person("m", "Max", Role.DESK)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FrontDesk]:
    """A desk that is impatient with those who do nothing, and with those who wait."""
    settings = f"idle={IDLE}, workers=1, round=0.3, limits=Limits(wait=0.5)"
    with front_desk(tmp_path_factory.mktemp("desk"), "--today", "2026-11-24", settings=settings, quick=True) as one:
        warmed = one.visitor().sign_in("Max Manager")
        for language in ("en", "es"):  # the desk has made what the first visitor asks for
            for kind in ("handout", "consent"):
                while warmed.get(f"/library/neurotherapy/{kind}/{language}/picture.png").status == 503:
                    time.sleep(0.2)
                    warmed.get("/sign-in")
        yield one


# Twice, as in a double click; then Esc and the browser's own "stop"; then the name is corrected, and it is sent again.
PRESSED_STOPPED_AND_PRESSED = """() => {
  const form = document.getElementById("form"), working = document.querySelector("[data-working]"), said = [];
  const note = () => { said.push(working.textContent); sessionStorage.said = JSON.stringify(said); };
  new MutationObserver(note).observe(working, { childList: true });
  for (const at of [10, 60, 1200]) setTimeout(() => form.requestSubmit(), at);
  setTimeout(() => {
    document.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape" }));
    window.stop();
    form.elements["patient.name"].value = "Zoë Other";
  }, 1000);
}"""


def signed_in_again(page: Page, name: str) -> None:
    page.wait_for_url("**/sign-in")
    page.fill("#name", name)
    page.fill("#passphrase", PASSPHRASE)
    page.press("#passphrase", "Enter")
    page.wait_for_selector("nav")


def test_who_does_nothing_is_asked_in_time_and_finds_again_what_was_typed(desk: FrontDesk, browser: Browser) -> None:
    slow, gone = desk.visitor().sign_in("Rosa Desk"), desk.visitor().sign_in("Ada Example")
    page = signed_in(browser, desk, "Rosa Desk")
    at_rest = page.context.new_page()
    at_rest.goto(desk.address + "/editor")
    page.bring_to_front()
    page.goto(desk.address + "/prepare")
    tab_to(page, "#patient-name")
    began = time.monotonic()
    while time.monotonic() < began + IDLE + 1:  # whoever types stays signed in, and is not asked, in no tab
        page.keyboard.type("Zoë ")
        page.wait_for_timeout(300)
        assert [one.locator("dialog[open]").count() for one in (page, at_rest)] == [0, 0]
    page.wait_for_selector("dialog[open]")
    asked = page.get_by_role("alertdialog", name="Are you still there?")
    expect(asked.get_by_role("button", name="Stay signed in")).to_be_focused()
    assert re.search(r"In [12] seconds you will be signed out", asked.inner_text())
    page.keyboard.press("Enter")
    expect(asked).to_be_hidden()
    expect(page.locator("#patient-name")).to_be_focused()
    page.wait_for_selector("dialog[open]")
    assert violations(page) == []
    page.set_viewport_size({"width": 320, "height": 640})
    assert overflow(page) == 0
    page.keyboard.press("Escape")
    expect(asked).to_be_hidden()
    page.wait_for_timeout(IDLE * 1000 / 2 - 300)
    assert page.url.endswith("/prepare")  # it was extended by that
    page.wait_for_url("**/sign-in")
    at_rest.wait_for_url("**/sign-in")
    at_rest.close()
    assert "Zoë" not in page.content()
    page.go_back()
    page.wait_for_url("**/sign-in")
    assert "Zoë" not in page.content()
    signed_in_again(page, "Rosa Desk")
    assert page.url == desk.address + "/prepare"
    assert page.input_value("#patient-name").startswith("Zoë Zoë")
    assert "This is what you had typed." in page.inner_text("main")
    page.goto(desk.address + "/prepare")
    assert page.input_value("#patient-name") == ""  # of the next patient
    page.context.close()
    # Without the script: a form that comes late is kept for the one who sent it.
    for visitor in (slow, gone):
        late = visitor.post("/prepare", {**GOOD, "patient.birth_date": "", "list": "x", "row": "1"})
        assert late.place == "/sign-in"
        visitor.get("/sign-in")
    back = slow.post("/sign-in", {"name": "Rosa Desk", "passphrase": PASSPHRASE})
    assert back.place == "/prepare"
    assert 'value="Zoë Example"' in slow.get("/prepare").text
    assert "Zoë" not in slow.get("/prepare").text
    assert gone.post("/sign-in", {"name": "Rosa Desk", "passphrase": PASSPHRASE}).place == "/"
    assert "Zoë" not in gone.get("/prepare").text


def test_a_kept_form_is_for_one_person_for_some_minutes_and_once() -> None:
    form = Posted({"patient.name": ("Zoë Example",)})
    for person, minutes, shown in ((ROSA, 9, form), (ROSA, 11, None), (MAX, 1, None)):
        sessions = Sessions(900)
        first = sessions.let_in(sessions.link, 0, "en")
        assert first
        session = sessions.sign_in(first, ROSA, "", 0)
        assert sessions.left(session, 100) == 800
        sessions.tidy(901)
        assert (session.person, session.idled, sessions.has(ROSA)) == (None, ROSA, False)
        sessions.keep(session, "/prepare", form, 1000)
        assert "Zoë" not in repr(session)
        sessions.keep(session, "/today", None, 1001)  # whatever was looked at later
        after = sessions.sign_in(session, person, "", 1000 + 60 * minutes)
        assert after.interrupted.place == ("/prepare" if person is ROSA else "/")
        assert sessions.take_form(after, 1000 + 60 * minutes) is shown
        assert sessions.take_form(after, 1000 + 60 * minutes) is None
    sessions.keep(after, "/prepare", form, 0)
    sessions.tidy(FORM_KEPT + 1)
    assert after.interrupted.form is None


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("/packets/abc_-1/print", "/packets/abc_-1"),
        ("/packets/abc/prints/2/cancel", "/packets/abc/prints/2"),
        ("/packets/abc/0/1-480.png", "/packets/abc"),
        ("/editor/a/consent/en/approve", "/editor/a/consent/en"),
        ("/today/rows/3", "/today"),
        ("/today/x/3/by-hand", "/today/x/3/by-hand"),
        ("/packets", "/"),
        ("//evil.example", "/"),
        ("https://evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("evil", "/"),
        ("/prepare\r\nX: y", "/"),
        ("/prepare?x=1", "/"),
        ("", "/"),
    ],
)
def test_one_is_led_back_to_pages_of_the_desk_only(address: str, place: str) -> None:
    assert page_of(address) == place


# Busy, stopped --------------------------------------------------------------------------------------------------------


def test_a_busy_desk_shows_the_form_again_as_it_was_typed(desk: FrontDesk) -> None:
    rosa, ada, other = (desk.visitor().sign_in(name) for name in ("Rosa Desk", "Ada Example", "Max Manager"))
    upload = b"mrn,name,birth_date,appointment,procedure\n1,Zo,1961-04-09,2026-11-24 09:00,neurotherapy\n"
    page = ada.get("/editor/neurotherapy/handout/en").text
    given = {name: re.search(f'name="{name}" value="([^"]*)"', page) for name in ("revision", "records")}
    reason = {**{name: one[1] for name, one in given.items() if one}, "reason": "Out of date", "passphrase": PASSPHRASE}
    (worker,) = workers(desk)
    os.kill(worker, signal.SIGSTOP)
    with ThreadPoolExecutor(1) as at_once:
        first = at_once.submit(other.post, "/prepare", GOOD)
        time.sleep(0.3)
        answers = [
            rosa.post("/prepare", GOOD),
            rosa.upload("/today", "day.csv", upload),
            ada.post("/editor/neurotherapy/handout/en/withdraw", reason),
        ]
        os.kill(worker, signal.SIGCONT)
        assert first.result().status == 303
    for answer, typed in zip(answers, ('value="Zoë Example"', 'id="file-fault"', 'value="Out of date"'), strict=True):
        assert answer.status == 503
        assert typed in answer.text
        assert "is busy" in answer.text
    assert rosa.post("/prepare", GOOD).status == 303


def test_what_was_on_its_way_when_its_person_was_signed_out_is_done(desk: FrontDesk) -> None:
    slow = desk.visitor().sign_in("Max Manager")
    (worker,) = workers(desk)
    os.kill(worker, signal.SIGSTOP)
    with ThreadPoolExecutor(1) as at_once:
        sent = at_once.submit(slow.post, "/prepare", GOOD)
        time.sleep(IDLE + 0.5)
        assert Visitor(desk.port, slow.cookie).get("/").place == "/sign-in"
        os.kill(worker, signal.SIGCONT)
        assert sent.result().status == 303


def test_a_form_that_cannot_be_shown_and_one_of_an_old_tab_wait_in_prepare(desk: FrontDesk) -> None:
    rosa = desk.visitor().sign_in("Rosa Desk")
    answer = rosa.post("/prepare", {**GOOD, "token": "of another tab"})
    assert answer.status == 403
    assert 'href="/prepare"' in answer.text.partition("What was typed is kept")[2]
    assert 'value="Zoë Example"' in rosa.get("/prepare").text
    assert rosa.post("/prepare", {**GOOD, "token": "x"}, Origin="http://evil.example").status == 403
    assert "Zoë" not in rosa.get("/prepare").text  # nobody else's site puts anything there


def test_whoever_stops_the_browser_presses_again_and_long_work_is_said(desk: FrontDesk, browser: Browser) -> None:
    page = signed_in(browser, desk, "Rosa Desk")
    page.goto(desk.address + "/prepare")
    page.select_option("#encounter-procedure", "neurotherapy")
    page.fill("#patient-name", "Zoë Example")
    page.fill("#patient-birth_date", "1961-04-09")
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url) if one.method == "POST" and "prepare" in one.url else None)
    (worker,) = workers(desk)
    os.kill(worker, signal.SIGSTOP)
    page.evaluate(PRESSED_STOPPED_AND_PRESSED)  # while a page is on its way, the browser's driver has to wait
    time.sleep(1.3)
    os.kill(worker, signal.SIGCONT)
    page.wait_for_selector(".patient, #summary")  # made; or others were first
    assert "Zoë Other" in page.content()
    assert len(asked) == 2
    assert page.evaluate("JSON.parse(sessionStorage.said)")[:2] == ["Making the pages…", ""]
    page.context.close()


# Language, and what lies on the counter -------------------------------------------------------------------------------


def test_another_language_keeps_the_place_and_what_was_typed(desk: FrontDesk, browser: Browser) -> None:
    page = signed_in(browser, desk, "Ada Example")
    page.goto(desk.address + "/prepare")
    page.fill("#patient-name", "Zoë Example")
    page.check("#document-1")
    page.click("button:text('Español')")
    page.wait_for_selector("html[lang=es]")
    assert page.url == desk.address + "/prepare"
    assert page.input_value("#patient-name") == "Zoë Example"
    assert page.is_checked("#document-1")
    page.goto(desk.address + "/editor/neurotherapy/consent/en")
    page.click("button:text('English')")
    page.wait_for_selector("html[lang=en]")
    assert page.url == desk.address + "/editor/neurotherapy/consent/en"
    visitor = desk.visitor().sign_in("Rosa Desk")
    for place in ("//evil.example", "https://evil.example/", "/sign-out", "/\r\nX: y"):
        assert visitor.post("/language", {"language": "en", "place": place}).place == "/"
    page.context.close()


def test_packets_on_the_counter_are_named_in_the_library_until_their_person_has_gone_everywhere(
    desk: FrontDesk,
) -> None:
    one, other = desk.visitor().sign_in("Cleo Example"), desk.visitor().sign_in("Cleo Example")
    assert "On the counter" not in one.get("/").text
    blank = one.post("/packets", {"document": "neurotherapy/handout/es"}).place
    packet = one.post("/prepare", {**GOOD, "patient.name": "Ula Example"}).place
    page = other.get("/").text
    found = re.findall(r'<li><a href="(/packets/[^"]+)">(.*?)</a></li>', page)
    assert [place for place, _ in found] == [packet, blank]
    assert "Ula Example" in found[0][1]
    assert "Apr 9, 1961" in found[0][1]
    assert 'lang="es"' in found[1][1]
    assert "Ula Example" not in desk.visitor().sign_in("Rosa Desk").get("/").text
    one.post("/sign-out")
    assert other.get(packet).status == 200
    other.post("/sign-out")
    other.get("/sign-in")
    other.sign_in("Cleo Example")
    assert other.get(packet).status == 404


def test_a_packet_goes_after_an_hour_although_nobody_asks_for_anything() -> None:
    packets = Packets()
    made = {"documents": [], "print": b"", "pages": 0, "notes": []}
    packets.hold("r", 0, made, paper="letter", patient={}, given={})
    late = packets.hold("r", 60, made, paper="letter", patient={}, given={})
    packets.tidy(KEPT + 30)
    assert packets.of("r", KEPT + 30, 10) == [late]
