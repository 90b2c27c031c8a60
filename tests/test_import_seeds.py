"""Word files made by seed come over whole: no word lost, none changed, none under another heading."""

import re
from datetime import date
from pathlib import Path

import pytest

from clinicpress.library.imports import read_foreign
from clinicpress.library.markdown import read_markdown
from tests.word_files import Expected, Maker

TODAY = date(2026, 12, 1)
SEEDS = [*range(40), *(pytest.param(seed, marks=pytest.mark.soak) for seed in range(40, 200))]


def faults(expected: Expected, text: str, told: str, path: Path) -> list[str]:
    """What the document of a file says that the file does not."""
    body = text.split("---\n", 2)[2].replace("**", "")  # a part of a word may be bold
    reading = read_markdown(body, path, 1, ())
    found = []
    places = re.split(r"^## ", body, flags=re.MULTILINE)
    for heading, words in expected.sections.items():
        own = [place for place in places if re.match(rf"Of {heading}\b", place)] if heading != "notes" else places
        if heading != "notes" and len(own) != 1:
            found.append(f"the heading {heading} stands {len(own)} times")
        for word in words:
            if len(re.findall(rf"\b{word}\b", body)) != 1:
                found.append(f"{word} stands {len(re.findall(word, body))} times")
            elif not any(re.search(rf"\b{word}\b", place) for place in own):
                found.append(f"{word} stands under another heading than {heading}")
    found += [f"{one} is not told as left out" for one in expected.told if one in body or one not in told]
    found += [f"{one!r} is changed" for one in expected.snippets if one not in body]
    found += [fault for label, word in expected.items for fault in other_label(label, word, body)]
    found += [fault for table in expected.tables for fault in moved_cells(table, body)]
    if len(reading.notes) != len(expected.sections.get("notes", ())):
        found.append(f"{len(reading.notes)} notes are there")
    return found


def other_label(label: str, word: str, body: str) -> list[str]:
    """What is wrong with what stands before an item: its number, or a sign in its words."""
    before = re.search(rf"^( *)(\d+[.)] |[-*] )(.*?){word}", body, re.MULTILINE)
    shown = before and (before[2][:-2] if label.isdigit() else before[3].strip())
    return [] if shown == label else [f"{word} has {shown} before it, not {label}"]


def moved_cells(table: list[list[str]], body: str) -> list[str]:
    """The words of a table that stand in another row or column than in the file."""
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in body.split("\n") if line.startswith("|")]
    at = {word: (row, column) for row, cells in enumerate(rows) for column, word in enumerate(cells)}
    first = at.get(table[0][1])
    if first is None:
        return [f"the table of {table[0]} is none"]
    start = (first[0], first[1] - 1)
    found = []
    for number, cells in enumerate(row for row in table if any(row)):  # a row that is covered as a whole is none
        for column, word in enumerate(cells):
            wanted = (start[0] + number + (number > 0), start[1] + column)  # a line of strokes is below the head
            if word and at.get(word) != wanted:
                found.append(f"{word} stands at {at.get(word)}, not at {wanted}")
    return found


@pytest.mark.parametrize("seed", SEEDS)
def test_no_word_of_a_word_file_is_lost_changed_or_under_another_heading(seed: int, tmp_path: Path) -> None:
    path = tmp_path / "made.docx"
    expected = Maker(seed).made(path)
    made = read_foreign(path, TODAY)
    told = " ".join(remark.words for remark in made.remarks)
    assert faults(expected, made.text, told, path) == []
    assert made.lost == 0


def test_the_faults_of_a_document_are_found(tmp_path: Path) -> None:
    path = tmp_path / "made.docx"
    expected = next(one for seed in range(99) if (one := Maker(seed).made(path)).tables and one.snippets and one.items)
    made = read_foreign(path, TODAY)
    told = " ".join(remark.words for remark in made.remarks)
    word = next(iter(expected.sections.values()))[0]
    label, item = expected.items[0]
    cell = expected.tables[0][1][0] or expected.tables[0][0][0]
    for old, new in ((word, ""), (word, f"{word} {word}"), (item, f"9) {item}"), (cell, f" | {cell}")):
        assert old in made.text
        assert faults(expected, made.text.replace(old, new), told, path) != [], (old, new, label)
    assert faults(expected, made.text.replace(expected.snippets[0], ""), told, path) != []
    headings = re.findall(r"^## .*$", made.text, re.MULTILINE)
    swapped = made.text.replace(headings[0], "\0").replace(headings[1], headings[0]).replace("\0", headings[1])
    assert faults(expected, swapped, told, path) != []
