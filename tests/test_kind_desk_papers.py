"""The papers that a front desk hands out say what they must: a fact that is taken out of a starter is missed."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from clinicpress import library
from clinicpress.documents import KINDS
from clinicpress.documents.forms import messages_of
from clinicpress.documents.wordings import faults_of
from clinicpress.errors import Problem, Severity
from clinicpress.library.kinds import read_kinds
from clinicpress.lint.readability import reading
from clinicpress.words import words_in
from tests.instruments import extract
from tests.lint.shelf import as_spanish
from tests.starters import bring_passages, found_in, with_other_words
from tests.test_kinds import ran

ROOT = Path(__file__).parents[1]
Change = tuple[str, str]
SIDES = {
    "privacy-acknowledgement": 1,
    "share-my-records": 2,
    "my-records": 1,
    "how-we-reach-you": 1,
    "paying-and-missed-visits": 2,
    "health-history": 3,
}
"""The starters of this file, and on how many sides each is printed."""
OWN = ("access-request", "preferences", "history")
PSYCHOTHERAPY = (
    "We do not share psychotherapy notes with this form, nor records of a program for alcohol or drug care: "
)
SECOND_SIGNATURE = "\n::: fields\n- Signature for payment: signature {own.signature}\n:::\n"
BILLED = " If we do not yet know your part, we send you a bill after the visit."
HISTORY = (
    "identification, about-you, contact, insurance, language, visit-reason, problems, surgery, medicines, allergies, "
    "family, daily-life, pregnancy, anything-else, filled-in"
)


def without(block: str) -> Change:
    """The health history without one of its blocks."""
    return "form: ST-HX1", f"form: ST-HX1\nblocks: [{HISTORY.replace(f', {block}', '')}]"


TAKEN_OUT: Sequence[tuple[str, str, Sequence[Change]]] = (
    ("privacy-acknowledgement", "K01", [("- I got the Notice of Privacy Practices of this clinic.", "- I got it.")]),
    ("privacy-acknowledgement", "K02", [("- I got the Notice", "- I know the Notice")]),
    ("privacy-acknowledgement", "K04", [("receipt, not-obtained]", "receipt]")]),
    ("privacy-acknowledgement", "K06", [(" We treat you just the same if you do not sign.", "")]),
    (
        "privacy-acknowledgement",
        "K07",
        [
            ("## Where to find it again {#where}", "## More"),
            (" It hangs in our clinic. Ask our privacy officer about it.", ""),
            (" The front desk has copies.", ""),
        ],
    ),
    ("privacy-acknowledgement", "K08", [(" Ask our privacy officer about it.", "")]),
    ("share-my-records", "H01", [("identification, records, ", "identification, "), (PSYCHOTHERAPY, "")]),
    (
        "share-my-records",
        "H02",
        [("Our clinic, or the doctor or hospital that you write below.", ""), (" parties,", "")],
    ),
    ("share-my-records", "H03", [(" parties,", "")]),
    (
        "share-my-records",
        "H04",
        [("## Why {#purpose}\n\nIt is enough that you ask for it. You need not say more.\n", "")],
    ),
    (
        "share-my-records",
        "H05",
        [
            (" expiry,", ""),
            (
                (
                    "It ends on the day that you write, or when something happens that you name, such as the end of a "
                    "claim. Fill in"
                ),
                "Fill in",
            ),
        ],
    ),
    ("share-my-records", "H08", [("Write a letter to our front desk. ", "")]),
    ("share-my-records", "H08", [(" We cannot take back what we have already shared.", "")]),
    ("share-my-records", "H09", [("Your care here, what you pay", "What you pay")]),
    ("share-my-records", "H09", [(", what you pay, your health plan and your benefits stay", " stays")]),
    ("share-my-records", "H10", [("Whoever gets your records may pass them on. ", "")]),
    ("share-my-records", "H10", [(" Then privacy law may no longer protect them.", "")]),
    ("share-my-records", "H12", [(" copy,", "")]),
    ("share-my-records", "H13", [("as I wrote above.\n", f"as I wrote above.\n{SECOND_SIGNATURE}")]),
    (
        "paying-and-missed-visits",
        "P02",
        [(" Please pay your part at the front desk on the day of your visit.", ""), (BILLED, "")],
    ),
    ("paying-and-missed-visits", "P03", [("- Fee for a missed visit: text {policy.missed_fee} half\n", "")]),
    (
        "paying-and-missed-visits",
        "P03",
        [("- Call at least this many hours before: text {policy.missed_hours} half\n", "")],
    ),
    ("paying-and-missed-visits", "P03", [("Call us or send a message", "Think of us"), ("or call too late, ", "")]),
    (
        "paying-and-missed-visits",
        "P04",
        [("The fee is the same for everyone who pays it, with Medicare or with any other plan. ", "")],
    ),
    (
        "paying-and-missed-visits",
        "P05",
        [(" If you have Medicaid, you pay no such fee, and you do not sign for one.", "")],
    ),
    ("paying-and-missed-visits", "P06", [("a right to an estimate of the cost", "a choice")]),
    ("paying-and-missed-visits", "P08", [("Ask us now, or call {clinic.phone} later.", "Look here.")]),
    ("my-records", "A01", [("- I ask for a copy of the records that I ticked.\n", "- I read this.\n")]),
    ("my-records", "A02", [("form: ST-AR1", "form: ST-AR1\nblocks: [identification, send-to, authorizer]")]),
    ("my-records", "A02", [("form: ST-AR1", "form: ST-AR1\nblocks: [identification, records-wanted, authorizer]")]),
    ("my-records", "A03", [("within 30 days", "as soon as we can"), ("up to 30 more", "more"), ("; only once", "")]),
    ("my-records", "A04", [("You pay only for copying, for paper or a disc, and for postage. ", "")]),
    ("my-records", "A06", [("- If I tick e-mail, I want it and know that others may read it.\n", "")]),
    ("my-records", "A07", [("You have a right to a copy. ", "")]),
    ("how-we-reach-you", "E01", [("form: ST-PR1", "form: ST-PR1\nblocks: [identification, delegates, signer]")]),
    ("how-we-reach-you", "E04", [("10 business days at most", "a while")]),
    ("how-we-reach-you", "E04", [(" To stop or change them, I answer STOP or tell the clinic.", "")]),
    ("how-we-reach-you", "E05", [("Others may see a text or an e-mail, and your phone", "Your phone")]),
    ("how-we-reach-you", "E06", [(" You may name any phone or address, and need not say why.", "")]),
    ("how-we-reach-you", "E07", [("form: ST-PR1", "form: ST-PR1\nblocks: [identification, channels, signer]")]),
    ("how-we-reach-you", "E08", [(", and your phone plan may charge you", "")]),
    ("how-we-reach-you", "E09", [(" Never use them in an emergency: call **911**.", "")]),
    ("health-history", "Q03", [without("medicines")]),
    ("health-history", "Q03", [without("allergies")]),
    ("health-history", "Q04", [without("language")]),
    ("health-history", "Q05", [without("filled-in")]),
    ("health-history", "Q06", [without("filled-in")]),
    ("health-history", "Q07", [(" Leave any of them empty if you like.", ""), (" You can tell us in private.", "")]),
)
"""A fact of a starter, and the row that misses it."""
PUT_IN: Sequence[tuple[str, str, str, str]] = (
    ("privacy-acknowledgement", "K02", "statement", "I agree to the notice."),
    ("privacy-acknowledgement", "K90", "where", "You may share my records with my family."),
    ("privacy-acknowledgement", "K92", "where", "We cannot treat you unless you sign."),
    ("share-my-records", "H05", "expires", "This permission never ends."),
    ("share-my-records", "H11", "purpose", "I hereby say so."),
    ("share-my-records", "H16", "information", "Tick psychotherapy notes as well."),
    ("share-my-records", "H90", "revoke", "You hold the clinic harmless."),
    ("share-my-records", "H92", "statement", "A notary has to see it."),
    ("paying-and-missed-visits", "P90", "missed", "Medicaid patients pay the fee too."),
    ("paying-and-missed-visits", "P92", "unpaid", "Do not post bad reviews about us."),
    ("paying-and-missed-visits", "P93", "unpaid", "We hold your records until the bill is paid."),
    ("my-records", "A01", "statement", "I authorize the clinic to release my records."),
    ("my-records", "A01", "statement", "This form expires in one year."),
    ("my-records", "A03", "when", "Please allow 60 days."),
    ("my-records", "A90", "information", "State the purpose of your request."),
    ("my-records", "A91", "when", "We hold your records until your bill is paid."),
    ("my-records", "A92", "statement", "A notary has to see you sign."),
    ("my-records", "A93", "information", "Write your social security number."),
    ("my-records", "A94", "to", "You must come in person."),
    ("my-records", "A95", "cost", "There is a search fee."),
    ("how-we-reach-you", "E02", "channels", "We also send you offers."),
    ("how-we-reach-you", "E90", "channels", "We may text you unless you tell us not to."),
    ("how-we-reach-you", "E91", "channels", "You must agree to offers."),
    ("how-we-reach-you", "E92", "channels", "You may use any number I ever give."),
    ("health-history", "Q01", "contact", "Write your social security number."),
    ("health-history", "Q90", "filled-in", "I agree to be treated."),
    ("health-history", "Q90", "insurance", "I am responsible for all charges."),
    ("health-history", "Q90", "filled-in", "I authorize the clinic to release my records."),
)
"""What must never stand there: a sentence in the section with a role."""


def text_of(topic: str) -> tuple[str, str]:
    """The name of a starter's file, and its text."""
    path = next((ROOT / "starter" / topic).glob("*.en.md"))
    return path.name, path.read_text(encoding="utf-8")


