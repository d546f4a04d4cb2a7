"""The pages of a plain resource, declared: list, detail, create, edit, conflict, delete.

A subclass takes them further: it overrides a method, or names other forms and templates.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Generic, NamedTuple
from urllib.parse import urljoin

from django.contrib import messages
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template import TemplateDoesNotExist, TemplateSyntaxError
from django.template.loader import get_template
from django.urls import URLPattern, path, reverse
from django.utils.functional import cached_property
from django.views.decorators.http import require_GET, require_http_methods
from django.views.decorators.vary import vary_on_headers

from contract.annotations import is_deprecated
from contract.document import Json, pinned
from contract.styles import member
from core.api import Api
from core.context import May, app_names
from core.contract_forms import Choices, ContractForm, is_long, label, nullable, with_schema
from core.create_forms import ContractCreateForm
from core.delete_forms import DeleteForm
from core.edit_forms import ContractEditForm, etag_of
from core.error_pages import log_failure, own_error, page_of, words_in_form
from core.failures import NOT_SAVED, ApiError, NotFound, Rejected, Stale, Unavailable
from core.fields import words
from core.http import Request, wants_fragment
from core.lists import Filter, ListQuery
from core.refusals import told
from core.resource_gateway import P, R, ResourceGateway
from core.submissions import LOOK, typed


class Column(NamedTuple):
    """A property that is shown: its name, and its schema besides null."""

    name: str
    schema: Mapping[str, Any]


Fact = tuple[str, Column, Any, bool]  # label, property, value, whether it may take lines


class ResourceViews(Generic[R, P]):
    """The pages of one resource under the name of its app, which is the namespace of its URLs.

    ``columns`` are the properties that the list shows. Each attribute of the class may be given as
    an argument, too, as those of Django's generic views.
    """

    name = "name"  # the property that people know one by
    noun = ""  # for one; else the words of the schema's name
    title = ""  # for many; else the words of the app's name
    route = ""  # the address of the list; else the app's name
    labels: Mapping[str, str] = {}  # of properties; else those of the contract
    create_form = ContractCreateForm
    edit_form = ContractEditForm
    list_template = "core/list.html"
    table_template = "core/_table.html"
    detail_template = "core/detail.html"
    form_template = "core/form.html"
    conflict_template = "core/conflict.html"
    delete_template = "core/delete.html"

    def __init__(
        self, app: str, gateway: ResourceGateway[R, P], columns: tuple[str, ...], **attributes: Any
    ) -> None:
        if app not in app_names():
            raise ImproperlyConfigured(f"{app!r} is not in APPS of config/settings.py")
        self.app, self.gateway, self.columns = app, gateway, columns
        for name, value in attributes.items():
            if name.startswith("_") or not hasattr(type(self), name):
                raise ImproperlyConfigured(f"{app}: ResourceViews has no attribute {name!r}")
            setattr(self, name, value)
        self.noun = self.noun or spaced(gateway.schema)
        self.title = self.title or words(app)
        self.route = self.route or f"{app.replace('_', '-')}/"
        self._check_names()
        self._check_templates()
        self.create_form = with_schema(self.create_form, gateway.create_schema, self.labels)
        self.edit_form = with_schema(self.edit_form, gateway.update_schema, self.labels)

    def _check_names(self) -> None:
        """Raise ImproperlyConfigured for a property that the contract does not have."""
        schemas = [self.gateway.schema, self.gateway.create_schema, self.gateway.update_schema]
        labelled = {n for s in schemas if s for n in pinned().schemas[s].get("properties", {})}
        versioned = ["version"] if self.gateway.update_id or self.gateway.delete_id else []
        missing = [n for n in ["id", *versioned, *self.columns] if n not in self.properties]
        missing += [name for name in self.labels if name not in labelled]
        if missing:
            raise ImproperlyConfigured(
                f"{self.app}: {self.gateway.schema} has no property {missing[0]!r}"
            )
        if self.name in self.properties and self.name not in self.columns:
            raise ImproperlyConfigured(
                f"{self.app}: the columns lack {self.name!r}, which leads to the page of one"
            )
        if self.name not in self.properties:
            raise ImproperlyConfigured(
                f"{self.app}: {self.gateway.schema} has no property {self.name!r}; "
                "say which property people know one by: ResourceViews(…, name=…)"
            )

    def _check_templates(self) -> None:
        """Raise ImproperlyConfigured for a template that does not exist or cannot be read."""
        for name in [name for name in dir(type(self)) if name.endswith("_template")]:
            try:
                get_template(getattr(self, name))
            except (TemplateDoesNotExist, TemplateSyntaxError) as exc:
                raise ImproperlyConfigured(f"{self.app}: {name}: {exc}") from exc

    @property
    def properties(self) -> Json:
        """Return the properties of one, as the contract has them."""
        properties: Json = pinned().schemas[self.gateway.schema].get("properties", {})
        return properties

    @property
    def urls(self) -> list[URLPattern]:
        """Return the URLs of what the API offers."""
        form = require_http_methods(["GET", "POST"])
        kind = "uuid" if self.properties["id"].get("format") == "uuid" else "str"
        one = f"{self.route}<{kind}:id>/"
        found = [
            path(self.route, require_GET(vary_on_headers("HX-Target")(self.list)), name="list")
        ]
        if self.gateway.create_id:
            found.append(path(f"{self.route}new/", form(self.create), name="create"))
        found.append(path(one, require_GET(self.detail), name="detail"))
        if self.gateway.update_id:
            found.append(path(f"{one}edit/", form(self.edit), name="edit"))
        if self.gateway.delete_id:
            found.append(path(f"{one}delete/", form(self.delete), name="delete"))
        return found

    @cached_property
    def list_url(self) -> str:
        """Return the address of the list."""
        return reverse(f"{self.app}:list")

    @cached_property
    def create_url(self) -> str:
        """Return the address of the empty form."""
        return reverse(f"{self.app}:create")

    @property
    def detail_name(self) -> str:
        """Return the name of the URL of one."""
        return f"{self.app}:detail"

    def label(self, name: str) -> str:
        """Return the words for a property."""
        return self.labels.get(name) or label(name, self.properties[name])

    def column(self, name: str) -> Column:
        """Return a property as it is shown."""
        return Column(name, nullable(self.properties[name])[0])

    def name_of(self, resource: R) -> str:
        """Return what people know one by."""
        return str(member(resource, self.name) or self.noun)

    # The list.

    def list(self, request: Request) -> HttpResponse:
        """Search, filter, sort, page; htmx receives the table alone."""
        query = ListQuery(request, self.gateway.list_id)
        page = self.gateway.list(request.api, query)
        is_table = wants_fragment(request, "results")
        context = {
            "resource": self,
            "query": query,
            "page": page,
            # The filters stay in the page, so a table alone does not ask for their choices.
            "filters": [] if is_table else [*self.filters(request, query)],
            "headings": self.headings(query),
        }
        template = self.table_template if is_table else self.list_template
        return render(request, template, context)

    def filters(self, request: Request, query: ListQuery) -> Iterable[Filter]:
        """Return the selects above the list: ``[query.filter("status")]``."""
        return ()

    def headings(self, query: ListQuery) -> Iterable[dict[str, Any]]:
        """Return the columns with the order that a click on each asks for."""
        column = query.sort.removeprefix("-")
        order = "descending" if query.sort.startswith("-") else "ascending"
        return [
            {
                "name": name,
                "column": self.column(name),
                "label": self.label(name),
                "sort": query.next_sort(name),
                "order": order if name == column else "",
            }
            for name in self.columns
        ]

    # One of them.

    def detail(self, request: Request, id: Any) -> HttpResponse:
        """Show the properties of one, in the contract's order."""
        found = self.gateway.read(request.api, id)
        context = {"resource": self, "object": found, "name": self.name_of(found)}
        return render(request, self.detail_template, context | self.detail_context(request, found))

    def detail_context(self, request: Request, found: R) -> dict[str, Any]:
        """Return what the template shows besides ``object``."""
        return {"facts": self.facts(found)}

    def facts(self, found: R, shown: Collection[str] = ()) -> Iterable[Fact]:
        """Return the properties that the template does not show itself, in the contract's order.

        One that is deprecated is left out, so that the API may remove it on its day.
        """
        hidden = {"id", "version", self.name, *shown}
        hidden |= {n for n, schema in self.properties.items() if is_deprecated(pinned(), schema)}
        columns = [self.column(name) for name in self.properties if name not in hidden]
        return [
            (self.label(one.name), one, member(found, one.name), is_long(one.schema))
            for one in columns
        ]

    # Forms.

    def choices(self, request: Request) -> Mapping[str, Choices]:
        """Return what may be chosen in a form, by property: ``{"unit_id": [(id, "Piece")]}``."""
        return {}

    def _choices(self, request: Request) -> Mapping[str, Choices]:
        """Return the choices; none for a form that was typed, if they cannot be read."""
        try:
            return self.choices(request)
        except ApiError as exc:
            if typed(request) is None:
                raise
            log_failure(exc)
            return {}

    def create(self, request: Request) -> HttpResponse:
        """Show the form; create on POST."""
        if refused := self.refused(request, self.gateway.create_id):
            return refused
        form = self.create_form(typed(request), choices=self._choices(request))
        if request.method == "POST" and form.is_valid():
            try:
                created = self.gateway.create(request.api, form.key, form.wire())
                name, page = self.name_of(created), redirect(self.detail_name, created.id)
            except NOT_SAVED as exc:
                form.add_failure(exc)
            else:
                messages.success(request, f"{name} was created.")
                return page
        return self.form_page(request, form, f"New {self.noun}", self.list_url)

    def edit(self, request: Request, id: Any) -> HttpResponse:
        """Show one in a form; save on POST, or show what clashes with what others saved."""
        if refused := self.refused(request, self.gateway.update_id):
            return refused
        choices, data = self._choices(request), typed(request)
        if data is None:
            current = self.gateway.read(request.api, id)
            form = self.edit_form(current=current, choices=choices)
            return self.form_page(request, form, f"Edit {self.name_of(current)}", parent(request))
        form = self.edit_form(data, choices=choices)
        if LOOK not in data and form.is_valid() and form.undecided():
            return self.conflict_page(request, form, form.initial)
        while request.method == "POST" and form.is_valid():
            try:
                if done := self._save(request, id, form):
                    return done
            except NOT_SAVED as exc:
                form.add_failure(exc)
        return self.form_page(request, form, f"Edit {self.noun}", parent(request))

    def _save(self, request: Request, id: Any, form: ContractEditForm) -> HttpResponse | None:
        """Save once; return the page that follows, or None to try again over a later version."""
        also = ""
        try:
            name = self.name_of(self.gateway.update(request.api, id, form.etag, form.wire()))
        except Stale as stale:
            current = stale.current
            name = str(current.get(self.name, self.noun))
            if not form.is_saved_in(current):
                if form.take_version(current):
                    return None
                return self.conflict_page(request, form, current)
            # An earlier try was saved and its answer lost, or someone else wrote the same.
        if form.others:
            also = f" Someone else changed this meanwhile, and it stays: {', '.join(form.others)}."
        messages.success(request, f"{name} was saved.{also}")
        return redirect(self.detail_name, id)

    def refused(self, request: Request, operation_id: str) -> HttpResponse | None:
        """Return the page for a person who may not do this, before anything is typed."""
        may = May(request.api.scopes)[operation_id]
        return None if may or typed(request) is not None else own_error(request, "Forbidden")

    def form_page(
        self, request: HttpRequest, form: ContractForm, title: str, back: str, button: str = ""
    ) -> HttpResponse:
        """Render a form alone on its page; its status says whether it has errors."""
        check_writable(request)
        context = {"resource": self, "form": form, "title": title, "back": back, "button": button}
        is_gone = isinstance(form.failure, NotFound)
        if is_gone and self.gateway.create_id and form.visible_fields():
            context["anew"] = self.create_url
        response = render(request, self.form_template, context, status=form.status)
        if isinstance(form.failure, Unavailable):
            response.headers["Retry-After"] = str(form.failure.seconds)
        return response

    def conflict_page(
        self, request: Request, form: ContractEditForm, current: Mapping[str, Any]
    ) -> HttpResponse:
        """Render what both changed, with one choice for each, and carry all that was typed."""
        context = {
            "resource": self,
            "name": str(current.get(self.name, self.noun)),
            "clashes": [*form.clashes(current)],
            "taken": form.taken(current),
            "again": form.undecided(),
            "hidden": form.hidden(current),
            "back": parent(request),
        }
        return render(request, self.conflict_template, context, status=409)

    def delete(self, request: Request, id: Any) -> HttpResponse:
        """Ask; delete on POST. What the API says against it is shown on the same page."""
        if refused := self.refused(request, self.gateway.delete_id):
            return refused
        if request.method != "POST":
            found = self.gateway.read(request.api, id)
            return self.delete_page(request, self.name_of(found), found.version)
        form = DeleteForm(request.POST)
        if not form.is_valid():
            return redirect(request.path)
        name, version = form.cleaned_data["name"], form.cleaned_data["version"]
        try:
            self.gateway.delete(request.api, id, etag_of(version))
        except Stale as exc:
            name, version = str(exc.current.get(self.name, name)), exc.current["version"]
            reason = f"{name} was changed since you opened this page. Look again before deleting."
            return self.delete_page(request, name, version, reason, 409)
        except NotFound:
            pass  # An earlier try did it and its answer was lost, or someone else was faster.
        except NOT_SAVED as exc:
            reason, status = words_of_refusal(exc)
            return self.delete_page(request, name, version, reason, status)
        messages.success(request, f"{name} was deleted.")
        return redirect(self.list_url)

    def delete_page(
        self, request: HttpRequest, name: str, version: int, refusal: str = "", status: int = 200
    ) -> HttpResponse:
        """Render the question, and why the answer could not be carried out."""
        check_writable(request)
        context = {
            "resource": self,
            "form": DeleteForm(initial={"version": version, "name": name}),
            "name": name,
            "refusal": refusal,
            "back": parent(request),
        }
        return render(request, self.delete_template, context, status=status)


def words_of_refusal(exc: ApiError) -> tuple[str, int]:
    """Return why something was not done, and the status of the page that says so."""
    log_failure(exc)
    if isinstance(exc, Rejected):
        return " ".join(each.sentence for each in told(exc)) or str(exc), 409
    return words_in_form(exc), page_of(exc).status


def check_writable(request: HttpRequest) -> None:
    """Raise ReadOnly instead of showing a form that could not be saved; one that was sent stays."""
    api: Api | None = getattr(request, "api", None)
    if api and typed(request) is None:
        api.check_writable()


def parent(request: HttpRequest) -> str:
    """Return the address that ``edit/`` and ``delete/`` stand under: the resource's own."""
    return urljoin(request.path, "..")


def spaced(schema: str) -> str:
    """Return the name of a schema as words: ``PurchaseOrder`` is ``purchase order``."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", schema).lower()
