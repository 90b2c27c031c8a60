"""Files become facts: front matter, revisions, leaflets; and whatever a file holds, it is read or refused in words."""

import re
import time
from contextlib import suppress
from dataclasses import fields
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinicpress import library
from clinicpress.documents import (
    BLOCKS,
    KINDS,
    Document,
    Figure,
    RegulatoryStatus,
    ReviewState,
    figures,
)
from clinicpress.errors import ContentError, InputError, Problem
from tests.lint.shelf import EXAMPLES, ROOT, Shelf, change, stock

DRAWING = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M1 1h7"/></svg>'


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    """The shelf with a form that leaves to the defaults what it can."""
    plain = stock(tmp_path)
    text = plain.consent.read_text(encoding="utf-8")
    plain.consent.write_text(re.sub(r"valid_days: 60\nblocks: .*?\]\n", "", text, flags=re.DOTALL), encoding="utf-8")
    return plain


def handout(shelf: Shelf) -> Document:
    return library.read_document(shelf.handout)


def consent(shelf: Shelf) -> Document:
    document = library.read_document(shelf.consent)
    assert document.kind.is_form
    return document


def problems(path: Path) -> tuple[Problem, ...]:
    with pytest.raises(ContentError) as caught:
        library.read_document(path)
    return caught.value.problems


def with_figure(shelf: Shelf) -> Path:
    picture = shelf.handout.parent / "ear.svg"
    picture.write_bytes(DRAWING)
    change(shelf.handout, ("Please call our office.", 'Please call.\n\n![An ear.](ear.svg "Water flows in.")'))
    return picture


# Front matter ---------------------------------------------------------------------------------------------------------


def test_a_handout_is_read_with_every_fact_of_its_front_matter(shelf: Shelf) -> None:
    document = handout(shelf)
    assert not document.kind.is_form
    assert (document.kind, document.topic, document.language) == (KINDS["handout"], "ear-rinse", "en")
    assert (document.title, document.form, document.author) == ("Having your ears rinsed", "EAR-1", "Practice nurses")
    assert (document.effective, document.review_by) == (date(2026, 11, 22), date(2027, 11, 22))
    assert document.sources == ("Our leaflet of 2019, read again in 2026",)
    assert document.review.state is ReviewState.DRAFT
    keys = ("title", "kind", "language", "form", "effective", "review_by", "author", "sources")
    assert document.lines == {key: number for number, key in enumerate(keys, 2)}
    assert [section.roles for section in document.sections] == [
        ("definition",),
        ("mechanism",),
        ("benefits",),
        ("drawbacks",),
        ("expect",),
        ("questions",),
    ]


def test_a_consent_form_is_read_with_its_own_keys_and_their_defaults(shelf: Shelf) -> None:
    document = consent(shelf)
    assert (document.kind, document.procedure, document.handout) == (
        KINDS["consent"],
        "Rinsing an ear with warm water",
        "ear-rinse",
    )
    assert (document.regulatory_status, document.lateral) == (RegulatoryStatus.APPROVED, True)
    assert document.review.state is ReviewState.DRAFT
    assert (document.valid_days, document.not_applicable) == (60, {})
    assert [block.name for block in document.form_blocks] == [
        *("identification", "reason", "discussion", "attestation", "clinician", "witness", "interpreter", "copy")
    ]
    change(shelf.consent, ("lateral: true\n", ""))
    assert not consent(shelf).lateral


def test_a_consent_form_takes_what_its_author_says_instead_of_the_defaults(shelf: Shelf) -> None:
    keys = "valid_days: 30\nblocks: [witness, attestation]\nnot_applicable: {C17: no blood, C28: said}\n---\n\nTake"
    change(shelf.consent, ("---\n\nTake", keys))
    document = consent(shelf)
    assert (document.valid_days, document.not_applicable) == (30, {"C17": "no blood", "C28": "said"})
    assert [block.name for block in document.form_blocks] == ["witness", "attestation"]


def test_the_kind_may_be_left_to_the_file_name(shelf: Shelf) -> None:
    change(shelf.handout, ("kind: handout\n", ""))
    assert not handout(shelf).kind.is_form


