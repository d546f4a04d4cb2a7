import pytest
from django import forms

from client.models import ProblemDetails
from contract.document import pinned
from contract.tests.examples import body, made
from core import fields
from core.contract_forms import ContractForm, derive_field
from core.failures import Rejected, Unavailable


@pytest.fixture
def form_of(monkeypatch):
    """Return a maker of forms for a schema that stands in the contract for one test."""

    def make(properties, data=None, required=(), **kwargs):
        schema = {"type": "object", "properties": properties, "required": list(required)}
        monkeypatch.setitem(pinned().schemas, "Thing", schema)
        form_class = type("ThingForm", (ContractForm,), {"schema": "Thing"})
        return form_class(data, **kwargs)

    return make


LEFT = {"type": "integer", "examples": [3]}
OLD = LEFT | {"deprecated": True}
TEXT = {"type": "string", "maxLength": 10, "minLength": 2, "description": "As seen."}


class TestDerivedField:
    @pytest.mark.parametrize(
        ("prop", "kind"),
        [
            ({"type": "string", "maxLength": 10}, forms.CharField),
            ({"type": "string", "maxLength": 4000}, fields.TextField),
            ({"type": "string"}, fields.TextField),
            ({"type": "string", "format": "uuid"}, forms.CharField),
            ({"type": "string", "format": "date-time"}, fields.MomentField),
            ({"type": "string", "format": "date"}, fields.DayField),
            ({"type": "integer"}, forms.IntegerField),
            ({"type": "number"}, forms.FloatField),
            ({"type": "boolean"}, forms.BooleanField),
            ({"type": "array", "items": {"type": "string"}}, fields.WordsField),
            ({"type": "string", "enum": ["a"]}, forms.TypedChoiceField),
            ({"$ref": "#/components/schemas/WidgetStatus"}, forms.TypedChoiceField),
            ({"$ref": "#/components/schemas/Money"}, fields.MoneyField),
            ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, forms.IntegerField),
        ],
    )
    def test_type_decides_the_field(self, prop, kind):
        assert type(derive_field("x", prop, required=True)) is kind

    @pytest.mark.parametrize(
        "prop",
        [
            {"type": "integer"},
            {"type": "number", "minimum": 0},
            {"anyOf": [{"type": "number"}, {"type": "string"}]},
        ],
        ids=["integer", "number", "decimal"],
    )
    def test_what_is_no_number_stays_as_it_was_typed(self, form_of, prop):
        """A browser sends nothing of it from an input of numbers."""
        form = form_of({"x": prop}, {"x": "1-2"}, required=["x"])

        assert not form.is_valid()
        assert 'type="text"' in str(form["x"])
        assert 'value="1-2"' in str(form["x"])

    def test_what_has_no_field_of_its_own_is_json_where_it_must_be_sent(self, form_of):
        assert derive_field("x", {"type": "object"}, required=True) is None
        form = form_of({"x": {"type": "object"}}, {"x": '{"a": [1]}'}, required=["x"])

        assert form.is_valid()
        assert form.wire() == {"x": {"a": [1]}}

    @pytest.mark.parametrize("items", [{"type": ["string", "null"]}, {"enum": ["a", None]}])
    def test_list_that_may_hold_null_is_json(self, items):
        assert derive_field("x", {"type": "array", "items": items}, required=True) is None

    @pytest.mark.parametrize(
        ("prop", "shape"),
        [
            ({"type": "object", "properties": {"left": LEFT, "note": {}}}, '{"left": 3}'),
            ({"items": {"type": "object", "properties": {"left": LEFT}}}, '[{"left": 3}]'),
            ({"type": "array", "items": {"type": "array", "items": LEFT}}, "[[3]]"),
            ({"oneOf": [{"properties": {"left": LEFT}}, {"type": "object"}]}, '{"left": 3}'),
            ({"type": "object", "examples": [None, {"a": "ä"}]}, '{"a": "ä"}'),
            ({"type": "object", "properties": {"left": LEFT, "old": OLD}}, '{"left": 3}'),
            ({"properties": {"old": OLD}, "examples": [{"left": 3, "old": 4}]}, '{"left": 3}'),
            ({"type": "object"}, ""),
            ({"$ref": "#/components/schemas/Loop"}, ""),
        ],
    )
    def test_box_of_json_says_how_to_write_it(self, form_of, monkeypatch, prop, shape):
        loop = {"type": "array", "items": {"$ref": "#/components/schemas/Loop"}}
        monkeypatch.setitem(pinned().schemas, "Loop", loop)
        form = form_of({"x": prop}, {"x": "{"})
        advice = f"Write it as JSON, like {shape}." if shape else "Write it as JSON."

        assert form.fields["x"].help_text == advice
        assert form.errors["x"] == [f"This cannot be read. {advice}"]
        assert "null" not in str(form_of({"x": prop}))

    @pytest.mark.parametrize("longest", [10, 4000])
    def test_text_that_is_pasted_is_not_cut_off(self, form_of, longest):
        """A browser does so by ``maxlength``; here the refusal says the limit, beside the text."""
        schema = {"type": "string", "maxLength": longest}
        form = form_of({"name": schema}, {"name": "x" * (longest + 1)}, required=["name"])

        assert "maxlength" not in str(form["name"])
        assert "x" * (longest + 1) in str(form["name"])
        assert form.errors["name"] == [f"Write at most {longest:,} characters."]

    def test_text_has_the_contract_s_limits_and_words(self, form_of):
        html = str(form_of({"name": TEXT | {"pattern": "^[a-z]+$"}}, required=["name"])["name"])

        assert 'pattern="^[a-z]+$"' in html
        assert "required" in html

    @pytest.mark.parametrize(
        ("prop", "value", "words"),
        [
            (TEXT, "a", "at least 2 characters"),
            (TEXT, "a" * 11, "at most 10 characters"),
            (TEXT, "a\0b", "Remove the sign"),
            (TEXT | {"pattern": "^A", "examples": ["ABC"]}, "xyz", "Write it like this: ABC."),
            (TEXT | {"pattern": "^A"}, "xyz", "This does not fit: As seen."),
            ({"type": "integer", "minimum": 3}, "2", "Write 3 or more."),
            ({"type": "integer", "maximum": 3}, "4", "Write 3 or less."),
            ({"type": "string", "enum": ["a"]}, "b", "Choose one of these: A."),
        ],
        ids=["short", "long", "nul", "pattern", "pattern-bare", "low", "high", "enum"],
    )
    def test_limits_are_checked(self, form_of, prop, value, words):
        form = form_of({"x": prop}, {"x": value}, required=["x"])

        assert words in form.errors["x"][0]

    def test_enum_offers_its_values_and_the_default(self, form_of):
        form = form_of({"state": {"type": "string", "enum": ["on", "half_on"], "default": "on"}})

        assert form.fields["state"].choices == [("on", "On"), ("half_on", "Half on")]
        assert form["state"].initial == "on"

    def test_title_is_the_label(self, form_of):
        form = form_of({"sku": TEXT | {"title": "SKU"}, "sold_at": TEXT, "unit_id": TEXT})

        assert [field.label for field in form] == ["SKU", "Sold", "Unit"]

    def test_declared_field_replaces_the_derived_one(self, monkeypatch):
        class SearchForm(ContractForm):
            schema = "WidgetCreate"
            name = forms.CharField(widget=forms.Textarea)

        assert list(SearchForm().fields)[:2] == ["name", "note"]
        assert isinstance(SearchForm().fields["name"].widget, forms.Textarea)

    def test_value_of_a_newer_api_stays_choosable(self, form_of):
        form = form_of({"state": {"type": "string", "enum": ["on"]}}, initial={"state": "asleep"})

        assert ("asleep", "Asleep") in form.fields["state"].choices


