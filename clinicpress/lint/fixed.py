"""X: somebody else's form is the very file that was pinned, in force, harmless, and filled where it has places."""

import re
from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from clinicpress.documents import Document, FieldKind, PlaceKind
from clinicpress.documents.fixed import PENNED, fact_field, standard_names
from clinicpress.errors import Problem, Rule, Severity
from clinicpress.lint.review import WARN_BEFORE
from clinicpress.lint.rules import Check, Context, rule
from clinicpress.visits import FACTS

AS_IT_IS = "House rule: somebody else's form is handed out as its owner made it"
OWNER = "What the form's owner prints on it: number, edition, expiry date"
HARMLESS = "ISO 32000-1, 7.6 (encryption) and 12.6 (actions); house rule: no script of a stranger"
ACCESS = "ISO 14289-1 (PDF/UA-1); 45 CFR 84.84 (accessible documents)"
MAP = "ISO 32000-1, 12.7.3.1 (names and types of fields)"


@rule("X01", "another-file", source=AS_IT_IS)
def another_file(rule: Rule, document: Document, context: Context) -> Iterator[Problem]:
    """The file is the one whose SHA-256 was written down: nobody changed or swapped it since somebody looked at it.

    Wrong: a newer abn.pdf under the old sha256. Right: compare it with the owner's, pin it, have it approved again.
    """
    fixed = document.fixed
    if fixed is not None and fixed.pinned and fixed.digest and fixed.pinned != fixed.digest:
        message = f"{fixed.file.name} is another file than the one that was pinned; its SHA-256 is {fixed.digest}."
        remedy = (
            f"Compare it with the form that {fixed.owner or 'its owner'} publishes. If it is right, "
            f'write sha256 = "{fixed.digest}", and have it approved again.'
        )
        yield rule.found(str(document.file), document.lines.get("sha256", 1), message, remedy, fixed.pinned)


@rule("X02", "form-expired", source=OWNER)
def form_expired(rule: Rule, document: Document, context: Context) -> Iterator[Problem]:
    """A form is not handed out after the day that its owner printed on it.

    Wrong: `expires = 2026-05-12` in June 2026. Right: the next edition, with its own date and sha256.
    """
    fixed = document.fixed
    if fixed is not None and fixed.expires is not None and fixed.expires.year > 1 and fixed.expires < context.today:
        message = f"The form expired on {fixed.expires}, and is not printed any more."
        yield rule.found(str(document.file), document.lines.get("expires", 1), message, _get_newer(document))


@rule("X02", "form-expires-soon", source=OWNER, severity=Severity.WARNING)
def form_expires_soon(rule: Rule, document: Document, context: Context) -> Iterator[Problem]:
    """Sixty days before a form expires it is told, so that the next edition is there in time.

    Wrong: to find out on the day. Right: ask the owner for the next edition now.
    """
    fixed = document.fixed
    if fixed is None or fixed.expires is None:
        return
    left = (fixed.expires - context.today).days
    if 0 <= left <= WARN_BEFORE:
        message = f"The form expires on {fixed.expires}, in {left} days; after that it is not printed any more."
        yield rule.found(str(document.file), document.lines.get("expires", 1), message, _get_newer(document))


def _get_newer(document: Document) -> str:
    owner = document.fixed.owner if document.fixed and document.fixed.owner else "its owner"
    return f"Get the next edition from {owner}, then write its file, its sha256 and its date."


@rule("X03", "dangerous-file", source=HARMLESS)
def dangerous_file(rule: Rule, document: Document, context: Context) -> Iterator[Problem]:
    """The file opens, is not locked, runs nothing, and sends nothing anywhere.

    Wrong: a form with a script that mails what is typed. Right: its owner's plain file for print.
    """
    seen = document.fixed.seen if document.fixed else None
    for danger in seen.dangers if seen else ():
        remedy = "Ask its owner for a plain file for print, without scripts and locks."
        yield rule.found(str(document.file), document.lines.get("file", 1), danger, remedy)


