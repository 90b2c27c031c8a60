"""What a file of a clinic says in doubtful ways is never taken over in silence: a TODO stands there, and it is told."""

import zipfile
from datetime import date
from pathlib import Path

import pytest

from clinicpress.cli.importing import topic_of
from clinicpress.errors import InputError
from clinicpress.library.imports import Imported, read_foreign
from tests.test_import_programs import cell, open_file
from tests.word_files import file_of, old_field, p, run

TODAY = date(2026, 12, 1)
HEAD = "Knee care\n\nWhat to expect\n\nYou should do as it says here, and call us if you are not sure.\n\n"


def imported(path: Path) -> Imported:
    return read_foreign(path, TODAY)


def of_text(tmp_path: Path, text: str, name: str = "knee.txt") -> Imported:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return imported(path)


def of_word(tmp_path: Path, inner: str) -> Imported:
    return imported(file_of(p(run("Knee care"), '<w:pStyle w:val="T"/>') + inner, tmp_path / "knee.docx"))


def body(made: Imported) -> str:
    return made.text.split("---\n", 2)[2]


def told(made: Imported) -> str:
    return "\n".join(f"{remark.what} {remark.words}" for remark in made.remarks)


# Signs ----------------------------------------------------------------------------------------------------------------

DOUBTFUL = {
    "☒ Take zinc daily.": "TODO: ☒ Take zinc daily.",
    "Keep it for Â½ hour.": "for TODO: Â½ hour",
    "Warm it to 40Â°C first.": "TODO: 40Â°C first",
    "You canâ€™t drive then.": "You TODO: canâ€™t drive",
    "Call below â‰¤ 70 then.": "TODO: â‰¤ 70",
    "Ask the NIÃ‘O then.": "TODO: NIÃ‘O then",
    "Ask the seÃ±or then.": "TODO: seÃ±or then",
    "Rest well[^1] at night.": "well TODO: \\[\\^1\\]",
    "::: warning": "TODO: ::: warning",
}


@pytest.mark.parametrize("words", DOUBTFUL)
def test_a_doubtful_sign_gets_a_to_do_and_is_told(words: str, tmp_path: Path) -> None:
    made = of_text(tmp_path, f"{HEAD}{words}\n\nThen rest.\n")
    assert made.lost == 0
    assert DOUBTFUL[words] in body(made)
    assert words in told(made)


PLAIN = ["☑ Take zinc daily.", "Ask the NIÑO then.", "Nói “NGÔ then.", "Go to the Â of NÃO – then.", "Rest: at [1]."]


@pytest.mark.parametrize("words", PLAIN)
def test_a_sign_that_says_what_it_says_stays_without_a_to_do(words: str, tmp_path: Path) -> None:
    made = of_text(tmp_path, f"{HEAD}{words}\n\nThen rest.\n")
    assert "TODO: " + words[:1] not in body(made)
    assert "garbled" not in told(made)
    assert "cross" not in told(made)


@pytest.mark.parametrize(("state", "printed"), [("1", "☑ zinc"), ("0", "☐ zinc")])
def test_a_box_of_word_says_itself_whether_it_is_ticked(state: str, printed: str, tmp_path: Path) -> None:
    drawn = "☒" if state == "1" else "☐"
    properties = f'<w:sdtPr><w14:checkbox><w14:checked w14:val="{state}"/></w14:checkbox></w:sdtPr>'
    made = of_word(tmp_path, p(f"<w:sdt>{properties}<w:sdtContent>{run(drawn)}</w:sdtContent></w:sdt>{run(' zinc.')}"))
    assert printed in body(made)
    assert made.lost == 0
    assert ("A box is ticked" in told(made)) is (state == "1")


def test_a_crossed_box_in_a_font_of_pictures_is_told(tmp_path: Path) -> None:
    sign = '<w:r><w:sym w:font="Wingdings" w:char="{}"/></w:r>'
    made = of_word(tmp_path, p(sign.format("F0FD") + run(" zinc.")) + p(sign.format("F0FE") + run(" iron.")))
    assert "TODO: ☒ zinc." in body(made)
    assert "\n☑ iron." in body(made)
    assert "☒ zinc." in told(made)


# Words that readers do not see ----------------------------------------------------------------------------------------


def gone(words: str) -> str:
    return f"<w:del><w:r><w:delText>{words}</w:delText></w:r></w:del>"


HIDE = {
    "deleted": gone,
    "hidden": lambda words: run(words, "<w:vanish/>"),
    "struck": lambda words: run(words, "<w:strike/>"),
}


