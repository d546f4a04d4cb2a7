"""The page: what it is, the operations by tag, the schemas, the changelog."""

from __future__ import annotations

from html import escape
from importlib.resources import files
from typing import Any

from contract.openapi.document import Document, Operation
from contract.reference.html import anchor, blocks, inline, tag
from contract.reference.operations import Operations
from contract.reference.schemas import Schemas


def page(document: Document, changelog: str) -> str:
    """The reference of one document as HTML."""
    info = document.data.get("info") or {}
    title = f"{info.get('title', 'API')} {info.get('version', '')}".strip()
    style = files(__package__).joinpath("page.css").read_text(encoding="utf-8")
    head = (
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta name="color-scheme" content="light dark"><title>{escape(title)}</title><style>{style}</style>'
    )
    groups = _groups(document)
    intro = tag("header", tag("h1", escape(title)) + blocks(str(info.get("description") or "")), id="top")
    body = tag("nav", _menu(document, groups), aria_label="Contents") + tag(
        "main", intro + _main(document, groups, changelog)
    )
    skip = tag("a", "Skip to the contents", href="#top", class_="skip")
    return f'<!doctype html><html lang="en"><head>{head}</head><body>{skip}{body}</body></html>\n'.replace(
        "aria_label", "aria-label"
    )


def _groups(document: Document) -> dict[str, list[Operation]]:
    groups: dict[str, list[Operation]] = {}
    for section in ("paths", "webhooks"):
        for one in document.operations(section):
            name = (one.data.get("tags") or ["other"])[0] if section == "paths" else "webhooks"
            groups.setdefault(str(name), []).append(one)
    return groups


def _schemas(document: Document) -> dict[str, Any]:
    found: dict[str, Any] = (document.data.get("components") or {}).get("schemas") or {}
    return found


def _menu(document: Document, groups: dict[str, list[Operation]]) -> str:
    writer = Operations(document)
    made = [
        tag(
            "a",
            escape(str(document.data.get("info", {}).get("title", "API"))),
            href="#top",
            class_="home",
        )
    ]
    for name, operations in groups.items():
        links = "".join(_link(writer, one) for one in operations)
        made.append(tag("details", tag("summary", escape(name)) + tag("ul", links), open="open"))
    names = "".join(tag("li", tag("a", escape(name), href=f"#schema-{anchor(name)}")) for name in _schemas(document))
    made.append(tag("details", tag("summary", "Schemas") + tag("ul", names)))
    made.append(tag("a", "Changelog", href="#changelog", class_="home"))
    return "".join(made)


def _link(writer: Operations, one: Operation) -> str:
    method = tag("span", one.method.upper(), class_=f"method {one.method}")
    words = inline(str(one.data.get("summary") or writer.name(one)))
    return tag("li", tag("a", method + words, href=f"#{anchor(writer.name(one))}"))


def _main(document: Document, groups: dict[str, list[Operation]], changelog: str) -> str:
    writer, schemas = Operations(document), Schemas(document)
    made = []
    for name, operations in groups.items():
        inner = "".join(writer.section(one) for one in operations)
        made.append(tag("section", tag("h2", escape(name)) + inner))
    told = [
        tag(
            "article",
            tag("h3", escape(name)) + blocks(_words(node)) + schemas.table(node),
            id=f"schema-{anchor(name)}",
        )
        for name, node in _schemas(document).items()
    ]
    made.append(tag("section", tag("h2", "Schemas") + "".join(told)))
    if changelog:
        made.append(tag("section", blocks(changelog), id="changelog", class_="changelog"))
    return "".join(made)


def _words(node: Any) -> str:
    return str(node.get("description", "")) if isinstance(node, dict) else ""
