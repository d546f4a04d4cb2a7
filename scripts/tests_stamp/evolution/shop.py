"""The API of the sample as a document describes it, whatever the document: the mock, with the shop's own rules."""

from __future__ import annotations

import copy
import json
from typing import Any

from contract.mock.api import Answer, Api
from contract.mock.problems import Problem
from contract.mock.requests import AcceptedRequest, Request
from contract.mock.routes import schema_of, success
from contract.mock.store import Resource
from contract.openapi.direction import Direction
from contract.openapi.document import Document
from contract.schema.validator import Judge
from contract.schema.view import Side

Json = dict[str, Any]
PAGE = 4  # rows, where nobody asks for a number: the lists have more than one page
TAGS = ["gift", "new"]
STEPS = {"draft": ["active"], "active": ["archived"], "archived": ["active"]}
PRODUCTS, CATEGORIES = "/v1/products", "/v1/categories"
MOVEMENTS = "/{product_id}/stock-movements"
NAMES = ("Amber lamp", "Blue mug", "Copper kettle", "Dusty rug", "Elm stool", "Felt hat")
# What the test asks: the rows and the requests so far; and to begin again.
STORED, RESET = "/stored", "/reset"


class BrokenPromiseError(Exception):
    """This API answered what its document does not allow: a fault of the test."""