@pytest.mark.parametrize("how", HIDE)
def test_words_that_are_left_out_are_told_in_each_sentence_they_stood_in(how: str, tmp_path: Path) -> None:
    said = (("Do ", "drive."), ("Rest. Do ", "swim. Then walk."))
    made = of_word(tmp_path, "".join(p(run(one) + HIDE[how]("not ") + run(two)) for one, two in said))
    assert made.lost == 0
    assert "Do drive." in body(made)
    for words in ("Do [not] drive.", "Do [not] swim."):
        assert words in told(made)
    for words in ("Then walk", "Rest."):
        assert words not in told(made)


@pytest.mark.parametrize("tag", ["s", 'span style="display:none"'])
def test_words_that_a_page_hides_are_told_in_their_sentence(tag: str, tmp_path: Path) -> None:
    away = f"<{tag}>not </{tag.split(maxsplit=1)[0]}>"
    page = f"<html lang=en><h1>Knee</h1><h2>What to expect</h2><p>Do {away}drive.</p><p>Do {away}swim.</p><p>{away}</p>"
    made = of_text(tmp_path, page, "knee.html")
    assert made.lost == 0
    for words in ("Do [not] drive.", "Do [not] swim."):
        assert words in told(made)


def test_an_inserted_word_is_told_in_its_sentence(tmp_path: Path) -> None:
    made = of_word(tmp_path, p(run("Do ") + f"<w:ins>{run('not ')}</w:ins>" + run("stop.")))
    assert "Do not stop." in body(made)
    assert "Do [not] stop." in told(made)


DELETED_END = "<w:rPr><w:del/></w:rPr>"


def test_paragraphs_are_one_where_a_change_deletes_the_end_between_them(tmp_path: Path) -> None:
    made = of_word(tmp_path, p(run("Take 10"), DELETED_END) + p(run("0 mg at noon.")) + p(run("Rest.")))
    assert made.lost == 0
    assert "Take 100 mg at noon.\n\nRest." in body(made)
    assert "joins two paragraphs; they stand as one. Take 10|0 mg at noon." in told(made)


def test_a_paragraph_that_is_deleted_with_its_end_joins_nothing(tmp_path: Path) -> None:
    made = of_word(tmp_path, p(run("Take 10.")) + p(gone("Take 20."), DELETED_END) + p(run("Rest.")))
    assert "Take 10.\n\nRest." in body(made)
    assert "they stand as one" not in told(made)
    assert "Take 20." in told(made)


# Columns --------------------------------------------------------------------------------------------------------------

TAB = "<w:r><w:tab/></w:r>"
DRUGS = "| Drug | AM | PM |\n|---|---|---|\n| Zinc | 5 mg |  |\n| Iron |  | 7 mg |"
COLUMNS = {
    "two of blanks": (
        "DO               DO NOT\nEat on time      Skip meals\n",
        "| DO | DO NOT |\n|---|---|\n| Eat on time | Skip meals |",
    ),
    "a gap of blanks": ("Drug      AM      PM\nZinc      5 mg\nIron              7 mg\n", DRUGS),
    "a gap of tabs": ("Drug\tAM\tPM\nZinc\t5 mg\t\nIron\t\t7 mg\n", DRUGS),
}


@pytest.mark.parametrize("kind", COLUMNS)
def test_columns_of_a_text_are_a_table_and_told(kind: str, tmp_path: Path) -> None:
    text, table = COLUMNS[kind]
    made = of_text(tmp_path, f"{HEAD}{text}\nThen rest.\n")
    assert made.lost == 0
    assert table in body(made)
    assert "Columns that were made of blanks or tabs are a table now." in told(made)


NO_COLUMNS = {
    "two blanks behind a full stop": "Rest well.  Then walk.\nEat well..  Then sleep.\n",
    "places to fill in": "Name ______    Date ______\nHand ______    Foot ______\n",
    "numbers before items": "1.\tWash it.\n2.\tDry it.\n",
    "names and values": "Phone:\t555-0100\nFax:\t555-0101\n",
    "blanks anywhere": "Take  two tablets of it\nwith some   water at noon\n",
}


@pytest.mark.parametrize("kind", NO_COLUMNS)
def test_what_only_has_blanks_is_no_table(kind: str, tmp_path: Path) -> None:
    made = of_text(tmp_path, f"{HEAD}{NO_COLUMNS[kind]}\nThen rest.\n")
    assert made.lost == 0
    assert "|---" not in body(made)


def tabbed(line: str) -> str:
    return p(TAB.join(run(cell) if cell else "" for cell in line.split("\t")))


def test_columns_of_tabs_in_word_are_a_table_and_told(tmp_path: Path) -> None:
    made = of_word(tmp_path, "".join(map(tabbed, COLUMNS["a gap of tabs"][0].split("\n"))))
    assert made.lost == 0
    assert DRUGS in body(made)
    assert "Zinc | 5 mg | / Iron | | 7 mg" in told(made)


