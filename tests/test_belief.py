"""`check` says what it believes, since the program does not know enough of a language."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from clinicpress import words
from clinicpress.cli import main
from clinicpress.documents import document as documents
from clinicpress.lint import belief
from tests import prints
from tests.lint.shelf import EXAMPLES, TODAY

ALL = {"number words", "units", "words that deny", "small words"}


@pytest.mark.parametrize(
    ("tag", "held", "judged"),
    [
        ("en", set(), {"reading grade", "claims and turns of phrase", "slips of typing and doses"}),
        ("es", {"reading grade"}, {"what its sections tell", "slips of typing and doses", *ALL}),
        ("vi", {"reading grade", "claims and turns of phrase", "what its sections tell"}, ALL),
        ("vi", {"slips of typing and doses", "medical words outside the glossary"}, ALL),
    ],
)
def test_what_no_rule_looks_for_in_a_language_is_believed(tag: str, held: set[str], judged: set[str]) -> None:
    one = prints.consent()
    found = set(belief.believed(replace(one, language=tag, original=one if tag != "en" else None)))
    assert found >= held
    assert found.isdisjoint(judged)


def test_a_language_of_a_name_alone_is_believed_in_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(words, "LANGUAGE_ROWS", {**words.LANGUAGE_ROWS, "so": words.Language("Soomaali")})
    monkeypatch.setattr(belief, "LANGUAGES", {**documents.LANGUAGES, "so": "Soomaali"})
    one = prints.consent()
    assert set(belief.believed(replace(one, language="so", original=one))) >= {"reading grade", *ALL}
    assert ALL.isdisjoint(belief.believed(replace(one, language="so", original=None)))


def test_check_says_it_in_a_line_a_document_and_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copytree(EXAMPLES / "T07" / "good", tmp_path / "handouts")
    clinic = EXAMPLES / "B01" / "good" / "clinic.toml"
    shelf = ("--handouts", str(tmp_path / "handouts"), "--clinic", str(clinic), "--today", TODAY, "--words")
    main(["check", *shelf])
    lines = [one for one in capsys.readouterr().out.splitlines() if "not judged in" in one]
    assert len(lines) == 1
    assert "handout.es.md: not judged in Español, so have it read for: reading grade" in lines[0]
    main(["check", *shelf, "--json"])
    told = json.loads(capsys.readouterr().out)["believed"]
    assert {Path(file).name: what[:1] for file, what in told.items()} == {"handout.es.md": ["reading grade"]}
