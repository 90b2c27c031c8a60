"""Makes the weights by which `clinicpress.lint.meaning` reads: `make meaning`, after passages were added or changed.

`tools/passages/LANGUAGE.jsonl` holds the passages, one a line: `text`, with a `heading` or without; `tells`, what it
states: elements, or parts of them (`C19.refuse`); `about`, the element that it was written for, whether it states that
or only sounds like it: empty for a section of a whole document. All of them are invented. One logistic regression an
element; sections count most, then passages about the element itself.
"""

import hashlib
import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from clinicpress.documents import split_sentences  # noqa: E402
from clinicpress.lint.meaning import FEWEST_WORDS, FOLDER, UNIT, features, of_heading  # noqa: E402

PASSAGES = Path(__file__).parent / "passages"
FEWEST = 4  # passages that a word stands in, to count
NEAR, SECTION = 3.0, 6.0  # times that a passage about the element, and a section, counts
SLACK = 20.0  # how far weights may go (C of scikit-learn)
LEAST = 100  # of a weight, in the unit of the file: what is less decides nothing


def made_from(path: Path) -> dict[str, Any]:
    """The weights of a language, made from a file of passages: the elements, an offset each, and the words."""
    text = path.read_text(encoding="utf-8")
    rows = [json.loads(line) for line in text.splitlines()]
    told = [Counter(_features(row)) for row in rows]
    common = Counter(one for counts in told for one in counts)
    known = {one: place for place, one in enumerate(sorted(one for one, many in common.items() if many >= FEWEST))}
    table = _table(told, known)
    elements = sorted({one for row in rows for one in row["tells"]})
    weights = np.zeros((len(elements), len(known)))
    offsets = []
    for place, element in enumerate(elements):
        about = element.partition(".")[0]
        states = np.array([element in row["tells"] for row in rows])
        counts = np.array([NEAR if row["about"] == about else 1.0 if row["about"] else SECTION for row in rows])
        model = LogisticRegression(C=SLACK, class_weight="balanced", solver="liblinear", tol=1e-3, random_state=0)
        model.fit(table, states, sample_weight=counts)
        weights[place] = model.coef_[0]
        offsets.append(round(float(model.intercept_[0]) * UNIT))
    words = {one: [round(float(part) * UNIT) for part in weights[:, place]] for one, place in known.items()}
    return {
        "passages": hashlib.sha256(text.encode()).hexdigest(),
        "count": len(rows),
        "elements": elements,
        "offsets": offsets,
        "words": {one: row for one, row in words.items() if max(map(abs, row)) >= LEAST},
    }


def _features(row: dict[str, Any]) -> list[str]:
    """What is counted of a passage: the words of its heading and of its sentences."""
    return [*of_heading(row.get("heading", "")), *(one for words in _sentences(row["text"]) for one in features(words))]


def _sentences(text: str) -> list[str]:
    return [sentence for line in text.splitlines() for sentence in split_sentences(line)]


def _table(told: list[Counter[str]], known: dict[str, int]) -> csr_matrix:
    """Passages by words: how often each stands there, by the root of how many are known."""
    rows, columns, values = [], [], []
    for row, counts in enumerate(told):
        here = {known[one]: many for one, many in counts.items() if one in known}
        size = (sum(here.values()) + FEWEST_WORDS) ** 0.5
        for column, many in here.items():
            rows.append(row)
            columns.append(column)
            values.append(many / size)
    return csr_matrix((values, (rows, columns)), shape=(len(told), len(known)))


def main() -> None:
    """Writes the weights of each language that has passages."""
    for path in sorted(PASSAGES.glob("*.jsonl")):
        made = made_from(path)
        rows = ",\n".join(
            f"{json.dumps(one, ensure_ascii=False)}:{json.dumps(row, separators=(',', ':'))}"
            for one, row in made.pop("words").items()
        )
        head = json.dumps(made, separators=(",", ":"))[:-1]
        (FOLDER / f"{path.stem}.json").write_text(f'{head},"words":{{\n{rows}\n}}}}\n', encoding="utf-8")
        print(f"{path.stem}: {rows.count(chr(10)) + 1} words and pairs")


if __name__ == "__main__":
    main()
