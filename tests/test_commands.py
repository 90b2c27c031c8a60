"""The command line keeps its word: what it prints where, its exit codes, and that it never waits for an answer."""

import json
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from clinicpress.cli.commands import cli
from clinicpress.documents import LANGUAGES
from tests.lint.shelf import ROOT, Shelf, change, forked, generate, stock

PROGRAM = [sys.executable, str(ROOT / "generate.py")]
COMMANDS = sorted(cli.commands)
DONE, CONTENT, USAGE = 0, 2, 3
finished = pytest.mark.usefixtures("from_cache")  # what the command tells is asked, not how the pages are made


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return stock(tmp_path / "shelf")


def on_a_terminal(*arguments: str) -> tuple[int, str]:
    """Runs a command as a person sees it: all three streams are a terminal. Returns the code and all that was shown."""
    try:
        ours, theirs = pty.openpty()
    except OSError:
        pytest.skip("this machine lends no terminal (in a chroot without /dev/pts)")
    process = subprocess.Popen([*PROGRAM, *arguments], cwd=ROOT, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    shown = b""
    try:
        while piece := os.read(ours, 4096):
            shown += piece
    except OSError:  # Linux says so when the other end was closed
        pass
    os.close(ours)
    return process.wait(), shown.decode()


def closed_pipe() -> int:
    """The writing end of a pipe whose reader, like `head`, has gone away."""
    reading, writing = os.pipe()
    os.close(reading)
    return writing


# What each command prints ---------------------------------------------------------------------------------------------


def test_the_list_names_topic_kind_language_form_revision_review_and_title(shelf: Shelf) -> None:
    ran = forked("list", *shelf.options)
    assert (ran.returncode, ran.stderr) == (DONE, "")
    head, *rows = ran.stdout.splitlines()
    assert head.split() == ["topic", "kind", "language", "form", "revision", "review", "review", "by", "title"]
    assert [row.split()[:4] for row in rows] == [
        ["ear-rinse", "consent", "en", "EAR-C1"],
        ["ear-rinse", "handout", "en", "EAR-1"],
    ]
    assert all(re.search(r" [0-9a-f]{8}  \w+ +2027-11-22  \S", row) for row in rows)
    assert len({row.index("2027-11-22") for row in rows}) == 1  # columns stand below each other


def test_the_list_as_json_holds_the_whole_revision(shelf: Shelf) -> None:
    ran = forked("list", "--json", *shelf.options)
    consent, handout = json.loads(ran.stdout)
    assert (handout["topic"], handout["kind"], handout["language"], handout["form"]) == (
        "ear-rinse",
        "handout",
        "en",
        "EAR-1",
    )
    assert (handout["title"], handout["review_by"]) == ("Having your ears rinsed", "2027-11-22")
    assert (handout["review_state"], consent["review_state"]) == ("draft", "draft")
    assert re.fullmatch(r"[0-9a-f]{64}", handout["revision"])
    assert handout["revision"] != consent["revision"]
    assert handout["revision"][:8] in forked("list", *shelf.options).stdout


def test_the_list_shows_what_it_can_and_names_what_it_cannot(shelf: Shelf) -> None:
    change(shelf.consent, ("form: EAR-C1\n", ""))
    ran = forked("list", *shelf.options)
    assert ran.returncode == CONTENT
    assert "EAR-1" in ran.stdout
    assert "consent.en.md:1: error S02 missing-key" in ran.stderr


@finished
def test_a_check_of_sound_content_says_that_there_is_nothing(shelf: Shelf) -> None:
    ran = forked("check", *shelf.options)
    assert (ran.returncode, ran.stdout, ran.stderr) == (DONE, "0 error(s), 0 warning(s).\n", "")
    ran = forked("check", "--json", *shelf.options)
    assert (ran.returncode, json.loads(ran.stdout)["problems"]) == (DONE, [])


@finished
def test_a_check_of_one_topic_leaves_the_others_alone(shelf: Shelf) -> None:
    shutil.copytree(shelf.handout.parent, shelf.folder / "wash")
    change(shelf.folder / "wash" / "handout.en.md", ("\n## ", "\nTBD\n\n## "))
    assert forked("check", *shelf.options).returncode == CONTENT
    assert forked("check", "wash", *shelf.options).returncode == CONTENT
    assert forked("check", "ear-rinse", *shelf.options).returncode == DONE


@finished
def test_a_build_prints_one_path_a_line_and_nothing_else(shelf: Shelf, tmp_path: Path) -> None:
    out = tmp_path / "out"
    change(shelf.handout, ("review_by: 2027-11-22", "review_by: 2026-11-30"))  # a warning
    ran = forked("build", *shelf.options, "--out", str(out), "--kind", "handout")
    assert ran.returncode == DONE
    assert ran.stdout.splitlines() == [str(out / "ear-rinse" / "handout.en.pdf"), str(out / "manifest.json")]
    assert all(Path(line).is_file() for line in ran.stdout.splitlines())
    assert "warning R01 review-overdue" in ran.stderr
    assert len(ran.stderr.splitlines()) == 1


@finished
def test_a_build_as_json_says_what_the_manifest_says(shelf: Shelf, tmp_path: Path) -> None:
    out = tmp_path / "out"
    profiles = ("--profile", "standard", "--profile", "large-print")
    ran = forked("build", *shelf.options, "--out", str(out), "--kind", "handout", *profiles, "--json")
    assert (ran.returncode, ran.stderr) == (DONE, "")
    answer = json.loads(ran.stdout)
    assert answer["manifest"] == str(out / "manifest.json")
    names = ["ear-rinse/handout.en.large-print.pdf", "ear-rinse/handout.en.pdf"]
    assert sorted(entry["file"] for entry in answer["files"]) == names
    listed = json.loads((out / "manifest.json").read_text(encoding="utf-8"))["files"]
    assert listed == sorted(answer["files"], key=lambda entry: str(entry["file"]))
    for entry in listed:
        digest = subprocess.run(
            ["sha256sum", str(out / entry["file"])], capture_output=True, text=True, check=True
        ).stdout.split()[0]
        assert entry["sha256"] == digest
        assert entry["paper"] == "letter"
    assert [entry["profile"] for entry in listed] == ["large-print", "standard"]


@finished
def test_a_fault_in_what_is_not_printed_stops_no_print(shelf: Shelf, tmp_path: Path) -> None:
    shutil.copy(shelf.handout, shelf.handout.with_name("handout.es.md"))  # English words under a Spanish name
    change(shelf.consent, ("form: EAR-C1\n", ""))
    wanted = ["--kind", "handout", "--lang", "en", "--out", str(tmp_path / "out")]
    ran = forked("build", *shelf.options, *wanted)
    assert (ran.returncode, ran.stderr) == (DONE, "")
    for wish, faulty in (["--kind", "consent"], "consent.en.md"), (["--lang", "es"], "handout.es.md"), ([], "consent"):
        ran = forked("build", *shelf.options, *wish, "--out", str(tmp_path / "none"))
        assert ran.returncode == CONTENT
        assert faulty in ran.stderr
    assert not (tmp_path / "none").exists()
    assert forked("check", *shelf.options).returncode == CONTENT


@pytest.mark.parametrize("fault", [("form: EAR-1\n", ""), ("our office", "陈医生")], ids=["in reading", "in a rule"])
def test_a_fault_in_the_leaflet_of_a_form_stops_its_print(fault: tuple[str, str], shelf: Shelf, tmp_path: Path) -> None:
    change(shelf.handout, fault)
    ran = forked("build", *shelf.options, "--kind", "consent", "--out", str(tmp_path / "out"))
    assert ran.returncode == CONTENT
    assert "handout.en.md" in ran.stderr


@finished
def test_a_fault_in_the_original_of_a_translation_stops_its_print(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "handouts", tmp_path / "handouts")
    original = tmp_path / "handouts" / "neurotherapy" / "handout.en.md"
    wanted = ["build", "--handouts", str(tmp_path / "handouts"), "--kind", "handout", "--lang", "es"]
    change(original, ("form: ", "forn: "))
    ran = forked(*wanted, "--out", str(tmp_path / "out"))
    assert ran.returncode == CONTENT
    assert "handout.en.md" in ran.stderr
    assert "T05" in ran.stderr  # the two are compared


def test_without_a_command_the_whole_library_is_printed(tmp_path: Path, kept: Path) -> None:
    """From another folder, too: the press finds its own content, and writes where the person stands."""
    ran = generate(cwd=tmp_path, CLINICPRESS_CACHE=str(kept))
    assert ran.returncode == DONE, ran.stderr
    made = ran.stdout.splitlines()
    tags = [tag for tag in LANGUAGES if (ROOT / f"handouts/neurotherapy/consent.{tag}.md").is_file()]
    names = [f"consent.{tag}.{form}" for tag in tags for form in ("pdf", "fillable.pdf")]
    names += [f"handout.{tag}.pdf" for tag in tags]
    assert made == [*(f"out/neurotherapy/{name}" for name in names), "out/manifest.json"]
    assert all((tmp_path / name).is_file() for name in made)
    assert (tmp_path / made[0]).stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "out").stat().st_mode & 0o777 == 0o700


