"""A text names the clinic's values, and prints those of whoever hands it out: whole, plain, and never a person's."""

import re
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest

from clinicpress import library, lint
from clinicpress.clinics import PageProfile, Paper, Print
from clinicpress.documents import Document, ReviewState, plain_text
from clinicpress.documents.variables import VARIABLES, variables_in
from clinicpress.lint.readability import reading
from clinicpress.orders import Request
from clinicpress.press import press
from clinicpress.press.shelf import printable
from tests.lint.shelf import ROOT, Shelf, change, forked, stock
from tests.passages import DAY, handout_of, letters, passage, printed, taken, told

MORE = """
[privacy]
officer = "Ada Example"
phone = "(503) 555-0190"
notice_date = 2026-05-01

[billing]
phone = "(503) 555-0191"

[portal]
name = "Hill Street Online"

[policy]
no_show_fee = "$25"
no_show_hours = 24
records_days = 15
"""
OWN = 'after_hours = "(503) 555-0172"\nwebsite = "hill.example"\nhours = "8 to 5"\nlegal_name = "Hill Street LLC"\n'
CALL = "Please call our office."


def shelf_with(folder: Path, words: str, profile: str = MORE) -> Shelf:
    """A shelf whose handout holds some words, and whose profile says everything."""
    shelf = stock(folder)
    change(shelf.handout, (CALL, words))
    text = shelf.clinic.read_text(encoding="utf-8")
    shelf.clinic.write_text(text.replace("\n[brand]", f"{OWN}\n[brand]") + profile, encoding="utf-8")
    return shelf


def said(document: Document) -> str:
    """The words of the last section."""
    return " ".join(text for _, text in list(document.texts())[-2:])


@pytest.fixture
def every(tmp_path: Path) -> Shelf:
    """A shelf whose handout names all values."""
    return shelf_with(tmp_path / "shelf", "\n".join(f"- {name}: {{{name}}}" for name in VARIABLES))


def test_every_variable_prints_what_the_profile_says(every: Shelf) -> None:
    values = {one.name: one.text for _, one in variables_in(handout_of(every))}
    assert told(every) == []
    assert values == {
        "clinic.name": "Hill Street Clinic",
        "clinic.legal_name": "Hill Street LLC",
        "clinic.address": "4 Hill Street, Riverside, OR 97000",
        "clinic.phone": "(503) 555-0171",
        "clinic.website": "hill.example",
        "clinic.hours": "8 to 5",
        "clinic.after_hours": "(503) 555-0172",
        "clinic.emergency": "911",
        "privacy.officer": "Ada Example",
        "privacy.phone": "(503) 555-0190",
        "privacy.notice_date": "May 1, 2026",
        "billing.phone": "(503) 555-0191",
        "portal.name": "Hill Street Online",
        "policy.no_show_fee": "$25",
        "policy.no_show_hours": "24 hours",
        "policy.records_days": "15 days",
    }


def test_a_value_stands_wherever_running_text_does(tmp_path: Path) -> None:
    words = "Call **{clinic.phone}** or [our page, {portal.name}](https://hill.example).\n\n| At | Call |\n|---|---|\n"
    shelf = shelf_with(tmp_path, words + "| night | { clinic.after_hours } |\n\nNo value: \\{clinic.phone}.")
    texts = [text for _, text in handout_of(shelf).texts()]
    assert "Call (503) 555-0171 or our page, Hill Street Online." in texts
    assert "(503) 555-0172" in texts
    assert "No value: {clinic.phone}." in texts


# The ten pitfalls -----------------------------------------------------------------------------------------------------


def test_1_an_empty_value_never_prints_a_torn_sentence(tmp_path: Path) -> None:
    """It is an error where it is used, not in the profile; in a passage, once for all documents."""
    shelf = stock(tmp_path)
    assert not [one for one in told(shelf) if one.startswith("N08")]
    file = passage(shelf, "At night: {clinic.after_hours}.\n")
    change(shelf.handout, (CALL, "::: passage emergency\n:::"))
    change(shelf.consent, ("## Your decision", "::: passage emergency\n:::\n\n## Your decision"))
    (found,) = [one for one in told(shelf) if one.startswith("N08")]
    assert f"N08 {file.name}:8 '{{clinic.after_hours}}' stands for nothing" in found
    assert "Write 'after_hours' in clinic.toml, or take the sentence out. Used in 2 documents" in found
    assert printable(taken(shelf)).documents == ()


