"""Words that stand in many documents are written once, found fault with there, and renewed by one command."""

import json
import re
import shutil
from collections import Counter
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from clinicpress import library
from clinicpress.clinics import Print
from clinicpress.documents import Listing, Paragraph, composition, figures, plain_text, spot_of, walk
from clinicpress.errors import ContentError, InputError
from clinicpress.press import approvals
from clinicpress.press.shelf import printable
from tests.instruments.extract import poppler_pages
from tests.lint.shelf import ROOT, Shelf, as_spanish, change, forked, stock
from tests.passages import ASK, DAY, WORDS, handout_of, letters, passage, printed, taken, told, with_passage

DRAWING = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M1 1h7"/></svg>'


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return with_passage(tmp_path / "shelf")


def line_of(path: Path, words: str) -> int:
    """On which line of a file some words stand."""
    rows = path.read_text(encoding="utf-8").split("\n")
    return next(number for number, row in enumerate(rows, 1) if words in row)


# What comes into a document -------------------------------------------------------------------------------------------


def test_a_passage_stands_in_the_document_at_its_place(shelf: Shelf) -> None:
    document = handout_of(shelf)
    section = document.section("questions")
    assert section is not None
    first, second, third = section.blocks
    assert isinstance(first, Paragraph)
    assert plain_text(first.content) == "If you cannot breathe, call 911."
    assert isinstance(second, Listing)
    assert len(second.items) == 2
    assert isinstance(third, Paragraph)
    assert plain_text(third.content) == "Please call our office."
    assert told(shelf) == []


def test_each_block_of_a_passage_knows_its_own_file_and_line(shelf: Shelf) -> None:
    document = handout_of(shelf)
    file = shelf.folder / "passages" / "emergency.en.md"
    spots = {spot_of(document, one.line) for one in walk(tuple(document.blocks()))}
    assert (file, line_of(file, "cannot breathe")) in spots
    assert (file, line_of(file, "For all else")) in spots
    assert (shelf.handout, line_of(shelf.handout, "Please call")) in spots


def test_the_folder_of_passages_is_no_topic(shelf: Shelf) -> None:
    passage(shelf, name="handout")  # a passage may even be called like a kind
    assert {one.topic for one in taken(shelf).documents} == {"ear-rinse"}
    with pytest.raises(InputError, match="no topic 'passages'"):
        library.read_library(shelf.folder, ["passages"])
    done = forked("new", "passages", *shelf.options)
    assert done.returncode == 3
    assert "that folder holds passages" in done.stderr


def test_notes_of_a_passage_are_counted_with_those_of_the_document(shelf: Shelf) -> None:
    passage(shelf, "Call 911.[^a]\n\n[^a]: Day and night.\n")
    change(shelf.handout, ("wash the wax out.", "wash the wax out.[^w]"), ("Please call our", "Please[^c] call our"))
    with shelf.handout.open("a", encoding="utf-8") as file:
        file.write("\n[^c]: In office hours.\n\n[^w]: The first.\n")
    document = handout_of(shelf)
    notes = [plain_text(one.content) for note in document.notes for one in note if isinstance(one, Paragraph)]
    assert notes == ["The first.", "Day and night.", "In office hours."]
    texts = " ".join(text for _, text in document.texts())
    assert "wax out.1" in texts
    assert "Call 911.2" in texts
    assert "Please3 call" in texts


def test_a_figure_of_a_passage_does_not_take_the_place_of_one_of_the_document(shelf: Shelf) -> None:
    passage(shelf, 'Call 911.\n\n![A phone.](one.svg "Call.")\n')
    (shelf.folder / "passages" / "one.svg").write_bytes(DRAWING)
    (shelf.handout.parent / "one.svg").write_bytes(DRAWING.replace(b"h7", b"h5"))
    change(shelf.handout, ("Please call", '![An ear.](one.svg "An ear.")\n\nPlease call'))
    drawn = {one.drawing.name: one.drawing.data for one in figures(tuple(handout_of(shelf).blocks()))}
    assert len(drawn) == 2
    assert len(set(drawn.values())) == 2


def test_a_passage_may_stand_in_a_document_twice(shelf: Shelf) -> None:
    change(shelf.handout, ("Please call our office.", f"Please call our office.\n\n{ASK}"))
    assert len(handout_of(shelf).passages) == 2


