"""`import` takes over what a clinic has: nothing is lost, sections get roles, bad files are refused with a remedy."""

import io
import json
import re
import time
import zipfile
from collections import Counter
from datetime import date
from itertools import combinations
from pathlib import Path

import docx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinicpress import library
from clinicpress.documents import KINDS, Listing, Table, words_of
from clinicpress.errors import InputError
from clinicpress.library import imports
from clinicpress.library.imports import read_foreign
from clinicpress.library.imports.meaning import heading_roles
from tests.lint.shelf import Shelf, forked, stock

TODAY = date(2026, 12, 1)
SAMPLES = Path(__file__).parent / "imports"
COOL_WRAP = Path(__file__).parents[1] / "samples" / "cool-wrap.txt"
FILES = [*sorted(path for path in SAMPLES.iterdir() if path.is_file()), COOL_WRAP]


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return stock(tmp_path / "shelf")


def sentences(text: str) -> list[str]:
    """The sentences of a text, each as its letters and digits only."""
    parts = re.split(r"(?<=[.!?:])\s+|\n\s*\n", text)
    return [key for part in parts if (key := re.sub(r"[\W\d_]+", "", part))]


def squeezed(text: str) -> str:
    return re.sub(r"[\W\d_]+", "", text)


def kept(source: str, written: str) -> None:
    """Every sentence of the source stands in the document, as often as there."""
    body = squeezed(written)
    wanted = Counter(sentences(source))
    assert wanted
    assert {one for one, count in wanted.items() if body.count(one) < count} == set()


def imported(path: Path, **options: object):
    return read_foreign(path, TODAY, **options)


def roles(made) -> set[str]:
    return {role for _, named, _ in made.sections for role in named}


def from_text(tmp_path: Path, text: str, name: str = "page.txt", **options: object):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return imported(path, **options)


# Sections -------------------------------------------------------------------------------------------------------------


def without(text: str, *headings: str) -> str:
    for heading in headings:
        assert f"{heading}\n" in text
        text = text.replace(f"{heading}\n\n", "", 1)
    return text


PAGES = [SAMPLES / "neurotherapy-page.txt", SAMPLES / "sound-comb.txt", SAMPLES / "terapia-tibia.txt"]


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_a_page_of_questions_with_any_two_headings_missing_has_its_sections_in_place(
    page: Path, tmp_path: Path
) -> None:
    text = page.read_text(encoding="utf-8")
    headings = [line for line in text.split("\n") if line.endswith("?") and len(line) < 60]
    assert len(headings) >= 7
    whole = imported(page)
    assert not any(added for _, _, added in whole.sections[1:])
    missed = {}
    for gone in combinations(headings, 2):
        made = from_text(tmp_path, without(text, *gone))
        kept(without(text, *gone), made.text)
        assert made.kind == KINDS["handout"]
        if lacking := set(KINDS["handout"].required) - roles(made):
            missed[gone] = lacking
        bodies = re.findall(r"\{#([a-z-]+)[^}]*\}\n\n(.*?)(?=\n\n## |\Z)", made.text, re.DOTALL)
        for role, body in bodies:
            home = re.search(rf"\{{#{role}[^}}]*\}}\n\n(.*?)(?=\n\n## |\Z)", whole.text, re.DOTALL)
            if home and role in KINDS["handout"].required:
                first = sentences(home[1])[0]
                assert first in squeezed(body), (gone, role)
    assert missed == {}


def test_a_heading_of_ours_is_marked_so_that_it_cannot_be_printed_unseen() -> None:
    made = imported(COOL_WRAP)
    added = [heading for heading, _, ours in made.sections if ours]
    assert len(added) == 3
    assert all("TODO" in heading for heading in added)
    assert made.text.index("{#mechanism}") < made.text.index("{#benefits}") < made.text.index("{#drawbacks}")


