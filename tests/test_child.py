"""The process beside: the same bytes, one sentence for whatever befalls it, and nothing left of it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from clinicpress.cli.commands import cli
from clinicpress.documents.blocks import Asset
from clinicpress.errors import InputError, RenderError
from clinicpress.pdf import child, render
from clinicpress.pdf.pages import Pages
from tests.lint.shelf import ROOT, Shelf, generate, stock

FONT = {"asset:a.ttf": Asset("a.ttf", b"", "font/ttf")}
STOPPED = "Stopped. What was finished is intact; nothing half-written is left.\n"
pytestmark = pytest.mark.skipif(not child.possible(), reason="there is no process beside on this machine")
Setter = Callable[[str, Mapping[str, Asset]], Pages]


PLACES = ({"e0": (1.5, 2.0, 3.0, 4.0)}, {})


def made(pdf: bytes) -> Pages:
    """Two pages, as the engine might make them."""
    return Pages(pdf, PLACES)


@pytest.fixture(autouse=True)
def alone() -> Iterator[None]:
    """Each test leaves no process behind."""
    yield
    render._foreseen.clear()
    while child.beside:
        child.beside.pop().end()


def asked(setter: Setter, page: str = "x", **limits: int) -> Pages:
    """What is told of a page that is set in the process beside by this function."""
    child.begin(lambda: setter, **limits)
    return render.render(page, FONT)


def test_a_page_and_its_files_come_over_whole_and_so_does_the_answer() -> None:
    def echo(html: str, assets: Mapping[str, Asset]) -> Pages:
        one = assets["asset:a.ttf"]
        return made(f"{one.name} {one.media_type} {os.getpid()} {html}".encode())

    pages = asked(echo, "ünï" * 1_000_000)
    pdf = pages.pdf
    assert pdf.startswith(b"a.ttf font/ttf ")
    assert f" {os.getpid()} ".encode() not in pdf
    assert pdf.endswith(b" " + "ünï".encode() * 1_000_000)
    assert pages.places == PLACES
    assert render.render("again", FONT).pdf.endswith(b" again")


def test_what_is_done_meanwhile_is_done_while_the_page_is_set() -> None:
    child.begin(lambda: lambda *_: made(str(time.monotonic()).encode()))
    done: list[float] = []

    def meanwhile() -> None:
        time.sleep(0.3)
        done.append(time.monotonic())

    assert float(render.render("x", FONT, meanwhile).pdf) < done[0]


def test_a_page_that_was_sent_ahead_is_set_once_and_another_one_is_not_taken_for_it() -> None:
    seen = iter(range(10))
    child.begin(lambda: lambda html, _: made(f"{html} {next(seen)}".encode()))
    for ahead, page, said in (("a", "a", b"a 0"), ("b", "c", b"c 2"), ("", "b", b"b 3")):
        if ahead:
            render.foresee(ahead, FONT)
        assert render.render(page, FONT).pdf == said


def test_a_document_that_was_begun_is_not_printed_when_it_is_at_fault(shelf: Shelf, tmp_path: Path) -> None:
    shelf.handout.write_text(shelf.handout.read_text().replace("our office", "陈医生"))
    ran = generate("build", *shelf.options, "--no-cache", "--out", str(tmp_path / "out"))
    assert ran.returncode == 2
    assert "B04" in ran.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("error", [RenderError, InputError])
def test_what_a_person_can_put_right_is_told_as_it_is(error: type[Exception]) -> None:
    def refuse(*_: object) -> tuple[bytes, int]:
        raise error("a reason, and what to do")

    with pytest.raises(error, match="a reason, and what to do"):
        asked(refuse)


def test_an_engine_that_cannot_be_loaded_is_told_when_a_page_is_asked_for() -> None:
    def prepare() -> Setter:
        raise InputError("no Pango")

    child.begin(prepare)
    with pytest.raises(InputError, match="no Pango"):
        render.render("x", FONT)


@pytest.mark.parametrize("where", ["loading", "setting"])
def test_a_bug_there_is_met_again_here(where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """So it keeps its traceback, and a page that only fails there is set all the same."""

    def bug(*_: object) -> tuple[bytes, int]:
        raise ZeroDivisionError

    monkeypatch.setattr(render, "_set", lambda *_: made(b"here"))
    if where == "setting":
        assert asked(bug) == made(b"here")
    else:
        child.begin(bug)
        assert render.render("x", FONT) == made(b"here")


def dies(number: int) -> Setter:
    return lambda *_: os.kill(os.getpid(), number)  # type: ignore[func-returns-value,return-value]


@pytest.mark.parametrize(
    ("setter", "said"),
    [
        (dies(signal.SIGSEGV), r"ended \(signal 11\)"),
        (dies(signal.SIGKILL), r"ended \(signal 9\); perhaps the machine ran out of memory"),
        (lambda *_: os._exit(3), r"ended \(exit code 3\)"),
        (lambda *_: made(bytes(3_000_000_000)), "more than 1 GB of memory"),
        (lambda *_: [1 for _ in iter(int, 1) if False], "more than 1 seconds"),
    ],
    ids=["a crash", "killed", "left", "memory", "time"],
)
def test_whatever_befalls_it_is_told_in_a_sentence(setter: Setter, said: str) -> None:
    with pytest.raises(RenderError, match=f"^The page could not be set: .*{said}.*doctor'\\.$"):
        asked(setter, seconds=1, memory=1_000_000_000)
    assert not child.beside


def test_one_that_was_killed_before_it_was_asked_is_told_as_well() -> None:
    child.begin(lambda: dies(0))
    os.kill(child.beside[0]._number, signal.SIGKILL)
    time.sleep(0.1)
    with pytest.raises(RenderError, match="signal 9"):
        render.render("x" * 1_000_000, FONT)


def test_each_page_has_all_the_time() -> None:
    def busy(*_: object) -> Pages:
        start = time.process_time()
        while time.process_time() < start + 0.5:
            pass
        return made(b"")

    child.begin(lambda: busy, seconds=1)
    for _ in range(3):
        render.render("x", FONT)


def test_it_holds_no_file_of_ours_and_hears_no_ctrl_c(tmp_path: Path) -> None:
    def look(*_: object) -> Pages:
        os.kill(os.getpid(), signal.SIGINT)
        files = [str(one.readlink()) for one in Path("/proc/self/fd").iterdir() if one.is_symlink()]
        return made("\n".join(sorted(files)).encode())

    with (tmp_path / "open").open("w"):
        lines = asked(look).pdf.decode().splitlines()
    assert lines.count("/dev/null") >= 3
    assert sum(one.startswith("pipe:") for one in lines) == 2
    assert all(one.startswith(("pipe:", "/dev/null", "/proc/")) for one in lines)


# The command ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return stock(tmp_path / "shelf")


def alive(number: int) -> bool:
    try:
        return "(zombie)" not in Path(f"/proc/{number}/status").read_text()
    except OSError:
        return False


def parent_of(process: Path) -> int:
    try:
        return int(process.joinpath("stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def children(number: int) -> list[int]:
    return [int(one.name) for one in Path("/proc").iterdir() if one.name.isdigit() and parent_of(one) == number]


def begun(shelf: Shelf, out: Path) -> tuple["subprocess.Popen[str]", int]:
    """A build, and the process beside it."""
    command = [sys.executable, str(ROOT / "generate.py"), "build", *shelf.options, "--no-cache", "--out", str(out)]
    run = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)
    deadline = time.monotonic() + 30
    while not (found := children(run.pid)) and time.monotonic() < deadline and run.poll() is None:
        time.sleep(0.002)
    if not found:
        pytest.fail(f"it was not begun: {run.communicate()}")
    return run, found[0]


def is_gone(number: int) -> bool:
    deadline = time.monotonic() + 10
    while alive(number) and time.monotonic() < deadline:
        time.sleep(0.01)
    return not alive(number)


@pytest.mark.parametrize("wait", [0.0, 0.2, 0.6, 1.2])
def test_ctrl_c_ends_both_with_one_sentence(wait: float, shelf: Shelf, tmp_path: Path) -> None:
    run, beside = begun(shelf, tmp_path / "out")
    time.sleep(wait)
    os.killpg(run.pid, signal.SIGINT)
    said, told = run.communicate(timeout=30)
    assert (run.returncode, said, told.lstrip()) == (130, "", STOPPED)
    assert is_gone(beside)


def test_it_dies_with_us(shelf: Shelf, tmp_path: Path) -> None:
    run, beside = begun(shelf, tmp_path / "out")
    run.kill()
    run.communicate(timeout=30)
    assert is_gone(beside)


def test_when_it_is_killed_the_build_says_so(shelf: Shelf, tmp_path: Path) -> None:
    run, beside = begun(shelf, tmp_path / "out")
    os.kill(beside, signal.SIGKILL)
    said, told = run.communicate(timeout=60)
    assert (run.returncode, said) == (RenderError.exit_code, "")
    assert "The page could not be set" in told
    assert "Traceback" not in told


@pytest.mark.soak
def test_both_ways_give_the_same_bytes(shelf: Shelf, tmp_path: Path) -> None:
    here, beside = tmp_path / "here", tmp_path / "beside"
    wanted = ["build", *shelf.options, "--no-cache", "--out"]
    assert generate(*wanted, str(beside)).returncode == 0
    script = "import sys; from clinicpress.cli import main; sys.exit(main(sys.argv[1:]))"
    subprocess.run([sys.executable, "-c", script, *wanted, str(here)], cwd=ROOT, check=True, capture_output=True)
    made = {path.relative_to(beside): path.read_bytes() for path in beside.rglob("*.*")}
    assert len(made) == 4  # a handout, a form to write on, a form to fill; the manifest
    assert made == {path.relative_to(here): path.read_bytes() for path in here.rglob("*.*")}


# Only when it is needed -----------------------------------------------------------------------------------------------


def test_it_is_begun_when_something_is_to_be_read_or_set_and_never_for_a_patient(
    shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[str] = []
    monkeypatch.setattr(child, "begin", lambda *_, **__: begun.append("begun"))
    monkeypatch.setattr(child, "possible", lambda: True)
    monkeypatch.chdir(ROOT)

    def times(*more: str, alone: bool = True) -> int:
        begun.clear()
        line = ["build", *shelf.options, "--kind", "handout", "--out", str(tmp_path / "out"), *more]
        cli.main(line, standalone_mode=False, obj=alone)
        return len(begun)

    cache = ("--cache", str(tmp_path / "cache"))
    assert times("--no-cache", alone=False) == 0
    assert times("--set=patient.name=Zoe", "--no-cache") == 0
    assert times(*cache) > 0
    assert times(*cache, "--out", str(tmp_path / "elsewhere")) == 0
    assert times(*cache, "--paper", "a4") > 0
    shelf.handout.write_text(shelf.handout.read_text().replace("warm water", "water"))
    assert times(*cache) > 0
