"""An OpenAPI document: its references and its operations.

A document is checked in full when it is read, so that all other code can rely on its structure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urljoin

from contract.openapi.grammar import METHODS, GrammarError, Walk, descend, lead, pointer
from contract.openapi.grammar import named as entries
from contract.openapi.reading import DocumentError, parse

__all__ = ["Document", "DocumentError", "Operation", "load", "parse"]

_VERSION = re.compile(r"3\.[012](\.\d+)?(-[\w.]+)?")
_SCHEME = re.compile(r"[a-zA-Z][\w+.-]+:")


@dataclass(frozen=True)
class Operation:
    """One method of one path (or of a webhook); references are followed in both, down to the schemas."""

    method: str
    path: str
    item: dict[str, Any]
    data: dict[str, Any]

    @property
    def key(self) -> tuple[str, str]:
        """What identifies the operation in another document. The names of path parameters do not count."""
        return self.method, re.sub(r"\{[^}]*\}", "{}", self.path)

    @property
    def name(self) -> str:
        """METHOD and path, as HTTP says it."""
        return f"{self.method.upper()} {self.path}"


class Document:
    """A parsed document; raises DocumentError with the place of an invalid node or an unresolved reference."""

    def __init__(self, data: Any, path: Path, read: Callable[[Path], bytes] = Path.read_bytes) -> None:
        if not isinstance(data, dict):
            raise DocumentError(f"{path}: not an OpenAPI 3 document (no `openapi: 3.x` at its top)")
        self.data: dict[str, Any] = data
        self.path = path
        self._read = read
        self.version = _version(data, path)
        self._files: dict[Path, Any] = {}
        self._targets: dict[str, Any] = {}
        self._followed: dict[tuple[int, str], tuple[Any, Any]] = {}
        self._open: set[tuple[int, str]] = set()
        # Keys beside a `$ref` that is not a schema's, by their place. They have no effect.
        self.beside: dict[str, dict[str, Any]] = {}
        self._identities = _Identities(data if self.version != "3.0" else {})
        try:
            for place, kind, node in Walk(data, self.target).nodes():
                self._hints(place, kind, node)
                if "$ref" in node and kind not in ("schema", "item") and len(node) > 1:
                    self.beside[pointer(place)] = {key: value for key, value in node.items() if key != "$ref"}
            for section in ("paths", "webhooks"):
                self._apart(self.operations(section))
        except GrammarError as error:
            raise DocumentError(f"{path}: {error}") from None

    @property
    def parted(self) -> bool:
        """Whether it refers to other files."""
        return bool(self._files)

    @property
    def rebased(self) -> bool:
        """Whether a reference may depend on where it stands, because a schema has an `$id`."""
        return self._identities.rebased

    def reference(self, node: dict[str, Any]) -> str:
        """The `$ref` (or `$dynamicRef`) of a node as it reads from the top of the document."""
        reference: str = node["$ref"] if "$ref" in node else self._identities.bound(node["$dynamicRef"], self.path)
        base = self._identities.base(node)
        return urljoin(base, reference) if base else reference

    def target(self, node: dict[str, Any]) -> Any:
        """What the `$ref` of a node points at; raises DocumentError when there is nothing."""
        return self.lookup(self.reference(node))

    def lookup(self, reference: str) -> Any:
        """What a reference points at; raises DocumentError when there is nothing."""
        if reference not in self._targets:
            self._targets[reference] = self._find(reference)
        return self._targets[reference]

    def resolve(self, node: Any) -> dict[str, Any]:
        """The object at the end of a chain of references. Keys beside a `$ref` win (path items, 3.1)."""
        seen = set()
        while isinstance(node, dict) and isinstance(node.get("$ref"), str):
            reference = self.reference(node)
            if reference in seen:
                raise DocumentError(f"{self.path}: {reference} refers to itself")
            seen.add(reference)
            beside = {key: value for key, value in node.items() if key != "$ref"}
            target = self.lookup(reference)
            node = {**target, **beside} if beside and isinstance(target, dict) else target
        return node if isinstance(node, dict) else {}

    def followed(self, node: Any, kind: str) -> Any:
        """An object with every reference in it replaced by its target, except those within schemas."""
        key = (id(node), kind)
        if key not in self._followed:
            if key in self._open:
                raise DocumentError(f"{self.path}: a reference to {_article(kind)} leads in a circle")
            self._open.add(key)
            # The node is kept too, so that no other object gets its id.
            self._followed[key] = (node, self._follow(node, kind))
            self._open.discard(key)
        return self._followed[key][1]

    def operations(self, section: str = "paths") -> Iterator[Operation]:
        """Every operation, in the order of the document."""
        paths = self.data.get(section)
        for path, raw in entries("document", section, paths) if isinstance(paths, dict) else ():
            item = self.followed(raw, "item") if isinstance(raw, dict) else {}
            for method, data in methods(item):
                yield Operation(method, path, item, data)

    def _apart(self, operations: Iterator[Operation]) -> None:
        """OpenAPI, Paths Object: two templates that differ in their names alone are the same path."""
        seen: dict[tuple[str, str], str] = {}
        for operation in operations:
            other = seen.setdefault(operation.key, operation.path)
            if other != operation.path:
                raise DocumentError(f"{self.path}: {other} and {operation.path} are the same path")

    def _follow(self, node: Any, kind: str) -> Any:
        if not isinstance(node, dict):
            return node
        if isinstance(node.get("$ref"), str):
            target = self.followed(self.target(node), kind)
            beside = {key: value for key, value in node.items() if key in ("summary", "description") or kind == "item"}
            beside.pop("$ref", None)
            return {**target, **self._inside(beside, kind)}
        return self._inside(node, kind)

    def _inside(self, node: dict[str, Any], kind: str) -> dict[str, Any]:
        changed = {}
        for key, value in node.items():
            led = lead(kind, key)
            if led is None or led.kind in ("schema", "text"):
                continue
            made = self._held(value, led.form, led.kind)
            if made is not value:
                changed[key] = made
        return {**node, **changed} if changed else node

    def _held(self, value: Any, form: str, kind: str) -> Any:
        if form == "one":
            return self.followed(value, kind)
        if isinstance(value, list):
            listed = [self.followed(one, kind) for one in value]
            return listed if any(one is not other for one, other in zip(listed, value, strict=True)) else value
        if isinstance(value, dict):
            mapped = {name: self.followed(one, kind) for name, one in value.items()}
            return mapped if any(mapped[name] is not one for name, one in value.items()) else value
        return value

    def _hints(self, place: tuple[Any, ...], kind: str, node: dict[str, Any]) -> None:
        """Check references that are not a `$ref`: dynamic ones, and those of discriminators."""
        if kind == "schema" and isinstance(node.get("$dynamicRef"), str):
            self.lookup(self.reference({"$dynamicRef": node["$dynamicRef"]}))
        mapping = node.get("mapping") if kind == "discriminator" else None
        for value, target in mapping.items() if isinstance(mapping, dict) else ():
            # OpenAPI 3.1, Discriminator Object: a bare name is that of a schema, or of something outside the document.
            if isinstance(target, str) and target.startswith("#"):
                try:
                    self.lookup(target)
                except DocumentError:
                    where = pointer((*place, "mapping", value))
                    raise DocumentError(f"{self.path}: {where}: {target} cannot be resolved") from None

    def _find(self, reference: str) -> Any:
        file, _, fragment = reference.partition("#")
        root = self._root(file, reference)
        if fragment and not fragment.startswith("/"):
            return self._anchor(root, unquote(fragment), reference)
        found = _pointed(root, fragment)
        if found is _MISSING and file and fragment.startswith(("/components/", "/paths/", "/webhooks/")):
            # Within a schema that has an `$id`, many documents still refer from the top of the document.
            found = _pointed(self.data, fragment)
        if found is _MISSING:
            raise DocumentError(f"{self.path}: {reference} cannot be resolved")
        return found

    def _root(self, file: str, reference: str) -> Any:
        if not file or file == self.data.get("$self"):
            return self.data
        known = self._identities.roots.get(file, _MISSING)
        if known is not _MISSING:
            return known
        if _SCHEME.match(file):
            raise DocumentError(f"{self.path}: {reference}: references over a network are not followed")
        return self._file((self.path.parent / unquote(file)).resolve())

    def _file(self, path: Path) -> Any:
        if path not in self._files:
            self._files[path] = parse(path, self._read)
            _absolute_references(self._files[path], path, main=self.path)
        return self._files[path]

    def _anchor(self, root: Any, name: str, reference: str) -> Any:
        found = [node for node in _nodes(root) if name in (node.get("$anchor"), node.get("$dynamicAnchor"))]
        if len(found) != 1:
            why = "cannot be resolved" if not found else f"stands for {len(found)} schemas"
            raise DocumentError(f"{self.path}: {reference} {why}")
        return found[0]


class _Identities:
    """Every `$id` of a document, and the base of each reference (JSON Schema 2020-12 core, section 8.2.1)."""

    def __init__(self, data: dict[str, Any]) -> None:
        self.roots: dict[str, Any] = {}
        self._data = data
        self._bases: dict[int, str] = {}
        if any("$id" in node for node in _nodes(data)) or "$self" in data:
            self._collect(data, str(data.get("$self", "")))

    def base(self, node: dict[str, Any]) -> str:
        """The base address of a node's reference; empty for the document itself."""
        return self._bases.get(id(node), "")

    @property
    def rebased(self) -> bool:
        """Whether a node below an `$id` has a reference."""
        return bool(self._bases)

    def bound(self, reference: str, path: Path) -> str:
        """A `$dynamicRef` as a `$ref`; raises DocumentError if it can mean several schemas."""
        name = reference.rpartition("#")[2]
        anchors = [node for node in _nodes(self._data) if node.get("$dynamicAnchor") == name]
        if len(anchors) > 1:
            raise DocumentError(f"{path}: $dynamicRef {reference} may mean {len(anchors)} schemas; it is not followed")
        return reference

    def _collect(self, data: Any, start: str) -> None:
        stack = [(data, False, start)]
        while stack:
            node, names, base = stack.pop()
            if isinstance(node, dict) and not names:
                if isinstance(node.get("$id"), str):
                    base = urljoin(base, node["$id"])
                    self.roots[base.removesuffix("#")] = node
                if isinstance(node.get("$ref"), str) and base != start:
                    self._bases[id(node)] = base
            stack.extend((inner, named, base) for inner, named in descend(node, names))


