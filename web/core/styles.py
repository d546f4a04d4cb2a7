"""One style sheet for the whole site: core's, and then that of each app, ``static/APP/app.css``.

So a first visit loads one file, however many apps there are. It is made when static files are
collected.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.contrib.staticfiles.finders import BaseFinder, find
from django.core.files.base import ContentFile
from django.core.files.storage import InMemoryStorage, Storage

from core.context import app_names

NAME = "site.css"
RELATIVE = re.compile(r"""url\(\s*+(["']?+)(?![a-z]+:|/|\#)""", re.IGNORECASE)


@lru_cache(maxsize=1)
def site_style() -> str:
    """Return the style sheet; relative addresses in it are those of the app that has them."""
    names = ["core/app.css", *(f"{app}/app.css" for app in app_names())]
    return "\n".join(part(name, path) for name in names if (path := find(name)))


def part(name: str, path: str) -> str:
    """Return the style sheet of one app, as it must be written one folder above."""
    folder = name.rpartition("/")[0]
    return RELATIVE.sub(rf"url(\1{folder}/", Path(path).read_text(encoding="utf-8"))


class SiteStyleFinder(BaseFinder):
    """Offers it to ``collectstatic`` under the name that core/base.html has."""

    def find(self, *args: Any, **kwargs: Any) -> Any:
        """Return nothing: there is no file of its own to be found."""
        return []

    def list(self, ignore_patterns: Any) -> Iterator[tuple[str, Storage]]:
        """Yield it."""
        storage = InMemoryStorage()
        storage.save(NAME, ContentFile(site_style().encode()))
        yield NAME, storage
