"""Says whether a peer sets an equal form: whoever sets fewer words is faster, and must not win by that."""

import re
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from bench.report import Judged
from bench.turns import Row
from tests.instruments.tools import program, run

FAIR = 0.97  # of our words: a peer may part a word, or lack the mark of a list


def words_in(pdf: bytes) -> Counter[str]:
    """The words of a file as Poppler reads them, each as often as it stands there."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "made.pdf"
        path.write_bytes(pdf)
        text = run(program("pdftotext", "poppler-utils"), path, "-").decode()
    return Counter(re.findall(r"\w+", text))


def share(ours: Counter[str], theirs: Counter[str]) -> float:
    """How much of our words another file holds, from 0 to 1."""
    return (ours & theirs).total() / ours.total()


def unfair(ours: Counter[str], theirs: Counter[str]) -> str:
    """What to say of a file that holds too few of our words; empty when it is fair."""
    held = share(ours, theirs)
    if held >= FAIR:
        return ""
    lost = ", ".join(f"'{word}'" for word, _ in (ours - theirs).most_common(3))
    return f"not fair: holds {held:.0%} of our words, and lacks {lost}"


def judge(rows: Sequence[Row], verdicts: Sequence[tuple[str, ...]]) -> list[Judged]:
    """Each row with veraPDF's verdict, and with what it lacks of the words that ours at the same job holds."""
    firsts = {row.job: row for row in reversed(rows)}  # the first row of each job is ours
    ours = {job: words_in(row.sample) for job, row in firsts.items()}
    judged = []
    for row, verdict in zip(rows, verdicts, strict=True):
        if row.fair:
            lacks = unfair(ours[row.job], words_in(row.sample))
            judged.append(Judged(row, *verdict, (*row.faults, *([lacks] if lacks else []))))
        else:
            judged.append(Judged(row))
    return judged
