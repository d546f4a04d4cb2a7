"""The page: what it is, the operations by tag, the schemas, what ends, the changelog."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from html import escape
from importlib.resources import files
from typing import Any

from contract.openapi.document import Document, Operation
from contract.openapi.parameters import parameters_of
from contract.reference.html import Anchors, code, scroll, tag
from contract.reference.markdown import blocks, inline
from contract.reference.operations import Operations
from contract.reference.schemas import Schemas

SEARCH = (
    '<label for="search">Search <kbd>/</kbd></label>'
    '<input id="search" type="search" autocomplete="off" spellcheck="false">'
    '<p id="found" class="quiet" role="status"></p><button id="scheme" type="button">Light or dark</button>'
)


def page(document: Document, changelog: str) -> str:
    """The reference of one document as HTML."""
    info = document.data.get("info") or {}
    title = f"{info.get('title', 'API')} {info.get('version', '')}".strip()
    style, script = _file("page.css"), _file("page.js")
    allowed = f"style-src '{_digest(style)}'; script-src '{_digest(script)}'"
    policy = f"default-src 'none'; {allowed}; base-uri 'none'; form-action 'none'"
    head = (
        f'<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>{escape(title)}</title><style>{style}</style>"
    )
    writer = Page(document, changelog)
    skip = tag("a", "Skip to the contents", href="#top", class_="skip")
    body = f"{skip}{writer.menu()}{writer.main(title)}<script>{script}</script>"
    return f'<!doctype html><html lang="en"><head>{head}</head><body>{body}</body></html>\n'


def _file(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    """What a Content-Security-Policy calls this text (CSP 3, section 2.3.1)."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


