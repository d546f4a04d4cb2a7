"""What the API's document says of the shop as a whole: its first sentence and its examples."""

from typing import Any

from app.resources.products.schemas import EXAMPLE_ID

SENTENCE = "A catalogue of products and their stock."


def describe(document: dict[str, Any]) -> None:
    """Put the shop's sentence and examples into a document."""
    info = document["info"]
    _, _, rules = info["description"].partition("\n\n")
    info["description"] = f"{SENTENCE}\n\n{rules}"
    headers = document["components"]["headers"]
    headers["Location"]["example"] = f"/v1/products/{EXAMPLE_ID}"
    headers["Link"]["example"] = '</v1/products?cursor=WyJuYW1lIl0>; rel="next"'
    for schema, field, example in (
        ("Identity", "scopes", ["products:read"]),
        ("ProblemDetails", "detail", "No such product."),
        ("ProblemDetails", "instance", "/v1/products"),
        ("FieldProblem", "pointer", "#/price/amount_minor"),
        ("FieldProblem", "detail", "SKU already in use."),
    ):
        document["components"]["schemas"][schema]["properties"][field]["examples"] = [example]