@pytest.mark.parametrize("value", ["**bold** <b>& [x](y)", "$5_000_000 *now*"])
def test_2_a_value_is_plain_text_and_prints_as_it_is(value: str, tmp_path: Path) -> None:
    shelf = shelf_with(tmp_path, "The fee: {policy.no_show_fee}.", MORE.replace("$25", value))
    assert f"The fee: {value}." in [text for _, text in handout_of(shelf).texts()]
    pages = printed(shelf)
    assert letters(value) in letters(pages)


@pytest.mark.parametrize(
    ("value", "message"),
    [("{clinic.phone}", "S20 clinic.toml:.* holds a brace"), ("one\\ntwo", "S16 clinic.toml:.* does not print")],
)
def test_2_a_value_holds_no_braces_and_no_line_ends(value: str, message: str, tmp_path: Path) -> None:
    shelf = shelf_with(tmp_path, "We call it {portal.name}.", MORE.replace("Hill Street Online", value))
    assert any(re.search(message, one) for one in told(shelf)), told(shelf)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("Write an {portal.name} note.", "The article 'an' stands before '{portal.name}'"),
        ("Call {policy.no_show_hours} hours before.", "'{policy.no_show_hours}' is '24 hours', and 'hours' follows"),
    ],
)
def test_3_a_value_is_a_whole_phrase(words: str, message: str, tmp_path: Path) -> None:
    found = [one for one in told(shelf_with(tmp_path, words)) if one.startswith("N11")]
    assert len(found) == 1
    assert message in found[0]


def test_3_a_number_is_written_with_its_unit_in_each_language(tmp_path: Path) -> None:
    shelf = shelf_with(tmp_path, "Call {policy.no_show_hours} before.", MORE.replace("hours = 24", "hours = 1"))
    spanish = shelf.handout.with_name("handout.es.md")
    spanish.write_text(
        shelf.handout.read_text(encoding="utf-8")
        .replace("language: en", "language: es")
        .replace("Call {policy.no_show_hours} before.", "Llame {policy.no_show_hours} antes."),
        encoding="utf-8",
    )
    texts = {one.file.name: [text for _, text in one.texts()] for one in taken(shelf).documents}
    assert "Call 1 hour before." in texts["handout.en.md"]
    assert "Llame 1 hora antes." in texts["handout.es.md"]


def test_4_a_patients_facts_never_come_into_running_text(tmp_path: Path) -> None:
    shelf = shelf_with(tmp_path, "Dear {patient.name}, call us.")
    (found,) = [one for one in told(shelf) if one.startswith("N09")]
    assert "handout.en.md:39 '{patient.name}' would print a person's facts" in found
    assert printable(taken(shelf)).documents == ()


def test_5_a_score_does_not_hang_on_the_clinics_name(tmp_path: Path) -> None:
    words = " ".join(["We at {clinic.name} will call you back soon."] * 12)
    short, long = (handout_of(shelf_with(tmp_path / str(number), words)) for number in (1, 2))
    shelf = Shelf(tmp_path / "2")
    change(shelf.clinic, ("Hill Street Clinic", "Interdisciplinary Otorhinolaryngological Rehabilitation Associates"))
    long = handout_of(shelf)
    assert "Otorhinolaryngological" in said(long)
    assert reading(long) == reading(short)


def test_5_claims_and_what_was_left_open_are_looked_for_in_the_real_text(tmp_path: Path) -> None:
    shelf = shelf_with(tmp_path, "We call it {portal.name}.", MORE.replace("Hill Street Online", "TBD"))
    assert [one for one in told(shelf) if one.startswith("C37 handout.en.md:39 'TBD'")]