@rule("X04", "no-draft-mark", source=AS_IT_IS, severity=Severity.WARNING)
def no_draft_mark(rule: Rule, document: Document, context: Context) -> Iterator[Problem]:
    """Nothing is drawn on somebody else's form, so none of its pages can say DRAFT. Somebody approves it first.

    Wrong: a form in use that nobody has compared with its owner's. Right: a manager or a clinician runs `approve`.
    """
    if document.fixed is not None and document.review.draft:
        message = "Nobody stands behind this very file, and no page of it can say DRAFT."
        remedy = "Compare it with its owner's form, then have it approved ('approve'); a packet says DRAFT before it."
        yield rule.found(str(document.file), 1, message, remedy)


@rule("X05", "wrong-place", source=MAP)
def wrong_place(rule: Rule, document: Document, context: Context) -> Iterator[Problem]:
    """What `[fill]` names is there: places of the form by its own names, and facts of ours that go into them.

    Wrong: `"Nmae" = "patient.name"`. Right: `"Name" = "patient.name"`, as the form calls it.
    """
    fixed = document.fixed
    if fixed is None or fixed.seen is None or fixed.seen.dangers:
        return
    places = {one.name: one for one in fixed.seen.places}
    facts = standard_names() | frozenset(FACTS)
    if fixed.fill and fixed.seen.signed:
        line = document.lines.get("fill", 1)
        remedy = "Delete [fill], and let people write by hand."
        yield rule.found(str(document.file), line, "The form is sealed: to write in it would break the seal.", remedy)
    for theirs, ours in fixed.fill.items():
        line = document.lines.get("fill." + re.sub(r"[\s\"']", "", theirs)) or document.lines.get("fill", 1)
        if theirs not in places:
            found, remedy = f"The form has no place called '{theirs}'.", _nearest(theirs, places)
            yield rule.found(str(document.file), line, found, remedy, theirs)
        elif ours not in facts:
            found, remedy = f"There is no fact '{ours}' to fill in.", _nearest(ours, facts)
            yield rule.found(str(document.file), line, found, remedy, ours)
        elif why := _unfit(places[theirs].kind, fact_field(ours).kind):
            remedy = f"Take another place of the form, or delete the line; '{theirs}' is left to the pen then."
            yield rule.found(str(document.file), line, f"'{theirs}' {why}, and '{ours}' is none.", remedy, theirs)


def _unfit(place: PlaceKind, fact: FieldKind) -> str:
    """Why a fact cannot go into a place; empty when it can."""
    match place:
        case PlaceKind.SIGNATURE:
            return "takes a signature"
        case PlaceKind.BUTTON:
            return "is a button"
        case PlaceKind.TICK if fact is not FieldKind.TICK:
            return "takes a tick"
        case PlaceKind.TEXT if fact is FieldKind.TICK:
            return "takes a text"
        case PlaceKind.CHOICE if fact in (FieldKind.TICK, FieldKind.DATE, *PENNED):
            return "takes one of its own words"
    return ""


def _nearest(word: str, known: Iterable[str]) -> str:
    names = sorted(known)
    match = get_close_matches(word, names, n=1)
    told = ", ".join(names[:20]) + (" …" if len(names) > 20 else "")
    return f"Did you mean '{match[0]}'?" if match else f"There are: {told}." if names else "It has none at all."


@rule("X06", "not-tagged", source=ACCESS, severity=Severity.WARNING)
def not_tagged(rule: Rule, document: Document, context: Context) -> Iterator[Problem]:
    """A screen reader cannot follow a file without tags: whoever hands it out should know, and offer to read it aloud.

    Wrong: a scan. Right: its owner's accessible edition, if there is one.
    """
    seen = document.fixed.seen if document.fixed else None
    if seen is not None and not seen.dangers and not seen.tagged:
        message = "The file has no tags: a screen reader cannot follow it."
        remedy = "Ask its owner for an accessible edition; until then offer to read it aloud."
        yield rule.found(str(document.file), document.lines.get("file", 1), message, remedy)


RULES: tuple[Check[Document], ...] = (
    another_file,
    form_expired,
    form_expires_soon,
    dangerous_file,
    no_draft_mark,
    wrong_place,
    not_tagged,
)
