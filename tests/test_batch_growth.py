"""A batch of a hundred thousand patients takes the memory of one of a hundred."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.batches import ROOT, Press, roster

MOST = 1.2  # times the memory of 100 rows
A_ROW = 120_000  # bytes on the disk


def peak(press: Press, rows: int, out: Path) -> int:
    """The most memory that a run took, in kilobytes, with all its texts rendered before."""
    roster(press.roster, rows, long=-1)
    process = subprocess.Popen(
        press.command(out), cwd=ROOT, env=press.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    assert len((out / "index.csv").read_bytes().splitlines()) == 1 + 2 * rows
    shutil.rmtree(out)
    return used.ru_maxrss


@pytest.mark.soak
@pytest.mark.parametrize("rows", [10_000, 100_000])
def test_memory_does_not_grow_with_the_patients(rows: int, tmp_path: Path) -> None:
    if shutil.disk_usage(tmp_path).free < 1.5 * rows * A_ROW:
        pytest.skip(f"{rows} packets do not fit on this disk")
    press = Press(tmp_path)
    peak(press, 100, tmp_path / "first")  # renders
    few = peak(press, 100, tmp_path / "few")
    assert peak(press, rows, tmp_path / "many") < MOST * few