@finished
def test_the_shipped_library_has_no_error() -> None:
    ran = generate("check", "--words")
    assert ran.returncode == DONE
    assert ran.stdout.endswith("warning(s).\n")


# Help -----------------------------------------------------------------------------------------------------------------


WRITING = {
    *("build", "batch", "approve", "explode", "import", "new", "print", "translate", "serve", "journal", "backup"),
    "restore",
}


@finished
@pytest.mark.parametrize("command", [*COMMANDS, ""])
def test_the_help_of_every_command_has_an_example_that_works(command: str, tmp_path: Path) -> None:
    ran = forked(*filter(None, [command]), "--help")
    assert (ran.returncode, ran.stderr) == (DONE, "")
    examples = re.findall(r"^ +python generate\.py *(.*)$", ran.stdout, re.MULTILINE)
    assert "Example:" in ran.stdout
    assert examples
    for example in examples:
        words = example.split()
        out = ["--out", str(tmp_path)] if words[:1] == ["build"] else []
        if (
            words and words[0] not in WRITING and "--pages" not in words
        ):  # these are tried elsewhere; here they would change what is shipped, or reach a printer
            assert forked(*words, *out).returncode in (DONE, CONTENT)


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_says_what_each_option_does(command: str) -> None:
    for option in cli.commands[command].params:
        if option.param_type_name == "option":
            text = getattr(option, "help", None)
            assert text, f"{command} {option.opts[0]} has no help"


