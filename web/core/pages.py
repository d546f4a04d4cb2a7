"""The pages that every family of screens has: list, detail, create, edit, conflict, delete.

Views call these functions; an app with other wishes brings its own template or view.
"""

from collections.abc import Callable, Collection, Iterable
from typing import Any, TypeVar
from urllib.parse import urljoin

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from contract.document import pinned
from contract.names import attribute
from core.contract_forms import ContractForm, is_long, nullable
from core.create_forms import ContractCreateForm
from core.edit_forms import ContractEditForm, version_tag
from core.failures import NotFound, Rejected, Stale, Unavailable
from core.http import Request, wants_fragment
from core.lists import Filter, ListQuery
from core.screens import Page, Resource, Screens

R = TypeVar("R", bound=Resource)
Fact = tuple[str, str, Any, bool]  # label, name, value, whether it may take more than a line


def parent(request: HttpRequest) -> str:
    """Return the address that ``edit/`` and ``delete/`` stand under: the thing's own."""
    return urljoin(request.path, "..")


def list_page(
    request: Request,
    screens: Screens,
    query: ListQuery,
    page: Page,
    filters: Iterable[Filter] = (),
) -> HttpResponse:
    """Render a list; htmx receives the table alone."""
    context = {
        "screens": screens,
        "query": query,
        "page": page,
        "filters": list(filters),
        "headings": screens.headings(query),
    }
    template = "core/_table.html" if wants_fragment(request, "results") else "core/list.html"
    return render(request, template, context)


def detail_page(request: HttpRequest, screens: Screens, thing: Resource) -> HttpResponse:
    """Render the properties of one thing, in the contract's order."""
    context = {"screens": screens, "thing": thing, "facts": facts(screens, thing)}
    return render(request, "core/detail.html", context)


def facts(screens: Screens, thing: Resource, shown: Collection[str] = ()) -> list[Fact]:
    """Return the properties that the template does not show itself, in the contract's order."""
    hidden = {"id", "version", "name", *shown}
    properties = pinned().schemas[screens.schema]["properties"]
    return [
        (screens.label(name), name, getattr(thing, attribute(name)), is_long(nullable(prop)[0]))
        for name, prop in properties.items()
        if name not in hidden
    ]


def create(
    request: HttpRequest,
    screens: Screens,
    form: ContractCreateForm,
    make: Callable[[str, dict[str, Any]], R],
) -> HttpResponse:
    """Show the empty form; create on POST."""
    if request.method == "POST" and (made := form.create(make)):
        messages.success(request, f"{made.name} was created.")
        return redirect(screens.detail, made.id)
    return form_page(request, screens, form, f"New {screens.noun}", screens.list_url)


def edit(
    request: HttpRequest,
    screens: Screens,
    make_form: Callable[..., ContractEditForm],
    read: Callable[[], R],
    save: Callable[[str, dict[str, Any]], R],
) -> HttpResponse:
    """Show the thing in a form; save on POST, or show both versions when they clash."""
    if request.method != "POST":
        thing = read()
        form = make_form(current=thing)
        return form_page(request, screens, form, f"Edit {thing.name}", parent(request))
    form = make_form(request.POST)
    try:
        saved = form.save(save)
    except Stale as stale:
        if form.differences(stale.current):
            return conflict_page(request, screens, form, make_form, stale.current)
        # An earlier try was saved and its answer lost, or someone else wrote the same.
        messages.success(request, f"{stale.current['name']} was saved.")
        return redirect(screens.detail, stale.current["id"])
    if saved:
        messages.success(request, f"{saved.name} was saved.")
        return redirect(screens.detail, saved.id)
    return form_page(request, screens, form, f"Edit {screens.noun}", parent(request))


def form_page(
    request: HttpRequest, screens: Screens, form: ContractForm, title: str, back: str
) -> HttpResponse:
    """Render a form alone on its page; its status says whether it has errors."""
    context = {"screens": screens, "form": form, "title": title, "back": back}
    response = render(request, "core/form.html", context, status=form.status)
    if form.unavailable:
        response.headers["Retry-After"] = str(form.unavailable.seconds)
    return response


def conflict_page(
    request: HttpRequest,
    screens: Screens,
    form: ContractEditForm,
    make_form: Callable[..., ContractEditForm],
    current: dict[str, Any],
) -> HttpResponse:
    """Show both versions, and the form with the person's changes over the present one."""
    context = {
        "screens": screens,
        "name": current.get("name", screens.noun),
        "differences": form.differences(current),
        "form": make_form(current=current, initial=form.merged(current)),
        "back": parent(request),
    }
    return render(request, "core/conflict.html", context, status=409)


class ConfirmForm(forms.Form):
    """What a delete page carries: which version, and its name, so that no failure loses them."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    name = forms.CharField(widget=forms.HiddenInput, required=False, strip=False)


def delete(
    request: HttpRequest,
    screens: Screens,
    read: Callable[[], R],
    remove: Callable[[str], None],
) -> HttpResponse:
    """Ask; delete on POST. What the API says against it is shown on the same page."""
    if request.method != "POST":
        thing = read()
        return _confirm_page(request, screens, thing.name, thing.version)
    form = ConfirmForm(request.POST)
    if not form.is_valid():
        return redirect(request.path)
    name, version = form.cleaned_data["name"], form.cleaned_data["version"]
    try:
        remove(version_tag(version))
    except Rejected as rejected:
        words = [error.detail for error in rejected.errors] or [str(rejected)]
        return _confirm_page(request, screens, name, version, " ".join(words), 409)
    except Stale as stale:
        now = stale.current
        words = [
            f"{now['name']} was changed since you opened this page. Look again before deleting."
        ]
        return _confirm_page(request, screens, now["name"], now["version"], words[0], 409)
    except Unavailable as exc:
        return _confirm_page(
            request, screens, name, version, f"{exc.said} {exc.advice}", exc.status
        )
    except NotFound:
        pass  # An earlier try did it and its answer was lost, or someone else was faster.
    messages.success(request, f"{name} was deleted.")
    return redirect(screens.list_url)


def _confirm_page(
    request: HttpRequest,
    screens: Screens,
    name: str,
    version: int,
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    form = ConfirmForm(initial={"version": version, "name": name})
    context = {
        "screens": screens,
        "form": form,
        "name": name,
        "refusal": refusal,
        "back": parent(request),
    }
    return render(request, "core/delete.html", context, status=status)
