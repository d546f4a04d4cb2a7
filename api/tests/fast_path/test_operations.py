"""Which of this API's operations take the fast path: those that read, filters and all."""

from fastapi.routing import iter_route_contexts

from app.fast import FastRoute
from app.settings import Settings
from conftest import DOCUMENT
from tests.widgets.application import create


def test_every_operation_that_reads_is_planned():
    reads = {
        operation["operationId"]
        for path in DOCUMENT["paths"].values()
        for method, operation in path.items()
        if method == "get"
    }
    planned = {
        context.name
        for context in iter_route_contexts(create(Settings(_env_file=None)).routes)
        if isinstance(context.original_route, FastRoute)
        and not context.original_route.why_not(context.dependant)
    }

    assert reads
    assert reads <= planned
