"""Responses: which statuses, what is in them, which headers come with them."""

from __future__ import annotations

from typing import Any

from contract.compare.content import answers, bodies
from contract.compare.parameters import schema_of, style, texts
from contract.compare.report import Place, Report
from contract.finding import Verdict
from contract.schema.prove import Prover

Responses = dict[str, Any]


def responses(report: Report, prover: Prover, place: Place, pair: tuple[Responses, Responses]) -> None:
    """Compare what an operation may answer."""
    old, new = ({str(key).upper() if key != "default" else key: value for key, value in one.items()
                 if not str(key).startswith("x-")} for one in pair)  # fmt: skip
    for status, raw in old.items():
        here = place.at(f"{status} response")
        match = new.get(status, new.get(f"{status[0]}XX", None if status[0] == "2" else new.get("default")))
        if match is not None and report.same.equal(raw, match):
            continue
        if match is not None:
            _response(report, prover, here, (report.old.resolve(raw), report.new.resolve(match)))
        else:
            _gone(report, prover, here, (status, new))
    for status, raw in new.items():
        if status not in old:
            _new_status(
                report,
                prover,
                place.at(f"{status} response"),
                (old, report.new.resolve(raw), status),
            )


def _gone(report: Report, prover: Prover, place: Place, what: tuple[str, Responses]) -> None:
    status, new = what
    answering = prover is report.responses
    text = f"{status} is no longer {'answered' if answering else 'understood'}"
    special = status == "2XX" and any(key.startswith("2") for key in new)
    if status.startswith("2") and not (special and answering):
        witness = f"{place.name} no longer answers {status}" if answering else f"{place.name} is answered with {status}"
        report.wire("status-removed", place, text, witness, field=status, kind="Removed")
    elif status != "2XX":
        report.add(Verdict.COMPATIBLE, "status-removed", place, text, kind="Removed")


def _new_status(report: Report, prover: Prover, place: Place, what: tuple[Responses, Any, str]) -> None:
    old, response, status = what
    expected = old.get(f"{status[0]}XX", old.get("default"))
    # Where another success was promised alone, generated code has no branch for this one.
    success = status[0] == "2" and any(known[0] == "2" for known in old)
    unforeseen = success and expected is None and prover is report.responses
    verdict = Verdict.SOURCE if unforeseen else Verdict.COMPATIBLE
    report.add(verdict, "status-added", place, f"{status} may now be answered", kind="Added")
    if expected is not None and status != "default":
        _response(report, prover, place, (report.old.resolve(expected), response))


def _response(report: Report, prover: Prover, place: Place, pair: tuple[Any, Any]) -> None:
    before, after = pair
    (answers if prover is report.responses else bodies)(report, prover, place, before, after)
    old, new = _headers(before), _headers(after)
    for name, raw in old.items():
        if not report.same.equal(raw, new.get(name)):
            _header(report, prover, place.at(f"{place.where}, header {name}"), (raw, new.get(name)))
    for name in new:
        if name not in old:
            here = place.at(f"{place.where}, header {name}")
            if prover is report.requests and report.new.resolve(new[name]).get("required") is True:
                witness = f"an answer without {name}"
                report.wire("header-required", here, f"{name} must now be sent", witness, kind="Added")
            else:
                report.add(Verdict.COMPATIBLE, "header-added", here, f"{name} was added", kind="Added")
    _links(report, place, before, after)


def _links(report: Report, place: Place, before: Any, after: Any) -> None:
    """A link says what may be asked next; only generated code follows it."""
    old, new = before.get("links") or {}, after.get("links") or {}
    for name, raw in old.items():
        here = place.at(f"{place.where}, link {name}")
        if name not in new:
            report.add(Verdict.SOURCE, "link-removed", here, f"{name} is no longer declared", kind="Removed")
        elif report.old.resolve(raw) != report.new.resolve(new[name]):
            report.add(Verdict.SOURCE, "link-changed", here, f"{name} leads elsewhere")
    for name in new:
        if name not in old:
            here = place.at(f"{place.where}, link {name}")
            report.add(Verdict.COMPATIBLE, "link-added", here, f"{name} was added", kind="Added")


def _headers(response: dict[str, Any]) -> dict[str, Any]:
    # RFC 9110 section 5.1: field names ignore case. OpenAPI: a Content-Type header is described elsewhere.
    found = response.get("headers") or {}
    return {name.lower(): header for name, header in found.items() if name.lower() != "content-type"}


def _header(report: Report, prover: Prover, place: Place, pair: tuple[Any, Any]) -> None:
    before = report.old.resolve(pair[0])
    name = place.where.rpartition(" ")[2]
    if pair[1] is None:
        if before.get("required") is True and prover is report.responses:
            report.wire(
                "header-removed",
                place,
                f"{name} is no longer sent",
                f"a response without {name}",
                kind="Removed",
            )
        else:
            report.add(
                Verdict.SOURCE,
                "header-removed",
                place,
                f"{name} is no longer declared",
                kind="Removed",
            )
        return
    after = report.new.resolve(pair[1])
    needed, needs = before.get("required") is True, after.get("required") is True
    if needed and not needs and prover is report.responses:
        report.wire("header-optional", place, f"{name} may now be absent", f"a response without {name}")
    if needs and not needed and prover is report.requests:
        report.wire("header-required", place, f"{name} must now be sent", f"an answer without {name}")
    own = {"name": name, "in": "header"}
    style(report, prover, place, ({**before, **own}, {**after, **own}))
    (old, _), (new, _) = schema_of(before), schema_of(after)
    writer, reader = (new, old) if prover is report.responses else (old, new)
    texts(
        report,
        prover,
        place,
        (writer, reader),
        {key: after[key] for key in ("content",) if key in after},
    )
