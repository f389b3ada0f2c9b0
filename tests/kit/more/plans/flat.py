"""人才公寓入住: three departments look, two are enough; the keys follow, and a survey in its own time."""

from forms.matters.flat import FlatForm
from prefect import flow

from flows.matter import Matter, Promised, Step
from flows.passes import run_pass
from flows.policy import Fate, k_of_n
from forms.vocabulary import Department, ItemType

MATTER = Matter(
    code="flat",
    title="人才公寓入住",
    form=FlatForm,
    item_type=ItemType.PUBLIC_SERVICE,
    lead=Department.HOUSING,
    basis=["平发〔2022〕22号 第21条"],
    limits=[Promised(10)],
    fate=Fate.FINISH,
    steps=[
        Step("income", Department.HUMAN_RESOURCES, "收入核验", check="social_insurance", auto=True),
        Step("home", Department.NATURAL_RESOURCES, "住房核验"),
        Step("police", Department.PUBLIC_SECURITY, "户籍核验"),
        Step("opinion", Department.YOUTH_LEAGUE, "青年人才意见", mandatory=False),
        Step("family", Department.EDUCATION, "家属核验", when=lambda form: form.with_family),
        Step("decision", Department.HOUSING, "核准", levels=2, decides=True,
             after=["income", "home", "police", "opinion"], join=k_of_n(2)),
        Step("keys", Department.TALENT_CENTRE, "交付钥匙", after=["decision", "family"]),
        Step("survey", Department.HUMAN_RESOURCES, "回访", after=["keys"], blocking=False),
    ],
)  # fmt: skip


@flow(name=MATTER.title)
def flat() -> None:
    """One pass over all cases that are ready."""
    run_pass(MATTER.code)
