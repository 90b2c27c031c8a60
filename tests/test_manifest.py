"""The manifest names every file with what it holds, however many builds there are at once, and whatever ends them."""

import errno
import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from clinicpress import files
from clinicpress.destinations.folder import deliver
from clinicpress.errors import InputError
from tests.delivered import false_entries, leftovers, listed, made
from tests.lint.shelf import ROOT, stock

# The manifest ---------------------------------------------------------------------------------------------------------


def test_the_manifest_keeps_files_that_still_stand_and_drops_those_that_are_gone(tmp_path: Path) -> None:
    first: list[dict[str, object]] = [
        {"file": name, "run": 1, "title": "Ärzte"} for name in ("b.pdf", "a.pdf", "c.pdf")
    ]
    deliver(tmp_path, [(entry, b"%PDF") for entry in first])
    (tmp_path / "c.pdf").unlink()
    deliver(tmp_path, [({"file": "a.pdf", "run": 2}, b"%PDF")])
    assert listed(tmp_path) == [{"file": "a.pdf", "run": 2}, {"file": "b.pdf", "run": 1, "title": "Ärzte"}]
    assert "Ärzte" in (tmp_path / "manifest.json").read_text(encoding="utf-8")


def test_the_manifest_is_the_same_whatever_the_order_of_the_work(tmp_path: Path) -> None:
    documents = made({f"{letter}.pdf": b"%PDF" for letter in "cab"})
    deliver(tmp_path, documents)
    first = (tmp_path / "manifest.json").read_bytes()
    deliver(tmp_path, documents[::-1])
    assert (tmp_path / "manifest.json").read_bytes() == first
    assert first.endswith(b"}\n")


@pytest.mark.parametrize(
    "text",
    [
        *("", "{", "[]", "{}", "null", "\ufffe", '{"files": 3}', '{"files": {"a": 1}}', '{"files": [3, "x", {}]}'),
        *('{"files": [{"file": null}]}', '{"files": [{"file": "a\\u0000b"}]}'),
        pytest.param('{"files": ' + "[" * 100_000, id="deep"),
    ],
)
def test_a_damaged_manifest_is_made_anew(text: str, tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text(text, encoding="utf-8")
    deliver(tmp_path, [({"file": "a.pdf"}, b"%PDF")])
    assert listed(tmp_path) == [{"file": "a.pdf"}]


@pytest.mark.parametrize("sign", ["[", "{", "]"])
def test_brackets_in_a_title_are_no_depth(sign: str, tmp_path: Path) -> None:
    deliver(tmp_path, [({"file": "a.pdf", "title": '"' + sign * 500 + "\\"}, b"%PDF")])
    deliver(tmp_path, made({"b.pdf": b"%PDF"}))
    assert [entry["file"] for entry in listed(tmp_path)] == ["a.pdf", "b.pdf"]


def test_a_pipe_in_the_place_of_the_manifest_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "manifest.json")
    with pytest.raises(InputError, match="it is a pipe, not a file"):
        deliver(tmp_path, made({"a.pdf": b"%PDF"}))
    assert (tmp_path / "manifest.json").is_fifo()


def test_a_manifest_that_may_not_be_read_is_not_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deliver(tmp_path, made({"a.pdf": b"%PDF"}))
    before, opened = (tmp_path / "manifest.json").read_bytes(), os.open

    def closed(path: object, *given: int) -> int:
        if str(path).endswith("/manifest.json"):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return opened(path, *given)  # type: ignore[call-overload,no-any-return]

    with monkeypatch.context() as patch:
        patch.setattr(os, "open", closed)  # root may read everything
        with pytest.raises(InputError, match=r"Permission denied.*--out DIR"):
            deliver(tmp_path, made({"b.pdf": b"%PDF"}))
    assert (tmp_path / "manifest.json").read_bytes() == before
    assert not (tmp_path / "b.pdf").exists()


# Many at once ---------------------------------------------------------------------------------------------------------

RUN = """
import sys, time
from pathlib import Path
from clinicpress.destinations.folder import deliver
from tests.delivered import made
number = int(sys.argv[2])
print("ready", flush=True)
sys.stdin.readline()
for step in range(6):
    files = {f"topic-{number}/{step}.pdf": b"%PDF" * (number + 1), "all/the-same.pdf": bytes([number, step]) * 5000}
    deliver(Path(sys.argv[1]), made(files))
"""


