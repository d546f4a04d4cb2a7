"""What the source of gateways tells holds what their pages send."""

from contract import gateways
from contract.document import pinned
from contract.tests.examples import body
from core.tests.page import filled
from core.tests.resource import check_resource
from tests.recording import Recorder
from tests.widgets.client import WIDGETS

QUERY = "q=blue&sort=name&status=planned&cursor=next&limit=3"


def test_source_holds_what_a_plain_resource_sends(editor, api, views):
    recorder = Recorder()
    typed = filled(views.create_form(initial=body("WidgetCreate")), name="Blue widget")
    found = gateways.sent([WIDGETS.with_name("gateway.py")], pinned())

    with recorder.listening():
        check_resource(editor, api, views, typed)
        editor.get(f"/widgets/?{QUERY}")

    for operation, requests in recorder.requests.items():
        for request in requests:
            for place in ("query", "header", "body"):
                assert request[place] <= found[operation][place], operation
    assert set(recorder.requests) == set(found)
    assert recorder.callers["list_widgets"] == {"widgets.list"}


def test_reads_are_those_of_the_pages(editor, api, views, widget):
    recorder = Recorder()
    api.plan("list_widgets", 200, api.page(widget))

    with recorder.listening():
        editor.get("/widgets/")

    columns = ["name", "price.amount_minor", "price.currency", "status", "weight_grams"]
    items = [f"items[].{name}" for name in ("id", *columns)]
    assert recorder.read("list_widgets")["200"] == [*items, "next_cursor", "prev_cursor"]


def test_edit_form_reads_the_fields_that_it_shows(editor, api, views, widget, url):
    recorder = Recorder()
    api.plan("read_widget", 200, widget)

    with recorder.listening():
        page = editor.get(f"{url}edit/")

    read = {
        path.partition(".")[0].partition("[")[0] for path in recorder.read("read_widget")["200"]
    }
    shown = set(page.context["form"].fields) - {"seen"}
    assert read == (shown & widget.keys()) | {"version", views.name}
    assert read < set(widget)
