"""The editor's desk: what is to be said about each text, and clinicians who stand behind one or withdraw it."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from clinicpress.desk.answers import desk_of, not_to_blame, page, person_of, posted_of, redirect, refusal
from clinicpress.desk.pages.look import WIDTHS, height_of
from clinicpress.desk.workers import NOT_DONE, BusyError, RefusedError, WorkError
from clinicpress.errors import InputError
from clinicpress.issued import Issued
from clinicpress.record.people import Person, Role

SOON = timedelta(days=60)  # as rule R04: time to read a text again without haste
LONGEST_REASON = 300  # letters: a sentence or two, in one line
MOST_QUESTIONS = 20  # of a kind, to whoever approves
ENTRIES = {
    "until": "until",
    "reason": "reason",
    "confirm": "confirm-0",
}  # the entries of `approvals.approve` that have one field each
TEXT = "/editor/{topic}/{kind}/{language}"

Plain = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Sent:
    """A form that was not done: which one, what stood in it, and what was wrong.

    `faults` are sentences by the names of the fields; one that is about none stands under an empty name. A single word
    is a case of the template, which says it in the language of the page.
    """

    form: str = ""
    given: Mapping[str, str] = field(default_factory=dict)
    faults: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[Plain, ...] = ()
    seconds: int = 0


NOTHING_SENT = Sent()


async def overview(request: Request) -> Response:
    """Shows every text: first those that need somebody, then the rest; and findings that belong to no text."""
    desk = desk_of(request)
    shelf = await desk.shelf()
    rows = [_row(one, desk.day()) for one in shelf["documents"]]
    waiting = sorted((one for one in rows if one["need"]), key=lambda one: (one["need"], one["due"]))
    return page(
        request,
        "editor",
        waiting=waiting,
        rest=[one for one in rows if not one["need"]],
        elsewhere=shelf["elsewhere"],
        **_who_may(request),
    )


async def text(request: Request) -> Response:
    """Shows one text: its pages, what was found in it, who stood behind it, and what can be done about it."""
    return await _shown(request)


async def sheet(request: Request) -> Response:
    """One page of a text as a picture. It stands under its revision, so that nobody reads another one than named."""
    desk = desk_of(request)
    topic, kind, language, revision, number, width = (
        request.path_params[name] for name in ("topic", "kind", "language", "revision", "page", "width")
    )
    one = await _found(request)
    if one is None or not one["printable"] or one["revision"] != revision or width not in WIDTHS:
        return Response(status_code=404)
    made = await desk.blank(topic, kind, language)
    if not 1 <= number <= made["pages"] or Issued.from_bytes(made["documents"][0]).revision != revision:
        return Response(status_code=404)
    data = await desk.made_once(
        *("sheet", one["key"], str(number), str(width)),
        make=lambda: desk.workroom.do_in_turn("picture", pdf=made["print"], page=number, width=width),
    )
    return Response(data, media_type="image/png")


async def approve(request: Request) -> Response:
    """Records that the clinician who is signed in stands behind the very words that the page showed."""
    posted = posted_of(request)
    faults = {} if posted.get("read") else {"read": "read"}
    despite = {
        name.removeprefix("despite-"): reason
        for name in posted.fields
        if name.startswith("despite-") and (reason := posted.get(name))
    }
    faults |= {f"despite-{code}": "long" for code, reason in despite.items() if len(reason) > LONGEST_REASON}
    answers = [
        posted.get(f"confirm-{number}") for number in range(MOST_QUESTIONS) if f"confirm-{number}" in posted.fields
    ]
    return await _decided(request, "approve", faults, until=posted.get("until"), despite=despite, answers=answers)


async def withdraw(request: Request) -> Response:
    """Records that the clinician who is signed in takes a text out of use."""
    reason = posted_of(request).get("reason")
    faults = {"reason": "long"} if len(reason) > LONGEST_REASON else {}
    return await _decided(request, "withdraw", faults, withdraw=True, reason=reason)


async def _decided(request: Request, form: str, faults: dict[str, str], **said: Any) -> Response:
    """Records what a clinician decided, and sends the browser on to where it stands; or shows what was wrong."""
    desk, posted, person = desk_of(request), posted_of(request), person_of(request)
    one = await _found(request)
    if one is not None and str(person.role) not in one["approve_by"]:
        return refusal(request.scope, desk, 403, "role")
    given = {name: posted.get(name) for name in posted.fields if name not in ("token", "passphrase")}
    passphrase = posted.fields.get("passphrase", ("",))[0]
    if not passphrase:
        faults |= {"passphrase": "empty"}
    if faults:
        return await _shown(request, Sent(form, given, faults), 422)
    known, seconds = await desk.recognise(person.name, passphrase)  # with every signature, not once a session
    if seconds:
        return await _shown(request, Sent(form, given, {"passphrase": "wait"}, seconds=seconds), 429)
    if known != person:
        await desk.recorded("sign-in-refused", person)
        return await _shown(request, Sent(form, given, {"passphrase": "wrong"}), 403)
    try:
        recorded = await desk.workroom.do(
            "approve",
            today=desk.day().isoformat(),
            **{name: request.path_params[name] for name in ("topic", "kind", "language")},
            by=_signs(person),
            role=str(person.role),
            revision=posted.get("revision"),
            known=_number(posted.get("records")),
            **said,
        )
    except RefusedError as error:
        return await _shown(request, _refused(form, given, error), 409)
    except NOT_DONE as error:
        return await _shown(request, Sent(form, given, {"": not_to_blame(request, error) or str(error)}), 503)
    try:
        await desk.recorded("withdrawn" if form == "withdraw" else "approved", person, **recorded)
    except InputError as error:  # the record of the text stands, and is one by itself
        return await _shown(request, Sent("journal", {}, {"": str(error)}), 500)
    one = await _found(request)
    return redirect(f"{_address(request)}?record={len(one['history']) if one else 0}")


def _refused(form: str, given: Mapping[str, str], error: RefusedError) -> Sent:
    """What was wrong in a form that the worker refused, beside the fields that it is about."""
    if error.problems:
        beside = {f"despite-{one['code']}" for one in error.problems} & given.keys()
        others = tuple(one for one in error.problems if f"despite-{one['code']}" not in beside)
        return Sent(form, given, dict.fromkeys(sorted(beside), "stands"), others)
    if error.field == "despite":
        odd = [name for name, said in given.items() if name.startswith("despite-") and not said.isprintable()]
        return Sent(form, given, dict.fromkeys(odd or [""], str(error)))
    return Sent(form, given, {ENTRIES.get(error.field, ""): str(error)})


async def _shown(request: Request, sent: Sent = NOTHING_SENT, status: int = 200) -> Response:
    desk = desk_of(request)
    one = await _found(request)
    if one is None:
        return refusal(request.scope, desk, 404, "nowhere")
    shelf = await desk.shelf()
    named, pages = {name: one[name] for name in ("topic", "kind", "language")}, 0
    with suppress(RefusedError, WorkError, BusyError):  # then there are the words of the file
        pages = (await desk.blank(**named))["pages"] if one["printable"] else 0
    source = ""
    with suppress(BusyError):  # what was typed is shown again all the same
        source = await desk.made_once(
            *("text", one["key"]),
            make=lambda: desk.workroom.do_in_turn("text", today=desk.day().isoformat(), **named),
        )
    errors = [found for found in one["problems"] if found["severity"] == "error"]
    to_answer = [found for found in one["problems"] if found["to_answer"]]
    history = [_with_days(record) for record in one["history"]]
    number = _number(request.query_params.get("record", ""))
    return page(
        request,
        "text",
        status,
        one=one,
        errors=errors,
        warnings=[found for found in one["problems"] if found["severity"] != "error"],
        review_file=[found for found in shelf["elsewhere"] if found["file"].endswith(f"/{one['topic']}/review.toml")],
        to_answer=to_answer,
        acceptable=sorted({found["code"] for found in to_answer if found["acceptable"]}),
        mend_first=sorted({found["code"] for found in errors if not found["acceptable"]}),
        history=history[::-1],
        recorded=history[number - 1] if 0 < number <= len(history) else None,
        pages=pages,
        height=height_of(shelf["clinic"]["paper"]) if shelf["clinic"] else 0,
        widths=WIDTHS,
        source=source,
        address=_address(request),
        sent=sent,
        longest=LONGEST_REASON,
        review_by=date.fromisoformat(one["review_by"]),
        signs=_signs(person_of(request)),
        **_who_may(request, one["approve_by"]),
    )


async def _found(request: Request) -> Plain | None:
    """The text that an address names, as the library has it now."""
    topic, kind, language = (request.path_params[name] for name in ("topic", "kind", "language"))
    return await desk_of(request).text(topic, kind, language)


def _row(one: Plain, today: date) -> Plain:
    """A text in the list. `need` says how much it needs somebody: 1 it has errors, 2 draft, 3 late, 4 soon; else 0."""
    due = date.fromisoformat(min(one["review_by"], one["until"] or one["review_by"]))
    late, soon = due < today, due - today <= SOON
    need = 1 if one["errors"] else 2 if one["draft"] else 3 if late else 4 if soon else 0
    ends = date.fromisoformat(one["until"]) if one["until"] else None
    place = quote(TEXT.format(**one))
    return {**one, "due": due, "ends": ends, "late": late, "soon": soon, "need": need, "address": place}


def _with_days(record: Plain) -> Plain:
    return {**record, "on": date.fromisoformat(record["on"]), "until": date.fromisoformat(record["until"])}


def _number(said: str) -> int:
    """A number of records as a browser sent it; 0 when it is none."""
    return int(said) if said.isdecimal() and len(said) < 6 else 0  # digits: no text has a hundred thousand records


def _who_may(request: Request, roles: Sequence[str] = (str(Role.CLINICIAN),)) -> Plain:
    """Whether the person who is signed in may approve texts that these roles approve, and else who can."""
    others: list[str] = []
    with suppress(InputError):
        others = [one.name for one in desk_of(request).people.all() if str(one.role) in roles]
    return {"may_approve": str(person_of(request).role) in roles, "clinicians": others, "approve_by": list(roles)}


def _signs(person: Person) -> str:
    """How somebody stands in an approval: name and credential, or what that person is in the clinic."""
    return f"{person.name}, {person.credential or person.role}"


def _address(request: Request) -> str:
    """Where the page of this text is."""
    return quote(TEXT.format(**request.path_params))


ROUTES = [
    Route("/editor", overview, methods=["GET"]),
    Route(TEXT, text, methods=["GET"]),
    Route(TEXT + "/approve", approve, methods=["POST"]),
    Route(TEXT + "/withdraw", withdraw, methods=["POST"]),
    Route(TEXT + "/{revision}/{page:int}-{width:int}.png", sheet, methods=["GET"]),
]
