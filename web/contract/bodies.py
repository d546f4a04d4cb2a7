"""What an operation takes and what it answers, by media type. Standard library only."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from contract.annotations import ANY, Types, is_binary, merged
from contract.document import Document, Json, Operation, is_json
from contract.names import Unsupported
from contract.python import literal, mapping

JSON = "application/json"
URLENCODED = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
FORMS = (MULTIPART, URLENCODED)
WITHOUT_CONTENT = ("204", "205", "304")
SUCCESS = re.compile(r"2(\d\d|xx)", re.IGNORECASE)


@dataclass(frozen=True)
class Body:
    """The argument for a body, if there is one, and the lines of the call that send it."""

    argument: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Answer:
    """The type that a call has, the value that says so, and further lines of the call."""

    kind: str
    value: str
    lines: list[str]


def body_part(operation: Operation, document: Document, types: Types) -> Body:
    """Return how a body is sent; raise Unsupported for one that a call cannot write."""
    spec = operation.spec.get("requestBody")
    if spec is None:
        return Body()
    media, content = request_media(spec.get("content") or {})
    schema, styles = content.get("schema", True), {}
    if media in FORMS:
        styles = form_styles(media, content, document)
        kind = types.of(schema) if isinstance(schema, dict) else "dict[str, Any]"
    elif is_json(media):
        kind = types.of(schema)
    else:
        kind = "str" if media.startswith("text/") else "bytes"
    lines = ["body=body"]
    if media != JSON:
        lines.append(f"media={literal(media)}")
    if styles:
        lines.append(f"body_styles={mapping(styles)}")
    if spec.get("required"):
        return Body([f"body: {kind}"], lines)
    kind = kind if kind == ANY else f"{kind} | models.UnsetType"
    return Body([f"body: {kind} = models.UNSET"], lines)


def request_media(content: Json) -> tuple[str, Json]:
    """Return the media type to send, JSON if it may be, and what is said of it."""
    for media, each in content.items():
        if is_json(media) or is_any_json(media, each):
            return (media if is_json(media) else JSON), each
    for media, each in content.items():
        kind = media.split(";")[0].strip().lower()
        if kind in FORMS:
            return kind, each
        if "*" not in kind and not kind.startswith("multipart/"):
            return media, each
    raise Unsupported(f"takes {', '.join(content) or 'a body of no media type'}")


def is_any_json(media: str, content: Json) -> bool:
    """Tell whether JSON is in a range of media types that is said to have a structure."""
    schema = content.get("schema")
    is_text = isinstance(schema, dict) and schema.get("type", "string") == "string"
    return media in ("*/*", "application/*") and not (is_text and "$ref" not in (schema or {}))


def form_styles(media: str, content: Json, document: Document) -> dict[str, str]:
    """Return how each field of a form is written, where not as it is by default."""
    schema = merged(document, content.get("schema", {}))
    if schema.get("type", "object") != "object" or schema.keys() & {"anyOf", "oneOf"}:
        raise Unsupported(f"takes {media} that is no object with fields")
    styles = {}
    for name, encoding in content.get("encoding", {}).items():
        if any(each.get("required") for each in encoding.get("headers", {}).values()):
            raise Unsupported(f"requires headers in the form's {name!r}")
        if style := field_style(media, encoding):
            styles[name] = style
    for name, prop in schema.get("properties", {}).items():
        if not is_field(media, prop, styles.get(name, ""), document):
            raise Unsupported(f"takes a form with {name!r}, which this client does not write")
    if media == URLENCODED:
        properties = schema.get("properties", {}).items()
        refuse_names_written_twice(
            ((name, prop, styles.get(name, "form*")) for name, prop in properties), document
        )
    return styles


def refuse_names_written_twice(values: Iterable[tuple[str, Any, str]], document: Document) -> None:
    """Raise Unsupported where two of a query's or a form's values have one name in it.

    Values are given by their name, schema and style.
    """
    owners: dict[str, str] = {}
    for name, schema, style in values:
        for written in names_written(name, schema, style, document):
            if written in owners:
                raise Unsupported(f"{owners[written]!r} and {name!r} both send {written!r}")
            owners[written] = name


def names_written(name: str, schema: Any, style: str, document: Document) -> set[str]:
    """Return the names under which a value is sent: of an object, those of its members."""
    members = member_names(schema, document) if style in ("form*", "deepObject") else set()
    return {f"{name}[{one}]" for one in members} if style == "deepObject" else members or {name}


def member_names(schema: Any, document: Document) -> set[str]:
    """Return the names of the members that an object is said to have, whatever its shape."""
    schema = merged(document, schema)
    options = [o for union in ("anyOf", "oneOf") for o in schema.get(union, ())]
    inner = (member_names(option, document) for option in options)
    return {*schema.get("properties", {})}.union(*inner)


def field_style(media: str, encoding: Json) -> str:
    """Return what an encoding says of a field; empty where it says nothing."""
    kind = str(encoding.get("contentType", "")).split(",")[0].strip()
    if media == MULTIPART:
        return "" if "*" in kind else kind
    style = encoding.get("style", "form")
    if "style" not in encoding and is_json(kind):
        return JSON
    return style if style == "deepObject" or not encoding.get("explode", style == "form") else ""


def is_field(media: str, prop: Any, style: str, document: Document) -> bool:
    """Tell whether a call can write a field of a form."""
    if style == JSON:
        return media == URLENCODED or not has(prop, "array", document)
    if media == URLENCODED:
        return is_flat(prop, document, objects=style == "deepObject")
    # An object is a part of JSON; so is each object of a list.
    items = merged(document, prop).get("items", True)
    return not (has(prop, "array", document) and has(items, "array", document))


def has(schema: Any, kind: str, document: Document) -> bool:
    """Tell whether a value may be of a type."""
    schema = merged(document, schema)
    options = [o for union in ("anyOf", "oneOf") for o in schema.get(union, ())]
    own = schema.get("type", ())
    return (
        kind == own
        or (kind in own and isinstance(own, list))
        or any(has(option, kind, document) for option in options)
    )


def is_flat(schema: Any, document: Document, depth: int = 1, *, objects: bool = True) -> bool:
    """Tell whether a value is one text, or a list or an object of such."""
    schema = merged(document, schema)
    inner = [*schema.get("properties", {}).values(), schema.get("additionalProperties", True)]
    if "properties" in schema or has(schema | {"anyOf": [], "oneOf": []}, "object", document):
        return objects and depth > 0 and all(is_flat(each, document, depth - 1) for each in inner)
    if "items" in schema or has(schema | {"anyOf": [], "oneOf": []}, "array", document):
        return depth > 0 and is_flat(schema.get("items", True), document, depth - 1)
    options = [o for union in ("anyOf", "oneOf") for o in schema.get(union, ())]
    return all(is_flat(option, document, depth, objects=objects) for option in options)


def answer_part(operation: Operation, types: Types) -> Answer:
    """Return the type of a success, and of others where they differ by status."""
    found = {code: one_answer(spec, types) for code, spec in successes(operation).items()}
    has_content = any(found.values())
    read = {
        code: one or (["None"] if has_content or code in WITHOUT_CONTENT else ["bytes"], "*/*")
        for code, one in found.items()
    } or {"204": (["None"], "*/*")}
    main = next((code for code in read if code.upper() == "2XX"), min(read))
    values = {code: value_of(kinds) for code, (kinds, _) in read.items()}
    lines = []
    accept = dict.fromkeys(media for kinds, media in read.values() if kinds != ["None"])
    if list(accept) not in ([], [JSON]):
        lines.append(f"accept={literal(', '.join(accept))}")
    others = {code: value for code, value in values.items() if value != values[main]}
    if others:
        pairs = ", ".join(f"{code}: {value}" for code, value in others.items())
        lines.append(f"answers={{{pairs}}}")
    kinds = list(dict.fromkeys(kind for found, _ in read.values() for kind in found))
    union = " | ".join("str" if kind == "Text" else kind for kind in kinds)
    return Answer(ANY if ANY in kinds else union, values[main], lines)


def value_of(kinds: list[str]) -> str:
    """Return a type as the call carries it."""
    return "type(None)" if kinds == ["None"] else " | ".join(kinds)


def successes(operation: Operation) -> Json:
    """Return the successful answers by status; the default one where no other is."""
    answers = operation.spec["responses"]
    if operation.method == "HEAD":
        return {"204": {}}
    found = {code: answers[code] for code in answers if SUCCESS.fullmatch(code)}
    return found or {code: answers[code] for code in answers if code == "default"}


def one_answer(spec: Json, types: Types) -> tuple[list[str], str] | None:
    """Return the type and the media type of an answer, JSON if it may be; None without content."""
    content = spec.get("content") or {}
    for media, each in content.items():
        if is_json(media) or is_any_json(media, each):
            accept = media.split(";")[0].strip() if is_json(media) else JSON
            return types.members(each.get("schema", True)), accept
    for media, each in content.items():
        schema = each.get("schema", {})
        is_text = media.startswith("text/") and not (isinstance(schema, dict) and is_binary(schema))
        return ["Text" if is_text else "bytes"], media.split(";")[0].strip()
    return None
