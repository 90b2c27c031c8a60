"""The Today page: the list is sent in once, one press makes the right patient's packet, and no list is ever kept."""

import asyncio
import html
import json
import re
import shutil
import tempfile
import time
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from starlette.datastructures import Headers

from clinicpress.desk.log import Log
from clinicpress.desk.posted import MOST_UPLOAD, read_posted
from clinicpress.desk.state import Desk, Settings
from clinicpress.desk.today import Today
from clinicpress.desk.workers import Limits, Workroom
from tests.instruments.browser import shut_out, signed_in, tab_to, violations
from tests.instruments.desk import Answer, FrontDesk, Visitor, entries, front_desk
from tests.instruments.extract import words_of
from tests.instruments.traces import saying, traces, watched
from tests.instruments.workbooks import workbook

ROOT = Path(__file__).parents[1]
SAMPLE = (ROOT / "samples" / "roster.csv").read_bytes()
HEADER = "mrn,name,birth_date,appointment,procedure,language,site,side,clinician\n"
MIXED = (
    HEADER
    + "0000001,Zoë Example,1961-04-09,2026-11-24 09:00,neurotherapy,English,Knee,left,Ada Example\n"
    + "0000002,Zoë Example,04/09/1961,2026-11-24 09:30,neurotherapy,English,Knee,left,Ada Example\n"
    + "0000003,Zoë Example,1988-01-30,2026-11-24 10:00,neurotherapy,English,Knee,right,Ada Example\n"
    + "0000004,Ula <b>Example</b>,1975-11-02,2026-11-24 10:30,knitting,English,Knee,right,Ada Example\n"
    + "0000005,Ila {{7*7}},1975-11-02,2026-11-24 11:00,neurotherapy,Somali,Knee,right,Ada Example\n"
).encode()


@pytest.fixture
def rosa(desk: FrontDesk) -> Iterator[Visitor]:
    """Somebody at the desk, where no list lies."""
    visitor = desk.visitor().sign_in("Rosa Desk")
    away(visitor)
    yield visitor
    away(visitor)


def list_on(answer: Answer) -> str:
    """The id of the list on a page; nothing when there is none."""
    found = re.search(r'name="list" value="([^"]+)"', answer.text)
    return found[1] if found else ""


def away(visitor: Visitor) -> None:
    list_ = list_on(visitor.get("/today"))
    assert visitor.post("/today/away", {"list": list_, "away": list_}).status == 303


def sent(visitor: Visitor, data: bytes, name: str = "day.csv") -> Answer:
    """The page after a list was sent in, in place of an earlier one."""
    answer = visitor.upload("/today", name, data, {"replace": list_on(visitor.get("/today"))})
    return visitor.get("/today") if answer.status == 303 else answer


def taken(visitor: Visitor, answer: Answer, row: int, **chosen: str) -> Answer:
    """The answer to a press on the button of a row."""
    return visitor.post(
        f"/today/rows/{row}", {"list": list_on(answer), "profile": "standard", "paper": "letter", **chosen}
    )


def row_on(answer: Answer, number: int) -> str:
    """The words of a row of the page."""
    found = re.search(rf'<tr id="row-{number}".*?</tr>', answer.text, re.DOTALL)
    assert found, number
    return " ".join(html.unescape(re.sub("<[^>]+>", " ", found[0])).split())


def fault_on(answer: Answer, id_: str = "file") -> str:
    found = re.search(rf'<span class="fault" id="{id_}-fault">(.*?)</span>', answer.text, re.DOTALL)
    return html.unescape(re.sub("<[^>]+>", "", found[1])) if found else ""


def printed(visitor: Visitor, answer: Answer) -> str:
    """The words of the packet that a press has made."""
    assert answer.status == 303, answer.text
    return words_of(visitor.get(f"{answer.place}/print.pdf").body)


def book(rows: bytes, blanks: int = 0) -> bytes:
    """A small workbook with a sheet of these rows; so many MiB of blanks stand in it, packed to nearly nothing."""
    return workbook(b"<sheetData>", rows, *[b" " * (1 << 20)] * blanks, b"</sheetData></worksheet>")


def sheet_of(text: bytes) -> bytes:
    """The rows of a CSV file as those of a sheet."""
    rows = [
        "".join(f'<c t="inlineStr"><is><t>{html.escape(cell)}</t></is></c>' for cell in line.split(","))
        for line in text.decode().splitlines()
    ]
    return "".join(f'<row r="{number}">{cells}</row>' for number, cells in enumerate(rows, 1)).encode()


