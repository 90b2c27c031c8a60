"""The Prepare page: a patient's documents in half a minute, no mix-up of patients, and a clear word on every slip."""

import html
import re
from io import BytesIO
from pathlib import Path

import pypdfium2
import pytest
from playwright.sync_api import Browser

from tests.instruments.browser import shut_out, signed_in, tab_to
from tests.instruments.desk import Answer, FrontDesk, Visitor
from tests.instruments.extract import words_of
from tests.instruments.traces import saying, told, traces

GOOD = {
    "encounter.procedure": "neurotherapy",
    "patient.name": "Zoë Example",
    "patient.birth_date": "1961-04-09",
    "patient.mrn": "0012345",
    "patient.language": "en",
    "encounter.date": "2026-11-24",
    "encounter.time": "09:30",
    "encounter.site": "Knee",
    "encounter.side": "left",
    "clinician.name": "Ada Example",
    "clinician.credential": "ND",
    "profile": "standard",
    "paper": "letter",
    "copy": "",
}
TOO_LONG = "This is too long"
BAD_LETTER = "This holds a letter that cannot be seen or printed"
NOT_LISTED = "Choose one of the list."


@pytest.fixture(scope="module")
def rosa(desk: FrontDesk) -> Visitor:
    """Somebody at the desk who sends forms without a browser."""
    return desk.visitor().sign_in("Rosa Desk")


def sent(visitor: Visitor, **changed: object) -> Answer:
    """The answer to the good form with some fields changed; their dots are written as two strokes."""
    fields = {name.replace("__", "."): value for name, value in changed.items()}
    return visitor.post("/prepare", {**GOOD, **fields})


def printed(visitor: Visitor, answer: Answer) -> str:
    """The words of the packet that a form has made."""
    assert answer.status == 303, answer.text
    return words_of(visitor.get(f"{answer.place}/print.pdf").body)


def faults_in(answer: Answer) -> dict[str, str]:
    """What the page says beside each of its fields."""
    found = re.findall(r'<span class="fault" id="([^"]+)-fault">(.*?)</span>', answer.text, re.DOTALL)
    return {id_: html.unescape(re.sub("<[^>]+>", "", said)) for id_, said in found}


def summary_in(answer: Answer) -> str:
    found = re.search(r'<div class="summary".*?</div>', answer.text, re.DOTALL)
    return html.unescape(found[0]) if found else ""


def value_in(answer: Answer, name: str) -> str:
    """What stands in a field of the page."""
    found = re.search(rf'<input id="{re.escape(name.replace(".", "-"))}"[^>]* value="([^"]*)"', answer.text)
    assert found, name
    return html.unescape(found[1])


# A person at the page -------------------------------------------------------------------------------------------------


def test_nobody_is_shut_out_of_the_form_with_and_without_faults(desk: FrontDesk, browser: Browser) -> None:
    page = signed_in(browser, desk, "Rosa Desk")
    page.goto(desk.address + "/prepare")
    assert page.locator("input[name=documents]:visible").count() == 2  # there to be ticked while there is no procedure
    assert shut_out(page) == []
    page.click("main button.main")
    assert page.locator(".fault").count() == 3
    assert shut_out(page) == []
    page.context.close()


