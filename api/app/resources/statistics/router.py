"""HTTP of statistics: what a dashboard wants, in one call."""

from fastapi import Request, Response
from starlette.background import BackgroundTask

from app.http.auth import allows, requires
from app.http.dependencies import ReaderDep
from app.http.etags import reply
from app.http.routing import APIRouter
from app.http.state import app_state
from app.resources.statistics import service
from app.resources.statistics.schemas import Statistics

TAG = {"name": "statistics", "description": "The shop at a glance."}
router = APIRouter(prefix="/v1/statistics", tags=["statistics"])


@router.get("", response_model=Statistics, dependencies=[requires("products:read")])
async def read_statistics(request: Request, reader: ReaderDep) -> Response:
    """Read counts, worth and movements of the whole shop.

    Names of categories are shown to those who may read categories, movements to those who may read
    stock; others get nothing in their place.
    """
    database, release = app_state(request.scope).database, request.app.version
    statistics, is_due = await service.find_statistics(database, reader, release)
    if not allows(request, "categories:read"):
        for category in statistics["categories"]:
            category["name"] = ""
    if not allows(request, "stock:read"):
        statistics["movements"] = []
    response = reply(statistics)
    if is_due:
        response.background = BackgroundTask(service.renew_statistics, database, release)
    return response
