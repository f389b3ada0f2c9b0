"""Cards and orders as they cross the API (黄红牌、督办单): appealed, judged, answered, closed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from forms.fields import Day
from forms.messages import Message, Number, Words
from forms.vocabulary import Term


class CardState(Term):
    """Where a card stands (牌的状态)."""

    ISSUED = "issued", "已发"
    APPEALED = "appealed", "申诉中"
    WITHDRAWN = "withdrawn", "已撤销"
    REJECTED = "rejected", "申诉不成立"
    PASSED_UP = "passed_up", "已上报"


class OrderState(Term):
    """Where an order of supervision stands (督办单状态)."""

    OPEN = "open", "待回复"
    REPLIED = "replied", "已回复"
    CLOSED = "closed", "已办结"


class AppealCard(Message):
    """申诉：收到牌的单位在三个工作日内写明理由。"""

    act: Literal["appeal"]
    reason: Words = Field(title="申诉理由")


class JudgeAppeal(Message):
    """申诉处理：撤销该牌、申诉不成立，或者上报。"""

    act: Literal["judge"]
    outcome: Literal["withdrawn", "rejected", "passed_up"] = Field(title="撤销 / 不成立 / 上报")
    reason: Words = Field(title="处理意见")


class OpenOrder(Message):
    """督办：督办管理者就一个办件或者部门任务发出督办单，写明要求和回复期限（不填为一个工作日）。"""

    subject: Number = Field(title="办件编号或者任务编号")
    content: Words = Field(title="督办内容")
    reply_due: Day | None = Field(None, title="回复期限")


class AnswerOrder(Message):
    """回复督办单：超时原因和整改情况。"""

    act: Literal["reply"]
    reply: Words = Field(title="回复内容")


class CloseOrder(Message):
    """办结督办单：写明处理结果。"""

    act: Literal["close"]
    result: Words = Field(title="处理结果")


CARD_ACTS: Mapping[str, type[Message]] = {"appeal": AppealCard, "judge": JudgeAppeal}
ORDER_ACTS: Mapping[str, type[Message]] = {"reply": AnswerOrder, "close": CloseOrder}
"""Act → its message."""
