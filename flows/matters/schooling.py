"""子女入学（入园）: talent, household, home and school record are checked side by side; education finds the place.

平发〔2022〕22号 第20条; 义务教育法 第11条、第12条.
"""

from prefect import flow

from flows.matter import Edge, InSeason, Matter, Promised, Step
from flows.passes import run_pass
from forms.matters.schooling import EntryType, Placement, SchoolingForm, Stage
from forms.vocabulary import Department, ItemType

CHILD = "/matters/schooling/child_id"

MATTER = Matter(
    code="schooling",
    title="子女入学（入园）",
    form=SchoolingForm,
    item_type=ItemType.PUBLIC_SERVICE,
    lead=Department.EDUCATION,
    audience="人才子女，以及随人才落户或者持居住证随迁的适龄儿童少年",
    basis=["平发〔2022〕22号 第20条", "义务教育法 第11条、第12条"],
    deemed_acceptance="参照行政许可法 第32条第一款第（四）项",
    # within the admission season the place follows the close of the window, not the day of acceptance
    limits=[Promised(7, what="非招生季"), InSeason("05-20", "07-05", 5, what="招生季，报名截止后")],
    steps=[
        Step("talent", Department.HUMAN_RESOURCES, "人才类别核验", check="talent_class", auto=True,
             when=lambda form: form.route == Placement.TALENT),
        Step("household", Department.PUBLIC_SECURITY, "户籍、居住证核验", check="household", auto=True, about=CHILD),
        Step("home", Department.NATURAL_RESOURCES, "住所核验", check="residence", auto=True),
        Step("employment", Department.SOCIAL_INSURANCE, "社会保险和劳动关系核验", check="social_insurance", auto=True,
             when=lambda form: form.route == Placement.RESIDENCE, route="residence"),
        Step("school_record", Department.EDUCATION, "学籍核验", days=2, check="school_roll", auto=True, about=CHILD,
             when=lambda form: form.entry_type == EntryType.TRANSFER or form.stage in (Stage.MIDDLE, Stage.HIGH)),
        Step("vaccination", Department.HEALTH, "预防接种查验", days=2, check="vaccination", auto=True, about=CHILD,
             when=lambda form: form.stage in (Stage.KINDERGARTEN, Stage.PRIMARY)),
        Step("placement", Department.EDUCATION, "统筹安排学位", days=3, levels=2, decides=True,
             after=["talent", "household", "home", "employment", "school_record", "vaccination"],
             results={"school": "拟安排学校"}, defaults=lambda form: {"school": form.wishes[0]}),
        Step("enrolment", Department.SCHOOL, "学校确认、注册", days=2, after=["placement"],
             office_from="placement.school", sees=["child_name", "child_id", "stage", "grade", "guardian2_name"]),
    ],
    edges=[
        # 落户后就近安排: without the hukou the child may still come in by residence permit
        Edge("placement", "settlement", fallback="residence",
             when=lambda form: form.route == Placement.SETTLED and not form.hukou_in_district),
    ],
    result="学位确认单、入学通知",
)  # fmt: skip


@flow(name=MATTER.title)
def schooling() -> None:
    """One pass over all cases that are ready: the departments' machine work side by side, then opening and joining."""
    run_pass(MATTER.code)
