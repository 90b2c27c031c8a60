"""Keeps the answers of `build`, and delivers one that was kept (`recall` finds it)."""

import marshal
import time
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from clinicpress.cache import Cache
from clinicpress.cli.places import ROOT
from clinicpress.cli.recall import PROGRAM, Request, files_of, state
from clinicpress.delivery import manifest as listing
from clinicpress.files import read_file

PATIENCE = 10.0  # seconds for others who write in the same folder; the usual way waits longer, and says so
SETTLED = 2.0  # seconds: a file that was changed since may change again within one tick of the disk's clock


class Memo:
    """The answer that is being made, from before the first file is read until it can be kept."""

    def __init__(self, request: Request | None = None) -> None:
        self._request = request or Request()
        self._content: tuple[str, ...] = ()
        self._before = ""

    def begin(self, handouts: Path, clinic: Path) -> None:
        """Notes the state of everything that the answer will depend on. Call it before anything is read."""
        if self._request.place:
            paths = (Path(ROOT) / "handouts", handouts, clinic, *_named_in(clinic))
            self._content = tuple(dict.fromkeys(str(path.absolute()) for path in paths))
            self._before = self._state(PROGRAM)

    def keep(
        self, cache: Cache, libraries: Sequence[Path], files: Mapping[str, bytes], answer: Mapping[str, object]
    ) -> None:
        """Keeps an answer: its `files`, its folder `out`, the `entries` of its manifest, what was `said` and `noted`.

        `libraries` are those of the machine. Nothing is kept when one of the inputs changed meanwhile.
        """
        program = (*PROGRAM, *map(str, libraries))
        if not libraries or not self._before or self._state(PROGRAM) != self._before or _just_changed(program):
            return
        manifest = Path(str(answer["out"]), listing.MANIFEST).read_bytes()
        digests = {name: sha256(data).hexdigest() for name, data in files.items()}
        listed = listing.listed(manifest)
        if not digests.items() <= listed.items():  # somebody else has written the same files since
            return
        for name, digest in digests.items():
            cache.put(digest, files[name])
        alone = sorted(listed) == sorted(files)
        if alone:  # then the manifest is that of any folder which holds nothing else
            cache.put(sha256(manifest).hexdigest(), manifest)
        now = self._state(program)
        kept = {
            **answer,
            "alone": alone,
            "content": self._content,
            "program": program,
            "state": now,
            "files": {**digests, listing.MANIFEST: sha256(manifest).hexdigest()},
            "listed": list(listed),
        }
        cache.put(self._request.place, marshal.dumps(kept))
        cache.put(self._request.usual, marshal.dumps((self._content, program, now)))

    def _state(self, program: Sequence[str]) -> str:
        """The state of the inputs; nothing when it cannot be told."""
        try:
            return state(self._content, program)
        except (OSError, OverflowError):
            return ""


def deliver(answer: Mapping[str, Any], cache: Cache) -> bool:
    """Writes the files of an answer and their manifest, as when it was made; False when one of them was lost."""
    names = [str(entry["file"]) for entry in answer["entries"]]
    files = {name: cache.get(answer["files"][name]) for name in names}
    if None in files.values():
        return False
    documents = [(entry, files[str(entry["file"])] or b"") for entry in answer["entries"]]
    listing.deliver(Path(answer["out"]), documents, patience=PATIENCE)
    return True


def _just_changed(paths: Sequence[str]) -> bool:
    """Whether a part of the program was changed so lately that its times may not tell another change."""
    newest = max(Path(file).stat().st_ctime for path in paths for file in files_of(path))
    return newest > time.time() - SETTLED


def _named_in(clinic: Path) -> list[Path]:
    """The files beside a clinic's profile that it names, such as its logo. A faulty profile names none."""
    from clinicpress.library.files import MAX_TEXT, is_file, long_row, toml_values  # noqa: PLC0415  help does without

    try:
        text = read_file(clinic, MAX_TEXT).decode("utf-8-sig")
        values = [] if long_row(text) else [toml_values(text)]
    except (OSError, ValueError):
        return []
    named: list[Path] = []
    while values:
        for value in values.pop().values():
            if isinstance(value, dict):
                values.append(value)
            elif isinstance(value, str) and value and "\0" not in value:
                named.append(clinic.parent / value)
    return [path for path in named if is_file(path)]
