"""人才驿站设立: a promise backed by law, an opinion, a public notice, a limit after it, a visit by itself."""

from forms.matters.hostel import HostelForm
from prefect import flow

from flows.matter import AfterEvent, Matter, Promised, Statutory, Step
from flows.passes import run_pass
from forms.vocabulary import Department, ItemType

MATTER = Matter(
    code="hostel",
    title="人才驿站设立",
    form=HostelForm,
    item_type=ItemType.LICENCE,
    lead=Department.HUMAN_RESOURCES,
    basis=["行政许可法 第42条"],
    limits=[
        Promised(10, basis="平发〔2022〕22号 第21条"),
        Statutory(20, basis="行政许可法 第42条"),
        AfterEvent("notice", 4, what="制证"),
    ],
    single_basis="平政办〔2023〕1号 单人审批",
    steps=[
        Step("papers", Department.HUMAN_RESOURCES, "材料审查", days=3),
        Step("site", Department.NATURAL_RESOURCES, "场所审查", days=5),
        Step("safety", Department.PUBLIC_SECURITY, "治安审查", days=1),
        Step(
            "opinion",
            Department.YOUTH_LEAGUE,
            "青年人才意见",
            days=2,
            mandatory=False,
            deemed_agree="平政办〔2023〕1号 第8条",
        ),
        Step("decision", Department.HUMAN_RESOURCES, "核准", days=3, decides=True, after=["papers", "site", "safety"]),
        Step("notice", Department.HUMAN_RESOURCES, "公示", days=5, special="public_notice", after=["decision"]),
        Step("plate", Department.TALENT_CENTRE, "制发标牌", days=2, after=["notice"]),
        Step("visit", Department.HUMAN_RESOURCES, "回访", days=6, after=["decision"], blocking=False),
    ],
)


@flow(name=MATTER.title)
def hostel() -> None:
    """One pass over all cases that are ready."""
    run_pass(MATTER.code)
