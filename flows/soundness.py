"""What a plan must keep to so that no case of it can get stuck (计划自查): said when the matter's file is imported."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from flows.policy import JoinKind

if TYPE_CHECKING:
    from flows.matter import Matter, Step


def unsound(matter: Matter) -> Iterator[str]:
    """Yield what would leave a case waiting for ever, and every setting that would have no effect."""
    by_code = {step.code: step for step in matter.steps}
    fallbacks = {edge.fallback for edge in matter.edges if edge.fallback}
    if matter.form.code != matter.code:
        yield f"its form is that of {matter.form.code}"
    for step in matter.steps:
        yield from _unsound_join(step, by_code)
        if step.route and step.route not in fallbacks:
            yield f"{step.code}: no edge leads to the route {step.route}"
        if step.decides and step.route:
            yield f"{step.code}: the deciding step is on every route"
        if step.defaults is not None and not step.results:
            yield f"{step.code}: defaults of results that it does not state"
        source, _, result = (step.office_from or "").partition(".")
        if source in by_code and result not in by_code[source].results:
            yield f"{step.code}: its office is a result that {source} does not state"
        for name in sorted(set(step.sees or ()) - matter.form.model_fields.keys()):
            yield f"{step.code}: sees the field {name}, which is not there"
    if any(edge.matter == matter.code for edge in matter.edges):
        yield "it waits for itself"


def _unsound_join(step: Step, by_code: Mapping[str, Step]) -> Iterator[str]:
    before = [by_code[code] for code in step.after if code in by_code]
    counted = {one.code for one in before if one.mandatory}
    if len(set(step.after)) != len(step.after):
        yield f"{step.code}: a predecessor is named twice"
    if step.blocking and any(not one.blocking for one in before):
        yield f"{step.code}: it holds the case up and waits for a step that may not"
    if step.join.kind is JoinKind.K_OF_N and step.join.k > len(counted):
        yield f"{step.code}: k counts steps that no join waits for"
    if step.join.kind is JoinKind.VETO and not step.join.who:
        yield f"{step.code}: nobody holds the veto"
    if step.join.kind is JoinKind.VETO and not set(step.join.who) <= counted:
        yield f"{step.code}: a veto is held by somebody whom no join waits for"
    if step.join.kind is not JoinKind.ALL and not step.after:
        yield f"{step.code}: a join of nothing"


def rings(matters: Mapping[str, Matter]) -> Iterator[str]:
    """Yield every matter that waits, through its edges, for a matter that waits for it."""
    waits = {code: {edge.matter for edge in matter.edges} for code, matter in matters.items()}
    for code, first in waits.items():
        reached: set[str] = set()
        ahead = first
        while ahead:
            reached |= ahead
            ahead = {further for one in ahead for further in waits.get(one, ())} - reached
        if code in reached:
            yield f"{code} waits for itself through other matters"
