"""A real Dask cluster on this machine, in processes of its own, for as long as a test needs it."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Running:
    """A cluster: the address and process of its scheduler, the processes of its workers, and what they all log."""

    address: str
    scheduler: "subprocess.Popen[str]"
    workers: tuple[int, ...]
    log: Path


@contextmanager
def dask_cluster(log: Path, workers: int = 2) -> Iterator[Running]:
    """Begins a cluster and ends it."""
    with log.open("w") as told:
        scheduler = subprocess.Popen(
            [sys.executable, "-m", "tests.instruments.cluster", str(workers)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=told,
            text=True,
        )
    assert scheduler.stdin
    assert scheduler.stdout
    with scheduler, scheduler.stdout, scheduler.stdin:
        try:
            address, processes = json.loads(scheduler.stdout.readline())
            yield Running(address, scheduler, tuple(processes), log)
        finally:
            scheduler.terminate()


def main(workers: int) -> None:
    """Runs a cluster until standard input ends."""
    from distributed import LocalCluster  # noqa: PLC0415  only the process of the cluster needs it

    with LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None, processes=True) as cluster:
        processes = [one.pid for one in cluster.workers.values()]
        sys.stdout.write(json.dumps([cluster.scheduler_address, processes]) + "\n")
        sys.stdout.flush()
        sys.stdin.read()


if __name__ == "__main__":
    main(int(sys.argv[1]))
