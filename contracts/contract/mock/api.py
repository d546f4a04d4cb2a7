"""How the mock answers: it lists, creates, reads, changes and deletes; other operations answer an example."""

from __future__ import annotations

import copy
from typing import Any
from urllib.parse import urlencode

from contract.mock.answers import Answer, Answers
from contract.mock.prefer import preference
from contract.mock.problems import Problem
from contract.mock.requests import AcceptedRequest, Request, RequestCheck
from contract.mock.routes import Route, Routes, declared, expand, is_item, is_json, schema_of, success
from contract.mock.store import Resource, Store, page, select
from contract.openapi.document import Document
from contract.schema.examples import Examples, now

SEEDS = 3
PAGE = 50


class Api:
    """Answers requests as the contract says."""

    def __init__(self, document: Document, seeds: int = SEEDS) -> None:
        self.document = document
        self.routes = Routes(document)
        self.check = RequestCheck(document)
        self.examples = Examples(document)
        self.answers = Answers(document, self.examples)
        self.store = Store()
        self._seeds = seeds
        self._seeded: set[str] = set()

    def answer(self, request: Request) -> Answer:
        """Answer a request; raises Problem."""
        route, methods = self.routes.find(request.method.lower(), request.path)
        if route is None:
            raise _nothing(request.path, methods)
        return self._preferred(request, route) or self._act(self.check.accept(request, route))

    def refusal(self, request: Request, problem: Problem) -> Answer:
        """A problem as the document declares it for the operation of a request."""
        route, methods = self.routes.find(request.method.lower(), request.path)
        answer = self.answers.problem(route.operation if route else None, problem, request.path)
        if answer.status == 405:
            answer.headers.setdefault("Allow", ", ".join(methods))
        return answer

    def _preferred(self, request: Request, route: Route) -> Answer | None:
        """The status or the example that the request wishes for."""
        wish = preference(self.document, route.operation, request.headers.get("Prefer", ""))
        if wish is None:
            return None
        status = wish.status or success(self.document, route.operation)[0]
        if status >= 400 and not wish.example:
            problem = Problem(status, "The mock was asked for this status.")
            answer = self.answers.problem(route.operation, problem, request.path)
        else:
            accept = request.headers.get("Accept", "")
            answer = self.answers.declared(route.operation, status, wish.example, accept)
        answer.headers |= wish.applied
        return answer

    def _act(self, accepted: AcceptedRequest) -> Answer:
        """What the stored resources answer; the document's example where that is not what it declares."""
        self._seed(accepted.route.template)
        try:
            answer = self._stored(accepted)
        except Problem as problem:
            if problem.status != 404 or declared(self.document, accepted.route.operation, 404) is not None:
                raise
            answer = None
        return answer if answer and self._is_declared(accepted.route, answer) else self._example(accepted)

    def _is_declared(self, route: Route, answer: Answer) -> bool:
        if answer.status == 304:
            return True
        response = declared(self.document, route.operation, answer.status)
        content = (response or {}).get("content") or {}
        answer.media_type = next((one for one in content if is_json(one)), "")
        if answer.body is None or not answer.media_type:
            answer.body = None
            return response is not None and not content
        schema = content[answer.media_type].get("schema", True)
        # The judge remembers what it said of an object, and this one may have changed since.
        return self.examples.judge.allows((schema,), copy.deepcopy(answer.body))

    def _stored(self, accepted: AcceptedRequest) -> Answer | None:
        """What is done with the stored resources; None when the operation is about none."""
        template, method = accepted.route.template, accepted.route.operation.method
        if is_item(template):
            return self._item(accepted) if self._is_stored(template.rpartition("/")[0]) else None
        if method == "get" and self._listed(accepted.route) is not None:
            return self._list(accepted)
        if method == "post" and self._creates(template):
            return self._create(accepted)
        if "{" in template and method in ("put", "patch"):
            return self._part(accepted)
        return None

    def _is_stored(self, collection: str) -> bool:
        """Whether the resources of a collection are created or listed here, and so are those above it."""
        above = collection.rpartition("/")[0]
        is_below = "{" in collection
        return self._creates(collection) and (
            not is_below or (is_item(above) and self._is_stored(above.rpartition("/")[0]))
        )

    def _creates(self, template: str) -> bool:
        """Whether a POST here adds to a collection: what it holds can be read, or listed."""
        here = self.routes.at(template)
        listed = "get" in here and self._listed(Route(here["get"])) is not None
        return listed or ("post" in here and self.routes.item_of(template) is not None)

    def _listed(self, route: Route) -> Any:
        """The schema of one resource in a list; None when the operation answers no list."""
        status, response = success(self.document, route.operation)
        schema = schema_of(response)
        if schema is None or status >= 300:
            return None
        fields = self.examples.fields(schema)
        raw = self.document.resolve(fields.get("items", schema))
        one = raw.get("items") if raw.get("type") == "array" else None
        return one if one is not None and self.examples.fields(one) else None

    def _list(self, accepted: AcceptedRequest) -> Answer:
        status, response = success(self.document, accepted.route.operation)
        collection = expand(accepted.route.template, accepted.route.values)
        self._parent(accepted.route)
        resources = [resource.body for resource in self.store.all(collection).values()]
        found = select(
            resources,
            {name: value for name, value in accepted.query.items() if name not in ("limit", "cursor")},
        )
        schema = schema_of(response)
        if "items" not in self.examples.fields(schema):
            return Answer(status, found)
        limit = accepted.query.get("limit", PAGE)
        items, following, before = page(found, accepted.query, limit if isinstance(limit, int) else PAGE)
        body = {
            **self.examples.make_object(schema),
            "items": items,
            "next_cursor": following,
            "prev_cursor": before,
        }
        links = [(following, "next"), (before, "prev")]
        link = ", ".join(_link(collection, accepted.query, cursor, name) for cursor, name in links if cursor)
        return Answer(status, body, {"Link": link} if link else {})

    def _parent(self, route: Route) -> None:
        """Check that the resource above a nested list exists; raises Problem 404."""
        above, _, _ = route.template.rpartition("/")
        if is_item(above) and self._is_stored(above.rpartition("/")[0]):
            self._resource(Route(route.operation, route.values), above)

    def _create(self, accepted: AcceptedRequest) -> Answer:
        self._parent(accepted.route)
        status, response = success(self.document, accepted.route.operation)
        collection = expand(accepted.route.template, accepted.route.values)
        given = {
            **self._start(accepted, schema_of(response)),
            **accepted.route.values,
            **_fields(accepted.body),
        }
        resource = Resource(self._new(schema_of(response), given))
        name = self._name(accepted.route.template, resource.body)
        self.store.all(collection)[name or str(len(self.store.all(collection)) + 1)] = resource
        location = {"Location": f"{collection}/{name}"} if self.routes.item_of(accepted.route.template) else {}
        return Answer(status, resource.body, {**location, "ETag": resource.etag})

    def _start(self, accepted: AcceptedRequest, answered: Any) -> dict[str, Any]:
        """What a new resource has that nobody sent: defaults of the request, and the smallest allowed numbers."""
        body = self.document.resolve(accepted.route.operation.data.get("requestBody"))
        schema = schema_of(body)
        fields = self.examples.fields(schema) if schema is not None else {}
        raw = {name: self.document.resolve(node) for name, node in fields.items()}
        numbers = {
            name: max(0, self.document.resolve(node).get("minimum", 0))
            for name, node in self.examples.fields(answered).items()
            if self.document.resolve(node).get("type") in ("integer", "number")
        }
        return {
            **numbers,
            **{name: node[key] for name, node in raw.items() for key in ("default", "x-default") if key in node},
        }

    def _new(self, schema: Any, given: dict[str, Any]) -> dict[str, Any]:
        if schema is None:
            return dict(given)
        made = self.examples.fit(schema, given)
        return {**made, "version": 1} if "version" in made else made

    def _resource(self, route: Route, template: str) -> Resource:
        collection, _, last = template.rpartition("/")
        return self.store.get(expand(collection, route.values), route.values[last.strip("{}")])

    def _item(self, accepted: AcceptedRequest) -> Answer:
        resource = self._resource(accepted.route, accepted.route.template)
        status, _ = success(self.document, accepted.route.operation)
        method = accepted.route.operation.method
        if method in ("get", "head"):
            if accepted.headers.get("If-None-Match") == resource.etag:
                return Answer(304, None, {"ETag": resource.etag})
            return Answer(status, resource.body, {"ETag": resource.etag})
        _guard(accepted, resource)
        if method == "delete":
            collection, _, name = expand(accepted.route.template, accepted.route.values).rpartition("/")
            del self.store.all(collection)[name]
            return Answer(status)
        resource.change(_fields(accepted.body), now())
        return Answer(status, resource.body, {"ETag": resource.etag})

    def _part(self, accepted: AcceptedRequest) -> Answer | None:
        """`PUT /products/{product_id}/status`: what is sent becomes part of the resource above."""
        above, _, _ = accepted.route.template.rpartition("/")
        if not is_item(above) or not self._is_stored(above.rpartition("/")[0]):
            return None
        resource = self._resource(accepted.route, above)
        _guard(accepted, resource)
        resource.change(_fields(accepted.body), now())
        status, response = success(self.document, accepted.route.operation)
        return Answer(status, resource.body if schema_of(response) is not None else None, {"ETag": resource.etag})

    def _example(self, accepted: AcceptedRequest) -> Answer:
        operation = accepted.route.operation
        status, _ = success(self.document, operation)
        answer = self.answers.declared(operation, status, accept=accepted.headers.get("Accept", ""))
        sent = accepted.body.get("items") if isinstance(accepted.body, dict) else None
        one = self._listed(accepted.route)
        if isinstance(sent, list) and one is not None and isinstance(answer.body, dict):
            items = [self.examples.fit(one, item) for item in sent if isinstance(item, dict)]
            answer.body = {**answer.body, "items": items}
        return answer

    def _seed(self, template: str) -> None:
        """Put a few resources into a top-level collection at its first use, so that the first page is not empty."""
        collection = next((path for path in _above(template) if self.routes.item_of(path)), "")
        here = self.routes.at(collection)
        if not collection or "{" in collection or collection in self._seeded or "get" not in here:
            return
        self._seeded.add(collection)
        schema = self._listed(Route(here["get"]))
        for _ in range(self._seeds if schema is not None else 0):
            resource = Resource(self._new(schema, {}))
            name = self._name(collection, resource.body)
            self.store.all(collection)[name or str(len(self.store.all(collection)) + 1)] = resource

    def _name(self, collection: str, body: dict[str, Any]) -> str:
        """What a resource is called in its path: its field of that name, or its `id`; empty when it has neither."""
        name = (self.routes.item_of(collection) or "").rpartition("/")[2].strip("{}")
        values = (body.get(one) for one in (name, name.rpartition("_")[2], "id"))
        return next((str(value) for value in values if isinstance(value, str | int) and value != ""), "")


def _above(template: str) -> list[str]:
    """A path and the paths above it, the shortest first."""
    parts = template.split("/")
    return ["/".join(parts[:count]) for count in range(2, len(parts) + 1)]


def _fields(body: Any) -> dict[str, Any]:
    return body if isinstance(body, dict) else {}


def _nothing(path: str, methods: list[str]) -> Problem:
    return Problem(405, f"{path} has only {', '.join(methods)}.") if methods else Problem(404, "No such path.")


def _guard(accepted: AcceptedRequest, resource: Resource) -> None:
    """RFC 9110 section 13.1.1: a stale If-Match is refused, with what the resource is now."""
    wanted = accepted.headers.get("If-Match")
    if wanted is not None and wanted not in (resource.etag, "*"):
        raise Problem(412, "It was changed since it was read.", current=resource.body)


def _link(path: str, query: dict[str, Any], cursor: str, name: str) -> str:
    return f'<{path}?{urlencode({**query, "cursor": cursor}, doseq=True)}>; rel="{name}"'
