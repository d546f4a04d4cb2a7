"""Operations, parameters, answers, words and spelling; what is deprecated, and what is gone after its day."""

import json
import re
from collections.abc import Iterator
from copy import deepcopy
from functools import partial

from evolution.changes import (
    JSON,
    LATER,
    METHODS,
    PROBLEM,
    SUNSET,
    Change,
    Edit,
    Json,
    deprecate,
    nodes,
    operation,
    operations,
    parameter,
    schemas,
)  # fmt: skip
from evolution.fields import ANSWERED, NOVELTY, SENT, TYPES, needed, text

# Without these nothing could be found again.
LASTING = frozenset({"id", "items", "sku"})
ONE = {"description": "One.", "content": {JSON: {"schema": NOVELTY}}}
TEAPOT = {
    "description": "A teapot.",
    "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}},
}


def new_operations(raw: Json) -> Iterator[Change]:
    """On a new path, on a known one, beneath one; with a scope of its own, and for everyone."""
    new = partial(Change, "new operation")
    need = [{"bearer": ["novelties:read"]}]
    yield new("a new path", partial(add_operation, "/v1/novelties", "get", "list_novelties", need))
    yield new("a new path, for everyone", partial(add_operation, "/v1/novelties", "get", "list_novelties", []))
    yield new("a new path, with a body", partial(add_operation, "/v1/novelties", "post", "create_novelty", need))
    yield new("another method of a path", partial(add_operation, "/v1/products", "delete", "delete_products", need))
    yield new("beneath a path", partial(add_operation, "/v1/products/summary", "get", "read_summary", need))
    yield new("beside a path", partial(add_operation, "/v1/products-archive", "get", "list_archive", need))


def add_operation(path: str, method: str, name: str, security: list[Json], raw: Json) -> None:
    needed(raw)
    spec: Json = {
        "operationId": name, "tags": ["novelties"], "summary": "New.", "security": security,
        "responses": {"200": deepcopy(ONE)},
    }  # fmt: skip
    if method == "post":
        spec["requestBody"] = {"required": True, "content": {JSON: {"schema": NOVELTY}}}
    raw["paths"].setdefault(path, {})[method] = spec


def new_parameters(raw: Json) -> Iterator[Change]:
    """Optional ones: of each type, in each place, at each kind of operation."""
    plain = [kind for kind in TYPES if not {"$ref", "oneOf", "anyOf"} & TYPES[kind].keys() and kind != "anything"]
    plain = [kind for kind in plain if kind not in ("map", "array of objects", "array of arrays")]
    ids = [spec["operationId"] for path, _, spec in operations(raw) if "health" not in path]
    for turn, kind in enumerate(plain):
        for place in ("query", "header", "cookie"):
            for step in (0, 7):
                of = ids[(turn + step) % len(ids)]
                name = f"new_{kind}".replace(" ", "_").replace("-", "_")
                name = name.replace("_", "-") if place == "header" else name
                entry: Json = {"name": name, "in": place, "schema": deepcopy(TYPES[kind]), "description": "New."}
                yield Change(f"new {place} parameter: {kind}", of, partial(add_parameter, of, entry))
    for of in ("list_products", "create_product", "upsert_products"):
        entry = {"name": "required_one", "in": "query", "schema": text("a"), "required": True}
        yield Change("new required parameter", of, partial(add_parameter, of, entry), stops=True)


def add_parameter(of: str, entry: Json, raw: Json) -> None:
    operation(raw, of).setdefault("parameters", []).append(deepcopy(entry))


