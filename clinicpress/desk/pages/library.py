"""The library: every document with a picture of its first page, to be found quickly and printed as it is."""

from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from clinicpress.clinics import Paper, Print
from clinicpress.desk import furniture
from clinicpress.desk.answers import desk_of, page, person_of, posted_of, redirect
from clinicpress.documents import LANGUAGES
from clinicpress.letters import folded

MOST_NAMED = 10  # packets on the counter that are named
PICTURE_WIDTH = 320  # pixels: twice as wide as it stands on the page, for fine screens
EVERYTHING = {"words": "", "kind": "", "language": "", "profile": str(Print.STANDARD), "paper": ""}


async def library(request: Request) -> Response:
    """Shows all documents."""
    return await _shown(request, EVERYTHING)


async def search(request: Request) -> Response:
    """Shows the documents that were asked for. What was typed stands in no address: it may be a patient's name."""
    posted = posted_of(request)
    return await _shown(request, {name: posted.get(name) for name in EVERYTHING})


async def take(request: Request) -> Response:
    """Lays a blank document on the counter, to be looked at and printed."""
    desk, posted, person = desk_of(request), posted_of(request), person_of(request)
    key = posted.get("document")
    shelf = await desk.shelf()
    one = next((one for one in shelf["documents"] if one["key"] == key and one["printable"]), None)
    if one is None:
        return await _shown(request, EVERYTHING, gone=True)
    profile = posted.get("profile") if posted.get("profile") in set(Print) else str(Print.STANDARD)
    paper = posted.get("paper") if posted.get("paper") in set(Paper) else shelf["clinic"]["paper"]
    made = await desk.blank(one["topic"], one["kind"], one["language"], profile, paper)
    held = desk.packets.hold(person.id, desk.clock(), made, paper=paper, patient={}, given={})
    return redirect(f"/packets/{held.id}")


async def picture(request: Request) -> Response:
    """The first page of a document, small."""
    desk = desk_of(request)
    topic, kind, language = (request.path_params[name] for name in ("topic", "kind", "language"))
    one = await desk.text(topic, kind, language)
    if one is None or not one["printable"]:
        return Response(status_code=404)
    made = await desk.blank(topic, kind, language)
    data = await desk.made_once(
        *("picture", one["key"]),
        make=lambda: desk.workroom.do_in_turn("picture", pdf=made["print"], page=1, width=PICTURE_WIDTH),
    )
    return Response(data, media_type="image/png")


async def _shown(request: Request, asked: dict[str, str], *, gone: bool = False) -> Response:
    desk = desk_of(request)
    shelf = await desk.shelf()
    found = [one for one in shelf["documents"] if _fits(one, asked)]
    texts = {(one["topic"], one["file"]) for one in shelf["documents"]}
    unread = [
        one for one in shelf["problems"] if one["severity"] == "error" and Path(one["file"]).parts[-2:] not in texts
    ]
    return page(
        request,
        "library",
        status=404 if gone else 200,
        asked=asked,
        laid=desk.packets.of(person_of(request).id, desk.clock(), MOST_NAMED),
        documents=found,
        all_of_them=len(shelf["documents"]),
        broken=shelf["broken"] or unread,
        kinds=list(dict.fromkeys(one["kind"] for one in shelf["documents"])),
        tongues={one["language"]: LANGUAGES[one["language"]] for one in shelf["documents"]},
        prints=[str(one) for one in Print],
        papers=[str(one) for one in Paper],
        gone=gone,
    )


def _fits(one: dict[str, Any], asked: dict[str, str]) -> bool:
    """Whether a document is among those that were asked for: all words are found in what stands on its card."""
    said = folded(" ".join((one["title"], one["topic"], one["form"], one["kind"], one["language_name"])))
    return (
        all(word in said for word in folded(asked["words"]).split())
        and asked["kind"] in ("", one["kind"])
        and asked["language"] in ("", one["language"])
    )


ROUTES = [
    Route("/", library, methods=["GET"]),
    Route("/", search, methods=["POST"]),
    Route("/packets", take, methods=["POST"]),
    Route("/library/{topic}/{kind}/{language}/picture.png", picture, methods=["GET"]),
]


A_YEAR = "public, max-age=31536000, immutable"  # their addresses change with them


async def furniture_file(request: Request) -> Response:
    """One of the files that all pages share."""
    try:
        data, kind = furniture.file(request.path_params["name"])
    except KeyError:
        return Response(status_code=404)
    return Response(data, media_type=kind, headers={"Cache-Control": A_YEAR})


async def brand(request: Request) -> Response:
    """The clinic's colour."""
    clinic = desk_of(request).clinic
    return Response(furniture.brand(clinic["color"] if clinic else ""), media_type="text/css")


FILE_ROUTES = [Route("/static/brand.css", brand), Route("/static/{name}", furniture_file)]
