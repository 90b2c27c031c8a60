"""Markdown becomes blocks without losing a word, and what has no place on paper is named, not dropped."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinicpress.documents import (
    Block,
    Callout,
    Cell,
    Definitions,
    Emphasis,
    Figure,
    LineBreak,
    Link,
    Listing,
    NoteMark,
    Paragraph,
    Strong,
    Subheading,
    Table,
    Text,
    plain_text,
    walk,
    words_of,
)
from clinicpress.library.markdown import Parsed, read_markdown

DRAWING = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M1 1h7"/></svg>'
ROLES = ("definition", "benefits", "drawbacks", "risks")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    for name in ("ear.svg", "ear-1.svg", "ear-2.svg", "two words.svg"):
        (tmp_path / name).write_bytes(DRAWING)
    return tmp_path / "handout.en.md"


def read(text: str, path: Path, first_line: int = 1) -> Parsed:
    return read_markdown(text, path, first_line, ROLES)


def sound(text: str, path: Path) -> Parsed:
    reading = read(text, path)
    assert reading.problems == []
    return reading


def only(reading: Parsed) -> Block:
    (block,) = reading.opening
    return block


def faults(text: str, path: Path) -> list[tuple[int, str]]:
    return [(problem.line, problem.rule) for problem in read(text, path).problems]


def words_in(blocks: Sequence[Block]) -> Iterator[str]:  # noqa: C901  one line for each kind of block
    """The words of blocks as they are printed, from top to bottom. Own work, so that it can judge the product's."""
    for block in blocks:
        match block:
            case Paragraph(content) | Subheading(content):
                yield from plain_text(content).split()
            case Listing(items):
                for item in items:
                    yield from words_in(item)
            case Definitions(entries):
                for term, explanation in entries:
                    yield from plain_text(term).split()
                    yield from words_in(explanation)
            case Callout(_, content):
                yield from words_in(content)
            case Table(head, groups):
                for row in (head, *(row for group in groups for row in group)):
                    for cell in row:
                        yield from plain_text(cell.content).split()
            case Figure(caption=caption):
                yield from caption.split()


def all_words(reading: Parsed) -> list[str]:
    """Every word that is printed, from top to bottom."""
    words = list(words_in(reading.opening))
    for section in reading.sections:
        words += [*section.heading.split(), *words_in(section.blocks)]
    for note in reading.notes:
        words += words_in(note)
    return words


# Sections -------------------------------------------------------------------------------------------------------------


def test_a_heading_carries_its_role_and_further_roles_as_classes(path: Path) -> None:
    reading = sound(
        "Under the title.\n\n## What may help {#benefits .drawbacks}\n\nText.\n\n## Parking\n\nBehind the house.", path
    )
    assert only(reading) == Paragraph((Text("Under the title."),), 1)
    first, second = reading.sections
    assert (first.heading, first.roles, first.line) == ("What may help", ("benefits", "drawbacks"), 3)
    assert (second.heading, second.roles, second.line) == ("Parking", (), 7)
    assert second.blocks == (Paragraph((Text("Behind the house."),), 9),)


@pytest.mark.parametrize("written", ["{#benefits}", "{ #benefits }", "{.benefits}", "  {#benefits}  "])
def test_small_differences_in_writing_a_role_do_not_matter(written: str, path: Path) -> None:
    (section,) = sound(f"## What may help {written}\n\nText.", path).sections
    assert (section.heading, section.roles) == ("What may help", ("benefits",))


def test_an_unknown_role_is_named_with_the_nearest(path: Path) -> None:
    reading = read("## What may help {#benefit .rissks}\n\nText.", path, first_line=12)
    assert [(one.line, one.rule) for one in reading.problems] == [(12, "unknown-role")] * 2
    assert [one.remedy for one in reading.problems] == ["Did you mean 'benefits'?", "Did you mean 'risks'?"]


@pytest.mark.parametrize(
    "heading",
    [
        "## What may help {benefits}",
        "## What may help {#benefits key=value}",
        "## What may help {#benefits} now",
        "### By phone {#benefits}",
    ],
)
def test_a_mark_that_is_not_understood_is_not_printed_as_if_it_were_text(heading: str, path: Path) -> None:
    reading = read(f"{heading}\n\nText.", path)
    assert reading.problems, all_words(reading)