# What is refused, with file, line and remedy --------------------------------------------------------------------------


def not_there(shelf: Shelf) -> tuple[Path, str]:
    change(shelf.handout, ("passage emergency", "passage emergancy"))
    return shelf.handout, "N01 .* There is no passage 'emergancy'. Did you mean 'emergency'?"


def in_english_only(shelf: Shelf) -> tuple[Path, str]:
    spanish = shelf.handout.with_name("handout.es.md")
    text = as_spanish(shelf.handout.read_text(encoding="utf-8"))
    spanish.write_text(text, encoding="utf-8")
    return spanish, "N02 .* 'emergency' is not there in Español. Have it translated"


def of_another_kind(shelf: Shelf) -> tuple[Path, str]:
    passage(shelf, more="kinds: [consent]\n")
    return shelf.handout, r"N04 .* of the kind 'handout'. .*add the kind to 'kinds' in .*emergency.en.md \(now: consent"


def unreadable(shelf: Shelf) -> tuple[Path, str]:
    (shelf.folder / "passages" / "emergency.en.md").write_text("no front matter", encoding="utf-8")
    return shelf.handout, "N01 .* The passage 'emergency' cannot be read. Mend .*emergency.en.md first"


def in_a_list(shelf: Shelf) -> tuple[Path, str]:
    change(shelf.handout, (ASK, "- One:\n\n  ::: passage emergency\n  :::\n"))
    return shelf.handout, "N06 .* inside a list, a note or a quotation. Write '::: passage NAME'"


def with_words_in_it(shelf: Shelf) -> tuple[Path, str]:
    change(shelf.handout, (ASK, "::: passage emergency\nOr not.\n:::\n"))
    return shelf.handout, "N06 .* Words stand inside the container of a passage"


def with_a_parameter(shelf: Shelf) -> tuple[Path, str]:
    change(shelf.handout, (ASK, "::: passage emergency at-night\n:::\n"))
    return shelf.handout, "N06 .* by its name and nothing else"


@pytest.mark.parametrize(
    "fault",
    [not_there, in_english_only, of_another_kind, unreadable, in_a_list, with_words_in_it, with_a_parameter],
)
def test_what_cannot_come_into_a_document_is_an_error_where_it_is_asked_for(
    fault: Callable[[Shelf], tuple[Path, str]], shelf: Shelf
) -> None:
    file, message = fault(shelf)
    line = line_of(file, "::: passage")
    found = [one for one in told(shelf) if one.split()[1] == f"{file.name}:{line}"]
    assert any(re.search(message, one) for one in found), told(shelf)
    with pytest.raises(ContentError):
        library.read_document(file)


def nested(shelf: Shelf) -> tuple[Path, str, str]:
    return passage(shelf, f"Call 911.\n\n{ASK}"), "::: passage", "N03 .* asks for another one, 'emergency'. Write its"


def with_a_section(shelf: Shelf) -> tuple[Path, str, str]:
    return passage(shelf, "Call 911.\n\n## At night\n\nWait.\n"), "## At night", "N06 .* section of its own. Write ###"


def with_fields(shelf: Shelf) -> tuple[Path, str, str]:
    words = "Call 911.\n\n::: fields\n- Who: text {staff.who}\n:::\n"
    return passage(shelf, words), "::: fields", "N06 .* A passage holds places to write"


def expired(shelf: Shelf) -> tuple[Path, str, str]:
    path = passage(shelf)
    change(path, ("review_by: 2027-11-22", "review_by: 2026-11-30"))
    return path, "review_by", "N05 .* read again by 2026-11-30. .*approve --passage NAME"


def misnamed(shelf: Shelf) -> tuple[Path, str, str]:
    path = passage(shelf)
    change(path, ("passage: emergency", "passage: urgent"))
    return path, "passage:", "S22 .* says passage 'emergency', the front matter says 'urgent'"


def with_an_unknown_key(shelf: Shelf) -> tuple[Path, str, str]:
    return passage(shelf, more="ownr: clinician\n"), "ownr", "S01 .* 'ownr' is unknown. Did you mean 'owner'"


def for_an_unknown_kind(shelf: Shelf) -> tuple[Path, str, str]:
    return passage(shelf, more="kinds: [handut]\n"), "kinds", "S20 .* Did you mean 'handout'"


