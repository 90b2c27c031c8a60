"""The same order gives the same bytes, in any process: so a file's SHA-256 proves which text was handed over."""

import hashlib
import json
import os
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from clinicpress.clinics import Print
from clinicpress.issued import Issued, about_order
from clinicpress.press import press
from tests import prints
from tests.prints import CONSENT, HANDOUT, Library

BOTH_PRINTS = [word for size in Print for word in ("--profile", str(size))]


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def tree(folder: Path) -> dict[str, str]:
    """The files below a folder with their digests."""
    return {
        str(path.relative_to(folder)): digest(path.read_bytes()) for path in sorted(folder.rglob("*")) if path.is_file()
    }


@pytest.fixture(scope="module")
def again(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A second build by another process: another hash seed, time zone, language, day, and folder to stand in."""
    folder = tmp_path_factory.mktemp("again")
    surroundings = {"PYTHONHASHSEED": "4711", "TZ": "Pacific/Kiritimati", "LC_ALL": "C", "HOME": str(folder / "home")}
    done = subprocess.run(
        [*prints.command("shipped", folder / "out", *BOTH_PRINTS), "--lang", "en", "--today", "2027-02-03"],
        cwd=folder,
        env={**os.environ, **surroundings},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return folder / "out"


def test_two_processes_write_the_same_files_byte_for_byte(library: Library, again: Path) -> None:
    first, second = tree(library[HANDOUT].path.parents[1]), tree(again)
    listed = second.pop("manifest.json")
    assert len(second) == 4  # the first build printed on A4 too
    assert second == {name: digest for name, digest in first.items() if name in second}
    assert listed == digest(manifest_of(library[HANDOUT].path.parents[1], set(second)))


def manifest_of(folder: Path, names: set[str]) -> bytes:
    """The manifest of a folder, as if it held these files only."""
    told = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    told["files"] = [entry for entry in told["files"] if entry["file"] in names]
    return (json.dumps(told, ensure_ascii=False, indent=1) + "\n").encode()


@pytest.mark.soak
def test_builds_in_one_process_are_the_same_as_those_of_the_command_line(library: Library) -> None:
    for wanted in (HANDOUT, CONSENT, HANDOUT):
        assert press.produce(prints.order(wanted)).pdf == library[wanted].path.read_bytes()


def test_another_text_gives_another_file(library: Library, tmp_path: Path) -> None:
    ordered = prints.order(HANDOUT)
    document = replace(ordered.document, title=ordered.document.title + " ")
    assert (
        prints.produce(replace(ordered, document=document), tmp_path).read_bytes() != library[HANDOUT].path.read_bytes()
    )


def test_the_manifest_tells_the_digest_of_each_file(library: Library) -> None:
    for wanted, printed in library.items():
        assert printed.facts["sha256"] == digest(printed.path.read_bytes()), wanted
        listed = json.loads((printed.path.parents[1] / "manifest.json").read_text(encoding="utf-8"))["files"]
        name = str(printed.path.relative_to(printed.path.parents[1]))
        assert [dict(printed.facts)] == [entry for entry in listed if entry["file"] == name]


def test_all_files_differ(library: Library) -> None:
    assert len({printed.facts["sha256"] for printed in library.values()}) == len(library)


def test_finished_documents_do_not_show_their_bytes_when_printed(tmp_path: Path) -> None:
    finished = Issued.of(about_order(prints.order(HANDOUT), 2, ()), b"secret bytes")
    assert "secret" not in repr(finished)
