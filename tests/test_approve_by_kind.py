"""Who may approve a text is the kind's, and what no program can know is asked and kept by name."""

import tomllib
from pathlib import Path

import pytest

from clinicpress.documents import KINDS
from tests.lint.shelf import Shelf, forked, stock

TEXT = """---
title: "Privacy notice: I got it"
kind: acknowledgement
language: en
form: K-1
effective: 2026-11-01
review_by: 2027-11-01
author: "A. Writer"
sources: ["45 CFR 164.520"]
use: privacy-notice
notice: Notice of Privacy Practices
notice_date: 2026-02-16
---

## You need not sign {#summary}

Your care is the same if you do not sign.

## What I got {#statement}

- I got the Notice of Privacy Practices of February 16, 2026.
"""
BY = ("approve", "privacy", "--kind", "acknowledgement", "--by", "Ada Example, office manager")


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    made = stock(tmp_path / "shelf")
    (made.folder / "privacy").mkdir()
    (made.folder / "privacy" / "acknowledgement.en.md").write_text(TEXT)
    return made


def test_a_clinician_does_not_stand_behind_a_managers_paper(shelf: Shelf) -> None:
    refused = forked(*BY, "--confirm", "Yes", *shelf.options)
    assert refused.returncode == 3
    assert "--role: A text of this kind (acknowledgement) is approved by a manager." in refused.stderr
    refused = forked(
        *("approve", "ear-rinse", "--kind", "consent", "--by", "Ada Example, office manager", "--role", "manager"),
        *shelf.options,
    )
    assert "is approved by a clinician" in refused.stderr
    assert not (shelf.folder / "privacy" / "review.toml").exists()


def test_what_no_program_can_know_is_asked_and_kept_by_name(shelf: Shelf) -> None:
    (question,) = KINDS["acknowledgement"].confirm
    refused = forked(*BY, "--role", "manager", *shelf.options)
    assert refused.returncode == 3
    assert f"Still open: {question.ask}" in refused.stderr
    done = forked(*BY, "--role", "manager", "--confirm", "Yes, I looked at the wall today", *shelf.options)
    assert done.returncode == 0, done.stderr
    (record,) = tomllib.loads((shelf.folder / "privacy" / "review.toml").read_text())["review"]
    assert record["by"] == "Ada Example, office manager"
    assert record["confirmed"] == {question.ask: "Yes, I looked at the wall today"}
    assert '"review_state": "approved"' in forked("list", "--json", *shelf.options).stdout


def test_an_answer_too_many_is_refused(shelf: Shelf) -> None:
    refused = forked(*BY, "--role", "manager", "--confirm", "Yes", "--confirm", "Yes", *shelf.options)
    assert "The kind asks 1 question(s); 2 answers were given." in refused.stderr


def test_an_answer_that_is_changed_by_hand_ends_the_approval(shelf: Shelf) -> None:
    assert forked(*BY, "--role", "manager", "--confirm", "Yes", *shelf.options).returncode == 0
    path = shelf.folder / "privacy" / "review.toml"
    path.write_text(path.read_text().replace('= "Yes"', '= "No"'))
    assert "was changed by hand" in forked("check", "privacy", *shelf.options).stdout
    listed = forked("list", "--json", *shelf.options).stdout
    assert '"review_state": "approved"' not in listed