# A person at the page -------------------------------------------------------------------------------------------------


def test_nobody_is_shut_out_of_the_day(desk: FrontDesk, browser: Browser, rosa: Visitor) -> None:
    page = signed_in(browser, desk, "Rosa Desk")
    page.goto(desk.address + "/today")
    assert "samples/roster.csv" in page.locator("main").inner_text()
    assert shut_out(page) == []
    page.get_by_role("button", name="Send the list in").click()
    assert page.locator("#file").get_attribute("aria-invalid") == "true"
    assert shut_out(page) == []
    page.set_input_files("#file", {"name": "day.csv", "mimeType": "text/csv", "buffer": MIXED})
    page.get_by_role("button", name="Send the list in").click()
    assert page.locator("tbody tr").count() == 5
    assert shut_out(page) == []
    page.context.close()


def test_the_keyboard_alone_finds_a_row_and_prints_it(desk: FrontDesk, browser: Browser, rosa: Visitor) -> None:
    sent(rosa, MIXED)
    page = signed_in(browser, desk, "Rosa Desk")
    page.goto(desk.address + "/today")
    tab_to(page, "#words")
    page.keyboard.type("zoe jan 30")  # without the dots of her name
    assert page.locator("tbody tr:visible").count() == 1
    assert page.locator("[data-count]").inner_text() == "1 row"
    page.keyboard.press("Enter")  # finds only: nothing is made by it
    assert page.url == desk.address + "/today"
    tab_to(page, "#row-4 button", most=3)  # size of print, paper, the row's button
    page.keyboard.press("Enter")
    page.wait_for_url("**/packets/*")
    assert page.locator(".patient dd").all_inner_texts() == ["Zoë Example", "Jan 30, 1988", "0000003"]
    page.goto(desk.address + "/today")
    assert "Prepared" in page.locator("#row-4").inner_text()
    page.context.close()


def test_a_list_of_50_mb_is_refused_with_a_sentence(
    desk: FrontDesk, browser: Browser, rosa: Visitor, tmp_path: Path
) -> None:
    sent(rosa, MIXED)
    large = tmp_path / "large.csv"
    with large.open("wb") as file:
        file.truncate(50 << 20)
    page = signed_in(browser, desk, "Rosa Desk")
    page.goto(desk.address + "/today")
    page.set_input_files("#file", large)
    page.check("#replace")
    with page.expect_response("**/today") as answer:
        page.get_by_role("button", name="Send the list in").click()
    assert answer.value.status == 413
    assert "This file is too large." in page.locator("main").inner_text()
    assert violations(page) == []
    assert "0000003" in row_on(rosa.get("/today"), 4)
    page.context.close()


# One row, one press ---------------------------------------------------------------------------------------------------


def test_patients_of_one_name_get_their_own_packets(rosa: Visitor) -> None:
    listed = sent(rosa, MIXED)
    facts = [(2, "Apr 9, 1961", "0000001"), (4, "Jan 30, 1988", "0000003")]
    for (row, day, number), (_, other_day, other_number) in (facts, facts[::-1]):
        assert "Another patient has this name" in row_on(listed, row)
        answer = taken(rosa, listed, row)
        for said in (printed(rosa, answer), rosa.get(answer.place).text):
            assert day in said
            assert number in said
            assert other_day not in said
            assert other_number not in said


def test_a_second_press_finds_the_packet_that_lies_there(desk: FrontDesk, rosa: Visitor) -> None:
    listed = sent(rosa, MIXED)
    first = taken(rosa, listed, 2)
    assert taken(rosa, listed, 2).place == first.place
    assert taken(rosa, listed, 2, paper="a4").place != first.place
    assert taken(rosa, listed, 2).place == first.place
    assert re.search(r"Prepared \d\d:\d\d, Rosa Desk", row_on(rosa.get("/today"), 2))
    max_ = desk.visitor().sign_in("Max Manager")
    own = taken(max_, max_.get("/today"), 2)
    assert own.place != first.place
    assert max_.get(first.place).status == 404


def test_values_print_as_they_are_and_a_missing_language_is_told(rosa: Visitor) -> None:
    listed = sent(rosa, MIXED)
    assert "No consent of neurotherapy in the language 'so'; English instead." in row_on(listed, 6)
    assert "DRAFT" in row_on(listed, 6)
    assert "Ila {{7*7}}" in printed(rosa, taken(rosa, listed, 6))


