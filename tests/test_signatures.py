"""Whose signature a form asks for, and which date and time stand beside it: known from labels and their order."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from clinicpress import library
from clinicpress.lint.consent_signatures import FOR_OTHERS, FOR_THE_PATIENT, Signatory, signatures
from clinicpress.lint.phrases import said
from tests.lint.shelf import change, stock

STATEMENT = "I was told what will be done and what may go wrong."
P, C, T = Signatory.PATIENT, Signatory.CLINICIAN, Signatory.THIRD_PERSON


def asked(folder: Path, fields: Sequence[str], heading: str = "") -> list[tuple[Signatory, bool, bool]]:
    """Reads a form with these fields of its own: who signs it, and whether date and time are asked beside it."""
    shelf = stock(folder)
    rows = [f"- {one} {{own.f{number}}}" for number, one in enumerate(fields)]
    own = "\n".join(["\n::: fields", *rows, ":::"])
    words = f"{STATEMENT}\n{own}" if not heading else f"{STATEMENT}\n\n## {heading}\n{own}"
    change(shelf.consent, (STATEMENT, words))
    documents, problems = library.read_library(folder)
    assert not [one for one in problems if one.code == "S25"]
    form = next(one for one in documents if one.kind.is_form)
    return [(one.signer, one.has_date, one.has_time) for one in signatures(form)]


@pytest.mark.parametrize(
    ("label", "signer"),
    [
        ("Signature", P),
        ("Sign here", P),
        ("Patient's signature", P),
        ("Signature of patient or parent", P),
        ("Health care agent", P),
        ("Next of kin, for the patient", P),
        ("Person giving consent", P),
        ("Your name in ink", P),
        ("Clinician's signature", C),
        ("RN", C),
        ("Jane Poe, MD", C),
        ("Acupuncturist", C),
        ("Radiographer", C),
        ("Signature of the person obtaining consent from the patient", C),
        ("Explained by", C),
        ("Technician", C),
        ("Witness to the patient's signature", T),
        ("Notary public", T),
        ("Translator for you", T),
        ("Insurance representative", T),
    ],
)
def test_a_label_says_whose_signature_it_is(label: str, signer: Signatory, tmp_path: Path) -> None:
    assert [one for one, _, _ in asked(tmp_path, [f"{label}: signature"])] == [signer]


@pytest.mark.parametrize(
    ("fields", "signers"),
    [
        (["Signature: signature", "Date: date", "Time: time"], [(P, True, True)]),
        (["Date: date", "Time: time", "Signature: signature"], [(P, True, True)]),
        (["Signature: signature", "Date signed: date"], [(P, True, False)]),
        (["Signature: signature", "Date of birth: date", "Time of last meal: time"], [(P, False, False)]),
        (["Signature: signature", "Date of the operation: date", "Arrival time: time"], [(P, False, False)]),
        (
            ["Signature: signature", "Nurse: signature", "Date: date", "Time: time"],
            [(P, False, False), (C, True, True)],
        ),
        (
            ["Name of the nurse: text", "Signature: signature", "Date: date", "Time: time"],
            [(C, True, True)],
        ),
    ],
)
def test_a_date_belongs_to_the_signature_beside_it(
    fields: list[str], signers: list[tuple[Signatory, bool, bool]], tmp_path: Path
) -> None:
    assert asked(tmp_path, fields) == signers


def test_a_heading_says_whose_the_signatures_below_it_are(tmp_path: Path) -> None:
    assert asked(tmp_path, ["Signature: signature"], "For the clinician") == [(C, False, False)]


def test_a_signature_above_the_first_heading_counts_as_well(tmp_path: Path) -> None:
    shelf = stock(tmp_path)
    opening = "::: fields\n- Signature: signature {own.first}\n- Date: date {own.day}\n- Time: time {own.time}\n:::\n\n"
    change(shelf.consent, ("## What it is {#definition}", f"{opening}## What it is {{#definition}}"))
    form = next(one for one in library.read_library(tmp_path)[0] if one.kind.is_form)
    assert [(one.signer, one.has_date, one.has_time) for one in signatures(form)] == [(P, True, True)]


@pytest.mark.parametrize(
    ("label", "stands"),
    [
        ("Person consenting for the patient", True),
        ("Signing for somebody else? Say who you are", True),
        ("Surrogate", True),
        ("Guardian, and by which right", True),
        ("Insurance representative", False),
        ("Referring doctor", False),
    ],
)
def test_who_may_sign_for_the_patient_is_told_from_other_representatives(label: str, stands: bool) -> None:
    assert (said(FOR_THE_PATIENT, label) and not said(FOR_OTHERS, label)) is stands
