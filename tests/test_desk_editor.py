"""The editor's desk: everybody sees what is to be said about a text; a clinician, and nobody else, stands behind it."""

import os
import re
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from clinicpress import library
from tests.instruments.browser import AT, overflow, signed_in, tab_to, violations
from tests.instruments.desk import PASSPHRASE, Answer, FrontDesk, Visitor, entries, front_desk, record_of
from tests.instruments.disk import small_disk
from tests.instruments.extract import words_of
from tests.test_approve_by_kind import TEXT as ACKNOWLEDGEMENT

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "tests" / "lint" / "S23" / "good" / "ear-rinse"
TODAY = "2026-11-24"
HOSTILE = "<b>{{7*7}}</b> ${7*7} Having your ears rinsed"
LEAFLETS = ("keyboard", "at-once", "changed", "damaged", "withdrawn", "renewed", "overtaken")
MANAGER = "Max Manager"
Topics = Path


@pytest.fixture(scope="module")
def topics(tmp_path_factory: pytest.TempPathFactory) -> Topics:
    """A content tree of its own: the shipped texts, leaflets that nobody has approved, and a form with an error."""
    folder = tmp_path_factory.mktemp("content") / "handouts"
    shutil.copytree(ROOT / "handouts", folder)
    shutil.copytree(EXAMPLE, folder / "ear-rinse")
    leaflet = (EXAMPLE / "handout.en.md").read_text(encoding="utf-8")
    for number, name in enumerate(LEAFLETS):
        (folder / name).mkdir()
        (folder / name / "handout.en.md").write_text(leaflet.replace("EAR-1", f"EAR-{number + 2}"), encoding="utf-8")
    form = folder / "ear-rinse" / "consent.en.md"
    text = form.read_text(encoding="utf-8").replace("effective: 2026", "effective: 2099")
    form.write_text(re.sub("title: .*", f'title: "{HOSTILE}"', text), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, topics: Topics) -> Iterator[FrontDesk]:
    """A desk that works on that tree."""
    with front_desk(tmp_path_factory.mktemp("desk"), "--today", TODAY, "--handouts", str(topics), quick=True) as one:
        yield one


@pytest.fixture(scope="module")
def ada(desk: FrontDesk) -> Visitor:
    """A clinician."""
    return desk.visitor().sign_in("Ada Example")


@pytest.fixture
def full_topic(topics: Topics) -> Iterator[Path]:
    """A topic that lies on a real disk, which is full."""
    with small_disk(topics / "small-disk", "64k") as folder:
        shutil.copy(topics / "ear-rinse" / "handout.en.md", folder)
        room = os.statvfs(folder)
        (folder / ".full").write_bytes(bytes(room.f_bavail * room.f_frsize))
        yield folder
    folder.rmdir()


def address(topic: str, kind: str = "handout", language: str = "en") -> str:
    return f"/editor/{topic}/{kind}/{language}"


def digest(topics: Topics, topic: str, kind: str = "handout") -> str:
    (found,) = (
        one
        for one in library.read_library(topics, (topic,))[0]
        if (one.kind, one.language) == (kind, "en") and one.topic == topic
    )
    return found.revision.digest


def form(topics: Topics, topic: str, kind: str = "handout", **changed: object) -> dict[str, object]:
    """What the form on the page of a text sends when it is filled in well."""
    usual = {"revision": digest(topics, topic, kind), "records": 0, "read": "yes", "passphrase": PASSPHRASE}
    return {**usual, "until": "2027-06-30", **changed}


def records(topics: Topics, topic: str, document: str = "handout.en") -> list[str]:
    return [f"{one.by} {one.verdict}" for one in library.read_reviews(topics / topic)[0].get(document, ())]


def faults(answer: Answer) -> dict[str, str]:
    """The sentences beside fields, by the fields that they describe; and those that are about none."""
    page = re.sub(r'<span lang="en">([^<]*)</span>', r"\1", answer.text)  # what a worker said is English on any page
    found = dict(re.findall(r'<span class="fault" id="([^"]+)-fault">([^<]*)</span>', page))
    for name in found:
        field = re.search(rf'<input[^>]* id="{name}"[^>]*>', answer.text)
        assert field
        assert 'aria-invalid="true"' in field[0]
        assert f"{name}-fault" in field[0]
        assert f'<li><a href="#{name}">' in answer.text
    (said,) = re.findall(r'<div class="summary".*?</div>', page, re.DOTALL) or [""]
    others = re.findall(r"<li>([^<]+)</li>", said)
    return {**found, "": " ".join(others)} if others else found


