"""Puts documents into a folder together with the list of what lies there, `manifest.json`.

Many may do so at once: each waits until it is alone in the folder, by whatever name it calls it. The list never vouches
for a file that is another one, also when a run is killed: everything is written beside its place first; entries of
files that are about to change leave the list; then the files take their places, and the new list does.
"""

import json
import os
from contextlib import ExitStack, suppress
from hashlib import sha256
from pathlib import Path, PurePath
from stat import S_ISREG

from clinicpress import files
from clinicpress.clinics import Paper
from clinicpress.errors import InputError
from clinicpress.issued import Receipt
from clinicpress.json_text import read_json
from clinicpress.leftovers import left_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from clinicpress.issued import Issued

    Entry = dict[str, object]
    """What the manifest says of a document; `file` is its place below the folder, `sha256` what it holds."""


MANIFEST = "manifest.json"
PATIENCE = 60.0  # seconds: writing forty documents takes one
LONGEST = 64 << 20  # bytes of a manifest: some ten thousand documents
WAS, NOW = "was.", "now."  # mark the list before the work, and the one that holds meanwhile


class DocumentFolder:
    """A folder of this machine that takes documents under their own names, and lists them in its manifest.

    `paper` is the one that no name says. `serial` gives a patient's document a name of chance: no fact about a person
    is in it, and no two are the same. `note` is that of `deliver`.
    """

    def __init__(
        self, folder: Path, paper: Paper, serial: "Callable[[], str]", note: "Callable[[str], object] | None" = None
    ) -> None:
        self._folder, self._paper, self._serial, self._note = folder, paper, serial, note
        self.manifest = folder / MANIFEST

    def take(self, documents: "Sequence[Issued]") -> list[Receipt]:
        """Writes documents and the manifest; all of them or none. Raises `InputError`."""
        taken = []
        for one in documents:
            name = one.file_name(self._paper, self._serial() if one.personal else "")
            taken.append(Receipt(one, str(self._folder / name), {"file": name, **one.facts()}))
        deliver(self._folder, [(dict(one.facts), one.issued.pdf) for one in taken], self._note)
        return taken


def deliver(
    folder: Path,
    documents: "Sequence[tuple[Entry, bytes]]",
    note: "Callable[[str], object] | None" = None,
    patience: float = PATIENCE,
) -> Path:
    """Writes documents and the manifest of the folder; returns where that is.

    Entries of other files stay as long as their files stand. On a full disk nothing has changed. `note` hears when
    somebody else writes there for long, and how many seconds it waits for them. Raises `InputError`.
    """
    place = folder / MANIFEST
    with files.told_plainly(folder):
        files.make_folder(folder)
    with files.alone(folder, patience, note=note), ExitStack() as unfinished:
        entries = {str(entry["file"]): entry for entry, _ in documents}
        _refuse_outside(folder, entries)
        before = _standing(place) | _finished_by_killed_runs(folder)
        files.sweep(folder)
        changed = {str(entry["file"]): data for entry, data in documents}
        changed = {name: data for name, data in changed.items() if not _stands(folder / name, data)}
        staged = {name: _beside(unfinished, folder / name, data) for name, data in changed.items()}
        moved: dict[str, Entry] = {name: entry for name, entry in entries.items() if name not in changed}
        if staged:
            listing = _beside(unfinished, place, _text(before | entries))
            if still := set(before) & set(changed):
                _keep(unfinished, place)
                _write(place, _text({name: entry for name, entry in before.items() if name not in still}))
            try:
                for name, temporary in staged.items():
                    with files.told_plainly(folder / name):
                        temporary.replace(folder / name)
                    moved[name] = entries[name]
                with files.told_plainly(place):
                    for home in {(folder / name).parent for name in staged}:
                        files.sync_folder(home)
                    listing.replace(place)
                    files.sync_folder(folder)
            finally:
                if len(moved) < len(entries):  # what took its place before the failure is listed
                    _write(place, _text(before | moved))
        else:
            files.write(place, _text(before | moved))
    return place


