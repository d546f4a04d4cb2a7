"""What each kind of operation does: list, create, read, change, delete, and everything else by example."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from contract.mock.problems import Problem
from contract.mock.requests import Asked, Gate, Request
from contract.mock.routes import Route, Routes, fill, schema_of, success
from contract.mock.store import Store, Thing, chosen, page
from contract.openapi.document import Document
from contract.schema.examples import Maker, now

SEEDS = 3
PAGE = 50


@dataclass
class Answer:
    """A status, a body (None: no body) and headers."""

    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


class Api:
    """The contract, acting."""

    def __init__(self, document: Document, seeds: int = SEEDS) -> None:
        self.document = document
        self.routes = Routes(document)
        self.gate = Gate(document)
        self.maker = Maker(document)
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
        asked = self.gate.admit(request, route)
        return self._act(asked)

    def _act(self, asked: Asked) -> Answer:
        template, method = asked.route.template, asked.route.operation.method
        if template.endswith("}"):
            return self._item(asked)
        if method == "get" and self._listed(asked.route) is not None:
            return self._list(asked)
        if method == "post" and self._creates(template):
            return self._create(asked)
        if "{" in template and method in ("put", "patch"):
            return self._part(asked)
        return self._example(asked)

    def _creates(self, template: str) -> bool:
        return self.routes.item_of(template) is not None

    def _listed(self, route: Route) -> Any:
        """The schema of one thing in a list; None when the operation answers no list."""
        schema = schema_of(success(self.document, route.operation)[1])
        if schema is None:
            return None
        fields = self.maker.fields(schema)
        raw = self.document.resolve(fields.get("items", schema))
        return raw.get("items") if raw.get("type") == "array" else None

    def _list(self, asked: Asked) -> Answer:
        status, response = success(self.document, asked.route.operation)
        collection = fill(asked.route.template, asked.route.values)
        self._parent(asked.route)
        things = [thing.body for thing in self.store.all(collection).values()]
        found = chosen(
            things,
            {name: value for name, value in asked.query.items() if name not in ("limit", "cursor")},
        )
        schema = schema_of(response)
        if "items" not in self.maker.fields(schema):
            return Answer(status, found)
        items, following, before = page(found, asked.query, int(asked.query.get("limit", PAGE)))
        body = {
            **self.maker.make_object(schema),
            "items": items,
            "next_cursor": following,
            "prev_cursor": before,
        }
        links = [(following, "next"), (before, "prev")]
        link = ", ".join(_link(collection, asked.query, cursor, name) for cursor, name in links if cursor)
        return Answer(status, body, {"Link": link} if link else {})

    def _parent(self, route: Route) -> None:
        """A list below a thing is there only as long as the thing is."""
        above, _, _ = route.template.rpartition("/")
        if above.endswith("}"):
            self._thing(Route(route.operation, route.values), above)

    def _create(self, asked: Asked) -> Answer:
        self._parent(asked.route)
        status, response = success(self.document, asked.route.operation)
        collection = fill(asked.route.template, asked.route.values)
        given = {
            **self._start(asked, schema_of(response)),
            **asked.route.values,
            **(asked.body or {}),
        }
        thing = Thing(self._new(schema_of(response), given))
        name = str(thing.body.get("id", len(self.store.all(collection)) + 1))
        self.store.all(collection)[name] = thing
        return Answer(status, thing.body, {"Location": f"{collection}/{name}", "ETag": thing.etag})

    def _start(self, asked: Asked, answered: Any) -> dict[str, Any]:
        """What a new thing has when nothing else is said: defaults of the request, and numbers as small as can be."""
        body = self.document.resolve(asked.route.operation.data.get("requestBody"))
        schema = schema_of(body)
        fields = self.maker.fields(schema) if schema is not None else {}
        raw = {name: self.document.resolve(node) for name, node in fields.items()}
        numbers = {
            name: max(0, self.document.resolve(node).get("minimum", 0))
            for name, node in self.maker.fields(answered).items()
            if self.document.resolve(node).get("type") in ("integer", "number")
        }
        return {
            **numbers,
            **{name: node["default"] for name, node in raw.items() if "default" in node},
        }

    def _new(self, schema: Any, given: dict[str, Any]) -> dict[str, Any]:
        if schema is None:
            return dict(given)
        made = self.maker.fit(schema, given)
        return {**made, "version": 1} if "version" in made else made

    def _thing(self, route: Route, template: str) -> Thing:
        collection, _, last = template.rpartition("/")
        return self.store.get(fill(collection, route.values), route.values[last.strip("{}")])

    def _item(self, asked: Asked) -> Answer:
        thing = self._thing(asked.route, asked.route.template)
        status, _ = success(self.document, asked.route.operation)
        method = asked.route.operation.method
        if method in ("get", "head"):
            if asked.headers.get("If-None-Match") == thing.etag:
                return Answer(304, None, {"ETag": thing.etag})
            return Answer(status, thing.body, {"ETag": thing.etag})
        _guard(asked, thing)
        if method == "delete":
            collection, _, name = fill(asked.route.template, asked.route.values).rpartition("/")
            del self.store.all(collection)[name]
            return Answer(status)
        thing.change(asked.body or {}, now())
        return Answer(status, thing.body, {"ETag": thing.etag})

    def _part(self, asked: Asked) -> Answer:
        """`PUT /products/{product_id}/status`: what is sent becomes part of the thing above."""
        above, _, _ = asked.route.template.rpartition("/")
        if not above.endswith("}"):
            return self._example(asked)
        thing = self._thing(asked.route, above)
        _guard(asked, thing)
        thing.change(asked.body or {}, now())
        status, response = success(self.document, asked.route.operation)
        return Answer(status, thing.body if schema_of(response) is not None else None, {"ETag": thing.etag})

    def _example(self, asked: Asked) -> Answer:
        status, response = success(self.document, asked.route.operation)
        schema = schema_of(response)
        if schema is None:
            return Answer(status)
        made = self.maker.make(schema)
        sent = asked.body.get("items") if isinstance(asked.body, dict) else None
        one = self._listed(asked.route)
        if isinstance(sent, list) and one is not None and isinstance(made, dict):
            made["items"] = [self.maker.fit(one, item) for item in sent if isinstance(item, dict)]
        return Answer(status, made)

    def _seed(self, count: int) -> None:
        """A few things in every collection that stands at the top, so that a first page has something to show."""
        for one in self.document.operations():
            route = Route(one)
            schema = self._listed(route) if one.method == "get" and "{" not in one.path else None
            if schema is not None and self.routes.item_of(one.path):
                for _ in range(count):
                    thing = Thing(self._new(schema, {}))
                    self.store.all(one.path)[str(thing.body.get("id"))] = thing


def _guard(asked: Asked, thing: Thing) -> None:
    """RFC 9110 section 13.1.1: a stale If-Match is refused, with what the thing is now."""
    wanted = asked.headers.get("If-Match")
    if wanted is not None and wanted not in (thing.etag, "*"):
        raise Problem(412, "It was changed since it was read.", current=thing.body)


def _link(path: str, query: dict[str, Any], cursor: str, name: str) -> str:
    return f'<{path}?{urlencode({**query, "cursor": cursor}, doseq=True)}>; rel="{name}"'
