"""A person without a browser: signs in, reads pages, sends their forms."""

import re
import secrets
from html import unescape
from typing import Any, Self

import httpx2

INPUT = re.compile(r"<(?:input|textarea)\b[^>]*>")
ATTRIBUTE = re.compile(r'(name|value)="([^"]*)"')


class Visitor(httpx2.Client):
    """One who is signed in; redirects are answers, too."""

    def __init__(self, url: str, email: str, password: str) -> None:
        super().__init__(base_url=url, timeout=60, trust_env=False)
        self._credentials = {"username": email, "password": password}

    def __enter__(self) -> Self:
        super().__enter__()
        form = self.form("/accounts/sign-in/") | self._credentials
        answer = self.send_form("/accounts/sign-in/", form)
        assert answer.status_code == 302, answer.text
        return self

    def form(self, path: str) -> dict[str, str]:
        """Return the inputs of a page's main form with their values."""
        page = self.get(path)
        assert page.status_code == 200, page.text
        main = page.text.partition("<main")[2]
        found = (dict(ATTRIBUTE.findall(tag)) for tag in INPUT.findall(main))
        return {each["name"]: unescape(each.get("value", "")) for each in found if "name" in each}

    def send_form(self, path: str, form: dict[str, str]) -> httpx2.Response:
        """Post as a browser does."""
        return self.post(path, data=form, headers={"Origin": str(self.base_url).rstrip("/")})

    def create_category(self, name: str) -> httpx2.Response:
        """Fill in the form of a new category, and send it."""
        return self.send_form("/categories/new/", self.form("/categories/new/") | {"name": name})

    def new_search(self, **options: Any) -> httpx2.Response:
        """Read a page that nobody has seen before."""
        return self.get("/categories/", params={"q": secrets.token_hex(8)}, **options)