def test_refused_rows_stand_in_their_place_with_the_reason_and_a_way_on(rosa: Visitor) -> None:
    listed = sent(rosa, MIXED)
    assert re.findall(r'<tr id="row-(\d+)"', listed.text) == ["2", "3", "4", "5", "6"]
    assert "0000002 · Zoë Example · 04/09/1961" in row_on(listed, 3)
    assert "birth_date: the date can be read two ways." in row_on(listed, 3)
    assert "procedure: no packet is named so." in row_on(listed, 5)
    for row in (3, 5, 99):
        assert taken(rosa, listed, row).status == 422
    form = rosa.get(f"/today/{list_on(listed)}/3/by-hand").text
    assert "0000002</bdi> · <bdi>Zoë Example</bdi> · <bdi>04/09/1961" in form  # what could be read, to be copied
    form = rosa.get(f"/today/{list_on(listed)}/5/by-hand").text
    for value in ("0000004", "1975-11-02", "10:30", "Ula &lt;b&gt;Example&lt;/b&gt;"):
        assert f'value="{value}"' in form


def test_a_press_on_an_old_page_never_makes_the_packet_of_another_patient(desk: FrontDesk, rosa: Visitor) -> None:
    old = sent(rosa, MIXED)
    sent(desk.visitor().sign_in("Max Manager"), SAMPLE)
    answer = taken(rosa, old, 2)
    assert answer.status == 409
    assert "The list has changed since this page was opened." in html.unescape(answer.text)
    assert rosa.get(f"/today/{list_on(old)}/3/by-hand").status == 409
    assert rosa.post("/today/away", {"list": list_on(old), "away": list_on(old)}).status == 303
    assert "0012345" in rosa.get("/today").text  # the other one's list was not put away


def test_a_second_list_comes_only_when_the_first_may_go(rosa: Visitor) -> None:
    first = sent(rosa, MIXED)
    for agreed in ({}, {"replace": "yes"}, {"replace": "on"}):
        answer = rosa.upload("/today", "day.csv", SAMPLE, agreed)
        assert answer.status == 422
        assert fault_on(answer, "replace").startswith("There is a list already.")
        assert list_on(answer) == list_on(first)
    assert "0012345" in row_on(sent(rosa, SAMPLE), 2)


def test_two_first_lists_at_once_do_not_replace_each_other(desk: FrontDesk, rosa: Visitor) -> None:
    two = [rosa, desk.visitor().sign_in("Max Manager")]
    with ThreadPoolExecutor(2) as at_once:
        answers = list(at_once.map(lambda one: one.upload("/today", "day.csv", MIXED), two))
    assert sorted(one.status for one in answers) == [303, 422]
    assert [fault_on(one, "replace")[:23] for one in answers if one.status == 422] == ["There is a list already"]


def test_a_list_is_put_away_when_it_is_agreed_and_the_journal_knows(desk: FrontDesk, rosa: Visitor) -> None:
    listed = list_on(sent(rosa, MIXED))
    answer = rosa.post("/today/away", {"list": listed})
    assert answer.status == 422
    assert fault_on(answer, "away").startswith("Tick first that the list may go")
    assert list_on(answer) == listed
    away(rosa)
    assert list_on(rosa.get("/today")) == ""
    last = entries(desk)[-1]
    assert (last["did"], last["facts"]) == ("roster-put-away", {"rows": 5})


def by_hand(visitor: Visitor, listed: Answer, number: int, /, **changed: str) -> Answer:
    """The answer to the form of a row that was filled in by hand, with what stood in it and what was changed."""
    form = visitor.get(f"/today/{list_on(listed)}/{number}/by-hand").text.partition('action="/prepare"')[2]
    fields = dict(re.findall(r'<input[^>]* name="([\w.]+)"[^>]* value="([^"]*)"', form))
    chosen = {"encounter.procedure": "neurotherapy", "profile": "standard", "paper": "letter"}
    return visitor.post(
        "/prepare", {**fields, **chosen, **{key.replace("__", "."): one for key, one in changed.items()}}
    )