def test_7_a_phone_number_and_a_website_are_links_with_a_spoken_name(every: Shelf) -> None:
    stock_ = taken(every)
    document = handout_of(every)
    assert stock_.clinic is not None
    request = Request(stock_.clinic, stock_.fonts, PageProfile(Paper.LETTER, Print.STANDARD))
    with pikepdf.open(BytesIO(press.produce(request.order(document)).pdf)) as pdf:
        links = {
            str(one.A.URI): str(one.Contents)
            for page in pdf.pages
            for one in page.get("/Annots", [])
            if one.get("/Subtype") == "/Link"
        }
    assert links["tel:+1-503-555-0190"] == "(503) 555-0190"
    assert links["https://hill.example"] == "hill.example"


@pytest.mark.parametrize("size", list(Print))
def test_7_the_longest_values_have_room_in_both_sizes(size: Print, tmp_path: Path) -> None:
    long = "Otorhinolaryngology and Rehabilitation of the Greater Columbia River Valley, Inc"
    words = "Send it to {privacy.officer}, in care of {portal.name}, or call {privacy.phone}."
    profile = MORE.replace("Ada Example", long).replace("Hill Street Online", long)
    shelf = shelf_with(tmp_path, words, profile)
    assert not [one for one in told(shelf) if one.startswith("B08")]
    assert letters(long) in letters(printed(shelf, size))
    change(shelf.clinic, (f'officer = "{long}"', f'officer = "{long}orporated"'))
    assert [one for one in told(shelf) if one.startswith("B08 clinic.toml:")]


def test_8_an_unknown_name_is_an_error_with_the_nearest_one(tmp_path: Path) -> None:
    found = told(shelf_with(tmp_path, "Call {clinic.fone}, {Clinic.Name} or {{clinic.phone}}."))
    assert any("There is no variable '{clinic.fone}'. Did you mean 'clinic.phone'?" in one for one in found)
    assert any("There is no variable '{Clinic.Name}'. Did you mean 'clinic.name'?" in one for one in found)
    assert any(one.startswith("C37 ") and "{{clinic.phone}}" in one for one in found)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("title: Having your ears rinsed", 'title: "{clinic.name}: your ears"'),
        (CALL, "::: fields\n- Call {clinic.phone} at: text {work.time}\n:::"),
    ],
)
def test_8_a_name_that_nobody_replaces_is_an_error(before: str, after: str, tmp_path: Path) -> None:
    shelf = stock(tmp_path)
    change(shelf.handout, (before, after))
    assert [one for one in told(shelf) if one.startswith("N10 handout.en.md:")], told(shelf)


@pytest.mark.parametrize("form", [False, True])
def test_9_no_clinic_shows_the_phone_of_another(form: bool, tmp_path: Path) -> None:
    """One text, two clinics: each prints its own values, and a typed number is warned of."""
    words = "Call {clinic.name} at {clinic.phone}, at night {clinic.after_hours}."
    shelf = shelf_with(tmp_path, words)
    if form:
        change(shelf.consent, ("## Your decision", f"{words}\n\n## Your decision"))
    text, riverside = shelf.consent if form else shelf.handout, ROOT / "samples" / "riverside" / "clinic.toml"
    ours, theirs = printed(shelf, text=text), printed(shelf, clinic=riverside, text=text)
    assert "555-0171" in ours
    assert "555-0142" in theirs
    for mine, other in (("555-0142", ours), ("555-0143", ours), ("555-0171", theirs), ("555-0172", theirs)):
        assert mine not in other
    change(shelf.handout, ("{clinic.phone}", "503.555.0171"))
    (found,) = [one for one in told(shelf) if one.startswith("N12")]
    assert "handout.en.md:39 '503.555.0171' was typed, and is a value of the profile. Write {clinic.phone}." in found


