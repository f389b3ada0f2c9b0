"""What is on record (记录): sessions, settings without secrets, the trace of reads and reveals, what was changed."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from fastapi import APIRouter, Response

from api.adjusting import change_words
from api.frame import page
from api.pages.admin.common import PAGE, administrator, asked
from api.parameters import cursor, place_of
from api.rows import label
from api.sheets import Column, Sheet, every, workbook
from api.visits import Seen, Visit
from flows import access
from flows.projection import local_day
from flows.record import Desk
from flows.refusal import refusal
from forms.errors import Invalid
from forms.vocabulary import Department, Role
from infra import clock
from infra.settings import Settings, variable
from infra.store import administration as store
from infra.store import sessions, traces

ROUTER = APIRouter()
TRACED: Final[Mapping[str, str]] = {
    "read": "查阅卷宗",
    "read-events": "查阅过程",
    "read-documents": "查阅文书",
    "read-file": "查阅附件",
    "reveal": "查看明文",
    "search": "按证件号码查询",
    "renew-code": "重发查询码",
    "print": "打印文书",
}


def _after(visit: Visit, *kinds: type) -> list[Any] | None:
    try:
        return place_of(visit.request.query_params.get("cursor"), *kinds)
    except Invalid:
        return None


@ROUTER.get("/admin/sessions")
def everybodys_sessions(visit: Seen) -> Response:
    """Who is signed in, from where, the one seen last first."""
    now = clock.machine()
    after = _after(visit, datetime)
    with visit.desk() as seat:
        administrator(seat)
        idle = sessions.Idle(visit.settings.session_idle_minutes)
        before = after[0] if after else now + timedelta(days=1)
        rows = sessions.everybodys(seat.conn, now, idle, before=before, limit=PAGE + 1)
    shown = [{**row, "key": bytes(row["hash"]).hex()[:24]} for row in rows[:PAGE]]
    more = cursor([rows[PAGE - 1]["seen_at"].isoformat()]) if len(rows) > PAGE else None
    return page(visit, "admin/sessions.html", rows=shown, more=more, cursor=after is not None)


@ROUTER.get("/admin/settings")
def settings(visit: Seen) -> Response:
    """Every setting with its meaning and where it comes from; what is secret only says whether it is set."""
    with visit.desk() as seat:
        administrator(seat)
    given = {key.lower() for key in os.environ}
    rows = []
    for name, field in Settings.model_fields.items():
        value = getattr(visit.settings, name)
        if "SecretStr" in str(field.annotation):
            words = "（已设置，不显示）" if value else "（未设置）"
        else:
            words = "（未设置）" if value is None else (("否", "是")[value] if isinstance(value, bool) else str(value))
        source = "环境变量" if variable(name).lower() in given else "默认"
        rows.append({"name": variable(name), "value": words, "source": source, "meaning": field.description or ""})
    return page(visit, "admin/settings.html", rows=rows)


@ROUTER.get("/admin/traces")
def read_traces(visit: Seen) -> Response:
    """Who read or revealed what in the auditor's regions, the newest first."""
    application, officer = asked(visit, "application").upper(), asked(visit, "officer")
    after = _after(visit, int)
    with visit.desk() as seat:
        _auditor(seat)
        rows = _traces(seat, application, officer, after[0] if after else None, PAGE + 1)
    more = cursor([rows[PAGE - 1]["id"]]) if len(rows) > PAGE else None
    shown = [{**row, "act_label": TRACED.get(row["act"], row["act"])} for row in rows[:PAGE]]
    path = f"/admin/traces?application={application}&officer={officer}"
    return page(
        visit, "admin/traces.html", rows=shown, application=application, officer=officer, more=more,
        cursor=after is not None, path=path,
    )  # fmt: skip


def _auditor(seat: Desk) -> None:
    if not any(seat.actor.has(role) for role, _ in access.ACTS["read-traces"]):
        raise refusal("read-traces")


def _traces(seat: Desk, application: str, officer: str, after: int | None, limit: int) -> list[Any]:
    regions = {member.region for member in seat.actor.members if member.role == Role.AUDITOR}
    return list(
        traces.of_regions(
            seat.conn, regions, application=application or None, officer=officer or None, after=after, limit=limit
        )
    )


