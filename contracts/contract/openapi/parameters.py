"""Parameters of an operation: which there are, what schema they have, and how a value of one is written as text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import quote

from contract.openapi.document import Document, Operation

Parameter = dict[str, Any]
ANY: Any = True
# OpenAPI, Parameter Object: header parameters of these names are described elsewhere and ignored here.
ELSEWHERE = frozenset({"accept", "content-type", "authorization"})
DEFAULT_STYLE = {"query": "form", "cookie": "form", "path": "simple", "header": "simple"}
_QUERY_STYLES = frozenset({"form", "spaceDelimited", "pipeDelimited", "deepObject"})
_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][-+]?\d+)?$")


class Key(NamedTuple):
    """What identifies a parameter in another document. A path parameter goes by position, a header by lower case."""

    location: str
    name: str


def parameters_of(document: Document, operation: Operation) -> dict[Key, Parameter]:
    """The parameters of an operation; its own win over those of its path."""
    found: dict[Key, Parameter] = {}
    places = {name: str(index) for index, name in enumerate(re.findall(r"\{([^}]*)\}", operation.path))}
    for raw in [*(operation.item.get("parameters") or ()), *(operation.data.get("parameters") or ())]:
        parameter = document.resolve(raw)
        key = written_key(parameter)
        if key.location == "path":
            # A parameter that is not in the path gets a name in braces, which cannot be mistaken for a position.
            key = Key("path", places.get(key.name, f"{{{key.name}}}"))
        if key.location != "header" or key.name not in ELSEWHERE:
            found[key] = parameter
    return found


def written_key(parameter: Parameter) -> Key:
    """The key of a parameter by itself, whatever the path of its operation."""
    location, name = str(parameter.get("in", "")), str(parameter.get("name", ""))
    return Key(location, name.lower() if location == "header" else name)


def schema_of(parameter: Parameter) -> tuple[Any, str]:
    """The schema of a parameter or header, and its media type (empty: it has a style)."""
    content = parameter.get("content")
    if isinstance(content, dict) and content:
        media_type, entry = next(iter(content.items()))
        return (entry or {}).get("schema", ANY), media_type
    return parameter.get("schema", ANY), ""


def style_of(parameter: Parameter) -> tuple[str, bool]:
    """OpenAPI, Parameter Object: `style` depends on the location, `explode` on the style."""
    style = parameter.get("style") or DEFAULT_STYLE.get(parameter.get("in", ""), "simple")
    explode = parameter.get("explode")
    return style, (style == "form") if explode is None else explode is True


def serialize(parameter: Parameter, value: Any) -> str:
    """A parameter as it stands in a request, for a person to read."""
    name, location = parameter.get("name", ""), parameter.get("in", "")
    style, explode = style_of(parameter)
    text = _joined(name, style, explode, value)
    if location == "query":
        return f"?{text}"
    return f"{name}: {text}" if location == "header" else text


def _joined(name: str, style: str, explode: bool, value: Any) -> str:
    query = style in _QUERY_STYLES
    if isinstance(value, dict):
        if style == "deepObject":
            return "&".join(f"{name}[{key}]={_quoted(inner)}" for key, inner in value.items())
        if explode:
            return ("&" if query else ",").join(f"{key}={_quoted(inner)}" for key, inner in value.items())
        value = [part for pair in value.items() for part in pair]
    if isinstance(value, list):
        if explode and query:
            return "&".join(f"{name}={_quoted(item)}" for item in value) or f"{name}="
        mark = {"spaceDelimited": "%20", "pipeDelimited": "|"}.get(style, ",")
        text = mark.join(_quoted(item) for item in value)
    else:
        text = _quoted(value)
    return f"{name}={text}" if query else text


def _quoted(value: Any) -> str:
    return quote(text_of(value) if not isinstance(value, list | dict) else str(value), safe="-_.:/@!$'*+ ,")[:200]


def text_of(value: Any) -> str:
    """A scalar as it stands in a URL or a header."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def readings(value: Any) -> Iterator[Any]:
    """Every value that a reader may make of a value's text."""
    yield value
    if isinstance(value, list):
        yield [text_of(item) if not isinstance(item, list | dict) else item for item in value]
        yield [_parsed(text_of(item)) if not isinstance(item, list | dict) else item for item in value]
        if len(value) == 1:
            yield from readings(value[0])
    elif isinstance(value, dict):
        yield {key: text_of(inner) if not isinstance(inner, list | dict) else inner for key, inner in value.items()}
        yield {key: _parsed(text_of(inner)) for key, inner in value.items() if not isinstance(inner, list | dict)}
    else:
        yield text_of(value)
        yield _parsed(text_of(value))
        yield [text_of(value)]
        yield [_parsed(text_of(value))]


def _parsed(text: str) -> Any:
    if text in ("true", "false"):
        return text == "true"
    return (float(text) if re.search(r"[.eE]", text) else int(text)) if _NUMBER.match(text) else text
