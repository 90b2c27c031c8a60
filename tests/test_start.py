"""What was made before is given again: the same bytes and words, without WeasyPrint, and never after a change."""

import json
import os
import pickle
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from importlib.metadata import version
from pathlib import Path

import click
import pytest

from clinicpress import fingerprint
from clinicpress.cache import Cache
from clinicpress.cli import choosing, main
from clinicpress.cli.commands import COMMANDS, cli
from clinicpress.cli.installation import usual_cache
from clinicpress.clinics import Print
from clinicpress.markup import to_html
from clinicpress.pdf import render
from clinicpress.press import kept, press
from clinicpress.press.shelf import Shelf, Stock
from clinicpress.visits import Encounter
from tests import blocked, prints
from tests.instruments.desk import CACHE_KEY
from tests.prints import CONSENT, HANDOUT

ROOT = Path(__file__).parents[1]

# What reads, checks, sets and finishes documents.
HEAVY = (
    "weasyprint,pikepdf,pypdfium2,reportlab,jinja2,markdown_it,yaml,babel,fontTools,phonenumbers,textstat,lxml,PIL,"
    "clinicpress.lint,clinicpress.press.press,clinicpress.markup,clinicpress.library.documents,clinicpress.library.clinics,"
    "clinicpress.pdf.finish,clinicpress.pdf.proof"
)