@pytest.mark.parametrize(
    ("written", "rule"),
    [
        ("valid_days: 0", "wrong-type"),
        ("valid_days: 3651", "wrong-type"),
        ("valid_days: 30.5", "wrong-type"),
        ("valid_days: true", "wrong-type"),
        ("lateral: left", "wrong-type"),
        ("lateral: 1", "wrong-type"),
        ("blocks: identification", "wrong-type"),
        ("blocks: [1]", "wrong-type"),
        ("blocks: [identification, identification]", "unknown-value"),
        ("blocks: [atestation]", "unknown-value"),
        ("not_applicable: C17", "wrong-type"),
        ("not_applicable: {C17: 3}", "wrong-type"),
        ("not_applicable: {C99: no such element}", "unknown-key"),
        ("not_applicable: {C09: ''}", "wrong-type"),
        ("regulatory_status: off label", "unknown-value"),
        ("procedure: [one, two]", "wrong-type"),
    ],
)
def test_a_value_that_a_key_cannot_take_is_refused_at_its_line(written: str, rule: str, shelf: Shelf) -> None:
    key = written.partition(":")[0]
    text = shelf.consent.read_text(encoding="utf-8")
    rows = [row for row in text.splitlines() if not row.startswith(key + ":")]
    rows.insert(5, written)
    shelf.consent.write_text("\n".join(rows), encoding="utf-8")
    assert [(one.line, one.rule) for one in problems(shelf.consent)] == [(6, rule)]


@pytest.mark.parametrize(
    ("written", "rule"),
    [
        ("title: 2026", "wrong-type"),
        ("title: ''", "missing-key"),
        ("title:", "missing-key"),
        ("title: '  '", "missing-key"),
        ("form: [EAR-1]", "wrong-type"),
        ("sources: []", "missing-key"),
        ("sources: ['']", "missing-key"),
        ("sources: one", "wrong-type"),
        ("sources: [2019]", "wrong-type"),
        ("effective: 2026-11-31", "bad-date"),
        ("effective: 22.11.2026", "bad-date"),
        ("effective: 20261122", "bad-date"),
        ("effective: 2026-11", "bad-date"),
        ("effective: 2026-11-22 10:00:00", "bad-date"),
        ("effective: tomorrow", "bad-date"),
        ("kind: consent-form", "unknown-value"),
        ("subject: ears", "unknown-key"),
        ("lateral: true", "unknown-key"),
    ],
)
def test_a_fault_of_the_front_matter_is_found_once_and_at_its_line(written: str, rule: str, shelf: Shelf) -> None:
    key = written.partition(":")[0]
    rows = shelf.handout.read_text(encoding="utf-8").replace("sources:\n  - ", "sources: [").splitlines()
    rows = [row + "]" if row.startswith("sources: [") else row for row in rows if not row.startswith(key + ":")]
    rows.insert(3, written)
    shelf.handout.write_text("\n".join(rows), encoding="utf-8")
    assert [(one.line, one.rule) for one in problems(shelf.handout)] == [(4, rule)]


@pytest.mark.parametrize("written", ['effective: "2026-11-22"', "effective: '2026-11-22'"])
def test_a_date_in_quotes_is_not_answered_with_the_advice_to_write_what_stands_there(
    written: str, shelf: Shelf
) -> None:
    change(shelf.handout, ("effective: 2026-11-22", written))
    (found,) = problems(shelf.handout)
    assert found.rule == "bad-date"
    assert "quotes" in found.remedy


@pytest.mark.parametrize(
    ("header", "line"),
    [
        ("", 1),
        ("---\n", 1),
        ("title: no fence\n", 1),
        ("---\n- a\n- list\n---\n", 2),
        ("---\njust words\n---\n", 2),
        ('---\ntitle: "open\n---\n', 2),
        ("---\ntitle: a: b\n---\n", 2),
        ("---\n\ttitle: a\n---\n", 2),
        ("---\nform: A\nform: B\n---\n", 3),
        ("---\nform: !!python/object:os.system A\n---\n", 2),
        ("---\ntitle: &a A\nform: *a\n---\n", 2),
    ],
)
def test_front_matter_that_cannot_be_read_is_named_at_its_line(header: str, line: int, shelf: Shelf) -> None:
    shelf.handout.write_text(header + "\n## One\n\nText.\n", encoding="utf-8")
    assert [one.line for one in problems(shelf.handout) if one.rule == "bad-front-matter"] == [line]


@pytest.mark.parametrize("data", [b"", b"## One\n", b"---\ntitle: a: b\n---\n", b"---\ntitle: caf\xe9\n---\n"])
def test_what_is_missing_only_because_nothing_could_be_read_is_not_listed_as_well(data: bytes, shelf: Shelf) -> None:
    shelf.handout.write_bytes(data)
    assert len(problems(shelf.handout)) == 1