@pytest.mark.parametrize("heading", ["## {#benefits}", "##", "### "])
def test_a_heading_without_words_is_named(heading: str, path: Path) -> None:
    assert read(f"{heading}\n\nText.", path).problems


def test_the_lines_of_blocks_count_from_the_top_of_the_file(path: Path) -> None:
    reading = read("One.\n\n- two\n- three\n\n## Four\n\nFive\nsix.", path, first_line=20)
    assert [block.line for block in walk(reading.opening)] == [20, 22, 22, 23]
    assert (reading.sections[0].line, reading.sections[0].blocks[0].line) == (25, 27)


# Words ----------------------------------------------------------------------------------------------------------------


def test_words_keep_their_weight_their_links_and_their_line_ends(path: Path) -> None:
    text = (
        "A **strong *and stressed*** word, [a link](https://ear.example/a%20b), <mailto:a@ear.example>  \nnext `line`."
    )
    assert only(sound(text, path)) == Paragraph(
        (
            Text("A "),
            Strong((Text("strong "), Emphasis((Text("and stressed"),)))),
            Text(" word, "),
            Link("https://ear.example/a%20b", (Text("a link"),)),
            Text(", "),
            Link("mailto:a@ear.example", (Text("mailto:a@ear.example"),)),
            LineBreak(),
            Text("next "),
            Text("line"),
            Text("."),
        ),
        1,
    )


def test_entities_and_escapes_become_the_character_that_they_stand_for(path: Path) -> None:
    block = only(sound(r"5 &lt; 6 &amp; 7 \* 8, 3 < 4, H&#8322;O", path))
    assert isinstance(block, Paragraph)
    assert plain_text(block.content) == "5 < 6 & 7 * 8, 3 < 4, H₂O"


# Blocks ---------------------------------------------------------------------------------------------------------------


def test_lists_keep_their_kind_their_first_number_and_their_inner_lists(path: Path) -> None:
    reading = sound("- one\n\n  more of one\n- two\n  1. inner\n\nThen:\n\n4. four\n5. five", path)
    bullets, _, numbers = reading.opening
    assert isinstance(bullets, Listing)
    assert isinstance(numbers, Listing)
    assert (bullets.start, len(bullets.items), len(bullets.items[0])) == (None, 2, 2)
    inner = bullets.items[1][1]
    assert isinstance(inner, Listing)
    assert inner.start == 1
    assert (numbers.start, len(numbers.items)) == (4, 2)


def test_rows_below_an_empty_head_cell_form_groups(path: Path) -> None:
    table = only(sound("| | A | B |\n|---|---|---|\n| one | 1 | 2 |\n| | 3 | 4 |\n| two | 5 | 6 |", path))
    assert isinstance(table, Table)
    assert [plain_text(cell.content) for cell in table.head] == ["", "A", "B"]
    assert [cell.heading for cell in table.head] == [False, True, True]
    assert [len(group) for group in table.groups] == [2, 1]
    assert table.grouped
    assert table.groups[0][0] == (
        Cell((Text("one"),), heading=True, rows=2),
        Cell((Text("1"),)),
        Cell((Text("2"),)),
    )
    assert table.groups[0][1] == (Cell((Text("3"),)), Cell((Text("4"),)))
    assert table.groups[1][0][0] == Cell((Text("two"),), heading=True, rows=1)


def test_a_table_with_a_full_head_has_no_row_heads(path: Path) -> None:
    table = only(sound("| A | B |\n|---|---|\n| | 2 |\n| 3 | 4 |", path))
    assert isinstance(table, Table)
    assert not table.grouped
    assert [[cell.heading for cell in row] for row in table.groups[0]] == [[False, False], [False, False]]


def test_footnotes_are_numbered_in_the_order_in_which_the_text_refers_to_them(path: Path) -> None:
    reading = sound("One[^b] and two[^a] and one again[^b].\n\n[^a]: The **second**.\n[^b]: The first.", path)
    paragraph = only(reading)
    assert isinstance(paragraph, Paragraph)
    assert [part.number for part in paragraph.content if isinstance(part, NoteMark)] == [1, 2, 1]
    assert [plain_text(block.content) for note in reading.notes for block in note if isinstance(block, Paragraph)] == [
        "The first.",
        "The second.",
    ]


