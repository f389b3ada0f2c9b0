"""What surrounds head and matters in a body (申请外封): papers, mandate, consents, numbers let through."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from forms.base import Context, Form, Wrong, ask, rule
from forms.consents import CONSENTS
from forms.fields import Code, Day, FileId, LongText, RegionCode, ShortText, YesNo
from forms.head import Mandate
from forms.limits import MAX_MATERIALS
from forms.terms import ConsentGiver
from forms.vocabulary import Channel, MaterialState


class MaterialIn(Form):
    """A paper as it came in (提交的材料): uploaded, from shared data, on file already, or promised."""

    code: Code = ask("材料")
    file: FileId | None = ask("上传文件", default=None)
    shared: YesNo = ask("数据共享", "由共享数据代替，不再提交", default=False)
    on_file: FileId | None = ask("已在档文件", default=None)
    promised: YesNo = ask("容缺承诺", "承诺在期限内补交", default=False)
    deadline: Day | None = ask("补交期限", "容缺承诺的最迟补交日", default=None)

    @property
    def state(self) -> MaterialState:
        """How the paper is there."""
        if self.file:
            return MaterialState.FILE
        if self.on_file:
            return MaterialState.ON_FILE
        return MaterialState.SHARED if self.shared else MaterialState.PROMISED

    @rule("file", "shared", "on_file", "promised")
    def comes_in_one_way(self, context: Context) -> Iterator[Wrong]:
        """A paper is handed in exactly one way."""
        if [bool(self.file), self.shared, bool(self.on_file), self.promised].count(True) != 1:
            yield Wrong("", "每份材料请选择一种提交方式：上传、数据共享、已在档或容缺承诺", "one_way")

    @rule("promised", "deadline")
    def only_a_promise_has_a_deadline(self, context: Context) -> Iterator[Wrong]:
        """A promised paper follows by a day still to come, 青岛市优化营商环境条例 第24条."""
        if self.deadline and not self.promised:
            yield Wrong("deadline", "只有容缺承诺的材料填写补交期限", "not_promised")
        if self.deadline and self.promised and self.deadline < context.today:
            yield Wrong("deadline", "补交期限不能早于今天", "past_date")


class ConsentIn(Form):
    """A consent as it was given (同意记录)."""

    code: Code = ask("同意事项")
    version: ShortText = ask("文本版本", default="1")
    given_by: ConsentGiver = ask("同意人", default=ConsentGiver.APPLICANT)

    @rule("code", "version", "given_by")
    def a_known_text_is_agreed_to_by_the_right_person(self, context: Context) -> Iterator[Wrong]:
        """The text agreed to is the current one; for a child's data the guardian agrees, 个人信息保护法 第31条."""
        consent = CONSENTS.get(self.code)
        if consent is None:
            yield Wrong("code", "没有这一同意事项", "choice")
            return
        if self.version != consent.version:
            yield Wrong("version", f"“{consent.title}”的现行文本版本为{consent.version}", "version")
        if consent.giver and self.given_by != consent.giver:
            yield Wrong("given_by", f"“{consent.title}”须由{consent.giver.label}作出", "giver")


class Override(Form):
    """A number let through although its check character fails (校验位放行), with the officer's reason."""

    field: Annotated[str, Field(pattern=r"^(/[0-9A-Za-z_]{1,40}){1,8}$")] = ask(
        "填写项", "JSON Pointer，如 /applicant/id_number"
    )
    reason: LongText = ask("放行理由")


class Envelope(Form):
    """What surrounds head and matters in a body (申请外封)."""

    region: RegionCode = ask("受理地区")
    channel: Channel = ask("申请渠道")
    materials: Annotated[list[MaterialIn], Field(max_length=MAX_MATERIALS)] = ask("申请材料", default=[])
    mandate: Mandate | None = ask("代办信息", "由他人代办的填写", default=None)
    consents: Annotated[list[ConsentIn], Field(max_length=20)] = ask("同意与承诺", default=[])
    overrides: Annotated[list[Override], Field(max_length=20)] = ask(
        "校验位放行", "证件号码校验位不符但确系签发的，由经办人注明理由", default=[]
    )
    accept: YesNo | None = ask("当场受理", "窗口默认为是", default=None)
