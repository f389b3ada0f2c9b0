"""The follow-up of a bad rating as it crosses the API (差评整改): who was spoken to, what was done, what is replied."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from forms.fields import Day
from forms.messages import Message, Words


class Contact(Message):
    """联系核实：一个工作日内联系评价人，记录核实的情况。"""

    act: Literal["contact"]
    words: Words = Field(title="核实情况")


class FixNow(Message):
    """立行立改：诉求清楚、合理的，立即整改。"""

    act: Literal["fix-now"]
    words: Words = Field(title="整改措施")


class Ledger(Message):
    """建立台账：情况复杂、一时难以解决的，限期整改；默认五个工作日，最长十五个工作日。"""

    act: Literal["ledger"]
    words: Words = Field(title="整改措施")
    until: Day | None = Field(None, title="整改期限")


class Explain(Message):
    """解释说明：诉求缺乏法律、政策依据的，做好解释说明。"""

    act: Literal["explain"]
    words: Words = Field(title="解释说明的内容和依据")


class Appeal(Message):
    """申诉：误评、恶意评价的，提请复核，复核属实的不计入。"""

    act: Literal["appeal"]
    words: Words = Field(title="申诉理由")


class Judge(Message):
    """复核：申诉成立的不计入，不成立的继续整改。"""

    act: Literal["judge"]
    outcome: Literal["upheld", "rejected"] = Field(title="成立 / 不成立")
    words: Words = Field(title="复核意见")


class Fix(Message):
    """整改完成：写明整改结果。"""

    act: Literal["fix"]
    words: Words = Field(title="整改结果")


class CallBack(Message):
    """回访：差评百分之百回访，记录评价人对整改是否满意。"""

    act: Literal["call-back"]
    satisfied: bool = Field(strict=True, title="是否满意")
    words: Words = Field(title="回访情况")


class CloseRating(Message):
    """办结：公开回复，并告知评价人。"""

    act: Literal["close"]
    reply: Words = Field(title="公开回复（不写明个人信息）")


RATING_ACTS: Mapping[str, type[Message]] = {
    "contact": Contact,
    "fix-now": FixNow,
    "ledger": Ledger,
    "explain": Explain,
    "appeal": Appeal,
    "judge": Judge,
    "fix": Fix,
    "call-back": CallBack,
    "close": CloseRating,
}
"""Act → its message."""
