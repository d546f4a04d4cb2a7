"""Every kind of single edit of a whole contract, where it fits: judged as the kind says.

Each kind is tried at one of its places, which a seed picks; `--long` tries every place.
"""

from collections import Counter

import pytest

from contract.compare import compare
from contract.findings.finding import Verdict
from contract.openapi.document import Document, load
from contract.tests.building import EXAMPLE
from contract.tests.mutations import Site, schema_mutants
from contract.tests.operation_edits import OPERATIONS
from contract.tests.operation_mutations import document_mutants, operation_mutants
from contract.tests.sampling import sample
from contract.tests.schema_edits import KINDS

# In a URL everything is text already, so that a parameter may become one.
TEXT = frozenset({"integer becomes string", "boolean becomes string"})


@pytest.fixture(scope="module")
def contract() -> Document:
    return load(EXAMPLE)


def expected(name: str, asks: bool, tells: bool, site: Site) -> bool:
    if site.way[0] == "paths" and name in TEXT:
        return False
    if name == "null allowed" and "anyOf" in site.way:
        return False
    return (asks and site.asks) or (tells and site.tells)


def mutants(contract: Document):
    for kind, site, data in schema_mutants(contract):
        yield kind.name, site.place, expected(kind.name, kind.asks, kind.tells, site), data
    yield from operation_mutants(contract)
    yield from document_mutants(contract)


def numbered(contract: Document):
    """Each mutant's number with its kind: the documents themselves would be too many to hold."""
    return [(index, (name, breaking)) for index, (name, _, breaking, _) in enumerate(mutants(contract))]


def test_there_are_many_kinds():
    assert len(KINDS) + len(OPERATIONS) >= 60


def test_each_single_edit_is_judged_right(contract, tell, long):
    kinds, counts, wrong = set(), Counter(), []
    chosen = {index for index, _ in sample(numbered(contract), lambda one: one[1], 1, long)}
    for index, (name, place, breaking, data) in enumerate(mutants(contract)):
        if index not in chosen:
            continue
        findings = compare(contract, Document(data, contract.path), relaxations=False)
        stops = [finding for finding in findings if finding.stops]
        kinds.add(name)
        counts["breaking" if breaking else "harmless"] += 1
        counts["proven"] += any(finding.verdict is Verdict.WIRE for finding in stops)
        if bool(stops) is not breaking:
            wrong.append((name, place, "breaking" if breaking else "harmless", [one.text for one in stops]))
    tell(
        f"mutations: {len(kinds)} kinds, {counts['breaking']} breaking edits ({counts['proven']} with a witness),"
        f" {counts['harmless']} harmless ones, {len(wrong)} judged wrong"
    )
    assert wrong == []
