"""The proof of every finished document, before anybody gets its bytes: what the source says stands on the paper.

It looks at the finished bytes, with another program's eyes (`ink`), and at the document itself. Nobody is given a
document that does not pass: each fault names file, line and what to do.
"""

from collections.abc import Mapping, Sequence

from clinicpress.errors import Fault, ProofError
from clinicpress.orders import Order, Rendition
from clinicpress.pdf.evidence import gather
from clinicpress.pdf.ink import read_ink
from clinicpress.pdf.pages import Pages
from clinicpress.pdf.proof_forms import prove_form, prove_together
from clinicpress.pdf.proof_places import prove_places
from clinicpress.pdf.proof_words import prove_words


def prove(  # noqa: PLR0917  what a document is made of
    pdf: bytes,
    html: str,
    pages: Pages,
    owners: Mapping[tuple[int, int], tuple[str, bool]],
    order: Order,
    entries: Sequence[Mapping[str, object]],
    *,
    codes: bool,
) -> list[Fault]:
    """What is wrong with a finished document, sorted by file and line; nothing when all is well.

    `html` and `pages` are what it was made of, `owners` says whose each marked content is (`structure.Tagged`), and
    `entries` are its places to write, as the manifest has them. `codes`: whether its pages carry codes. A document with
    a patient's values is proved like any other, and no message holds a value. Raises what `read_ink` raises.
    """
    evidence = gather(read_ink(pdf), html, pages, owners, order)
    prove_words(evidence)
    prove_places(evidence, entries, codes=codes)
    prove_together(evidence)
    prove_form(evidence, entries, fillable=order.rendition is Rendition.FILLABLE)
    found = sorted(set(evidence.faults), key=lambda one: (one.file, one.line, one.page, one.kind, one.message))
    first: dict[tuple[str, str, str], Fault] = {}
    for one in found:  # head and foot say the same on every page: once is enough
        first.setdefault((one.kind, one.element, one.message), one)
    return list(first.values())


def refuse(faults: Sequence[Fault]) -> None:
    """Raises `ProofError` when there is a fault."""
    if faults:
        raise ProofError(faults)
