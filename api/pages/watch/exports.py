"""The columns of each list as a spreadsheet (导出列)."""

from __future__ import annotations

from datetime import date
from typing import Any

from api.sheets import Column


def _of(name: str) -> Any:
    return lambda row: row[name]


def _day(name: str) -> Any:
    """Return a day that stands in the row as text; Excel sorts and filters days, not texts."""
    return lambda row: date.fromisoformat(row[name]) if row[name] else None


CASES = (
    Column("办件编号", 34, _of("no")),
    Column("事项", 18, _of("matter_title")),
    Column("申请人", 16, _of("applicant")),
    Column("区划", 10, _of("region")),
    Column("牵头部门", 24, _of("lead_label")),
    Column("状态", 16, _of("status_label")),
    Column("结果", 12, _of("outcome_label")),
    Column("灯", 8, _of("light_label")),
    Column("应办结日", 12, _of("due_on")),
    Column("收件时间", 17, _of("received_at")),
    Column("受理时间", 17, _of("accepted_at")),
    Column("办结时间", 17, _of("closed_at")),
    Column("送达时间", 17, _of("delivered_at")),
    Column("在办部门（承办人）", 40, lambda row: "；".join(row["holders"])),
)

TASKS = (
    Column("任务编号", 38, _of("no")),
    Column("事项", 18, _of("matter_title")),
    Column("步骤", 18, _of("title")),
    Column("部门", 24, _of("department_label")),
    Column("区划", 10, _of("region")),
    Column("申请人", 16, _of("applicant")),
    Column("状态", 12, _of("status_label")),
    Column("灯", 8, _of("light_label")),
    Column("应办结日", 12, _of("due_on")),
    Column("承办人", 12, _of("officer_name")),
    Column("转入时间", 17, _of("opened_at")),
    Column("签收时间", 17, _of("claimed_at")),
    Column("办毕时间", 17, _of("decided_at")),
)

_LIMITS = (
    Column("编号", 38, _of("subject")),
    Column("事项", 18, _of("matter_title")),
    Column("内容", 22, _of("what")),
    Column("时限", 14, _of("clock_label")),
    Column("责任部门", 24, _of("department_label")),
    Column("承办人", 12, _of("officer")),
    Column("申请人", 16, _of("applicant")),
    Column("状态", 12, _of("status_label")),
    Column("期限", 12, _of("due")),
)
LIMITS = {
    "late": (*_LIMITS, Column("灯", 8, _of("light_label")), Column("超时工作日", 12, _of("over"))),
    "soon": (*_LIMITS, Column("将亮", 8, _of("light_label")), Column("亮牌日", 12, _of("turns_on"))),
}
"""What is late, and what turns next: each with what its page says."""

ORDERS = (
    Column("督办单编号", 32, _of("no")),
    Column("督办对象", 38, _of("subject")),
    Column("内容", 50, _of("content")),
    Column("依据", 30, _of("rule")),
    Column("责任部门", 24, _of("department_label")),
    Column("发出时间", 17, _of("sent")),
    Column("回复期限", 12, _of("due")),
    Column("状态", 10, _of("state_label")),
    Column("是否逾期", 10, _of("overdue")),
    Column("回复", 50, _of("reply")),
    Column("回复人", 12, _of("replied_by")),
    Column("处理结果", 40, _of("result")),
    Column("办结人", 12, _of("closed_by")),
)

CARDS = (
    Column("对象", 38, _of("no")),
    Column("内容", 22, _of("title")),
    Column("灯", 8, _of("rung_label")),
    Column("时限", 14, _of("clock_label")),
    Column("时长", 14, _of("span")),
    Column("责任部门", 24, lambda row: "申请人" if row["applicants"] else row["department_label"]),
    Column("期限", 12, _day("due")),
    Column("亮牌日", 12, _day("reached_on")),
    Column("状态", 12, _of("state_label")),
    Column("申诉理由", 40, lambda row: (row["appeal"] or {}).get("reason")),
    Column("督办单", 32, _of("order")),
)

RATINGS = (
    Column("评价", 12, _of("grade_label")),
    Column("事项", 18, _of("title")),
    Column("办件编号", 34, _of("case")),
    Column("牵头部门", 24, _of("department_label")),
    Column("区划", 10, _of("region")),
    Column("意见", 50, _of("comment")),
    Column("评价时间", 17, _of("rated_at")),
    Column("状态", 16, _of("state_label")),
    Column("是否逾期", 10, _of("overdue")),
    Column("联系期限", 17, _of("contact_due")),
    Column("联系时间", 17, _of("contacted_at")),
    Column("整改期限", 12, _of("fix_due")),
    Column("整改时间", 17, _of("fixed_at")),
    Column("回访时间", 17, _of("called_back_at")),
    Column("回访是否满意", 12, _of("satisfied")),
    Column("公开回复", 50, _of("reply")),
)