def new_answers(raw: Json) -> Iterator[Change]:
    """New statuses, media types, headers and links, at every operation."""
    for path, _, spec in operations(raw):
        if "health" in path:
            continue
        of = spec["operationId"]
        good = next(status for status in spec["responses"] if status.startswith("2"))
        yield Change("new refusal", of, partial(add_answer, of, "418", TEAPOT), refuses={of: 418})
        yield Change("new failure", of, partial(add_answer, of, "502", TEAPOT))
        yield Change("new status of success", of, partial(add_answer, of, "202", spec["responses"][good]))
        yield Change("new header of answers", of, partial(add_header, of, good, False))
        yield Change("new required header of answers", of, partial(add_header, of, good, True))
        if "content" in spec["responses"][good]:
            yield Change("another media type of answers", of, partial(add_media, of, good))
            yield Change("link in answers", of, partial(add_link, of, good))
    yield Change("callback", "create_product", add_callback)
    yield Change("webhook", "the document", add_webhook)


def add_answer(of: str, status: str, answer: Json, raw: Json) -> None:
    operation(raw, of)["responses"].setdefault(status, deepcopy(answer))


def add_header(of: str, status: str, required: bool, raw: Json) -> None:
    header = {"description": "New.", "required": required, "schema": text("a")}
    operation(raw, of)["responses"][status].setdefault("headers", {})["New-Header"] = header


def add_media(of: str, status: str, raw: Json) -> None:
    operation(raw, of)["responses"][status]["content"]["text/csv"] = {"schema": {"type": "string"}}


def add_link(of: str, status: str, raw: Json) -> None:
    link = {"next": {"operationId": "read_identity", "description": "Who asks."}}
    operation(raw, of)["responses"][status].setdefault("links", {}).update(link)


def add_callback(raw: Json) -> None:
    call = {"post": {"responses": {"204": {"description": "Taken."}}}}
    operation(raw, "create_product")["callbacks"] = {"on_sale": {"{$request.body#/sku}": call}}


def add_webhook(raw: Json) -> None:
    needed(raw)
    body = {"required": True, "content": {JSON: {"schema": NOVELTY}}}
    raw["webhooks"] = {"sold": {"post": {"requestBody": body, "responses": {"204": {"description": "Taken."}}}}}


def words(raw: Json) -> Iterator[Change]:
    """Texts, examples and what else says nothing about what is sent."""
    odd = 'Other <words> & "quotes", \\ and """, ünd {% templates %} {{ of }} Django.'
    contact = {"name": "We", "email": "we@example.com"}
    yield Change("other words", "descriptions of fields", of_fields("description", odd))
    yield Change("other words", "titles of fields", of_fields("title", "A <title>"))
    yield Change("other words", "summaries", of_operations("summary", odd))
    yield Change("other words", "descriptions of operations", of_operations("description", odd))
    yield Change("other words", "the description of the document", of_document("info", "description", odd))
    yield Change("other words", "the contact", of_document("info", "contact", contact))
    yield Change("other words", "external documentation", of_document("", "externalDocs", {"url": "https://a.example"}))
    yield Change("other words", "tags", of_document("", "tags", [{"name": "products", "description": odd}]))
    yield Change("an extension without meaning", "operations", without_meaning(of_operations("x-owner", "team")))
    yield Change("an extension without meaning", "fields", without_meaning(of_fields("x-owner", {"team": 1})))
    yield Change("another tag", "operations", of_operations("tags", ["other"]))
    yield Change("another server", "the document", of_document("", "servers", [{"url": "https://a.example"}]))
    yield Change("no examples", "fields", no_examples, stops=True)
    yield Change("unused schema", "components", needed)


def of_fields(key: str, value: object) -> Edit:
    def apply(raw: Json) -> None:
        for node in nodes(schemas(raw)):
            for prop in node["properties"].values() if isinstance(node.get("properties"), dict) else ():
                prop[key] = value

    return apply


def of_document(part: str, key: str, value: object) -> Edit:
    def apply(raw: Json) -> None:
        (raw[part] if part else raw)[key] = value

    return apply


def of_operations(key: str, value: object) -> Edit:
    def apply(raw: Json) -> None:
        for _, _, spec in operations(raw):
            spec[key] = value

    return apply