def listed(manifest: bytes) -> dict[str, object]:
    """The files that a manifest of ours lists, each with the digest that stands there."""
    return {str(entry["file"]): entry.get("sha256") for entry in read_json(manifest)["files"]}


def _text(entries: "dict[str, Entry]") -> bytes:
    """A manifest, sorted by file."""
    files = [entry for _, entry in sorted(entries.items())]
    return (json.dumps({"files": files}, ensure_ascii=False, indent=1) + "\n").encode()


def _beside(unfinished: ExitStack, path: Path, data: bytes) -> Path:
    """Writes a file beside its place, and forces it to the disk; returns where. It goes when the work ends before."""
    with files.told_plainly(path), files.beside(path) as (file, temporary):
        unfinished.callback(_remove, temporary)
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    return temporary


def _keep(unfinished: ExitStack, place: Path) -> None:
    """Keeps the list that was there until the work has ended. Where the disk cannot, a kill costs some entries."""
    was = place.with_name(f".{WAS}{place.name}.{os.getpid()}.tmp")
    with suppress(OSError):
        unfinished.callback(_remove, was)
        os.link(place, was)


def _remove(temporary: Path) -> None:
    with suppress(OSError):  # it took its place
        temporary.unlink()


def _write(path: Path, data: bytes) -> None:
    """Writes the list that holds meanwhile, while the last one waits beside it."""
    with files.told_plainly(path):
        with files.beside(path, NOW) as (file, temporary):
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
            temporary.replace(path)
        files.sync_folder(path.parent)


def _stands(path: Path, data: bytes) -> bool:
    with files.told_plainly(path):
        return files.stands(path, data)


def _refuse_outside(folder: Path, names: "dict[str, Entry]") -> None:
    """Raises `InputError` for a file that would lie elsewhere: its folder may be a link that somebody put there."""
    home = folder.resolve()
    for name in names:
        place = (folder / name).parent
        if not _inside(name) or not place.resolve().is_relative_to(home):
            raise InputError(
                f"{place} leads out of {folder}, so nothing was written. Take that link away, or name another folder "
                "with --out DIR."
            )


def _inside(name: str) -> bool:
    """Whether a name stays below the folder."""
    path = PurePath(name)
    return bool(path.name) and not path.is_absolute() and ".." not in path.parts and "\0" not in name


def _standing(manifest: Path) -> "dict[str, Entry]":
    """The entries of the manifest that was there before, for files that are still there.

    Raises `InputError` when it cannot be read: it would be lost.
    """
    with files.told_plainly(manifest):
        return {name: entry for name, entry in _entries(manifest).items() if (manifest.parent / name).is_file()}


def _finished_by_killed_runs(folder: Path) -> "dict[str, Entry]":
    """The entries of files that a killed run had put in their places, or had not yet, and could not list any more."""
    found: dict[str, Entry] = {}
    for left in (*left_of(folder, WAS + MANIFEST), *left_of(folder, MANIFEST)):
        for name, entry in _entries(Path(left)).items():
            try:
                if sha256((folder / name).read_bytes()).hexdigest() == entry.get("sha256"):
                    found[name] = entry
            except OSError:
                continue  # it is not there
    return found


def _entries(manifest: Path) -> "dict[str, Entry]":
    """What a manifest says, by file; nothing when there is none, or not one of ours. Raises `OSError`."""
    try:
        descriptor = os.open(manifest, os.O_RDONLY | os.O_NONBLOCK)  # a pipe must not keep us waiting
    except FileNotFoundError:
        return {}
    with os.fdopen(descriptor, "rb") as file:
        facts = os.fstat(descriptor)
        if not S_ISREG(facts.st_mode) or facts.st_size > LONGEST:
            return {}
        text = file.read()
    try:
        entries = {str(entry["file"]): entry for entry in read_json(text)["files"]}
    except (ValueError, KeyError, TypeError):
        return {}
    return {name: entry for name, entry in entries.items() if _inside(name)}
