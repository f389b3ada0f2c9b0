"""The applicant's own acts as they cross the API (申请人办理): handed in, taken back, rated; each names its case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from forms.messages import Code, Message, Number, Short, Words


class BroughtItem(Message):
    """补交的一份材料：上传的附件，或者同意从共享数据获取。"""

    code: Code = Field(title="材料代码")
    file: Short | None = Field(None, title="附件编号")
    shared: Literal[True] | None = Field(None, title="数据共享获取")


class Corrected(Message):
    """要求更正的内容：只能更正告知书列明的填报项。"""

    applicant: dict[str, Any] | None = Field(None, title="申请人信息更正")
    form: dict[str, Any] | None = Field(None, title="本事项填报内容更正")


class HandIn(Message):
    """补正：申请人交来要求补交的材料，更正要求更正的内容。"""

    act: Literal["supplement"]
    case: Number = Field(title="办件编号")
    items: list[BroughtItem] = Field(default_factory=list, max_length=100, title="交来的材料")
    patch: Corrected | None = Field(None, title="更正的内容")


class TakeBack(Message):
    """撤回：申请人在决定作出前撤回申请。"""

    act: Literal["withdraw"]
    case: Number = Field(title="办件编号")
    reason: Words = Field(title="撤回原因")


class Rate(Message):
    """评价：办结后对办理过程的评价，一事一评，五级：1 非常满意 … 5 非常不满意。"""

    act: Literal["rate"]
    case: Number = Field(title="办件编号")
    grade: Annotated[int, Field(strict=True, ge=1, le=5, title="满意度：1 非常满意 至 5 非常不满意")]
    comment: Words | None = Field(None, title="意见和建议")


APPLICANT_ACTS: Mapping[str, type[Message]] = {"supplement": HandIn, "withdraw": TakeBack, "rate": Rate}
"""Act → its message."""
