"""A backup: all that a clinic would miss, in one file; and how it comes back.

It holds the record with the key that seals its journal, the folder of content, the clinic's profile and what that
names. Content is taken as it is read; the record as it is at one moment, also while a desk works with it.
"""

import hashlib
import json
import os
import shutil
import tarfile
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import IO

from clinicpress import files
from clinicpress.errors import InputError
from clinicpress.files import open_file, read_file
from clinicpress.json_text import read_json
from clinicpress.library.kinds import KINDS_FOLDER
from clinicpress.record.database import FILE, Database

MANIFEST = "manifest.json"  # the last file: what lacks it was not written to its end
RECORD, KEY, CONTENT, PROFILE = f"state/{FILE}", "state/key", "handouts", "clinic/clinic.toml"
FORMAT = 1
MOST_BYTES = 1 << 28  # of one file of content: 256 MB
MOST_FILES = 100_000
BRAND = "brand"  # the folder beside a profile that is taken whole
REMEDY = "Name another file, or ask who may write there."


@dataclass(frozen=True, slots=True)
class BackedUpPlaces:
    """Where the things lie that a backup holds: the state of the installation, the content, the profile."""

    state: Path
    handouts: Path
    clinic: Path


def write_backup(path: Path, places: BackedUpPlaces, record: Database, made: datetime) -> int:
    """Writes a backup, whole or not at all, for its owner only; how many files it holds. Raises `InputError`."""
    if path.resolve().is_relative_to(places.handouts.resolve()):
        raise InputError(f"{path} is inside the content that it would hold. Name a file elsewhere.")
    sums: dict[str, str] = {}
    with files.written(path, REMEDY) as file, tarfile.open(fileobj=file, mode="w") as archive:
        with files.beside(path, "record-") as (_, copy):
            record.copy_to(copy)
            with copy.open("rb") as copied:
                sums[RECORD] = _put_file(archive, RECORD, copied)
            copy.unlink()
        _put(archive, sums, KEY, record.key)
        _put(archive, sums, PROFILE, _read(places.clinic))
        for name, beside in _named_by(places.clinic):
            _put(archive, sums, f"clinic/{name}", _read(beside))
        for name, text in _files_in(places.handouts):
            _put(archive, sums, f"{CONTENT}/{name}", _read(text))
        manifest = {"clinicpress-backup": FORMAT, "made": made.isoformat(timespec="seconds"), "sha256": sums}
        _put(archive, {}, MANIFEST, json.dumps(manifest, indent=1).encode())
    return len(sums)


def restore_backup(path: Path, places: BackedUpPlaces) -> tuple[int, str]:
    """Puts back what a backup holds, where nothing is yet; how many files, and when it was made.

    All of it is looked at before anything is written. What cannot be written whole is taken away again. Raises
    `InputError`.
    """
    try:
        with open_file(path) as file, tarfile.open(fileobj=file, mode="r:") as archive:
            members, made = _examined(path, archive)
            targets = {name: _target(name, places) for name in members}
            if targets[KEY].is_file() and _read(targets[KEY]) == _bytes(archive, members[KEY]):
                del targets[KEY]  # the record comes back to the installation from which it was taken
            _refuse_to_overwrite(places, targets)
            _written(archive, members, targets)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}.") from error
    except (tarfile.TarError, EOFError) as error:
        raise _no_backup(path, "it is cut short, or no file of this kind") from error
    return len(members), made


# Writing --------------------------------------------------------------------------------------------------------------


def _put(archive: tarfile.TarFile, sums: dict[str, str], name: str, data: bytes) -> None:
    sums[name] = _put_file(archive, name, BytesIO(data))


def _put_file(archive: tarfile.TarFile, name: str, file: IO[bytes]) -> str:
    """Adds a file under a name that says nothing of this machine; its SHA-256."""
    member = tarfile.TarInfo(name)
    member.mode, member.size = 0o600, file.seek(0, 2)
    file.seek(0)
    digest = _sum(file)
    file.seek(0)
    archive.addfile(member, file)
    return digest


def _read(path: Path) -> bytes:
    try:
        data = read_file(path, MOST_BYTES)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}. Nothing was backed up.") from error
    if len(data) > MOST_BYTES:
        raise InputError(f"{path} is larger than {MOST_BYTES >> 20} MB. Take it out of the content, then run it again.")
    return data


def _files_in(folder: Path) -> Iterator[tuple[str, Path]]:
    """The files of a folder and below it, by their names in it. What a killed run left unfinished stays out."""
    if not folder.is_dir():
        raise InputError(f"{folder} is no folder. Name the folder of content: --handouts DIR.")
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() and path.is_dir():
            raise InputError(f"{path} is a link to a folder. Put the folder itself there, then run it again.")
        if not path.is_dir() and not (path.name.startswith(".") and path.name.endswith(".tmp")):
            yield path.relative_to(folder).as_posix(), path