def found(folder: Path, topic: str, name: str, text: str) -> list[Problem]:
    (folder / topic).mkdir()
    (folder / topic / name).write_text(text, encoding="utf-8")
    return found_in(folder)


@pytest.mark.parametrize("topic", SIDES)
def test_a_starter_is_easy_to_read_by_both_formulas(topic: str, tmp_path: Path) -> None:
    found(tmp_path, topic, *text_of(topic))
    (document,) = library.read_library(tmp_path)[0]
    assert max(reading(document).grades.values()) <= document.kind.grades[0]


@pytest.mark.parametrize("topic", SIDES)
def test_a_starter_has_no_error_and_few_warnings(topic: str, tmp_path: Path) -> None:
    problems = found(tmp_path, topic, *text_of(topic))
    assert [str(one) for one in problems if one.severity is Severity.ERROR] == []
    assert len(problems) <= 3, [str(one) for one in problems]


@pytest.mark.parametrize(("topic", "code", "changes"), TAKEN_OUT)
def test_a_fact_that_is_taken_out_is_missed(topic: str, code: str, changes: Sequence[Change], tmp_path: Path) -> None:
    name, text = text_of(topic)
    for old, new in changes:
        text = with_other_words(text, old, new, tmp_path)
    assert code in {one.code for one in found(tmp_path, topic, name, text)}