def _version(data: dict[str, Any], path: Path) -> str:
    version = data.get("openapi")
    if "swagger" in data:
        raise DocumentError(
            f"{path}: not an OpenAPI 3 document but Swagger {data['swagger']}; convert it to OpenAPI 3 first"
        )
    if not isinstance(version, str):
        raise DocumentError(f"{path}: not an OpenAPI 3 document (no `openapi: 3.x` at its top)")
    if not _VERSION.fullmatch(version):
        raise DocumentError(f"{path}: OpenAPI {version} is not supported, only 3.0, 3.1 and 3.2")
    return version[:3]


def methods(item: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The operations of a path item by their method; those of OpenAPI 3.2's `additionalOperations` among them."""
    for method in METHODS:
        if isinstance(item.get(method), dict):
            yield method, item[method]
    more = item.get("additionalOperations")
    for method, data in more.items() if isinstance(more, dict) else ():
        if isinstance(data, dict):
            yield method, data


def calls(operation: Operation) -> Iterator[tuple[tuple[str, str, str], Operation]]:
    """The operations with which the server calls back, by the callback's name, its expression and the method."""
    callbacks: dict[str, Any] = operation.data.get("callbacks") or {}
    for name, raw in callbacks.items():
        for expression, item in raw.items():
            if expression.startswith("x-") or not isinstance(item, dict):
                continue
            for method, data in methods(item):
                yield (name, expression, method), Operation(method, expression, item, data)


def _article(kind: str) -> str:
    return f"an {kind}" if kind[0] in "aeio" else f"a {kind}"


_MISSING = object()


def _pointed(root: Any, fragment: str) -> Any:
    for part in fragment.split("/")[1:]:
        root = _child(root, unquote(part).replace("~1", "/").replace("~0", "~"))
        if root is _MISSING:
            break
    return root


def _child(node: Any, key: str) -> Any:
    if isinstance(node, dict):
        return node.get(key, _MISSING)
    if isinstance(node, list) and key.isascii() and key.isdigit() and len(key) < 9 and int(key) < len(node):
        return node[int(key)]
    return _MISSING


def _nodes(root: Any) -> Iterator[dict[str, Any]]:
    """Every object of a document that may hold a reference."""
    stack = [(root, False)]
    while stack:
        node, names = stack.pop()
        if isinstance(node, dict) and not names:
            yield node
        stack.extend(descend(node, names))


def _absolute_references(root: Any, path: Path, main: Path) -> None:
    """Make the references of another file absolute."""
    for node in _nodes(root):
        reference = node.get("$ref")
        if not isinstance(reference, str) or _SCHEME.match(reference):
            continue
        file, _, fragment = reference.partition("#")
        if file:
            target = (path.parent / unquote(file)).resolve()
            node["$ref"] = f"#{fragment}" if target == main.resolve() else f"{target}#{fragment}"
        else:
            node["$ref"] = f"{path}#{fragment}"


def load(path: Path | str, read: Callable[[Path], bytes] = Path.read_bytes) -> Document:
    """Read a document; raises DocumentError when it is not OpenAPI 3.0, 3.1 or 3.2.

    `read` gives the bytes of a path: of the document, and of each file that it refers to.
    """
    return Document(parse(Path(path), read), Path(path), read)
