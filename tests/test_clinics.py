"""A clinic's profile is read with its defaults, and its phone number is one that a phone can dial."""

import re
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinicpress.clinics import (
    CODE_OVERHANG,
    INK_LIMIT,
    SHEETS,
    SIDE_MARGIN,
    Branding,
    ClinicProfile,
    PageProfile,
    Paper,
    Phone,
    Print,
    Rectangle,
)
from clinicpress.errors import ContentError, InputError, Problem
from clinicpress.library import read_clinic
from clinicpress.library.files import toml_lines
from clinicpress.lint import Context, check_clinic
from tests.instruments.paint import paint
from tests.lint.shelf import EXAMPLES, ROOT, forked, stock

TYPEFACES = ("Clinic Sans", "Atkinson Hyperlegible")
SMALLEST = 'name = "Hill Street Clinic"\nphone = "(503) 555-0171"\n'
Reader = Callable[[str], ClinicProfile]


@pytest.fixture
def read(tmp_path: Path) -> Reader:
    def from_text(text: str) -> ClinicProfile:
        (tmp_path / "clinic.toml").write_text(text, encoding="utf-8")
        return read_clinic(tmp_path / "clinic.toml", TYPEFACES)

    return from_text


@pytest.fixture
def faults(read: Reader) -> Callable[[str], tuple[Problem, ...]]:
    def of_text(text: str) -> tuple[Problem, ...]:
        with pytest.raises(ContentError) as caught:
            read(text)
        return caught.value.problems

    return of_text


Faults = Callable[[str], tuple[Problem, ...]]


# Facts and defaults ---------------------------------------------------------------------------------------------------


def test_a_name_and_a_phone_number_are_enough(read: Reader) -> None:
    profile = read(SMALLEST)
    assert (profile.name, profile.phone.printed) == ("Hill Street Clinic", "(503) 555-0171")
    assert (profile.after_hours, profile.address, profile.website, profile.hours, profile.footer) == (
        "",
        (),
        "",
        "",
        "",
    )
    assert profile.paper is Paper.LETTER
    assert profile.branding == Branding("#111111", "Clinic Sans", None)
    assert {kind: profile.document_types[kind] for kind in ("handout", "consent")} == {"handout": "", "consent": ""}
    assert profile.document_types["policy"] == "Financial Agreement"


def test_everything_that_a_profile_can_say_is_read(read: Reader, tmp_path: Path) -> None:
    logo = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"/>'
    (tmp_path / "logo.svg").write_bytes(logo)
    profile = read(
        SMALLEST
        + 'after_hours = "(503) 555-0172"\naddress = ["4 Hill Street ", "Riverside"]\nwebsite = "hill.example"\n'
        'hours = "8 to 5"\nfooter = "Since 1998"\npaper = "a4"\nregion = "US"\n'
        'other_phones = ["(503) 555-0173"]\n\n[brand]\nlogo = "logo.svg"\n'
        'color = "#0B4A56"\ntypeface = "Atkinson Hyperlegible"\n\n[chart]\nhandout = "EDU"\nconsent = "CONS"\n'
    )
    assert profile.address == ("4 Hill Street", "Riverside")
    assert (profile.after_hours, profile.website, profile.hours) == ("(503) 555-0172", "hill.example", "8 to 5")
    assert (profile.footer, profile.paper) == ("Since 1998", Paper.A4)
    assert profile.other_phones == ("(503) 555-0173",)
    assert (profile.branding.color, profile.branding.typeface) == ("#0b4a56", "Atkinson Hyperlegible")
    assert profile.branding.logo is not None
    assert (profile.branding.logo.data, profile.branding.logo.media_type) == (logo, "image/svg+xml")
    assert {kind: profile.document_types[kind] for kind in ("handout", "consent")} == {
        "handout": "EDU",
        "consent": "CONS",
    }
    assert (profile.lines["name"], profile.lines["brand.color"], profile.lines["chart.handout"]) == (1, 14, 18)


@pytest.mark.parametrize("path", ["clinic.toml", "samples/riverside/clinic.toml"])
def test_the_shipped_profiles_are_read_without_a_problem(path: str) -> None:
    profile = read_clinic(ROOT / path, TYPEFACES)
    assert profile.name
    assert profile.branding.logo is not None


def test_a_profile_is_the_same_with_windows_line_ends_and_a_byte_order_mark(read: Reader, tmp_path: Path) -> None:
    before = read(SMALLEST)
    (tmp_path / "clinic.toml").write_bytes(b"\xef\xbb\xbf" + SMALLEST.replace("\n", "\r\n").encode())
    assert read_clinic(tmp_path / "clinic.toml", TYPEFACES) == before


