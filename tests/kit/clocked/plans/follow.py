"""配偶就业跟踪服务: a service cycle, months by law, a yearly day; of the case and of its steps."""

from forms.matters.follow import FollowForm
from prefect import flow

from flows.matter import Matter, Months, OnDate, ServiceCycle, Step
from flows.passes import run_pass
from forms.vocabulary import Department, ItemType

LAW = "行政诉讼法 第47条"

MATTER = Matter(
    code="follow",
    title="配偶就业跟踪服务",
    form=FollowForm,
    item_type=ItemType.PUBLIC_SERVICE,
    lead=Department.HUMAN_RESOURCES,
    basis=["平发〔2022〕22号 第20条"],
    limits=[
        ServiceCycle(30, (10, 20), basis="平发〔2022〕22号 第20条", what="跟踪服务"),
        Months(2, kind="statutory", basis=LAW, what="履行职责"),
        OnDate("12-25", what="年度汇总"),
    ],
    steps=[
        Step(
            "match",
            Department.TALENT_CENTRE,
            "岗位推荐",
            limits=[
                ServiceCycle(15, (5, 10), basis="平发〔2022〕22号 第20条", what="岗位推荐"),
                Months(1, kind="statutory", basis=LAW),
            ],
        ),
        Step("visit", Department.HUMAN_RESOURCES, "走访", limits=[OnDate("10-20", basis="平人社〔2023〕2号")]),
        Step("training", Department.HUMAN_RESOURCES, "技能培训", limits=[Months(1)]),
        Step("closing", Department.HUMAN_RESOURCES, "结项", days=2, levels=2, decides=True,
             after=["match", "visit", "training"]),
    ],
)  # fmt: skip


@flow(name=MATTER.title)
def follow() -> None:
    """One pass over all cases that are ready."""
    run_pass(MATTER.code)