@dataclass(frozen=True)
class Desk:
    """A folder to work in, with content and a profile of its own, and a cache."""

    folder: Path

    @property
    def cache(self) -> Path:
        return self.folder / "cache"

    @property
    def out(self) -> Path:
        return self.folder / "out"

    def run(self, *arguments: str, without: str = "", **surroundings: str) -> subprocess.CompletedProcess[str]:
        start = blocked.without(without) if without else [sys.executable, str(ROOT / "generate.py")]
        return subprocess.run(
            [*start, *arguments],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": str(ROOT), "CLINICPRESS_CACHE": str(self.cache), **surroundings},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    def made(self) -> dict[str, tuple[bytes, int]]:
        """What lies in the output folder: bytes and mode."""
        return {
            str(path.relative_to(self.out)): (path.read_bytes(), path.stat().st_mode)
            for path in sorted(self.out.rglob("*"))
            if path.is_file()
        }


OWN = ["--handouts", "handouts", "--clinic", "clinic.toml"]
CIRCLE = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"><circle cx="5" cy="5" r="4" fill="#111111"/></svg>'
)
CLINIC = """name = "Example Clinic"
phone = "(503) 691-2000"
address = ["100 Main Street"]
jurisdiction = "own.toml"
language_notice = "notice.txt"
[brand]
logo = "logo.svg"
"""


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One leaflet, a draft, and a clinic with every file that a profile may name."""
    folder = tmp_path_factory.mktemp("start") / "desk"
    (folder / "handouts" / "short").mkdir(parents=True)
    for path in (ROOT / "handouts" / "neurotherapy").glob("mechanism*.svg"):
        shutil.copy(path, folder / "handouts" / "short")
    shutil.copy(ROOT / "handouts" / "neurotherapy" / "handout.en.md", folder / "handouts" / "short")
    (folder / "clinic.toml").write_text(CLINIC)
    (folder / "own.toml").write_text('[rules]\nL01 = {weight = "warning", reason = "an example"}\n')
    (folder / "notice.txt").write_text("You can have this read to you.\n")
    (folder / "logo.svg").write_text(CIRCLE)
    return folder


@pytest.fixture(scope="module")
def printed_before(shelf: Path) -> Path:
    """A copy of the same after it was printed once."""
    ran = Desk(shelf).run("build", *OWN)
    assert ran.returncode == 0, ran.stderr
    return Path(shutil.copytree(shelf, shelf.with_name("printed before")))


@pytest.fixture
def desk(shelf: Path, printed_before: Path) -> Desk:
    """A desk elsewhere would be another request, so the tests take turns at one, which is laid again for each."""
    shutil.rmtree(shelf)
    shutil.copytree(printed_before, shelf)
    return Desk(shelf)


def soaked(*options: str) -> object:
    """An example that only the long tests try."""
    return pytest.param(options, marks=pytest.mark.soak)


def is_answered(desk: Desk, *more: str) -> bool:
    """Whether a request is answered from the cache: then nothing heavy is needed."""
    return desk.run("build", *OWN, *more, without=HEAVY).returncode == 0


# The same answer ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "options",
    [
        soaked("--kind", "consent", "--lang", "es", "--json"),
        ("--kind", "handout", "--lang", "en", "--release", "--paper", "a4"),
        soaked("--paper-form", "--lang", "en"),
        soaked("neurotherapy", "--kind", "handout", "--bilingual", "en+es", "--copy", "chart"),
        soaked("--profile", "standard", "--profile", "large-print", "--json"),
    ],
    ids=" ".join,
)
def test_an_answer_from_the_cache_is_the_answer(options: tuple[str, ...], tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    again = desk.run("build", *options, "--no-cache")
    made = desk.made()
    assert again.returncode == 0
    assert made
    assert not desk.cache.exists()
    shutil.rmtree(desk.out)
    first = desk.run("build", *options)
    assert (first.stdout, first.stderr, desk.made()) == (again.stdout, again.stderr, made)
    for remain in (True, False):
        if not remain:
            shutil.rmtree(desk.out)
        again = desk.run("build", *options, without=HEAVY)
        assert (again.returncode, again.stdout, again.stderr) == (0, again.stdout, again.stderr)
        assert desk.made() == made


def test_a_text_alone_and_with_english_behind_it_are_kept_apart(tmp_path: Path) -> None:
    """A translation refers to its original in either case."""
    desk = Desk(tmp_path)
    both = desk.run("build", "--kind", "handout", "--bilingual", "en+es", "--out", "both")
    alone = desk.run("build", "--kind", "handout", "--lang", "es")
    again = desk.run("build", "--kind", "handout", "--bilingual", "en+es", "--out", "again", without=HEAVY)
    assert [both.returncode, alone.returncode, again.returncode] == [0, 0, 0]
    assert alone.stdout.splitlines() == ["out/neurotherapy/handout.es.pdf", "out/manifest.json"]
    name = "neurotherapy/handout.en+es.pdf"
    assert (tmp_path / "both" / name).read_bytes() == (tmp_path / "again" / name).read_bytes()
    facts = json.loads((desk.out / "manifest.json").read_text())["files"][0]
    assert (facts["language"], facts.get("second")) == ("es", None)


def test_the_answer_keeps_what_stands_in_the_manifest(desk: Desk) -> None:
    (desk.out / "other.pdf").write_bytes(b"x")
    manifest = desk.out / "manifest.json"
    entries = json.loads(manifest.read_text())["files"]
    manifest.write_text(json.dumps({"files": [*entries, {"file": "other.pdf"}, {"file": "gone.pdf"}]}))
    assert is_answered(desk)
    files = [entry["file"] for entry in json.loads(manifest.read_text())["files"]]
    assert files == ["other.pdf", "short/handout.en.pdf"]


def test_what_somebody_spoilt_is_put_right_and_what_is_right_is_left_alone(desk: Desk) -> None:
    path = desk.out / "short" / "handout.en.pdf"
    right, number = path.read_bytes(), path.stat().st_ino
    assert is_answered(desk)
    assert path.stat().st_ino == number
    path.write_bytes(right[:-1] + b"x")
    assert is_answered(desk)
    assert path.read_bytes() == right
    path.chmod(0o644)
    assert is_answered(desk)
    assert path.stat().st_mode & 0o777 == 0o600
    path.unlink()
    path.symlink_to(desk.folder / "clinic.toml")
    assert is_answered(desk)
    assert not path.is_symlink()
    assert (desk.folder / "clinic.toml").read_text() == CLINIC


@pytest.mark.soak
def test_a_refusal_is_not_kept(desk: Desk) -> None:
    before = sorted(desk.cache.rglob("*"))
    for _ in range(2):
        ran = desk.run("build", *OWN, "--release")
        assert ran.returncode == 2
        assert "DRAFT" in ran.stderr
    assert sorted(desk.cache.rglob("*")) == before


def test_an_output_folder_that_cannot_be_written_is_told_as_ever(desk: Desk) -> None:
    shutil.rmtree(desk.out)
    desk.out.write_text("a file")
    ran = desk.run("build", *OWN)
    assert ran.returncode == 3
    assert "--out DIR" in ran.stderr


# Never a wrong one ----------------------------------------------------------------------------------------------------


def add(path: str, more: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        with (folder / path).open("a", encoding="utf-8") as file:
            file.write(more)

    return change


CHANGES: Mapping[str, Callable[[Path], None]] = {
    "text": add("handouts/short/handout.en.md", "\nMore.\n"),
    "figure": add("handouts/short/mechanism.svg", "\n"),
    "review": add("handouts/short/review.toml", "\n"),
    "glossary": add("handouts/glossary.toml", "\n"),
    "another topic": lambda folder: (folder / "handouts" / "empty").mkdir() or add("handouts/empty/a.md", "x")(folder),
    "profile": add("clinic.toml", "\n# changed\n"),
    "logo": add("logo.svg", "\n"),
    "notice": add("notice.txt", "More.\n"),
    "jurisdiction": add("own.toml", "\n"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_input_is_another_request(change: str, desk: Desk) -> None:
    assert is_answered(desk)
    CHANGES[change](desk.folder)
    assert not is_answered(desk)


def test_another_day_or_page_is_another_request_and_another_folder_or_part_is_none(desk: Desk) -> None:
    assert is_answered(desk)
    assert not is_answered(desk, "--today", "2026-11-23")
    assert not is_answered(desk, "--paper", "a4")
    assert is_answered(desk, "--out", "elsewhere")
    assert is_answered(desk, "--kind", "handout", "--lang", "en")
    assert is_answered(desk, "short")
    elsewhere = Desk(desk.folder / "handouts")
    assert elsewhere.run("build", *OWN, without=HEAVY).returncode != 0


@pytest.mark.soak
def test_a_damaged_cache_is_only_slower(desk: Desk) -> None:
    made = desk.made()
    for path in desk.cache.rglob("*"):
        if path.is_file():
            path.write_bytes(path.read_bytes()[:-1] + b"\0")
    ran = desk.run("build", *OWN)
    assert ran.returncode == 0, ran.stderr
    assert desk.made() == made
    assert is_answered(desk)


def test_content_without_end_is_not_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fingerprint, "MOST_FILES", 10)
    (tmp_path / "round").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "text").write_text("x")
    with pytest.raises((OverflowError, OSError)):
        fingerprint.files_of(str(tmp_path))
    assert fingerprint.content([tmp_path], []) is None


def test_behind_links_is_looked_at_what_somebody_reads(tmp_path: Path) -> None:
    """Texts and what a profile names wherever they lie, pictures within their topic; nobody reads others."""
    topic, far = tmp_path / "handouts" / "topic", tmp_path / "far"
    for folder in (topic, far):
        folder.mkdir(parents=True)
    for name in ("text.md", "logo.svg", "picture.svg"):
        (far / name).write_text("x")
    (topic / "own.svg").write_text("x")
    links = {"handout.en.md": far / "text.md", "again.svg": topic / "own.svg", "picture.svg": far / "picture.svg"}
    for name, there in links.items():
        (topic / name).symlink_to(there)
    (topic / "loop.svg").symlink_to(topic / "loop.svg")
    (tmp_path / "logo.svg").symlink_to(far / "logo.svg")

    def digest() -> str:
        found = fingerprint.content([tmp_path / "handouts"], [tmp_path / "logo.svg"])
        assert found is not None
        return found.digest

    for changed, noticed in (
        (far / "text.md", 1),
        (far / "logo.svg", 1),
        (topic / "own.svg", 1),
        (far / "picture.svg", 0),
    ):
        before = digest()
        changed.write_text("y")
        assert (digest() != before) == noticed, changed


def test_what_a_profile_names_is_found(tmp_path: Path) -> None:
    (tmp_path / "logo.svg").touch()
    profile = tmp_path / "clinic.toml"
    profile.write_text('name = "a\\u0000b"\n[brand]\nlogo = "logo.svg"\ncolor = "#111111"\n')
    assert kept._named_in(profile) == [tmp_path / "logo.svg"]
    profile.write_text("not TOML")
    assert kept._named_in(profile) == []


def test_nothing_is_kept_when_an_input_changes_while_it_is_read(desk: Desk) -> None:
    shelf = Shelf(desk.folder / "handouts", desk.folder / "clinic.toml", date(2026, 11, 29))
    cache = Cache(desk.folder / "other cache", CACHE_KEY)

    def change(_stock: Stock) -> None:
        add("handouts/short/handout.en.md", "\nMore.\n")(desk.folder)

    stock = kept.stock_of(shelf, cache, ahead=kept.Ahead(when_read=change))
    assert stock.content is None
    assert not (desk.folder / "other cache").exists()
    stock = kept.stock_of(shelf, cache)
    assert stock.content is not None
    assert kept.stock_of(shelf, cache, ahead=kept.Ahead(lambda: pytest.fail("it was read again"))) == stock


def test_what_is_kept_brings_nothing_else_to_life() -> None:
    for thing in (os.system, shutil.rmtree, subprocess.Popen, print):
        with pytest.raises(pickle.UnpicklingError, match="no part of a stock"):
            kept._opened(pickle.dumps(thing))


# Without WeasyPrint ---------------------------------------------------------------------------------------------------


@pytest.mark.soak
def test_what_was_rendered_before_needs_no_weasyprint(tmp_path: Path) -> None:
    """Also in another folder."""
    first, second = Desk(tmp_path / "first"), Desk(tmp_path / "second")
    for desk in (first, second):
        desk.folder.mkdir()
    cache = {"CLINICPRESS_CACHE": str(tmp_path / "cache")}
    options = ["build", "--lang", "en", "--kind", "consent"]
    assert first.run(*options, **cache).returncode == 0
    ran = second.run(*options, without="weasyprint", **cache)
    assert ran.returncode == 0, ran.stderr
    assert len(second.made()) == 3  # a form to write on, a form to fill; the manifest
    assert second.made() == first.made()
    ran = second.run(*options, "--no-cache", without="weasyprint", **cache)
    assert ran.returncode != 0  # the guard: here it was needed


@pytest.mark.soak
def test_pages_are_measured_without_rendering_them_twice(desk: Desk) -> None:
    ran = desk.run("check", "--pages", *OWN)
    again = desk.run("check", "--pages", *OWN, without="weasyprint")
    assert (again.returncode, again.stdout, again.stderr) == (ran.returncode, ran.stdout, ran.stderr)


def test_the_place_of_a_layout_tells_everything_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """The HTML, each file, the options and every version are in it."""
    page = to_html(prints.order(CONSENT))
    asked: list[str] = []

    def ask(html: str, assets: Mapping[str, object]) -> None:
        asked.append(press._address(press.Page(html, assets)))  # type: ignore[arg-type]

    name = next(iter(page.assets))
    asset = page.assets[name]
    changed = type(asset)(asset.name, asset.data + b" ", asset.media_type)
    typed = type(asset)(asset.name, asset.data, "text/plain")
    ask(page.html, page.assets)
    ask(page.html + " ", page.assets)
    for other in (changed, typed):
        ask(page.html, {**page.assets, name: other})
    ask(page.html, {**page.assets, f"{name}2": asset})
    render.engine.cache_clear()
    versions = render.engine()
    assert len(versions) > 12
    assert any(one.startswith("weasyprint 7") for one in versions)
    assert any("libpango-1.0" in one for one in versions)
    for number in range(len(versions)):
        others = (*versions[:number], "other", *versions[number + 1 :])
        monkeypatch.setattr(press, "engine", lambda others=others: others)
        ask(page.html, page.assets)
    assert len(set(asked)) == len(asked) == 5 + len(versions)


def test_where_the_engine_cannot_be_told_no_layout_is_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(press, "engine", tuple)
    press.lay_out(prints.order(HANDOUT), cache=Cache(tmp_path / "cache", CACHE_KEY))
    assert not (tmp_path / "cache").exists()


def test_where_the_engine_cannot_be_told_no_finished_document_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    order = prints.order(HANDOUT)
    found = fingerprint.content([order.document.file.parents[1]], [])
    assert found is not None
    assert choosing._place(order, found)
    monkeypatch.setattr(choosing, "engine", tuple)
    assert choosing._place(order, found) == ""


def test_every_package_that_draws_is_in_the_versions() -> None:
    """What WeasyPrint is made of, as it says itself."""
    from importlib.metadata import requires  # noqa: PLC0415
    from re import match  # noqa: PLC0415

    needed = {
        found[0].lower()
        for one in requires("weasyprint") or ()
        if "extra" not in one and (found := match(r"[\w-]+", one))
    }
    assert needed | {"weasyprint"} == set(render.PACKAGES) | needed
    assert needed <= set(render.PACKAGES)
    assert all(version(package) for package in render.PACKAGES)


# Patients -------------------------------------------------------------------------------------------------------------


@pytest.mark.soak
def test_no_fact_about_a_patient_comes_into_the_cache(tmp_path: Path) -> None:
    """Values are filled into a layout that was kept; one with larger boxes for them is made, and not kept."""
    desk = Desk(tmp_path)
    form = ["build", "--kind", "consent", "--lang", "en"]
    (tmp_path / "patient.json").write_text(json.dumps({"patient": {"name": "Zoe Canarybird", "mrn": "0099881177"}}))
    plain = desk.run(*form, "--paper-form")
    assert plain.returncode == 0, plain.stderr
    blank = {path: path.read_bytes() for path in desk.cache.rglob("*") if path.is_file()}
    for options, without in (
        (["--patient", "patient.json"], "weasyprint"),
        (["--set=patient.mrn=0099881177", "--paper-form"], "weasyprint"),
        (["--set", f"encounter.reason={'Canarybird ' * 90}", "--flatten", "--json"], ""),
    ):
        ran = desk.run(*form, *options, without=without)
        assert ran.returncode == 0, ran.stderr
        assert not without or "rendered_anew" not in ran.stdout
    assert '"rendered_anew": [\n' in ran.stdout
    after = {path: path.read_bytes() for path in desk.cache.rglob("*") if path.is_file()}
    assert after == blank
    assert not any(fact in data for data in after.values() for fact in (b"Canarybird", b"0099881177"))


def test_no_page_holds_a_value() -> None:
    """The HTML, of which a layout is made, is the same for every patient."""
    order = prints.order(CONSENT)
    known = replace(order, encounter=Encounter({"patient.name": "Zoe Canarybird", "patient.mrn": "0099881177"}, "test"))
    assert to_html(known) == to_html(order)
    assert "Canarybird" not in to_html(known, room={"patient.name": 60.0}).html


# Loading little -------------------------------------------------------------------------------------------------------


def test_help_lists_every_command_with_the_first_sentence_of_its_own_help() -> None:
    told = {name: about for name, (*_, about) in COMMANDS.items()}
    assert told == {name: command.get_short_help_str(200) for name, command in cli.commands.items()}  # type: ignore[attr-defined]
    assert list(told) == sorted(told)


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_and_version_load_no_command(option: str, tmp_path: Path) -> None:
    few = HEAVY.replace(",click,", ",")
    ran = Desk(tmp_path).run(option, without=few)
    assert ran.returncode == 0, ran.stderr
    assert option == "--version" or all(name in ran.stdout for name in COMMANDS)


def test_a_misspelt_command_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["biuld"]) == 3
    assert "No such command 'biuld'" in capsys.readouterr().err


# What a handout does without: forms, patients, rosters, other languages, files from elsewhere; and what sets pages.
FORMS = (
    "clinicpress.marks,clinicpress.library.encounters,clinicpress.library.rosters.reading,clinicpress.library.imports,"
    "clinicpress.library.exchange,clinicpress.pdf.fields,clinicpress.pdf.flatten,clinicpress.pdf.zones,"
    "clinicpress.pdf.typeset,clinicpress.pdf.plate,clinicpress.pdf.readback,clinicpress.pdf.job,"
    "clinicpress.destinations.chunks,reportlab,uharfbuzz,bidi,mammoth,multiprocessing,concurrent,weasyprint,cffi,PIL"
)


def test_a_handout_is_made_without_what_it_does_not_need(tmp_path: Path) -> None:
    """Here its pages lie in the cache; where they do not, the process beside loads WeasyPrint."""
    first, second = Desk(tmp_path / "first"), Desk(tmp_path / "second")
    for desk in (first, second):
        desk.folder.mkdir()
    cache = {"CLINICPRESS_CACHE": str(tmp_path / "cache")}
    options = ["build", "--lang", "en", "--kind", "handout"]
    assert first.run(*options, **cache).returncode == 0
    ran = second.run(*options, without=FORMS, **cache)
    assert ran.returncode == 0, ran.stderr
    assert second.made() == first.made()


# Where it lies --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("surroundings", "place"),
    [
        ({"CLINICPRESS_CACHE": "{0}/a", "XDG_CACHE_HOME": "{0}/b", "HOME": "{0}/c"}, "a"),
        ({"CLINICPRESS_CACHE": "", "XDG_CACHE_HOME": "{0}/b", "HOME": "{0}/c"}, "b/clinicpress"),
        ({"CLINICPRESS_CACHE": "", "XDG_CACHE_HOME": "relative", "HOME": "{0}/c"}, "c/.cache/clinicpress"),
        ({"CLINICPRESS_CACHE": "off", "XDG_CACHE_HOME": "{0}/b", "HOME": "{0}/c"}, None),
    ],
)
def test_where_finished_things_are_kept(
    surroundings: dict[str, str], place: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in surroundings.items():
        monkeypatch.setenv(name, value.format(tmp_path))
    assert usual_cache() == (tmp_path / place if place else None)


@pytest.mark.soak
def test_the_option_names_the_folder_and_no_cache_asks_none(desk: Desk) -> None:
    before = sorted(desk.cache.rglob("*"))
    shutil.copytree(desk.cache, desk.folder / "mine")
    assert not is_answered(desk, "--cache", "mine")
    assert desk.run("build", *OWN, "--cache", "mine").returncode == 0
    assert sorted(desk.cache.rglob("*")) == before
    assert is_answered(desk, "--cache", "mine")
    assert not is_answered(desk, "--cache", "mine", "--no-cache")


def test_a_cache_that_cannot_be_written_stops_nothing(desk: Desk) -> None:
    ran = desk.run("build", *OWN, "--cache", "clinic.toml")
    assert ran.returncode == 0
    assert "Note: The cache clinic.toml cannot be written" in ran.stderr
    assert (desk.folder / "clinic.toml").read_text() == CLINIC


def test_both_options_are_told_in_the_help(tmp_path: Path) -> None:
    for name in ("build", "check"):
        options = {option for one in cli.commands[name].params if isinstance(one, click.Option) for option in one.opts}  # type: ignore[attr-defined]
        assert options >= {"--cache", "--no-cache"}


class AsOldPythonKeepsIt:
    """Pickles as Python 3.11.2 does a member of an enumeration: by `getattr`."""

    def __init__(self, owner: object, name: str) -> None:
        self._pair = owner, name

    def __reduce__(self) -> tuple[object, tuple[object, str]]:
        return getattr, self._pair


def test_what_an_older_python_kept_is_read_and_nothing_else_comes_in_that_way() -> None:
    assert kept._opened(pickle.dumps(AsOldPythonKeepsIt(Print, "LARGE"))) == Print.LARGE
    with pytest.raises(pickle.UnpicklingError):
        kept._opened(pickle.dumps(AsOldPythonKeepsIt(Path, "home")))
