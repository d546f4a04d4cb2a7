"""The client of the widgets' contract, generated when it is imported."""

import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from contract.document import Document
from contract.generate import generate

CONTRACT = Path(__file__).with_name("contract.json")


def load(name: str, text: str) -> Any:
    """Return a generated file as a module beneath this one."""
    module = ModuleType(f"{__name__}.{name}")
    sys.modules[module.__name__] = module
    text = text.replace("from client import", f"from {__name__} import")
    exec(compile(text, module.__name__, "exec"), vars(module))
    return module


_files = generate(Document(json.loads(CONTRACT.read_text(encoding="utf-8"))))
models = load("models", _files["models.py"])
operations = load("operations", _files["operations.py"])
