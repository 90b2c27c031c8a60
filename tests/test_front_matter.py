"""Front matter says what its author wrote, or is refused with line, key and what to write; nothing is cut in silence.

YAML has many ways to read a value as something else. They stand here as tables; what is printed is only what stands in
the file.
"""

import string
import time
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from clinicpress.errors import Problem
from clinicpress.library.frontmatter import split_front_matter
from clinicpress.library.keys import Keys
from tests.lint.shelf import ROOT, forked

CASES = ROOT / "tests" / "cases" / "pages"


def read(header: str, key: str = "title") -> tuple[str, tuple[Problem, ...]]:
    """The text of a key of front matter, as a document takes it, and every problem."""
    values, lines, written, _, _, problems = split_front_matter(f"---\n{header}\n---\n", Path("handout.en.md"))
    keys = Keys(Path("handout.en.md"), values, lines, written=written)
    text = keys.text(key) if values else ""
    return text, (*problems, *keys.problems)


def listed(item: str) -> tuple[tuple[str, ...], tuple[Problem, ...]]:
    """The sources of front matter of which one is `item`, on line 3."""
    header = f"---\nsources:\n  - {item}\n  - last\n---\n"
    values, lines, written, _, _, problems = split_front_matter(header, Path("handout.en.md"))
    keys = Keys(Path("handout.en.md"), values, lines, written=written)
    return (keys.texts("sources") if values else ()), (*problems, *keys.problems)


# Written without quotes, these are no texts for YAML, or others.
CHANGED = [
    *("Botox: what to know", "Before you go:", ": before", "a: b: c"),
    *(
        "Room #3 care",
        "Step #1 of 3 # care",
        "#1 clinic",
        "Wraps #",
        "Wraps # and bands",
        "Wraps     # bands",
    ),
    *(
        "*bold* move",
        "*",
        "&Wraps and bands",
        "! Wash",
        "!important Wash",
        "!",
        "@home care",
        "`x`",
        "%x",
        ", and",
        "] a",
        "}",
    ),
    *(
        "[Draft] Wraps",
        "{Draft} Wraps",
        "[Draft",
        "{Draft",
        "| text",
        "> text",
        "- a",
        "? what",
        "[Draft]",
        "{Draft}",
        "[]",
    ),
    *('"Wraps" for knees', '"Wraps', "'Wraps", "'O'Brien'", "'a' 'b'", '"a" "b"', '"', "'"),
    *("2026", "-5", "+5", "0", "012", "0x1F", "0b11", "1:30", "1_000", "1.5", ".5", "1.0e+3", ".inf", "-.INF", ".nan"),
    *(
        "yes",
        "No",
        "TRUE",
        "false",
        "on",
        "Off",
        "null",
        "~",
        "Null",
        "NULL",
        "2026-11-22",
        "2026-11-22 10:00:00",
        "=",
        "<<",
    ),
]
# These are texts as they stand.
TEXTS = [
    *(
        "What? Yes!",
        "50% off",
        "O'Brien, ND",
        'Wraps "two"',
        "http://a.example/b",
        "a#b",
        "C#",
        "a -- b",
        "-a",
        "--- a",
        "... a",
    ),
    *(
        "Wraps (1:30)",
        "1e3",
        "1.2.3",
        "NT-1",
        "9am",
        "y",
        "n",
        "yes please",
        "nullify",
        "2026-11",
        "a & b",
        "a * b",
        "a ! b",
        "x@y.example",
    ),
    *(
        "é",
        "¿Qué es?",
        "«a»",
        "“a: b”"[:-3] + "”",
        "a:b",
        ":b",
        "a\\nb",
        "a|b",
        "a>b",
        "1,000",
        "(a)",
        "[a",
        "~a",
        "=a",
        "<a",
    ),
]


@pytest.mark.parametrize("value", CHANGED)
def test_a_value_that_yaml_would_change_is_named_with_line_key_and_what_to_write(value: str) -> None:
    text, problems = read(f"kind: handout\ntitle: {value}\nlanguage: en")
    assert text == ""
    (found,) = problems
    assert found.line == 3
    assert "'title'" in found.message
    assert "Put the value in quotes" in found.remedy
    if ": title:" in found.remedy:  # the very row to write
        assert read(found.remedy.partition(": ")[2].removesuffix("."))[1] == ()


@pytest.mark.parametrize("value", [text for text in TEXTS if text != "[a"])
def test_a_value_that_yaml_reads_as_it_stands_needs_no_quotes(value: str) -> None:
    assert read(f"title: {value}") == (value, ())
    assert listed(value) == ((value, "last"), ())


@pytest.mark.parametrize("value", sorted({*CHANGED, *TEXTS}))
def test_in_quotes_every_value_is_read_as_it_stands(value: str) -> None:
    doubled = value.replace("'", "''")
    for remark in ("", "   # a remark"):
        assert read(f"title: '{doubled}'{remark}") == (value, ())


@pytest.mark.parametrize("item", [*CHANGED, "Smith J. Knee wraps: a review. 2020", "", "- a", "{a: b}", "null"])
def test_an_item_of_a_list_that_yaml_would_change_is_named_at_its_own_line(item: str) -> None:
    texts, problems = listed(item)
    assert texts == ()
    (found,) = problems
    assert found.line == 3
    assert "'sources'" in found.message
    assert "quotes" in found.remedy or item == ""


LETTERS = st.text(st.sampled_from(string.printable[:95] + "é“"), min_size=1, max_size=12)


