"""Who stands in for whom (代理), as it crosses the API."""

from __future__ import annotations

from pydantic import Field

from forms.administration import Username
from forms.fields import Day
from forms.message import Message, Words
from forms.vocabulary import Department, Term


class StandInState(Term):
    """Where a standing in stands (代理状态)."""

    PLANNED = "planned", "未开始"
    CURRENT = "current", "代理中"
    ENDED = "ended", "已结束"
    REVOKED = "revoked", "已撤销"


class StandInIn(Message):
    """指定代理：外出期间由本部门同事代理，最长六十日。"""

    officer: Username = Field(title="代理人员账号")
    absent: Username | None = Field(None, title="被代理人员账号（机关负责人、系统管理员代为指定时填写）")
    department: Department | None = Field(None, title="部门（在几个部门任职的须写明）")
    since: Day = Field(alias="from", title="开始日期")
    until: Day = Field(title="结束日期（含当日）")
    reason: Words = Field(title="原因")