def test_every_command_about_content_takes_another_content_tree_another_clinic_and_another_day() -> None:
    for name in COMMANDS:
        parts = getattr(cli.commands[name], "commands", {name: cli.commands[name]})
        for part in parts.values():
            options = {opt for param in part.params for opt in param.opts}
            no_day = {"--today"} if name in {"backup", "restore"} else set()
            assert name in {"doctor", "journal"} or options | no_day >= {"--handouts", "--clinic", "--today"}


def test_the_version_is_told() -> None:
    ran = forked("--version")
    assert ran.returncode == DONE
    assert re.fullmatch(r"clinicpress, version \d+\.\d+\.\d+\S*\n", ran.stdout)


# Exit codes: those for problems are in test_bad_input -----------------------------------------------------------------


@finished
def test_the_exit_code_reaches_the_shell(shelf: Shelf, tmp_path: Path) -> None:
    assert generate("list", *shelf.options).returncode == DONE
    assert generate("list", "--nonsense").returncode == USAGE
    change(shelf.handout, ("form: EAR-1\n", ""))
    assert generate("check", "--words", *shelf.options).returncode == CONTENT
    assert generate("build", *shelf.options, "--out", str(tmp_path / "out")).returncode == CONTENT


def test_a_bug_of_ours_keeps_its_traceback(tmp_path: Path) -> None:
    script = (
        "import sys; from clinicpress import library, cli\n"
        "library.read_fonts = lambda folder: 1 / 0\n"
        "sys.exit(cli.main(['check']))"
    )
    ran = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 1
    assert "ZeroDivisionError" in ran.stderr


@pytest.mark.soak
def test_ctrl_c_stops_quietly_and_leaves_nothing_half_written(shelf: Shelf, tmp_path: Path) -> None:
    out = tmp_path / "out"
    many = [
        *(("--paper", "a4")),
        *(("--paper", "letter")),
        *(("--profile", "standard")),
        *(("--profile", "large-print")),
    ]
    run = subprocess.Popen(
        [*PROGRAM, "build", *shelf.options, *many, "--out", str(out)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 30
    while not list(out.rglob("*.pdf")) and time.monotonic() < deadline and run.poll() is None:
        time.sleep(0.01)
    run.send_signal(signal.SIGINT)
    told = run.communicate(timeout=30)[1]
    assert run.returncode == 130
    assert "Traceback" not in told
    assert told.endswith("Stopped. What was finished is intact; nothing half-written is left.\n")
    assert [path.name for path in out.rglob(".*")] == []
    assert all(path.read_bytes().rstrip().endswith(b"%%EOF") for path in out.rglob("*.pdf"))


STOPPED = "Stopped. What was finished is intact; nothing half-written is left.\n"
CTRL_C = "import signal, sys; from clinicpress.interrupts import stop_if_asked, stoppable\n"


@pytest.mark.parametrize(
    "work",
    [
        pytest.param("signal.raise_signal(signal.SIGINT)", id="while-it-works"),
        pytest.param(
            "try: signal.raise_signal(signal.SIGINT)\n except KeyboardInterrupt: raise ImportError('half loaded')",
            id="while-a-library-loads",
        ),
        pytest.param(
            "type('Dying', (), {'__del__': lambda self: signal.raise_signal(signal.SIGINT)})()\n stop_if_asked()",
            id="while-an-object-dies",
        ),
    ],
)
def test_ctrl_c_is_heard_at_any_moment(work: str) -> None:
    program = f"{CTRL_C}def work():\n {work}\n return 0\nsys.exit(stoppable(work))"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=False)
    assert (ran.returncode, ran.stderr) == (130, STOPPED)


def test_a_bug_is_no_ctrl_c() -> None:
    program = f"{CTRL_C}sys.exit(stoppable(lambda: 1 // 0))"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=False)
    assert ran.returncode == 1
    assert ran.stderr.rstrip().endswith("ZeroDivisionError: integer division or modulo by zero")