@pytest.mark.parametrize(
    "fault", [nested, with_a_section, with_fields, expired, misnamed, with_an_unknown_key, for_an_unknown_kind]
)
def test_a_fault_of_a_passage_is_told_at_its_own_line_once_and_with_the_documents(
    fault: Callable[[Shelf], tuple[Path, str, str]], shelf: Shelf
) -> None:
    change(shelf.consent, ("## Your decision", f"{ASK}\n## Your decision"))
    file, words, message = fault(shelf)
    found = [one for one in told(shelf) if one.split()[1] == f"{file.name}:{line_of(file, words)}"]
    assert len(found) == 1, told(shelf)
    assert re.search(message, found[0])
    assert "Used in 2 documents: ear-rinse/consent.en.md:" in found[0]
    assert printable(taken(shelf)).documents == ()


def test_a_finding_of_the_editor_points_at_the_passage_once(shelf: Shelf) -> None:
    change(shelf.consent, ("## Your decision", f"{ASK}\n## Your decision"))
    file = passage(shelf, "Call 911.\n\nPatients should keep the ear dry.\n")
    found = [one for one in taken(shelf).problems if one.code == "L07"]
    assert [(one.file, one.line) for one in found] == [(str(file), line_of(file, "Patients should"))]
    asked = line_of(shelf.handout, "::: passage")
    assert f"ear-rinse/handout.en.md:{asked}" in found[0].remedy


def test_what_the_whole_document_lacks_is_told_in_the_document_and_names_the_passage(shelf: Shelf) -> None:
    passage(shelf, "Tell us if you take an anticoagulant.\n")
    (found,) = [one for one in taken(shelf).problems if one.code == "L06"]
    assert (found.file, found.line) == (str(shelf.handout), line_of(shelf.handout, "::: passage"))
    assert "The words are those of the passage 'emergency'" in found.message


def test_a_faulty_passage_stops_only_the_documents_that_ask_for_it(shelf: Shelf) -> None:
    nested(shelf)
    assert [one.file for one in printable(taken(shelf)).documents] == []  # the form refers to the handout
    change(shelf.consent, ("handout: ear-rinse\n", ""))
    assert [one.file for one in printable(taken(shelf)).documents] == [shelf.consent]


def test_a_text_without_passages_is_what_it_was(tmp_path: Path) -> None:
    """Its revision is the digest of its file, as it was before there were passages."""
    shelf = stock(tmp_path)
    before = library.read_document(shelf.handout)
    passage(shelf)
    assert library.read_document(shelf.handout) == before
    assert before.revision.digest == sha256(shelf.handout.read_bytes()).hexdigest()


# Renewed by one command -----------------------------------------------------------------------------------------------

BY = ("--by", "Ada Example, ND")


def states(shelf: Shelf) -> Counter[str]:
    """How many documents of a shelf are in each state of review."""
    return Counter(str(one.review.state) for one in taken(shelf).documents)


def approve_all(shelf: Shelf) -> None:
    """A clinician stands behind each text of a shelf."""
    there = taken(shelf)
    for document in there.documents:
        approvals.approve(there, document, by="Ada Example, ND", today=DAY)


@pytest.fixture
def forty(shelf: Shelf) -> Shelf:
    """A shelf with one passage in forty approved documents."""
    shelf.consent.unlink()
    for number in range(1, 40):
        shutil.copytree(shelf.handout.parent, shelf.folder / f"topic-{number}")
    approve_all(shelf)
    return shelf


def test_one_passage_in_forty_documents_is_changed_seen_and_renewed_in_one_command(forty: Shelf) -> None:
    assert states(forty) == {"approved": 40}
    passage(forty, WORDS.replace("cannot breathe", "cannot breathe or speak"))
    assert states(forty) == {"stale": 40}
    listed_ = forked("list", *forty.options).stdout
    assert listed_.count("handout.en: draft: the passage 'emergency' was changed") == 40
    for number in (1, 2, 3):
        text = forty.folder / f"topic-{number}" / "handout.en.md"
        change(text, ("Please call our office.", "Please call our office today."))
    done = forked("approve", "--passage", "emergency", *BY, *forty.options)
    assert done.returncode == 0, done.stderr
    assert "- If you cannot breathe, call 911." in done.stderr
    assert "+ If you cannot breathe or speak, call 911." in done.stderr
    assert "37 renewed, 3 to approve one by one, 0 current before." in done.stderr
    for number in (1, 2, 3):
        assert f"Waits: topic-{number}/handout.en: more was changed: the passage 'emergency' was changed; its own" in (
            done.stderr
        )
    assert len(done.stdout.split()) == 37
    assert states(forty) == {"approved": 37, "stale": 3}
    record = (forty.folder / "topic-4" / "review.toml").read_text(encoding="utf-8").split("[[review]]")[-1]
    new = library.read_document(forty.folder / "topic-4" / "handout.en.md").passages[0].digest
    assert f'because = "passage emergency {new[:8]}"' in record
    assert f'"emergency" = "{new}"' in record
    again = forked("approve", "--passage", "emergency", *BY, *forty.options)
    assert "0 renewed, 3 to approve one by one, 37 current before." in again.stderr
    passage(forty)  # put back: what was approved first is current again
    assert states(forty) == {"approved": 37, "stale": 3}


