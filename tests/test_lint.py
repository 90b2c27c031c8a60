"""The careful editor finds what a rule names, says it so that it can be put right, and leaves the rest alone."""

import json
import os
import re
import shutil
import zlib
from collections.abc import Callable, Iterator
from datetime import date
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from clinicpress import library, lint
from clinicpress.cli import main
from clinicpress.documents import ReviewRecord, Verdict
from clinicpress.errors import ContentError, InputError, Rule, Severity
from clinicpress.lint import WEIGHED
from clinicpress.lint.brand import contrast_on_white, darker, grey_value
from tests import foreign
from tests.lint.shelf import EXAMPLES, TODAY, change, stock

RULES: tuple[Rule, ...] = (*library.RULES, *lint.RULES)
READ_BACK = {one.rule.code for one in (*lint.PRINT_RULES, *lint.LAYOUT_RULES)}
"""Rules that look at the finished pages. No content can break them all, since the style sheets are ours, and every
example would be printed several times: `tests/test_readback.py` shows each fault with a spoiled style sheet instead."""
CODES = sorted({rule.code for rule in RULES} - READ_BACK)
KEYS = {"code", "rule", "severity", "file", "line", "sentence", "message", "source", "remedy"}
Finding = dict[str, Any]


# The examples ---------------------------------------------------------------------------------------------------------


def png_header(width: int, height: int) -> bytes:
    """A PNG whose header promises so many points. There is nothing behind it, as in a trap."""
    drawn = BytesIO()
    Image.new("1", (1, 1)).save(drawn, "PNG")
    data = bytearray(drawn.getvalue())
    data[16:24] = width.to_bytes(4, "big") + height.to_bytes(4, "big")
    data[29:33] = zlib.crc32(data[12:29]).to_bytes(4, "big")
    return bytes(data)


def picture(width: int, height: int, kind: str) -> bytes:
    drawn = BytesIO()
    Image.new("1", (width, height)).save(drawn, kind)
    return drawn.getvalue()


def build_large_pictures(bad: Path, good: Path) -> None:
    (bad / "stitches" / "poster.png").write_bytes(png_header(30_000, 30_000))
    (bad / "stitches" / "photo.jpg").write_bytes(picture(60, 40, "JPEG") + bytes(5_000_000))
    (good / "stitches" / "poster.png").write_bytes(picture(5_000, 5_000, "PNG"))
    (good / "stitches" / "photo.jpg").write_bytes(picture(60, 40, "JPEG"))


def build_unreadable_bytes(bad: Path, good: Path) -> None:
    cafe, live, itch = (bad / topic / "handout.en.md" for topic in ("ear-rinse", "wart-freezing", "stitches"))
    cafe.write_bytes(cafe.read_text(encoding="utf-8").encode("latin-1"))
    change(live, ("live", "\u202elive"))
    change(itch, (" itch", " \aitch"))
    marked = good / "ear-rinse" / "handout.en.md"  # as Notepad saves it
    marked.write_bytes(b"\xef\xbb\xbf" + marked.read_bytes().replace(b"\n", b"\r\n"))


def build_approved(bad: Path, good: Path) -> None:
    foreign.build_examples(bad, good)
    topic = good / "sports"
    digest = library.read_document(topic / "fixed.en.toml").revision.digest
    record = ReviewRecord(
        "fixed.en", Verdict.APPROVED, "Max Example, manager", date(2026, 11, 2), date(2027, 11, 1), digest
    )
    (topic / "review.toml").write_text(library.with_record(b"", record), encoding="utf-8")


BUILT: dict[str, Callable[[Path, Path], None]] = {
    "S15": build_large_pictures,
    "S16": build_unreadable_bytes,
    **dict.fromkeys(("X01", "X02", "X03", "X05", "X06"), foreign.build_examples),
    "X04": build_approved,
}
"""What is awkward to keep in git is made here."""


@pytest.fixture(autouse=True)
def unchanged_umask() -> Iterator[None]:
    """The press tightens the umask of its process; the tests after this one keep theirs."""
    before = os.umask(0o077)
    os.umask(before)
    yield
    os.umask(before)