@settings(max_examples=400, deadline=None)
@example("a #b")
@example("a: b")
@example("012")
@given(value=LETTERS.map(str.strip).filter(bool))
def test_any_line_of_letters_is_read_as_it_stands_or_refused(value: str) -> None:
    text, problems = read(f"title: {value}\nkind: handout")
    inside = value[1:-1].strip() if value[0] in "'\"" else None  # in quotes already
    assert text == value or len(problems) >= 1 or (inside is not None and inside != value)
    texts, problems = listed(value)
    assert texts in ((value, "last"), ()) or value[0] in "'\"[{"
    assert texts or problems


@pytest.mark.parametrize(
    ("header", "line", "says", "remedy"),
    [
        ("title:Wraps\nkind: handout", 2, "no 'key: value'", "Write a blank behind the colon: title: Wraps."),
        ("kind: handout\ntitle Wraps", 3, "no 'key: value'", "'key: value' lines"),
        ("title: Wraps\n  and: bands", 3, "cannot be read", "Put the whole value of 'title' in quotes"),
        ("title: Wraps\n  #3 bands", 2, "ends before '#3 bands'", "Put the value in quotes"),
        ("\ttitle: x", 2, "begins with a tab", "Put blanks"),
        ("title: x\n...\nkind: handout", 3, "an order to YAML", "Delete it"),
        ("%YAML 1.1", 2, "an order to YAML", "Delete it"),
        ("? [a]\n: b", 2, "is a list or a table", "'key: value' lines"),
        ("title: a\ntitle: b", 3, "The key 'title' stands twice", "Delete one"),
        ("title: a\ntranslation:\n  from: en\n  from: es", 5, "'translation.from' stands twice", "Delete one"),
        ("title: a\nnot_applicable: {C17: a, C17: b}", 3, "'not_applicable.C17' stands twice", "Delete one"),
        ("title: a\nnot_applicable:\n  C17: no", 4, "'not_applicable.C17'", 'Put the value in quotes: C17: "no"'),
        ("title: a\nvalid_days: 060", 3, "'valid_days' is written as 060", "plain digits"),
        ("title: a\nvalid_days: 1:00", 3, "'valid_days' is written as 1:00", "plain digits"),
        ("title: a\nform: NT #3", 3, "'form' ends before '#3'", 'form: "NT #3"'),
        ("title: a\nform: NT # 3", 3, "'form' ends before '# 3'", 'form: "NT # 3"'),
        ("title: a\ntranslation:\n  tool: AI #4", 4, "'translation.tool' ends before '#4'", 'tool: "AI #4"'),
        ("title: a\nkind: &k handout\nlanguage: *k", 3, "a mark of YAML", "Put the value in quotes"),
        ("title: a\nkind: [[[[[[a]]]]]]", 3, "'kind' is nested too deeply", "Write a text"),
        ("title: a\u2028kind: b", 2, "a line end that nobody sees", "Type the row again"),
        ("title: a\n" + "kind: " + "a" * 4_000, 3, "longer than 4,000 letters", "Shorten it"),
        ("title: a\n" + "# remark\n" * 20_000, 2, "longer than 100,000 letters", "below it"),
    ],
)
def test_front_matter_with_a_slip_is_named_with_its_line_and_a_remedy(
    header: str, line: int, says: str, remedy: str
) -> None:
    _, problems = read(header)
    (found,) = problems
    assert (found.line, says in found.message, remedy in found.remedy) == (line, True, True), str(found)


def test_a_remark_behind_a_value_that_it_cannot_belong_to_is_a_remark() -> None:
    rows = (
        *('title: "Wraps"  # quoted', "kind: handout # or consent", "language: en #", "form: NT-1    # on every page"),
        *("effective: 2026-11-22 # a day", "lateral: yes # left or right", "blocks: [a, b] # more", "# and a row"),
        *("sources: # below", "  - own"),
    )
    header = "\n".join(rows)
    assert read(header) == ("Wraps", ())
    assert read(header, "form") == ("NT-1", ())


@pytest.mark.parametrize(
    "header",
    [
        *("a: " + "[" * 3_900, "- " * 1_990, "? " * 1_990, "{" * 3_900, "a: " * 1_300, "\n" * 90_000, "a:\n" * 30_000),
        *(
            "x: |\n" + " a\n" * 30_000,
            "'" * 3_900,
            '"\\' * 1_900,
            "&a " * 1_300,
            "a: b\n" * 18_000 + "c: d: e",
            "- a\n" * 24_000,
        ),
        *("a:\n" + " - b #c\n" * 10_000, "a: 'b\n" * 14_000, "%" * 3_900, "k: " + "a " * 1_900 + "#b"),
    ],
)
def test_front_matter_of_any_shape_is_read_or_refused_in_time_that_grows_with_its_length(header: str) -> None:
    begun = time.process_time()
    split_front_matter(f"---\n{header}\n---\n", Path("handout.en.md"))
    assert time.process_time() - begun < 20


@pytest.mark.parametrize("command", ["build", "check"])
@pytest.mark.parametrize(
    ("topic", "line", "remedy"),
    [
        ("front-matter-colon", 2, 'Put the value in quotes: title: "Botox: what to know"'),
        ("front-matter-hash", 2, 'Put the value in quotes: title: "Step #1 of 3 # care"'),
        ("front-matter-hash", 10, 'Put the value in quotes: - "Smith J. Knee wraps: a review. 2020"'),
    ],
)
def test_check_and_build_name_the_line_and_what_to_write(
    topic: str, line: int, remedy: str, command: str, tmp_path: Path
) -> None:
    out = ["--out", str(tmp_path / "out")] if command == "build" else []
    ran = forked(command, topic, "--handouts", str(CASES), *out)
    assert ran.returncode == 2, ran.stderr
    assert f"handout.en.md:{line}: error S17 bad-front-matter" in ran.stdout + ran.stderr
    assert remedy in ran.stdout + ran.stderr
    assert not (tmp_path / "out").exists()