def test_a_renewal_lasts_as_long_as_the_approval_before_it(shelf: Shelf) -> None:
    approve_all(shelf)
    passage(shelf, "Call 911 at once.\n")
    forked("approve", "--passage", "emergency", *BY, *shelf.options)
    first, second = handout_of(shelf).review.history
    assert (first.until, first.because, second.until) == (second.until, "", first.until)


def test_a_passage_that_asks_for_it_is_looked_at_in_each_document(shelf: Shelf) -> None:
    passage(shelf, more="context: each\n")
    approve_all(shelf)
    passage(shelf, "Call 911 at once.\n", more="context: each\n")
    done = forked("approve", "--passage", "emergency", *BY, *shelf.options)
    assert "it is looked at by itself: read it, then add --yes ear-rinse/handout.en" in done.stderr
    done = forked("approve", "--passage", "emergency", *BY, "--yes", "ear-rinse/handout.en", *shelf.options)
    assert "1 renewed, 0 to approve" in done.stderr


def test_nobody_renews_by_way_of_a_passage_what_that_person_may_not_approve(shelf: Shelf) -> None:
    passage(shelf, more="owner: manager\n")
    approve_all(shelf)
    passage(shelf, "Call 911 at once.\n", more="owner: manager\n")
    done = forked("approve", "--passage", "emergency", *BY, "--role", "manager", *shelf.options)
    assert "Waits: ear-rinse/handout.en: a handout is not approved by a manager." in done.stderr
    passage(shelf, "Call 911 at once.\n")
    done = forked("approve", "--passage", "emergency", *BY, "--role", "manager", *shelf.options)
    assert done.returncode == 3
    assert "is approved by its owner: clinician" in done.stderr


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--passage", "emergancy"), "There is no passage 'emergancy' in 'en'. Did you mean 'emergency'?"),
        (("--passage", "emergency", "--lang", "es"), "There is no passage 'emergency' in 'es'."),
        (("--passage", "emergency", "--revision", "ffff"), "The passage was changed since it was read"),
        (("--passage", "emergency", "--yes", "ear-rinse/handout"), "Did you mean 'ear-rinse/handout.en'"),
        (("--passage", "emergency", "ear-rinse"), "--passage goes with"),
        (("--kind", "handout"), "Missing argument 'TOPIC'"),
        (("ear-rinse",), "Missing option '--kind'"),
    ],
)
def test_a_wrong_renewal_is_answered_with_what_to_do(options: tuple[str, ...], message: str, shelf: Shelf) -> None:
    done = forked("approve", *options, *BY, *shelf.options)
    assert done.returncode == 3
    assert message in done.stderr


def test_what_stands_in_the_way_of_an_approval_stands_in_the_way_of_a_renewal(shelf: Shelf) -> None:
    approve_all(shelf)
    passage(shelf, "Call {clinic.after_hours}.\n")
    done = forked("approve", "--passage", "emergency", *BY, *shelf.options)
    assert "Waits: ear-rinse/handout.en: it has errors" in done.stderr or done.returncode == 2
    assert handout_of(shelf).review.draft
    done = forked("approve", "ear-rinse", "--kind", "handout", *BY, *shelf.options)
    assert done.returncode == 2
    assert "N08" in done.stderr


