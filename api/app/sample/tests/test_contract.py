"""contract-without-sample.json is what is served once the sample is deleted."""

import json
from pathlib import Path

from app.main import create_app

FILE = Path(__file__).parents[1] / "contract-without-sample.json"


def test_the_document_without_resources_is_the_one_that_takes_the_place_of_the_pin(settings):
    document = create_app(settings, resources=[]).openapi()
    document["info"]["version"] = "1.0.0"

    assert document == json.loads(FILE.read_text()), f"python -m app.sample writes {FILE.name}"