def without_meaning(edit: Edit) -> Edit:
    """The edit; the document says that this extension is not compared."""

    def apply(raw: Json) -> None:
        raw["x-not-compared"] = ["x-owner"]
        edit(raw)

    return apply


def no_examples(raw: Json) -> None:
    for node in nodes(raw["components"]["schemas"]):
        if not isinstance(node.get("examples"), dict):
            node.pop("examples", None)


def spelling(raw: Json) -> Iterator[Change]:
    """The same contract, written in another way."""
    spellings: dict[str, Edit] = {
        "null as a type": null_as_type,
        "null first": null_first,
        "properties in another order": properties_reversed,
        "paths in another order": paths_reversed,
        "required in another order": required_reversed,
        "values of enums in another order": enums_reversed,
        "references written out": written_out,
        "fields moved to schemas": moved_to_schemas,
        "parameters of the path": parameters_of_the_path,
        "parameters moved to components": parameters_in_components,
        "answers moved to components": partial(part_in_components, "responses"),
        "bodies moved to components": bodies_in_components,
        "allOf around a reference": all_of_around,
        "limits that say nothing": empty_limits,
        "numbers as 1.0": floats,
        "open objects said to be open": said_open,
    }
    for place, edit in spellings.items():
        yield Change("another spelling", place, edit, last=True, alters=place.partition(" ")[0])
    for name in (*ANSWERED.values(), "ProductCreate", "Money", "ProductPage"):
        yield Change("another name of a schema", name, partial(renamed, name), last=True, source=True)
    for name in ("list_products", "update_product"):
        yield Change("another operation id", name, partial(another_id, name), last=True, source=True)


def null_as_type(raw: Json) -> None:
    for node in nodes(raw):
        parts = node.get("anyOf")
        if isinstance(parts, list) and {"type": "null"} in parts and len(parts) == 2:
            other = next(one for one in parts if one != {"type": "null"})
            if isinstance(other.get("type"), str):
                del node["anyOf"]
                node.update({**other, "type": [other["type"], "null"]})


def null_first(raw: Json) -> None:
    for node in nodes(raw):
        if isinstance(node.get("anyOf"), list):
            node["anyOf"].reverse()


def properties_reversed(raw: Json) -> None:
    for node in nodes(raw["components"]["schemas"]):
        if isinstance(node.get("properties"), dict):
            node["properties"] = dict(reversed(node["properties"].items()))


def paths_reversed(raw: Json) -> None:
    raw["paths"] = dict(reversed(raw["paths"].items()))


def required_reversed(raw: Json) -> None:
    for node in nodes(raw["components"]["schemas"]):
        if isinstance(node.get("required"), list):
            node["required"].reverse()


def enums_reversed(raw: Json) -> None:
    for node in nodes(raw):
        if isinstance(node.get("enum"), list):
            node["enum"].reverse()


def written_out(raw: Json) -> None:
    for name in ("ProductStatus", "StockReason", "Currency"):
        for node in nodes(raw):
            if node.get("$ref") == f"#/components/schemas/{name}":
                del node["$ref"]
                node.update({**deepcopy(schemas(raw)[name]), **node})


def moved_to_schemas(raw: Json) -> None:
    for of in ("Product", "ProductCreate", "ProductUpdate", "ProductUpsert"):
        for name, title in (("name", "ProductName"), ("tags", "ProductTags")):
            node = schemas(raw)[of]["properties"][name]
            moved = dict(node)
            node.clear()
            default = {key: moved.pop(key) for key in ("default", "x-default") if key in moved}
            schemas(raw).setdefault(title, moved)
            node.update({"$ref": f"#/components/schemas/{title}", **default})


def parameters_of_the_path(raw: Json) -> None:
    for item in raw["paths"].values():
        specs = [item[method] for method in METHODS if method in item]
        shared = [one for one in specs[0].get("parameters", ()) if one["in"] == "path"]
        if shared:
            item["parameters"] = shared
            for spec in specs:
                spec["parameters"] = [one for one in spec["parameters"] if one["in"] != "path"]


