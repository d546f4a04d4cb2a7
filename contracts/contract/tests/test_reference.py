"""The reference page: whole, alone, and about everything."""

import ast
from html.parser import HTMLParser

import pytest

from contract.cli import main
from contract.openapi.document import Document, load
from contract.reference.markdown import blocks
from contract.reference.page import page
from contract.reference.samples import Samples
from contract.tests.building import EXAMPLE, document
from contract.tests.everything import everything

VOID = {"meta", "link", "br", "img", "input", "hr"}


class Reader(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.open, self.ids, self.links, self.outside = [], [], [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        told = dict(attrs)
        self.open += [] if tag in VOID else [tag]
        self.ids += [told["id"]] if "id" in told else []
        self.links += [told["href"]] if tag == "a" else []
        self.outside += [told[key] for key in ("src", "srcset") if key in told] + ([tag] if tag == "link" else [])

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.fixture(scope="module")
def text():
    return page(load(EXAMPLE), "# Changelog\n\n## [1.0.0] - 2026-01-31\n\nThe first one.\n")


def test_it_is_well_formed_and_needs_nothing_else(text):
    reader = Reader(text)
    assert reader.open == []
    assert reader.outside == []
    assert "url(" not in text
    assert "@import" not in text


def test_every_link_within_it_leads_somewhere(text):
    reader = Reader(text)
    assert len(reader.ids) == len(set(reader.ids))
    assert {link[1:] for link in reader.links if link.startswith("#")} <= set(reader.ids)


def test_everything_is_in_it(text):
    contract = load(EXAMPLE)
    reader = Reader(text)
    assert {one.data["operationId"].replace("_", "-") for one in contract.operations()} <= set(reader.ids)
    assert {f"schema-{name.lower()}" for name in contract.data["components"]["schemas"]} <= set(reader.ids)
    assert "The first one." in text


# Each stands wherever a document has text. What it would do is in its words, so that it can be found.
HOSTILE = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<svg onload=alert(1)>", '"><script>alert(1)</script>',
    "[a](javascript:alert(1))", "<a href='javascript:alert(1)'>a</a>", "<iframe src=//evil.example></iframe>",
    "![a](x onerror=alert(1))", "<style>*{display:none}</style>", "<p onclick=alert(1) style='color:red'>a</p>",
    "<details open ontoggle=alert(1)>", "<base href=//evil.example>", "</article></main><h1>a", "<!-- <script>alert(1)",
    "`</code><script>alert(1)</script>`", "<form action=//evil.example><button>a</button></form>",
]  # fmt: skip


class Elements(HTMLParser):
    """The elements of a page, with their attributes."""

    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


@pytest.mark.parametrize("hostile", HOSTILE)
def test_no_text_of_a_document_runs_or_loads(hostile):
    field = {"type": "string", "description": hostile, "default": hostile, "enum": [hostile], "pattern": hostile}
    named = {"type": "object", "properties": {hostile: field}, "required": [hostile], "description": hostile}
    parameter = {"name": "a", "in": "query", "description": hostile, "schema": field}
    body = {"description": hostile, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Named"}}}}
    operation = {"summary": hostile, "description": hostile, "tags": [hostile], "parameters": [parameter]}
    operation |= {"requestBody": body, "responses": {"200": body}}
    text = page(document(operation, components={"schemas": {"Named": named}}), hostile)

    harmless = page(document({"summary": "a", "responses": {"200": {"description": "a"}}}), "")
    elements, usual = Elements(text).found, Elements(harmless).found
    for tag in ("script", "style", "base", "meta", "main", "form", "iframe", "img", "svg", "link", "input", "button"):
        assert sum(one == tag for one, _ in elements) == sum(one == tag for one, _ in usual), tag
    for _, attributes in elements:
        assert not [name for name in attributes if name.startswith("on") or name == "style"]
        assert attributes.get("href", "#").startswith(("#", "http"))
    Reader(text)


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("a `b` **c** _d_", "<p>a <code>b</code> <strong>c</strong> <em>d</em></p>"),
        ("```json\n{\"a\": 1}\n```", '<pre tabindex="0"><code>{"a": 1}\n</code></pre>'),
        ("- a\n- b\n  1. c", "<ul>\n<li>a</li>\n<li>b\n<ol>\n<li>c</li>\n</ol>\n</li>\n</ul>"),
        ("[a](https://a.example/b_c_d?e=f)",
         '<p><a href="https://a.example/b_c_d?e=f" rel="noopener noreferrer">a</a></p>'),
        ("[![alt](https://a.example/i.svg)](https://a.example)",
         '<p><a href="https://a.example" rel="noopener noreferrer">alt</a></p>'),
        ("![a picture](https://a.example/i.png)", "<p>a picture</p>"),
        ("a <img alt='picture' src=x>", "<p>a picture</p>"),
        ("[a](#section/B) [c](/docs/d)", "<p>a c</p>"),
        ("# A\n### B\n## C", "<h4>A</h4>\n<h5>B</h5>\n<h5>C</h5>"),
        ("> [!NOTE]\n> a", "<blockquote>\n<p><strong>Note:</strong>\na</p>\n</blockquote>"),
        ("a<br>b <b>c</b>", "<p>a<br>b <b>c</b></p>"),
        ("a < b && c > d", "<p>a &lt; b &amp;&amp; c &gt; d</p>"),
        ("https://a.example/" + "b" * 300, "<p>https://a.example/" + "b" * 300 + "</p>"),
        ("|a|\n|-|\n|1|",
         '<table tabindex="0">\n<thead>\n<tr>\n<th>a</th>\n</tr>\n</thead>\n'
         "<tbody>\n<tr>\n<td>1</td>\n</tr>\n</tbody>\n</table>"),
    ],
)  # fmt: skip
def test_a_description_is_markdown(text, html):
    assert blocks(text) == html


