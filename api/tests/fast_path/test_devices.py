"""Each of FastAPI's devices with the fast path and without: the same answers, the same calls."""

import contextlib
from typing import Any

import pytest
from fastapi import Depends, FastAPI, Request
from starlette.routing import Match

from app.fast import FastRoute, FastRouter, plan, route, router
from app.fast.router import Matching
from app.http import exception_handlers
from tests.fast_path.comparison import Make, ask, by_route, counting, plain
from tests.fast_path.devices import DEVICES, OVERRIDDEN, SILENT, On, Trial

KINDS = {"route class": by_route, "router": FastRouter}
Answers = tuple[list[Any], list[Any], list[bool]]


async def run(
    name: str, make: Make, monkeypatch: pytest.MonkeyPatch, ours: bool = False, **options: Any
) -> Answers:
    """Return the answers and the events of a device, and which requests took the fast path."""
    declare, trials = DEVICES[name]
    events: list[Any] = []
    app = FastAPI(telemetry=SILENT, **options)
    if ours:
        exception_handlers.install(app)
    declare(On(app, make, make(), events.append))
    answers, fast = [], []
    with counting(monkeypatch) as count:
        for trial in trials:
            before = count.taken
            answers.append(await try_out(app, trial))
            fast.append(count.taken > before)
    return answers, events, fast


async def try_out(app: FastAPI, trial: Trial) -> Any:
    details = dict(trial.details)
    override = details.pop("overrides", None)
    if override is not None:
        app.dependency_overrides = {OVERRIDDEN: override} if override else {}
    return await ask(app, trial.target, **details)


@pytest.mark.parametrize("make", KINDS.values(), ids=KINDS.keys())
@pytest.mark.parametrize("name", DEVICES)
async def test_a_device_is_the_same_both_ways(name, make, monkeypatch, record_property):
    trials = DEVICES[name][1]
    answers, events, none = await run(name, plain, monkeypatch)
    other_answers, other_events, fast = await run(name, make, monkeypatch)

    assert not any(none)
    for trial, one, other in zip(trials, answers, other_answers, strict=True):
        assert (trial, other) == (trial, one)
    assert other_events == events
    assert list(zip(trials, fast, strict=True)) == [(trial, trial.fast) for trial in trials]
    record_property("compared: requests of FastAPI's devices", len(trials))


@pytest.mark.parametrize("name", DEVICES)
async def test_a_device_is_the_same_with_the_api_s_own_problems(name, monkeypatch):
    """The handlers of exceptions see the same, whichever way it was that raised them."""
    one = await run(name, plain, monkeypatch, ours=True)
    other = await run(name, FastRouter, monkeypatch, ours=True)

    assert other[:2] == one[:2]


@pytest.mark.parametrize("make", KINDS.values(), ids=KINDS.keys())
async def test_dependencies_of_the_whole_application_run(make, monkeypatch):
    seen: list[str] = []

    async def guard(request: Request) -> None:
        seen.append(request.scope["path"])

    one = await run("include_router", plain, monkeypatch, dependencies=[Depends(guard)])
    expected, seen[:] = list(seen), []
    other = await run("include_router", make, monkeypatch, dependencies=[Depends(guard)])

    assert (other[0], other[1], seen) == (one[0], one[1], expected)
    assert any(other[2])


@pytest.mark.parametrize("name", DEVICES)
def test_the_document_is_the_same(name):
    documents = []
    for make in (plain, *KINDS.values()):
        app = FastAPI()
        DEVICES[name][0](On(app, make, make(), print))
        documents.append(app.openapi())

    assert documents[0] == documents[1] == documents[2]


