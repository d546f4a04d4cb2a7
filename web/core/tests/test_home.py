def test_landing_page_shows_who_the_api_takes_one_for(viewer, api):
    api.plan("read_identity", 200, {"subject": "7", "client_id": "the UI", "scopes": []})

    html = viewer.get("/").text

    assert "<dd>7</dd>" in html
    assert "<dd>the UI</dd>" in html
    assert "nothing yet" in html


def test_landing_page_without_an_api_says_so(viewer, api):
    api.plan_failure("read_identity")

    assert viewer.get("/").status_code == 503


def test_one_must_be_signed_in(client, db):
    assert client.get("/").url == "/accounts/sign-in/?next=/"