@pytest.mark.parametrize(("topic", "code", "role", "sentence"), PUT_IN)
def test_what_must_never_be_said_is_found(topic: str, code: str, role: str, sentence: str, tmp_path: Path) -> None:
    name, text = text_of(topic)
    heading = next(line for line in text.split("\n") if line.startswith("##") and f"{role}" in line.partition("{")[2])
    changed = text.replace(heading, f"{heading}\n\n{sentence}")
    told = [one for one in found(tmp_path, topic, name, changed) if one.code == code]
    assert [one.sentence for one in told if sentence in one.sentence]


def test_offers_need_a_yes_of_their_own(tmp_path: Path) -> None:
    name, text = text_of("how-we-reach-you")
    text = text.replace("form: ST-PR1", "form: ST-PR1\nblocks: [identification, channels, delegates, signer]")
    text += "\n## News {#offers}\n\nWe send you offers by text.\n"
    assert "E03" in {one.code for one in found(tmp_path, "how-we-reach-you", name, text)}


def test_a_permission_to_talk_does_not_belong_into_an_acknowledgement(tmp_path: Path) -> None:
    name, text = text_of("privacy-acknowledgement")
    text += "\n::: fields\n- You may talk about my care with: text {release.who}\n:::\n"
    told = {
        one.code for one in found(tmp_path, "privacy-acknowledgement", name, text) if one.severity is Severity.ERROR
    }
    assert told == {"K90"}