class Page:
    """Writes the parts of the page."""

    def __init__(self, document: Document, changelog: str) -> None:
        self.document = document
        self.changelog = changelog
        self.anchors = Anchors()
        for name in ("top", "search", "found", "scheme", "schemas", "deprecations", "changelog"):
            self.anchors("", name)
        self.operations = Operations(document, self.anchors)
        self.schemas = Schemas(document, self.anchors)
        self.groups = _groups(document)
        self.ending = list(self._ending())

    def menu(self) -> str:
        """Where everything is."""
        home = escape(str((self.document.data.get("info") or {}).get("title", "API")), quote=False)
        made = [tag("a", home, href="#top", class_="home"), tag("div", SEARCH, class_="tools", hidden="hidden")]
        groups = []
        for name, operations in self.groups.items():
            links = "".join(self._link(one) for one in operations)
            groups.append(tag("details", tag("summary", escape(name)) + tag("ul", links), open="open"))
        names = "".join(
            tag("li", tag("a", escape(name), href=f"#{self.anchors('schema', name)}")) for name in self._named()
        )
        groups.append(tag("details", tag("summary", "Schemas") + tag("ul", names)) if names else "")
        groups.append(tag("a", "Deprecations", href="#deprecations", class_="home") if self.ending else "")
        groups.append(tag("a", "Changelog", href="#changelog", class_="home") if self.changelog else "")
        contents = tag("details", tag("summary", "Contents") + "".join(groups), open="open", class_="contents")
        return tag("nav", "".join(made) + contents, aria_label="Contents")

    def _link(self, one: Operation) -> str:
        method = tag("span", escape(one.method.upper()), class_=f"method {escape(one.method.lower())}")
        words = tag("span", escape(self.operations.title(one), quote=False))
        return tag("li", tag("a", method + words, href=f"#{self.operations.anchor(one)}"))

    def _named(self) -> dict[str, Any]:
        found: dict[str, Any] = (self.document.data.get("components") or {}).get("schemas") or {}
        return found

    def main(self, title: str) -> str:
        """Everything that can be read."""
        description = blocks(str((self.document.data.get("info") or {}).get("description") or ""), 2)
        intro = tag("h1", escape(title, quote=False)) + description + self._servers() + self._security()
        made = [tag("header", intro, id="top", tabindex="-1")]
        told = {one.get("name"): one for one in self.document.data.get("tags") or () if isinstance(one, dict)}
        for name, operations in self.groups.items():
            words = blocks(str((told.get(name) or {}).get("description") or ""), 3)
            inner = "".join(self.operations.section(one, name != "webhooks") for one in operations)
            made.append(tag("section", tag("h2", escape(name)) + words + inner))
        articles = "".join(self._schema(name, node) for name, node in self._named().items())
        made.append(tag("section", tag("h2", "Schemas") + articles, id="schemas") if articles else "")
        made.append(self._deprecations())
        if self.changelog:
            made.append(tag("section", blocks(self.changelog, 2), id="changelog", class_="changelog"))
        return tag("main", "".join(made))

    def _servers(self) -> str:
        rows = [
            tag("li", code(one.get("url", "/")) + " " + inline(str(one.get("description") or "")))
            for one in self.document.data.get("servers") or ()
        ]
        return tag("h2", "Servers") + tag("ul", "".join(rows)) if rows else ""

    def _security(self) -> str:
        rows = []
        for name, raw in ((self.document.data.get("components") or {}).get("securitySchemes") or {}).items():
            scheme = self.document.resolve(raw)
            told = [scheme.get("type"), scheme.get("scheme"), scheme.get("bearerFormat")]
            told += [f"{scheme['in']} {scheme.get('name', '')}"] if "in" in scheme else []
            words = inline(str(scheme.get("description") or ""))
            rows.append(tag("li", code(name) + f": {escape(', '.join(str(one) for one in told if one))}. {words}"))
        return tag("h2", "Authentication") + tag("ul", "".join(rows)) if rows else ""

    def _schema(self, name: str, node: Any) -> str:
        anchor = self.anchors("schema", name)
        link = tag("a", "#", href=f"#{anchor}", class_="here", aria_label=f"Link to {name}")
        words = blocks(str(node.get("description") or "") if isinstance(node, dict) else "")
        return tag("article", tag("h3", escape(name) + link) + words + self.schemas.table(node), id=anchor)

    def _deprecations(self) -> str:
        """What ends, the next first."""
        rows = "".join(
            tag(
                "tr",
                tag("td", tag("a", what, href=f"#{anchor}"))
                + tag("td", f"until {escape(day)}" if day else "no day is set"),
            )
            for what, anchor, day in sorted(self.ending, key=lambda one: (one[2] or "9999", one[0]))
        )
        table = scroll(tag("table", tag("tbody", rows)), "Deprecations")
        return tag("section", tag("h2", "Deprecations") + table, id="deprecations") if rows else ""

    def _ending(self) -> Iterator[tuple[str, str, str]]:
        """Each deprecated operation, parameter and field: what it is, where it stands, its last day."""
        for operations in self.groups.values():
            for one in operations:
                name, anchor = code(self.operations.name(one)), self.operations.anchor(one)
                if one.data.get("deprecated"):
                    yield name, anchor, str(one.data.get("x-sunset") or "")
                for parameter in parameters_of(self.document, one).values():
                    if parameter.get("deprecated"):
                        what = f"{code(parameter.get('name'))} of {name}"
                        yield what, anchor, str(parameter.get("x-sunset") or "")
        for name, node in self._named().items():
            for field, day in _deprecated_fields(node):
                yield f"{code(field)} of {code(name)}", self.anchors("schema", name), day


def _deprecated_fields(node: Any, path: str = "", depth: int = 0) -> Iterator[tuple[str, str]]:
    if not isinstance(node, dict) or depth > 6:
        return
    for name, field in (node.get("properties") or {}).items():
        place = f"{path}.{name}" if path else name
        if isinstance(field, dict) and field.get("deprecated"):
            yield place, str(field.get("x-sunset") or "")
        yield from _deprecated_fields(field, place, depth + 1)
    for key in ("allOf", "anyOf", "oneOf"):
        for part in node.get(key) or ():
            yield from _deprecated_fields(part, path, depth + 1)
    yield from _deprecated_fields(node.get("items"), f"{path}[]", depth + 1)


def _groups(document: Document) -> dict[str, list[Operation]]:
    groups: dict[str, list[Operation]] = {}
    for section in ("paths", "webhooks"):
        for one in document.operations(section):
            name = (one.data.get("tags") or ["other"])[0] if section == "paths" else "webhooks"
            groups.setdefault(str(name), []).append(one)
    return groups
