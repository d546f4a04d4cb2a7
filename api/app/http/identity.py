"""The operation that says who is calling."""

from fastapi import Response
from pydantic import Field

from app.http.auth import PrincipalDep
from app.http.etags import reply
from app.http.problems import Unauthenticated, responses
from app.http.routing import APIRouter
from app.types import Schema

MAX_SCOPES = 100
router = APIRouter(prefix="/v1/identity", tags=["identity"])


class Identity(Schema):
    """The caller, as the access token says."""

    subject: str = Field(max_length=255, description="Stable id of the person.", examples=["42"])
    client_id: str = Field(
        max_length=255,
        description="The program that calls.",
        examples=["corner-shop-web"],
    )
    scopes: list[str] = Field(
        max_length=MAX_SCOPES, description="What it may do, sorted.", examples=[["profile"]]
    )


@router.get("", response_model=Identity, responses=responses(Unauthenticated))
async def read_identity(principal: PrincipalDep) -> Response:
    """Read who the token says is calling, and what it allows."""
    return reply(
        {
            "subject": principal.subject,
            "client_id": principal.client_id,
            "scopes": sorted(principal.scopes)[:MAX_SCOPES],  # the others count as well
        }
    )
