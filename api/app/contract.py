"""The pinned release of the contract."""

import json
from pathlib import Path
from typing import Any

PATH = Path(__file__).parent.parent / "contract.json"
UNRELEASED = "0.0.0"


def pinned() -> dict[str, Any]:
    """Return the pinned document, or an empty one before the first release."""
    document: dict[str, Any] = json.loads(PATH.read_text()) if PATH.exists() else {}
    return document


def version() -> str:
    """Return the release that this API speaks, e.g. ``1.0.0``."""
    return str(pinned().get("info", {}).get("version", UNRELEASED))