class TestWire:
    @pytest.mark.parametrize(
        ("prop", "typed", "wire"),
        [
            ({"type": "string"}, "", {"x": ""}),
            ({"anyOf": [{"type": "string"}, {"type": "null"}]}, "", {"x": None}),
            ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, "", {"x": None}),
            ({"type": "integer"}, "", {}),
            ({"type": "integer"}, "0", {"x": 0}),
            ({"type": "boolean"}, "", {"x": False}),
            ({"type": "boolean"}, "on", {"x": True}),
            ({"type": "string", "maxLength": 9}, "عربي 🛒", {"x": "عربي 🛒"}),
        ],
        ids=["text", "null-text", "null-number", "left-out", "zero", "no", "yes", "any-script"],
    )
    def test_empty_is_null_or_empty_or_left_out_as_the_schema_allows(
        self, form_of, prop, typed, wire
    ):
        form = form_of({"x": prop}, {"x": typed})

        assert form.is_valid(), form.errors
        assert form.wire() == wire

    def test_choices_make_a_select_whose_nothing_is_null(self, form_of):
        prop = {"anyOf": [{"type": "string", "format": "uuid"}, {"type": "null"}]}
        form = form_of({"unit_id": prop}, {"unit_id": ""}, choices={"unit_id": [("1", "Piece")]})

        assert form.fields["unit_id"].choices == [("", "Nothing chosen"), ("1", "Piece")]
        assert form.is_valid()
        assert form.wire() == {"unit_id": None}

    @pytest.mark.parametrize(
        ("typed", "wire"),
        [
            ("Kitchen", "Kitchen"),
            ("a: [1]", "a: [1]"),
            ("7", "7"),
            ('"7"', "7"),
            ("true", True),
            ("Infinity", "Infinity"),
            ('{"left": 3}', {"left": 3}),
        ],
    )
    def test_text_that_may_be_of_another_type_is_typed_as_text(self, form_of, typed, wire):
        others = [{"type": "boolean"}, {"type": "object", "properties": {"left": LEFT}}]
        form = form_of({"x": {"anyOf": [{"type": "string"}, *others]}}, {"x": typed})

        assert form.is_valid(), form.errors
        assert form.wire() == {"x": wire}

    def test_json_that_is_not_finished_is_no_text(self, form_of):
        form = form_of({"x": {"anyOf": [TEXT, {"type": "object"}]}}, {"x": '{"left": 3'})

        assert "Write it as JSON" in form.errors["x"][0]


