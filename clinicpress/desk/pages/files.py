"""Style, script and letters of the pages. They may be kept by the browser, for nothing in them is about anybody."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from clinicpress.desk import furniture
from clinicpress.desk.answers import counter_of

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
    clinic = counter_of(request).clinic
    return Response(furniture.brand(clinic["color"] if clinic else ""), media_type="text/css")


ROUTES = [Route("/static/brand.css", brand), Route("/static/{name}", furniture_file)]
