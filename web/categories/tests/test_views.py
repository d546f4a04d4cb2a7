import pytest


@pytest.fixture
def category(api):
    return api.example("Category", name="Kitchen")


@pytest.fixture
def url(category):
    return f"/categories/{category['id']}/"


def test_list_shows_names(editor, api, category):
    api.plan("list_categories", 200, api.page(category))

    assert "Kitchen" in editor.get("/categories/").text


def test_detail_shows_the_contract_s_properties(editor, api, category, url):
    api.plan("read_category", 200, category)

    assert "Pots, pans and knives." in editor.get(url).text


def test_create_sends_what_was_typed(editor, api, category, url):
    api.plan("create_category", 201, category)

    response = editor.post("/categories/new/", {"name": "Kitchen", "description": ""})

    assert response.url == url
    assert api.sent == [{"name": "Kitchen", "description": ""}]


def test_name_that_exists_stands_beside_its_field(editor, api):
    error = {"pointer": "#/name", "code": "taken", "detail": "Name already in use."}
    api.plan_problem("create_category", 409, errors=[error])

    response = editor.post("/categories/new/", {"name": "Kitchen"})

    assert response.status_code == 422
    assert response.context["form"].errors["name"] == ["Name already in use."]


def test_edit_sends_only_what_changed(editor, api, category, url):
    api.plan("read_category", 200, category)
    seen = editor.get(f"{url}edit/").context["form"]["seen"].value()
    api.plan("update_category", 200, category | {"name": "Cooking"})
    data = {"name": "Cooking", "description": category["description"], "seen": seen}

    assert editor.post(f"{url}edit/", data).url == url
    assert api.sent == [{"name": "Cooking"}]
    assert api.requests[-1].headers["If-Match"] == '"1"'


def test_category_in_use_says_why_it_stays(editor, api, category, url):
    api.plan_problem("delete_category", 409, "3 products use it.")

    response = editor.post(f"{url}delete/", {"version": "1", "name": "Kitchen"})

    assert response.status_code == 409
    assert "3 products use it." in response.text
    assert "Delete Kitchen?" in response.text


def test_delete_says_that_it_is_gone(editor, api, category, url):
    api.plan("read_category", 200, category)
    api.plan("list_categories", 200, api.page())
    api.plan("delete_category", 204)
    form = editor.get(f"{url}delete/").context["form"]

    response = editor.post(f"{url}delete/", form.initial, follow=True)

    assert "Kitchen was deleted." in response.text


def test_viewer_has_no_buttons_and_is_refused_by_the_api(viewer, api, category, url):
    api.plan("read_category", 200, category)
    api.plan_problem("create_category", 403, "categories:write is needed.")

    assert "edit/" not in viewer.get(url).text
    response = viewer.post("/categories/new/", {"name": "Kitchen"})

    assert response.status_code == 403
    assert "categories:write is needed." in response.text