@pytest.mark.parametrize(
    ("heading", "role"),
    [
        ("What is it?", "definition"),
        ("What is cryotherapy?", "definition"),
        ("¿Qué es?", "definition"),
        ("How does it work?", "mechanism"),
        ("How Neurotherapy Works", "mechanism"),
        ("¿Cómo funciona?", "mechanism"),
        ("How is it different from surgery?", "comparison"),
        ("What is the difference?", "comparison"),
        ("What are the risks?", "drawbacks"),
        ("Is it safe?", "drawbacks"),
        ("Who should not have it?", "drawbacks"),
        ("¿Cuáles son los riesgos?", "drawbacks"),
        ("Side effects", "drawbacks"),
        ("What are the benefits?", "benefits"),
        ("Advantages", "benefits"),
        ("¿Qué beneficios tiene?", "benefits"),
        ("What can it treat?", "uses"),
        ("Who can benefit?", "uses"),
        ("¿Para qué sirve?", "uses"),
        ("What should I expect?", "expect"),
        ("How is it done?", "expect"),
        ("Does it hurt?", "expect"),
        ("How many treatments will I need?", "expect"),
        ("¿Qué puedo esperar?", "expect"),
        ("After your treatment", "aftercare"),
        ("When should I call the doctor?", "when-to-call"),
        ("Any questions?", "questions"),
        ("¿Preguntas?", "questions"),
        ("Key points", "summary"),
    ],
)
def test_a_heading_is_read_by_its_meaning(heading: str, role: str) -> None:
    assert heading_roles(heading)[:1] == (role,)


def test_a_heading_can_have_two_roles() -> None:
    assert heading_roles("Risks and benefits") == ("benefits", "drawbacks")


def test_a_heading_without_meaning_keeps_its_place_and_is_named(tmp_path: Path) -> None:
    text = "# Splint\n\n## What is it?\n\nA splint is a stiff frame.\n\n## Parking\n\nBehind the house.\n"
    made = from_text(tmp_path, text, "splint.md")
    assert [heading for heading, _, _ in made.sections] == ["What is it?", "Parking"]
    assert any(remark.words == "Parking" for remark in made.remarks)


def test_what_its_author_headed_stays_under_that_heading(tmp_path: Path) -> None:
    nested = (
        "# Surgery\n\n## When to call\n\n### In office hours, expect:\n\n- Itching\n\n### At once:\n\n- Chest pain\n"
    )
    made = from_text(tmp_path, nested, "surgery.md")
    assert "{#when-to-call}\n\n### In office hours, expect:\n\n- Itching\n\n### At once:\n\n- Chest pain" in made.text
    assert not any(added for _, _, added in made.sections)


def test_text_before_the_first_heading_keeps_its_place(tmp_path: Path) -> None:
    made = from_text(tmp_path, "# Splint\n\nDear reader.\n\nCall 911 first.\n\n## Risks\n\nFew.\n", "splint.md")
    assert made.text.index("Dear reader.") < made.text.index("Call 911 first.") < made.text.index("{#drawbacks}")
    assert any("Text before the first heading" in remark.what for remark in made.remarks)


FORM = "I authorize the clinic. I consent to it.\n\n____ Release information to\n\nSignature: ______  Date: ____\n"


def test_only_lines_that_a_block_prints_are_called_so(tmp_path: Path) -> None:
    made = from_text(tmp_path, f"Authorization\n\n## Statement\n\n{FORM}", "form.md", kind="consent")
    told = {remark.words: remark.remedy for remark in made.remarks}
    assert "blocks print" in told["Signature: ______ Date: ____"]
    assert "::: fields" in told["____ Release information to"]
    assert made.text.index("Release information") < made.text.index("to be placed") < made.text.index("Signature: ")


def test_a_text_that_asks_for_a_signature_is_asked_about(tmp_path: Path) -> None:
    made = from_text(tmp_path, "No-show policy\n\nCome on time. Please review it and sign below.\n")
    assert "not sure" in made.why
    assert any(remark.words == "sign below" and "--kind" in remark.remedy for remark in made.remarks)
    assert "nothing in it is to be signed" in from_text(tmp_path, "Parking\n\nPark behind the house.\n").why


# Nothing is lost ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_word_of_a_sample_stands_in_the_document(path: Path) -> None:
    made = imported(path)
    assert made.lost == 0
    assert made.words > 30
    if path.suffix == ".txt":
        kept(path.read_text(encoding="utf-8"), made.text)


