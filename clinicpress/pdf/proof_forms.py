"""Proof of what belongs together: heading and text, figure and caption, signature and words, field and place."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from clinicpress.documents import Document, Field, FieldGroup, FieldKind, walk
from clinicpress.pdf.evidence import Evidence, PageElement, Spot, words_of_element
from clinicpress.pdf.ink import PATH, Box, letters
from clinicpress.pdf.proof_places import page_of, rectangle

HEADINGS = {"h1": 1, "h2": 2, "h3": 3}
TOGETHER = ("person", "choice", "field", "asked", "ask")
"""Classes of what is filled, signed or called in one go, and stands on one page."""
REPORT = "Please report this."
LESS = "Shorten the text before it by a line or two."
NEAR = 1.0  # points by which a field's frame may differ from its place


def prove_together(evidence: Evidence) -> None:
    """Notes headings without their text, figures without their caption, and parts of a form that a page end parts."""
    spoken = [one for one in evidence.holders() if one.runs or one.tag == "img"]
    for one, after in zip(spoken, [*spoken[1:], None], strict=True):
        _heading(evidence, one, after)
        _caption(evidence, one, after)
    pages: dict[str, list[int]] = {}
    for number, boxes in enumerate(evidence.boxes):
        for name in boxes:
            pages.setdefault(name, []).append(number)
    for element in evidence.elements:
        if not element.furniture and element.within(*TOGETHER) is element and len(pages.get(element.name, ())) > 1:
            message = f"A page end parts what belongs together: '{words_of_element(element)}'."
            evidence.tell("signing-apart", message, LESS, element, pages[element.name][0])


def _heading(evidence: Evidence, one: PageElement, after: PageElement | None) -> None:
    """Notes a heading whose text does not begin on its page; the head of a table counts as one."""
    level = HEADINGS.get(one.tag, 0)
    if not level and not (one.tag == "th" and one.node.get("scope") == "col"):
        return
    words = f"'{words_of_element(one)}'"
    if level and (after is None or (HEADINGS.get(after.tag, 9) <= level and one.tag != "h1")):
        message = f"No text stands under this heading: {words}."
        evidence.tell("heading-without-text", message, "Write a sentence under it, or take it out.", one, _last(one))
    elif after is not None and _first(evidence, after) != _last(one) and (level or after.tag in ("th", "td")):
        evidence.tell("lone-heading", f"This heading stands apart from its text: {words}.", LESS, one, _last(one))


def _caption(evidence: Evidence, one: PageElement, after: PageElement | None) -> None:
    """Notes a figure whose caption stands on another page, and one that is not drawn."""
    if one.tag != "img":
        return
    name = f"'{one.node.get('alt', '')[:40]}'"
    page = _first(evidence, one)
    if not one.pictures:
        evidence.tell("lost-picture", f"This picture is not on the paper: {name}.", REPORT, one, page)
    if after is not None and after.tag == "figcaption" and {run.page for run in after.runs} != {page}:
        evidence.tell("caption-apart", f"The caption is not on the page of its picture: {name}.", LESS, after, page)


def _last(element: PageElement) -> int:
    return max(run.page for run in element.runs)


def _first(evidence: Evidence, element: PageElement) -> int:
    if element.runs:
        return min(run.page for run in element.runs)
    return next((number for number, boxes in enumerate(evidence.boxes) if element.name in boxes), -1)


# Fields and their places ----------------------------------------------------------------------------------------------


def prove_form(evidence: Evidence, entries: Sequence[Mapping[str, object]], *, fillable: bool) -> None:
    """Notes fields without a place, places without a field, and signatures that stand alone."""
    document, second = evidence.order.document, evidence.order.second
    fields = {one.name: one for one in document.fields()}
    if not fields and not entries:
        return
    lines = {
        one.name: block.line
        for block in walk(tuple(document.blocks()))
        if isinstance(block, FieldGroup)
        for field in block.fields
        for one in field.places()
    }
    front = document.lines.get("blocks", 1)
    heads = _heads(evidence)
    wanted = Counter({key: 1 for one in fields.values() for key in _keys(one)})
    listed = Counter(key for key in map(_key, entries))
    first: dict[tuple[str, str], int] = {}
    for entry in entries:
        first.setdefault(_key(entry), page_of(entry))
    in_text: dict[str, list[Spot]] = {}
    for spot in evidence.spots:
        if not spot.holder.furniture:
            in_text.setdefault(spot.name, []).append(spot)
    for name, option in sorted({*wanted, *listed}):
        field, line = fields.get(name), lines.get(name, front)
        what = f"'{field.label}' ({name})" if field else f"'{name}'"
        page = first.get((name, option), -1)
        if field is None or (name, option) not in wanted:
            message = f"The page has a place for {what}, which is no field of the form."
            evidence.tell_at("place-without-field", message, REPORT, document.file, line, page)
        elif listed[name, option] != 1 + heads[name]:
            many = listed[name, option] - heads[name]
            message = f"The field {what} has {'no place' if many < 1 else f'{many} places'} in the form."
            kind = "field-without-place" if many < 1 else "place-without-field"
            evidence.tell_at(kind, message, REPORT, document.file, line, page)
    others = {one.name: one for one in second.fields()} if second else {}
    for name, spots in in_text.items():
        if field := fields.get(name):
            _labelled(evidence, field, others.get(name), spots, lines.get(name, front))
    _drawn(evidence, entries, fillable=fillable)
    _signatures(evidence, entries, document)


def _keys(field: Field) -> Iterator[tuple[str, str]]:
    """Its places: one, or one for each of its choices."""
    options = field.options if field.has_steps else ("",)
    return ((field.name, option) for option in options)


def _key(entry: Mapping[str, object]) -> tuple[str, str]:
    return str(entry["name"]), str(entry.get("option", ""))


def _heads(evidence: Evidence) -> Counter[str]:
    """How often each field has a place at the head of pages as well."""
    found: Counter[str] = Counter()
    for spot in evidence.spots:
        if spot.holder.furniture:
            head = next(one for one in spot.holder.up() if "furniture" in one.classes)
            found[spot.name] += sum(head.name in boxes for boxes in evidence.boxes)
    return found


def _labelled(evidence: Evidence, field: Field, other: Field | None, spots: Sequence[Spot], line: int) -> None:
    """Notes a place without the words that say what is written there, in each language."""
    holder = spots[0].holder
    whole = holder.within("person", "to-fill")
    near = letters("".join(whole.node.itertext())) if whole else holder.said
    decision = "choice" in holder.classes  # its words are the form's own: "Yes, I agree to this treatment."
    document = evidence.order.document
    for one in (field, other):
        labels = [letters(text) for text in (one.label, one.large_label) if text] if one else []
        if labels and not decision and not any(map(near.__contains__, labels)):
            message = f"The label of a field is not in the form: '{one.label if one else ''}' ({field.name})."
            evidence.tell_at("lost-words", message, REPORT, document.file, line, -1, holder.name)
        for words in one.around if one else ():
            if letters(words) not in near:
                message = f"Words of a field are not in the form: '{words}' ({field.name})."
                evidence.tell_at("lost-words", message, REPORT, document.file, line, -1, holder.name)
        if labels and holder.tag == "td" and not letters(_head(holder)).startswith(tuple(labels)) and one is field:
            message = f"A cell of a table stands under another head than '{field.label}' ({field.name})."
            evidence.tell_at("lost-words", message, REPORT, document.file, line, -1, holder.name)
    for spot in spots:
        behind = spot.holder.said[spot.after :]
        option = letters(field.options[spot.option]) if spot.option is not None else ""
        if not behind.startswith("" if decision else option) or (decision and not behind):
            message = f"Behind a place to tick stand other words than its choice ({field.name})."
            evidence.tell_at("lost-words", message, REPORT, document.file, line, -1, holder.name)


def _head(cell: PageElement) -> str:
    """The head of the column that a cell of a table stands in."""
    table = next(one.node for one in cell.up() if one.tag == "table")
    row = next(list(one) for one in table.iter("tr") if cell.node in list(one))
    return "".join(list(table.iter("th"))[row.index(cell.node)].itertext())


def _drawn(evidence: Evidence, entries: Sequence[Mapping[str, object]], *, fillable: bool) -> None:
    """Notes places of which nothing is seen on the paper, or which nobody can fill by keyboard."""
    frames = [tuple(ink.box for ink in sheet.inks if ink.kind == PATH) for sheet in evidence.sheets]
    known = Counter(map(page_of, entries))
    for entry in entries:
        page, box = page_of(entry), rectangle(entry)
        ways = [(frames[page], "has no box on the paper")]
        ways += [(evidence.sheets[page].widgets, "cannot be filled by keyboard")] if fillable else []
        for boxes, what in ways:
            if not any(_same(box, other) for other in boxes):
                message = f"The field '{entry['name']}' {what}."
                document = evidence.order.document
                front = document.lines.get("blocks", 1)
                evidence.tell_at("field-without-place", message, REPORT, document.file, front, page)
    for number, sheet in enumerate(evidence.sheets):
        if len(sheet.widgets) > known[number]:
            message = "The page has a field that is none of the form."
            evidence.tell("place-without-field", message, REPORT, None, number)


def _same(one: Box, other: Box) -> bool:
    """Whether two boxes are the same place."""
    return (
        abs(one[0] - other[0]) < NEAR
        and abs(one[1] - other[1]) < NEAR
        and abs(one[2] - other[2]) < NEAR
        and abs(one[3] - other[3]) < NEAR
    )


def _signatures(evidence: Evidence, entries: Sequence[Mapping[str, object]], document: Document) -> None:
    """Notes what a person signs when it does not stand on one page, with that person's words."""
    front = document.lines.get("blocks", 1)
    text = {spot.name: spot.holder for spot in evidence.spots if not spot.holder.furniture}
    first: dict[tuple[str, str], int] = {}
    for entry in entries:
        first.setdefault(_key(entry), page_of(entry))  # the heads of pages come last
    pages: dict[str, set[int]] = {}
    for (name, _), page in first.items():
        pages.setdefault(name, set()).add(page)
    for block in document.form_blocks:
        holders = [text[one.name] for one in block.fields if one.name in text]
        near = letters("".join("".join(one.node.itertext()) for one in _around(holders)))
        for other in filter(None, (block, block.beside)):
            for words in (other.title, other.lead):
                if letters(words) not in near:
                    message = f"Words of the form are not in it: '{words}'."
                    evidence.tell_at("lost-words", message, REPORT, document.file, front)
        signed = [one for one in block.fields if one.kind is FieldKind.SIGNATURE and pages.get(one.name)]
        if not signed:
            continue
        own = {page for one in block.fields if one.name in text for page in pages.get(one.name, ())}
        if len(own) > 1:
            message = f"What belongs to one signature stands on several pages: '{block.title or signed[0].label}'."
            evidence.tell("signing-apart", message, LESS, text[signed[0].name], min(own))
        page = min(pages[signed[0].name])
        parts = [one for one in _around(holders) if "person" in one.classes]
        if parts and not any(_states(one, part, page) for part in parts for one in evidence.holders()):
            message = f"A signature stands alone on its page: '{block.title or signed[0].label}'."
            evidence.tell("signing-apart", message, LESS, text[signed[0].name], page)


def _around(holders: Sequence[PageElement]) -> list[PageElement]:
    """The parts of the form that elements stand in: a person's part, or the element itself."""
    found = [one.within("person") or one for one in holders]
    return list({one.name: one for one in found}.values())


def _states(one: PageElement, part: PageElement, page: int) -> bool:
    """Whether an element holds words, other than labels, that stand in a part of a form on a page."""
    if "field" in one.classes or not any(run.page == page for run in one.runs):
        return False
    return any(other is part for other in one.up())
