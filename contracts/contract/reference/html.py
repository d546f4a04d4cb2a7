"""Text to HTML: escaping, and the little Markdown that descriptions use (CommonMark: code, emphasis, lists, links)."""

from __future__ import annotations

import re
from html import escape
from itertools import groupby


def tag(name: str, content: str, **attributes: str) -> str:
    """An element; `content` is HTML already, attributes are text (`class_` and `for_` lose their underscore)."""
    told = "".join(f' {key.rstrip("_")}="{escape(value)}"' for key, value in attributes.items() if value)
    return f"<{name}{told}>{content}</{name}>"


def code(text: object) -> str:
    """Text in a fixed width."""
    return tag("code", escape(str(text)))


def inline(text: str) -> str:
    """Code, strong and links within a line; everything else is escaped."""
    parts = re.split(r"(`[^`]+`)", text)
    return "".join(code(part[1:-1]) if part.startswith("`") and part.endswith("`") else _words(part) for part in parts)


def _words(text: str) -> str:
    text = escape(text, quote=False)
    text = re.sub(r"\*\*([^*]+)\*\*", r"<strong>\1</strong>", text)
    return re.sub(r"\[([^\]]+)\]\((https?://[^)\s]+|#[^)\s]+)\)", r'<a href="\2">\1</a>', text)


def blocks(text: str) -> str:
    """Paragraphs, headings and lists."""
    made = []
    for chunk in re.split(r"\n\s*\n", text.strip()):
        for listed, group in groupby(chunk.splitlines(), key=lambda line: line.lstrip().startswith("- ")):
            lines = list(group)
            if listed:
                made.append(tag("ul", "".join(tag("li", inline(line.lstrip()[2:])) for line in lines)))
            elif match := re.match(r"(#{1,4}) (.*)", lines[0]):
                made.append(tag(f"h{min(6, len(match[1]) + 1)}", inline(match[2])))
            else:
                made.append(tag("p", inline(" ".join(lines))))
    return "".join(made)


def anchor(text: str) -> str:
    """A name that an address can point at."""
    return re.sub(r"[^A-Za-z0-9]+", "-", text).strip("-").lower()
