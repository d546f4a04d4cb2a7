import pytest
from django.urls import reverse

from categories.urls import views
from contract.tests.examples import body
from core.api import bulkhead
from core.tests.page import filled, posted
from core.tests.resource import check_resource


@pytest.fixture
def category(api):
    return api.example("Category", name="Kitchen")


@pytest.fixture
def url(category):
    return reverse(views.detail_name, args=[category["id"]])


@pytest.fixture
def data():
    return filled(views.create_form(initial=body("CategoryCreate")), name="Kitchen")


def test_plain_resource(editor, api, data):
    check_resource(editor, api, views, data)


def test_name_that_exists_stands_beside_its_field(editor, api, data):
    error = {"pointer": "#/name", "code": "taken", "detail": "Name already in use."}
    api.plan_problem("create_category", 409, errors=[error])

    response = editor.post(views.create_url, data)

    assert response.status_code == 422
    assert response.context["form"].errors["name"] == ["Name already in use."]


def test_form_comes_back_when_too_many_pages_wait(editor, data, monkeypatch):
    monkeypatch.setattr(bulkhead, "_inside", bulkhead.size)
    monkeypatch.setattr(bulkhead, "_is_quick", False)

    response = editor.post(views.create_url, data)

    assert response.status_code == 503
    assert posted(response.text)["name"] == ["Kitchen"]


def test_category_in_use_says_why_it_stays(editor, api, category, url):
    api.plan_problem("delete_category", 409, "3 products use it.")

    response = editor.post(f"{url}delete/", {"version": "1", "name": "Kitchen"})

    assert response.status_code == 409
    assert "3 products use it." in response.text
    assert "Delete Kitchen?" in response.text


def test_viewer_has_no_buttons_and_is_refused_by_the_api(viewer, api, category, url, data):
    api.plan("read_category", 200, category)
    api.plan_problem("create_category", 403, "categories:write is needed.")

    assert "edit/" not in viewer.get(url).text
    response = viewer.post(views.create_url, data)

    assert response.status_code == 403
    assert "categories:write is needed." in response.text