def test_front_matter_may_be_written_in_any_way_that_yaml_knows(shelf: Shelf) -> None:
    change(shelf.handout, ("title: Having your ears rinsed", "title: >-\n  Having your\n  ears rinsed"))
    change(shelf.handout, ("form: EAR-1", "'form': \"EAR-1\" # the number of the old leaflet"))
    document = handout(shelf)
    assert (document.title, document.form) == ("Having your ears rinsed", "EAR-1")
    assert (document.lines["title"], document.lines["form"]) == (2, 7)


def test_the_file_name_has_to_say_what_the_front_matter_says(shelf: Shelf) -> None:
    other = shelf.handout.with_name("consent.en.md")
    shelf.handout.rename(other)
    assert "name-mismatch" in {one.rule for one in problems(other)}


# Revisions ------------------------------------------------------------------------------------------------------------


def test_a_revision_is_64_digits_of_which_people_see_8(shelf: Shelf) -> None:
    revision = handout(shelf).revision
    assert len(revision.digest) == 64
    assert str(revision) == revision.digest[:8]


@pytest.mark.parametrize(
    "difference",
    [("mostly", "mostly"), ("dizzy", "Dizzy"), ("dizzy", "dizzy "), ("EAR-1", "EAR-2"), ("2027-11-22", "2027-11-23")][
        1:
    ],
)
def test_a_revision_changes_with_one_character(difference: tuple[str, str], shelf: Shelf) -> None:
    before = handout(shelf).revision
    change(shelf.handout, difference)
    assert handout(shelf).revision != before


def test_a_revision_does_not_change_with_line_ends_a_byte_order_mark_or_the_form_of_its_accents(shelf: Shelf) -> None:
    change(shelf.handout, ("dizzy", "dizzy in the caf\u00e9"))
    before = handout(shelf).revision
    data = shelf.handout.read_bytes()
    for same in (
        data.replace(b"\n", b"\r\n"),
        data.replace(b"\n", b"\r"),
        b"\xef\xbb\xbf" + data,
        data.replace("\u00e9".encode(), "e\u0301".encode()),
    ):
        assert same != data
        shelf.handout.write_bytes(same)
        assert handout(shelf).revision == before


def test_a_revision_changes_with_one_byte_of_a_figure_and_with_its_name(shelf: Shelf) -> None:
    picture = with_figure(shelf)
    before = handout(shelf).revision
    picture.write_bytes(DRAWING.replace(b"h7", b"h6"))
    changed = handout(shelf).revision
    assert changed != before
    picture.write_bytes(DRAWING)
    assert handout(shelf).revision == before
    picture.rename(picture.with_name("ohr.svg"))
    change(shelf.handout, ("ear.svg", "ohr.svg"))
    assert handout(shelf).revision not in (before, changed)


def test_a_revision_changes_with_a_part_for_large_print(shelf: Shelf) -> None:
    picture = with_figure(shelf)
    change(shelf.handout, ('flows in.")', 'flows in."){large="half.svg"}'))
    half = picture.with_name("half.svg")
    half.write_bytes(DRAWING)
    before = handout(shelf).revision
    half.write_bytes(DRAWING.replace(b"h7", b"h6"))
    assert handout(shelf).revision != before
    (figure,) = figures(tuple(handout(shelf).blocks()))
    assert isinstance(figure, Figure)
    assert figure.large[0].name == "half.svg"


def test_a_revision_does_not_change_with_the_place_of_the_library_or_with_what_else_lies_there(
    shelf: Shelf, tmp_path: Path
) -> None:
    before = handout(shelf).revision
    (shelf.handout.parent / "notes.txt").write_text("unrelated")
    (shelf.handout.parent / "unused.svg").write_bytes(DRAWING)
    assert handout(shelf).revision == before
    assert handout(stock(tmp_path / "elsewhere")).revision == before


# Libraries ------------------------------------------------------------------------------------------------------------


def test_the_shipped_library_is_read_without_a_problem() -> None:
    documents, found = library.read_library(ROOT / "handouts")
    assert found == []
    assert {(one.topic, one.kind) for one in documents} >= {("neurotherapy", kind) for kind in ("handout", "consent")}


