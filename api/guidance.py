"""The item guide in people's words (办事指南): what to bring, who looks at it in what order, within what time.

Nothing here is typed a second time: all of it is read off the matter's form and plan, so that it cannot drift.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flows.bundles import PRESETS
from flows.casework.papers import if_late
from flows.limit import AFTER_EVENT, Promised, month_day
from flows.matter import Edge, Limit, Matter, Step
from forms.checks import CHECKS
from forms.consents import CONSENTS
from forms.materials import Material
from forms.vocabulary import ApplicantKind

Known = Mapping[str, Matter]


def card(matter: Matter) -> dict[str, Any]:
    """Return a matter as a list of the guide shows it."""
    return {
        "code": matter.code,
        "title": matter.title,
        "audience": matter.audience,
        "days": matter.promised_days,
        "within": next((x.what for x in matter.limits if x.kind == "promised" and x.runs == "from_acceptance"), ""),
        "departments": len({step.department for step in matter.steps}),
        "papers": sum(1 for paper in matter.materials if paper.required and paper.when is None),
    }


def in_order(known: Known) -> list[str]:
    """Return the codes of all matters as people look for them: as in the largest bundle, then the others."""
    largest = sorted(PRESETS, key=lambda preset: -len(preset.matters))
    return list(dict.fromkeys([code for preset in largest for code in preset.matters if code in known] + list(known)))


def whole(matter: Matter, known: Known) -> dict[str, Any]:
    """Return all that a matter's page tells."""
    return {
        **card(matter),
        "item_type": matter.item_type.label,
        "kind": matter.kind.label,
        "lead": matter.lead.label,
        "applies_to": [kind.label for kind in ApplicantKind if kind in matter.form.applies_to],
        "result": matter.result,
        "basis": list(matter.basis),
        "promised": [_limit(matter, x) for x in matter.limits if x.kind == "promised"],
        "statutory": [_limit(matter, x) for x in matter.limits if x.kind == "statutory"],
        "supplement_days": matter.supplement_days,
        "deemed_acceptance": matter.deems_acceptance,
        "if_late": if_late(matter.gap_late, matter.gap_basis),
        "stages": stages(matter),
        "papers": papers({matter.code: matter}, known),
        "waits": [_wait(matter, edge, known) for edge in matter.edges],
        "consents": [{"title": c.title, "text": c.text, "basis": c.basis} for c in _consents([matter])],
    }


def together(title: str, matters: Known, known: Known) -> dict[str, Any]:
    """Return all that the page of a bundle (套餐) tells: each paper once, the matters side by side."""
    return {
        "title": title,
        "matters": [card(matter) for matter in matters.values()],
        "papers": papers(matters, known),
        "waits": [
            _wait(matter, edge, known)
            for matter in matters.values()
            for edge in matter.edges
            if edge.matter in matters
        ],
        "consents": [{"title": c.title, "text": c.text, "basis": c.basis} for c in _consents(matters.values())],
    }  # fmt: skip


def stages(matter: Matter) -> list[list[dict[str, Any]]]:
    """Return the steps in the order of their turn; those of one turn are looked at side by side (并联)."""
    depth: dict[str, int] = {}
    turns: list[list[dict[str, Any]]] = []
    for step in matter.steps:
        depth[step.code] = max((depth[code] + 1 for code in step.after), default=0)
        while len(turns) <= depth[step.code]:
            turns.append([])
        turns[depth[step.code]].append(_step(step))
    return turns


def papers(matters: Known, known: Known) -> list[dict[str, Any]]:
    """Return the papers of these matters, each once; results of a matter among them need not be brought at all.

    安阳市政务服务条例 第23条: a paper taken in one step is not asked for again. What may be promised must be promisable
    in every matter that wants it; the lists of both kinds are published, 青岛市优化营商环境条例 第24条.
    """
    merged: dict[str, dict[str, Any]] = {}
    for matter in matters.values():
        for paper in matter.materials:
            if paper.result_of in matters:
                continue
            row = merged.setdefault(paper.code, _paper(paper, known))
            row["gap"] = row["gap"] and paper.gap_allowed
            row["for"].append({"title": matter.title, "how": _how(paper), "note": paper.note})
    for row in merged.values():
        row["must"] = any(one["how"] == "必交" for one in row["for"])
    return sorted(merged.values(), key=lambda row: not row["must"])


def _paper(paper: Material, known: Known) -> dict[str, Any]:
    return {
        "code": paper.code,
        "title": paper.title,
        "gap": paper.gap_allowed,
        "shared": CHECKS[paper.shared_from].source if paper.shared_from else None,
        "result_of": known[paper.result_of].title if paper.result_of and paper.result_of in known else None,
        "grade": paper.grade.label,
        "for": [],
    }


def _how(paper: Material) -> str:
    if not paper.required:
        return "选交"
    return "必交" if paper.when is None else "视情况"


def _step(step: Step) -> dict[str, Any]:
    return {
        "title": step.title,
        "department": step.department.label,
        "days": step.promised,
        "limits": _own_limits(step),
        "special": step.special is not None,
        "sometimes": step.when is not None,
        "checked": [CHECKS[code].source for code in step.checks()],
        "decides": step.decides,
        "opinion": not step.mandatory,
        "later": not step.blocking,
    }


def _limit(matter: Matter, limit: Limit) -> dict[str, Any]:
    """Say what is to have happened within a limit, and from when it is counted (working days, 民法典 第201条)."""
    what, words = limit.what or "办结", f"受理后{limit.words}内"
    if limit.season is not None:
        opens, closes = (month_day(day) for day in limit.season)
        what, words = f"{opens}至{closes}受理的", f"{closes}的次日起{limit.days}个工作日内办结"
    elif limit.runs == AFTER_EVENT:
        words = f"{matter.step(limit.event or '').title}结束后{limit.days}个工作日内"
    elif limit.on is not None:
        words = f"{limit.words}（按年度批次，受理后的最近一次）"
    elif limit.checkpoints:
        words += f"，其间第{'、'.join(map(str, limit.checkpoints))}个工作日跟踪服务"
    return {"what": what, "words": words, "basis": limit.basis}


def _own_limits(step: Step) -> list[str]:
    """Say the limits of a step that has some of its own, from when the department has it in hand; the promise first."""
    if not step.limits:
        return []
    promised = [] if any(limit.kind == "promised" for limit in step.limits) else [Promised(step.days)]
    return [_own(limit) for limit in sorted([*promised, *step.limits], key=lambda limit: limit.kind)]


def _own(limit: Limit) -> str:
    within = limit.words if limit.on is not None else f"{limit.words}内"
    return f"{'法定' if limit.kind == 'statutory' else '承诺'}{within}" + (f"（{limit.basis}）" if limit.basis else "")


def _wait(matter: Matter, edge: Edge, known: Known) -> str:
    """Say for what a step of a matter waits in another one of the same application."""
    other, step = known[edge.matter].title, matter.step(edge.step).title
    words = f"同时办理{other}的，{matter.title}的“{step}”等{other}办好后接着办"
    return words + (f"；{other}未获准的，改按其他途径继续办理，不必重新申请。" if edge.fallback else "。")


def _consents(matters: Iterable[Matter]) -> list[Any]:
    codes = dict.fromkeys(code for matter in matters for code in matter.form.consents)
    return [CONSENTS[code] for code in ("truth", "personal_data", *codes) if code in CONSENTS]
