"""The record read aloud (过程说明): who did what, from which status to which, and what was said with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from api.rows import label
from forms.acts import Act, RefusalReason
from forms.checks import CHECKS
from forms.head import APPLICANTS
from forms.terms import DeliveryMode
from forms.vocabulary import CaseStatus, CheckResult, Department, Outcome, PauseKind, TaskStatus

_KINDS = {
    **{kind.value: kind.label for kind in PauseKind},
    **{mode.value: mode.label for mode in DeliveryMode},
    "e_licence": "电子证照",
    "agency": "本机关负责人批准",
    "government": "本级政府负责人批准",
    "blocking": "必须办结",
    "opinion": "仅供参考",
}
_WAYS = {"window": "窗口交来", "ems": "邮寄", "online": "网上提交"}
_FACTS = {
    "status": "状态", "place": "所在地", "verified": "核验", "complete": "是否齐全", "level": "学历层次",
    "school": "学校", "degree": "学位", "graduated_on": "毕业日期", "talent_class": "人才类别",
    "valid_to": "有效期止", "other_benefits": "其他补贴", "name": "姓名", "title": "名称", "grade": "等级",
}  # fmt: skip
"""What registries answer with → its words; a fact that is not here keeps the registry's own name."""

_ENDED = {
    "approved": "通过", "predecessor_failed": "前置事项或者环节未通过", "no_supplement": "补正不来",
    "withdrawn": "申请人撤回", "forwarded": "转报", "data_error": "数据有误", "reopened": "重新办理",
    "not_needed": "依法不需要办理", "other_authority": "不属于本机关职权范围",
    "duplicate": "同一事项已经办理或者正在办理",
}  # fmt: skip
"""How a case ended by itself → its words; the rest is said with a reason of a refusal."""


def _reason(value: Any) -> str:
    return _ENDED.get(str(value)) or label(RefusalReason, str(value)) or ""


Say = Callable[[Any], str]


def _department(value: Any) -> str:
    return label(Department, str(value)) or ""


def _day(value: Any) -> str:
    return str(value)[:10]


_SAID: Mapping[str, tuple[str, Say]] = {
    "reason_code": ("理由类别", _reason),
    "reason": ("理由", str),
    "explanation": ("超期说明", str),
    "basis": ("依据", str),
    "ground": ("依据", str),
    "remedies": ("救济途径", str),
    "kind": ("类型", lambda value: _KINDS.get(str(value), str(value))),
    "way": ("交来方式", lambda value: _WAYS.get(str(value), str(value))),
    "title": ("办理内容", str),
    "department": ("部门", _department),
    "from_department": ("原部门", _department),
    "to_department": ("分给", _department),
    "office": ("机构", str),
    "officer": ("人员", str),
    "to": ("交给", _department),
    "held_by": ("原承办人", str),
    "by": ("经手", str),
    "until": ("期限", _day),
    "deadline": ("期限", _day),
    "begun_at": ("自", _day),
    "days": ("工作日", str),
    "check": ("核验", lambda value: CHECKS[value].title if value in CHECKS else str(value)),
    "result": ("结果", lambda value: label(CheckResult, str(value)) or ""),
    "source": ("来源", str),
    "taken_back": ("撤回的意见", lambda value: label(Act, str(value)) or ""),
    "outcome": ("结果", lambda value: label(Outcome, str(value)) or ""),
    "new_case": ("新办件", str),
    "reopens": ("原办件", str),
    "task_no": ("任务", str),
    "reply": ("答复", str),
}  # fmt: skip


def told(event: Mapping[str, Any], titles: Mapping[str, str], things: Mapping[str, str]) -> dict[str, Any]:
    """Return an event of the record in words; `titles` names its subjects, `things` papers and fields by code."""
    terms = TaskStatus if event["step"] else CaseStatus
    before, after = label(terms, event["before"]), label(terms, event["after"])
    detail = event["detail"] or {}
    said = [(words, say(detail[name])) for name, (words, say) in _SAID.items() if detail.get(name) not in (None, "")]
    said += list(_lists(detail, things))
    return {
        "seq": event["seq"],
        "at": event["at"],
        "actor": event["actor"],
        "department": label(Department, event["department"]),
        "act": label(Act, event["act"]),
        "subject": titles.get(event["subject"], event["subject"]),
        "change": f"{before} → {after}" if before and after and before != after else "",
        "said": said,
        "hash": event["hash"],
    }


def _lists(detail: Mapping[str, Any], things: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name, words in (("items", "内容"), ("missing", "缺少"), ("warnings", "疑点")):
        value = detail.get(name)
        if isinstance(value, dict):
            yield "办理结果", "；".join(f"{things.get(code, code)}：{one}" for code, one in value.items())
        elif isinstance(value, list) and value:
            yield words, "；".join(thing(one, things) for one in value)


def thing(one: Any, things: Mapping[str, str]) -> str:
    """Write one entry of a list: a paper or a field by its title, with what was noted beside it."""
    if not isinstance(one, dict):
        return things.get(str(one), str(one))
    code = str(one.get("code") or one.get("field") or "")
    note = one.get("note") or one.get("message")
    return f"{things.get(code, code)}（{note}）" if note else things.get(code, code)


def things_of(plan: Mapping[str, Any], form: type[BaseModel] | None, results: Mapping[str, str]) -> dict[str, str]:
    """Return titles by code: papers of the plan, fields of the form and of the head, results of a step."""
    found = {material["code"]: material["title"] for material in plan.get("materials", [])}
    for head in APPLICANTS.values():
        found |= {f"applicant/{name}": str(info.title) for name, info in head.model_fields.items()}
    if form is not None:
        found |= {f"form/{name}": str(info.title) for name, info in form.model_fields.items()}
    return found | dict(results)


def level_name(level: int, levels: int) -> str:
    """Return what a level is called: 承办 first, 审核 between, 批准 last."""
    if levels <= 1 or level <= 1:
        return "承办"
    return "批准" if level >= levels else "审核"


def opinions(verdict: Mapping[str, Any] | None, levels: int, results: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return what was said on a task, level by level."""
    if not verdict:
        return []
    rows: Sequence[Mapping[str, Any]] = verdict.get("opinions") or [verdict]
    return [
        {
            "level": level_name(int(row.get("level") or levels), levels),
            "act": label(Act, row.get("act")),
            "good": row.get("act") == "approve",
            "officer": row.get("officer") or "系统",
            "reason": row.get("reason"),
            "reason_code": label(RefusalReason, row.get("reason_code")) if row.get("reason_code") else "",
            "basis": row.get("basis"),
            "items": [(results.get(code, code), value) for code, value in (row.get("items") or {}).items()],
        }
        for row in rows
        if row.get("act")
    ]


def registry_facts(facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return what a registry answered in words."""
    return [(_FACTS.get(name, name), _plain(value)) for name, value in facts.items()]


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return "、".join(map(_plain, value)) or "无"
    return str(value)
