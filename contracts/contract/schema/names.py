"""The names of fields: which a writer sends, and which only one side declares."""

from __future__ import annotations

from contract.schema.gap import Comparison
from contract.schema.given import mentioned
from contract.schema.shape import Nodes, Shape, shapes
from contract.schema.view import Side


def sends(writer: Side, shape: Shape, name: str) -> Nodes | None:
    """What the writer puts under a name; None when it never does."""
    nodes = shape.member(name)
    if nodes is None and _is_named(writer, shape, name):
        return (True,)
    if nodes is None or any(node is False or writer.view(node).get("not") == {} for node in nodes):
        return None
    return nodes


def _is_named(writer: Side, shape: Shape, name: str) -> bool:
    """Whether a schema knows a field without saying what it holds: it requires it, or says what it is not."""
    if name in shape.required or any(name in (one, *others) for one, others in shape.dependent):
        return True
    return any(name in mentioned(writer, node) for node in shape.nots)


def name_changes(writer: Side, reader: Side, comparison: Comparison, branches: list[Shape]) -> None:
    """Note the fields that only one side declares; regenerated code gains or loses them."""
    own = [branch for branch in branches if "object" in branch.types]
    others = [branch for branch in shapes(reader, (comparison.reader,)) if "object" in branch.types]
    if not own or not others:
        return
    sent = {name: None for branch in own for name in branch.properties if sends(writer, branch, name) is not None}
    read = {name: None for branch in others for name, nodes in branch.properties.items() if True not in nodes}
    both = {name for branch in others for name in branch.properties} - reader.hidden(comparison.reader)
    comparison.added = [name for name in read if name not in sent]
    comparison.removed = [name for name in sent if name not in both]
    comparison.shared = [
        (name, own[0].properties[name][0], others[0].properties[name][0])
        for name in own[0].properties
        if name in others[0].properties
    ]