def deeds(desk: FrontDesk) -> list[dict[str, Any]]:
    return [one for one in entries(desk) if one["did"] in ("approved", "withdrawn")]


# What is shown --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", AT)
def test_nobody_is_shut_out_of_the_editors_desk(desk: FrontDesk, browser: Browser, width: int) -> None:
    page = signed_in(browser, desk, "Ada Example", width)
    for place in ("/editor", address("ear-rinse", "consent"), address("neurotherapy", "consent")):
        page.goto(desk.address + place)
        assert page.locator("h1").count() == 1
        assert (violations(page), overflow(page)) == ([], 0), place
    page.get_by_role("button", name="Approve this text").click()
    page.wait_for_selector(".summary")
    assert page.locator(".summary").evaluate("(one) => one === document.activeElement")
    assert (violations(page), overflow(page)) == ([], 0)
    page.context.close()


def test_texts_that_need_somebody_come_first_and_drafts_look_like_drafts(ada: Visitor) -> None:
    shown = ada.get("/editor").text
    waiting, rest = shown.split('<h2 id="rest">')
    rest, elsewhere = rest.split('<h2 id="elsewhere">')
    titles = re.findall(r'<th scope="row"><a href="([^"]+)"', waiting)
    assert titles[0] == address("ear-rinse", "consent")  # it has an error
    assert len(titles) >= len(LEAFLETS)
    assert waiting.count('<strong class="draft">DRAFT</strong>') == len(titles)
    assert address("neurotherapy") in rest  # the clinic's own text
    assert "draft" not in rest
    assert "school grade" in rest
    assert "clinic.toml" in elsewhere


def test_findings_stand_with_errors_first_in_the_order_of_the_text(ada: Visitor) -> None:
    shown = ada.get(address("neurotherapy", "consent")).text
    errors, warnings = shown.split('<h2 id="errors">')[1].split('<h2 id="scores">')[0].split('<h2 id="warnings">')
    assert "None." in errors
    lines = [int(line) for line in re.findall(r"consent\.en\.md:(\d+)", warnings)]
    assert len(lines) > 2
    assert lines == sorted(lines)


def test_a_title_with_markup_in_it_stands_there_as_it_was_written(
    ada: Visitor, browser: Browser, desk: FrontDesk
) -> None:
    for place in ("/editor", address("ear-rinse", "consent")):
        assert "&lt;b&gt;{{7*7}}&lt;/b&gt; ${7*7} Having" in ada.get(place).text
    page = signed_in(browser, desk, "Rosa Desk")
    page.goto(desk.address + address("ear-rinse", "consent"))
    assert page.locator("h1").inner_text() == HOSTILE
    page.context.close()


def test_the_very_words_can_be_read_as_pages_under_their_revision(ada: Visitor, topics: Topics) -> None:
    shown = ada.get(address("neurotherapy", "consent")).text
    pictures = re.findall(rf'src="({address("neurotherapy", "consent")}/(\w+)/\d-960.png)"', shown)
    assert len(pictures) == 4  # pages
    assert {revision for _, revision in pictures} == {digest(topics, "neurotherapy", "consent")[:8]}
    assert ada.get(pictures[-1][0]).body.startswith(b"\x89PNG")
    for other in (
        pictures[0][0].replace(pictures[0][1], "0" * 8),
        pictures[0][0].replace("960", "961"),
        pictures[0][0].replace("1-960", "9-960"),
        "/editor/neurotherapy/consent/fr/00000000/1-960.png",
    ):
        assert ada.get(other).status == 404


def test_a_text_that_cannot_be_printed_can_be_read_too(ada: Visitor) -> None:
    shown = ada.get(address("ear-rinse", "consent")).text
    assert "<details open>" in shown
    assert "## Risks {#risks}" in shown
    assert "-960.png" not in shown


