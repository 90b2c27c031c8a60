"""What veraPDF says of the files that were made: speed is no merit when nobody can read or keep the file."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.instruments import verapdf
from tests.instruments.tools import ToolMissingError

FLAVOURS = ("ua1", "3a")


def verdicts(files: Sequence[bytes]) -> list[tuple[str, ...]]:
    """For each file, PDF/UA-1 and PDF/A-3a: `pass`, or how many rules it breaks."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{number}.pdf" for number in range(len(files))]
        for path, data in zip(paths, files, strict=True):
            path.write_bytes(data)
        try:
            found = verapdf.validate(paths, FLAVOURS)
        except ToolMissingError:  # no Java, or no JAXB
            return [("not checked",) * len(FLAVOURS)] * len(files)
    broken = [[sum(rule.startswith(f"{flavour} ") for rule in found[path]) for flavour in FLAVOURS] for path in paths]
    return [tuple(f"{count} broken" if count else "pass" for count in counts) for counts in broken]