# Other programs at the ends -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", [["list"], ["check", "--explain", "S06"], ["list", "--json"], ["--help"]])
def test_a_reader_that_has_seen_enough_is_no_fault(command: list[str]) -> None:
    writing = closed_pipe()
    ran = subprocess.run([*PROGRAM, *command], stdout=writing, stderr=subprocess.PIPE, cwd=ROOT, check=False)
    os.close(writing)
    assert (ran.returncode, ran.stderr) == (DONE, b"")


@finished
def test_a_build_whose_reader_has_gone_is_finished_all_the_same(shelf: Shelf, tmp_path: Path) -> None:
    writing = closed_pipe()
    command = [*PROGRAM, "build", *shelf.options, "--kind", "handout", "--out", str(tmp_path / "out")]
    ran = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, check=False)
    os.close(writing)
    assert (ran.returncode, ran.stderr) == (DONE, b"")
    assert (tmp_path / "out" / "manifest.json").is_file()


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_stream_that_is_closed_is_no_fault(closed: str, shelf: Shelf, request: pytest.FixtureRequest) -> None:
    """With all of them closed the pages are set again: what sets them is another process, with streams of its own."""
    if len(closed) < 5:
        request.getfixturevalue("from_cache")
    command = ["/bin/sh", "-c", f'exec "$@" {closed}', "sh", *PROGRAM, "check", *shelf.options]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == DONE
    assert "Traceback" not in ran.stderr


def test_output_that_cannot_write_every_letter_is_no_fault(shelf: Shelf) -> None:
    change(shelf.handout, ("title: Having your ears rinsed", "title: Ear wax — rinsed “naïvely”"))
    ran = generate("list", *shelf.options, PYTHONIOENCODING="ascii")
    assert "Traceback" not in ran.stderr
    assert ran.returncode == DONE


def test_nothing_is_fetched_and_nothing_is_asked(shelf: Shelf, tmp_path: Path) -> None:
    """With the network cut off by the kernel, and nobody at the keyboard."""
    cut = ["unshare", "--net", "--map-root-user"]
    if not shutil.which("unshare") or subprocess.run([*cut, "true"], capture_output=True, check=False).returncode:
        pytest.skip("the network cannot be cut off here: unshare --net is refused")
    command = [*cut, *PROGRAM, "build", *shelf.options, "--kind", "handout", "--out", str(tmp_path / "out")]
    ran = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False)
    assert (ran.returncode, ran.stderr) == (DONE, "")
    interfaces = subprocess.run([*cut, "cat", "/proc/net/route"], capture_output=True, text=True, check=True)
    assert len(interfaces.stdout.splitlines()) <= 1  # the guard: there was no way out


def test_progress_is_shown_on_a_terminal_only(shelf: Shelf, tmp_path: Path) -> None:
    build = ["build", *shelf.options, "--kind", "handout", "--out", str(tmp_path / "out")]
    code, shown = on_a_terminal(*build)
    assert code == DONE
    assert re.search(r"Printing.*100%", shown, re.DOTALL)
    assert shown.rstrip().endswith("manifest.json")
    silent = generate(*build)
    assert (silent.returncode, silent.stderr) == (DONE, "")
    assert "Printing" not in silent.stdout


# Speed of the small commands ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", [["list"], ["check", "--words"], ["doctor"]], ids=" ".join)
def test_commands_that_print_no_pages_do_not_load_the_engine(command: list[str]) -> None:
    """Loading WeasyPrint takes longer than all of their work; and they also have to run where it cannot be loaded."""
    script = (
        "import sys; from clinicpress import cli\n"
        f"cli.main({command!r})\n"
        "sys.exit('weasyprint' in sys.modules or 'pikepdf' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == DONE, ran.stderr
