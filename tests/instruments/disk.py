"""A real disk that is small enough to be filled."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    """A disk of this size (`64k`, `20m`) in a new folder. Where none can be mounted, the test is skipped."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    if (
        shutil.which("mount") is None
        or os.geteuid() != 0
        or subprocess.run(command, capture_output=True, check=False).returncode
    ):
        pytest.skip("a small disk cannot be mounted here: that needs root and the right to mount")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def grow(disk: Path, size: str) -> None:
    """Gives a disk more room, as somebody does who frees some space."""
    subprocess.run(["mount", "-o", f"remount,size={size}", str(disk)], check=True)
