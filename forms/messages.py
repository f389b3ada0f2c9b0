"""The acts as they cross the API (办理动作): one message per act, told apart by `act`; unknown fields are refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Annotated, Any, Final, Literal, TypeVar, get_args

from pydantic import Field, StringConstraints, TypeAdapter, ValidationError

from forms.coordination import Copy, HandOver, ProposeExtension, Urge
from forms.errors import FieldError, Invalid
from forms.faults import all_told, faults, title_at
from forms.fields import Day
from forms.limits import look_over
from forms.message import Code as Code  # noqa: PLC0414  (told on)
from forms.message import Message as Message  # noqa: PLC0414  (told on)
from forms.message import Number as Number  # noqa: PLC0414  (told on)
from forms.message import Short as Short  # noqa: PLC0414  (told on)
from forms.message import Words as Words  # noqa: PLC0414  (told on)
from forms.vocabulary import Department, PauseKind

REMEDIES = (
    "如不服本决定，可以自收到本决定书之日起六十日内依法申请行政复议（行政复议法 第20条），"
    "也可以自收到之日起六个月内依法提起行政诉讼（行政诉讼法 第46条）。"
)
"""The remedies a refusal must name, 行政许可法 第38条; the default where the officer gives no other text."""


EXPLANATION = "超过承诺时限办结的说明（向社会公开）"
"""Whoever concludes a case after its promise says why, in public, 优化营商环境条例 第36条."""


class MissingItem(Message):
    """One thing that is missing or wrong (补正事项)."""

    code: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_./-]{0,99}$")] = Field(title="材料或填报项代码")
    note: Words | None = Field(None, title="需要怎样补正")


class HandedItem(Message):
    """One paper handed in (补交材料): an uploaded file, from shared data, or a file already on file."""

    code: Code = Field(title="材料代码")
    file: Short | None = Field(None, title="附件编号")
    shared: Literal[True] | None = Field(None, title="数据共享获取")
    on_file: Short | None = Field(None, title="已在档附件编号")


class ResultItem(Message):
    """One result that an approval states (办理结果), such as the school that gives the place."""

    code: Code = Field(title="结果项代码")
    value: Short = Field(title="结果")


class Patch(Message):
    """Corrected facts (更正内容), as a merge patch (RFC 7396) of the applicant's facts and of this matter's form."""

    applicant: dict[str, Any] | None = Field(None, title="申请人信息更正")
    form: dict[str, Any] | None = Field(None, title="本事项填报内容更正")
    materials: list[HandedItem] | None = Field(None, title="材料更正", max_length=100)


class Accept(Message):
    """受理：材料齐全，或者缺少的材料均可容缺并已承诺（行政许可法 第32条）。"""

    act: Literal["accept"]
    until: Day | None = Field(None, title="容缺材料补交期限")
    reason: Words | None = Field(None, title="说明")


class Decline(Message):
    """不受理（无需办理）或不予受理（不属本机关职权），行政许可法 第32条第（一）（二）项。"""

    act: Literal["decline"]
    kind: Literal["not_required", "not_accepted"] = Field(title="不受理 / 不予受理")
    reason_code: Code = Field(title="理由代码")
    reason: Words = Field(title="理由")
    basis: Words | None = Field(None, title="依据")
    department: Short | None = Field(None, title="应当向哪个机关申请")


class RequestSupplement(Message):
    """一次性告知补正（行政许可法 第32条第（四）项）；受理后由提出的部门任务提出。"""

    act: Literal["request-supplement"]
    items: Annotated[list[MissingItem], Field(min_length=1, max_length=100, title="需要补正的全部内容")]
    until: Day | None = Field(None, title="补正期限", description="不填则按事项规定的补正工作日")
    task: Number | None = Field(None, title="提出补正的任务编号（受理后）")
    reason: Words | None = Field(None, title="说明")


class SupplementIn(Message):
    """补正：交来所缺材料、更正填报内容。"""

    act: Literal["supplement"]
    kind: Literal["window", "ems", "online"] = Field("window", title="交来方式：窗口 / 邮寄 / 网上")
    items: list[HandedItem] = Field(default_factory=list, max_length=100, title="交来的材料")
    patch: Patch | None = Field(None, title="更正的内容")


class Correct(Message):
    """当场更正：受理前可以当场更正的错误（行政许可法 第32条第（三）项）。"""

    act: Literal["correct"]
    patch: Patch = Field(title="更正的内容")
    reason: Words | None = Field(None, title="说明")


class Suspend(Message):
    """暂停：写明类型和法定或者规定的理由；听证、检验、专家评审等特别程序还须写明预计恢复日期（行政许可法 第45条）。"""

    act: Literal["suspend"]
    kind: PauseKind = Field(title="暂停类型")
    ground: Words = Field(title="依据")
    reason: Words | None = Field(None, title="说明")
    until: Day | None = Field(None, title="预计恢复日期")


class Resume(Message):
    """恢复办理；有几种暂停时写明恢复哪一种。"""

    act: Literal["resume"]
    kind: PauseKind | None = Field(None, title="暂停类型")
    reason: Words | None = Field(None, title="说明")


class Extend(Message):
    """延期：在期限届满前，由有权的负责人批准延长，并告知申请人理由（行政许可法 第42条）。"""

    act: Literal["extend"]
    kind: Literal["agency", "government"] = Field(title="批准权限：本机关负责人 / 本级政府负责人")
    days: Annotated[int, Field(strict=True, ge=1, le=15, title="延长的工作日")]
    reason: Words = Field(title="延期理由")


class Withdraw(Message):
    """撤回：申请人在决定作出前撤回申请。"""

    act: Literal["withdraw"]
    reason: Words = Field(title="撤回原因")


class Void(Message):
    """作废：数据有误的办件，由督办管理者写明理由。"""

    act: Literal["void"]
    reason: Words = Field(title="作废理由")
    reason_code: Code = Field("data_error", title="理由代码")


class Lapse(Message):
    """补正不来：申请人在期限内没有补正（受理前视为撤回，受理后补正不来办结）。"""

    act: Literal["lapse"]
    reason: Words | None = Field(None, title="说明")


class Forward(Message):
    """转报：由上级或者其他机关办理。"""

    act: Literal["forward"]
    department: Short = Field(title="转报机关")
    reason: Words = Field(title="理由")
    basis: Words | None = Field(None, title="依据")


class Deliver(Message):
    """送达：办理结果已交给申请人（行政许可法 第44条）。"""

    act: Literal["deliver"]
    kind: Literal["window", "ems", "e_licence"] = Field("window", title="送达方式")
    reason: Words | None = Field(None, title="签收情况")


class AddTask(Message):
    """加办：请某部门办理一项计划之外的任务，或征求其意见。"""

    act: Literal["add-task"]
    department: Department = Field(title="请哪个部门办理")
    reason: Short = Field(title="办理内容")
    task: Number | None = Field(None, title="为哪项任务征求意见（该任务须等意见办结）")
    kind: Literal["blocking", "opinion"] = Field("blocking", title="必须办结 / 仅供参考")


class Reopen(Message):
    """重新办理：已经终结的办件另立一件关联的新办件。"""

    act: Literal["reopen"]
    reason: Words = Field(title="重新办理的理由")
    reason_code: Code = Field("reopened", title="理由代码")


CaseAct = Annotated[
    Accept
    | Decline
    | RequestSupplement
    | SupplementIn
    | Correct
    | Suspend
    | Resume
    | Extend
    | Withdraw
    | Void
    | Lapse
    | Forward
    | Deliver
    | AddTask
    | Reopen
    | Urge
    | Copy
    | ProposeExtension,
    Field(discriminator="act"),
]


class Claim(Message):
    """签收：由我承办。"""

    act: Literal["claim"]


class Release(Message):
    """退回待签收：放回本部门收件箱。"""

    act: Literal["release"]
    reason: Words | None = Field(None, title="说明")


class Approve(Message):
    """通过：本级意见为通过；末级的意见即为决定。"""

    act: Literal["approve"]
    reason: Words | None = Field(None, title="意见")
    explanation: Words | None = Field(None, title=EXPLANATION)
    items: list[ResultItem] = Field(default_factory=list, max_length=50, title="办理结果")


class Refuse(Message):
    """不予通过：写明理由代码、理由、依据和救济途径（行政许可法 第38条）。"""

    act: Literal["refuse"]
    reason_code: Code = Field(title="理由代码")
    reason: Words = Field(title="理由")
    basis: Words = Field(title="依据")
    remedies: Words = Field(REMEDIES, title="救济途径")
    explanation: Words | None = Field(None, title=EXPLANATION)


class Return(Message):
    """退回分办：不属于本部门办理的任务，24 小时内写明理由退回。"""

    act: Literal["return"]
    reason: Words = Field(title="退回理由")


class Dispatch(Message):
    """重新分办：牵头部门协调员把退回的任务再次分给应办部门，可以指明哪个机构。"""

    act: Literal["dispatch"]
    department: Department | None = Field(None, title="分给哪个部门（不填则仍为原部门）")
    office: Short | None = Field(None, title="机构代码或者名称（不填则由部门分办席接收）")
    reason: Words | None = Field(None, title="说明")


class Transfer(Message):
    """转交：交给本部门另一位有权办理的同事，或者转给本部门的另一机构；二者写明其一。"""

    act: Literal["transfer"]
    officer: Short | None = Field(None, title="接手人员账号")
    office: Short | None = Field(None, title="接手机构代码或者名称")
    reason: Words | None = Field(None, title="说明")

    def at_odds(self) -> Iterator[FieldError]:
        """One of a colleague and an office is named, and not both."""
        if self.officer is None and self.office is None:
            yield FieldError("/officer", "请写明接手人员或者接手机构", "required")
        elif self.officer is not None and self.office is not None:
            yield FieldError("/office", "接手人员和接手机构只能写明其一", "one_way")


class SendBack(Message):
    """退回承办：审核、批准环节退回承办人重新办理。"""

    act: Literal["send-back"]
    reason: Words = Field(title="退回理由")


class Retract(Message):
    """撤回误点：撤回自己刚作出的意见，后续尚无人办理时可以。"""

    act: Literal["retract"]
    reason: Words | None = Field(None, title="说明")


class Recheck(Message):
    """重新核验：再次向共享数据源查询。"""

    act: Literal["recheck"]


TaskAct = Annotated[
    Claim
    | Release
    | Approve
    | Refuse
    | Return
    | Dispatch
    | Transfer
    | HandOver
    | Urge
    | SendBack
    | Retract
    | Forward
    | Suspend
    | Resume
    | RequestSupplement
    | Recheck,
    Field(discriminator="act"),
]

CASE_ACT: TypeAdapter[CaseAct] = TypeAdapter(CaseAct)
TASK_ACT: TypeAdapter[TaskAct] = TypeAdapter(TaskAct)


def _by_act(union: Any) -> dict[str, type[Message]]:
    return {get_args(kind.model_fields["act"].annotation)[0]: kind for kind in get_args(get_args(union)[0])}


CASE_ACTS: Mapping[str, type[Message]] = _by_act(CaseAct)
TASK_ACTS: Mapping[str, type[Message]] = _by_act(TaskAct)
"""Act → its message."""


def read_case_act(body: object) -> Message:
    """Read an act on a case; Invalid with everything that is wrong with it."""
    return read_act(body, CASE_ACTS)


def read_task_act(body: object) -> Message:
    """Read an act on a task; Invalid with everything that is wrong with it."""
    return read_act(body, TASK_ACTS)


class Search(Message):
    """查询办件：按证件号码，或者姓名、编号。"""

    identity: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z()/ -]{4,40}$")] | None = Field(
        None, title="证件号码"
    )
    q: Short | None = Field(None, title="姓名或编号")
    matter: Code | None = Field(None, title="事项")
    status: Code | None = Field(None, title="状态")
    department: Department | None = Field(None, title="部门")
    cursor: Annotated[str, StringConstraints(max_length=200)] | None = Field(None, title="上一页给出的 next")
    limit: Annotated[int, Field(strict=True, ge=1, le=200)] = Field(50, title="每页条数")


class Reveal(Message):
    """明文查看：写明理由，查看留痕。"""

    reason: Words = Field(title="查看理由")


M = TypeVar("M", bound=Message)


_FACTS: Final = ("/patch/applicant/", "/patch/form/")


def read_message(kind: type[M], body: object) -> M:
    """Read a message of a known kind; Invalid with everything that is wrong with it.

    What is wrong with the facts of a patch is said where they are read, with the whole body they belong to.
    """
    unusable = [fault for fault in look_over(body) if not fault.field.startswith(_FACTS)]
    try:
        message = kind.model_validate(body)
    except ValidationError as error:
        raise Invalid(all_told(unusable, faults(error, kind, ""), partial(title_at, kind))) from None
    if unusable:
        raise Invalid(all_told(unusable, (), partial(title_at, kind)))
    return message


def read_act(body: object, acts: Mapping[str, type[Message]]) -> Message:
    """Read one of several acts, told apart by `act`; Invalid with everything that is wrong with it."""
    act = body.get("act") if isinstance(body, dict) else None
    kind = acts.get(act) if isinstance(act, str) else None
    if kind is None:
        unusable = look_over(body)
        code, words = ("required", "请写明办理动作") if act is None else ("unknown_act", "没有这种办理动作")
        raise Invalid([*unusable, FieldError("/act", words, code)])
    return read_message(kind, body)
