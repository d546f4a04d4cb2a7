"""client/operations.py: one function an operation. Standard library only."""

import re
from typing import Any
from urllib.parse import quote

from contract.annotations import ANY, Types
from contract.bodies import answer_part, body_part, is_flat, refuse_names_written_twice
from contract.document import Document, Json, Operation
from contract.names import Unsupported, argument, distinct
from contract.python import docstring, header, literal, mapping, refused_by_name

IMPORTS = """
from typing import Any
from uuid import UUID

from client import models
from contract.call import Call, segment

__all__ = ["UUID", "Any", "segment"]
"""
# How a parameter can be written (OpenAPI, "Style Values"); the first is the default.
STYLES = {
    "path": ("simple",),
    "query": ("form", "spaceDelimited", "pipeDelimited", "deepObject"),
    "header": ("simple",),
    "cookie": ("form",),
}
# OpenAPI says to ignore these parameters: a call sets them.
OWN_HEADERS = frozenset(("accept", "content-type", "authorization"))
IN_BRACES = re.compile(r"\{([^{}]*)\}")

Arguments = dict[str, list[tuple[str, Json]]]


def operations_code(document: Document) -> str:
    """Return the text of client/operations.py."""
    types = Types(document, "models.")
    functions = []
    for name, operation in document.operations.items():
        with refused_by_name(operation.id):
            functions.append(function_code(name, operation, document, types))
    text = "".join(functions)
    imports = IMPORTS
    if re.search(r"\bText[,}]", text):
        imports = imports.replace("Call, segment", "Call, Text, segment")
    if "models." not in text:
        imports = imports.replace('"segment"]', '"models", "segment"]')
    return header("One function an operation.", document) + imports + text


def function_code(name: str, operation: Operation, document: Document, types: Types) -> str:
    """Return the function that builds one operation's call."""
    refuse_other_server(operation, document)
    arguments = name_arguments(operation, document)
    answer, body = answer_part(operation, types), body_part(operation, document, types)
    signature = [
        argument_code(each, parameter, document, types)
        for place in arguments.values()
        for each, parameter in place
    ]
    parts = [
        literal(operation.id),
        literal(operation.method),
        path_code(operation.path, arguments["path"]),
        answer.value,
        *parameter_lines(arguments, document),
        *body.lines,
        *answer.lines,
    ]
    signature = sorted([*signature, *body.argument], key=lambda each: " = " in each)
    listed = "\n    *,\n" + "".join(f"    {each},\n" for each in signature) if signature else ""
    doc = docstring(operation.spec.get("description") or operation.spec.get("summary", ""))
    return (
        f"\n\ndef {name}({listed}) -> Call[{answer.kind}]:\n{doc.rstrip()}\n"
        + "    return Call(\n"
        + "".join(f"        {part},\n" for part in parts)
        + "    )\n"
    )


def refuse_other_server(operation: Operation, document: Document) -> None:
    """Raise Unsupported for an operation that is not where the others are."""
    here = [server.get("url") for server in document.raw.get("servers", ())]
    for server in operation.spec.get("servers", ()):
        if here and server.get("url") not in here:
            raise Unsupported(f"lives at {server.get('url')!r}, another server")


def name_arguments(operation: Operation, document: Document) -> Arguments:
    """Return each place's parameters with the names of their arguments, all different.

    What a call cannot send is left out; Unsupported is raised where it is required.
    """
    taken = {"body"}
    found: Arguments = {}
    written = [p for p in operation.parameters if is_written(p, document)]
    for place in STYLES:
        sent = [p for p in written if p["in"] == place]
        names = distinct((p["name"] for p in sent), argument)
        found[place] = []
        for parameter in sent:
            name = names[parameter["name"]]
            name = f"{name}_{place}" if name in taken else name
            if name in taken:
                raise Unsupported(f"two parameters are {name!r} in Python")
            taken.add(name)
            found[place].append((name, parameter))
    return found


