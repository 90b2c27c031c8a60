"""The judge is judged: each fault that is planted in a printed document is seen, and sound documents have none."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from PIL import Image

from tests.instruments.judge import judge
from tests.instruments.paper import Paper, Sign
from tests.instruments.paper_reading import read_paper
from tests.lint.shelf import forked
from tests.prints import CLINICS, EVERYTHING, ROOT, TODAY, TOPIC, Library, Wanted, each

TEXT = """---
title: A wrap for the knee
kind: handout
language: en
form: KW-1
effective: 2026-01-01
review_by: 2027-11-22
author: A tester
sources: ["own"]
---

## What it is {#definition}

A **wrap** is a soft band. It keeps the knee warm. You can buy it in most shops.

## How it works {#mechanism}

1. Wash the knee.
2. Dry the knee.
3. Put on the wrap.

Wait until the skin is dry.

![A red square.](square.png "The wrap is red.")

## What may help {#benefits}

- It may ease pain.
- It does so for an hour.

## What to weigh {#drawbacks}

- The skin may get sore.

## What to expect {#expect}

| Day | Morning | Night |
|---|---|---|
| Monday | ten minutes | one hour |
| Tuesday | two hours | no wrap |
"""
REST = "\n## More words\n\n" + "\n\n".join(
    f"Line {number} says that the band is number {number}." for number in range(30)
)


@dataclass(frozen=True)
class Sound:
    """A printed document without a fault, and what it was made from."""

    pdf: Path
    source: Path
    facts: dict[str, Any]
    paper: Paper

    def rules(self, pdf: Path, **facts: Any) -> set[str]:
        """The rules that a changed copy breaks."""
        return {one.rule for one in judge(pdf, self.source, CLINICS["shipped"], self.facts | facts)}


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Sound:
    """The text above in pages."""
    folder = tmp_path_factory.mktemp("sound")
    topic = folder / "handouts" / "knee"
    topic.mkdir(parents=True)
    Image.new("RGB", (300, 200), "#aa2222").save(topic / "square.png")
    (topic / "handout.en.md").write_text(TEXT + REST, encoding="utf-8")
    out = folder / "out"
    done = forked("build", "knee", "--handouts", str(folder / "handouts"), "--out", str(out), "--today", TODAY)
    assert done.returncode == 0, done.stderr
    facts = json.loads((out / "manifest.json").read_text())["files"][0]
    pdf = out / facts["file"]
    return Sound(pdf, topic / "handout.en.md", facts, read_paper(pdf))


def test_the_sound_document_has_no_finding(sound: Sound) -> None:
    assert [str(one) for one in judge(sound.pdf, sound.source, CLINICS["shipped"], sound.facts)] == []


# How a fault is planted -----------------------------------------------------------------------------------------------

Instruction = tuple[Sequence[Any], Any]
Edit = Callable[[list[Instruction]], list[Instruction]]
Where = Callable[[Sound, Sign], Edit]


def marked(sound: Sound, words: str) -> tuple[int, int]:
    """Page (from 0) and number of the marked content that begins with these words."""
    letters: dict[int, str] = {}
    for sign in sound.paper.signs:
        letters[sign.owner] = letters.get(sign.owner, "") + sign.text
    owner = next(owner for owner, said in letters.items() if said.startswith(words.replace(" ", "")))
    page, mark = sound.paper.marks[owner]
    return page - 1, mark


def instructions(pdf: pikepdf.Pdf, page: int) -> list[Instruction]:
    return [(list(operands), operator) for operands, operator in pikepdf.parse_content_stream(pdf.pages[page])]


def bounds(content: Sequence[Instruction], mark: int) -> tuple[int, int]:
    """Where a marked content begins and ends."""
    begins = (
        at for at, (given, name) in enumerate(content) if str(name) == "BDC" and given[1].get("/MCID", -1) == mark
    )
    start = next(begins)
    return start, next(at for at in range(start, len(content)) if str(content[at][1]) == "EMC") + 1


def changed(sound: Sound, target: Path, word: str, edit: Edit) -> Path:
    """A copy in which the marked content with this word was changed by `edit`."""
    with pikepdf.open(sound.pdf) as pdf:
        page, mark = marked(sound, word)
        content = instructions(pdf, page)
        start, end = bounds(content, mark)
        content[start:end] = edit(content[start:end])
        pdf.pages[page].obj.Contents = pdf.make_stream(pikepdf.unparse_content_stream(content))
        pdf.save(target)
    return target


def moved(across: float, up: float) -> Edit:
    """By points. The pages are drawn in pixels of 0.75 points, from the top down."""

    def edit(content: list[Instruction]) -> list[Instruction]:
        for operands, operator in content:
            if str(operator) == "Tm":
                operands[4] = float(operands[4]) + across / 0.75  # type: ignore[index]
                operands[5] = float(operands[5]) - up / 0.75  # type: ignore[index]
        return content

    return edit


def first_sign(sound: Sound, words: str) -> Sign:
    page, mark = marked(sound, words)
    owner = next(owner for owner, place in sound.paper.marks.items() if place == (page + 1, mark))
    return next(sign for sign in sound.paper.signs if sign.owner == owner)


def placed(x: float | None, y: float | None) -> Where:
    """To a place on the page, in points."""
    return lambda sound, sign: moved(0 if x is None else x - sign.box[0], 0 if y is None else y - sign.box[1])


def beside(words: str, up: float) -> Where:
    """To where other words begin, or `up` points above them."""

    def where(sound: Sound, sign: Sign) -> Edit:
        other = first_sign(sound, words)
        assert sign.page == other.page
        return moved(other.box[0] - sign.box[0], other.box[1] - sign.box[1] + up)

    return where


def within_the_picture(sound: Sound, sign: Sign) -> Edit:
    left, bottom, _, _ = next(ink.box for ink in sound.paper.ink if ink.picture and ink.page == sign.page)
    return moved(left + 20 - sign.box[0], bottom + 20 - sign.box[1])


def shown(name: str, content: list[Instruction]) -> list[Instruction]:
    return [one for one in content if str(one[1]) == name]


def without_words(content: list[Instruction]) -> list[Instruction]:
    return [one for one in content if str(one[1]) != "TJ"]


def twice(content: list[Instruction]) -> list[Instruction]:
    """The same words once more, in the same marked content, some lines lower."""
    text = content[1:-1]
    again = [([*operands], operator) for operands, operator in text]
    for operands, operator in again:
        if str(operator) == "Tm":
            operands[5] = float(operands[5]) + 24
    return [content[0], *text, *again, content[-1]]


def without_glyph(content: list[Instruction]) -> list[Instruction]:
    for operands, _ in shown("TJ", content):
        operands[0][0] = pikepdf.String(b"\0\0")
    return content


def clipped(content: list[Instruction]) -> list[Instruction]:
    return _from(b"q 0 0 5 5 re W n", content, b"Q")


def painted_over(content: list[Instruction]) -> list[Instruction]:
    return _from(b"", content, b"/Artifact BMC q 1 1 1 rg 0 0 3000 3000 re f Q EMC")


def unseen(content: list[Instruction]) -> list[Instruction]:
    return _from(b"3 Tr", content, b"0 Tr")


def furniture(content: list[Instruction]) -> list[Instruction]:
    """The words as an artifact, over whatever stands there."""
    return _from(b"/Artifact BMC", content[1:-1], b"EMC")


def twice_as_furniture(content: list[Instruction]) -> list[Instruction]:
    again = [([*operands], operator) for operands, operator in content[1:-1]]
    for operands, operator in again:
        if str(operator) == "Tm":
            operands[4] = float(operands[4]) + 20  # else pdfium takes it for the same words, printed bold
    return [*content, *furniture([content[0], *again, content[-1]])]


def _from(before: bytes, content: list[Instruction], after: bytes) -> list[Instruction]:
    return [*_parsed(before), *content, *_parsed(after)]


def _parsed(words: bytes) -> list[Instruction]:
    with pikepdf.new() as pdf:
        return [
            (list(operands), operator) for operands, operator in pikepdf.parse_content_stream(pdf.make_stream(words))
        ]


MOVED: dict[str, tuple[str, Where, str]] = {
    "off the paper": ("Wash the knee.", placed(None, -500), "outside"),
    "to the very edge": ("Wash the knee.", placed(20, None), "edge"),
    "into the margin": ("What may help", placed(38, None), "area"),
    "among the furniture": ("Line 20 says", placed(None, 52), "area"),
    "over another word": ("ten minutes", beside("one hour", 0), "overlap"),
    "over another line": ("Line 3 says", beside("Line 2 says", 2), "overlap"),
    "into a picture": ("The wrap is red.", within_the_picture, "covered"),
    "before what is read first": ("Dry the knee.", beside("Wash the knee.", 25), "order"),
}
CHANGED: dict[str, tuple[str, Edit, str]] = {
    "a word is taken out": ("Dry the knee.", without_words, "lost"),
    "a heading is taken out": ("How it works", without_words, "lost"),
    "a paragraph is doubled": ("Wait until the skin", twice, "doubled"),
    "a number is missing": ("2.", without_words, "number"),
    "words are cut off": ("Put on the wrap.", clipped, "clipped"),
    "words are painted over": ("Put on the wrap.", painted_over, "covered"),
    "words are not drawn": ("Put on the wrap.", unseen, "clipped"),
    "a letter is not in the font": ("Put on the wrap.", without_glyph, "glyph"),
    "words are furniture": ("Put on the wrap.", furniture, "lost"),
    "furniture is over words": ("Put on the wrap.", twice_as_furniture, "overlap"),
}


@pytest.mark.parametrize("fault", MOVED)
def test_words_that_were_moved_are_seen(fault: str, sound: Sound, tmp_path: Path) -> None:
    words, where, rule = MOVED[fault]
    edit = where(sound, first_sign(sound, words))
    assert rule in sound.rules(changed(sound, tmp_path / "faulty.pdf", words, edit))


@pytest.mark.parametrize("fault", CHANGED)
def test_words_that_were_changed_are_seen(fault: str, sound: Sound, tmp_path: Path) -> None:
    words, edit, rule = CHANGED[fault]
    assert rule in sound.rules(changed(sound, tmp_path / "faulty.pdf", words, edit))


# Faults of the tag tree, of pages and of fields -----------------------------------------------------------------------


def elements(pdf: pikepdf.Pdf, role: str) -> list[Any]:
    found: list[Any] = []

    def walk(node: Any) -> None:
        kids = node.get("/K")
        if str(node.get("/S", "")) == f"/{role}":
            found.append(node)
        for kid in [] if kids is None else kids if isinstance(kids, pikepdf.Array) else [kids]:
            if isinstance(kid, pikepdf.Dictionary) and "/MCID" not in kid and "/Obj" not in kid:
                walk(kid)

    walk(pdf.Root.StructTreeRoot)
    return found


def as_one(value: Any) -> list[Any]:
    return list(value) if isinstance(value, pikepdf.Array) else [value]


def swapped(pdf: pikepdf.Pdf) -> None:
    """Two paragraphs are read in another order than they stand in."""
    one, other = elements(pdf, "P")[-2:]
    one.K, other.K = other.K, one.K


def parted(pdf: pikepdf.Pdf) -> None:
    """A list of two items is two lists of one."""
    listing = next(one for one in elements(pdf, "L") if len(as_one(one.K)) > 1)
    first, *rest = as_one(listing.K)
    new = pdf.make_indirect(pikepdf.Dictionary(S=pikepdf.Name.L, K=pikepdf.Array(rest), P=listing.P))
    listing.K = first
    holder = listing.P
    kids = as_one(holder.K)
    place = next(
        at for at, kid in enumerate(kids) if isinstance(kid, pikepdf.Dictionary) and kid.objgen == listing.objgen
    )
    holder.K = pikepdf.Array([*kids[: place + 1], new, *kids[place + 1 :]])


def flat(pdf: pikepdf.Pdf) -> None:
    """An item is tagged as if it were in another list as well."""
    listing = elements(pdf, "L")[-1]
    inner = pdf.make_indirect(pikepdf.Dictionary(S=pikepdf.Name.L, K=listing.K, P=listing))
    listing.K = inner


def untitled(pdf: pikepdf.Pdf) -> None:
    elements(pdf, "H1")[0].S = pikepdf.Name.P


def blank(pdf: pikepdf.Pdf) -> None:
    pdf.add_blank_page(page_size=(612, 792))


TREES: dict[str, tuple[Callable[[pikepdf.Pdf], None], str]] = {
    "paragraphs that are read in another order": (swapped, "order"),
    "a list in two": (parted, "parted"),
    "a list that is too deep": (flat, "nesting"),
    "a title that is a paragraph": (untitled, "tag"),
    "a blank page": (blank, "blank"),
}


@pytest.mark.parametrize("fault", TREES)
def test_a_fault_of_tags_or_pages_is_seen(fault: str, sound: Sound, tmp_path: Path) -> None:
    edit, rule = TREES[fault]
    with pikepdf.open(sound.pdf) as pdf:
        edit(pdf)
        pages = len(pdf.pages)
        pdf.save(tmp_path / "faulty.pdf")
    assert rule in sound.rules(tmp_path / "faulty.pdf", pages=pages)


def on_the_next_page(sound: Sound, target: Path, words: Sequence[str]) -> Path:
    """A copy in which words of one page stand on the following one, with the same tags."""
    from_page = marked(sound, words[0])[0]
    with pikepdf.open(sound.pdf) as pdf:
        here, there = pdf.pages[from_page].obj, pdf.pages[from_page + 1].obj
        first, second = instructions(pdf, from_page), instructions(pdf, from_page + 1)
        there.Resources.Font.update(here.Resources.Font)
        for number, word in enumerate(words, start=900):
            page, mark = marked(sound, word)
            assert page == from_page
            start, end = bounds(first, mark)
            moving, first[start:end] = first[start:end], []
            moving[0][0][1] = pikepdf.Dictionary(MCID=number)  # type: ignore[index]
            at = bounds(second, 0)[0]
            second[at:at] = moving
            for node in (one for role in ("P", "Caption", "TH", "TD") for one in elements(pdf, role)):
                kids = as_one(node.K)
                for place, kid in enumerate(kids):
                    whole = isinstance(kid, pikepdf.Dictionary)
                    on = kid.get("/Pg", node.get("/Pg")) if whole else node.get("/Pg")
                    if (kid.get("/MCID") if whole else kid) == mark and on.objgen == here.objgen:
                        kids[place] = pikepdf.Dictionary(Type=pikepdf.Name.MCR, MCID=number, Pg=there)
                        node.K = pikepdf.Array(kids)
        here.Contents = pdf.make_stream(pikepdf.unparse_content_stream(first))
        there.Contents = pdf.make_stream(pikepdf.unparse_content_stream(second))
        pdf.save(target)
    return target


def test_a_caption_on_another_page_than_its_figure_is_seen(sound: Sound, tmp_path: Path) -> None:
    assert "caption" in sound.rules(on_the_next_page(sound, tmp_path / "faulty.pdf", ["The wrap is red."]))


def test_a_heading_that_is_last_on_its_page_is_seen(sound: Sound, tmp_path: Path) -> None:
    page = marked(sound, "More words")[0]
    words = [f"Line {number} says" for number in range(30)]
    words = [word for word in words if marked(sound, word)[0] == page]
    assert "heading" in sound.rules(on_the_next_page(sound, tmp_path / "faulty.pdf", words))


def place(name: str, *rectangle: float, page: int = 1) -> dict[str, Any]:
    return {"name": name, "page": page, "rectangle": list(rectangle)}


FIELDS: dict[str, tuple[list[dict[str, Any]], str]] = {
    "a field at the edge": ([place("patient.name", 10, 100, 200, 120)], "field"),
    "fields over each other": ([place("a.b", 300, 300, 400, 320), place("a.c", 390, 310, 450, 330)], "field"),
    "a signature without its date": (
        [place("x.signature", 300, 300, 400, 320), place("x.signed_date", 300, 300, 400, 320, page=2)],
        "signature",
    ),
}


@pytest.mark.parametrize("fault", FIELDS)
def test_a_fault_of_fields_is_seen(fault: str, sound: Sound) -> None:
    fields, rule = FIELDS[fault]
    assert rule in sound.rules(sound.pdf, fields=fields)


def test_a_field_over_words_is_seen(sound: Sound) -> None:
    box = next(box for word in sound.paper.words(set()) if word.text == "wrap" for _, box in word.boxes())
    field = place("a.b", box[0] - 9, box[1] - 9, box[2] + 9, box[3] + 9)
    assert any(
        "inside the place of a.b" in one.said
        for one in judge(sound.pdf, sound.source, CLINICS["shipped"], sound.facts | {"fields": [field]})
    )


def test_a_field_of_the_author_without_a_place_is_seen(sound: Sound, tmp_path: Path) -> None:
    source = tmp_path / "handout.en.md"
    source.write_text(sound.source.read_text() + "\n::: fields\n- At work: tick {contact.at_work}\n:::\n")
    found = judge(sound.pdf, source, CLINICS["shipped"], sound.facts)
    assert {one.rule for one in found} == {"lost", "field"}


# The shipped library --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("wanted", each(EVERYTHING))
def test_the_shipped_library_has_no_finding(wanted: Wanted, library: Library) -> None:
    printed = library[wanted]
    source = ROOT / "handouts" / TOPIC / f"{wanted.kind}.en.md"
    leaflet = ["What is neurotherapy? NT-H1"]
    found = judge(printed.path, source, CLINICS[wanted.clinic], printed.facts, leaflet)
    assert [str(one) for one in found] == []
