"""How the mock answers: it lists, creates, reads, changes and deletes; other operations answer an example."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from contract.mock.problems import Problem
from contract.mock.requests import AcceptedRequest, Request, RequestCheck
from contract.mock.routes import Route, Routes, expand, schema_of, success
from contract.mock.store import Resource, Store, page, select
from contract.openapi.document import Document
from contract.schema.examples import Examples, now

SEEDS = 3
PAGE = 50


@dataclass
class Answer:
    """A status, a body (None: no body) and headers."""

    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


class Api:
    """Answers requests as the contract says."""

    def __init__(self, document: Document, seeds: int = SEEDS) -> None:
        self.document = document
        self.routes = Routes(document)
        self.check = RequestCheck(document)
        self.examples = Examples(document)
        self.store = Store()
        self._seed(seeds)

    def answer(self, request: Request) -> Answer:
        """Answer a request; raises Problem."""
        route, methods = self.routes.find(request.method.lower(), request.path)
        if route is None:
            raise (
                Problem(405, f"{request.path} has only {', '.join(methods)}.")
                if methods
                else Problem(404, "No such path.")
            )
        accepted = self.check.accept(request, route)
        return self._act(accepted)

    def _act(self, accepted: AcceptedRequest) -> Answer:
        template, method = accepted.route.template, accepted.route.operation.method
        if template.endswith("}"):
            return self._item(accepted)
        if method == "get" and self._listed(accepted.route) is not None:
            return self._list(accepted)
        if method == "post" and self._creates(template):
            return self._create(accepted)
        if "{" in template and method in ("put", "patch"):
            return self._part(accepted)
        return self._example(accepted)

    def _creates(self, template: str) -> bool:
        """Whether a POST here adds to a collection: what it holds can be read, or listed."""
        listed = (one for one in self.document.operations() if one.path == template and one.method == "get")
        return self.routes.item_of(template) is not None or any(self._listed(Route(one)) is not None for one in listed)

    def _listed(self, route: Route) -> Any:
        """The schema of one resource in a list; None when the operation answers no list."""
        schema = schema_of(success(self.document, route.operation)[1])
        if schema is None:
            return None
        fields = self.examples.fields(schema)
        raw = self.document.resolve(fields.get("items", schema))
        return raw.get("items") if raw.get("type") == "array" else None

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
        items, following, before = page(found, accepted.query, int(accepted.query.get("limit", PAGE)))
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
        if above.endswith("}"):
            self._resource(Route(route.operation, route.values), above)

    def _create(self, accepted: AcceptedRequest) -> Answer:
        self._parent(accepted.route)
        status, response = success(self.document, accepted.route.operation)
        collection = expand(accepted.route.template, accepted.route.values)
        given = {
            **self._start(accepted, schema_of(response)),
            **accepted.route.values,
            **(accepted.body or {}),
        }
        resource = Resource(self._new(schema_of(response), given))
        name = str(resource.body.get("id", len(self.store.all(collection)) + 1))
        self.store.all(collection)[name] = resource
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
        resource.change(accepted.body or {}, now())
        return Answer(status, resource.body, {"ETag": resource.etag})

    def _part(self, accepted: AcceptedRequest) -> Answer:
        """`PUT /products/{product_id}/status`: what is sent becomes part of the resource above."""
        above, _, _ = accepted.route.template.rpartition("/")
        if not above.endswith("}"):
            return self._example(accepted)
        resource = self._resource(accepted.route, above)
        _guard(accepted, resource)
        resource.change(accepted.body or {}, now())
        status, response = success(self.document, accepted.route.operation)
        return Answer(status, resource.body if schema_of(response) is not None else None, {"ETag": resource.etag})

    def _example(self, accepted: AcceptedRequest) -> Answer:
        status, response = success(self.document, accepted.route.operation)
        schema = schema_of(response)
        if schema is None:
            return Answer(status)
        made = self.examples.make(schema)
        sent = accepted.body.get("items") if isinstance(accepted.body, dict) else None
        one = self._listed(accepted.route)
        if isinstance(sent, list) and one is not None and isinstance(made, dict):
            made["items"] = [self.examples.fit(one, item) for item in sent if isinstance(item, dict)]
        return Answer(status, made)

    def _seed(self, count: int) -> None:
        """Put a few resources into every top-level collection, so that the first page is not empty."""
        for one in self.document.operations():
            route = Route(one)
            schema = self._listed(route) if one.method == "get" and "{" not in one.path else None
            if schema is not None and self.routes.item_of(one.path):
                for _ in range(count):
                    resource = Resource(self._new(schema, {}))
                    self.store.all(one.path)[str(resource.body.get("id"))] = resource


def _guard(accepted: AcceptedRequest, resource: Resource) -> None:
    """RFC 9110 section 13.1.1: a stale If-Match is refused, with what the resource is now."""
    wanted = accepted.headers.get("If-Match")
    if wanted is not None and wanted not in (resource.etag, "*"):
        raise Problem(412, "It was changed since it was read.", current=resource.body)


def _link(path: str, query: dict[str, Any], cursor: str, name: str) -> str:
    return f'<{path}?{urlencode({**query, "cursor": cursor}, doseq=True)}>; rel="{name}"'