def test_10_another_fee_is_another_text_and_another_phone_is_not(tmp_path: Path) -> None:
    shelf = shelf_with(tmp_path, "A missed visit costs {policy.no_show_fee}. Call {clinic.phone}.")
    options = ["--kind", "handout", "--by", "Ada Example, ND", *shelf.options]
    assert forked("approve", "ear-rinse", *options).returncode == 0
    assert handout_of(shelf).review.state is ReviewState.APPROVED
    change(shelf.clinic, ("(503) 555-0171", "(503) 555-0199"))
    assert handout_of(shelf).review.state is ReviewState.APPROVED
    change(shelf.clinic, ('no_show_fee = "$25"', 'no_show_fee = "$40"'))
    document = handout_of(shelf)
    assert document.review.state is ReviewState.STALE
    assert "stale" in forked("list", *shelf.options).stdout
    why = lint.why_draft(document, DAY)
    assert '\'policy.no_show_fee\' is "$40", and was "$25"' in why
    assert any(why in one for one in told(shelf) if one.startswith("R05"))
    change(shelf.clinic, ("$40", "$25"))
    assert handout_of(shelf).review.state is ReviewState.APPROVED


# The profile ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("officer =", "oficer =", "S01 .* 'oficer' is unknown. Did you mean 'officer'"),
        ("[portal]\nname", "[portl]\nname", "S01 .* 'portl' is unknown. Did you mean 'portal'"),
        ("= 24", '= "a day"', "S03 .* whole number from 1 to 999"),
        ("2026-05-01", '"May"', "S04 .*notice_date"),
        ("(503) 555-0191", "5", "B05 .* too many or too few digits|B05"),
    ],
)
def test_the_profile_is_read_with_care(before: str, after: str, message: str, tmp_path: Path) -> None:
    shelf = shelf_with(tmp_path, CALL, MORE.replace(before, after))
    assert any(re.search(message, one) for one in told(shelf)), told(shelf)


@pytest.mark.parametrize(("region", "number"), [("GB", "999"), ("AU", "000"), ("DE", "112"), ("US", "911")])
def test_the_number_for_emergencies_is_that_of_the_country(region: str, number: str, tmp_path: Path) -> None:
    shelf = shelf_with(tmp_path, "Call {clinic.emergency}.")
    change(shelf.clinic, ('phone = "(503) 555-0171"', f'phone = "+1 503 555 0171"\nregion = "{region}"'))
    clinic, _ = library.examine_clinic(shelf.clinic, {"Clinic Sans"})
    assert clinic is not None
    assert clinic.emergency == number
    assert f"Call {number}." in [text for _, text in handout_of(shelf).texts()]


def test_a_text_without_variables_is_the_same_object(tmp_path: Path) -> None:
    shelf = stock(tmp_path)
    (before,) = [one for one in library.read_library(shelf.folder, today=DAY)[0] if one.file == shelf.handout]
    assert replace(handout_of(shelf)) == before
    assert plain_text(()) == ""


def test_nothing_that_names_a_value_is_approved_while_the_profile_cannot_be_read(tmp_path: Path) -> None:
    shelf = shelf_with(tmp_path, "A missed visit costs {policy.no_show_fee}.")
    shelf.clinic.write_text("name = ", encoding="utf-8")
    done = forked("approve", "ear-rinse", "--kind", "handout", "--by", "Ada Example, ND", *shelf.options)
    assert done.returncode == 3
    assert "names values of the clinic's profile, which has errors" in done.stderr
    assert not (shelf.handout.parent / "review.toml").exists()


def test_a_value_is_on_the_paper_above_the_first_heading_and_in_large_print(tmp_path: Path) -> None:
    shelf = shelf_with(tmp_path, CALL)
    passage(
        shelf, "Call {clinic.phone}, or see {clinic.website}.\n\n- By {policy.no_show_hours} before.\n", name="call"
    )
    change(shelf.handout, ("How we wash ear wax out with warm water", "::: passage call\n:::\n\nWe are {clinic.name}."))
    assert told(shelf) == []
    for size in Print:
        pages = letters(printed(shelf, size))
        for words in ("Call (503) 555-0171, or see hill.example.", "By 24 hours before.", "We are Hill Street Clinic."):
            assert letters(words) in pages