def test_the_words_that_are_signed_count_where_a_form_has_a_passage(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = library.read_document(shelf.consent).revision
    with monkeypatch.context() as other:
        other.setattr(composition, "FIXED_WORDS", ("I agree.",))
        assert library.read_document(shelf.consent).revision == before
    change(shelf.consent, ("## Your decision", f"{ASK}\n## Your decision"))
    before = library.read_document(shelf.consent).revision
    monkeypatch.setattr(composition, "FIXED_WORDS", ("I agree.",))
    assert library.read_document(shelf.consent).revision != before


def test_the_template_says_the_words_that_count() -> None:
    page = (ROOT / "templates" / "form.html.j2").read_text(encoding="utf-8")
    for words in composition.FIXED_WORDS:
        assert f'_("{words}"' in page


def test_the_manifest_and_the_list_name_the_passages(shelf: Shelf, tmp_path: Path) -> None:
    done = forked("build", "--kind", "handout", "--out", str(tmp_path / "out"), *shelf.options)
    assert done.returncode == 0, done.stderr
    digest = handout_of(shelf).passages[0].digest
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert f'"passages": {{"emergency": "{digest}"}}' in json.dumps(manifest)
    (entry,) = [one for one in json.loads(forked("list", "--json", *shelf.options).stdout) if one["kind"] == "handout"]
    assert entry["passages"] == {"emergency": digest}


# In other languages ---------------------------------------------------------------------------------------------------

ANA = ("--by", "Ana Example, certified medical translator")
CALL_911 = "Call {clinic.emergency}, or us: {clinic.phone}.\n"
LLAME = "Llame al <x id='1' ctype='x-variable' equiv-text='{clinic.emergency}'/>, o a nosotros: "
LLAME += "<x id='2' ctype='x-variable' equiv-text='{clinic.phone}'/>."


def exported(shelf: Shelf, *what: str) -> tuple[Path, str]:
    """A file for translators, and what the command said."""
    file = shelf.folder.parent / "out.xlf"
    done = forked("translate", "export", *what, "--to", "es", "--out", str(file), *shelf.options)
    return file, done.stderr


def translated(file: Path, words: str = LLAME) -> None:
    """Fills in the only segment of an exported file."""
    text = file.read_text(encoding="utf-8")
    target = '<target state="needs-translation"></target>'
    empty = target if target in text else '<target state="needs-translation"/>'
    assert text.count(empty) == 1, text
    file.write_text(text.replace(empty, f'<target state="translated">{words}</target>'), encoding="utf-8")


def with_spanish(shelf: Shelf) -> Path:
    """The passage translated by a human; its Spanish file."""
    passage(shelf, CALL_911)
    file, _ = exported(shelf, "--passages")
    translated(file)
    done = forked("translate", "import", str(file), *ANA, *shelf.options)
    assert done.returncode == 0, done.stderr
    return shelf.folder / "passages" / "emergency.es.md"


def spanish_handout(shelf: Shelf) -> Path:
    """A Spanish handout, which a human stands behind."""
    path = shelf.handout.with_name("handout.es.md")
    parts = "".join(f'    {name}: "{digest}"\n' for name, digest in handout_of(shelf).parts.items())
    record = f'translation:\n  from: en\n  translator: "Ana Example, ATA"\n  date: 2026-11-30\n  sections:\n{parts}'
    text = as_spanish(shelf.handout.read_text(encoding="utf-8")).replace("language: es\n", f"language: es\n{record}")
    path.write_text(text, encoding="utf-8")
    return path


def test_a_passage_is_translated_once_with_its_own_record(shelf: Shelf) -> None:
    path = with_spanish(shelf)
    text = path.read_text(encoding="utf-8")
    assert "Llame al {clinic.emergency}, o a nosotros: {clinic.phone}." in text
    assert 'translator: "Ana Example, certified medical translator"' in text
    spanish_handout(shelf)
    assert told(shelf) == []
    document = next(one for one in taken(shelf).documents if one.language == "es")
    assert "Llame al 911, o a nosotros: (503) 555-0171." in [words for _, words in document.texts()]


def test_a_variable_goes_out_as_a_locked_mark(shelf: Shelf) -> None:
    passage(shelf, CALL_911)
    text = exported(shelf, "--passages")[0].read_text(encoding="utf-8")
    assert '<x id="1" ctype="x-variable" equiv-text="{clinic.emergency}"/>, or us: <x id="2"' in text


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("Llame al 911.", "opening.1: it lacks {clinic.emergency}; opening.1: it lacks {clinic.phone}"),
        (LLAME + LLAME[-60:], "it has {clinic.phone} once more than the original"),
        (LLAME + "<x id='9'/>", "has a tag (x) that its original has not"),
    ],
)
def test_a_lost_or_doubled_variable_is_not_taken_back(words: str, message: str, shelf: Shelf) -> None:
    passage(shelf, CALL_911)
    file, _ = exported(shelf, "--passages")
    translated(file, words)
    done = forked("translate", "import", str(file), *ANA, *shelf.options)
    assert done.returncode == 3
    assert message in done.stderr
    assert not (shelf.folder / "passages" / "emergency.es.md").exists()