def test_a_text_that_is_not_there_is_told(ada: Visitor) -> None:
    assert ada.get(address("no-such-topic")).status == 404
    assert (
        "There is no such page"
        in ada.post(f"{address('no-such-topic')}/approve", {"passphrase": PASSPHRASE, "read": 1}).text
    )


# Who may --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["Rosa Desk", "Max Manager"])
def test_only_a_clinician_approves_and_others_are_told_who_can(name: str, desk: FrontDesk, topics: Topics) -> None:
    visitor = desk.visitor().sign_in(name)
    for place in ("/editor", address("ear-rinse")):
        shown = visitor.get(place).text
        assert "Here that is: Ada Example; Cleo Example." in shown
        assert 'name="passphrase"' not in shown
    for what in ("approve", "withdraw"):
        answer = visitor.post(f"{address('ear-rinse')}/{what}", form(topics, "ear-rinse", reason="New evidence."))
        assert answer.status == 403
        assert "Your role does not allow this" in answer.text
    assert records(topics, "ear-rinse") == []


# Approving ------------------------------------------------------------------------------------------------------------


def test_a_clinician_approves_by_keyboard_alone_and_the_text_prints_without_draft(
    desk: FrontDesk, browser: Browser, topics: Topics, tmp_path: Path
) -> None:
    before = len(deeds(desk))
    page = signed_in(browser, desk, "Ada Example")
    tab_to(page, 'a[href="/editor"]')
    page.keyboard.press("Enter")
    page.wait_for_url("**/editor")
    tab_to(page, f'a[href="{address("keyboard")}"]')
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{address('keyboard')}")
    tab_to(page, 'a[href="#decide"]')
    page.keyboard.press("Enter")
    tab_to(page, "#read")
    page.keyboard.press("Space")
    assert page.locator("#until").input_value() == "2027-11-22"  # the day on which it is to be read again
    tab_to(page, "#passphrase")
    page.keyboard.type(PASSPHRASE)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{address('keyboard')}?record=1")
    revision = digest(topics, "keyboard")[:8]
    assert page.locator(".done").inner_text() == (
        f"Recorded: Ada Example, ND approved revision {revision} on November 24, 2026; "
        "it counts until November 22, 2027."
    )
    assert page.locator(".done").evaluate("(one) => one === document.activeElement")
    assert violations(page) == []
    page.reload()
    assert records(topics, "keyboard") == ["Ada Example, ND approved"]
    (told,) = deeds(desk)[before:]
    facts = {"topic": "keyboard", "kind": "handout", "language": "en", "revision": revision, "until": "2027-11-22"}
    assert (told["did"], told["facts"]) == ("approved", facts)
    assert told["who"].startswith("ada-example")
    page.context.close()
    assert "DRAFT" not in printed(desk, "keyboard")
    assert "DRAFT" in printed(desk, "ear-rinse")


def printed(desk: FrontDesk, topic: str) -> str:
    """What stands on the pages of a leaflet that somebody prints now."""
    visitor = desk.visitor().sign_in("Rosa Desk")
    taken = visitor.post("/packets", {"document": f"{topic}/handout/en"})
    return words_of(visitor.get(f"{taken.place}/print.pdf").body)


@pytest.mark.parametrize(
    ("changed", "field", "told"),
    [
        ({"read": ""}, "read", "Tick that you have read this text"),
        ({"until": TODAY}, "until", "would have ended already"),
        ({"until": "next year"}, "until", "Write the day as in 2027-11-22."),
        ({"passphrase": ""}, "passphrase", "Write your passphrase"),
        ({"passphrase": "somebody else's"}, "passphrase", "This is not your passphrase"),
        ({"revision": ""}, "", "did not say which revision was read"),
        ({"revision": "f" * 64}, "", "changed since it was read"),
    ],
)
def test_what_was_entered_wrongly_is_told_beside_its_field_and_nothing_is_recorded(
    changed: dict[str, object], field: str, told: str, ada: Visitor, topics: Topics
) -> None:
    answer = ada.post(f"{address('ear-rinse')}/approve", form(topics, "ear-rinse", **changed))
    assert answer.status in (403, 409, 422)
    assert told in faults(answer)[field]
    assert PASSPHRASE not in answer.text
    assert records(topics, "ear-rinse") == []