def _named_by(clinic: Path) -> Iterator[tuple[str, Path]]:
    """The files that belong to a profile: those that it names, and the folders beside it: `brand`, and own `kinds`."""
    try:
        profile = tomllib.loads(_read(clinic).decode())
    except ValueError as error:
        raise InputError(f"{clinic} cannot be read. 'python generate.py check' says where it is damaged.") from error
    brand, folder = profile.get("brand"), clinic.parent
    named = [profile.get("language_notice"), profile.get("jurisdiction")]
    named += [brand.get("logo")] if isinstance(brand, dict) else []
    plain = [os.path.normpath(name) for name in named if isinstance(name, str) and name]
    found = {name: folder / name for name in plain if (folder / name).is_file()}
    for beside in (BRAND, KINDS_FOLDER):
        if (folder / beside).is_dir():
            found |= {f"{beside}/{name}": path for name, path in _files_in(folder / beside)}
    for name, path in sorted(found.items()):
        if not path.resolve().is_relative_to(folder.resolve()) or not _safe(f"clinic/{name}"):
            raise InputError(f"{clinic} names {name}, which does not lie beside it. Put it there, then run it again.")
        yield name, path


# Reading --------------------------------------------------------------------------------------------------------------


def _examined(path: Path, archive: tarfile.TarFile) -> tuple[dict[str, tarfile.TarInfo], str]:
    """The files of a backup by name, once each is known to be as it was written, and when it was made."""
    members: dict[str, tarfile.TarInfo] = {}
    sums: dict[str, str] = {}
    for member in archive:
        safe = member.isreg() and not member.issparse() and _safe(member.name)
        if not safe or member.name in members or len(members) > MOST_FILES:
            raise _no_backup(
                path, "it holds what no backup of ours does (a link, a device, a name that leads elsewhere)"
            )
        members[member.name] = member
        if member.name != MANIFEST:
            sums[member.name] = _digest(archive, member)
    manifest = _manifest(path, archive, members.pop(MANIFEST, None))
    if manifest["sha256"] != sums:
        raise _no_backup(path, "its files are not those of its list: it was changed, or damaged on its way")
    if not {RECORD, KEY, PROFILE} <= sums.keys():
        raise _no_backup(path, "it lacks the record, its key or the profile")
    return members, str(manifest["made"])


def _safe(name: str) -> bool:
    """Whether a name leads to one of the places of a backup, and nowhere else."""
    parts = PurePosixPath(name).parts
    plain = "/".join(parts) == name and not {"..", ".", "/"} & set(parts) and "\\" not in name and "\0" not in name
    return plain and (name in (MANIFEST, RECORD, KEY) or (len(parts) > 1 and parts[0] in (CONTENT, "clinic")))


def _manifest(path: Path, archive: tarfile.TarFile, member: tarfile.TarInfo | None) -> Mapping[str, object]:
    if member is None:
        raise _no_backup(path, "it lacks its list of files, so it was not written to its end")
    with suppress(ValueError):
        manifest = read_json(_bytes(archive, member), halves=True)
        if isinstance(manifest, dict) and manifest.keys() >= {"clinicpress-backup", "made", "sha256"}:
            if manifest["clinicpress-backup"] != FORMAT:
                raise InputError(f"{path} was written by a newer version of this program. Restore it with that one.")
            return manifest
    raise _no_backup(path, "its list of files is damaged")


def _target(name: str, places: BackedUpPlaces) -> Path:
    first, _, rest = name.partition("/")
    if name == PROFILE:
        return places.clinic
    return {"state": places.state, CONTENT: places.handouts, "clinic": places.clinic.parent}[first] / rest


def _refuse_to_overwrite(places: BackedUpPlaces, targets: Mapping[str, Path]) -> None:
    if places.handouts.exists() and not (places.handouts.is_dir() and not any(places.handouts.iterdir())):
        raise InputError(f"{places.handouts} is there already. Name an empty or a new folder: --handouts DIR.")
    if Database(places.state, b"").begun or (places.state / f"{FILE}-wal").exists():
        raise InputError(
            f"{places.state} holds a record already. Set CLINICPRESS_STATE to an empty or a new folder, or move "
            "what is there to a safe place."
        )
    for path in targets.values():
        if path.exists() or path.is_symlink():
            raise InputError(
                f"{path} is there already, and nothing is overwritten. Name another place, or move it away."
            )


def _written(archive: tarfile.TarFile, members: Mapping[str, tarfile.TarInfo], targets: Mapping[str, Path]) -> None:
    """Writes all files, the record last: with it the rest is there. What was written goes when one of them fails."""
    done: list[Path] = []
    try:
        for name in sorted(targets, key=lambda name: (name == RECORD, name)):
            with files.written(targets[name], REMEDY) as file, _opened(archive, members[name]) as source:
                shutil.copyfileobj(source, file)
            done.append(targets[name])
    except BaseException:
        for path in done:
            path.unlink(missing_ok=True)
        raise


def _opened(archive: tarfile.TarFile, member: tarfile.TarInfo) -> IO[bytes]:
    file = archive.extractfile(member)
    if file is None:  # of what is no file, and such were refused
        raise ValueError(member.type)
    return file


def _digest(archive: tarfile.TarFile, member: tarfile.TarInfo) -> str:
    with _opened(archive, member) as file:
        return _sum(file)


def _sum(file: IO[bytes]) -> str:
    """The SHA-256 of the rest of a file."""
    found = hashlib.sha256()
    while piece := file.read(1 << 20):
        found.update(piece)
    return found.hexdigest()


def _bytes(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    with _opened(archive, member) as file:
        return file.read(MOST_BYTES)


def _no_backup(path: Path, why: str) -> InputError:
    return InputError(f"{path} is no backup that can be restored: {why}. Nothing was written. Take another copy of it.")