def test_a_document_goes_out_when_its_passages_are_translated(shelf: Shelf) -> None:
    passage(shelf, CALL_911)
    file, said = exported(shelf, "ear-rinse", "--kind", "handout")
    assert "'emergency' is not there in Español. Translate these first" in said
    assert not file.exists()
    with_spanish(shelf)
    file, said = exported(shelf, "ear-rinse", "--kind", "handout")
    assert "Passages, which are translated by themselves: emergency." in said
    assert "clinic.emergency" not in file.read_text(encoding="utf-8")
    passage(shelf, CALL_911.replace("or us", "then us"))
    _, said = exported(shelf, "ear-rinse", "--kind", "handout")
    assert "'emergency': The passage was changed in the original (en) after it was translated." in said


def test_a_stale_passage_makes_each_translation_a_draft_and_is_told_once(shelf: Shelf) -> None:
    path = with_spanish(shelf)
    spanish_handout(shelf)
    shutil.copytree(shelf.handout.parent, shelf.folder / "ear-rinse-2")
    spanish = {one.topic: one for one in taken(shelf).documents if one.language == "es"}
    for document in spanish.values():
        approvals.approve(taken(shelf), document, by="Ada Example, ND", today=DAY)
    assert [str(one.review.state) for one in taken(shelf).documents if one.language == "es"] == ["approved"] * 2
    passage(shelf, CALL_911.replace("or us", "then us"))
    assert [str(one.review.state) for one in taken(shelf).documents if one.language == "es"] == ["stale"] * 2
    found = [one for one in taken(shelf).problems if one.code == "T01"]
    assert [(one.file, one.line) for one in found] == [(str(path), 1)]
    assert "Used in 2 documents: ear-rinse/handout.es.md" in found[0].remedy


def test_a_translated_passage_has_the_numbers_and_variables_of_its_original(shelf: Shelf) -> None:
    path = with_spanish(shelf)
    spanish_handout(shelf)
    change(path, ("{clinic.emergency}", "119"))
    found = [one for one in taken(shelf).problems if one.code == "T04"]
    assert {one.file for one in found} == {str(path)}
    assert any("it lacks {clinic.emergency}" in one.message for one in found)
    assert any("it has 119" in one.message for one in found)


def test_a_translation_asks_for_the_passages_of_its_original(shelf: Shelf) -> None:
    with_spanish(shelf)
    change(spanish_handout(shelf), (ASK, ""))
    assert any(
        "T04 handout.es.md:1 The translation does not ask for the passage 'emergency'." in one for one in told(shelf)
    )


# By themselves, and written out ---------------------------------------------------------------------------------------


def test_passages_are_checked_by_themselves_also_those_that_nobody_asks_for(shelf: Shelf) -> None:
    unused = passage(shelf, "Patients should call us.\n\nAt night: {clinic.after_hours}.\n", name="night")
    done = forked("check", "passages", "--no-cache", *shelf.options)
    assert done.returncode == 2
    assert f"{unused}:{line_of(unused, 'Patients')}: warning L07" in done.stdout
    assert f"{unused}:{line_of(unused, 'At night')}: error N08" in done.stdout
    assert f"{unused}: Used nowhere." in done.stdout
    assert "emergency.en.md: Used in 1 document: ear-rinse/handout.en.md:" in done.stdout
    assert "1 error(s), 1 warning(s)." in done.stdout