def test_builds_at_once_into_one_folder_all_stand_in_its_manifest_by_whatever_name_they_call_it(tmp_path: Path) -> None:
    """One of the files is written by all of them, each time with other bytes."""
    out, link = tmp_path / "out", tmp_path / "link"
    link.symlink_to(out, target_is_directory=True)
    out.mkdir()
    names = (out, link, tmp_path / "." / "link" / ".." / "out", Path(os.path.relpath(out, ROOT)))
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", RUN, str(name), str(number)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number, name in enumerate(names)
    ]
    for run in runs:
        assert run.stdout.readline() == "ready\n"
    for run in runs:  # all begin in the same moment
        run.stdin.close()
    assert [run.wait(120) for run in runs] == [0] * len(runs)
    for run in runs:
        run.stdout.close()
    assert false_entries(out) == []
    there = {str(path.relative_to(out)) for path in out.rglob("*.pdf")}
    assert {entry["file"] for entry in listed(out)} == there
    assert len(there) == 4 * 6 + 1
    assert leftovers(out) == []


def test_commands_at_once_into_one_folder_all_stand_in_its_manifest(tmp_path: Path) -> None:
    """On other paper. Later all answers lie in the cache, and the folder is not there yet."""
    shelf, out = stock(tmp_path / "shelf"), tmp_path / "out"
    surroundings = {**os.environ, "CLINICPRESS_CACHE": str(tmp_path / "cache")}
    wanted = [("handout", "letter"), ("handout", "a4")]

    command = [sys.executable, str(ROOT / "generate.py"), "build", *shelf.options, "--out", str(out)]

    def build() -> list[int]:
        runs = [
            subprocess.Popen(
                [*command, "--kind", kind, "--paper", paper],
                env=surroundings,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            for kind, paper in wanted
        ]
        return [run.wait(120) for run in runs]

    for _ in range(3):
        shutil.rmtree(out, ignore_errors=True)
        assert build() == [0] * len(wanted)
        assert false_entries(out) == []
        there = {str(path.relative_to(out)) for path in out.rglob("*.pdf")}
        assert {entry["file"] for entry in listed(out)} == there
        assert len(there) == len(wanted)


def test_who_waits_long_is_told_so_and_then_refused(tmp_path: Path) -> None:
    said: list[str] = []
    with files.alone(tmp_path), pytest.raises(InputError, match=r"Somebody else is writing in .* run it again"):
        deliver(tmp_path, made({"a.pdf": b"%PDF"}), said.append, patience=files.SOON + 0.5)
    assert said == [f"Somebody else is writing in {tmp_path}. Waiting for them, 2 seconds at most."]
    assert list(tmp_path.iterdir()) == []
    deliver(tmp_path, made({"a.pdf": b"%PDF"}), said.append)
    assert len(said) == 1


def test_a_lock_dies_with_its_process(tmp_path: Path) -> None:
    held = (
        "import sys, time; from pathlib import Path; from clinicpress import files\n"
        "with files.alone(Path(sys.argv[1])):\n    print('held', flush=True); time.sleep(60)\n"
    )
    command = [sys.executable, "-c", held, str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        assert run.stdout.readline() == "held\n"
        assert files.taken(tmp_path)
        run.send_signal(signal.SIGKILL)
    deliver(tmp_path, made({"a.pdf": b"%PDF"}), patience=0)
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["a.pdf", "manifest.json"]


def test_on_a_network_share_a_file_is_locked_and_one_that_was_left_there_holds_nobody_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """NFS gives an exclusive lock to those only who opened something for writing, and no folder can be."""
    flock, locked = fcntl.flock, list[str]()

    def as_nfs(file: int, what: int) -> None:
        number = file if isinstance(file, int) else file.fileno()
        if what & fcntl.LOCK_EX and fcntl.fcntl(number, fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDONLY:
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))
        flock(number, what)
        locked.append(str(Path(f"/proc/self/fd/{number}").readlink()))

    monkeypatch.setattr(fcntl, "flock", as_nfs)
    for _ in range(2):
        with files.alone(tmp_path), pytest.raises(InputError, match="Somebody else"), files.alone(tmp_path, 0):
            pass
    assert set(locked) == {str(tmp_path / files.LOCK)}
    deliver(tmp_path, made({"a.pdf": b"%PDF"}), patience=0)
    assert false_entries(tmp_path) == []


# Whole or not at all --------------------------------------------------------------------------------------------------


def test_a_build_of_which_one_file_cannot_be_written_changes_nothing(tmp_path: Path) -> None:
    deliver(tmp_path, made({"a.pdf": b"old", "b.pdf": b"old"}))
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    (tmp_path / "d.pdf").mkdir()
    with pytest.raises(InputError, match=r"d\.pdf cannot be written: Is a directory"):
        deliver(tmp_path, made({"a.pdf": b"new", "d.pdf": b"new"}))
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()} == before


