"""Whoever makes a batch, and wherever it goes: the same files come out, and what goes wrong is said in a sentence."""

import json
import os
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from clinicpress.destinations import cluster as dask
from clinicpress.errors import InputError
from tests.batches import PERSON, Press, prepared, tree
from tests.instruments.cluster import Running, dask_cluster
from tests.instruments.ftp import PASSWORD, ftp_server


@pytest.fixture(scope="module")
def press(common: Path) -> Press:
    return prepared(common / "morning")


@pytest.fixture(scope="module")
def whole(press: Press) -> dict[str, str]:
    """What one process writes into a folder."""
    return tree(press.folder / "whole")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with dask_cluster(tmp_path_factory.mktemp("cluster") / "log") as running:
        yield running


def wait_for(path: Path, seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not path.exists():
        assert time.monotonic() < end, f"{path} does not come"
        time.sleep(0.01)


def test_a_morning_is_there_to_compare_with(press: Press, whole: dict[str, str]) -> None:
    assert len([name for name in whole if name.endswith("record.json")]) == 3
    assert len([name for name in whole if name.startswith("packets/") and name.endswith(".pdf")]) == 250
    entries = [json.loads(one) for one in (press.folder / "whole/manifest.jsonl").read_text().splitlines()]
    assert [one["row"] for one in entries if one["rendered_anew"]] == [132]


@pytest.mark.soak
def test_two_workers_write_what_one_does(press: Press, whole: dict[str, str], tmp_path: Path) -> None:
    ran = press.run(f"file://{tmp_path}/out", "--workers", "2")
    assert ran.code == 0, ran.errors
    assert tree(tmp_path / "out") == whole
    assert {one.stat().st_mode & 0o777 for one in (tmp_path / "out").rglob("*")} == {0o600, 0o700}


@pytest.mark.soak
def test_a_print_job_is_the_same_whoever_makes_the_chunks_and_when(press: Press, tmp_path: Path) -> None:
    """It is written while workers are busy, and nobody sweeps it away when they end."""
    jobs = []
    for out, name, *options in (
        ("one", "print.pdf"),
        ("two", "print.pdf", "--workers", "2"),
        ("one", "again.pdf", "--resume"),
    ):
        ran = press.run(tmp_path / out, "--merge", name, *options)
        assert ran.code == 0, ran.errors
        jobs.append((tmp_path / out / name).read_bytes())
    assert jobs[0] == jobs[1] == jobs[2]


@pytest.mark.soak
def test_a_cluster_writes_what_one_process_does_and_logs_nobody(
    press: Press, whole: dict[str, str], cluster: Running, tmp_path: Path
) -> None:
    ran = press.run(tmp_path / "out", "--cluster", cluster.address)
    assert ran.code == 0, ran.errors
    assert tree(tmp_path / "out") == whole
    assert PERSON not in cluster.log.read_text() + ran.errors + ran.output


@pytest.mark.soak
def test_an_ftp_server_gets_what_a_folder_does_and_resume_finishes_there(
    press: Press, whole: dict[str, str], tmp_path: Path
) -> None:
    day = Path(shutil.copytree(press.folder / "whole", tmp_path / "deep/day"))
    shutil.rmtree(day / "packets/00002")
    (day / "packets/00003/record.json").unlink()
    (day / "packets/00003/half.pdf").write_bytes(b"half")
    next((day / "shared").glob("*.pdf")).write_bytes(b"torn")
    with ftp_server(tmp_path) as url:
        ran = press.run(f"{url}/deep/day", "--resume")
    assert "100 of all rows were finished before" in ran.errors
    assert PASSWORD not in ran.output + ran.errors
    assert tree(day) == whole


@pytest.mark.soak
def test_the_password_of_a_place_is_shown_nowhere(press: Press, whole: dict[str, str], tmp_path: Path) -> None:
    with ftp_server(tmp_path) as url:
        ran = press.run(f"{url}/deep/day", "--workers", "2")
        refused = press.run(f"{url}/deep/day")
        wrong = press.run(f"{url}/deep/day".replace(PASSWORD, "wrong" + PASSWORD))
    gone = press.run(f"{url}/deep/day", "--resume")
    assert tree(tmp_path / "deep/day") == whole
    assert "--resume" in refused.sentence
    assert "cannot be reached" in wrong.sentence
    assert "cannot be reached" in gone.sentence
    assert [one.code for one in (ran, refused, wrong, gone)] == [0, 3, 3, 3]
    for said in (ran, refused, wrong, gone):
        assert PASSWORD not in said.output + said.errors
    assert not [one for one in (tmp_path / "deep").rglob("*.json*") if PASSWORD in one.read_text()]


@pytest.mark.soak
def test_a_cluster_writes_to_an_ftp_server(
    press: Press, whole: dict[str, str], cluster: Running, tmp_path: Path
) -> None:
    with ftp_server(tmp_path) as url:
        ran = press.run(f"{url}/day", "--cluster", cluster.address)
    assert ran.code == 0, ran.errors
    assert tree(tmp_path / "day") == whole
    assert PASSWORD not in cluster.log.read_text()


@pytest.mark.soak
def test_a_place_that_fsspec_does_not_know_is_refused(press: Press) -> None:
    ran = press.run("nowhere://host/day")
    assert ran.code == 3
    assert "nowhere" in ran.sentence


@pytest.mark.parametrize(("missing", "options"), [("distributed", ("--cluster", "tcp://h:1")), ("fsspec", ())])
def test_what_lacks_for_other_machines_is_named_with_its_remedy(
    missing: str, options: tuple[str, ...], press: Press, tmp_path: Path
) -> None:
    out = "ftp://host/day" if missing == "fsspec" else tmp_path / "out"
    ran = press.run(out, *options, patch=f"sys.modules['{missing}'] = None")
    assert ran.code == 3
    assert "make cluster" in ran.sentence


def test_a_scheduler_that_does_not_answer_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dask, "REACHED", 1)
    with pytest.raises(InputError, match=r"The cluster at tcp://127.0.0.1:9 cannot be reached .* --resume"):
        list(dask.Cluster(None, "tcp://127.0.0.1:9").work([]))  # type: ignore[arg-type]


