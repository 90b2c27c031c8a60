"""A clinic's profile is read with its defaults, and its phone number is one that a phone can dial."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

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
from tests.lint.shelf import EXAMPLES, ROOT

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
    assert dict(profile.document_types) == {"handout": "", "consent": ""}


def test_everything_that_a_profile_can_say_is_read(read: Reader, tmp_path: Path) -> None:
    logo = b'<svg xmlns="http://www.w3.org/2000/svg"/>'
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
    assert dict(profile.document_types) == {"handout": "EDU", "consent": "CONS"}
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