def test_documents_are_found_by_their_names_and_in_order(shelf: Shelf) -> None:
    for name in ("notes.md", "handout.md", "flyer.en.md", "handout.en.txt", "b/handout.fr.md", "b/consent.en.md"):
        (shelf.folder / name).parent.mkdir(exist_ok=True)
        (shelf.folder / name).write_text("")
    (shelf.folder / "handout.en.md").write_text("")
    (shelf.folder / "ear-rinse" / "deeper").mkdir()
    (shelf.folder / "ear-rinse" / "deeper" / "handout.en.md").write_text("")
    found = [str(path.relative_to(shelf.folder)) for path in library.find_documents(shelf.folder)]
    assert found == ["b/consent.en.md", "b/handout.fr.md", "ear-rinse/consent.en.md", "ear-rinse/handout.en.md"]


def test_a_document_whose_name_is_nearly_right_is_not_passed_over_in_silence(shelf: Shelf) -> None:
    """`Handout.en.md`, or `handout.md`: a leaflet that is missing from the print run should be missed by somebody."""
    shelf.handout.rename(shelf.handout.with_name("Handout.en.md"))
    shelf.consent.unlink()
    documents, found = library.read_library(shelf.folder)
    assert [*documents, *found]


def test_a_consent_form_gets_its_leaflet_with_the_leaflets_revision(shelf: Shelf) -> None:
    for topics in ((), ("ear-rinse",)):
        documents, found = library.read_library(shelf.folder, topics)
        assert found == []
        form = next(one for one in documents if one.kind.is_form)
        assert form.leaflet is not None
        assert form.leaflet.revision == handout(shelf).revision


def test_a_leaflet_of_another_topic_is_found_though_only_one_topic_is_asked_for(shelf: Shelf) -> None:
    (shelf.folder / "ear-form").mkdir()
    shelf.consent.rename(shelf.folder / "ear-form" / "consent.en.md")
    (form,), found = library.read_library(shelf.folder, ("ear-form",))
    assert found == []
    assert form.kind.is_form
    assert form.leaflet is not None


def test_a_leaflet_that_is_broken_is_reported_though_only_its_form_is_asked_for(shelf: Shelf) -> None:
    """Else the form would print without the line that says which leaflet was handed over."""
    (shelf.folder / "ear-form").mkdir()
    shelf.consent.rename(shelf.folder / "ear-form" / "consent.en.md")
    change(shelf.handout, ("form: EAR-1\n", ""))
    _, found = library.read_library(shelf.folder, ("ear-form",))
    assert [one.rule for one in found]


def test_a_leaflet_outside_the_library_is_not_fetched(tmp_path: Path) -> None:
    shelf, other = stock(tmp_path / "ours"), stock(tmp_path / "theirs")
    change(shelf.consent, ("handout: ear-rinse", "handout: ../theirs/ear-rinse"))
    assert (shelf.folder / "../theirs/ear-rinse").resolve() == other.handout.parent
    documents, found = library.read_library(shelf.folder)
    form = next(one for one in documents if one.kind.is_form)
    assert form.leaflet is None
    assert [one.rule for one in found] == ["no-leaflet"]


def test_an_unknown_topic_is_answered_with_the_nearest(shelf: Shelf) -> None:
    with pytest.raises(InputError, match=r"no topic 'earrinse'\. Did you mean 'ear-rinse'\?"):
        library.read_library(shelf.folder, ("earrinse",))


def test_what_is_read_cannot_be_changed_afterwards(shelf: Shelf) -> None:
    document = consent(shelf)
    for one in fields(document):
        with pytest.raises(AttributeError):
            setattr(document, one.name, None)
    with pytest.raises(TypeError):
        document.not_applicable["C09"] = "never mind"  # type: ignore[index]
    with pytest.raises(TypeError):
        document.lines["title"] = 0  # type: ignore[index]
    with pytest.raises(TypeError):
        BLOCKS["mine"] = BLOCKS["witness"]  # type: ignore[index]


# Anything at all ------------------------------------------------------------------------------------------------------