# Phone numbers --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "region", "printed", "uri"),
    [
        ("(503) 691-2000", "", "(503) 691-2000", "tel:+1-503-691-2000"),
        ("503.691.2000", "", "(503) 691-2000", "tel:+1-503-691-2000"),
        ("5036912000", "", "(503) 691-2000", "tel:+1-503-691-2000"),
        ("+1 503 691 2000", "", "(503) 691-2000", "tel:+1-503-691-2000"),
        ("1-800-FLOWERS", "", "(800) 356-9377", "tel:+1-800-356-9377"),
        ("(503) 691-2000 ext. 5", "", "(503) 691-2000 ext. 5", "tel:+1-503-691-2000;ext=5"),
        ("+44 20 7946 0018", "", "+44 20 7946 0018", "tel:+44-20-7946-0018"),
        ("020 7946 0018", "GB", "020 7946 0018", "tel:+44-20-7946-0018"),
        ("040 123456", "DE", "040 123456", "tel:+49-40-123456"),
    ],
)
def test_a_phone_number_is_printed_as_its_country_writes_it_and_dialled_whole(
    written: str, region: str, printed: str, uri: str, read: Reader
) -> None:
    text = f'name = "A"\nphone = "{written}"\n' + (f'region = "{region}"\n' if region else "")
    assert read(text).phone == Phone(printed, uri)


@pytest.mark.parametrize(
    "written", ["call us", "911", "555-0171", "(503) 555-017", "(503) 555-01711111", "+999 1234567", "?"]
)
def test_a_number_that_no_phone_can_dial_is_refused_at_its_line(written: str, faults: Faults) -> None:
    (found,) = faults(f'name = "A"\nphone = "{written}"\n')
    assert (found.line, found.rule, found.sentence) == (2, "bad-phone", written)
    assert "(503) 691-2000" in found.remedy


def test_an_unknown_region_is_blamed_and_not_the_phone_number(faults: Faults) -> None:
    (found,) = faults(SMALLEST + 'region = "Oregon"\n')
    assert (found.line, found.sentence) == (3, "Oregon")


# Faults ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "line", "rule"),
    [
        ('phon = "1"', 3, "unknown-key"),
        ('address = "4 Hill Street"', 3, "wrong-type"),
        ("address = [4]", 3, "wrong-type"),
        ("hours = 8", 3, "wrong-type"),
        ("hours = 2026-11-22", 3, "wrong-type"),
        ('paper = "legal"', 3, "unknown-value"),
        ("paper = 4", 3, "unknown-value"),
        ("brand = 3", 3, "wrong-type"),
        ('[brand]\ncolour = "#000000"', 4, "unknown-key"),
        ('[brand]\ncolor = "teal"', 4, "bad-color"),
        ('[brand]\ncolor = "#fff"', 4, "bad-color"),
        ('[brand]\ntypeface = "Arial"', 4, "bad-typeface"),
        ('[brand]\nlogo = "no.svg"', 4, "broken-figure"),
        ('[brand]\nlogo = "../logo.svg"', 4, "remote-image"),
        ('[brand]\nlogo = "/etc/hostname.png"', 4, "remote-image"),
        ('[brand]\nlogo = "http://a.example/logo.png"', 4, "broken-figure"),
        ('[brand]\nlogo = "\\u0000.png"', 4, "unreadable-text"),
        ('[chart]\nleaflet = "EDU"', 4, "unknown-key"),
        ("[chart]\nhandout = 5", 4, "wrong-type"),
        ("[more]", 3, "unknown-key"),
        ("hours 8 to 5", 3, "bad-front-matter"),
        ('name = "B"', 3, "bad-front-matter"),
        ('[chart]\nhandout = "a\\u0007b"', 4, "unreadable-text"),
    ],
)
def test_a_fault_of_the_profile_is_found_once_and_at_its_line(more: str, line: int, rule: str, faults: Faults) -> None:
    assert [(one.line, one.rule) for one in faults(SMALLEST + more + "\n")] == [(line, rule)]


@pytest.mark.parametrize(
    "more", ['"hourz" = "8"', 'brand.color = "teal"', 'brand = { color = "teal" }', "[[brand]]", "[ more ]"]
)
def test_a_finding_has_its_line_in_whatever_way_of_toml_the_key_is_written(more: str, faults: Faults) -> None:
    assert [one.line for one in faults(SMALLEST + more + "\n")] == [3]