def test_a_definition_list_keeps_terms_with_their_explanations(path: Path) -> None:
    block = only(sound("Ear wax\n: What the ear makes.\n: It keeps dust out.\n\n**Drum**\n: A thin skin.", path))
    assert isinstance(block, Definitions)
    assert [plain_text(term) for term, _ in block.entries] == ["Ear wax", "Drum"]
    assert [len(explanation) for _, explanation in block.entries] == [2, 1]


@pytest.mark.parametrize("kind", ["note", "warning"])
def test_a_callout_holds_blocks_of_any_kind(kind: str, path: Path) -> None:
    block = only(sound(f"::: {kind}\nCall us:\n\n- at once\n:::", path))
    assert isinstance(block, Callout)
    assert block.kind == kind
    assert [type(inner) for inner in block.content] == [Paragraph, Listing]


def test_a_heading_inside_a_section_is_a_subheading(path: Path) -> None:
    (section,) = sound("## One\n\n### Two\n\nText.\n\n#### Three", path).sections
    assert [type(block) for block in section.blocks] == [Subheading, Paragraph, Subheading]


# Figures --------------------------------------------------------------------------------------------------------------


def test_an_image_alone_in_its_paragraph_is_a_figure_with_words_caption_and_parts_for_large_print(path: Path) -> None:
    text = '![An ear,\nseen from **the** side.](ear.svg "Water flows in."){large="ear-1.svg ear-2.svg"}'
    reading = sound(text, path)
    figure = only(reading)
    assert isinstance(figure, Figure)
    assert (figure.alternative, figure.caption) == ("An ear, seen from the side.", "Water flows in.")
    assert (figure.drawing.name, figure.drawing.data, figure.drawing.media_type) == (
        "ear.svg",
        DRAWING,
        "image/svg+xml",
    )
    assert [part.name for part in figure.large] == ["ear-1.svg", "ear-2.svg"]
    assert [picture.name for picture in reading.pictures] == ["ear.svg", "ear-1.svg", "ear-2.svg"]


def test_a_picture_may_have_a_blank_in_its_name(path: Path) -> None:
    figure = only(sound('![An ear.](<two words.svg> "Water flows in.")', path))
    assert isinstance(figure, Figure)
    assert figure.drawing.name == "two words.svg"


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ('![](ear.svg "Water.")', ["missing-alt"]),
        ("![An ear.](ear.svg)", ["missing-caption"]),
        ('![An ear.](no.svg "Water.")', ["broken-figure"]),
        ('See ![an ear](ear.svg "Water.") here.', ["broken-figure"]),
        ('![An ear.](ear.svg "Water."){large="no.svg"}', ["broken-figure"]),
        ('![An ear.](http://ear.example/ear.svg "Water.")', ["remote-image"]),
        ('![An ear.](HTTP://ear.example/ear.svg "Water.")', ["remote-image"]),
        ('![An ear.](//ear.example/ear.svg "Water.")', ["remote-image"]),
        ('![An ear.](data:image/svg+xml,x "Water.")', ["remote-image"]),
        ('![An ear.](/etc/ear.svg "Water.")', ["remote-image"]),
        ('![An ear.](../ear.svg "Water.")', ["remote-image"]),
        ('![An ear.](%2e%2e/ear.svg "Water.")', ["remote-image"]),
        ('![An ear.](.%2fa%2f..%2f../ear.svg "Water.")', ["remote-image"]),
        ("![][1]\n\n[1]: http://ear.example/ear.svg", ["missing-alt", "missing-caption", "remote-image"]),
    ],
)
def test_a_figure_that_cannot_be_printed_is_named(text: str, rules: list[str], path: Path) -> None:
    assert sorted(rule for _, rule in faults(text, path)) == rules


def test_a_link_that_leads_out_of_the_folder_is_followed_by_nobody(path: Path, tmp_path: Path) -> None:
    (path.parent / "out.svg").symlink_to("/etc/hostname")
    assert [rule for _, rule in faults('![An ear.](out.svg "Water.")', path)] == ["remote-image"]


@pytest.mark.parametrize(
    ("drawing", "rule"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "remote-image"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><image href='a.png'/></svg>", "remote-image"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><use href='other.svg#a'/></svg>", "remote-image"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><path style='fill: url(http://a.example)'/></svg>", "remote-image"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><style>@import 'a.css'</style></svg>", "remote-image"),
        (b"<!DOCTYPE svg><svg xmlns='http://www.w3.org/2000/svg'/>", "broken-figure"),
        ("<!DOCTYPE svg [<!ENTITY a 'b'>]><svg xmlns='http://www.w3.org/2000/svg'/>".encode("utf-16"), "broken-figure"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'>", "broken-figure"),
        (b"<html/>", "broken-figure"),
        (b"", "broken-figure"),
        (b"\x89PNG", "broken-figure"),
    ],
)
def test_a_drawing_that_reaches_outside_itself_or_is_none_is_refused(drawing: bytes, rule: str, path: Path) -> None:
    (path.parent / "bad.svg").write_bytes(drawing)
    assert [rule for _, rule in faults('![An ear.](bad.svg "Water.")', path)] == [rule]


