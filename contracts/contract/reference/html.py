"""Elements of HTML. Text becomes HTML here and in markdown.py alone."""

from __future__ import annotations

import re
from html import escape


def tag(element: str, content: str, /, **attributes: str) -> str:
    """An element; `content` is HTML already, attributes are text (`class_` loses its underscore)."""
    told = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(value)}"' for key, value in attributes.items() if value
    )
    return f"<{element}{told}>{content}</{element}>"


def code(text: object) -> str:
    """Text in a fixed width."""
    return tag("code", escape(str(text), quote=False))


def scroll(content: str, label: str) -> str:
    """What may be wider than a phone; a keyboard can scroll it."""
    return tag("div", content, class_="scroll", tabindex="0", role="group", aria_label=label)


class Anchors:
    """Names that an address can point at: one for each thing, never the same for two."""

    def __init__(self) -> None:
        self._names: dict[tuple[str, str], str] = {}
        self._taken: set[str] = set()

    def __call__(self, kind: str, name: str) -> str:
        """The name of a thing."""
        key = (kind, name)
        if key not in self._names:
            words = re.sub(r"[^A-Za-z0-9]+", "-", f"{kind} {name}").strip("-").lower() or "a"
            anchor, number = words, 1
            while anchor in self._taken:
                number += 1
                anchor = f"{words}-{number}"
            self._taken.add(anchor)
            self._names[key] = anchor
        return self._names[key]