def test_the_faults_of_a_profile_are_reported_together(faults: Faults) -> None:
    found = faults('phone = "911"\nhours = 8\n[brand]\ncolor = "teal"\ntypeface = "Arial"\n[extra]\n')
    assert [one.rule for one in found] == [
        *("bad-phone", "missing-key", "wrong-type", "bad-color", "bad-typeface", "unknown-key")
    ]


def test_words_inside_a_long_text_are_not_taken_for_keys(faults: Faults) -> None:
    found = faults('footer = """\nname = 3\n"""\nname = 5\nphone = "(503) 555-0171"\n')
    assert [(one.line, one.rule) for one in found] == [(4, "wrong-type")]


def test_a_profile_that_is_not_text_is_one_finding(tmp_path: Path) -> None:
    (tmp_path / "clinic.toml").write_bytes(SMALLEST.replace("Hill", "H\u00fcgel").encode("latin-1"))
    with pytest.raises(ContentError) as caught:
        read_clinic(tmp_path / "clinic.toml", TYPEFACES)
    assert [one.rule for one in caught.value.problems] == ["unreadable-text"]


SOUND = (EXAMPLES / "S01" / "good" / "clinic.toml").read_bytes()
PIECES = st.one_of(
    st.binary(max_size=10),
    st.sampled_from(
        [b"[", b"]", b"{", b"}", b"=", b'"', b'"""', b"'", b"#", b"\n", b"\r", b"\\u0000", b"\\ud800", b"."]
    )
    | st.sampled_from([b"\xff", b"\x00", b"1e999", b"nan", b"2026-13-45", b"[[brand]]", b"brand.color", b"..", b"/"]),
)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(splices=st.lists(st.tuples(st.integers(0, 260), st.integers(0, 20), PIECES), min_size=1, max_size=4))
def test_a_profile_with_slips_anywhere_is_read_or_refused_in_words(
    tmp_path: Path, splices: list[tuple[int, int, bytes]]
) -> None:
    data = SOUND
    for start, length, piece in splices:
        data = data[:start] + piece + data[start + length :]
    (tmp_path / "clinic.toml").write_bytes(data)
    found: tuple[Problem, ...] = ()
    with suppress(InputError):
        try:
            read_clinic(tmp_path / "clinic.toml", TYPEFACES)
        except ContentError as error:
            found = error.problems
    assert all(one.message and one.remedy for one in found)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(written=st.text(max_size=25) | st.from_regex(r"\+?[0-9 ().x-]{3,20}", fullmatch=True))
def test_any_text_for_a_phone_number_becomes_one_or_is_refused(tmp_path: Path, written: str) -> None:
    shown = "".join(f"\\U{ord(one):08x}" for one in written if not 0xD800 <= ord(one) <= 0xDFFF)
    (tmp_path / "clinic.toml").write_text(f'name = "A"\nphone = "{shown}"\n', encoding="utf-8")
    found: tuple[Problem, ...] = ()
    try:
        assert read_clinic(tmp_path / "clinic.toml", TYPEFACES).phone.uri.startswith("tel:+")
    except ContentError as error:
        found = error.problems
    assert {one.rule for one in found} <= {"bad-phone", "missing-key", "unreadable-text"}


# Pages ----------------------------------------------------------------------------------------------------------------

PAGES = [PageProfile(paper, size) for paper in Paper for size in Print]


def apart(one: Rectangle, other: Rectangle) -> bool:
    return one.right <= other.left or other.right <= one.left or one.top <= other.bottom or other.top <= one.bottom


@pytest.mark.parametrize("page", PAGES, ids=str)
@pytest.mark.parametrize("number", [1, 2])
def test_codes_and_label_stand_on_the_sheet_and_clear_of_each_other(page: PageProfile, number: int) -> None:
    width, height = SHEETS[page.paper]
    assert page.size == (width, height)
    zones = [*page.code_zones(number), *([page.label_zone()] if number == 1 else [])]
    for zone in zones:
        assert zone.left >= SIDE_MARGIN - CODE_OVERHANG
        assert zone.right <= width - SIDE_MARGIN + CODE_OVERHANG
        assert INK_LIMIT <= zone.bottom < zone.top <= height - INK_LIMIT
    assert all(apart(one, other) for one in zones for other in zones if one is not other)


# What is too long, too wide or leads nowhere --------------------------------------------------------------------------

CASES = ROOT / "tests" / "cases"
BLANKS = " " * 3_900


def notice(text: str) -> Callable[[Path], str]:
    def put(folder: Path) -> str:
        (folder / "notice.txt").write_text(text, encoding="utf-8")
        return 'language_notice = "notice.txt"'

    return put