def test_a_line_of_tabs_in_word_is_told_and_one_tab_is_not(tmp_path: Path) -> None:
    made = of_word(tmp_path, tabbed("Iron\t\t7 mg") + p(run("Then rest.")) + tabbed("Phone:\t555-0100"))
    assert made.lost == 0
    assert "Iron → → 7 mg" in told(made)
    assert "Phone: →" not in told(made)
    assert "|---" not in body(made)


# Cells ----------------------------------------------------------------------------------------------------------------


def cells(*texts: tuple[str, ...]) -> str:
    return "<tr>" + "".join(f"<td>{''.join(f'<p>{one}</p>' for one in text)}</td>" for text in texts) + "</tr>"


def of_table(tmp_path: Path, rows: str) -> Imported:
    head = "<h1>Knee care</h1><h2>What to expect</h2><p>You should do as it says here, and call us then.</p>"
    return of_text(tmp_path, f"<html lang=en><body>{head}<table>{rows}</table></body></html>", "knee.html")


def test_paragraphs_of_a_table_that_is_a_frame_stay_apart(tmp_path: Path) -> None:
    made = of_table(tmp_path, cells(("Do not", "Drive"), ("Do", "Rest")))
    assert made.lost == 0
    assert "Do not\n\nDrive\n\nDo\n\nRest" in body(made)


def test_paragraphs_of_a_cell_are_parted_by_a_stroke_and_told(tmp_path: Path) -> None:
    rows = cells(("Day",), ("Dose",)) + cells(("Mon",), ("5 mg", "not with food")) + cells(("Tue",), ("None.", "Rest"))
    made = of_table(tmp_path, rows)
    assert made.lost == 0
    assert "| Mon | 5 mg / not with food |\n| Tue | None. Rest |" in body(made)
    assert "5 mg not with food" in told(made)
    assert told(made).count("with a stroke") == 1


@pytest.mark.parametrize(("head", "is_told"), [("td", True), ("th", False)])
def test_a_first_row_that_no_file_calls_the_head_is_told(head: str, is_told: bool, tmp_path: Path) -> None:
    first = cells(("Zinc",), ("5 mg",)).replace("td>", f"{head}>")
    made = of_table(tmp_path, first + cells(("Iron",), ("7 mg",)))
    assert ("was taken as its head. Zinc | 5 mg" in told(made)) is is_told


def test_a_row_of_markdown_keeps_the_cell_behind_its_last_head(tmp_path: Path) -> None:
    table = "| Day | Dose |\n|---|---|\n| Mon | 5 mg | not with food |\n| Tue | 6 mg |\n"
    made = of_text(tmp_path, f"# Knee care\n\n## What to expect\n\n{table}", "knee.md")
    assert made.lost == 0
    assert "| Day | Dose | TODO |\n|---|---|---|\n| Mon | 5 mg | not with food |\n| Tue | 6 mg |  |" in body(made)
    assert "more cells than its head" in told(made)


def test_a_table_of_markdown_with_a_head_for_each_cell_stays_as_it_is(tmp_path: Path) -> None:
    table = "| Day | Dose |\n|---|---|\n| Mon | 5 \\| 6 mg |\n"
    made = of_text(tmp_path, f"# Knee care\n\n## What to expect\n\n{table}\nOne | two | three\n", "knee.md")
    assert "TODO |" not in body(made)
    assert "more cells" not in told(made)


# What was filled in for one person ------------------------------------------------------------------------------------


def letter_field(name: str, words: str) -> str:
    return old_field(f" {name} ", "", words)


FILLED = {
    "a field of a letter": (letter_field("MERGEFIELD Name", "Maria Lopez"), "Maria Lopez"),
    "a simple field of a letter": (
        f'<w:fldSimple w:instr=" MERGEFIELD Born ">{run("4/9/1961")}</w:fldSimple>',
        "4/9/1961",
    ),
    "a list to choose from": (
        (
            '<w:sdt><w:sdtPr><w:dropDownList><w:listItem w:displayText="left"/><w:listItem w:displayText="right"/>'
            f"</w:dropDownList></w:sdtPr><w:sdtContent>{run('left')}</w:sdtContent></w:sdt>"
        ),
        "left",
    ),
}


@pytest.mark.parametrize("kind", FILLED)
def test_what_was_filled_in_for_one_person_is_a_blank_and_told(kind: str, tmp_path: Path) -> None:
    inner, words = FILLED[kind]
    made = of_word(tmp_path, p(run("It is for ") + inner + run(" alone.")))
    assert made.lost == 0
    assert "It is for \\_\\_\\_\\_\\_ alone." in body(made)
    assert any(one.words == words and "a blank stands there" in one.what for one in made.remarks)


