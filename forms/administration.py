"""What an administrator sends (人员、机构、区划管理): every change says why."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from forms.fields import YesNo
from forms.messages import Code, Message, Short, Words
from forms.vocabulary import Department, GapLate, Role

Username = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]{1,63}$")]
RegionCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]
OfficeCode = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{0,64}$")]
Phone = Annotated[str, StringConstraints(pattern=r"^[0-9+() -]{0,40}$")]


class MembershipIn(Message):
    """One role in one department of a region ("*" every region), perhaps of one office only."""

    role: Role = Field(title="角色")
    department: Department = Field(title="部门")
    region: Annotated[str, StringConstraints(pattern=r"^([0-9]{6}|\*)$")] = Field(title="区划（* 为全部）")
    office: OfficeCode | None = Field(None, title="机构")


class OfficerIn(Message):
    """新增人员。"""

    username: Username = Field(title="账号")
    name: Short = Field(title="姓名")
    members: list[MembershipIn] = Field(default_factory=list, max_length=50, title="角色")
    reason: Words = Field(title="说明")


class OfficerChange(Message):
    """变更人员：姓名、启用或停用、角色（整体替换）。"""

    name: Short | None = Field(None, title="姓名")
    active: YesNo | None = Field(None, title="是否启用")
    members: list[MembershipIn] | None = Field(None, max_length=50, title="角色")
    reason: Words = Field(title="说明")


class OfficeIn(Message):
    """机构：某部门在某地由谁承担。"""

    department: Department = Field(title="部门")
    region: RegionCode = Field(title="区划")
    code: OfficeCode = Field("", title="机构代码（空为默认机构）")
    name: Short = Field(title="名称")
    phone: Phone = Field("", title="电话")
    active: YesNo = Field(True, title="是否启用")
    reason: Words = Field(title="说明")


class RegionIn(Message):
    """区划：开通本平台的地区。"""

    code: RegionCode = Field(title="区划代码")
    name: Short = Field(title="名称")
    active: YesNo = Field(True, title="是否开通")
    reason: Words = Field(title="说明")


class Adjustment(Message):
    """事项调整：不填的恢复事项文件的规定；写明理由，有文件依据的写明文号。"""

    reason: Words = Field(title="说明")
    basis: Short | None = Field(None, title="依据文号")


class MatterChange(Adjustment):
    """承诺办结时限改为几个工作日，不填则恢复事项文件的规定；只影响此后收件的办件。"""

    promised_days: Annotated[int, Field(strict=True, ge=1, le=365)] | None = Field(None, title="承诺工作日")


class AppealChange(Adjustment):
    """责任单位对黄红牌有几个工作日申诉；不填则恢复事项文件的规定；只影响此后收件的办件。"""

    appeal_days: Annotated[int, Field(strict=True, ge=1, le=30)] | None = Field(None, title="申诉工作日")


class ReplyChange(Adjustment):
    """责任单位有几个工作日回复督办单；不填则恢复事项文件的规定；只影响此后收件的办件。"""

    reply_days: Annotated[int, Field(strict=True, ge=1, le=15)] | None = Field(None, title="督办回复工作日")


class FixChange(Adjustment):
    """差评有几个工作日整改，最多十五个；不填则恢复事项文件的规定；只影响此后收件的办件，国办发〔2019〕51号。"""

    fix_days: Annotated[int, Field(strict=True, ge=1, le=15)] | None = Field(None, title="差评整改工作日")


class GapLateChange(Adjustment):
    """容缺承诺的材料逾期未补交的，视为撤回还是不予通过；不填则恢复事项文件的规定；只影响此后收件的办件。

    安阳市政务服务条例 第24条（视为撤回）；滨州市工程建设项目并联审批管理规定 第11条（不予）。
    """

    gap_late: GapLate | None = Field(None, title="容缺逾期的处理")


class PromisableChange(Adjustment):
    """可容缺的材料（全部列出），不填则恢复事项文件的规定；只影响此后收件的办件，青岛市优化营商环境条例 第24条。"""

    promisable: list[Code] | None = Field(None, max_length=200, title="可容缺的材料")


class AlarmChange(Adjustment):
    """一类时限的预警：剩余几个工作日提醒、到期后满几个工作日红牌、各类人员自哪一级起告知；不填的恢复通常的规定。

    提醒和红牌的时间只影响此后收件的办件；告知对象在预警触发时查定，在办办件同样适用。
    """

    amber: Annotated[int, Field(strict=True, ge=0, le=60)] | None = Field(None, title="提前提醒的工作日")
    red_after: Annotated[int, Field(strict=True, ge=0, le=60)] | None = Field(None, title="到期后满几个工作日红牌")
    recipients: dict[Role, Literal["amber", "yellow", "red"]] | None = Field(None, title="告知对象")


class SupplementChange(Adjustment):
    """未指定补正期限的，申请人有几个工作日补正；不填则恢复事项文件的规定；只影响此后收件的办件。"""

    supplement_days: Annotated[int, Field(strict=True, ge=1, le=60)] | None = Field(None, title="补正工作日")