def test_a_name_in_the_form_is_not_the_name_in_the_record(ada: Visitor, topics: Topics) -> None:
    forged = {"by": "Eve Example, MD", "supplied": "yes", "withdraw": "yes", "topic": "ear-rinse"}
    sent = {**form(topics, "renewed"), **forged}
    assert ada.post(f"{address('renewed')}/approve", sent).status == 303
    assert records(topics, "renewed") == ["Ada Example, ND approved"]
    assert records(topics, "ear-rinse") == []


def test_an_approval_gets_another_last_day_from_somebody_who_has_seen_it(ada: Visitor, topics: Topics) -> None:
    place = address("renewed")
    again = form(topics, "renewed", records=1, until="2027-12-31")
    assert ada.post(f"{place}/approve", again).place == f"{place}?record=2"
    assert [str(one.until) for one in library.read_reviews(topics / "renewed")[0]["handout.en"]][-1] == "2027-12-31"


def test_an_error_stands_in_the_way_until_it_is_accepted_with_a_reason(ada: Visitor, topics: Topics) -> None:
    place = f"{address('ear-rinse', 'consent')}/approve"
    found = set(re.findall(r'name="despite-(\w+)"', ada.get(address("ear-rinse", "consent")).text))
    assert "R02" in found
    reasons = {f"despite-{code}": "Checked by <the board>." for code in found}
    for spoilt, told in (("", "This error stands."), ("x" * 301, "too long"), ("one\x7ftwo", "in one line")):
        answer = ada.post(place, form(topics, "ear-rinse", "consent", **{**reasons, "despite-R02": spoilt}))
        assert told in faults(answer)["despite-R02"]
        assert "Checked by &lt;the board&gt;." in answer.text or found == {"R02"}  # what was entered well stays
    assert records(topics, "ear-rinse", "consent.en") == []
    assert ada.post(place, form(topics, "ear-rinse", "consent", **reasons)).status == 303
    assert records(topics, "ear-rinse", "consent.en") == ["Ada Example, ND approved"]
    shown = ada.get(address("ear-rinse", "consent")).text
    assert "Accepted: R02, because: Checked by &lt;the board&gt;." in shown
    assert "1-960.png" in shown  # it is printed now


def test_a_machine_translation_is_approved_by_nobody(ada: Visitor, topics: Topics) -> None:
    spanish = next(
        one
        for one in library.read_library(topics, ("neurotherapy",), None)[0]
        if (one.kind, one.language) == ("handout", "es")
    )
    place = address("neurotherapy", "handout", "es")
    assert f'action="{place}/approve"' not in ada.get(place).text
    filled = form(topics, "neurotherapy", revision=spanish.revision.digest)
    answer = ada.post(f"{place}/approve", filled)
    assert answer.status == 409
    assert "a machine made it" in faults(answer)[""]
    assert records(topics, "neurotherapy", "handout.es") == []


@pytest.mark.parametrize("code", ["T06", "T07"])
def test_a_translation_that_is_none_or_denies_other_things_is_approved_with_a_reason_only(
    code: str, ada: Visitor, topics: Topics
) -> None:
    topic = f"translated-{code.lower()}"
    shutil.copytree(ROOT / "tests" / "lint" / code / "bad" / "ear-rinse", topics / topic)
    try:
        place = address(topic, language="es")
        shown = ada.get(place).text
        assert re.findall(r'name="despite-(\w+)"', shown) == [code]
        assert "While one of these findings stands, nothing is approved" in shown
        (spanish,) = (one for one in library.read_library(topics, (topic,))[0] if one.language == "es")
        filled = form(topics, topic, revision=spanish.revision.digest)
        assert (
            "This error stands."
            in faults(ada.post(f"{place}/approve", filled | {f"despite-{code}": ""}))[f"despite-{code}"]
        )
        assert ada.post(f"{place}/approve", filled | {f"despite-{code}": "Read by two."}).status == 303
        assert records(topics, topic, "handout.es") == ["Ada Example, ND approved"]
        assert f"Accepted: {code}, because: Read by two." in ada.get(place).text
    finally:
        shutil.rmtree(topics / topic)


