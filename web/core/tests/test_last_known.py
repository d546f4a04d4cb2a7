"""What is known stays with its person, within its bounds, and ages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import last_known
from core.last_known import LastKnown, Person, size_of
from core.response import Reply

ANN = Person("1", frozenset({"widgets:read"}))
BEN = Person("2", frozenset({"widgets:read"}))
DEMOTED = ANN._replace(scopes=frozenset())
KEY = ("/widgets",)


def reply(content=b"{}", **headers):
    return Reply(200, {name.replace("_", "-"): value for name, value in headers.items()}, content)


@pytest.fixture
def clock():
    return [1000.0]


@pytest.fixture
def store(clock):
    return LastKnown(now=lambda: clock[0])


def test_an_answer_has_its_etag_and_its_moment(store, clock):
    store.put(ANN, KEY, reply(etag='"7"'))
    clock[0] += 60

    assert store.get(ANN, KEY).etag == '"7"'
    assert store.get(ANN, KEY).at == 1000


@pytest.mark.parametrize("other", [BEN, DEMOTED], ids=["person", "rights"])
def test_answers_never_cross(store, other):
    store.put(ANN, KEY, reply())

    assert store.get(other, KEY) is None


def test_too_old_is_nothing(store, clock):
    store.put(ANN, KEY, reply())
    clock[0] += last_known.MAX_SECONDS + 1

    assert store.get(ANN, KEY) is None
    assert store.bytes == 0


def test_no_store_is_obeyed_and_replaces_what_was(store):
    store.put(ANN, KEY, reply())
    store.put(ANN, KEY, reply(cache_control="private, No-Store"))

    assert store.get(ANN, KEY) is None


def test_one_person_pushes_out_only_their_own(store, monkeypatch):
    monkeypatch.setattr(last_known, "MAX_BYTES_OF_ONE", 4_000)
    store.put(BEN, KEY, reply())
    for number in range(50):
        store.put(ANN, (f"/widgets/{number}",), reply(bytes(500)))

    assert store.get(BEN, KEY)
    assert store.get(ANN, ("/widgets/49",))
    assert store.get(ANN, ("/widgets/0",)) is None


@pytest.mark.parametrize(
    "large",
    [reply(bytes(4_000)), reply(note="x" * 4_000), reply(**{f"h{n}": "" for n in range(40)})],
    ids=["body", "header", "headers"],
)
def test_an_answer_larger_than_a_person_s_share_is_not_stored(store, monkeypatch, large):
    monkeypatch.setattr(last_known, "MAX_BYTES_OF_ONE", 4_000)
    store.put(ANN, KEY, large)

    assert store.get(ANN, KEY) is None


STEPS = st.tuples(
    st.sampled_from(["put", "drop", "get", "wait"]),
    st.sampled_from([ANN, BEN, DEMOTED]),
    st.sampled_from([("/a",), ("/b",), ("/c",)]),
    st.integers(0, 1500),
)


@given(st.lists(STEPS, max_size=80))
def test_bounds_and_owners_hold_in_every_order(steps):
    clock = [1000.0]
    store = LastKnown(now=lambda: clock[0])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(last_known, "MAX_BYTES", 6_000)
        patch.setattr(last_known, "MAX_BYTES_OF_ONE", 2_500)
        patch.setattr(last_known, "MAX_SECONDS", 100)
        for what, person, key, number in steps:
            if what == "put":
                store.put(person, key, reply(repr((person, key)).encode() + bytes(number)))
            elif what == "drop":
                store.drop(person, key)
            elif what == "wait":
                clock[0] += number / 20
            known = store.get(person, key)
            assert not known or known.reply.content.startswith(repr((person, key)).encode())
            sizes = {
                owner: sum(size_of(key, known.reply) for key, known in answers.items())
                for owner, answers in store._people.items()
            }
            assert sizes == store._sizes
            assert store.bytes == sum(sizes.values()) <= 6_000
            assert all(size <= 2_500 for size in sizes.values())
