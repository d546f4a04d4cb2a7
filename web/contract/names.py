"""Names of the contract as the generated client has them. Standard library only."""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from keyword import iskeyword

# What the generated annotations are made of.
TYPES = frozenset(
    ("str", "int", "float", "bool", "list", "dict", "field", "Any", "Struct", "UNSET", "UnsetType")
)
# What else the generated modules use.
RESERVED = TYPES | frozenset(
    ("annotations", "bytes", "multipart", "type", "Call", "TypeAlias", "UUID", "models", "segment")
)


class Unsupported(ValueError):
    """The contract has something that this generator cannot write in Python."""


def identifier(name: str) -> str:
    """Return a name of the contract as a valid Python name."""
    name = re.sub(r"\W", "_", name)
    return f"{name}_" if iskeyword(name) else name if name.isidentifier() else f"_{name}"


def attribute(name: str, taken: Collection[str] = TYPES) -> str:
    """Return the attribute of a property; one named as a type gets underscores.

    Two underscores in front are left out: Python would rename such an attribute.
    """
    name = identifier(name)
    if name.startswith("__"):
        name = identifier(name.lstrip("_") + "_")
    while name in taken:
        name += "_"
    return name


def free(name: str) -> str:
    """Return a Python name that hides nothing that the generated modules use."""
    return attribute(name, RESERVED)


def function(name: str) -> str:
    """Return the function of an operation; several signs together are one underscore."""
    return free(re.sub(r"\W+", "_", name).strip("_") if re.search(r"\W", name) else name)


def argument(name: str) -> str:
    """Return the argument for a parameter."""
    return free(name.lower())


def spelled(name: str) -> str:
    """Return a name with its signs spelled by their numbers: ``a<`` differs from ``a>``."""
    return free(re.sub(r"\W", lambda sign: f"_{ord(sign[0]):x}_", name))


def distinct(names: Iterable[str], plain: Callable[[str], str]) -> dict[str, str]:
    """Return a Python name for each name; the order of the names does not matter.

    Those that clash are spelled, but for one that is a Python name already. Raises Unsupported.
    """
    names = list(dict.fromkeys(names))
    counts = Counter(map(plain, names))
    found = {
        name: plain(name) if counts[plain(name)] == 1 or plain(name) == name else spelled(name)
        for name in names
    }
    python: dict[str, str] = {}
    for name, made in found.items():
        if python.setdefault(made, name) != name:
            raise Unsupported(f"{python[made]!r} and {name!r} are both {made!r} in Python")
    return found