@pytest.mark.parametrize(
    ("code", "field"),
    [("Q01", "Your religion: text {own.religion}"), ("Q90", "Sign here: signature {own.signature}")],
)
def test_a_history_asks_what_is_used_and_nobody_signs_it(code: str, field: str, tmp_path: Path) -> None:
    name, text = text_of("health-history")
    text += f"\n::: fields\n- {field}\n:::\n"
    assert code in {one.code for one in found(tmp_path, "health-history", name, text)}


@pytest.mark.parametrize("topic", SIDES)
def test_every_core_element_of_a_starter_is_taken_out_once(topic: str) -> None:
    kind = KINDS[text_of(topic)[0].split(".")[0]]
    asked = {code for code, one in kind.elements.items() if one.core and not set(one.tests) <= {"never"}}
    by_block = {code for block in kind.known_blocks.values() if block.name == kind.signed_in for code in block.elements}
    assert asked - by_block <= {code for there, code, _ in TAKEN_OUT if there == topic}


@pytest.mark.parametrize("name", [*OWN, "acknowledgement", "authorization", "policy"])
def test_the_words_of_a_kind_match_their_sentences_and_no_others(name: str, tmp_path: Path) -> None:
    kind = KINDS[name]
    assert {phrase: list(faults_of(row)) for phrase, row in kind.phrases.items() if list(faults_of(row))} == {}
    own = tmp_path / f"our-{name}.toml"
    own.write_text(f'extends = "{name}"\ncalled = "Our own"\n')
    assert read_kinds(tmp_path)[1] == [], "a clinic could not extend it"


@pytest.mark.parametrize("name", OWN)
def test_all_that_a_kind_prints_is_there_in_spanish(name: str) -> None:
    kind = KINDS[name]
    words = words_in("es")
    said = [kind.called, kind.on_page, *kind.places.values(), *kind.agrees.values()]
    said += [message for block in kind.known_blocks.values() for message in messages_of(block)]
    assert all(kind.said(message, words) for message in said if message)


def test_a_form_is_printed_in_spanish(tmp_path: Path) -> None:
    for topic in SIDES:
        name, text = text_of(topic)
        (tmp_path / topic).mkdir()
        (tmp_path / topic / name.replace(".en.", ".es.")).write_text(as_spanish(text), encoding="utf-8")
    bring_passages(tmp_path, "es")
    made = ran(ROOT, "build", "--handouts", str(tmp_path), "--out", str(tmp_path / "out"))
    assert made.returncode == 0, made.stderr


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The starters on paper, in standard print."""
    out = tmp_path_factory.mktemp("printed")
    made = ran(ROOT, "build", *SIDES, "--handouts", "starter", "--out", str(out))
    assert made.returncode == 0, made.stderr
    return out


@pytest.mark.parametrize(("topic", "sides"), SIDES.items())
def test_a_starter_has_its_number_of_sides_and_prints_as_a_draft(topic: str, sides: int, printed: Path) -> None:
    name = text_of(topic)[0].removesuffix(".md")
    pages = extract.poppler_pages(printed / topic / f"{name}.pdf")
    assert len(pages) == sides
    assert all("DRAFT" in page for page in pages)
