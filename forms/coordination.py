"""Acts between officers (协同办理): handed to a colleague, urged, copied, an extension proposed."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from forms.message import Message, Short, Words
from forms.vocabulary import Department

MOST_ACTS = 100
"""Acts that one request may hold."""


class Several(Message):
    """批量办理：每项写明编号和办理动作，逐项办理、逐项答复。

    各项相同的内容（办理动作、原因、接手人员等）可以在 common 中写一次；common 有误的，一次列明，各项都不办理。
    """

    items: list[dict[str, Any]] = Field(title="各项办理", min_length=1, max_length=MOST_ACTS)
    common: dict[str, Any] = Field(default_factory=dict, title="各项相同的内容")


class HandOver(Message):
    """转交同事：交给同一席位另一位有权办理此环节的同事。"""

    act: Literal["hand-over"]
    officer: Short = Field(title="接手人员账号")
    reason: Words = Field(title="转交原因")


class Urge(Message):
    """催办：提醒承办人或者承办席位尽快办理，同一人对同一任务每个工作日一次。"""

    act: Literal["urge"]
    reason: Words | None = Field(None, title="催办内容")


class Copy(Message):
    """抄送：告知本办件的另一部门或者其经办人；与本办件无关的部门请用加办。"""

    act: Literal["copy"]
    department: Department = Field(title="抄送哪个部门")
    officer: Short | None = Field(None, title="抄送人员账号（不填则告知部门席位）")
    reason: Words = Field(title="抄送内容")


class ProposeExtension(Message):
    """建议延期：督办管理者、牵头部门协调员提请有权的负责人批准延期（行政许可法 第42条）。"""

    act: Literal["propose-extension"]
    kind: Literal["agency", "government"] = Field(title="批准权限：本机关负责人 / 本级政府负责人")
    days: Annotated[int, Field(strict=True, ge=1, le=15, title="建议延长的工作日")]
    reason: Words = Field(title="建议理由")