def parameters_in_components(raw: Json) -> None:
    for _, _, spec in operations(raw):
        for index, one in enumerate(spec.get("parameters", ())):
            title = f"{spec['operationId']}-{one['name']}"
            raw["components"].setdefault("parameters", {})[title] = one
            spec["parameters"][index] = {"$ref": f"#/components/parameters/{title}"}


def part_in_components(part: str, raw: Json) -> None:
    for _, _, spec in operations(raw):
        for status, answer in spec[part].items():
            title = f"{spec['operationId']}-{status}"
            raw["components"].setdefault(part, {})[title] = answer
            spec[part][status] = {"$ref": f"#/components/{part}/{title}"}


def bodies_in_components(raw: Json) -> None:
    for _, _, spec in operations(raw):
        if "requestBody" in spec:
            raw["components"].setdefault("requestBodies", {})[spec["operationId"]] = spec["requestBody"]
            spec["requestBody"] = {"$ref": f"#/components/requestBodies/{spec['operationId']}"}


def all_of_around(raw: Json) -> None:
    for of in ("Product", "ProductCreate", "ProductUpdate", "ProductUpsert"):
        node = schemas(raw)[of]["properties"]["price"]
        example = {"amount_minor": 1999, "currency": "EUR"}
        node.update({"allOf": [{"$ref": node.pop("$ref")}], "examples": [example]})


def empty_limits(raw: Json) -> None:
    for node in nodes(raw["components"]["schemas"]):
        if node.get("type") == "string" and "enum" not in node:
            node.setdefault("minLength", 0)
        if node.get("type") == "array":
            node.setdefault("minItems", 0)


def floats(raw: Json) -> None:
    for node in nodes(raw["components"]["schemas"]):
        for keyword in ("maxLength", "minLength", "maximum", "minimum", "maxItems"):
            if isinstance(node.get(keyword), int):
                node[keyword] = float(node[keyword])


def said_open(raw: Json) -> None:
    for name in ANSWERED.values():
        schemas(raw)[name]["additionalProperties"] = True


def renamed(name: str, raw: Json) -> None:
    changed = json.loads(json.dumps(raw).replace(f'#/components/schemas/{name}"', f'#/components/schemas/New{name}"'))
    changed["components"]["schemas"][f"New{name}"] = changed["components"]["schemas"].pop(name)
    raw.update(changed)


def another_id(name: str, raw: Json) -> None:
    operation(raw, name)["operationId"] = name.replace("_", "_new_")


def security(raw: Json) -> Iterator[Change]:
    """Who may call: more people, and in more ways."""
    for of in ("list_products", "create_product", "upsert_products", "read_statistics"):
        yield Change("no scope needed", of, partial(secured, of, [{"bearer": []}]))
        yield Change("for everyone", of, partial(secured, of, []))
        yield Change("another way to sign in", of, partial(another_scheme, of))


def secured(of: str, schemes: list[Json], raw: Json) -> None:
    operation(raw, of)["security"] = schemes


def another_scheme(of: str, raw: Json) -> None:
    raw["components"]["securitySchemes"]["key"] = {"type": "apiKey", "in": "header", "name": "X-Key"}
    operation(raw, of)["security"].append({"key": []})


def deprecated(raw: Json) -> Iterator[Change]:
    """Every operation, parameter and field: with a day to come, and without."""
    for day, words in ((LATER, "deprecated until a day"), ("", "deprecated")):
        for _, _, spec in operations(raw):
            of = spec["operationId"]
            yield Change(f"operation {words}", of, partial(deprecated_operation, of, day))
            for one in spec.get("parameters", ()):
                if one["in"] != "path":
                    edit = partial(deprecated_parameter, of, one["name"], day)
                    yield Change(f"parameter {words}", f"{of} {one['name']}", edit)
        sent = [name for names in SENT.values() for name in names]
        for of, where in [*((of, "answers") for of in ANSWERED.values()), *((of, "requests") for of in sent)]:
            for name in schemas(raw).get(of, {}).get("properties", ()):
                edit = partial(deprecated_field, of, name, day)
                yield Change(f"field of {where} {words}", f"{of}.{name}", edit)


