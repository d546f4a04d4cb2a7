"""A page has one style sheet: core's and that of each app that has one."""

from pathlib import Path

import pytest
from django.core.management import call_command

from core.styles import site_style


@pytest.fixture
def style(settings, tmp_path):
    """Return a function that gives the widgets' app a style sheet."""

    def write(text: str) -> None:
        (tmp_path / "widgets").mkdir()
        (tmp_path / "widgets" / "app.css").write_text(text)
        (tmp_path / "widgets" / "dot.svg").write_text("<svg/>")
        settings.STATICFILES_DIRS = [tmp_path]
        site_style.cache_clear()

    return write


def test_an_app_s_own_follows_the_common_one(style):
    style(".own { color: red }")

    assert site_style().index("@layer base") < site_style().index(".own")


def test_an_app_may_have_none():
    assert site_style().startswith("/* The whole style sheet")


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("url(dot.svg)", "url(widgets/dot.svg)"),
        ('url("dot.svg")', 'url("widgets/dot.svg")'),
        ("URL( '../widgets/dot.svg')", "url('widgets/../widgets/dot.svg')"),
        ("url(/static/widgets/dot.svg)", "url(/static/widgets/dot.svg)"),
        ("url(#gradient)", "url(#gradient)"),
        ("url(data:image/gif;base64,AAAA)", "url(data:image/gif;base64,AAAA)"),
        ("url('https://example.com/x.png')", "url('https://example.com/x.png')"),
    ],
)
def test_address_in_an_app_s_own_stays_the_same(style, written, address):
    style(f".own {{ background: {written} }}")

    assert address in site_style()


@pytest.mark.parametrize("again", [False, True])
def test_it_is_collected_with_a_hashed_name(style, settings, tmp_path_factory, again):
    style(".own { background: url(dot.svg) }")
    settings.STATIC_ROOT = tmp_path_factory.mktemp("static")
    settings.STORAGES = {
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
    }
    for _ in range(1 + again):
        call_command("collectstatic", interactive=False, verbosity=0)

    (hashed,) = Path(settings.STATIC_ROOT).glob("site.????????????.css")
    assert 'url("widgets/dot.' in hashed.read_text()
    assert hashed.with_name(f"{hashed.name}.gz").exists()


def test_every_page_loads_it_alone(editor, api):
    api.plan("list_widgets", 200, api.page())

    html = editor.get("/widgets/").text

    assert html.count('rel="stylesheet"') == 1
    assert 'href="/static/site.css"' in html
