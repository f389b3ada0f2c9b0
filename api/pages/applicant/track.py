"""The way of a case as its applicant sees it (办理轨迹): departments that work side by side in one stop."""

from __future__ import annotations

from typing import Any, Final

from forms.vocabulary import CASE_OPEN, CaseStatus, TaskStatus

SAID: Final = {
    TaskStatus.BLOCKED.value: "等前面的步骤",
    TaskStatus.PENDING.value: "已送达，待签收",
    TaskStatus.RETURNED.value: "正在重新分办",
    TaskStatus.RECEIVED.value: "正在办理",
    TaskStatus.REVIEWING.value: "正在审核",
    TaskStatus.APPROVED.value: "已办好",
    TaskStatus.REFUSED.value: "未通过",
    TaskStatus.FORWARDED.value: "已转报",
}
"""A task's status in words for who waits for it; officials' own words stay inside."""

WHY: Final = {"补正": "需要补正", "容缺承诺": "您承诺后补", "材料未交": "收件时未交"}
"""Why a paper is asked for, as it is said to the applicant."""

_DONE = frozenset({TaskStatus.APPROVED.value, TaskStatus.REFUSED.value, TaskStatus.FORWARDED.value})
_AHEAD = TaskStatus.BLOCKED.value
_OPEN = frozenset(status.value for status in CASE_OPEN)
_GOOD = frozenset({CaseStatus.CLOSED_OK.value, CaseStatus.DELIVERED.value, CaseStatus.CLOSED_PARTIAL.value})


def is_open(case: dict[str, Any]) -> bool:
    """Whether the case is still under way."""
    return case["status"] in _OPEN


def to_bring(cases: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what is to be brought for the whole application: each paper once, with its earliest day.

    `for` names the matters, `notes` why it is asked for; what is no `paper` is a fact to be corrected, of `matter`.
    """
    found: dict[str, dict[str, Any]] = {}
    for case in cases:
        for item in case["bring"]:
            own = f"{case['matter']}/" if item["code"].startswith("form/") else ""
            row = found.setdefault(own + item["code"], {**item, "matter": case["matter"], "for": [], "notes": []})
            row["until"] = min(filter(None, (row["until"], item["until"])), default=None)
            row["shareable"] = row["shareable"] or item["shareable"]
            row["for"].append(case["title"])
            words = WHY.get(item["why"], item["why"]) + (f"：{item['note']}" if item["note"] else "")
            if words not in row["notes"]:
                row["notes"].append(words)
    return list(found.values())


def track(case: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the stops of a case: `title`, `state` (done, refused, now, ahead, ended), `at`, `steps`."""
    accepted = case["accepted_at"] is not None
    stops = [_stop("窗口收件", "done", case["received_at"])]
    if accepted or is_open(case):
        stops.append(_stop("受理", "done" if accepted else "now", case["accepted_at"]))
    if accepted:
        stops += _turns(case["steps"])
    if is_open(case):
        stops += [_stop("办结", "ahead"), _stop("送达结果", "ahead")]
        return stops
    stops = [stop for stop in stops if stop["state"] in ("done", "refused") or any(s["done"] for s in stop["steps"])]
    good = case["status"] in _GOOD and case["outcome"] in ("approved", "partial")
    ended = case["outcome_label"] or case["status_label"]
    stops.append(_stop(f"办结：{ended}" if accepted else ended, "done" if good else "ended", case["closed_at"]))
    if case["delivered_at"]:
        stops.append(_stop("已送达", "done", case["delivered_at"]))
    return stops


def _turns(steps: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the departments' steps turn by turn; those that wait for the same ones work side by side."""
    depth: dict[str, int] = {}
    turns: list[list[dict[str, Any]]] = []
    for step in steps:
        place = max((depth[code] + 1 for code in step["after"] if code in depth), default=0)
        depth[step["step"]] = place
        while len(turns) <= place:
            turns.append([])
        turns[place].append({**step, "said": _said(step)})
    return [_turn(turn) for turn in turns if turn]


def _said(step: dict[str, Any]) -> str:
    if step["status"] == _AHEAD and step["awaits"]:
        return f"等{'、'.join(step['awaits'])}办结后接着办"
    if _only_if_needed(step):
        return "需要时再办"
    return SAID.get(step["status"]) or str(step["status_label"])


def _only_if_needed(step: dict[str, Any]) -> bool:
    """Whether a step is taken only where another way fails, and nobody waits for it."""
    return bool(step["status"] == _AHEAD and step["route"])


def _turn(steps: list[dict[str, Any]]) -> dict[str, Any]:
    ended = [step for step in steps if not _only_if_needed(step)]
    done = bool(ended) and all(step["status"] in _DONE for step in ended)
    ahead = all(step["status"] == _AHEAD and not step["awaits"] for step in steps)
    title = steps[0]["title"] if len(steps) == 1 else f"{len(steps)} 个部门环节同时办理"
    last = max((step["decided_at"] or "" for step in steps), default="")
    refused = any(step["status"] == TaskStatus.REFUSED.value for step in steps)
    return _stop(
        title,
        "refused" if done and refused else "done" if done else "ahead" if ahead else "now",
        last if done else None,
        steps,
    )


def _stop(title: str, state: str, at: str | None = None, steps: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    return {"title": title, "state": state, "at": at or None, "steps": steps or []}