SOUND = (EXAMPLES / "S23" / "good" / "ear-rinse" / "handout.en.md").read_bytes()
FORM = (EXAMPLES / "S23" / "good" / "ear-rinse" / "consent.en.md").read_bytes()
MARKS = [
    *(
        b"---",
        b"\n",
        b": ",
        b"&a ",
        b"*a",
        b"!!int ",
        b"!!bool x",
        b"!!timestamp ",
        b"[",
        b"]",
        b"{",
        b"}",
        b"? ",
        b"- ",
    ),
    *(b"|\n", b'"', b"'", b"#", b"![a](", b"%00", b".svg)", b"\xff", b"\xef\xbb\xbf", b"\x00", b"\xe2\x80\xae"),
    *(
        b"2027-13-45",
        b"<<: ",
        b"0x",
        b"1:60",
        b".inf",
        b"=",
        b"~",
        b"@",
        b"`",
        b"\\ud800",
        b"\t",
        b"\r",
        b":::",
        b"[^1]",
    ),
]
PIECES = st.one_of(st.binary(max_size=12), st.sampled_from(MARKS))
SPLICES = st.lists(st.tuples(st.integers(0, 1200), st.integers(0, 40), PIECES), min_size=1, max_size=5)


def read_all_the_same(path: Path, data: bytes) -> None:
    """Reading ends with a document or with a sentence; any other exception is a bug."""
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)
    found: tuple[Problem, ...] = ()
    with suppress(InputError):
        try:
            assert library.read_document(path).title
        except ContentError as error:
            found = error.problems
    for one in found:
        assert 0 <= one.line <= data.count(b"\n") + data.count(b"\r") + 2
        assert one.message
        assert one.remedy
        str(one).encode()  # can be printed


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.one_of(st.binary(max_size=300), st.binary(max_size=200).map(lambda tail: b"---\n" + tail + b"\n---\n")))
def test_any_bytes_are_read_or_refused_in_words(tmp_path: Path, data: bytes) -> None:
    read_all_the_same(tmp_path / "topic" / "handout.en.md", data)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(sound=st.sampled_from([SOUND, FORM]), splices=SPLICES)
def test_a_document_with_slips_anywhere_is_read_or_refused_in_words(
    tmp_path: Path, sound: bytes, splices: list[tuple[int, int, bytes]]
) -> None:
    for start, length, piece in splices:
        sound = sound[:start] + piece + sound[start + length :]
    kind = "consent" if b"procedure" in sound else "handout"
    read_all_the_same(tmp_path / "topic" / f"{kind}.en.md", sound)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    key=st.sampled_from(["title", "form", "effective", "language", "sources", "kind", "author", "more"]),
    value=st.one_of(PIECES.map(lambda piece: piece.decode("utf-8", "replace")), st.text(max_size=20)),
)
def test_any_value_of_a_key_is_read_or_refused_in_words(tmp_path: Path, key: str, value: str) -> None:
    rows = [row for row in SOUND.decode().splitlines() if not row.startswith(key + ":")]
    rows.insert(2, f"{key}: {value}")
    read_all_the_same(tmp_path / "topic" / "handout.en.md", "\n".join(rows).encode("utf-8", "surrogatepass"))


@pytest.mark.parametrize(
    "tag",
    ["!!bool maybe", '!!int ""', "!!int a", "!!timestamp maybe", "!!float x", "!!null x", '!!binary "@"', "!!set [a]"],
)
def test_a_value_with_a_tag_that_it_does_not_fit_is_refused_in_words(tag: str, shelf: Shelf) -> None:
    change(shelf.handout, ("form: EAR-1", f"form: {tag}"))
    found = problems(shelf.handout)
    assert [one.line for one in found] == [5]
    assert "is not a date" not in found[0].message


def test_a_file_that_is_too_large_to_be_a_handout_is_refused(shelf: Shelf) -> None:
    shelf.handout.write_bytes(SOUND + b"word " * 200_001)
    with pytest.raises(InputError, match="larger than 1 MB"):
        library.read_document(shelf.handout)


@pytest.mark.parametrize(
    "text",
    [
        *("*" * 20_000, "[" * 20_000, "`" * 20_001, "> " * 5_000 + "a", "- " * 5_000 + "a", "_a " * 10_000),
        *("<" * 20_000, "![" * 5_000, "[a](" * 5_000, "&#" * 10_000, "a\n: b\n\n" * 3_000),
        "| a " * 5_000 + "|\n" + "|-" * 5_000 + "|",
    ],
    ids=lambda text: text[:6].strip(),
)
def test_a_text_made_to_be_slow_is_read_in_seconds(text: str, shelf: Shelf) -> None:
    change(shelf.handout, ("Please call our office.", text))
    began = time.perf_counter()
    with suppress(ContentError):
        library.read_document(shelf.handout)
    assert time.perf_counter() - began < 10  # seconds; on a quiet machine each takes less than one