def test_a_topic_is_written_out_without_its_passages(shelf: Shelf, tmp_path: Path) -> None:
    passage(shelf, f'{WORDS}\nDay[^a] and night.\n\n![A phone.](one.svg "Call.")\n\n[^a]: From 8 to 5.\n')
    (shelf.folder / "passages" / "one.svg").write_bytes(DRAWING)
    change(shelf.handout, ("wash the wax out.", "wash the wax out.[^a]"))
    with shelf.handout.open("a", encoding="utf-8") as file:
        file.write(f"\n{ASK}\n[^a]: In both ears.\n")
    before = handout_of(shelf)
    done = forked("explode", "ear-rinse", "--out", str(tmp_path / "out"), *shelf.options)
    assert done.returncode == 0, done.stderr
    alone = library.read_document(tmp_path / "out" / "ear-rinse" / "handout.en.md")
    assert "passage" not in alone.file.read_text(encoding="utf-8")
    assert [words for _, words in alone.texts()] == [words for _, words in before.texts()]
    assert [one.drawing.data for one in figures(tuple(alone.blocks()))] == [DRAWING, DRAWING]
    again = forked("explode", "ear-rinse", "--out", str(tmp_path / "out"), *shelf.options)
    assert again.returncode == 3
    assert "is there already" in again.stderr


@pytest.mark.parametrize("size", list(Print))
def test_what_the_passage_says_is_on_the_paper_of_a_handout_and_of_a_form(size: Print, shelf: Shelf) -> None:
    """Table, callout, subheading, note and picture: each is proved on the finished pages as the document's own are."""
    rich = f"::: warning\n{WORDS}:::\n\n### At night\n\nWait.[^a]\n\n| Who | When |\n|---|---|\n| we | by day |\n\n"
    passage(shelf, f'{rich}![A phone.](one.svg "Call.")\n\n3. three\n4. four\n\n[^a]: Or call a friend.\n')
    (shelf.folder / "passages" / "one.svg").write_bytes(DRAWING)
    change(shelf.consent, ("## Your decision", f"{ASK}\n## Your decision"))
    for text in (shelf.handout, shelf.consent):
        pages = letters(printed(shelf, size, text=text))
        for words in ("If you cannot breathe, call 911.", "At night, wait for the day.", "Or call a friend.", "by day"):
            assert letters(words) in pages


def test_a_fault_of_the_page_names_the_line_of_the_passage(shelf: Shelf) -> None:
    """A table that fits no page is found in the passage."""
    file = passage(shelf, f"| {'a' * 120} | {'b' * 120} | {'c' * 120} |\n|---|---|---|\n| 1 | 2 | 3 |\n")
    done = forked("check", "--no-cache", *shelf.options)
    assert f"{file}:{line_of(file, 'aaa')}: " in done.stdout, done.stdout


def test_a_bilingual_print_pairs_the_passages(shelf: Shelf, tmp_path: Path) -> None:
    with_spanish(shelf)
    spanish_handout(shelf)
    options = ("--kind", "handout", "--bilingual", "en+es", "--out", str(tmp_path / "both"), *shelf.options)
    done = forked("build", *options)
    assert done.returncode == 0, done.stderr
    text = letters("".join(poppler_pages(next((tmp_path / "both").rglob("*.pdf")))))
    assert letters("Llame al 911, o a nosotros: (503) 555-0171.") in text
    assert letters("Call 911, or us: (503) 555-0171.") in text
    change(shelf.handout.with_name("handout.es.md"), (ASK, ""))
    done = forked("build", *options)
    assert done.returncode == 2


def test_an_import_offers_the_passage_that_says_the_same(shelf: Shelf, tmp_path: Path) -> None:
    words = "If you cannot breathe or if your chest hurts or your face swells at once, call 911 and do not wait for us."
    passage(shelf, f"{words}\n")
    text = tmp_path / "cold-wrap.txt"
    text.write_text(f"Cold wrap\n\nWhat is it?\n\nA wet cloth.\n\nHelp\n\n{words.replace('at once', 'quickly')}\n")
    done = forked("import", str(text), *shelf.options)
    assert done.returncode == 0, done.stderr
    path = shelf.folder / "cold-wrap" / "handout.en.md"
    assert (
        f"- {path}:{line_of(path, 'cannot breathe')} says what the passage 'emergency' says. Ask for it" in done.stderr
    )
    assert "the passage" not in forked("import", "samples/cool-wrap.txt", *shelf.options).stderr
    text.rename(tmp_path / "passages.txt")
    assert "that folder holds passages" in forked("import", str(tmp_path / "passages.txt"), *shelf.options).stderr
