"""The reference page: whole, alone, and about everything."""

from html.parser import HTMLParser

import pytest

from contract.cli import main
from contract.openapi.document import load
from contract.reference.page import page
from contract.tests.building import EXAMPLE, document

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
        self.outside += [told[key] for key in ("src", "srcset") if key in told] + (
            [tag] if tag in ("link", "script") else []
        )

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


def test_text_of_the_contract_is_never_markup():
    made = document({"summary": "<script>alert(1)</script>", "description": "<b>&</b>"})
    text = page(made, "")
    assert "<script" not in text
    assert "&lt;script&gt;" in text


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