def is_written(parameter: Json, document: Document) -> bool:
    """Tell whether a call can send a parameter; raise Unsupported if it must and cannot."""
    if parameter["in"] == "header" and parameter["name"].lower() in OWN_HEADERS:
        return False
    can_be_sent = style_of(parameter, document) is not None
    if not can_be_sent and (parameter.get("required") or parameter["in"] == "path"):
        raise Unsupported(
            f"requires {parameter['name']!r} in {parameter['in']}, "
            "in a style that this client does not write"
        )
    return can_be_sent


def style_of(parameter: Json, document: Document) -> str | None:
    """Return how a parameter is written, with a star for `explode`; None if it cannot be."""
    place, styles = parameter["in"], STYLES.get(parameter["in"], ())
    if "schema" not in parameter:
        is_json = list(parameter.get("content", {})) == ["application/json"]
        return "application/json" if place == "query" and is_json else None
    style = parameter.get("style", next(iter(styles), None))
    explode = parameter.get("explode", style == "form")
    depth, objects = int(place != "cookie"), place != "header" or not explode
    if style not in styles or not is_flat(parameter["schema"], document, depth, objects=objects):
        return None
    if style in ("deepObject", "form", "simple"):
        return f"{style}*" if explode and style != "deepObject" else style
    return "form*" if explode else style


def argument_code(name: str, parameter: Json, document: Document, types: Types) -> str:
    """Return one argument; an optional one is None when it is left out."""
    schema = schema_of(parameter)
    is_id = isinstance(schema, dict) and schema.get("format") == "uuid"
    kind = "UUID | str" if is_id else types.of(schema)
    if parameter.get("required") or parameter["in"] == "path":
        return f"{name}: {kind}"
    kind = kind if kind == ANY or kind.endswith("None") else f"{kind} | None"
    return f"{name}: {kind} = None"


def schema_of(parameter: Json) -> Any:
    """Return the schema of a parameter's value."""
    content = parameter.get("content", {}).get("application/json", {})
    return parameter.get("schema", content.get("schema", True))


def parameter_lines(arguments: Arguments, document: Document) -> list[str]:
    """Return the lines of the call that carry the parameters."""
    lines = []
    for keyword, place in (("query", "query"), ("headers", "header"), ("cookies", "cookie")):
        if arguments[place]:
            pairs = ", ".join(f"{literal(wire_name(p))}: {name}" for name, p in arguments[place])
            lines.append(f"{keyword}={{{pairs}}}")
        if place == "query":
            styles = {p["name"]: str(style_of(p, document)) for _, p in arguments[place]}
            values = [(p["name"], schema_of(p), styles[p["name"]]) for _, p in arguments[place]]
            refuse_names_written_twice(values, document)
            if written := {name: style for name, style in styles.items() if style != "form*"}:
                lines.append(f"styles={mapping(written)}")
    return lines


def wire_name(parameter: Json) -> str:
    """Return how a parameter is written in a request; headers in their usual case."""
    name = str(parameter["name"])
    return name.title() if parameter["in"] == "header" else name


def path_code(path: str, parameters: list[tuple[str, Json]]) -> str:
    """Return the path as an f-string over its quoted parameters."""
    names = {parameter["name"]: (name, parameter) for name, parameter in parameters}
    if set(IN_BRACES.findall(path)) != set(names) or set("{}?#") & set(IN_BRACES.sub("", path)):
        raise Unsupported(f"the parameters of its path {path!r} are not those that it describes")
    pieces = IN_BRACES.split(path)
    for index, piece in enumerate(pieces):
        if index % 2:
            name, parameter = names[piece]
            style = ', "simple*"' if parameter.get("explode") else ""
            pieces[index] = f"{{segment({name}{style})}}"
        else:
            pieces[index] = quote(piece, safe="/:@!$&'()*+,;=-._~%")
    return f'f"{"".join(pieces)}"' if names else f'"{"".join(pieces)}"'