@pytest.fixture(autouse=True)
def fonts_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The fonts are the same for all examples; reading them takes most of the time of a check."""
    monkeypatch.setattr(library, "read_fonts", _fonts)


_fonts = cache(library.read_fonts)


def findings(folder: Path, capsys: pytest.CaptureFixture[str], *more: str) -> list[Finding]:
    """What `check --json` finds in a folder of content, with its profile where it has one."""
    own = folder / "clinic.toml"
    clinic = own if own.is_file() else EXAMPLES / "B01" / "good" / "clinic.toml"
    code = main(
        ["check", "--words", "--json", "--handouts", str(folder), "--clinic", str(clinic), "--today", TODAY, *more]
    )
    found: list[Finding] = json.loads(capsys.readouterr().out)["problems"]
    assert code == (2 if any(one["severity"] == "error" for one in found) else 0)
    for one in found:
        one["file"] = os.path.relpath(one["file"], folder)
    return found


@pytest.fixture
def example(tmp_path: Path) -> Callable[[str], Path]:
    """A copy of one rule's folder, with what has to be built."""

    def copy(code: str) -> Path:
        folder = tmp_path / code
        shutil.copytree(EXAMPLES / code, folder)
        BUILT.get(code, lambda bad, good: None)(folder / "bad", folder / "good")
        return folder

    return copy


def expected(code: str) -> list[Finding]:
    found: list[Finding] = json.loads((EXAMPLES / code / "expected.json").read_text(encoding="utf-8"))
    return found


def shown(found: list[Finding], code: str = "") -> list[tuple[object, ...]]:
    """Findings as `expected.json` names them, in the order in which they are reported; those of one rule, or all."""
    keys = ("file", "line", "code", "rule", "severity", "sentence")
    return sorted(tuple(one[key] for key in keys) for one in found if code in ("", one["code"]))


def test_every_rule_has_an_example_and_every_example_a_rule() -> None:
    folders = sorted(path.name for path in EXAMPLES.iterdir() if path.is_dir() and path.name != "__pycache__")
    assert len(CODES) > 40
    assert folders == CODES
    for code in CODES:
        assert {path.name for path in (EXAMPLES / code).iterdir()} == {"bad", "good", "expected.json"}
        assert any(one["code"] == code for one in expected(code))


