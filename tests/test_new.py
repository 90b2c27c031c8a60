"""`new` makes a skeleton that is sound in structure and cannot be printed before each section was written."""

import json
import re
from pathlib import Path

import pytest

from clinicpress import library
from clinicpress.documents import KINDS, LANGUAGES
from tests.lint.shelf import Shelf, forked, stock


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return stock(tmp_path / "shelf")


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_a_skeleton_is_sound_in_structure_and_has_a_to_do_in_each_section(language: str, shelf: Shelf) -> None:
    ran = forked("new", "knee-brace", "--lang", language, *shelf.options)
    paths = [shelf.folder / "knee-brace" / f"{kind}.{language}.md" for kind in ("handout", "consent")]
    assert (ran.returncode, ran.stdout.splitlines(), ran.stderr) == (0, [str(path) for path in paths], "")
    ran = forked("check", "--words", "knee-brace", "--json", *shelf.options)
    assert ran.returncode == 2
    problems = [one for one in json.loads(ran.stdout)["problems"] if "knee-brace" in one["file"]]
    assert [one for one in problems if one["code"].startswith("S") or one["rule"] == "missing-role"] == []
    documents, faults = library.read_library(shelf.folder, ["knee-brace"])
    assert faults == []
    for document in documents:
        assert tuple(section.roles[0] for section in document.sections) == tuple(document.kind.roles)
        open_lines = {one["line"] for one in problems if one["code"] == "C37" and one["file"] == str(document.file)}
        assert {section.blocks[0].line for section in document.sections} <= open_lines
        assert {document.lines[key] for key in ("title", "form", "author", "sources")} <= open_lines


def test_a_skeleton_cannot_be_printed(shelf: Shelf, tmp_path: Path) -> None:
    assert forked("new", "knee-brace", *shelf.options).returncode == 0
    ran = forked("build", "knee-brace", "--out", str(tmp_path / "out"), *shelf.options)
    assert ran.returncode == 2
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("there", ["handout.en.md", "consent.en.md"])
def test_a_skeleton_never_overwrites(there: str, shelf: Shelf) -> None:
    path = shelf.folder / "knee-brace" / there
    path.parent.mkdir()
    path.write_text("mine")
    ran = forked("new", "knee-brace", *shelf.options)
    assert (ran.returncode, ran.stdout) == (3, "")
    assert re.search("is there already.*left as it is", ran.stderr)
    assert [one.name for one in path.parent.iterdir()] == [there]
    assert path.read_text() == "mine"


@pytest.mark.parametrize("topic", ["Knee", "a/b", "..", "a" * 61])
def test_a_topic_that_cannot_be_a_folder_is_refused(topic: str, shelf: Shelf) -> None:
    ran = forked("new", topic, *shelf.options)
    assert ran.returncode == 3
    assert "cannot name a topic" in ran.stderr


def test_the_answer_as_json_names_the_files(shelf: Shelf) -> None:
    ran = forked("new", "knee-brace", "--json", *shelf.options)
    assert [Path(name).name for name in json.loads(ran.stdout)["files"]] == ["handout.en.md", "consent.en.md"]


def test_a_skeleton_is_dated_by_the_day_that_it_is_taken_to_be(shelf: Shelf) -> None:
    assert forked("new", "knee-brace", *shelf.options[:-1], "2028-02-29").returncode == 0
    text = (shelf.folder / "knee-brace" / "handout.en.md").read_text(encoding="utf-8")
    assert "effective: 2028-02-29\nreview_by: 2029-02-28\n" in text


@pytest.mark.parametrize("kind", sorted(name for name, one in KINDS.items() if not one.is_fixed))
def test_the_front_matter_of_each_kind_reads_well_as_it_is_written(kind: str, shelf: Shelf, tmp_path: Path) -> None:
    note = tmp_path / "note.txt"
    note.write_text("About the knee\n\nHow is it done?\n\nWe put a brace on your knee.\n", encoding="utf-8")
    for ran in (
        forked("new", "knee-brace", "--kind", kind, *shelf.options),
        forked("import", str(note), "--topic", "knee-note", "--kind", kind, *shelf.options),
    ):
        assert ran.returncode == 0, ran.stderr
    _, faults = library.read_library(shelf.folder, ["knee-brace", "knee-note"])
    assert [one for one in faults if one.rule in {"bad-front-matter", "wrong-type", "bad-date"}] == []