def test_samples_are_made_from_the_examples():
    contract = load(EXAMPLE)
    creates = next(one for one in contract.operations() if one.data["operationId"] == "create_category")
    sample = Samples(contract).make(creates)

    assert sample.curl() == (
        "curl -X POST https://api.example/v1/categories \\\n"
        "  -H 'Authorization: Bearer TOKEN' \\\n"
        "  -H 'Content-Type: application/json' \\\n"
        """  -d '{\n  "name": "Kitchen",\n  "description": "Pots, pans and knives."\n}'"""
    )


def test_every_sample_in_python_can_be_run():
    for document_ in (load(EXAMPLE), Document(everything("3.1"), EXAMPLE)):
        for operation in document_.operations():
            ast.parse(Samples(document_).make(operation).python())


def test_what_is_deprecated_is_listed_with_its_day():
    old = {"type": "string", "deprecated": True, "x-sunset": "2027-01-31"}
    schemas = {"Shop": {"type": "object", "properties": {"fax": old, "inner": {"properties": {"telex": old}}}}}
    text = page(document({"deprecated": True, "x-sunset": "2026-12-01"}, components={"schemas": schemas}), "")
    listed = text[text.index('id="deprecations"') :]

    assert listed.index("2026-12-01") < listed.index("<code>fax</code>") < listed.index("<code>inner.telex</code>")
    assert "deprecated, until 2027-01-31" in text


def test_a_page_is_small():
    assert len(page(load(EXAMPLE), "")) < 300_000


def test_a_link_leads_to_the_section_of_its_operation():
    parameters = {"id": "$response.body#/id"}
    links = {"read_thing": {"operationId": "read_thing", "parameters": parameters}, "lost": {"operationId": "no_such"}}
    read = {"operationId": "read_thing", "responses": {"200": {"description": "Done.", "links": links}}}
    text = page(document(read), "")
    reader = Reader(text)
    assert reader.open == []
    assert "#read-thing" in reader.links
    assert "#no-such" not in reader.links
    assert "<code>id</code> from <code>$response.body#/id</code>" in text


def test_the_command_writes_one_file(tmp_path, capsys):
    assert main(["--root", str(tmp_path), "docs", str(EXAMPLE), "--out", str(tmp_path / "a" / "b.html")]) == 0
    assert (tmp_path / "a" / "b.html").read_text().startswith("<!doctype html>")