def test_a_row_that_was_prepared_by_hand_is_marked_and_no_other_patients_is(rosa: Visitor) -> None:
    listed = sent(rosa, MIXED)
    ula = {"patient__name": "Ula Example", "patient__birth_date": "1975-11-02"}
    assert by_hand(rosa, listed, 5, patient__name="Somebody Else", patient__mrn="9").status == 303
    assert by_hand(rosa, listed, 5, **ula, list="of yesterday").status == 303
    for odd in ("99", "5" * 400, "٥"):
        assert by_hand(rosa, listed, 5, **ula, row=odd).status == 303
    assert "Prepared" not in rosa.get("/today").text
    made = by_hand(rosa, listed, 5, **ula)
    assert made.status == 303
    assert re.search(r"Prepared \d\d:\d\d, Rosa Desk", row_on(rosa.get("/today"), 5))
    zoe = {"patient__name": "Zoë Example", "patient__birth_date": "1961-09-04"}
    assert by_hand(rosa, listed, 3, **{**zoe, "patient__name": ""}).status == 422
    assert by_hand(rosa, listed, 3, **zoe).status == 303
    assert "Prepared" in row_on(rosa.get("/today"), 3)
    assert "Prepared" not in row_on(rosa.get("/today"), 4)
    changed = rosa.get(taken(rosa, listed, 4).place.replace("packets", "prepare")).text
    assert f'name="list" value="{list_on(listed)}"><input type="hidden" name="row" value="4"' in changed


def test_the_size_of_print_stays_as_it_was_chosen(rosa: Visitor) -> None:
    listed = sent(rosa, MIXED)
    assert 'value="large-print" selected' not in listed.text
    taken(rosa, listed, 2, profile="large-print")
    assert 'value="large-print" selected' in rosa.get("/today").text


def test_a_list_of_two_hundred_is_shown_at_once(rosa: Visitor) -> None:
    rows = "".join(
        f"{number:07},Person {number},1961-04-09,2026-11-24 09:00,neurotherapy,English,,,\n" for number in range(200)
    )
    listed = sent(rosa, (HEADER + rows).encode())
    began = time.monotonic()
    assert rosa.get("/today").text.count("<tr id=") == 200
    assert time.monotonic() - began < 1  # second; 0.05 on an idle desk
    assert "0000199" in row_on(listed, 201)


@pytest.mark.soak
def test_a_text_that_changed_since_is_printed_anew(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "handouts", tmp_path / "handouts")
    options = ("--today", "2026-11-24", "--handouts", str(tmp_path / "handouts"))
    with front_desk(tmp_path / "desk", *options, quick=True) as desk:
        visitor = desk.visitor().sign_in("Rosa Desk")
        listed = sent(visitor, MIXED)
        first = taken(visitor, listed, 2)
        assert taken(visitor, listed, 2).place == first.place
        text = tmp_path / "handouts" / "neurotherapy" / "consent.en.md"
        text.write_text(text.read_text().replace("You need not decide today.", "You need not decide this week."))
        second = taken(visitor, listed, 2)
        assert second.place != first.place
        assert "You need not decide this week." in printed(visitor, second)


# Files that are none --------------------------------------------------------------------------------------------------


def word_file() -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as parts:
        parts.writestr("word/document.xml", "<w:document/>")
    return out.getvalue()


PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
WRONG = {
    "a Word file": ("list.docx", word_file, "is not a roster by its name ('.docx')."),
    "a Word file by another name": ("list.xlsx", word_file, "is no Excel workbook but a Word document."),
    "a PDF": ("list.pdf", lambda: b"%PDF-1.7\n", "is a PDF."),
    "a PDF by another name": ("list.csv", lambda: b"%PDF-1.7\n", "is a PDF."),
    "an image by another name": ("list.csv", lambda: PNG, "is not UTF-8 text from line 1 on."),
    "an old workbook": (
        "list.xls",
        lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
        "of the old format .xls.",
    ),
    "an empty file": ("list.csv", lambda: b"", "is empty."),
    "a wrong encoding": ("list.csv", lambda: MIXED.decode().encode("cp1252"), "is not UTF-8 text from line 2 on."),
    "no header": ("list.csv", lambda: MIXED.partition(b"\n")[2], "names none of our columns."),
    "no birth dates": ("list.csv", lambda: b"mrn,name,procedure,date\n", "The column birth_date is missing"),
    "a bomb": ("list.xlsx", lambda: book(b"", 201), "is larger inside than a list for one day can be."),
    "a torn workbook": (
        "list.xlsx",
        lambda: book(sheet_of(MIXED))[:-90],
        "is damaged, or protected by a password.",
    ),
    "a year": ("list.csv", lambda: HEADER.encode() + year(), "has more than 1,000 rows."),
}


