"""An OpenAPI document as it is on disk: reading it, following its references, listing its operations.

Nothing here knows what a difference is. Only what JSON can say is read from YAML (YAML 1.2 core schema).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import yaml

from contract.wellformed import METHODS, fault

# Under these keywords stands data, in which `$ref` is a word like any other.
DATA = frozenset({"example", "examples", "default", "enum", "const", "x-extensible-enum"})


class DocumentError(Exception):
    """The document cannot be read or understood; the text is one line for a person."""


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # chosen at run time
    """YAML as JSON sees it: no dates, no `yes`, keys are strings."""


_Loader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
    ("null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
    ("int", r"^[-+]?[0-9]+$", "-+0123456789"),
    ("float", r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$", "-+.0123456789"),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_pattern), list(_first))
_Loader.add_constructor("tag:yaml.org,2002:int", lambda loader, node: int(loader.construct_scalar(node)))
_Loader.add_constructor("tag:yaml.org,2002:float", lambda loader, node: float(loader.construct_scalar(node)))


@dataclass(frozen=True)
class Operation:
    """One method of one path (or of a webhook); `item` is the path item, references followed."""

    method: str
    path: str
    item: dict[str, Any]
    data: dict[str, Any]

    @property
    def name(self) -> str:
        """METHOD and path, as HTTP says it."""
        return f"{self.method.upper()} {self.path}"


class Document:
    """A parsed document; references are followed when they are needed, and each only once."""

    def __init__(self, data: Any, path: Path) -> None:
        if not isinstance(data, dict) or not isinstance(data.get("openapi"), str):
            raise DocumentError(f"{path}: not an OpenAPI 3 document (no `openapi: 3.x` at its top)")
        if not data["openapi"].startswith(("3.0", "3.1")):
            raise DocumentError(f"{path}: OpenAPI {data['openapi']} is not supported, only 3.0 and 3.1")
        problem = fault(data)
        if problem:
            raise DocumentError(f"{path}: {problem}")
        self.data: dict[str, Any] = data
        self.path = path
        self.version = data["openapi"][:3]
        self._files: dict[Path, Any] = {}
        self._targets: dict[str, Any] = {}

    def lookup(self, reference: str) -> Any:
        """What a `$ref` points at; raises DocumentError when there is nothing."""
        if reference not in self._targets:
            self._targets[reference] = self._find(reference)
        return self._targets[reference]

    def resolve(self, node: Any) -> dict[str, Any]:
        """The object itself, after any chain of references; keys beside a `$ref` win (path items, 3.1)."""
        seen = set()
        while isinstance(node, dict) and isinstance(node.get("$ref"), str):
            reference = node["$ref"]
            if reference in seen:
                raise DocumentError(f"{self.path}: {reference} refers to itself")
            seen.add(reference)
            beside = {key: value for key, value in node.items() if key != "$ref"}
            target = self.lookup(reference)
            node = {**target, **beside} if beside and isinstance(target, dict) else target
        return node if isinstance(node, dict) else {}

    def operations(self, section: str = "paths") -> Iterator[Operation]:
        """Every operation, in the order of the document."""
        paths = self.data.get(section)
        for path, raw in paths.items() if isinstance(paths, dict) else ():
            item = self.resolve(raw)
            for method in METHODS:
                if isinstance(item.get(method), dict):
                    yield Operation(method, path, item, item[method])

    def _find(self, reference: str) -> Any:
        file, _, fragment = reference.partition("#")
        if re.match(r"[a-zA-Z][\w+.-]+:", file):
            raise DocumentError(f"{self.path}: {reference}: references over a network are not followed")
        root = self._file((self.path.parent / unquote(file)).resolve()) if file else self.data
        if fragment and not fragment.startswith("/"):
            return self._anchor(root, fragment, reference)
        for part in fragment.split("/")[1:]:
            root = _child(root, unquote(part).replace("~1", "/").replace("~0", "~"))
            if root is _MISSING:
                raise DocumentError(f"{self.path}: {reference} cannot be resolved")
        return root

    def _file(self, path: Path) -> Any:
        if path not in self._files:
            self._files[path] = parse(path)
            _absolute_references(self._files[path], path, main=self.path)
        return self._files[path]

    def _anchor(self, root: Any, name: str, reference: str) -> Any:
        for node in _nodes(root):
            if name in (node.get("$anchor"), node.get("$dynamicAnchor")):
                return node
        raise DocumentError(f"{self.path}: {reference} cannot be resolved")


_MISSING = object()


def _child(node: Any, key: str) -> Any:
    if isinstance(node, dict):
        return node.get(key, _MISSING)
    if isinstance(node, list) and key.isdigit() and int(key) < len(node):
        return node[int(key)]
    return _MISSING


def _nodes(root: Any) -> Iterator[dict[str, Any]]:
    """Every object of a document that may hold a reference."""
    stack = [root]
    while stack:
        node = stack.pop()
        if isinstance(node, dict):
            yield node
            stack.extend(value for key, value in node.items() if key not in DATA or key == "examples")
        elif isinstance(node, list):
            stack.extend(node)


def _absolute_references(root: Any, path: Path, main: Path) -> None:
    """Write the references of another file so that they mean the same from everywhere."""
    for node in _nodes(root):
        reference = node.get("$ref")
        if not isinstance(reference, str) or re.match(r"[a-zA-Z][\w+.-]+:", reference):
            continue
        file, _, fragment = reference.partition("#")
        if file:
            target = (path.parent / unquote(file)).resolve()
            node["$ref"] = f"#{fragment}" if target == main.resolve() else f"{target}#{fragment}"
        else:
            node["$ref"] = f"{path}#{fragment}"


def _text_keys(node: Any) -> Any:
    """YAML allows any key; JSON only strings (`200:` under responses is the usual one)."""
    if isinstance(node, dict):
        return {key if isinstance(key, str) else json.dumps(key): _text_keys(value) for key, value in node.items()}
    return [_text_keys(value) for value in node] if isinstance(node, list) else node


def parse(path: Path) -> Any:
    """The content of a JSON or YAML file; raises DocumentError with the line at fault."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DocumentError(f"{path}: {getattr(error, 'strerror', None) or 'not UTF-8 text'}") from error
    try:
        if text.lstrip().startswith(("{", "[")):
            return json.loads(text)
    except ValueError as error:
        if path.suffix == ".json":
            raise DocumentError(f"{path}: not JSON: {error}") from error
    try:
        return _text_keys(yaml.load(text, Loader=_Loader))  # noqa: S506 - a safe loader with fewer types
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
        line = " ".join(str(error).split())
        raise DocumentError(f"{path}: not YAML: {line[:200]}") from error


def load(path: Path | str) -> Document:
    """Read a document; raises DocumentError when it is not OpenAPI 3.0 or 3.1."""
    return Document(parse(Path(path)), Path(path))