@pytest.mark.parametrize("code", CODES)
def test_a_rule_finds_its_fault_at_its_place_with_its_sentence(
    code: str, example: Callable[[str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert shown(findings(example(code) / "bad", capsys), code) == shown(expected(code), code)


@pytest.mark.parametrize("code", CODES)
def test_a_fault_is_reported_without_errors_that_only_follow_from_it(
    code: str, example: Callable[[str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    found = findings(example(code) / "bad", capsys)
    errors = [one for one in found if one["severity"] == "error" or one["code"] == code]
    assert shown(errors) == shown(expected(code))


@pytest.mark.parametrize("code", CODES)
def test_a_rule_lets_sound_content_pass(
    code: str, example: Callable[[str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    folder = example(code) / "good"
    found = findings(folder, capsys)
    assert [one for one in found if one["code"] == code or one["severity"] == "error"] == []
    assert list(folder.rglob("*.md")) or list(folder.rglob("fixed.*.toml")) or (folder / "clinic.toml").is_file()


# What a finding says --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", CODES)
def test_a_finding_has_the_nine_keys_and_says_what_to_do_next(
    code: str, example: Callable[[str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    found = findings(example(code) / "bad", capsys)
    names = {(rule.code, rule.name): rule for rule in RULES}
    assert found
    for one in found:
        assert set(one) == KEYS
        rule = names[one["code"], one["rule"]]
        assert (one["rule"], one["severity"]) == (rule.name, rule.severity)
        assert one["message"].endswith((".", "…"))
        assert one["remedy"].endswith((".", "?", "'", ")"))
        assert one["source"] == rule.source != ""
        assert isinstance(one["line"], int)
        # The sentence is what stands in the file, so that a person can search for it.
        place = example_file(EXAMPLES / code / "bad", one["file"])
        if place is not None and code not in BUILT:
            text = " ".join(place.split())
            assert " ".join(one["sentence"].split()) in text.replace("**", "")


def example_file(folder: Path, name: str) -> str | None:
    path = folder / name
    return path.read_text(encoding="utf-8") if path.is_file() else None


@pytest.mark.parametrize("code", [*CODES, *sorted(READ_BACK)])
def test_the_manual_explains_every_rule_by_code_and_by_name(code: str, capsys: pytest.CaptureFixture[str]) -> None:
    for rule in (rule for rule in RULES if rule.code == code):
        for asked in (code, code.lower(), rule.name):
            assert main(["check", "--explain", asked]) == 0
            page = capsys.readouterr().out
            assert f"{rule.code} {rule.name} ({rule.severity})" in page
            assert f"Source: {rule.source}" in page
            assert len(rule.source) > 4
            for line in rule.manual.splitlines():
                assert line.strip() in page


@pytest.mark.parametrize("code", [rule.code for rule in lint.RULES if not rule.code.startswith("C")])
def test_a_manual_shows_a_wrong_and_a_right_example(code: str) -> None:
    pages = [rule.manual for rule in lint.RULES if rule.code == code and rule.name != "missing-glyph"]
    assert all("Wrong: " in page and "Right: " in page for page in pages)


def test_the_manual_of_an_unknown_rule_is_refused_with_all_that_are_known(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--explain", "S99"]) == InputError.exit_code
    said = capsys.readouterr().err
    assert "There is no rule 'S99'" in said
    assert all(code in said for code in [*CODES, *READ_BACK])


def test_one_code_and_name_have_one_weight() -> None:
    """A consent element may have three rules: it is missing, its section does not say it, or perhaps says it (C09).

    What is said of somebody else's form has two: it expired, or will soon (X02); its file is bad, or missing (X03).
    """
    for code in CODES:
        weights = {(rule.name, rule.severity) for rule in RULES if rule.code == code}
        assert len(weights) == len({name for name, _ in weights}) == (1 if code[0] not in "CX" else len(weights)) <= 3


@pytest.mark.parametrize(
    "name",
    [
        *("missing-role", "empty-role", "duplicate-role", "missing-alt", "raw-html", "remote-image", "review-overdue"),
        *("effective-after-review", "unknown-key", "wrong-type", "bad-language", "bad-date", "reading-grade"),
        *("sentence-length", "jargon", "address", "numbers", "claims"),
    ],
)
def test_the_names_that_scripts_rely_on_are_there(name: str) -> None:
    assert name in {rule.name for rule in RULES}


DRAWBACKS = "- You may feel dizzy for a short time.\n- Some people need to come back.\n"
RISKS = "## Risks {#risks}\n\n- You may feel dizzy.\n- In rare cases the ear drum is hurt.\n\n"
"""What the form of the shelf says of risks."""

# Together and in order ------------------------------------------------------------------------------------------------


def test_the_faults_of_a_file_are_reported_together_and_sorted_by_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shelf = stock(tmp_path)
    change(
        shelf.handout,
        ("form: EAR-1", "form: 1"),
        ("kind:", "autor: A nurse\nkind:"),
        ("wash the wax out.", "wash the wax out.<br>"),
        ("You may feel dizzy", "See [here](www.ear.example). You may feel dizzy"),
        ("{#expect}", "{#expect .aftercair}"),
        ("## Any questions?", "# Any questions?"),
    )
    found = [one for one in findings(tmp_path, capsys) if one["file"] == "ear-rinse/handout.en.md"]
    assert [one["code"] for one in found] == ["S01", "S03", "S10", "S18", "S09", "S19"]
    assert [one["line"] for one in found] == sorted(one["line"] for one in found)


def test_faults_of_reading_and_faults_of_content_are_reported_together(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shelf = stock(tmp_path)
    change(shelf.handout, ("author:", "autor: A nurse\nauthor:"), ("{#expect}", "{#benefits}"))
    change(shelf.handout, ("What to weigh {#drawbacks}", "Dizziness"))
    change(shelf.handout, ("You may hear better at once.", "You may hear better 👂."))
    change(shelf.handout, ("review_by: 2027-11-22", "review_by: 2026-11-22"))
    found = [one for one in findings(tmp_path, capsys) if one["file"] == "ear-rinse/handout.en.md"]
    assert {one["code"] for one in found} == {"S01", "S06", "S08", "B04", "R01", "R02"}


def test_faults_of_reading_and_faults_of_brand_are_reported_together(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shelf = stock(tmp_path)
    change(shelf.clinic, ("(503) 555-0171", "Call Jane"), ("#595959", "#c0392b"), ("address =", "adress ="))
    found = findings(tmp_path, capsys)
    assert {one["code"] for one in found if one["severity"] == "error"} == {"B05", "B01", "S01"}


def test_the_faults_of_all_files_are_reported_in_one_go(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shelf = stock(tmp_path)
    change(shelf.handout, ("What to weigh {#drawbacks}", "Parking"), (DRAWBACKS, "Park behind the house.\n"))
    change(shelf.consent, (RISKS, ""))
    change(shelf.clinic, ("#595959", "#7fb3d5"))
    assert {one["code"] for one in findings(tmp_path, capsys)} >= {"S06", "C09", "B01"}


def test_a_form_without_several_elements_names_each_by_its_own_code(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shelf = stock(tmp_path)
    freedom = "You may say no. You may stop us at any time.\n"
    choices = "## Other choices {#alternatives}\n\nDrops alone can help. They take a week or more.\n\n"
    change(shelf.consent, (RISKS, ""), ("{#voluntary}", ""), (freedom, "Wear an old shirt.\n"), (choices, ""))
    found = [one for one in findings(tmp_path, capsys) if one["severity"] == "error"]
    assert [(one["code"], one["rule"], one["line"]) for one in found] == [
        ("C09", "missing-role", 1),
        ("C11", "missing-role", 1),
        ("C19", "missing-role", 1),
    ]


def test_warnings_end_well_and_count_only_when_strict(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shelf = stock(tmp_path)
    change(shelf.handout, ("review_by: 2027-11-22", "review_by: 2026-11-30"))
    assert main(["check", "--words", *shelf.options]) == 0
    said = capsys.readouterr().out
    assert "warning R01 review-overdue" in said
    assert said.endswith("0 error(s), 1 warning(s).\n")
    assert main(["check", "--words", "--strict", *shelf.options]) == ContentError.exit_code


def test_the_words_for_people_name_file_line_sentence_and_remedy(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shelf = stock(tmp_path)
    change(shelf.handout, ("author:", "autor: A nurse\nauthor:"))
    assert main(["check", "--words", *shelf.options]) == ContentError.exit_code
    assert capsys.readouterr().out.splitlines() == [
        f"{shelf.handout}:8: error S01 unknown-key (this text cannot be printed)",
        "    | autor",
        "    The key 'autor' is unknown. Did you mean 'author'?",
        f"{shelf.consent} cannot be printed: a text or profile that it needs has errors.",
        "1 error(s), 0 warning(s).",
    ]


def test_the_answer_is_the_same_twice(example: Callable[[str], Path], capsys: pytest.CaptureFixture[str]) -> None:
    folder = example("S17") / "bad"
    assert findings(folder, capsys) == findings(folder, capsys)


def test_a_review_is_overdue_only_after_its_day(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shelf = stock(tmp_path)
    before, on_the_day, after = "2027-11-21", "2027-11-22", "2027-11-23"
    seen = {}
    for day in (before, on_the_day, after):
        main(["check", "--words", "--json", *shelf.options, "--today", day])
        seen[day] = [one["code"] for one in json.loads(capsys.readouterr().out)["problems"]]
    assert seen == {before: [], on_the_day: [], after: ["R01", "R01"]}


# Colours --------------------------------------------------------------------------------------------------------------


def test_contrast_is_measured_as_wcag_measures_it() -> None:
    assert contrast_on_white("#000000") == pytest.approx(21)
    assert contrast_on_white("#ffffff") == pytest.approx(1)
    assert contrast_on_white("#767676") == pytest.approx(4.54, abs=0.01)  # WCAG's well-known AA grey
    assert contrast_on_white("#595959") == pytest.approx(7.0, abs=0.01)  # and the AAA one


@pytest.mark.parametrize("color", ["#7fb3d5", "#ff0000", "#e08a00", "#ffffff", "#00ff00", "#ffff00"])
def test_the_colour_that_is_advised_passes(color: str) -> None:
    advised = darker(color)
    assert contrast_on_white(advised) >= 7
    assert grey_value(advised) <= 110


def test_the_ratios_that_the_manual_names_are_true() -> None:
    page = next(rule.manual for rule in lint.RULES if rule.code == "B01")
    named = re.findall(r"(#[0-9a-f]{6})\"` \(([\d.]+):1\)", page)
    assert len(named) == 2
    for color, ratio in named:
        assert contrast_on_white(color) == pytest.approx(float(ratio), abs=0.05)


def test_no_rule_is_shadowed_by_another() -> None:
    """The rule about grey has to be able to find something, whatever else is wrong with the colour."""
    wrong = re.search(r"`(#[0-9a-f]{6})`", next(rule.manual for rule in lint.RULES if rule.code == "B02"))
    assert wrong is not None
    assert grey_value(wrong[1]) > 110


LANGUAGE = {f"L{number:02}" for number in range(2, 13)}  # all but a reading grade that is far too high


SLIPS = {f"L{number}" for number in range(13, 20)} | {"S41"}
ADVISED = {f"C{n:02}" for n in (1, 3, 6, 10, 15, 16, 17, 18, 21, 22, 26, 27, 28, 29, 30, 31, 32, 33, 34, 36)} | {"S31"}
"""Elements that a well-designed form has, or that depend: weights W and S of the table of consent elements."""


def test_errors_stop_the_printing_and_warnings_do_not() -> None:
    warnings = {rule.code for rule in RULES if rule.severity is Severity.WARNING}
    assert warnings - LANGUAGE - ADVISED - SLIPS == {
        "B03",
        "B10",
        "B12",
        "B14",
        "B15",
        *WEIGHED,
        "N11",
        "N12",
        "R01",
        "R03",
        "R04",
        "R05",
        "T01",
        "T02",
        "T03",
        "T07",
        "T08",
        "X02",
        "X04",
        "X06",
    }
    assert warnings >= LANGUAGE | ADVISED
