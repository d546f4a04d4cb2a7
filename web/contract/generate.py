"""contract.json → client/: what goes over the wire, and one function an operation.

What cannot be written is refused by name. Standard library only.
"""

from contract.document import Document
from contract.functions import operations_code
from contract.names import Unsupported
from contract.python import header, refused_by_name
from contract.structs import models_code


def generate(document: Document) -> dict[str, str]:
    """Return the text of each file of client/ by its name, or raise Unsupported."""
    if "swagger" in document.raw:
        raise Unsupported(f"Swagger {document.raw['swagger']} is not OpenAPI 3")
    with refused_by_name():
        return {
            "__init__.py": header("The API's client.", document),
            "models.py": models_code(document),
            "operations.py": operations_code(document),
        }