@pytest.mark.parametrize(
    ("more", "place", "says"),
    [
        (f'language_notice = "{"a" * 300}"', (3, "unknown-value"), "does not lie beside the profile"),
        (f'language_notice = "{"a/" * 1_900}"', (3, "unknown-value"), "does not lie beside the profile"),
        ('language_notice = "."', (3, "unknown-value"), "does not lie beside the profile"),
        ('language_notice = "loop.txt"', (3, "unknown-value"), "does not lie beside the profile"),
        ('language_notice = "/dev/zero"', (3, "unknown-value"), "does not lie beside the profile"),
        (f'jurisdiction = "{"a" * 300}.toml"', (3, "unknown-value"), "There is no file"),
        ('jurisdiction = "loop.toml"', (3, "unknown-value"), "There is no file"),
        (f'[brand]\nlogo = "{"a" * 300}.svg"', (4, "broken-figure"), "leads nowhere"),
        ('[brand]\nlogo = "loop.svg"', (4, "broken-figure"), ""),
        (f'footer = "{"a" * 4_001}"', (3, "bad-front-matter"), "longer than 4,000 letters"),
        ("a." * 450_000 + "a = 1", (3, "bad-front-matter"), "longer than 4,000 letters"),
        ("a = " + "[" * 3_900, (3, "bad-front-matter"), "cannot be read"),
        ("a = [\n" + "[\n" * 100_000, (1, "bad-front-matter"), "cannot be read"),
    ],
)
def test_what_is_too_long_or_leads_nowhere_is_named_in_words(
    more: str, place: tuple[int, str], says: str, faults: Faults, tmp_path: Path
) -> None:
    for suffix in ("txt", "toml", "svg"):
        (tmp_path / f"loop.{suffix}").symlink_to(f"loop.{suffix}")
    (found,) = faults(SMALLEST + more + "\n")
    assert (found.line, found.rule) == place
    assert says in found.message


@pytest.mark.parametrize(
    "row", [BLANKS, "a" * 3_900, "a " * 1_950, "a = {" + "a" * 3_900, "a = {" + BLANKS + "a", '"' * 3_900, "[" * 3_900]
)
def test_rows_of_nothing_and_rows_of_rubbish_are_read_in_no_time(row: str) -> None:
    """Some patterns need the square or the cube of a row: 250 of these took hours."""
    begun = time.process_time()
    assert toml_lines(f"{row}\n" * 250) is not None
    assert time.process_time() - begun < 20


CONTEXT = Context(date(2026, 12, 1), frozenset(range(32, 127)))


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ('name = "{80}"', ""),
        ('name = "{81}"', "The name has 81 characters; its line holds 80."),
        ('hours = "{80}"', ""),
        ('hours = "{81}"', "The hours has 81 characters; its line holds 80."),
        ('website = "{81}"', "The website has 81 characters; its line holds 80."),
        ('after_hours = "{81}"', "The after_hours has 81 characters; its line holds 80."),
        ('footer = "{49}"', "The footer has 49 characters; its line holds 48."),
        ('address = ["{60}", "{60}", "{60}", "{60}", "{60}", "{60}"]', ""),
        ('address = ["{60}", "{61}"]', "A line of the address has 61 characters; it holds 60."),
        ('address = ["1", "2", "3", "4", "5", "6", "7"]', "The address has 7 lines; the head of a page holds 6."),
    ],
)
def test_what_has_no_room_on_a_page_is_named_with_its_limit(more: str, says: str, read: Reader) -> None:
    written = re.sub(r"\{(\d+)\}", lambda found: ("Hill " * 20)[: int(found[1]) - 1] + "x", more)
    text = f'phone = "(503) 555-0171"\n{written}\n'
    profile = read(text if more.startswith("name") else f'{text}name = "Hill Street Clinic"\n')
    found = [one for one in check_clinic(profile, CONTEXT) if one.code == "B08"]
    assert [one.message for one in found] == ([says] if says else [])
    assert all((one.line, one.severity) == (2, "error") and one.remedy for one in found)


def test_a_notice_longer_than_a_page_is_named_with_its_limit(read: Reader, tmp_path: Path) -> None:
    (tmp_path / "notice.txt").write_text("Free help in your language. " * 200, encoding="utf-8")
    profile = read(SMALLEST + 'language_notice = "notice.txt"\n')
    (found,) = (one for one in check_clinic(profile, CONTEXT) if one.code == "B08")
    assert (found.line, found.message) == (3, "The notice notice.txt has 5,599 characters; its place holds 5,000.")


