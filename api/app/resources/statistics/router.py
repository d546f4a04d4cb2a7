"""HTTP of statistics: what a dashboard wants, in one call."""

from datetime import timedelta

from fastapi import Request, Response

from app.database.model import now
from app.http.auth import allows, requires
from app.http.dependencies import ReaderDep
from app.http.etags import reply
from app.http.routing import APIRouter
from app.resources.statistics import queries
from app.resources.statistics.schemas import MAX_AMOUNT, Statistics

TAG = {"name": "statistics", "description": "The shop at a glance."}
router = APIRouter(prefix="/v1/statistics", tags=["statistics"])
DAYS = 30


@router.get("", response_model=Statistics, dependencies=[requires("products:read")])
async def read_statistics(request: Request, reader: ReaderDep) -> Response:
    """Read counts, worth and movements of the whole shop.

    Names of categories are shown to those who may read categories, movements to those who may read
    stock; others get nothing in their place.
    """
    moment = now()
    first_day = moment.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=DAYS - 1)
    counts = await queries.count_by_status(reader)
    values = await queries.sum_values(reader)
    may_read_stock = allows(request, "stock:read")
    movements = await queries.sum_movements(reader, first_day) if may_read_stock else []
    may_read_categories = allows(request, "categories:read")
    return reply(
        {
            "products": [{"status": row.status, "count": row.number} for row in counts],
            "categories": [
                {
                    "category_id": row.category_id,
                    "name": (may_read_categories and row.name) or "",
                    "count": row.number,
                }
                for row in await queries.count_by_category(reader)
            ],
            "lowest_stock": [row._asdict() for row in await queries.find_lowest_stock(reader)],
            "stock_values": [
                {
                    "currency": currency,
                    "amount_minor": min(amount, MAX_AMOUNT),
                    "exact_amount_minor": str(amount),
                }
                for currency, amount in values
            ],
            "out_of_stock_count": await queries.count_out_of_stock(reader),
            "movements": [
                {"day": str(row.day), "pieces_in": row.pieces_in, "pieces_out": row.pieces_out}
                for row in movements
            ],
            "computed_at": moment,
        }
    )