def test_a_drawing_that_refers_to_its_own_parts_is_sound(path: Path) -> None:
    (path.parent / "own.svg").write_bytes(
        b"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 9 9'>"
        b"<g id='a'/><use href='#a'/><path fill='url(#b)'/></svg>"
    )
    assert faults('![An ear.](own.svg "Water.")', path) == []


# What has no place on paper -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("a <b>bold</b> word", "raw-html"),
        ("<div>\nblock\n</div>", "raw-html"),
        ("<!-- a remark -->", "raw-html"),
        ("```\ncode\n```", "unsupported-markdown"),
        ("    code", "unsupported-markdown"),
        ("::: danger\ntext\n:::", "unsupported-markdown"),
        ("# One", "heading-level"),
        ("One\n===", "heading-level"),
        ("[a](javascript:print())", "bad-link"),
        ("[a](www.ear.example)", "bad-link"),
        ("[a](../other.pdf)", "bad-link"),
        ("<file:///etc/hostname>", "bad-link"),
    ],
)
def test_what_has_no_place_on_paper_is_named_with_its_line(text: str, rule: str, path: Path) -> None:
    found = faults("Before.\n\n" + text, path)
    assert found
    assert set(found) == {(3, rule)}


@pytest.mark.parametrize(
    ("text", "lost"),
    [
        ("| A | B |\n|---|---|\n| 1 | 2 | three |", "three"),
        ("Text.\n\n[^1]: A note that nobody refers to.", "nobody"),
        ("::: note Call us\nText.\n:::", "Call"),
        ("Text.\n\n" + ">" * 40 + " deep", "deep"),
        ("\n".join("  " * depth + f"- level{depth}" for depth in range(15)), "level14"),
    ],
)
def test_no_word_is_dropped_without_a_finding(text: str, lost: str, path: Path) -> None:
    reading = read(text, path)
    assert reading.problems or lost in " ".join(all_words(reading))


@pytest.mark.parametrize("mark", ["{}. ", "{}) ", "- {}. ", "> {}. "])
def test_the_number_of_an_item_is_no_word_that_would_be_lost(mark: str, path: Path) -> None:
    sound("## At home\n\n" + "\n".join(f"{mark.format(number)}Rest." for number in range(8, 13)), path)


def test_a_footnote_that_is_not_there_is_named(path: Path) -> None:
    assert faults("As we said[^1] before.", path)


def test_every_printed_piece_of_text_is_there_for_the_editor_to_read(path: Path) -> None:
    text = "One\n\n- two\n\nThree\n: four\n\n| | five |\n|---|---|\n| six | seven |\n\n::: note\n### eight\n\nnine\n:::"
    reading = sound(text + '\n\n![not this](ear.svg "ten")', path)
    pieces = {piece for _, piece in words_of(reading.opening)}
    assert pieces - {""} == {"One", "two", "Three", "four", "five", "six", "seven", "eight", "nine", "ten"}


# Laws -----------------------------------------------------------------------------------------------------------------

LETTERS = st.sampled_from("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZäöüßéèñçÅøŁżğ")
WORD = st.text(LETTERS, min_size=1, max_size=9)
SENTENCE = st.lists(WORD, min_size=1, max_size=8).map(" ".join)
CELLS = st.lists(st.lists(SENTENCE, min_size=3, max_size=3), min_size=2, max_size=4)


def _table(rows: list[list[str]]) -> str:
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join([lines[0], "|---|---|---|", *lines[1:]])


