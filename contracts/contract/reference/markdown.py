"""Descriptions to HTML: CommonMark with tables (markdown-it), and of the HTML in them what is safe (nh3)."""

from __future__ import annotations

import re
from functools import lru_cache

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

_READER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
_TAGS = {
    "a", "b", "blockquote", "br", "code", "dd", "del", "dl", "dt", "em", "h2", "h3", "h4", "h5", "h6", "hr", "i", "kbd",
    "li", "ol", "p", "pre", "s", "small", "strong", "sub", "sup", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
_ATTRIBUTES = {"a": {"href"}, "ol": {"start"}, "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}}
_FOCUSABLE = {"pre": {"tabindex": "0"}, "table": {"tabindex": "0"}}
_IMAGE = re.compile(r"<img\b[^>]*>", re.IGNORECASE)
_ALT = re.compile(r"""\balt\s*=\s*("([^"]*)"|'([^']*)')""", re.IGNORECASE)
_ALERT = re.compile(r"^(\s*>\s*)\[!(NOTE|TIP|IMPORTANT|WARNING|CAUTION)\]", re.MULTILINE)
_EMPTY = re.compile(r"<(p|li|th)>\s*</\1>")


@lru_cache(maxsize=20_000)
def blocks(text: str, level: int = 4) -> str:
    """Paragraphs, lists, code, tables. Headings begin at `level`, and skip none."""
    if not text.strip():
        return ""
    tokens = _READER.parse(_ALERT.sub(_alert, text))
    _level_headings(tokens, level)
    _without_images(tokens)
    html = _IMAGE.sub(_alternative, _READER.renderer.render(tokens, _READER.options, {}))
    cleaned = nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer",
        set_tag_attribute_values=_FOCUSABLE,
    )
    return _without_dead_links(_EMPTY.sub("", cleaned)).strip()


def inline(text: str) -> str:
    """A description within a line or a cell: one paragraph loses its element."""
    html = blocks(text, 6)
    whole = html.startswith("<p>") and html.endswith("</p>") and html.count("<p>") == 1
    return html[3:-4] if whole else html


def _level_headings(tokens: list[Token], level: int) -> None:
    """Place headings below that of their section: the first is of `level`, each deeper one a level below."""
    above: list[str] = []
    for token in tokens:
        if token.type == "heading_open":
            while above and above[-1] >= token.tag:
                above.pop()
            above.append(token.tag)
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(6, level + len(above) - 1)}"


def _without_images(tokens: list[Token]) -> None:
    """Show an image as a link to it: the page loads nothing from elsewhere."""
    for token in tokens:
        for child in token.children or ():
            if child.type == "image":
                words = child.content or "image"
                child.type, child.tag = "text", ""
                child.content = words


def _alert(match: re.Match[str]) -> str:
    """What GitHub shows as a box with a title."""
    return f"{match[1]}**{match[2].capitalize()}:**"


def _alternative(match: re.Match[str]) -> str:
    found = _ALT.search(match[0])
    return (found[2] or found[3] or "") if found else ""


def _without_dead_links(html: str) -> str:
    """Drop the links that lead to a place of the page or site for which the text was written."""
    return re.sub(r"<a(?![^>]*href=\"(?:https?:|mailto:))[^>]*>(.*?)</a>", r"\1", html, flags=re.DOTALL)
