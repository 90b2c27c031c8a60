"""A batch that is stopped in any way is finished by --resume: every row once, and the files of an uninterrupted run."""

import csv
import os
import random
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from clinicpress import files
from clinicpress.destinations.batch_folder import Folder
from clinicpress.destinations.running import begin
from clinicpress.errors import InputError
from tests.batches import ROOT, ROWS, Press, prepared, tree
from tests.instruments import disk

AT_WORK = 0.8  # seconds: about what three chunks take on a machine with nothing else to do


@pytest.fixture(scope="module")
def press(common: Path) -> Press:
    return prepared(common / "morning")


@pytest.fixture(scope="module")
def whole(press: Press) -> dict[str, str]:
    """What an uninterrupted run writes."""
    return tree(press.folder / "whole")


@pytest.fixture
def finished(press: Press, tmp_path: Path) -> Path:
    """A copy of an uninterrupted run."""
    return Path(shutil.copytree(press.folder / "whole", tmp_path / "out"))


def kill_and_resume(press: Press, out: Path, chance: random.Random, kills: int, *options: str) -> int:
    """Kills runs, most of them some time after the first chunk was begun, then lets one finish.

    Tells how many were killed while chunks were being written.
    """
    killed = 0
    for _ in range(kills):
        left = unfinished(out)
        process = press.start(out, "--resume", *options)
        if chance.random() < 0.8:  # a machine that has much to do takes long to get there
            wait_until(lambda run=process, left=left: unfinished(out) - left or run.poll() is not None)
        time.sleep(chance.uniform(0, AT_WORK))
        at_work = bool(unfinished(out) - left)
        process.kill()
        process.communicate()
        killed += at_work and process.returncode == -signal.SIGKILL
    ran = press.run(out, "--resume", *options)
    assert ran.code == 0, ran.errors
    return killed


def unfinished(out: Path) -> set[str]:
    """Chunks that are being written, or were when a run was killed."""
    return {one.name for one in (out / "packets").glob(".*")}


@pytest.mark.soak
@pytest.mark.parametrize("workers", [pytest.param("1", marks=pytest.mark.soak), "2"])
def test_a_batch_that_is_killed_again_and_again_comes_out_whole(
    workers: str, press: Press, whole: dict[str, str], tmp_path: Path
) -> None:
    assert kill_and_resume(press, tmp_path / "out", random.Random(workers), 2, "--workers", workers)
    assert tree(tmp_path / "out") == whole
    with (tmp_path / "out/index.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = [(row["row"], row["document"]) for row in csv.DictReader(file)]
    assert len(rows) == len(set(rows)) == 2 * ROWS


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(20))
def test_a_batch_that_is_killed_at_a_hundred_instants_comes_out_whole(
    seed: int, press: Press, whole: dict[str, str], tmp_path: Path
) -> None:
    killed = kill_and_resume(press, tmp_path / "out", random.Random(seed), 5, "--workers", str(1 + seed % 2))
    assert tree(tmp_path / "out") == whole
    assert killed, "no kill came in the middle: this test saw nothing"


def test_the_workers_of_a_killed_batch_end_too(press: Press, tmp_path: Path) -> None:
    out = tmp_path / "out"
    process = press.start(out, "--workers", "2")
    wait_until(lambda: any((out / "packets").glob(".*")))
    group = os.getpgid(process.pid)
    process.kill()
    process.communicate()
    wait_until(lambda: not living(group), 5)


