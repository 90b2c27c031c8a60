"""Documents in a folder as `build` puts them there, for tests and for the small processes that they begin."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path


def made(files: Mapping[str, bytes]) -> list[tuple[dict[str, object], bytes]]:
    """Documents as `build` hands them over."""
    return [({"file": name, "sha256": hashlib.sha256(data).hexdigest()}, data) for name, data in files.items()]


def listed(folder: Path) -> list[dict[str, object]]:
    entries: list[dict[str, object]] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["files"]
    return entries


def false_entries(folder: Path) -> list[object]:
    """Files of which the manifest says what is not so."""
    return [
        one["file"]
        for one in listed(folder)
        if not (folder / str(one["file"])).is_file()
        or hashlib.sha256((folder / str(one["file"])).read_bytes()).hexdigest() != one["sha256"]
    ]


def leftovers(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.name.startswith("."))