def deprecated_parameter(of: str, name: str, day: str, raw: Json) -> None:
    deprecate(parameter(raw, of, name), day)


def deprecated_field(of: str, name: str, day: str, raw: Json) -> None:
    deprecate(schemas(raw)[of]["properties"][name], day)


def removed(raw: Json) -> Iterator[Change]:
    """Every operation, parameter, field and header: gone after its day, or without notice."""
    for path, method, spec in operations(raw):
        of = spec["operationId"]
        announce = partial(deprecated_operation, of, SUNSET)
        asked = re.sub(r"\{[^}]+\}", "[^/ ]+", path) + " answered 40[45]"
        yield from ends("operation", of, partial(no_operation, path, method), announce, asked)
        for one in spec.get("parameters", ()):
            if one["in"] != "path" and not one.get("required"):
                announce = partial(deprecated_parameter, of, one["name"], SUNSET)
                gone = partial(no_parameter, of, one["name"])
                yield from ends("parameter", f"{of} {one['name']}", gone, announce, rf"\b{one['name']}\b")
        for name in spec["responses"].get("200", {}).get("headers", ()):
            gone, announce = partial(no_header, of, name), partial(deprecated_header, of, name)
            yield from ends("header of answers", f"{of} {name}", gone, announce, rf"\b{name}\b")
    sent = [name for names in SENT.values() for name in names]
    others = ["ProductPage", "ProductOutcome", "Statistics", "Identity", "ProblemDetails", "LowStock"]
    answered = [*ANSWERED.values(), *others]
    for of, where in [*((of, "answers") for of in answered), *((of, "requests") for of in sent)]:
        for name in schemas(raw).get(of, {}).get("properties", {}):
            if name in LASTING:
                continue
            announce, gone = partial(deprecated_field, of, name, SUNSET), partial(no_field, of, name)
            yield from ends(f"field of {where}", f"{of}.{name}", gone, announce, rf"\b{name}\b")


def ends(kind: str, place: str, gone: Edit, announce: Edit, excused: str) -> Iterator[Change]:
    yield Change(f"{kind} removed after its day", place, gone, announce=announce, gone=(excused,))
    yield Change(f"{kind} removed without notice", place, gone, stops=True)


def no_operation(path: str, method: str, raw: Json) -> None:
    del raw["paths"][path][method]
    if not {*METHODS} & raw["paths"][path].keys():
        del raw["paths"][path]


def no_parameter(of: str, name: str, raw: Json) -> None:
    operation(raw, of)["parameters"].remove(parameter(raw, of, name))


def no_header(of: str, name: str, raw: Json) -> None:
    del operation(raw, of)["responses"]["200"]["headers"][name]


def no_field(of: str, name: str, raw: Json) -> None:
    schema = schemas(raw)[of]
    del schema["properties"][name]
    if name in schema.get("required", ()):
        schema["required"].remove(name)


def deprecated_operation(of: str, day: str, raw: Json) -> None:
    deprecate(operation(raw, of), day)


def deprecated_header(of: str, name: str, raw: Json) -> None:
    headers = operation(raw, of)["responses"]["200"]["headers"]
    if "$ref" in headers[name]:
        headers[name] = deepcopy(raw["components"]["headers"][headers[name]["$ref"].rpartition("/")[2]])
    deprecate(headers[name])


def surroundings(raw: Json) -> Iterator[Change]:
    """All of this module."""
    for make in (
        new_operations, new_parameters, new_answers, words, spelling, security, deprecated, removed,
    ):  # fmt: skip
        yield from make(raw)
