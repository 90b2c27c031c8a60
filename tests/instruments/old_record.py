"""Writes the files in which version 0.1 of the press kept its journal and its people, byte for byte as that did."""

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path


def sealed(content: Mapping[str, object], before: str, key: bytes) -> tuple[bytes, str]:
    """A line behind the digest of the one before, and its own digest."""
    words = json.dumps(content, ensure_ascii=False, separators=(",", ":"))[:-1].encode()
    digest = hmac.new(key, before.encode() + b"\n" + words, hashlib.sha256).hexdigest()
    return b'%s,"digest":"%s"}\n' % (words, digest.encode()), digest


def write_journal(folder: Path, key: bytes, deeds: Sequence[tuple[str, str, datetime, Mapping[str, object]]]) -> str:
    """A journal with its head; the digest of its last line."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    lines, last = b"", "0" * 64
    for number, (who, did, at, facts) in enumerate(deeds, 1):
        content = {"number": number, "at": at.isoformat(timespec="seconds"), "who": who, "did": did, "facts": facts}
        line, last = sealed(content, last, key)
        lines += line
    (folder / "journal.jsonl").write_bytes(lines)
    head, _ = sealed({"number": len(deeds), "size": len(lines), "last": last}, "head", key)
    (folder / "journal.head").write_bytes(head)
    return last


def write_people(folder: Path, people: Sequence[Mapping[str, str]]) -> None:
    """A file of people, each with id, name, role, credential and argon2."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    text = json.dumps({"people": list(people)}, ensure_ascii=False, indent=1) + "\n"
    (folder / "people.json").write_text(text, encoding="utf-8")