def test_a_withdrawn_text_is_a_draft_with_its_reason_and_the_journal_holds_no_words(
    ada: Visitor, desk: FrontDesk, topics: Topics
) -> None:
    assert ada.post(f"{address('withdrawn')}/approve", form(topics, "withdrawn")).status == 303
    sent = form(topics, "withdrawn", records=1)
    answer = ada.post(f"{address('withdrawn')}/withdraw", sent)
    assert "A withdrawal needs its reason" in faults(answer)["reason"]
    answer = ada.post(f"{address('withdrawn')}/withdraw", {**sent, "reason": "New evidence on ear drums."})
    shown = ada.get(answer.place).text
    assert "Ada Example, ND withdrew the text on November 24, 2026. Why: New evidence on ear drums." in shown
    assert '<strong class="draft">DRAFT</strong> withdrawn' in shown
    assert deeds(desk)[-1]["did"] == "withdrawn"
    assert [one for one in desk.state.glob("record.db*") if b"ear drums" in one.read_bytes()] == []
    assert desk.log.read_text().count("withdrawn") == 0


def test_pages_that_lie_on_the_counter_leave_it_no_more_when_their_text_was_withdrawn_since(
    ada: Visitor, topics: Topics
) -> None:
    assert ada.post(f"{address('overtaken')}/approve", form(topics, "overtaken")).status == 303
    place = ada.post("/packets", {"document": "overtaken/handout/en"}).place
    shown = ada.get(place)
    once = re.search(r'name="once" value="([^"]+)"', shown.text)
    assert (once, "DRAFT" in shown.text) == (None, False)  # no printer is here
    assert ada.get(f"{place}/print.pdf").status == 200
    sent = form(topics, "overtaken", records=1, reason="New evidence.")
    assert ada.post(f"{address('overtaken')}/withdraw", sent).status == 303
    for path in ("print.pdf", "0/document.pdf"):
        answer = ada.get(f"{place}/{path}")
        assert (answer.status, answer.headers["content-type"]) == (409, "text/html; charset=utf-8")
        assert "withdrawn since these pages were made" in answer.text
    assert ada.post(f"{place}/print", {"once": "any", "printer": "Desk", "copies": 1}).status == 409
    assert "print.pdf" not in ada.get(place).text


# Two at once, and what breaks -----------------------------------------------------------------------------------------


