"""Which of this API's operations take the fast path: those that read, filters and all."""

from fastapi.routing import iter_route_contexts

from app import contract
from app.fast import FastRoute
from app.main import create_app
from app.settings import Settings


def test_every_operation_that_reads_is_planned():
    reads = {
        operation["operationId"]
        for path in contract.pinned()["paths"].values()
        for method, operation in path.items()
        if method == "get"
    }
    planned = {
        context.name
        for context in iter_route_contexts(create_app(Settings(_env_file=None)).routes)
        if isinstance(context.original_route, FastRoute)
        and not context.original_route.why_not(context.dependant)
    }

    assert reads
    assert reads <= planned
