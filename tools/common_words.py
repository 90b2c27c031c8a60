"""Makes the list of the commonest English words, `clinicpress/languages/words/en.txt`, from wordfreq (PyPI, 3.1.1).

    pip download --no-deps wordfreq==3.1.1 && pip install msgpack
    python tools/common_words.py wordfreq-3.1.1-py3-none-any.whl clinicpress/languages/words/en.txt

Why a list of ours: the program needs to know whether a word is common, not how common, and wordfreq brings 55 MB.
Why words of five letters and more: a shorter one has no ending or beginning by which a medical word is known.
wordfreq's data are under CC BY-SA 4.0, and so is this list: its first lines say so.
"""

import gzip
import re
import sys
from itertools import islice
from pathlib import Path
from zipfile import ZipFile

import msgpack

COMMONEST, SHORTEST = 20_000, 5
DATA = "wordfreq/data/large_en.msgpack.gz"
HEAD = """\
# The 20,000 commonest English words, those of five letters and more. Made by tools/common_words.py.
# From wordfreq 3.1.1 by Robyn Speer (https://github.com/rspeer/wordfreq), whose sources its notice names.
# Licence: Creative Commons Attribution-ShareAlike 4.0, https://creativecommons.org/licenses/by-sa/4.0/
# Changed: cut to the commonest words in plain letters, without their frequencies, in order of the alphabet.
"""


def make(wheel: Path, file: Path) -> None:
    """Writes the list. wordfreq keeps words in classes, from the most frequent to the least."""
    with ZipFile(wheel) as archive:
        _, *classes = msgpack.unpackb(gzip.decompress(archive.read(DATA)), raw=False)
    ranked = (word for words in classes for word in words if re.fullmatch("[a-z]+", word))
    kept = sorted(word for word in islice(ranked, COMMONEST) if len(word) >= SHORTEST)
    file.parent.mkdir(exist_ok=True)
    file.write_text(HEAD + "\n".join(kept) + "\n", encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    make(Path(sys.argv[1]), Path(sys.argv[2]))
