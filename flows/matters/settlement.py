"""人才落户: eligibility, household, address are checked side by side; the police decide (平发〔2022〕22号 第19条)."""

from prefect import flow

from flows.matter import Matter, Promised, Step
from flows.passes import run_pass
from forms.matters.settlement import Route, SettlementForm
from forms.vocabulary import Department, ItemType

MATTER = Matter(
    code="settlement",
    title="人才落户",
    form=SettlementForm,
    item_type=ItemType.CONFIRMATION,
    lead=Department.PUBLIC_SECURITY,
    audience="具有中专以上学历、职业院校毕业、初级以上职称的人才和在校学生，本人及其近亲属",
    basis=["平发〔2022〕22号 第19条", "户口登记条例 第6条、第10条、第13条"],
    deemed_acceptance="参照行政许可法 第32条第一款第（四）项",
    limits=[Promised(5)],  # no statutory limit: no law gives one for this confirmation
    steps=[
        Step("eligibility", Department.HUMAN_RESOURCES, "资格核验", days=1, auto=True,
             check={"title": lambda form: form.route == Route.TITLE,
                    "degree": lambda form: form.route != Route.OVERSEAS_STUDENT}),
        Step("household", Department.TALENT_CENTRE, "集体户接收意见", days=1,
             when=lambda form: form.address_option == 4),
        Step("address", Department.POLICE_STATION, "落户地址审查", days=2, check="household",
             office=lambda form: form.target_police_station),
        Step("approval", Department.PUBLIC_SECURITY, "户政核准", days=2, levels=2, decides=True,
             after=["eligibility", "household", "address"]),
        # a station keeps the register of its own district (户口登记条例 第3条): whoever examined the address registers
        Step("registration", Department.POLICE_STATION, "入户登记", days=1, after=["approval"], office_as="address"),
    ],
    result="准予迁入，常住人口登记卡",
)  # fmt: skip


@flow(name=MATTER.title)
def settlement() -> None:
    """One pass over all cases that are ready: the departments' machine work side by side, then opening and joining."""
    run_pass(MATTER.code)