def test_a_build_that_is_stopped_while_files_take_their_places_lists_those_that_did(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver(tmp_path, made({"a.pdf": b"old", "b.pdf": b"old", "c.pdf": b"old"}))
    replace = Path.replace

    def stopped(old: Path, new: Path) -> Path:
        if new.name == "b.pdf":
            raise KeyboardInterrupt
        return replace(old, new)

    monkeypatch.setattr(Path, "replace", stopped)
    with pytest.raises(KeyboardInterrupt):
        deliver(tmp_path, made({"a.pdf": b"new", "b.pdf": b"new", "d.pdf": b"new"}))
    assert false_entries(tmp_path) == []
    assert [entry["file"] for entry in listed(tmp_path)] == ["a.pdf", "b.pdf", "c.pdf"]
    assert [(tmp_path / f"{name}.pdf").read_bytes() for name in "abc"] == [b"new", b"old", b"old"]
    assert leftovers(tmp_path) == []


KILLED = """
import os, sys
from pathlib import Path
from tests.delivered import made
from clinicpress.destinations.folder import deliver
left = int(sys.argv[2])
def dying(event, given):
    global left
    if event in ("os.rename", "os.link", "os.remove") or (event == "open" and given[2] & os.O_CREAT):
        left -= 1
        if left == 0:
            os.kill(os.getpid(), 9)
sys.addaudithook(dying)
deliver(Path(sys.argv[1]), made({"a.pdf": b"new", "b.pdf": b"new", "c/d.pdf": b"new"}))
"""


def test_a_build_that_is_killed_before_any_step_leaves_no_false_entry_and_the_next_one_lists_all(
    tmp_path: Path,
) -> None:
    """Each change of the folder is a step: to begin a file, to give it its name, to take one away."""
    step, code = 0, -signal.SIGKILL
    while code:
        step += 1
        out = tmp_path / str(step)
        deliver(out, made({"a.pdf": b"old", "b.pdf": b"old", "z.pdf": b"old"}))
        code = subprocess.run([sys.executable, "-c", KILLED, str(out), str(step)], cwd=ROOT, check=False).returncode
        assert code in (0, -signal.SIGKILL)
        assert false_entries(out) == [], step
        there = {path for path in out.rglob("*.pdf") if not path.name.startswith(".")}
        assert {path.read_bytes() for path in there} <= {b"old", b"new"}
        deliver(out, made({"y.pdf": b"%PDF"}))
        assert false_entries(out) == [], step
        assert {entry["file"] for entry in listed(out)} == {str(path.relative_to(out)) for path in out.rglob("*.pdf")}
        assert leftovers(out) == []
    assert step > 15


# Names ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["../a.pdf", "b/../../a.pdf", "/tmp/a.pdf", "link/a.pdf", "link/deeper/a.pdf"])
def test_no_file_leads_out_of_the_folder(name: str, tmp_path: Path) -> None:
    out, elsewhere = tmp_path / "out", tmp_path / "elsewhere"
    for folder in (out, elsewhere / "deeper"):
        folder.mkdir(parents=True)
    (out / "link").symlink_to(elsewhere, target_is_directory=True)
    with pytest.raises(InputError, match=r"leads out of .*--out DIR"):
        deliver(out, made({"fine.pdf": b"%PDF", name: b"%PDF"}))
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_an_entry_that_leads_out_of_the_folder_does_not_stay(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "else.pdf").write_bytes(b"%PDF")
    names = ("../else.pdf", str(tmp_path / "else.pdf"), "")
    (tmp_path / "out" / "manifest.json").write_text(json.dumps({"files": [{"file": name} for name in names]}))
    deliver(tmp_path / "out", made({"a.pdf": b"%PDF"}))
    assert [entry["file"] for entry in listed(tmp_path / "out")] == ["a.pdf"]
