"""A violated constraint is found by its name, however the database says it."""

from typing import Any

import asyncpg
import pytest
from sqlalchemy.exc import IntegrityError

from app.database.constraints import violated_constraint

KNOWN = {"uq_things_sku", "fk_things_kind_id", "ck_things_stock", "uq_things_code_2"}
SAID = [
    # message, the name beside it, the constraint
    ('duplicate key value violates unique constraint "{}"', True, "uq_things_sku"),
    ('duplicate key value violates unique constraint "{}"', True, "uq_things_code_2"),
    ('new row for relation "things{}" violates check constraint "{}"', True, "ck_things_stock"),
    ('insert or update on table "things{}" violates foreign key constraint "{}"', True,
     "fk_things_kind_id"),
    ('update or delete on table "kinds{}" violates foreign key constraint "{}" on table "things"',
     True, "fk_things_kind_id"),
    # Citus: an error of a node, told by the coordinator
    ('duplicate key value violates unique constraint "{}"\nCONTEXT: while executing command',
     False, "uq_things_sku"),
]  # fmt: skip


def raised(message: str, name: str | None) -> IntegrityError:
    error: Any = asyncpg.UniqueViolationError(message)
    error.constraint_name = name
    return IntegrityError("INSERT", {}, error)


@pytest.mark.parametrize("shard", ["", "_102008", "_1020081"])
@pytest.mark.parametrize(("message", "beside", "name"), SAID)
def test_it_is_found_with_the_number_of_a_shard_too(message, beside, name, shard, record_property):
    places = [shard] * (message.count("{}") - 1) + [name + shard]
    error = raised(message.format(*places), name + shard if beside else None)

    assert violated_constraint(error, KNOWN) == name
    record_property("ways to say which constraint was violated", 1)


@pytest.mark.parametrize("message", [
    'duplicate key value violates unique constraint "uq_others_sku_102008"',
    'null value in column "name" of relation "things" violates not-null constraint',
])  # fmt: skip
def test_one_that_nobody_has_explained_is_none(message):
    assert violated_constraint(raised(message, None), KNOWN) == ""