@pytest.mark.soak
def test_a_worker_with_another_program_is_refused(press: Press, cluster: Running, tmp_path: Path) -> None:
    patch = "from clinicpress.destinations import cluster; cluster.program = lambda: 'older'"
    ran = press.run(tmp_path / "out", "--cluster", cluster.address, patch=patch)
    assert ran.code == 3
    assert "has another clinicpress" in ran.sentence


@pytest.mark.soak
def test_a_worker_that_does_not_see_the_folder_is_refused(press: Press, cluster: Running, tmp_path: Path) -> None:
    patch = "from clinicpress.destinations import cluster; cluster._mark = lambda outlet: 'another'"
    ran = press.run(tmp_path / "out", "--cluster", cluster.address, patch=patch)
    assert ran.code == 3
    assert "Name a place that all machines share" in ran.sentence


@pytest.mark.soak
def test_a_fault_on_a_worker_keeps_its_trace_and_shows_nobody(press: Press, cluster: Running, tmp_path: Path) -> None:
    """A chunk of something else than rows stands for any fault of ours."""
    patch = (
        "from clinicpress.destinations import running\n"
        "from clinicpress.destinations.chunks import Chunk\n"
        "running.chunks = lambda rows: [Chunk(1, tuple(row.facts for row in rows))]"
    )
    ran = press.run(tmp_path / "out", "--cluster", cluster.address, patch=patch)
    assert ran.code == 1
    assert "chunks.py" in ran.errors
    assert PERSON not in cluster.log.read_text() + ran.errors


def test_a_dead_worker_of_this_machine_stops_the_batch_and_leaves_nothing_torn(
    press: Press, whole: dict[str, str], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    process = press.start(out, "--workers", "2")
    wait_for(out / "packets")
    while not (workers := children(process.pid)[1:]):  # the first is Python's own
        time.sleep(0.01)
    os.kill(workers[-1], signal.SIGKILL)
    _, errors = process.communicate(timeout=20)
    assert process.returncode == 3
    assert "A worker died" in errors
    assert "--resume" in errors
    assert {name: whole[name] for name in tree(out)} == tree(out)


def children(process: int) -> list[int]:
    """The processes that a process began, its workers last."""
    return [int(one) for one in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


@pytest.mark.soak
def test_a_cluster_goes_on_without_a_worker_that_died(press: Press, whole: dict[str, str], tmp_path: Path) -> None:
    with dask_cluster(tmp_path / "log") as cluster:
        process = press.start(tmp_path / "out", "--cluster", cluster.address)
        wait_for(tmp_path / "out/packets")
        os.kill(cluster.workers[0], signal.SIGKILL)
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors
    assert tree(tmp_path / "out") == whole


@pytest.mark.soak
def test_without_any_worker_a_batch_ends(press: Press, tmp_path: Path) -> None:
    patch = "from clinicpress.destinations import cluster; cluster.PATIENCE = 2"
    with dask_cluster(tmp_path / "log", 0) as cluster:
        ran = press.run(tmp_path / "out", "--cluster", cluster.address, patch=patch)
    assert ran.code == 3
    assert "No worker is left" in ran.sentence


@pytest.mark.soak
def test_a_scheduler_that_goes_in_the_middle_is_named_and_resume_finishes(
    press: Press, whole: dict[str, str], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    with dask_cluster(tmp_path / "log", 1) as cluster:
        process = press.start(out, "--cluster", cluster.address)
        wait_for(out / "packets/00001")
        cluster.scheduler.kill()
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 3
    assert "is gone" in errors
    assert "--resume" in errors
    assert press.run(out, "--resume").code == 0
    assert tree(out) == whole


def test_what_a_batch_is_made_of_says_nothing_of_where_it_lies(press: Press) -> None:
    assert str(press.folder) not in json.dumps(json.loads((press.folder / "whole/batch.json").read_text()))