def test_of_two_who_approve_one_text_at_once_the_second_is_told_who_did(desk: FrontDesk, topics: Topics) -> None:
    both = [desk.visitor().sign_in(name) for name in ("Ada Example", "Cleo Example")]
    answers: list[Answer] = []
    sent = form(topics, "at-once")
    before = len(deeds(desk))
    threads = [
        threading.Thread(target=lambda one=one: answers.append(one.post(f"{address('at-once')}/approve", sent)))
        for one in both
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    done, refused = sorted(answers, key=lambda one: one.status)
    assert (done.status, refused.status) == (303, 409)
    (first,) = records(topics, "at-once")
    assert f"{first} this very text on {TODAY}. Nothing more was recorded." in faults(refused)[""]
    assert len(deeds(desk)) == before + 1


def test_a_text_that_was_changed_since_it_was_shown_is_not_approved(ada: Visitor, topics: Topics) -> None:
    shown = form(topics, "changed")
    path = topics / "changed" / "handout.en.md"
    path.write_text(path.read_text(encoding="utf-8").replace("ear", "eye", 1) + "\nOne more word.\n", encoding="utf-8")
    answer = ada.post(f"{address('changed')}/approve", shown)
    assert answer.status == 409
    assert "changed since it was read" in faults(answer)[""]
    assert records(topics, "changed") == []
    assert digest(topics, "changed") in answer.text  # the page shows what there is now,
    assert "checked" not in answer.text  # and nobody has read that yet


def test_a_review_file_that_is_damaged_is_told_and_left_alone(ada: Visitor, topics: Topics) -> None:
    path = topics / "damaged" / "review.toml"
    assert ada.post(f"{address('damaged')}/approve", form(topics, "damaged")).status == 303
    whole = path.read_text(encoding="utf-8")
    path.write_text(whole.replace("Ada", "Eve"), encoding="utf-8")
    assert "was changed by hand" in ada.get(address("damaged")).text
    assert "was changed by hand" in ada.get("/editor").text
    path.write_text(whole.replace("[[review]]", "[[review"), encoding="utf-8")
    assert "The file is not TOML" in ada.get(address("damaged")).text
    answer = ada.post(f"{address('damaged')}/approve", form(topics, "damaged"))
    assert answer.status == 409
    assert "Nothing was written. Take the file back from a copy" in faults(answer)[""]
    assert path.read_text(encoding="utf-8") == whole.replace("[[review]]", "[[review")


def test_on_a_full_disk_nothing_is_torn_and_a_sentence_says_so(ada: Visitor, topics: Topics, full_topic: Path) -> None:
    answer = ada.post(f"{address('small-disk')}/approve", form(topics, "small-disk"))
    assert answer.status == 409
    assert "The disk is full" in faults(answer)[""]
    assert sorted(one.name for one in full_topic.iterdir()) == [".full", "handout.en.md"]
    (full_topic / ".full").unlink()
    assert ada.post(f"{address('small-disk')}/approve", form(topics, "small-disk")).status == 303
    assert records(topics, "small-disk") == ["Ada Example, ND approved"]


def test_a_journal_that_cannot_be_written_is_told_beside_what_was_done(
    ada: Visitor, desk: FrontDesk, topics: Topics
) -> None:
    record = record_of(desk.state)
    known = len(records(topics, "withdrawn"))
    with record.writing() as connection:
        (head,) = connection.execute("SELECT digest FROM head").fetchall()
        connection.execute("UPDATE head SET digest = 'another'")
    try:
        answer = ada.post(f"{address('withdrawn')}/approve", form(topics, "withdrawn", records=known))
    finally:
        with record.writing() as connection:
            connection.execute("UPDATE head SET digest = ?", head)
    assert answer.status == 500
    assert "The text has its record, but the journal could not be written" in answer.text
    assert "record.db" in faults(answer)[""]
    assert len(records(topics, "withdrawn")) == known + 1


def test_wrong_passphrases_are_slowed_down_for_a_signature_too(desk: FrontDesk, topics: Topics) -> None:
    cleo = desk.visitor().sign_in("Cleo Example")
    wrong = form(topics, "ear-rinse", passphrase="guessed")
    told = [faults(cleo.post(f"{address('ear-rinse')}/approve", wrong))["passphrase"] for _ in range(4)]
    assert [one.startswith("This is not your passphrase") for one in told] == [True, True, True, False]
    assert "Wait" in told[-1]
    assert records(topics, "ear-rinse") == []


# Who may approve is the kind's ----------------------------------------------------------------------------------------


def test_the_office_manager_approves_her_own_papers_and_answers_what_no_program_can_know(
    desk: FrontDesk, topics: Topics, ada: Visitor
) -> None:
    (topics / "privacy").mkdir()
    (topics / "privacy" / "acknowledgement.en.md").write_text(ACKNOWLEDGEMENT, encoding="utf-8")
    place = address("privacy", "acknowledgement")
    sent = form(topics, "privacy", "acknowledgement", until="2027-06-30")
    shown = ada.get(place).text
    assert "The office manager approves and withdraws this text." in shown
    assert 'name="confirm-0"' not in shown
    assert ada.post(f"{place}/approve", sent).status == 403
    mia = desk.visitor().sign_in(MANAGER)
    assert 'name="confirm-0"' in mia.get(place).text
    assert mia.post(f"{address('keyboard')}/approve", form(topics, "keyboard")).status == 403
    unanswered = mia.post(f"{place}/approve", {**sent, "confirm-0": ""})
    assert unanswered.status == 409
    assert "Still open: Is the notice of this date" in unanswered.text
    assert records(topics, "privacy", "acknowledgement.en") == []
    done = mia.post(f"{place}/approve", {**sent, "confirm-0": "Yes, I looked at the wall"})
    assert done.status == 303
    assert records(topics, "privacy", "acknowledgement.en") == [f"{MANAGER}, manager approved"]
    assert "Yes, I looked at the wall" in mia.get(place).text