class TestMutants:
    """What the comparison must notice, or it would notice nothing."""

    async def differs(self, name: str, monkeypatch: pytest.MonkeyPatch) -> bool:
        one = await run(name, plain, monkeypatch)
        other = await run(name, FastRouter, monkeypatch)
        return one[:2] != other[:2]

    async def test_a_plan_made_from_the_route_itself_is_noticed(self, monkeypatch):
        """It lacks what the router was included with: it fails open."""

        def planned_from_the_route(self: FastRoute) -> Any:
            own = super(FastRoute, self).get_route_handler()
            held = route.read_handler(own) | {"dependant": self.dependant}
            return route.make_handler(own, held)

        monkeypatch.setattr(FastRoute, "get_route_handler", planned_from_the_route)
        assert await self.differs("include_router", monkeypatch)

    async def test_overrides_that_are_not_looked_at_are_noticed(self, monkeypatch):
        make_handler = route.make_handler
        monkeypatch.setattr(
            route,
            "make_handler",
            lambda own, held: make_handler(own, held | {"dependency_overrides_provider": None}),
        )
        assert await self.differs("dependency_overrides", monkeypatch)

    @pytest.mark.parametrize(
        ("attribute", "name"),
        [("response_param_name", "injected"), ("background_tasks_param_name", "injected")],
    )
    async def test_a_parameter_that_is_not_given_is_noticed(self, monkeypatch, attribute, name):
        monkeypatch.setattr(
            plan, "REFUSED", {k: v for k, v in plan.REFUSED.items() if k != attribute}
        )
        monkeypatch.setattr(plan, "UNDERSTOOD", plan.UNDERSTOOD | {attribute})
        assert await self.differs(name, monkeypatch)

    async def test_a_default_that_is_not_validated_is_noticed(self, monkeypatch):
        def default(_: str, info: Any) -> Any:
            return plan.ABSENT if info.is_required() else info.default

        monkeypatch.setattr(plan, "_default", default)
        assert await self.differs("query_of_other_kinds", monkeypatch)

    async def test_a_function_called_in_the_wrong_place_is_noticed(self, monkeypatch):
        monkeypatch.setattr(plan, "_is_plain_coroutine", lambda _: True)
        assert await self.differs("kinds_of_functions", monkeypatch)

    async def test_a_result_remembered_too_long_is_noticed(self, monkeypatch):
        monkeypatch.setattr(plan, "_uses_scopes", lambda _: False)
        assert await self.differs("scopes", monkeypatch)

    async def test_a_body_kept_for_a_second_reading_is_noticed(self, monkeypatch):
        async def keep(request: Request) -> Any:
            return await request.json()

        monkeypatch.setattr(route, "_read_body", keep)
        assert await self.differs("a_validator_that_takes_its_input_apart", monkeypatch)

    async def test_an_end_taken_for_another_is_noticed(self, monkeypatch):
        monkeypatch.setattr(FastRoute, "may_have", lambda self, path: path.endswith(self._ends[0]))
        assert await self.differs("paths", monkeypatch)

    async def test_a_method_that_is_not_looked_at_is_noticed(self, monkeypatch):
        def first(self: Matching, scope: Any) -> Any:
            for context in self._included.effective_candidates():
                match, child_scope = context.matches(scope)
                if match is not Match.NONE:
                    return match, child_scope, context.original_route, context
            return Match.NONE, {}, None, None

        monkeypatch.setattr(Matching, "_find", first)
        assert await self.differs("paths", monkeypatch)

    async def test_a_route_of_another_kind_that_is_passed_over_is_noticed(self, monkeypatch):
        def own(self: Matching, scope: Any) -> Any:
            found = find(self, scope)
            return found if type(found[2]) is FastRoute else (Match.NONE, {}, None, None)

        find = Matching._find
        monkeypatch.setattr(Matching, "_find", own)
        assert await self.differs("prefix", monkeypatch)

    async def test_a_prefix_taken_for_another_is_noticed(self, monkeypatch):
        monkeypatch.setattr(FastRouter, "_find_needle", lambda self: self.prefix + "/own")
        assert await self.differs("include_router", monkeypatch)


class TestNewerFramework:
    """What is not known by name is left to FastAPI: slower, and right."""

    async def test_a_new_field_of_a_dependant_turns_the_plan_off(self, monkeypatch):
        monkeypatch.setattr(plan, "UNDERSTOOD", plan.UNDERSTOOD - {"path"})
        answers, _, fast = await run("query", FastRouter, monkeypatch)

        assert not any(fast)
        assert answers == (await run("query", plain, monkeypatch))[0]

    async def test_a_new_variable_of_the_handler_turns_the_plan_off(self, monkeypatch):
        monkeypatch.setattr(route, "COMPUTED", route.COMPUTED - {"is_coroutine"})
        answers, _, fast = await run("query", FastRouter, monkeypatch)

        assert not any(fast)
        assert answers == (await run("query", plain, monkeypatch))[0]

    async def test_another_handler_turns_the_plan_off(self, monkeypatch):
        _, _, fast = await run("query", FastRouter, monkeypatch)
        assert any(fast)

        def other(**_: Any) -> Any: ...

        monkeypatch.setattr(route, "get_request_handler", other)
        assert not any((await run("query", FastRouter, monkeypatch))[2])


async def test_a_traced_request_takes_the_whole_way(monkeypatch):
    provider = pytest.importorskip("opentelemetry.sdk.trace").TracerProvider()
    app = FastAPI(telemetry={"tracer_provider": provider, "metrics": False, "logs": False})
    DEVICES["query"][0](On(app, FastRouter, FastRouter(), print))

    with counting(monkeypatch) as count:
        answer = await ask(app, "GET /q?a=1")

    assert answer[0]["status"] == 200
    assert count.taken == 0


async def test_the_start_logs_in_one_line_what_is_not_taken_and_why(caplog):
    app = FastAPI(telemetry=SILENT)
    resources = [FastRouter(prefix="/a"), FastRouter(prefix="/b")]
    resources[0].add_api_route("/plain", planned)
    resources[1].add_api_route("/yield", planned, name="guarded", dependencies=[Depends(opened)])
    for resource in resources:
        app.include_router(resource, prefix="/v1")
    app.add_api_route("/own", planned, name="own")

    with caplog.at_level("INFO", router.__name__):
        async with app.router.lifespan_context(app):
            pass

    (line,) = [record for record in caplog.records if record.name == router.__name__]
    assert line.fields == {
        "operations": 1,
        "not_taken_by": {"guarded": "yield (opened)", "own": "another route class"},
    }


async def planned() -> None: ...


async def opened() -> Any:
    yield 1


async def test_the_router_s_own_lifespan_still_runs():
    seen: list[str] = []

    @contextlib.asynccontextmanager
    async def lifespan(app: Any) -> Any:
        seen.append("start")
        yield {"one": 1}
        seen.append("stop")

    app = FastAPI(telemetry=SILENT)
    app.include_router(FastRouter(lifespan=lifespan))
    async with app.router.lifespan_context(app) as state:
        assert (seen, state) == (["start"], {"one": 1})

    assert seen == ["start", "stop"]
