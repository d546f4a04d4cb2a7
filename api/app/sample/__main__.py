"""Print the document of an API that has no resource yet: ``contract-without-sample.json``."""

import json
import sys

from app.main import create_app
from app.operations.command_line import Parser

Parser(prog="python -m app.sample", description=__doc__).parse_args()
document = create_app(resources=[]).openapi()
document["info"]["version"] = "1.0.0"  # a contract of its own begins
sys.stdout.write(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
