"""`make test` fails when any of its checks does, and says which; a test whose process dies ends it with its name."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.lint import shelf

ROOT = Path(__file__).parents[2]
DIES = {"leaves": "import os; os._exit(0)", "faults": "import ctypes; ctypes.string_at(0)"}


def options() -> list[str]:
    """How `make test` runs pytest, but for the number of processes."""
    (row,) = re.findall(r"-m pytest (--numprocesses\S* .*)", (ROOT / "Makefile").read_text(encoding="utf-8"))
    return [one for one in shlex.split(row) if not one.startswith("--numprocesses")]


@pytest.mark.parametrize("faulty", ["", "ruff", "mypy", "lint-imports", "python"])
def test_make_test_fails_when_any_check_does_and_says_which_behind_the_tests(faulty: str, tmp_path: Path) -> None:
    """With a small program in the place of each, which tells its name and fails when it is meant to."""
    (tmp_path / "bin").mkdir()
    for name in ("ruff", "mypy", "lint-imports", "python"):
        program = tmp_path / "bin" / name
        program.write_text(f'#!/bin/sh\necho "{name} $*"\nexit {int(name == faulty)}\n')
        program.chmod(0o755)
    ready = [tmp_path / name for name in (".print-packages", ".print", ".test", ".test-packages")]
    for stamp in ready:
        stamp.touch()
    old = [f"--old-file={one}" for one in (*ready, "tests/pdfjs/node_modules/.package-lock.json")]
    command = ["make", "test", f"venv={tmp_path}", *old]
    alone = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}  # not one within another
    ran = subprocess.run(command, cwd=ROOT, env=alone, capture_output=True, text=True, check=False, timeout=60)
    told = ran.stdout.splitlines()
    assert (ran.returncode != 0) == bool(faulty), ran.stderr
    assert [row.split()[0] for row in told[:5]] == ["python", "ruff", "ruff", "mypy", "lint-imports"]
    assert [row for row in told if row.startswith("These failed:")] == (
        {"": [], "python": [], "ruff": ["These failed: ruff ruff"]}.get(faulty, [f"These failed: {faulty}"])
    )


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


def test_a_command_in_a_fork_finds_all_loaded_that_it_needs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some thousand commands of the tests run so; what each had to load took most of their time."""
    one, main = shelf.stock(tmp_path / "shelf"), shelf.main

    def telling(words: Sequence[str]) -> int:
        before = set(sys.modules)
        code = main(words)
        (tmp_path / "loaded").write_text("\n".join(set(sys.modules) - before))
        return code

    monkeypatch.setattr(shelf, "main", telling)
    assert shelf.forked("check", "--words", *one.options).returncode == 0
    assert set((tmp_path / "loaded").read_text().split()) <= {"_strptime"}