class TestRefusal:
    def rejection(self, *errors, detail="Not so."):
        fields = [body("FieldProblem", pointer=p, detail=d) for p, d in errors]
        return Rejected(made(ProblemDetails, status=422, detail=detail, errors=fields))

    @pytest.mark.parametrize(
        ("pointer", "field"),
        [("#/x", "x"), ("#/x/amount_minor", "x"), ("#/other", "__all__"), ("#/query/q", "__all__")],
    )
    def test_pointer_leads_to_its_field_or_to_the_top(self, form_of, pointer, field):
        form = form_of({"x": TEXT}, {"x": "abc"})
        assert form.is_valid()

        form.add_failure(self.rejection((pointer, "Taken.")))

        assert form.errors == {field: ["Taken."]}
        assert form.status == 422

    def test_refusal_without_fields_is_said_at_the_top(self, form_of):
        form = form_of({"x": TEXT}, {"x": "abc"})
        assert form.is_valid()

        form.add_failure(self.rejection(detail="The shop is closed."))

        assert form.non_field_errors() == ["The shop is closed."]

    def test_no_answer_keeps_what_was_typed(self, form_of):
        form = form_of({"x": TEXT}, {"x": " abc "})

        form.add_failure(Unavailable("refused"))

        assert form.status == 503
        assert form["x"].value() == " abc "


def test_money_is_explained_by_its_property_and_by_the_limits():
    money = {"$ref": "#/components/schemas/Money", "description": "Price of all pieces."}

    field = derive_field("total", money, required=True)

    assert field
    assert field.help_text.startswith("Price of all pieces. From 0.00 to ")
