"""The contract of widgets and its client, generated when it is imported.

What every API has (health, identity, problems) is that of the real contract, whatever is pinned.
"""

import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from contract.annotations import references
from contract.document import PATH, Document, Json
from contract.generate import generate

WIDGETS = Path(__file__).with_name("widgets.json")
OF_EVERY_API = ("check_live", "check_ready", "read_identity")


def complete(widgets: Json, real: Json) -> Json:
    """Return the document of widgets with what every API has, as the real one has it."""
    operations = Document(real).operations
    found = [operations[name] for name in OF_EVERY_API if name in operations]
    paths = {operation.path: real["paths"][operation.path] for operation in found}
    schemas = dict(widgets["components"]["schemas"])
    todo = [*references([operation.spec for operation in found])]
    while todo:
        name = todo.pop()
        if name not in schemas:
            schemas[name] = real["components"]["schemas"][name]
            todo += references(schemas[name])
    components = real["components"] | {"schemas": schemas}
    return real | {"paths": paths | widgets["paths"], "components": components}


def load(name: str, text: str) -> Any:
    """Return a generated file as a module beneath this one."""
    module = ModuleType(f"{__name__}.{name}")
    sys.modules[module.__name__] = module
    text = text.replace("from client import", f"from {__name__} import")
    exec(compile(text, module.__name__, "exec"), vars(module))
    return module


contract = Document(complete(json.loads(WIDGETS.read_bytes()), json.loads(PATH.read_bytes())))
_files = generate(contract)
models = load("models", _files["models.py"])
operations = load("operations", _files["operations.py"])
