"""联合审批: the matter that is measured. Twenty facts, four departments side by side, one level each."""

from typing import Annotated, Any

from prefect import flow
from pydantic import Field

from flows.matter import Matter, Promised, Step
from flows.passes import run_pass
from forms.base import MatterForm, ask
from forms.fields import CreditCode, Day, DocumentNo, LongText, Mobile, PersonName, PostalCode, RegionCode, Text, YesNo
from forms.materials import ID_CARD
from forms.vocabulary import Department, ItemType


class JointForm(MatterForm):
    """Fourteen facts of the matter; six more stand in the shared head."""

    code = "joint"
    title = "联合审批"
    materials = (ID_CARD,)

    unit_name: Text = ask("单位名称")
    uscc: CreditCode = ask("统一社会信用代码")
    unit_district: RegionCode = ask("单位所在区划代码")
    unit_address: LongText = ask("单位地址")
    postal_code: PostalCode = ask("邮政编码")
    contact_name: PersonName = ask("联系人")
    contact_mobile: Mobile = ask("联系人手机号码")
    project_name: Text = ask("项目名称")
    project_no: DocumentNo = ask("项目编号")
    begins_on: Day = ask("开工日期")
    ends_on: Day = ask("完工日期")
    amount: Annotated[int, Field(strict=True, ge=1, le=10**9)] = ask("投资额（万元）")
    public: YesNo = ask("是否政府投资")
    note: LongText | None = ask("备注", default=None)

    @classmethod
    def subject(cls, form: Any, applicant: Any) -> str | None:
        """One applicant may have several projects in hand: counted by person and project."""
        return f"{applicant.id_number}/{form.project_no}"


MATTER = Matter(
    code="joint",
    title="联合审批",
    form=JointForm,
    item_type=ItemType.CONFIRMATION,
    lead=Department.HUMAN_RESOURCES,
    basis=["测量用事项"],
    limits=[Promised(5)],
    single_basis="测量用事项：四个部门各一级",
    steps=[
        Step("people", Department.HUMAN_RESOURCES, "人社核准", decides=True),
        Step("police", Department.PUBLIC_SECURITY, "公安意见"),
        Step("health", Department.HEALTH, "卫健意见"),
        Step("housing", Department.HOUSING, "住建意见"),
    ],
)


@flow(name=MATTER.title)
def joint() -> None:
    """One pass over all cases that are ready."""
    run_pass(MATTER.code)
