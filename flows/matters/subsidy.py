"""人才补贴: six checks side by side, review and amount, public notice, the money.

平发〔2022〕22号 第3条、第5条、第8条、第11条、第12条.
"""

from prefect import flow

from flows.matter import AfterEvent, Matter, Promised, Step
from flows.money import assess_form
from flows.passes import run_pass
from forms.matters.subsidy import SubsidyForm
from forms.subsidy_rules import CONDITIONS
from forms.terms import SubsidyRule
from forms.vocabulary import Department, ItemType

YOUNG = (SubsidyRule.P3A, SubsidyRule.P3B, SubsidyRule.P3C, SubsidyRule.P3D)
TITLED = (SubsidyRule.P5A, SubsidyRule.P5B, SubsidyRule.P8B)

MATTER = Matter(
    code="subsidy",
    title="人才补贴",
    form=SubsidyForm,
    item_type=ItemType.BENEFIT,
    lead=Department.HUMAN_RESOURCES,
    audience="首次来本地就业创业的毕业生、技能人才、专业技术人才，引进人才的用人单位",
    basis=["平发〔2022〕22号 第3条、第5条、第8条、第11条、第12条", "山东省人才发展促进条例 第58条"],
    deemed_acceptance="参照行政许可法 第32条第一款第（四）项",
    limits=[Promised(5, what="核定（公示不计）"), AfterEvent("notice", 8, what="拨付")],
    steps=[
        Step("first_review", Department.HUMAN_RESOURCES, "初审", days=2),
        Step("degree", Department.HUMAN_RESOURCES, "学历核验", check="degree", auto=True,
             when=lambda form: CONDITIONS[form.rule_id].level is not None),
        Step("title", Department.HUMAN_RESOURCES, "职称、技能核验", check="title", auto=True,
             when=lambda form: form.rule_id in TITLED),
        Step("insurance", Department.SOCIAL_INSURANCE, "社会保险缴纳核验", check="social_insurance", auto=True,
             when=lambda form: CONDITIONS[form.rule_id].insured),
        Step("employer", Department.MARKET_REGULATION, "用人（创业）单位核验", check="employer", auto=True,
             about="/applicant/employment/uscc"),
        Step("double_benefit", Department.FINANCE, "重复享受比对", check="duplicate_benefit", auto=True),
        Step("youth_opinion", Department.YOUTH_LEAGUE, "青年人才意见", mandatory=False,
             when=lambda form: form.rule_id in YOUNG),
        Step("review", Department.HUMAN_RESOURCES, "复核、定额", days=2, levels=3, decides=True,
             after=["first_review", "degree", "title", "insurance", "employer", "double_benefit", "youth_opinion"]),
        Step("notice", Department.HUMAN_RESOURCES, "公示", days=5, special="public_notice", after=["review"]),
        Step("funds", Department.FINANCE, "资金审核", days=3, levels=2, after=["notice"]),
        Step("payment", Department.FINANCE, "拨付", days=5, after=["funds"], results={"receipt": "银行回单号"}),
    ],
    compute=lambda applicant, form: assess_form(applicant, form).data(),
    result="补贴核定通知、拨付凭证",
)  # fmt: skip


@flow(name=MATTER.title)
def subsidy() -> None:
    """One pass over all cases that are ready: the departments' machine work side by side, then opening and joining."""
    run_pass(MATTER.code)
