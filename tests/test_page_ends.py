"""What a page end parts stays one: pdf.js and poppler read a parted paragraph, list and table whole and in order."""

import re
from dataclasses import dataclass, field

import pytest

from tests import prints
from tests.attempts import Attempt, attempt
from tests.instruments.extract import normalise
from tests.instruments.tagtree import poppler_tree, tagged_pages
from tests.prints import Element

PARAGRAPH = " ".join(f"Sentence {number} of this paragraph says that the wrap is warm." for number in range(1, 81))
ITEMS = [f"Item {number} of this list tells you to rest the knee." for number in range(1, 46)]
ROWS = [(f"Food {number}", f"{number} cups", f"{37 * number} mg") for number in range(1, 46)]
TEXT = f"""---
title: Parts that are longer than a page
kind: handout
language: en
form: PE-1
effective: 2026-01-01
review_by: 2027-11-22
author: A tester
sources: ["own"]
---

## What it is {{#definition}}

A wrap is a soft band.

## How it works {{#mechanism}}

{PARAGRAPH}

## What may help {{#benefits}}

It may ease pain.

## What to weigh {{#drawbacks}}

The skin may get sore.

## What to expect {{#expect}}

{"".join(f"{number}. {item}" + chr(10) for number, item in enumerate(ITEMS, start=1))}
## Your food

| Food | Portion | Potassium |
|---|---|---|
{"".join(f"| {' | '.join(row)} |" + chr(10) for row in ROWS)}
"""


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> Attempt:
    folder = tmp_path_factory.mktemp("long")
    source = folder / "handouts" / "long" / "handout.en.md"
    source.parent.mkdir(parents=True)
    source.write_text(TEXT, encoding="utf-8")
    return attempt(source, folder / "out")


@pytest.fixture(scope="module")
def elements(long: Attempt) -> list[Element]:
    """The elements of the tag tree with the words that pdf.js gives for each page."""
    assert long.code == 0, long.errors
    return prints.elements(long.pdf, tagged_pages(long.pdf))


def test_the_text_with_long_parts_prints_without_a_finding(long: Attempt) -> None:
    assert long.faults(may_be_refused=False) == []


def test_pdfjs_reads_a_parted_paragraph_whole(elements: list[Element]) -> None:
    (found,) = [one for one in elements if one.role == "P" and one.text.startswith("Sentence 1 ")]
    assert len(found.pages) > 1
    assert found.letters == "".join(PARAGRAPH.split())


def test_pdfjs_reads_a_parted_list_whole(elements: list[Element]) -> None:
    (found,) = [one for one in elements if one.role == "L" and "Item 1 " in one.text]
    assert len(found.pages) > 1
    assert found.letters == "".join(f"{number}.{item}" for number, item in enumerate(ITEMS, start=1)).replace(" ", "")
    assert len([one for one in elements if one.role == "LI" and "of this list" in one.text]) == len(ITEMS)


def test_pdfjs_reads_a_parted_table_whole_and_its_head_once(elements: list[Element]) -> None:
    (found,) = [one for one in elements if one.role == "Table"]
    assert len(found.pages) > 1
    rows = [("Food", "Portion", "Potassium"), *ROWS]
    assert found.letters == "".join("".join(row) for row in rows).replace(" ", "")
    assert len([one for one in elements if one.role == "TR"]) == len(rows)
    assert len([one for one in elements if one.role == "THead"]) == 1


# Poppler --------------------------------------------------------------------------------------------------------------


@dataclass
class Node:
    role: str
    words: str = ""
    inside: list["Node"] = field(default_factory=list)

    def all(self, role: str) -> list["Node"]:
        return [node for one in self.inside for node in ([one] if one.role == role else []) + one.all(role)]

    @property
    def letters(self) -> str:
        return "".join(self.words.split()) + "".join(one.letters for one in self.inside)


@pytest.fixture(scope="module")
def tree(long: Attempt) -> Node:
    """What `pdfinfo -struct-text` prints, as a tree by its margins."""
    assert long.code == 0, long.errors
    root = Node("Root")
    above: list[tuple[int, Node]] = [(-1, root)]
    for row in poppler_tree(long.pdf).splitlines():
        margin = len(row) - len(row.lstrip())
        if said := re.fullmatch(r'\s*"(.*)"', row):
            above[-1][1].words += normalise(said[1]) + " "
        elif not row.lstrip().startswith("/"):  # an attribute
            while above[-1][0] >= margin:
                above.pop()
            node = Node(row.split()[0].rstrip(":"))
            above[-1][1].inside.append(node)
            above.append((margin, node))
    return root


def test_poppler_reads_a_parted_paragraph_whole(tree: Node) -> None:
    found = [one for one in tree.all("P") if one.letters.startswith("Sentence1of")]
    assert ["".join(PARAGRAPH.split())] == [one.letters for one in found]


def test_poppler_reads_a_parted_list_whole(tree: Node) -> None:
    (found,) = [one for one in tree.all("L") if "Item1of" in one.letters]
    assert [one.letters for one in found.all("LBody")] == [item.replace(" ", "") for item in ITEMS]
    assert [one.letters for one in found.all("Lbl")] == [f"{number}." for number in range(1, len(ITEMS) + 1)]


def test_poppler_reads_a_parted_table_whole_and_its_head_once(tree: Node) -> None:
    (found,) = tree.all("Table")
    cells = [one.letters for row in found.all("TR") for one in row.inside]
    assert cells == [cell.replace(" ", "") for row in [("Food", "Portion", "Potassium"), *ROWS] for cell in row]