PIECE = st.one_of(
    SENTENCE,
    SENTENCE.map(lambda text: f"**{text}**"),
    SENTENCE.map(lambda text: f"A *{text}* word"),
    SENTENCE.map(lambda text: f"## {text} {{#risks}}"),
    SENTENCE.map(lambda text: f"### {text}"),
    SENTENCE.map(lambda text: f"> {text}"),
    SENTENCE.map(lambda text: f"[{text}](https://ear.example)"),
    SENTENCE.map(lambda text: text.replace(" ", "\n")),
    st.lists(SENTENCE, min_size=1, max_size=4).map(lambda items: "\n".join(f"- {item}" for item in items)),
    st.lists(SENTENCE, min_size=1, max_size=4).map(lambda items: "\n".join(f"1. {item}" for item in items)),
    st.tuples(SENTENCE, SENTENCE).map(lambda pair: f"{pair[0]}\n: {pair[1]}"),
    SENTENCE.map(lambda text: f"::: note\n{text}\n:::"),
    CELLS.map(_table),
)
MARKS = {"##", "###", "-", "1.", ">", ":", ":::", "|", "|---|---|---|", "{#risks}"}


@settings(max_examples=200, deadline=None)
@given(pieces=st.lists(PIECE, max_size=6))
def test_every_word_of_a_text_is_printed_once_and_in_its_order(pieces: list[str]) -> None:
    text = "\n\n".join(pieces)
    written: list[str] = []
    for line in text.replace("note\n", "\n").replace("](https://ear.example)", "").splitlines():
        written += [word.strip("*[") for word in line.split() if word not in MARKS]
    reading = read(text, Path("handout.en.md"))
    assert reading.problems == []
    assert all_words(reading) == [word for word in written if word]


@settings(max_examples=200, deadline=None)
@given(text=st.text(max_size=200))
def test_any_text_at_all_is_read_and_its_findings_stand_in_the_file(text: str) -> None:
    reading = read(text, Path("handout.en.md"), first_line=10)
    assert all(10 <= problem.line <= 10 + text.count("\n") + 1 for problem in reading.problems)
    assert all(problem.message and problem.remedy for problem in reading.problems)


AWKWARD = st.text(st.sampled_from("#*_`~>-+:|![]()<>{}&;\\^=.1\"' \t\nax\u202e\x07\x00"), max_size=120)


@settings(max_examples=200, deadline=None)
@given(text=AWKWARD)
def test_any_heap_of_marks_is_read(text: str) -> None:
    read(text, Path("handout.en.md"))


# What Markdown would drop or change ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("| Drug | Dose |\n|--|--|\n| Aspirin | 100 mg | 2 |", 5, "3 cells, under 2 heads"),
        ("| Drug | Dose |\n|--|--|\n| Aspirin | 100 mg | L |", 5, "3 cells, under 2 heads"),
        ("Drug | Dose\n--|--\nAspirin | 100 mg | 2", 5, "3 cells, under 2 heads"),
        ("| Drug | Dose |\n|--|--|", 3, "a head and no rows"),
        ("1. one\n2. two\n4. four", 3, "1, 2, 4 would print as others"),
        ("3. three\n2. two", 3, "3, 2 would print as others"),
        ("1. one\n2. two\n0. zero", 3, "1, 2, 0 would print as others"),
        ("- a list\n\n  1. one\n  1. two\n  3. three", 5, "1, 1, 3 would print as others"),
        ("Words.[^1]\n\n[^1]: A note.\n[^2]: 3400.", 6, "'3400' would not print"),
        ("Words.[^1]\n\n[^1]: A note.\n[^2]: 7.", 6, "'7' would not print"),
    ],
)
def test_what_would_be_dropped_or_changed_in_silence_is_named(text: str, line: int, said: str) -> None:
    reading = read_markdown(f"## Heading\n\n{text}\n", Path("x.md"), 1, ())
    found = [(one.line, one.message) for one in reading.problems]
    assert [at for at, message in found if said in message] == [line], found


@pytest.mark.parametrize(
    "text",
    [
        "1. one\n2. two\n3. three",
        "1. one\n1. two\n1. three",
        "7. one\n8. two",
        "9. nine\n10. ten\n11. eleven",
        "1. one\n\nWords.\n\n2. two\n3. three",
        "| Drug | Dose |\n|--|--|\n| A \\| B | 2 |",
        "| Drug | Dose |\n|--|--|\n| A |",
        "| Drug |\n|--|\n| A |",
        "1) one\n2) two",
        "Take 1 of 2, a or b.",
    ],
)
def test_what_prints_as_it_is_written_is_no_finding(text: str) -> None:
    assert read_markdown(f"## Heading\n\n{text}\n", Path("x.md"), 1, ()).problems == []