@pytest.mark.parametrize(
    ("case", "code", "says"),
    [
        ("blanks", 0, ""),
        ("address", 0, ""),
        ("notice-long", 2, "clinic.toml:11: error S20 unknown-value"),
    ],
)
@pytest.mark.usefixtures("from_cache")
def test_the_profiles_of_the_cases_print_or_are_refused_in_words(
    case: str, code: int, says: str, tmp_path: Path
) -> None:
    for command in (["check", "--words"], ["build", "--lang", "en", "--paper-form", "--out", str(tmp_path)]):
        ran = forked(*command, "neurotherapy", "--clinic", str(CASES / "clinics" / case / "clinic.toml"))
        assert ran.returncode == code, ran.stderr
        assert "Traceback" not in ran.stderr
        assert says in ran.stdout + ran.stderr


@pytest.mark.soak
@pytest.mark.parametrize("case", ["blanks", "address"])
def test_the_profiles_of_the_cases_have_room_in_every_size_and_language(case: str) -> None:
    assert forked("check", "neurotherapy", "--clinic", str(CASES / "clinics" / case / "clinic.toml")).returncode == 0


# The logo -------------------------------------------------------------------------------------------------------------


def logo(width: float, height: float) -> bytes:
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">'
    return f'{head}<rect width="{width}" height="{height}" fill="#c81e28"/></svg>'.encode()


@pytest.mark.parametrize(
    ("width", "height", "room"),
    [
        (10, 10, (37, 37)),
        (12, 10, (37, 37)),
        (10, 20, (37, 37)),
        (20, 10, (74, 37)),
        (40, 10, (148, 37)),
        (60, 10, (148, 24.67)),
        (80, 10, (148, 18.5)),
    ],
)
def test_a_wide_logo_gets_a_wide_place(
    width: float, height: float, room: tuple[float, float], read: Reader, tmp_path: Path
) -> None:
    (tmp_path / "logo.svg").write_bytes(logo(width, height))
    assert read(SMALLEST + '[brand]\nlogo = "logo.svg"\n').branding.logo_room() == room


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (logo(81, 10), "more than 8 times as wide as high"),
        (logo(10, 21), "more than twice as high as wide"),
        ((CASES / "logos" / "l4-nosize.svg").read_bytes(), "does not say how large it is"),
    ],
)
def test_a_logo_that_no_head_of_a_page_can_show_is_refused_at_its_line(
    data: bytes, says: str, faults: Faults, tmp_path: Path
) -> None:
    (tmp_path / "logo.svg").write_bytes(data)
    (found,) = faults(SMALLEST + '[brand]\nlogo = "logo.svg"\n')
    assert (found.code, found.line) == ("S12", 4)
    assert says in found.message


@pytest.mark.parametrize("kind", ["handout", "consent"])
@pytest.mark.parametrize("page", [("standard", "letter"), ("large-print", "a4")], ids=" ".join)
@pytest.mark.usefixtures("from_cache")
def test_a_wide_logo_stands_on_the_paper_as_large_as_its_place(
    kind: str, page: tuple[str, str], tmp_path: Path
) -> None:
    shelf = stock(tmp_path)
    wide = (CASES / "logos" / "l3-wide.svg").read_bytes().replace(b"#0b4a56", b"#c81e28")
    (shelf.folder / "logo.svg").write_bytes(wide)
    options = ["--profile", page[0], "--paper", page[1], "--paper-form", "--out", str(tmp_path / "out")]
    ran = forked("build", "--kind", kind, *shelf.options, *options)
    assert ran.returncode == 0, ran.stderr
    (file,) = (tmp_path / "out").rglob("*.pdf")
    (first,) = paint(file, "pdfium", 72, grey=False, pages=(1, 1))
    red = np.argwhere((abs(first.astype(int) - (200, 30, 40)) <= 8).all(axis=2))
    if (kind, page[0]) == ("consent", "large-print"):
        assert red.size == 0  # the name needs the room
        return
    height, width = red.max(axis=0) - red.min(axis=0) + 1
    wanted = (120, 20) if kind == "consent" else (148, 24.67)
    assert (width, height) == pytest.approx(wanted, abs=1.5)


def test_what_illustrator_writes_is_a_logo(read: Reader, tmp_path: Path) -> None:
    (tmp_path / "logo.svg").write_bytes((CASES / "logos" / "l6-illustrator.svg").read_bytes())
    assert read(SMALLEST + '[brand]\nlogo = "logo.svg"\n').branding.logo_room() == (37, 37)