def living(group: int) -> list[int]:
    """The processes of a group that still run; those that only wait to be counted do not."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            fields = (place / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[2]) == group and fields[0] != "Z":
            found.append(int(place.name))
    return found


def wait_until(true: Callable[[], object], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.mark.parametrize("workers", [pytest.param("1", marks=pytest.mark.soak), "2"])
def test_ctrl_c_ends_a_batch_with_one_sentence_and_leaves_nothing_behind(
    workers: str, press: Press, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    process = press.start(out, "--workers", workers)
    group = os.getpgid(process.pid)
    wait_until(lambda: any((out / "packets").glob(".*")))
    asked = time.monotonic()
    os.killpg(group, signal.SIGINT)
    _, errors = process.communicate(timeout=20)
    assert time.monotonic() - asked < 2  # seconds
    assert process.returncode == 130
    (line,) = [one for one in errors.splitlines() if one.strip()]
    assert line.startswith("Stopped. What was finished is intact")
    assert not list(out.rglob(".*"))
    wait_until(lambda: not living(group), 5)  # Python's own helper process ends a moment later


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    with disk.small_disk(tmp_path / "disk", "20m") as place:
        yield place


@pytest.mark.parametrize("workers", ["1", pytest.param("2", marks=pytest.mark.soak)])
def test_a_disk_that_fills_up_is_named_and_resume_does_the_rest(
    workers: str, press: Press, whole: dict[str, str], small_disk: Path
) -> None:
    out = small_disk / "out"
    ran = press.run(out, "--workers", workers)
    assert ran.code == 3
    assert "The disk is full" in ran.sentence
    assert "--resume" in ran.sentence
    assert not list(out.rglob(".*"))
    there = tree(out)
    assert {name: whole[name] for name in there} == there
    disk.grow(small_disk, "200m")
    assert press.run(out, "--resume", "--workers", workers).code == 0
    assert tree(out) == whole


@pytest.mark.soak
def test_files_that_a_power_cut_tore_are_made_again(press: Press, whole: dict[str, str], finished: Path) -> None:
    for torn in (
        next((finished / "packets/00002").glob("*.pdf")),
        finished / "packets/00003/record.json",
        next((finished / "shared").glob("*.pdf")),
        finished / "index.csv",
    ):
        torn.write_bytes(torn.read_bytes()[:1000])
    ran = press.run(finished, "--resume")
    assert ran.code == 0, ran.errors
    assert tree(finished) == whole


@pytest.mark.parametrize(
    ("changed", "options"),
    [
        ("how it is printed", ("--flatten",)),
        pytest.param("how it is read", ("--encoding", "utf-8"), marks=pytest.mark.soak),
        pytest.param("the program", (), marks=pytest.mark.soak),
        pytest.param("the roster", (), marks=pytest.mark.soak),
        pytest.param("the texts", (), marks=pytest.mark.soak),
        pytest.param("the clinic", ("--clinic", "samples/riverside/clinic.toml"), marks=pytest.mark.soak),
    ],
)
def test_another_batch_is_not_mixed_into_a_folder(
    changed: str, options: tuple[str, ...], press: Press, finished: Path, tmp_path: Path
) -> None:
    before = tree(finished)
    patch = ""
    if changed == "the texts":
        handouts = Path(shutil.copytree(ROOT / "handouts", tmp_path / "handouts"))
        text = handouts / "neurotherapy/consent.es.md"
        before_last, _, end = text.read_text().rpartition(".")
        text.write_text(f"{before_last}!{end}")
        options = ("--handouts", str(handouts))
    elif changed == "the program":
        patch = "from clinicpress import fingerprint; fingerprint.program = lambda: 'older'"
    elif changed == "the roster":
        press = Press(Path(shutil.copytree(press.folder, tmp_path / "other", ignore=shutil.ignore_patterns("whole"))))
        press.roster.write_text(press.roster.read_text().replace("Madeup", "Made-Up"))
    ran = press.run(finished, "--resume", *options, patch=patch)
    assert ran.code == 3
    assert changed in ran.sentence
    assert tree(finished) == before


@pytest.mark.soak
def test_a_folder_that_holds_a_batch_is_not_written_to_without_resume(press: Press, finished: Path) -> None:
    before = tree(finished)
    ran = press.run(finished)
    assert ran.code == 3
    assert "--resume" in ran.sentence
    assert tree(finished) == before


@pytest.mark.soak
def test_a_second_run_in_one_folder_is_refused(press: Press, finished: Path) -> None:
    with files.alone(finished):
        ran = press.run(finished, "--resume")
    assert ran.code == 3
    assert "Somebody else is writing" in ran.sentence


def test_a_second_writer_waits_for_the_workers_of_a_killed_run(tmp_path: Path) -> None:
    (tmp_path / "packets").mkdir()
    read, write = os.pipe()
    if not (worker := os.fork()):
        Folder(tmp_path).attend()
        os.write(write, b"x")
        time.sleep(1)
        os._exit(0)
    os.read(read, 1)
    os.close(read)
    os.close(write)
    with pytest.raises(InputError, match="Somebody else"), files.alone(tmp_path / "packets", 0):
        pass
    Folder(tmp_path).sweep()
    assert os.waitpid(worker, os.WNOHANG)[0] == worker  # it had ended


def test_a_killed_start_does_not_close_a_folder_to_the_next_run(tmp_path: Path) -> None:
    """The note of what a batch is made of was being written."""
    (tmp_path / ".batch.json.1234.tmp").write_text("{")
    begin(Folder(tmp_path), {"the roster": "1"}, resume=True)
    Folder(tmp_path).sweep()
    assert [one.name for one in tmp_path.iterdir() if one.is_file()] == ["batch.json"]
    with pytest.raises(InputError, match="the roster changed since"):
        begin(Folder(tmp_path), {"the roster": "2"}, resume=True)