class Shop(Api):
    """An API that keeps its document. It remembers the requests that it was sent."""

    def __init__(self, document: Document, shown: dict[str, Json], refuses: dict[str, int]) -> None:
        super().__init__(document, seeds=0)
        self.shown, self.refuses = shown, refuses
        self.promise = Judge(Side(document, Direction.RESPONSE, False))
        self.requests: list[Json] = []
        self._open()
        self.first = copy.deepcopy(self.store)

    def answer(self, request: Request) -> Answer:
        """Answer as the document says; note the request, whatever becomes of it."""
        if request.path == RESET:
            self.store, self.requests = copy.deepcopy(self.first), []
            return Answer(200, {})
        if request.path == STORED:
            return Answer(200, {"rows": self._rows(), "requests": self.requests})
        route, _ = self.routes.find(request.method.lower(), request.path)
        noted = {"operation": name_of(request.method, route.template) if route else "", "path": request.path,
                 "body": json.loads(request.body) if request.body else None, "status": 0}  # fmt: skip
        self.requests.append(noted)
        try:
            made = super().answer(request)
        except Problem as problem:
            noted |= {"status": problem.status, "at": [error["pointer"] for error in problem.errors]}
            problem.more |= self.shown.get("ProblemDetails", {})
            raise
        noted["status"] = made.status
        return made

    def _rows(self) -> dict[str, dict[str, Json]]:
        return {path: {name: one.body for name, one in rows.items()} for path, rows in self.store.collections.items()}

    def _act(self, accepted: AcceptedRequest) -> Answer:
        operation = accepted.route.operation
        if operation.data["operationId"] in self.refuses:
            raise Problem(self.refuses[operation.data["operationId"]], "Frozen for the season.")
        name = name_of(operation.method, operation.path)
        if name in (f"POST {PRODUCTS}", f"PATCH {PRODUCTS}/{{product_id}}"):
            self._guard_sku(accepted)
        self._whole_price(accepted)
        act = {
            f"POST {PRODUCTS}/bulk": self._upsert,
            f"DELETE {CATEGORIES}/{{category_id}}": self._delete_category,
            f"POST {PRODUCTS}{MOVEMENTS}": self._move,
            f"GET {PRODUCTS}": self._list_products,
        }.get(name, super()._act)
        made = act(accepted)
        if operation.path.startswith(PRODUCTS):
            self._steps()
        self._promise(accepted, made)
        return made

    def _promise(self, accepted: AcceptedRequest, made: Answer) -> None:
        """Raise BrokenPromiseError for a body that the document does not allow."""
        schema = schema_of(success(self.document, accepted.route.operation)[1])
        if schema is None or made.body is None or self.promise.allows((schema,), made.body):
            return
        errors = [
            f"{'/'.join(map(str, one.absolute_path))} {one.message[:200]}"
            for one in self.promise.errors((schema,), made.body)
        ]
        raise BrokenPromiseError(f"{accepted.route.operation.data['operationId']}: {errors[:3]}")

    # The sample's rules.

    def _guard_sku(self, accepted: AcceptedRequest) -> None:
        own, sku = accepted.route.values.get("product_id"), accepted.body.get("sku")
        if any(sku == row.body["sku"] for name, row in self.store.all(PRODUCTS).items() if name != own):
            error = {"pointer": "#/sku", "code": "taken", "detail": "A product with this SKU exists."}
            raise Problem(409, "It is taken.", [error | self.shown.get("FieldProblem", {})])

    def _list_products(self, accepted: AcceptedRequest) -> Answer:
        """Filter by tag, too, which is no field."""
        tag, kept = accepted.query.pop("tag", None), self.store.all(PRODUCTS)
        wanted = [tag] if isinstance(tag, str) else tag
        try:
            if wanted:
                self.store.collections[PRODUCTS] = {
                    name: row for name, row in kept.items() if set(wanted) & set(row.body.get("tags", TAGS))
                }
            return super()._act(accepted)
        finally:
            self.store.collections[PRODUCTS] = kept

    def _upsert(self, accepted: AcceptedRequest) -> Answer:
        """Create or update, found by the SKU: what was left out stays as it is."""
        outcomes = []
        schema = schema_of(success(self.document, accepted.route.operation)[1])
        one = self.document.resolve(self.examples.fields(schema)["items"])["items"]
        by_sku = {row.body["sku"]: row for row in self.store.all(PRODUCTS).values()}
        for item in accepted.body["items"]:
            row, fields = by_sku.get(item["sku"]), {k: v for k, v in item.items() if k != "version"}
            outcome = "updated"
            if row is None:
                outcome, row = "created", self._create_product(fields)
            elif item.get("version", row.version) != row.version:
                outcome = "failed"
            else:
                row.change(with_price(fields, row), "2026-11-26T08:30:00Z")
            current = row.body if outcome == "failed" else None
            said = {"sku": item["sku"], "outcome": outcome, "id": row.body["id"], "errors": [], "current": current}
            outcomes.append(self.examples.fit(one, said) | self.shown.get("ProductOutcome", {}))
        return Answer(200, {**self.examples.make_object(schema), "items": outcomes})

    def _create_product(self, fields: Json) -> Resource:
        schema = self._schema(PRODUCTS)
        start = {"description": "", "status": "draft", "tags": [], "stock": 0, "category_id": None}
        row = Resource(self._new(schema, start | fields))
        self.store.all(PRODUCTS)[row.body["id"]] = row
        return row

    def _whole_price(self, accepted: AcceptedRequest) -> None:
        """Let what a price has besides, and the caller does not know, stay as it is."""
        row = self.store.all(PRODUCTS).get(accepted.route.values.get("product_id", ""))
        if row and isinstance(accepted.body, dict):
            accepted.body.update(with_price(accepted.body, row))

    def _delete_category(self, accepted: AcceptedRequest) -> Answer:
        name = accepted.route.values["category_id"]
        first = next(iter(self.store.all(CATEGORIES)))
        if any(row.body.get("category_id", first) == name for row in self.store.all(PRODUCTS).values()):
            raise Problem(409, "Products are in this category.")
        return super()._act(accepted)

    def _move(self, accepted: AcceptedRequest) -> Answer:
        product = self.store.get(PRODUCTS, accepted.route.values["product_id"])
        made = super()._act(accepted)
        product.body["stock"] = max(0, product.body.get("stock", 0) + added(accepted.body))
        if "stock_after" in made.body:
            made.body["stock_after"] = product.body["stock"]
        return made

    def _steps(self) -> None:
        for row in self.store.all(PRODUCTS).values():
            if "next_statuses" in row.body and row.body.get("status") in STEPS:
                row.body["next_statuses"] = STEPS[row.body["status"]]

    # The rows at the start.

    def _open(self) -> None:
        """Put rows into every collection: one that shows all that is new, and one without what is optional."""
        category = self._schema(CATEGORIES)
        product = self._schema(PRODUCTS)
        for name in ("Garden", "Kitchen", "Office", "Pantry", "Study"):
            self._put(CATEGORIES, category, {"name": name}, "categories")
        categories = [*self.store.all(CATEGORIES)]
        for number, name in enumerate(NAMES):
            values = {
                "name": name, "sku": f"SKU-{number}", "description": f"A {name.lower()}.\nGood.", "stock": 7,
                "price": {"amount_minor": 1999, "currency": "EUR"} | self.shown.get("Money", {}),
                "status": "draft", "next_statuses": ["active"], "category_id": categories[0], "tags": TAGS,
            }  # fmt: skip
            self._put(PRODUCTS, product, values, "products")
        for product_id in [*self.store.all(PRODUCTS)][:2]:
            path = f"{PRODUCTS}/{product_id}/stock-movements"
            movement = self._schema(PRODUCTS + MOVEMENTS)
            for _ in range(2):
                values = {"pieces": 3, "direction": "in", "quantity": 3, "reason": "received", "note": "Box wet.",
                          "stock_after": 7, "product_id": product_id}  # fmt: skip
                self._put(path, movement, values, "stock movements")

    def _put(self, path: str, schema: Any, values: Json, shown: str) -> None:
        """Add a row: the first shows what is new, the second has nothing that is optional."""
        rows = self.store.all(path)
        body = (
            {**self._new(schema, values), "version": 1}
            if path in (PRODUCTS, CATEGORIES)
            else {**self._new(schema, values)}
        )
        given = {name: value for name, value in values.items() if name in self.examples.fields(schema)}
        body |= given
        if not rows:
            body |= copy.deepcopy(self.shown.get(shown, {}))
        if len(rows) == 1:
            needed = self.document.resolve(schema).get("required", ())
            body = {name: value for name, value in body.items() if name in needed}
        rows[body["id"]] = Resource(body)

    def _schema(self, path: str) -> Any:
        """The schema of one item of a list; of one of it, where there is no list."""
        for one in self.document.operations():
            if one.path == path and one.method == "get":
                schema = self.examples.fields(schema_of(success(self.document, one)[1]))["items"]
                return self.document.resolve(schema)["items"]
        one = next(one for one in self.document.operations() if one.path == path and one.method == "post")
        return schema_of(success(self.document, one)[1])


def added(movement: Json) -> int:
    """What a movement adds to the stock."""
    if "pieces" not in movement:
        return int(movement["quantity"])
    went = movement["reason"] == "sold" or movement.get("direction") == "out"
    return -int(movement["pieces"]) if went else int(movement["pieces"])


def name_of(method: str, template: str) -> str:
    """What an operation is called here: its id may change."""
    return f"{method.upper()} {template}"


def with_price(fields: Json, row: Resource) -> Json:
    """These fields; a price is what the row has, with what was sent over it."""
    if "price" not in fields or "price" not in row.body:
        return fields
    return fields | {"price": row.body["price"] | fields["price"]}
