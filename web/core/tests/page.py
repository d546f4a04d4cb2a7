"""What holds on every page, checked on every page that a test receives.

And what a browser posts of a page's form.
"""

import re
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from typing import Any

from django.forms import BaseForm

from contract.document import pinned
from core.contract_forms import label

VOID = {"area", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}
TICKED = {"checkbox", "radio"}  # posted with a tick alone
DATA = {"textarea", "option", "script", "style", "code"}
LABELLED = {"input", "select", "textarea"}
# What programs say to programs. Whoever runs the site reads what stands after "For support:", and
# who is asked for JSON is shown some; what the contract says of its fields are its own words.
FOR_MACHINES = re.compile(
    r"\b(None|null|undefined|nan|pattern|regex|scope|schema|contract|Field required)\b"
    r"|(Input|String|Value|List) should |Traceback|__\w+__|[{]'|[{]%|[{][{]"
)
JSON_SHOWN = re.compile(r"as JSON, like .*", re.DOTALL)
REFERRING = ("for", "aria-describedby", "aria-labelledby")


class Page(HTMLParser):
    """The elements of a page, and what is wrong with them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.title = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if len(values) < len(attrs):
            self.wrong.append(f"<{tag}> has an attribute twice")
        self.elements.append((tag, values))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"</{tag}> closes something else")

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "title" and "svg" not in self.open:
            self.title += data
        if self.open and self.open[-1] in ("script", "style") and data.strip():
            self.wrong.append("inline script or style")
        elif self.open and self.open[-1] not in DATA:
            self.wrong += [f"says {word!r} to people in {data.strip()!r}" for word in said(data)]

    def all(self, *tags: str) -> list[dict[str, str]]:
        return [attrs for tag, attrs in self.elements if tag in tags]


class Posted(HTMLParser):
    """What a browser posts of the forms in a page (HTML, 4.10.21.4), without pressing a button."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.data: dict[str, list[str]] = {}
        self.select = self.area = self.text = ""
        self.options: list[tuple[str, bool]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        name, kind = values.get("name", ""), values.get("type", "text")
        if tag == "select":
            self.select, self.options = name, []
        elif tag == "option":
            self.options.append((values["value"], "selected" in values))
        elif tag == "textarea":
            self.area, self.text = name, ""
        elif tag == "input" and name and (kind not in TICKED or "checked" in values):
            value = values.get("value", "on" if kind in TICKED else "")
            self.add(name, sanitized(kind, value))

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            chosen = [value for value, selected in self.options if selected]
            self.add(self.select, (chosen or [self.options[0][0]])[-1])
        elif tag == "textarea":
            text = re.sub(r"\r\n?", "\n", self.text).removeprefix("\n")
            self.add(self.area, text.replace("\n", "\r\n"))

    def add(self, name: str, value: str) -> None:
        self.data.setdefault(name, []).append(value)


def sanitized(kind: str, value: str) -> str:
    """Return what an input makes of its value (HTML, 4.10.5.1)."""
    if kind == "hidden":
        return re.sub(r"\r\n?|\n", "\r\n", value)
    day, moment = r"\d{4}-\d\d-\d\d", r"T\d\d:\d\d(:\d\d(\.\d{1,3})?)?"
    forms = {"date": day, "datetime-local": day + moment, "number": r"-?\d*\.?\d+([eE][-+]?\d+)?"}
    if kind in forms:
        value = value if re.fullmatch(forms[kind], value) else ""
        return value.removesuffix(":00") if value.count(":") == 2 else value
    return re.sub(r"[\r\n]", "", value)


def said(words: str) -> list[str]:
    """Return what a text says as programs do."""
    ours = JSON_SHOWN.sub("", words.partition("For support:")[0])
    if FOR_MACHINES.search(ours):
        for text in sorted(of_the_contract(), key=len, reverse=True):
            ours = ours.replace(text, "")
    return [word for word, *_ in FOR_MACHINES.findall(ours)]


@cache
def of_the_contract() -> set[str]:
    """Return the labels and descriptions of all fields of the pinned release."""

    def walk(node: Any) -> Iterator[str]:
        for name, schema in (node.get("properties") or {}).items():
            if isinstance(schema, dict):
                yield from (label(name, schema), str(schema.get("description", "")))
        for inner in node.values():
            for each in inner if isinstance(inner, list) else [inner]:
                if isinstance(each, dict):
                    yield from walk(each)

    return {text for text in walk(pinned().raw) if text}


def posted(html: str, /, **typed: str | list[str]) -> dict[str, Any]:
    """Return what a browser posts of a page that was left alone but for what was typed."""
    return Posted(html).data | typed


def filled(form: BaseForm, **typed: str | list[str]) -> dict[str, Any]:
    """Return what a browser posts of a form that shows its initial values.

    What a release has deprecated has no field, and nobody types it.
    """
    page = posted(str(form))
    return page | {name: value for name, value in typed.items() if name in page}


def check_page(html: str) -> None:
    """Raise AssertionError with everything that is wrong."""
    page = Page(html)
    wrong = [*page.wrong, *(f"<{tag}> is not closed" for tag in page.open)]
    ids = [attrs["id"] for _, attrs in page.elements if "id" in attrs]
    wrong += [f"id {name} is there twice" for name in set(ids) if ids.count(name) > 1]
    wrong += [
        f"<{tag}> has {name}" for tag, attrs in page.elements for name in attrs if inline(name)
    ]
    wrong += [
        f"{name}={target} leads nowhere"
        for _, attrs in page.elements
        for name in REFERRING
        for target in attrs.get(name, "").split()
        if target not in ids
    ]
    labelled = {attrs.get("for") for attrs in page.all("label")}
    wrong += [
        f"field {attrs.get('name')} has no label"
        for attrs in page.all(*LABELLED)
        if attrs.get("type") != "hidden"
        and not ({"aria-label", "aria-labelledby"} & attrs.keys() or attrs.get("id") in labelled)
    ]
    wrong += [f"{a['hx-get']} works with htmx only" for a in page.all("a") if no_href(a)]
    if "<html" in html:
        wrong += [] if len(page.all("h1")) == 1 else ["there is not exactly one h1"]
        title = page.title.strip().removesuffix("· Corner Shop")
        wrong += [] if title.strip() else ["no title"]
    assert not wrong, "\n".join(wrong)


def inline(name: str) -> bool:
    """Tell whether an attribute is one that the Content-Security-Policy forbids."""
    return name == "style" or name.startswith("on")


def no_href(anchor: dict[str, str]) -> bool:
    """Tell whether a link does nothing without JavaScript."""
    return "hx-get" in anchor and anchor.get("href") != anchor["hx-get"]