@ROUTER.get("/admin/traces.xlsx")
def export_traces(visit: Seen) -> Response:
    """The same traces as a spreadsheet."""
    application, officer = asked(visit, "application").upper(), asked(visit, "officer")
    columns = (
        Column("时间", 17, lambda row: row["at"]),
        Column("人员", 12, lambda row: row["officer_name"]),
        Column("动作", 14, lambda row: TRACED.get(row["act"], row["act"])),
        Column("申请", 30, lambda row: row["application"]),
        Column("对象", 36, lambda row: row["subject"]),
        Column("理由", 40, lambda row: row["reason"]),
        Column("终端", 24, lambda row: row["terminal"]),
    )
    with visit.desk() as seat:
        _auditor(seat)
        rows = every(lambda after, limit: _traces(seat, application, officer, after, limit), lambda row: int(row["id"]))
        return workbook(f"查阅留痕_{local_day(seat.now):%Y%m%d}", [Sheet("查阅留痕", columns, rows)])


@ROUTER.get("/admin/changes")
def changes(visit: Seen) -> Response:
    """What administrators changed, who, when and why, the newest first."""
    before = _after(visit, int)
    with visit.desk() as seat:
        if not seat.actor.has(Role.AUDITOR):
            administrator(seat)
        rows = store.notes(seat.conn, limit=PAGE + 1, **({"before": before[0]} if before else {}))
    more = cursor([rows[PAGE - 1]["id"]]) if len(rows) > PAGE else None
    shown = [{**row, "about": about(row["subject"]), "words": said_of(row)} for row in rows[:PAGE]]
    return page(visit, "admin/changes.html", rows=shown, more=more, cursor=before is not None)


def about(subject: str) -> str:
    """Return what was changed, in words: 人员 pd.hr.wang."""
    kind, _, rest = subject.partition("/")
    if kind == "office":
        department, region, *code = rest.split("/")
        return f"机构 {label(Department, department)} {region} {''.join(code)}".rstrip()
    return f"{_KINDS.get(kind, kind)} {rest}"


_KINDS = {"officer": "人员", "region": "区划", "matter": "事项", "standin": "代理"}
_NAMES = {
    "username": "账号",
    "name": "名称",
    "active": "启用",
    "members": "角色",
    "password": "密码",
    "sessions": "会话",
    "count": "个数",
    "role": "角色",
    "department": "部门",
    "region": "区划",
    "code": "代码",
    "phone": "电话",
    "office": "机构",
    "promised_days": "承诺工作日",
    "absent": "外出人员",
    "officer": "代理人员",
    "from": "自",
    "until": "至",
    "revoked": "撤销",
}
_VALUES = {True: "是", False: "否", None: "—", "reset": "已重置为临时密码", "ended": "已结束"}


def said_of(row: Mapping[Any, Any]) -> str:
    """Return what a change says: of a matter what is new, of anything else how it is now."""
    kind, _, code = row["subject"].partition("/")
    return (change_words(code, row["value"], row["before"]) if kind == "matter" else "") or words_of(row["value"])


def words_of(value: Any) -> str:
    """Return a recorded value in words: 姓名：王；角色：承办人·…."""
    if isinstance(value, Mapping):
        return "；".join(f"{_NAMES.get(name, name)}：{_said(name, one)}" for name, one in value.items())
    return str(value)


def _said(name: str, value: Any) -> str:
    if isinstance(value, list):
        return "，".join(_member(one) if isinstance(one, Mapping) else str(one) for one in value) or "无"
    if name == "role":
        return str(label(Role, value))
    if name == "department":
        return str(label(Department, value))
    if isinstance(value, Mapping):
        return words_of(value)
    return _VALUES.get(value, str(value)) if value is None or isinstance(value, bool | str) else str(value)


def _member(one: Mapping[str, Any]) -> str:
    if "role" not in one:
        return words_of(one)
    parts = (label(Role, one["role"]), label(Department, one.get("department")), one.get("region"), one.get("office"))
    return "·".join(str(part) for part in parts if part)
