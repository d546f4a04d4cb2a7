"""Walks along the links of the document, made by schemathesis: valid requests, with ids and ETags
of earlier answers.
"""

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Coroutine
from typing import Any

import schemathesis
from httpx2 import AsyncClient
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.config import SchemathesisConfig

from conftest import DOCUMENT
from tests.bounds import WRITES, example, id_parameter, with_ids

OPERATIONS: dict[str, tuple[str, dict[str, Any]]] = {
    operation["operationId"]: (path, operation)
    for path, item in DOCUMENT["paths"].items()
    for operation in item.values()
}
# The operations that lead to each.
SOURCES = {
    name: [
        source
        for source, (_, operation) in OPERATIONS.items()
        if any(name in answer.get("links", ()) for answer in operation["responses"].values())
    ]
    for name in OPERATIONS
}
STEPS = 4  # for each id in the path
# No links but the document's, no requests that are meant to be bad, no token but the client's.
RULES = """
generation.mode = "positive"
generation.with-security-parameters = false
phases.stateful.inference.algorithms = []
"""


def on_the_way(name: str) -> set[str]:
    """Return an operation and those that lead to it, from where no id is needed."""
    ids = OPERATIONS[name][0].count("{")
    sources = (each for each in SOURCES[name] if OPERATIONS[each][0].count("{") < ids)
    return {name}.union(*map(on_the_way, sources))


def _name(case: Any) -> str:
    return str(case.operation.definition.raw["operationId"])


def _is_filled(input: Any) -> bool:
    """Tell whether a link gave all that it has; schemathesis leaves some of it out at times."""
    parameters = input.transition.parameters.values() if input.transition else ()
    return 0 < sum(map(len, parameters)) == len(input.applied_parameters)


def _is_done(response: Any) -> bool:
    return 200 <= response.status_code < 300


class Walks:
    """Sends requests, and counts the answers of each operation: is it 2xx?

    Of an operation that links lead to, those count that a link filled, for what was not deleted.
    """

    def __init__(self, client: AsyncClient, empty: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self.answers = {name: Counter[bool]() for name in OPERATIONS}
        self._client, self._empty, self._loop = client, empty, asyncio.get_running_loop()
        config = SchemathesisConfig.from_str(RULES)
        self._document = schemathesis.openapi.from_dict(DOCUMENT, config=config)
        self._settings = settings(
            derandomize=True, database=None, deadline=None,
            phases=[Phase.generate], suppress_health_check=list(HealthCheck),
        )  # fmt: skip

    async def run(self, name: str, count: int) -> float:
        """Reach an operation, by links if there are some; return the share of 2xx.

        The ways are the same each time; of a larger ``count`` the first are those of a smaller one.
        """
        answers = self.answers[name] = Counter[bool]()
        chosen = settings(self._settings, max_examples=count)
        await asyncio.to_thread(self._follow if SOURCES[name] else self._send_some, name, chosen)
        return answers[True] / max(answers.total(), 1)

    def _send_some(self, name: str, chosen: settings) -> None:
        operation = self._document.find_operation_by_id(name)

        @chosen
        @given(case=operation.as_strategy())
        def send(case: Any) -> None:
            self._count(name, self._send(case))

        self._wait(self._begin(name))
        send()

    def _follow(self, name: str, chosen: settings) -> None:
        document = self._document.include(operation_id=sorted(on_the_way(name)))
        walks = self

        class Walk(document.as_state_machine()):  # type: ignore[misc]
            def setup(self) -> None:
                walks._wait(walks._begin(name))
                self.deleted: set[str] = set()

            def call(self, case: Any, **_: Any) -> Any:
                return walks._send(case)

            def step(self, input: Any) -> Any:
                output = super().step(input)
                url, method = output.response.request.url, output.case.method
                is_there = not any(url.startswith(deleted) for deleted in self.deleted)
                if _is_filled(input) and is_there and name == _name(output.case):
                    walks._count(name, output.response)
                if method == "DELETE" and _is_done(output.response):
                    self.deleted.add(url)
                return output

            def validate_response(self, *_: Any, **__: Any) -> None:
                """The client holds each answer to the document."""

        steps = STEPS * OPERATIONS[name][0].count("{")
        Walk.run(settings=settings(chosen, stateful_step_count=steps))

    def _count(self, name: str, response: Any) -> None:
        self.answers[name][_is_done(response)] += 1

    def _send(self, case: Any) -> Any:
        request = case.as_transport_kwargs(base_url="http://api.test")
        known = ("method", "url", "params", "headers", "json")
        sent = {key: request[key] for key in known if key in request}
        return schemathesis.Response.from_any(self._wait(self._client.request(**sent)))

    def _wait(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(300)

    async def _begin(self, name: str) -> None:
        """Begin with one of everything, so that a walk is the same each time.

        What others refer to cannot be deleted: a deletion begins with what stands alone.
        """
        await self._empty()
        alone, ids = name.startswith("delete_"), dict[str, list[str]]()
        for operation in WRITES:
            own, schema = id_parameter(operation), operation.body or {}
            if own and operation.method == "post" and not (alone and "{" in operation.path):
                url = operation.url({each: known[0] for each, known in ids.items()})
                names = schema["required"] if alone else schema["properties"]
                text = json.dumps({each: example(schema)[each] for each in names})
                body = json.loads(with_ids(text, ids))
                response = await self._client.post(f"http://api.test{url}", json=body)
                assert response.status_code == 201, response.text
                ids[own] = [response.json()["id"]]
