"""A test whose process dies ends the run of `make test` with its name: it is not begun again and again."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DIES = {"leaves": "import os; os._exit(0)", "faults": "import ctypes; ctypes.string_at(0)"}


def options() -> list[str]:
    """How `make test` runs pytest, but for the number of processes."""
    (row,) = re.findall(r"-m pytest (--numprocesses\S* .*)", (ROOT / "Makefile").read_text(encoding="utf-8"))
    return [one for one in shlex.split(row) if not one.startswith("--numprocesses")]


@pytest.mark.parametrize("how", DIES)
def test_a_test_whose_process_dies_ends_the_run_with_its_name(how: str, tmp_path: Path) -> None:
    (tmp_path / "test_planted.py").write_text(f"def test_before(): pass\ndef test_that_{how}():\n    {DIES[how]}\n")
    (tmp_path / "test_others.py").write_text("def test_behind(): pass\n")
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    command = [sys.executable, "-m", "pytest", "--numprocesses=1", *options(), str(tmp_path)]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120)
    assert ran.returncode != 0
    (line,) = re.findall(rf"^FAILED .*::test_that_{how}.*$", ran.stdout, re.MULTILINE)
    assert "crashed" in line
