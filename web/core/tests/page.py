"""What holds on every page, checked on every page that a test receives."""

from html.parser import HTMLParser

VOID = {"area", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}
LABELLED = {"input", "select", "textarea"}
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

    def all(self, *tags: str) -> list[dict[str, str]]:
        return [attrs for tag, attrs in self.elements if tag in tags]


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