def year() -> bytes:
    return "".join(f"{n:07},P {n},1961-04-09,2026-11-24,neurotherapy,,,,\n" for n in range(1_001)).encode()


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_file_gets_one_sentence_and_the_old_list_stays(rosa: Visitor, case: str) -> None:
    name, make, sentence = WRONG[case]
    first = sent(rosa, MIXED)
    answer = sent(rosa, make(), name)
    assert answer.status == 422
    assert name in fault_on(answer) or "column" in sentence
    assert sentence in fault_on(answer)
    assert list_on(answer) == list_on(first)
    assert "0000003" in row_on(answer, 4)


def test_a_form_without_a_file_is_told_so(rosa: Visitor) -> None:
    assert fault_on(rosa.post("/today", {})) == "Choose the file of the day’s list first."
    assert fault_on(rosa.upload("/today", "", b"")) == "Choose the file of the day’s list first."


def test_workbooks_and_json_lines_are_lists_too(rosa: Visitor) -> None:
    assert "0000003" in row_on(sent(rosa, book(sheet_of(MIXED)), "day.xlsx"), 4)
    one = {
        "mrn": "0000009",
        "name": "Zoë",
        "birth_date": "1961-04-09",
        "date": "2026-11-24",
        "procedure": "neurotherapy",
    }
    assert "0000009" in row_on(sent(rosa, json.dumps(one).encode(), "C:\\lists\\day.jsonl"), 1)


# Privacy --------------------------------------------------------------------------------------------------------------

SAID = saying("Quitzilda", "Ohnemus", "77Q4420", "Wombat", "Xaveria", "1907-02-28", "Feb 28, 1907")
REFUSED = "77Q4420b,Quitzilda Ohnemus,Wombatday,Wombat o'clock,Wombatting,Wombatish,Wombat knee,Wombatwards,Xaveria\n"
CANARY = "77Q4420,Quitzilda Ohnemus,1907-02-28,2026-11-24 09:00,neurotherapy,English,Wombat knee,left,Xaveria Yptok\n"


def test_a_list_never_touches_the_disk_and_nothing_of_it_is_left_anywhere(desk: FrontDesk, rosa: Visitor) -> None:
    data = (HEADER + CANARY + REFUSED + (" " * 1_000 + "\n") * 4_000).encode()  # more than is usually kept in memory
    with watched(desk, SAID) as seen:
        listed = sent(rosa, data, "Quitzilda.csv")
        assert "Wombatday" in row_on(listed, 3)
        answer = taken(rosa, listed, 2)
        assert "Quitzilda" in printed(rosa, answer)
        assert rosa.get(answer.place).status == 200
    assert seen == set()
    assert "<title>Today – Front desk</title>" in listed.text
    assert traces(desk, SAID) == []
    gone = desk.log.parent / "tmp" / "Quitzilda"
    gone.write_text("Wombat knee")
    with watched(desk, SAID) as seen:
        time.sleep(0.05)
    assert seen == {str(gone)}
    assert traces(desk, SAID) == [str(gone), str(gone)]  # its name and what it holds
    gone.unlink()


def test_the_largest_upload_is_read_without_a_place_to_put_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    with pytest.raises(FileNotFoundError):
        tempfile.TemporaryFile().close()
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="day.csv"\r\n\r\n'
    data = b"a" * (MOST_UPLOAD - len(head) - len(b"\r\n--x--\r\n"))

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": head + data + b"\r\n--x--\r\n"}

    headers = Headers({"content-type": "multipart/form-data; boundary=x"})
    with ThreadPoolExecutor(1) as elsewhere:  # the browser's driver keeps a loop in this thread
        posted = elsewhere.submit(lambda: asyncio.run(read_posted(headers, receive, MOST_UPLOAD))).result()
    assert posted.file == data


def test_the_journal_knows_how_many_rows_and_no_more(desk: FrontDesk, rosa: Visitor) -> None:
    sent(rosa, MIXED)
    last = [entry for entry in entries(desk) if entry["did"] == "roster-read"][-1]
    assert last["facts"] == {"rows": 5, "refused": 2}


def test_the_list_is_gone_at_midnight(tmp_path: Path) -> None:
    settings = Settings(tmp_path, tmp_path, tmp_path, b"key", "account", today=date(2026, 11, 24))
    desk = Desk(settings, Workroom({}, 0, Limits()), Log(print))
    desk.today = Today(date(2026, 11, 24), "Rosa Desk", "09:00", [{"row": 2, "facts": {}, "problems": []}], [])
    assert desk.list_of_today() is desk.today
    desk.settings = replace(settings, today=date(2026, 11, 25))
    assert desk.list_of_today() is None
    assert desk.today is None