def test_the_keyboard_alone_makes_a_packet_and_changes_it(desk: FrontDesk, browser: Browser) -> None:
    page = signed_in(browser, desk, "Rosa Desk")
    page.goto(desk.address + "/prepare")
    page.keyboard.type("neuro")  # the keyboard stands in the first field, and lists find what is typed
    assert page.locator("input[name=documents]:visible").count() == 0  # it brings its own
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type("Zoë Example")
    page.keyboard.press("Tab")
    page.keyboard.type("04091961")
    tab_to(page, "#patient-mrn", most=5)
    page.keyboard.type("0012345")
    page.keyboard.press("Enter")
    page.wait_for_url("**/packets/*")
    assert page.locator(".patient dd").all_inner_texts() == ["Zoë Example", "Apr 9, 1961", "0012345"]
    tab_to(page, page.get_by_role("link", name="Change what was filled in"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/prepare/*")
    assert page.input_value("#patient-mrn") == "0012345"
    assert page.input_value("#encounter-procedure") == "neurotherapy"
    tab_to(page, "#patient-mrn")
    page.keyboard.press("End")
    page.keyboard.type("6")
    page.keyboard.press("Enter")
    page.wait_for_url("**/packets/*")
    assert page.locator(".patient dd").last.inner_text() == "00123456"
    page.context.close()


def test_a_fault_is_read_first_and_leads_to_its_field(desk: FrontDesk, browser: Browser) -> None:
    page = signed_in(browser, desk, "Rosa Desk")
    page.goto(desk.address + "/prepare")
    page.fill("#patient-name", "Zoë Example")
    page.press("#patient-name", "Enter")
    page.wait_for_selector("#summary")
    assert page.evaluate("document.activeElement.id") == "summary"
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "patient-birth_date"
    field = page.locator("#patient-birth_date")
    assert field.get_attribute("aria-invalid") == "true"
    told = field.get_attribute("aria-describedby") or ""
    assert page.locator(f"#{told}").inner_text().startswith("Write the whole birth date.")
    assert page.input_value("#patient-name") == "Zoë Example"
    page.context.close()


# What is made ---------------------------------------------------------------------------------------------------------


def test_what_is_typed_prints_as_it_is(rosa: Visitor) -> None:
    said = printed(rosa, sent(rosa, patient__name="Tom <b>{{7*7}}</b> & Söhne", encounter__site='"Knee" </p>'))
    for text in ("Tom <b>{{7*7}}</b> & Söhne", '"Knee" </p>', "0012345", "Apr 9, 1961", "Ada Example, ND"):
        assert text in said
    assert "Zoë" not in said


def test_patients_of_one_name_get_their_own_packets(rosa: Visitor) -> None:
    one = sent(rosa, patient__birth_date="1961-04-09", patient__mrn="0000001")
    other = sent(rosa, patient__birth_date="1988-01-30", patient__mrn="0000002")
    assert one.place != other.place
    facts = [(one, "Apr 9, 1961", "0000001"), (other, "Jan 30, 1988", "0000002")]
    for (answer, day, number), (_, other_day, other_number) in (facts, facts[::-1]):
        for said in (printed(rosa, answer), rosa.get(answer.place).text):
            assert day in said
            assert number in said
            assert other_day not in said
            assert other_number not in said


def test_the_patients_language_is_taken_where_there_is_a_text_else_english_with_a_word_about_it(rosa: Visitor) -> None:
    spanish = sent(rosa, patient__language="es")
    assert "Consentimiento" in printed(rosa, spanish)
    other = sent(rosa, patient__language="so")
    assert "English instead" in rosa.get(other.place).text
    assert "Consent form" in printed(rosa, other)


def test_ticked_documents_come_beside_those_of_the_procedure(rosa: Visitor) -> None:
    def documents(**changed: object) -> int:
        return rosa.get(sent(rosa, **changed).place).text.count("<section aria-labelledby=")

    handout, both = "neurotherapy/handout", ["neurotherapy/handout", "neurotherapy/consent"]
    assert documents(encounter__procedure="", documents=handout) == 1
    assert documents(encounter__procedure="", documents=both) == 2
    assert documents(encounter__procedure="Neurotherapy", documents=handout) == 2


@pytest.mark.soak
def test_large_print_paper_and_copy_are_as_chosen(rosa: Visitor) -> None:
    usual = printed(rosa, sent(rosa))
    large = sent(rosa, profile="large-print", paper="a4", copy="chart")
    said = printed(rosa, large)
    assert "Chart copy" in said
    assert "Chart copy" not in usual
    with pypdfium2.PdfDocument(BytesIO(rosa.get(f"{large.place}/print.pdf").body)) as document:
        assert round(document[0].get_width()) == 595  # points: A4


def test_a_packet_is_changed_with_everything_that_was_typed_and_by_its_owner_only(
    desk: FrontDesk, rosa: Visitor
) -> None:
    made = sent(rosa, documents="neurotherapy/handout", profile="large-print", encounter__side="both")
    form = rosa.get(made.place.replace("packets", "prepare"))
    for name in ("patient.name", "patient.birth_date", "patient.mrn", "encounter.date", "encounter.time"):
        assert value_in(form, name) == GOOD[name]
    for chosen in ("neurotherapy", "en", "both", "large-print", "letter"):
        assert re.search(rf'<option value="{chosen}"[^>]* selected>', form.text), chosen
    assert 'value="neurotherapy/handout" checked' in form.text
    assert "0012345" in rosa.get(made.place).text  # the first one lies there still
    other = desk.visitor().sign_in("Max Manager")
    assert other.get(made.place.replace("packets", "prepare")).status == 404


def test_a_blank_packet_is_filled_in_for_a_patient(rosa: Visitor) -> None:
    blank = rosa.post("/packets", {"document": "neurotherapy/consent/es"})
    assert "Fill in for a patient" in rosa.get(blank.place).text
    form = rosa.get(blank.place.replace("packets", "prepare"))
    assert 'value="neurotherapy/consent" checked' in form.text
    assert re.search(r'<option value="es"[^>]* selected>', form.text)


# Bad input ------------------------------------------------------------------------------------------------------------

FAULTS = {
    "no name": ({"patient.name": "  "}, "patient-name", "Write the patient’s name."),
    "no birth date": ({"patient.birth_date": ""}, "patient-birth_date", "Write the whole birth date."),
    "date in two ways": ({"patient.birth_date": "04/09/1961"}, "patient-birth_date", "This is not a day"),
    "no such day": ({"patient.birth_date": "1961-02-30"}, "patient-birth_date", "This is not a day"),
    "week date": ({"patient.birth_date": "1961-W14-7"}, "patient-birth_date", "This is not a day"),
    "born tomorrow": ({"patient.birth_date": "2026-11-25"}, "patient-birth_date", "This birth date is in the future"),
    "too old": ({"patient.birth_date": "1861-04-09"}, "patient-birth_date", "Nobody is that old."),
    "no day": ({"encounter.date": ""}, "encounter-date", "Write the day of the visit."),
    "year slipped": ({"encounter.date": "2062-11-24"}, "encounter-date", "This day is more than ten years away."),
    "no time": ({"encounter.time": "25:00"}, "encounter-time", "This is not a time of day."),
    "long name": ({"patient.name": "a" * 10_000}, "patient-name", TOO_LONG),
    "NUL": ({"patient.name": "Zo\0ë"}, "patient-name", BAD_LETTER),
    "bell": ({"patient.mrn": "00\a12"}, "patient-mrn", BAD_LETTER),
    "two lines": ({"encounter.site": "Knee\r\nElbow"}, "encounter-site", BAD_LETTER),
    "turned letters": ({"patient.name": "evil\u202elive"}, "patient-name", BAD_LETTER),
    "unseen letter": ({"clinician.name": "Ada\u200b Example"}, "clinician-name", BAD_LETTER),
    "lost letter": ({"patient.name": "Zo\ufffd"}, "patient-name", BAD_LETTER),
    "no glyph": ({"encounter.site": "Knee \U0001f9b5"}, "encounter-site", "No font of ours has the character"),
    "credential alone": ({"clinician.name": ""}, "clinician-name", "Write the name that this credential belongs to."),
    "nothing to print": ({"encounter.procedure": ""}, "encounter-procedure", "Choose a procedure"),
    "unknown procedure": ({"encounter.procedure": "knitting"}, "encounter-procedure", "Nobody knows this procedure."),
    "unknown topic": ({"documents": "../etc/handout"}, "documents", "A document that was ticked"),
    "unknown kind": ({"documents": "neurotherapy/poster"}, "documents", "A document that was ticked"),
    "no document": ({"documents": "neurotherapy"}, "documents", "A document that was ticked"),
    "unknown language": ({"patient.language": "xx"}, "patient-language", NOT_LISTED),
    "unknown side": ({"encounter.side": "up"}, "encounter-side", NOT_LISTED),
    "unknown size": ({"profile": "huge"}, "profile", NOT_LISTED),
    "unknown paper": ({"paper": "papyrus"}, "paper", NOT_LISTED),
    "unknown copy": ({"copy": "neighbour"}, "copy", NOT_LISTED),
}


@pytest.mark.parametrize("case", FAULTS)
def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_stays(rosa: Visitor, case: str) -> None:
    changed, id_, sentence = FAULTS[case]
    answer = rosa.post("/prepare", {**GOOD, **changed})
    assert answer.status == 422
    faults = faults_in(answer)
    assert list(faults) == [id_]
    assert faults[id_].startswith(sentence)
    assert f'href="#{id_}"' in summary_in(answer)
    assert sentence in summary_in(answer)
    for name in {"patient.mrn", "encounter.time", "patient.name"} - changed.keys():
        assert value_in(answer, name) == GOOD[name]


def test_everything_wrong_is_told_at_once(rosa: Visitor) -> None:
    answer = rosa.post("/prepare", {})
    assert answer.status == 422
    assert {"encounter-procedure", "patient-name", "patient-birth_date", "encounter-date"} <= faults_in(answer).keys()


def test_odd_letters_are_printed_or_refused_and_never_break_the_desk(desk: FrontDesk, rosa: Visitor) -> None:
    for text in (
        "{{7*7}}",
        "{% raw %}",
        "${x}",
        "<script>alert(1)</script>",
        "'\"><b>",
        "%s %(a)s",
        "\\",
        "-->",
        "&amp;",
    ):
        for name in ("patient.name", "patient.mrn", "encounter.site", "clinician.name", "clinician.credential"):
            answer = rosa.post("/prepare", {**GOOD, name: text, "encounter.procedure": ""})
            assert answer.status == 422
            assert value_in(answer, name) == text
    assert "A fault of ours" not in desk.log.read_text()


# Privacy --------------------------------------------------------------------------------------------------------------

CANARY = {
    "patient.name": "Quitzilda Ohnemus",
    "patient.birth_date": "1907-02-28",
    "patient.mrn": "77Q4420",
    "encounter.time": "04:44",
    "encounter.site": "Wombatknie",
    "clinician.name": "Xaveria Yptok",
    "clinician.credential": "Zyzzogeton",
}
SAID = saying(
    *("Quitzilda", "Ohnemus", "77Q4420", "Wombat", "Xaveria", "Yptok", "Zyzzogeton", "1907-02-28", "Feb 28, 1907"),
    beside=r"04:44(?![:+\d-])|4:44 AM",  # and no time of the journal
)


def test_nothing_of_a_patient_is_left_in_logs_addresses_titles_or_folders(desk: FrontDesk, browser: Browser) -> None:
    page = signed_in(browser, desk, "Rosa Desk")
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url))
    page.goto(desk.address + "/prepare")
    for name, value in CANARY.items():
        page.fill("#" + name.replace(".", "-"), value)
    titles = [page.title()]
    page.press("#patient-name", "Enter")  # nothing is chosen: the form comes back
    page.wait_for_selector("#summary")
    titles.append(page.title())
    page.select_option("#encounter-procedure", "neurotherapy")
    page.click("main button.main")
    page.wait_for_url("**/packets/*")
    packet = page.url.removeprefix(desk.address)
    titles.append(page.title())
    assert "Quitzilda" in page.locator("main").inner_text()  # it is there where it belongs
    page.wait_for_load_state("networkidle")
    page.get_by_role("link", name="Change what was filled in").click()
    page.wait_for_url("**/prepare/*")
    assert page.input_value("#patient-name") == CANARY["patient.name"]
    titles.append(page.title())
    assert len(asked) > 5
    assert not [one for one in (*asked, *titles) if SAID.search(one)]
    visitor = Visitor(desk.port, "; ".join("{name}={value}".format(**one) for one in page.context.cookies()))
    planted = assert_found(desk, visitor, packet)
    assert traces(desk, SAID) == [str(planted)]
    planted.unlink()
    page.context.close()


def assert_found(desk: FrontDesk, visitor: Visitor, packet: str) -> Path:
    """Fails unless the search finds this very packet wherever it might lie; returns a file in which it does lie."""
    merged = visitor.get(f"{packet}/print.pdf").body
    form = visitor.get(f"{packet}/1/document.pdf").body
    assert not re.search(SAID.pattern.encode(), merged), "a plain search would have found it"
    planted = desk.log.parent / "tmp" / "planted"
    for what in (form, form[:-300], form[10:], merged, b"clinicpress cache 1\n" + merged):  # whole, torn, and kept
        planted.write_bytes(what)
        assert told(planted, SAID)
    return planted