WORDS = st.text(
    st.characters(min_codepoint=32, max_codepoint=0x24F, exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=40
)
TAGS = ["p", "h2", "h3", "li", "b", "i", "td", "div", "ol", "tr", "nav", "del", "select", "button", "label", "q", "dt"]
PARAGRAPHS = st.lists(WORDS, min_size=1, max_size=6)


@settings(max_examples=60, deadline=None)
@given(PARAGRAPHS)
def test_no_word_number_or_sign_of_any_text_is_lost(
    tmp_path_factory: pytest.TempPathFactory, paragraphs: list[str]
) -> None:
    made = from_text(tmp_path_factory.getbasetemp(), "Some first words.\n\n" + "\n\n".join(paragraphs))
    assert made.lost == 0


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(TAGS), WORDS), min_size=1, max_size=8))
def test_no_word_number_or_sign_of_any_page_is_lost(
    tmp_path_factory: pytest.TempPathFactory, pieces: list[tuple[str, str]]
) -> None:
    escape = str.maketrans({"<": "&lt;", ">": "&gt;", "&": "&amp;"})
    body = "".join(f"<{tag}>{words.translate(escape)}</{tag}>" for tag, words in pieces)
    text = f"<html><body><p>Some first words.{body}"
    made = from_text(tmp_path_factory.getbasetemp(), text, "page.html")
    assert made.lost == 0
    assert "<" not in made.text.split("---\n")[2].replace("\\<", "").replace("](<", "")


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [("10⁶", "106", "10 6"), ("not ", "", "not"), ("2½", "21/2", "2 1"), ("≥", "", "≥"), ("3. ", "1. ", "3")],
)
def test_a_word_number_or_sign_that_is_lost_is_named(
    old: str, new: str, named: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "A dose\n\nTake 10⁶ units, not 2½ drops, at ≥ 38 degrees.\n\n3. Rest.\n"
    assert from_text(tmp_path, text).lost == 0
    written = imports.markdown
    monkeypatch.setattr(imports, "markdown", lambda blocks: written(blocks).replace(old, new))
    made = from_text(tmp_path, text)
    told = next(remark.words for remark in made.remarks if "are lost" in remark.what)
    assert set(named.split()) <= set(told.split())
    assert made.lost == len(told.split())
    assert "lost words" in made.first[1]


def test_a_page_loses_its_markup_and_names_what_it_cannot_carry() -> None:
    made = imported(SAMPLES / "consent.html")
    assert made.kind == KINDS["consent"]
    assert {"risks", "alternatives"} <= roles(made)
    for gone in ("alert", "color:red", "Old words", "javascript"):
        assert gone not in made.text
    for there in (
        "- You may feel dizzy.",
        "| Drops | No *visit* |",
        "**waiting**",
        "[more](<https://example.org/ear(1)>)",
    ):
        assert there in made.text
    assert "TODO: to be placed" in made.text
    told = " ".join(f"{remark.what} {remark.words}" for remark in made.remarks)
    for named in ("An ear", "Old words.", "javascript", "Signature"):
        assert named in told


def word_file(tmp_path: Path) -> Path:
    """A Word file with what clinics have in theirs, made by a real writer."""
    made = docx.Document()
    made.add_heading("Foam rolling", 0)
    made.add_heading("What is it?", 1)
    made.add_paragraph("Foam rolling is a way to press a soft roll on a muscle. ").add_run("Slowly").bold = True
    made.add_paragraph().add_run("What are the benefits?").bold = True
    for words in ("It may ease stiff legs.", "It costs little."):
        made.add_paragraph(words, style="List Bullet")
    made.add_heading("Risks", 1)
    made.add_paragraph("A bruise is common.")
    table = made.add_table(2, 2)
    for cell, words in zip([*table.rows[0].cells, *table.rows[1].cells], ("Day", "Minutes", "One", "Two"), strict=True):
        cell.text = words
    made.sections[0].header.paragraphs[0].text = "Oak Street Clinic"
    path = tmp_path / "foam.docx"
    made.save(str(path))
    return path


def edited(path: Path, change: tuple[str, str], part: str = "word/document.xml") -> Path:
    """A Word file with words of one part replaced."""
    before = zipfile.ZipFile(path)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            data = before.read(name)
            if name == part:
                assert change[0].encode() in data
                data = data.replace(change[0].encode(), change[1].encode())
            after.writestr(name, data)
    path.write_bytes(target.getvalue())
    return path


def test_a_word_file_keeps_headings_lists_bold_and_tables(tmp_path: Path) -> None:
    made = imported(word_file(tmp_path))
    assert made.title == "Foam rolling"
    assert made.lost == 0
    assert {"definition", "benefits", "drawbacks"} <= roles(made)
    for there in ("**Slowly**", "- It may ease stiff legs.", "| Day | Minutes |", "Oak Street Clinic"):
        assert there in made.text
    assert made.text.index("to be placed") < made.text.index("Oak Street Clinic")


def test_tracked_changes_and_text_boxes_are_named(tmp_path: Path) -> None:
    changes = (
        '<w:del w:id="1" w:author="a"><w:r><w:delText>A scar is sure.</w:delText></w:r></w:del>'
        '<w:ins w:id="2" w:author="a"><w:r><w:t>A bruise is common.</w:t></w:r></w:ins>'
        '<w:r><w:pict><v:shape xmlns:v="urn:schemas-microsoft-com:vml"><v:textbox><w:txbxContent><w:p><w:r>'
        "<w:t>Boxed advice.</w:t></w:r></w:p></w:txbxContent></v:textbox></v:shape></w:pict></w:r>"
    )
    path = edited(word_file(tmp_path), ("<w:r><w:t>A bruise is common.</w:t></w:r>", changes))
    made = imported(path)
    assert made.text.count("Boxed advice") == 1
    assert "A bruise is common" in made.text
    assert "A scar" not in made.text
    told = " ".join(f"{remark.what} {remark.words}" for remark in made.remarks)
    assert "deletes" in told
    assert "A scar is sure." in told
    assert "inserts" in told


def test_marks_in_the_words_stay_words(tmp_path: Path) -> None:
    text = (
        "Marks\n\n* 5 * 3 = 15, a_b_c, [x](y), `code`, {#summary}, <b>no</b>, &amp; 1. not\n\n# 7 is not a heading.\n"
    )
    made = from_text(tmp_path, text)
    assert made.lost == 0
    assert not roles(made)


def test_odd_characters_are_made_plain_or_named(tmp_path: Path) -> None:
    made = from_text(
        tmp_path, "Splint\n\nA splint\u00a0is a “frame” that the pa\u00adtient wears.\u202e Find it ﬁne.\x07\n"
    )
    assert "A splint is a “frame” that the patient wears. Find it fine." in made.text
    assert sum("was left out" in remark.what for remark in made.remarks) == 2


# Files that cannot be taken over --------------------------------------------------------------------------------------


def bomb() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("word/document.xml", b" " * 60_000_000)
    return target.getvalue()


REFUSED = [
    ("locked.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "password"),
    ("old.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "before 2007"),
    ("torn.docx", b"PK\x03\x04 torn", "damaged"),
    ("page.pdf", b"%PDF-1.7", "a PDF"),
    ("page.docx", b"%PDF-1.7", "a PDF"),
    ("empty.txt", b" \n", "empty"),
    ("bomb.docx", bomb(), "unpacks to"),
    ("word.txt", None, "is a Word document"),
    ("text.docx", b"Just words.", "is not a Word document"),
    ("web.txt", b"<!DOCTYPE html><p>x", "web page"),
    ("latin.txt", "Für später".encode("latin-1"), "--encoding"),
    ("wide.txt", "Words of text".encode("utf-16-le"), "utf-16"),
    ("notes.odt", b"words", "is not an OpenDocument text"),
    ("notes.pages", b"words", "not a kind of file"),
    ("rich.txt", b"{\\rtf1", "RTF"),
    ("blank.html", b"<html><body><img src=x></body></html>", "holds no words"),
]


@pytest.mark.parametrize(("name", "data", "said"), REFUSED, ids=[one[0] for one in REFUSED])
def test_a_file_that_cannot_be_taken_over_is_refused_with_a_remedy(
    name: str, data: bytes | None, said: str, shelf: Shelf, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(data if data is not None else word_file(tmp_path).read_bytes())
    before = sorted(shelf.folder.rglob("*"))
    ran = forked("import", str(path), "--topic", "taken", *shelf.options)
    assert (ran.returncode, ran.stdout) == (3, "")
    assert ran.stderr.startswith("Error: ")
    assert name in ran.stderr
    assert said in ran.stderr
    assert sorted(shelf.folder.rglob("*")) == before


@pytest.mark.parametrize("damage", ["<w:body><w:p>", "<!DOCTYPE x>"])
def test_a_word_file_that_is_damaged_inside_is_refused(damage: str, tmp_path: Path) -> None:
    path = edited(word_file(tmp_path), ("<w:body>", damage))
    with pytest.raises(InputError, match="Open it in Word"):
        imported(path)


def test_letters_are_read_as_marked_or_declared(tmp_path: Path) -> None:
    text = "Splint\n\nThe splint is for the José of this clinic and you.\n"
    path = tmp_path / "page.txt"
    for data, encoding in [
        (text.encode("utf-16"), None),
        (text.encode("utf-8-sig"), None),
        (text.encode("latin-1"), "iso-8859-1"),
        (text.encode("utf-16-le"), "utf-16"),
    ]:
        path.write_bytes(data)
        assert "José" in imported(path, encoding=encoding).text
    path.write_bytes("The “José”".encode("windows-1252"))
    with pytest.raises(InputError, match="windows-1252"):
        imported(path, encoding="iso-8859-1")


def test_a_text_in_another_language_says_so(tmp_path: Path) -> None:
    made = from_text(tmp_path, "Was ist das?\n\nDas ist ein Verband, den Sie mit der Hand auf die Haut legen.\n")
    assert made.language == "TODO"
    assert any("language of the text is unknown" in remark.what for remark in made.remarks)
    assert imported(SAMPLES / "terapia-tibia.txt").language == "es"


def test_two_hundred_pages_are_taken_over_in_seconds(tmp_path: Path) -> None:
    page = "What happens next?\n\n" + "The nurse shows you how the splint is worn at night. " * 45 + "\n\n"
    start = time.perf_counter()
    made = from_text(tmp_path, "Splints\n\n" + page * 200)
    assert time.perf_counter() - start < 30
    assert made.lost == 0
    assert any("Split it" in remark.remedy for remark in made.remarks)


# The command ----------------------------------------------------------------------------------------------------------


def test_the_command_writes_one_document_and_ends_with_a_check(shelf: Shelf) -> None:
    ran = forked("import", str(COOL_WRAP), *shelf.options)
    path = shelf.folder / "cool-wrap" / "handout.en.md"
    assert (ran.returncode, ran.stdout) == (0, f"{path}\n")
    assert path.stat().st_mode & 0o777 == 0o600
    for said in ("S02 missing-key", "C37 placeholder", "a handout"):
        assert said in ran.stderr
    assert forked("check", "--words", "cool-wrap", *shelf.options).returncode == 2
    documents, _ = library.read_library(shelf.folder, ["cool-wrap"])
    assert not set(KINDS["handout"].required) - {role for part in documents[0].sections for role in part.roles}
    assert any(isinstance(block, Listing) for block in documents[0].blocks())


def test_an_import_ends_with_three_things_to_do_first(shelf: Shelf, tmp_path: Path) -> None:
    path = tmp_path / "bracelet.txt"
    path.write_text("No-show policy\n\nPlease review the policy of the clinic, and sign below.\n", encoding="utf-8")
    ran = forked("import", str(path), *shelf.options)
    last = ran.stderr.strip().split("\n")[-4:]
    assert last[0] == "Do first:"
    assert [line[:3] for line in last[1:]] == ["1. ", "2. ", "3. "]
    assert "beside bracelet.txt" in last[1]
    assert "signed" in last[2]
    answer = json.loads(forked("import", str(path), "--topic", "other", "--json", *shelf.options).stdout)
    assert [f"{number}. {said}" for number, said in enumerate(answer["first"], 1)] == last[1:]


def test_the_command_never_overwrites(shelf: Shelf) -> None:
    before = shelf.handout.read_bytes()
    ran = forked("import", str(COOL_WRAP), "--topic", "ear-rinse", *shelf.options)
    assert ran.returncode == 3
    assert "is there already" in ran.stderr
    assert shelf.handout.read_bytes() == before


@pytest.mark.parametrize("topic", ["../out", "A b", ".x", "x/y", ""])
def test_a_topic_is_a_plain_name(topic: str, shelf: Shelf, tmp_path: Path) -> None:
    path = tmp_path / "!!.txt"
    path.write_text("Words.")
    assert forked("import", str(path), "--topic", topic, *shelf.options).returncode == 3


def test_the_answer_as_json_holds_sections_remarks_and_findings(shelf: Shelf) -> None:
    ran = forked("import", str(SAMPLES / "consent.html"), "--topic", "ear-rinse-2", "--json", *shelf.options)
    assert ran.returncode == 0
    answer = json.loads(ran.stdout)
    assert (answer["kind"], answer["language"]) == ("consent", "en")
    assert {"C09", "S02"} & {one["code"] for one in answer["problems"]} == {"S02"}
    assert all(one["what"] and one["remedy"] for one in answer["remarks"])
    assert any(one["roles"][:1] == ["risks"] for one in answer["sections"])
    documents, _ = library.read_library(shelf.folder, ["ear-rinse-2"])
    assert any(isinstance(block, Table) for block in documents[0].blocks())
    assert any("Oil drops" in words for _, words in words_of(list(documents[0].blocks())))
