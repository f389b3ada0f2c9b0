"""医疗绿色通道: class and insurance are checked side by side, health decides, the hospital prepares.

平发〔2022〕22号 第20条. The commercial top-up insurance follows in its own time and holds nothing up.
"""

from prefect import flow

from flows.matter import Matter, Promised, Step
from flows.passes import run_pass
from forms.matters.green_channel import GreenChannelForm
from forms.vocabulary import Department, ItemType

MATTER = Matter(
    code="green_channel",
    title="医疗绿色通道",
    form=GreenChannelForm,
    item_type=ItemType.PUBLIC_SERVICE,
    lead=Department.HEALTH,
    audience="持有有效人才证书的高层次人才；待遇包含家属的，还有其配偶、父母、子女",
    basis=["平发〔2022〕22号 第20条", "个人信息保护法 第28条至第30条"],
    deemed_acceptance="参照行政许可法 第32条第一款第（四）项",
    limits=[Promised(5), Promised(20, what="商业健康补充险")],
    steps=[
        Step("class", Department.ORGANISATION, "人才类别与有效期核验", check="talent_class", auto=True),
        Step("insured", Department.MEDICAL_INSURANCE, "参保状态核验", check="medical_insurance", auto=True),
        Step("entitlement", Department.HEALTH, "待遇核定，安排医院、健康顾问和联络员", days=2, levels=2, decides=True,
             after=["class", "insured"],
             results={"hospital": "定点医院", "adviser": "健康顾问", "liaison": "就医联络员"},
             defaults=lambda form: {"hospital": form.preferred_hospital}),
        Step("hospital_file", Department.HOSPITAL, "医院建档，预留号源", after=["entitlement"],
             office_from="entitlement.hospital",
             sees=["services", "urgent", "emergency_contact", "emergency_mobile", "preferred_hospital"]),
        Step("top_up_insurance", Department.HUMAN_RESOURCES, "商业健康补充险投保", days=15, after=["class"],
             blocking=False),
    ],
    result="医疗绿色通道服务卡",
)  # fmt: skip


@flow(name=MATTER.title)
def green_channel() -> None:
    """One pass over all cases that are ready: the departments' machine work side by side, then opening and joining."""
    run_pass(MATTER.code)
