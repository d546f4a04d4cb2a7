"""Pages are compressed for people, and left as they are for other sites; none is heavy."""

import gzip
import re
from itertools import product
from pathlib import Path

import pytest
from django.contrib.staticfiles.finders import find
from django.test import Client

from core.styles import site_style
from core.tests.page import Page

MOST_BYTES, MOST_REQUESTS = 60 * 1024, 5  # of a first visit
OWN = ["same-origin", "none", None]  # None: an older browser
OTHERS = ["cross-site", "same-site"]


@pytest.fixture
def visit(api, widget, make_user):
    """Return a function that asks for a page as a browser does."""
    rows = [api.example("Widget", name=f"Widget {n}", note=f"{n * 7919:x}") for n in range(100)]
    api.plan("list_widgets", 200, api.page(*rows, following="n", before="p"))
    api.plan("read_widget", 200, widget)
    api.plan("read_identity", 200, api.example("Identity"))

    signed_in, nobody = Client(), Client()
    signed_in.force_login(make_user("editors"))

    def ask(target, site=None, encoding="gzip, deflate, br", **headers):
        headers |= {"Accept-Encoding": encoding}
        headers |= {"Sec-Fetch-Site": site} if site else {}
        client = nobody if target.startswith("/accounts/") else signed_in
        return client.get(target, headers=headers)

    return ask


def content(response):
    is_compressed = response.headers.get("Content-Encoding") == "gzip"
    return gzip.decompress(response.content) if is_compressed else response.content


def loaded(html):
    """Return the addresses of what a browser loads with a page."""
    page = Page(html)
    sources = [attrs["src"] for attrs in page.all("script", "img")]
    return sources + [attrs["href"] for attrs in page.all("link")]


def size(address):
    if address == "/static/site.css":
        return len(gzip.compress(site_style().encode()))
    path = find(address.removeprefix("/static/"))
    assert path, address
    return len(gzip.compress(Path(path).read_bytes()))


@pytest.fixture
def paths(url):
    return {
        "list": "/widgets/",
        "search": "/widgets/?q=widget",
        "one": url,
        "new": "/widgets/new/",
        "edit": f"{url}edit/",
        "delete": f"{url}delete/",
        "home": "/",
        "not found": "/nothing/",
        "sign in": "/accounts/sign-in/?next=/",
    }


def test_page_is_compressed_but_for_other_sites(visit, paths, record_property):
    for target, site in product(paths.values(), OWN + OTHERS):
        response = visit(target, site)
        assert ("Content-Encoding" in response.headers) == (site not in OTHERS), target
        assert b"</html>" in content(response)
    record_property("pages x sites that ask for them", len(paths) * len(OWN + OTHERS))


def test_fragment_is_compressed_too(visit):
    response = visit("/widgets/", "same-origin", **{"HX-Request": "true", "HX-Target": "results"})

    assert content(response).startswith(b"<section")
    assert len(response.content) < 10_000


def test_length_of_the_same_page_varies(visit):
    lengths = {len(visit("/nothing/", "same-origin").content) for _ in range(30)}

    assert len(lengths) > 5


def test_secret_of_a_form_is_another_text_in_each_page(visit):
    pages = [content(visit("/widgets/new/", "same-origin")).decode() for _ in range(2)]
    first, second = (
        re.findall(r'name="(?:csrfmiddlewaretoken|key)" value="([^"]+)"', page) for page in pages
    )

    assert len(first) == len(second) > 1
    assert not set(first) & set(second)


def test_browser_that_cannot_read_it_gets_a_plain_page(visit):
    response = visit("/widgets/", encoding="identity")

    assert "Content-Encoding" not in response.headers
    assert "Accept-Encoding" in response.headers["Vary"]


def test_first_visit_of_every_page_is_light(visit, paths, record_property):
    heavy = {}
    for name, target in paths.items():
        page = visit(target, "none")
        addresses = loaded(content(page).decode())
        weight, requests = len(page.content) + sum(map(size, addresses)), 1 + len(addresses)
        if weight > MOST_BYTES or requests > MOST_REQUESTS:
            heavy[name] = weight, requests

    assert heavy == {}
    record_property("pages that are light at a first visit", len(paths))