def test_a_field_that_repeats_words_of_the_text_keeps_them(tmp_path: Path) -> None:
    made = of_word(tmp_path, p(run("It is for ") + letter_field("REF merge", "each knee") + run(" alone.")))
    assert "It is for each knee alone." in body(made)


def test_words_that_are_drawn_along_a_line_come_over_and_are_told(tmp_path: Path) -> None:
    drawn = '<w:r><w:pict><v:shape><v:textpath string="NO ASPIRIN"/></v:shape></w:pict></w:r>'
    made = of_word(tmp_path, p(run("Rest for two days.")) + p(drawn))
    assert made.lost == 0
    assert "NO ASPIRIN" in body(made)
    assert "NO ASPIRIN" in told(made)


def test_a_box_that_a_page_ticks_is_told_with_its_words(tmp_path: Path) -> None:
    box = "<input type=checkbox {}>"
    page = f"<html lang=en><h1>Knee</h1><p>I am {box.format('checked')} well. {box.format('')} ill.</p></html>"
    made = of_text(tmp_path, page, "knee.html")
    assert "I am ☑ well. ☐ ill." in body(made)
    ticked = [one.words for one in made.remarks if "is ticked" in one.what]
    assert ticked == ["well."]


NAMES = {"Maria Lopez 4-9-1961": True, "visit 2026.05.01": True, "MRN 0012345": True}
NAMES |= {"knee care 2": False, "covid-19": False, "knee 2026": False, "tens 4-9": False}


@pytest.mark.parametrize("name", NAMES)
def test_a_file_that_may_be_named_after_a_person_asks_for_a_topic(name: str) -> None:
    if not NAMES[name]:
        assert topic_of(Path(f"{name}.docx"))
        return
    with pytest.raises(InputError, match="--topic"):
        topic_of(Path(f"{name}.docx"))


# Headings and files ---------------------------------------------------------------------------------------------------


def test_no_heading_of_ours_stands_within_a_numbered_list_of_the_author(tmp_path: Path) -> None:
    steps = "1. Stop eating 8 hours before.\n2. Take the pill.\n\nDo not drive for 24 hours. See step 2 if dizzy."
    listed = of_text(tmp_path, f"# Nerve block\n\n## What to do\n\n{steps}\n\n3. Call us.\n", "one.md")
    assert "added by the import" not in body(listed)
    ended = of_text(tmp_path, f"# Nerve block\n\n## What to do\n\n{steps}\n\n1. Call us.\n", "two.md")
    assert "added by the import" in body(ended)


def test_a_heading_without_a_text_is_told(tmp_path: Path) -> None:
    made = of_text(tmp_path, "# Knee\n\n## Old title\n\n## What to expect\n\nRest for two days.\n", "knee.md")
    assert [one.words for one in made.remarks if one.what == "A heading has no text under it."] == ["Old title"]


REGIONS = """<text:tracked-changes>
<text:changed-region text:id="a"><text:deletion><text:p>not</text:p></text:deletion></text:changed-region>
<text:changed-region text:id="b"><text:insertion/></text:changed-region></text:tracked-changes>"""


def test_tracked_changes_of_an_opendocument_text_are_told_in_their_sentence(tmp_path: Path) -> None:
    text = f"""{REGIONS}<text:p>Do <text:change text:change-id="a"/> drive.</text:p>
<text:p>Do <text:change-start text:change-id="b"/>not <text:change-end text:change-id="b"/>swim.</text:p>
<table:table><table:table-row>{cell("a")}{cell("b")}</table:table-row>
<table:table-row table:visibility="collapse">{cell("c")}{cell("gone")}</table:table-row>
<table:table-row>{cell("d")}{cell("e")}</table:table-row></table:table>"""
    made = imported(open_file(tmp_path / "knee.odt", text))
    assert made.lost == 0
    assert "Do drive." in body(made)
    assert "Do not swim." in body(made)
    for words in ("deletes were left out. Do [not] drive.", "taken as accepted. Do [not] swim.", "c gone"):
        assert words in told(made)
    assert "gone" not in body(made)


def test_a_locked_opendocument_text_is_refused_as_locked(tmp_path: Path) -> None:
    path = open_file(tmp_path / "knee.odt", "<text:p>x</text:p>")
    with zipfile.ZipFile(path, "a") as parts:
        parts.writestr("META-INF/manifest.xml", "<manifest><file-entry><encryption-data/></file-entry></manifest>")
    with pytest.raises(InputError, match="locked with a password"):
        imported(path)
