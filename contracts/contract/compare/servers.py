"""Where an API is served: the path before the paths. A host is a matter of deployment and may move."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice, product
from typing import Any
from urllib.parse import urlsplit

from contract.compare.report import Place, Report
from contract.document import Document, Operation
from contract.finding import Finding, Verdict

_VARIABLE = re.compile(r"\{([^}]*)\}")
_MOST = 60


def servers(report: Report, pairs: list[tuple[Operation, Operation]]) -> None:
    """Every base path under which an operation was served has to be one still; said once for all operations."""
    told: dict[str, Finding] = {}
    for before, after in pairs:
        old, new = _named(report.old, before), _named(report.new, after)
        if not old or not new or old == new:
            continue
        place = Place(before, "servers")
        gone = [base for base in map(_base, old) if base not in set(map(_base, new))]
        for base in dict.fromkeys(gone):
            text = f"is no longer served under {base or '/'}, only under {', '.join(sorted(_bases(new)))}"
            _once(report, told, place, (Verdict.WIRE, "base-path-removed", text, f"{before.method.upper()} {base}"))
        for url in old if not gone else ():
            if url not in new:
                text = f"{url} is no longer named as a server"
                _once(report, told, place, (Verdict.SOURCE, "server-removed", text, ""))


def _once(report: Report, told: dict[str, Finding], place: Place, what: tuple[Verdict, str, str, str]) -> None:
    verdict, rule, text, address = what
    if text in told:
        told[text].operations.append(place.name)
    elif verdict is Verdict.WIRE:
        told[text] = report.wire(rule, place, text, f"{address}{place.operation.path}", kind="Removed")
    else:
        told[text] = report.add(verdict, rule, place, text, kind="Removed")


def _named(document: Document, operation: Operation) -> list[str]:
    """The addresses of an operation, variables filled in; none where the document names none."""
    for holder in (operation.data, operation.item, document.data):
        if holder.get("servers"):
            return [url for server in holder["servers"] for url in islice(_addresses(server), _MOST)]
    return []


def _addresses(server: dict[str, Any]) -> Iterator[str]:
    """OpenAPI, Server Object: each variable has a default, and may list all its values."""
    url, variables = str(server.get("url", "/")), server.get("variables") or {}
    names = [name for name in dict.fromkeys(_VARIABLE.findall(url)) if isinstance(variables.get(name), dict)]
    choices = [variables[name].get("enum") or [variables[name].get("default", "")] for name in names]
    for values in product(*choices):
        filled = dict(zip(names, map(str, values), strict=True))
        yield _VARIABLE.sub(lambda found, known=filled: known.get(found[1], found[0]), url)  # type: ignore[misc]


def _base(url: str) -> str:
    path = urlsplit(url).path.strip("/.")
    return f"/{path}" if path else ""


def _bases(urls: list[str]) -> set[str]:
    return {_base(url) or "/" for url in urls}
