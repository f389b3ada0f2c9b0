"""人才车位: only with a flat; the police hold a veto, housing decides by one person."""

from forms.matters.parking import ParkingForm
from prefect import flow

from flows.matter import Edge, Matter, Promised, Step
from flows.passes import run_pass
from flows.policy import veto
from forms.vocabulary import Department, ItemType

MATTER = Matter(
    code="parking",
    title="人才车位",
    form=ParkingForm,
    item_type=ItemType.PUBLIC_SERVICE,
    lead=Department.HOUSING,
    basis=["平发〔2022〕22号 第21条"],
    limits=[Promised(10)],
    single_basis="平政办〔2023〕1号 单人审批",
    steps=[
        Step("vehicle", Department.PUBLIC_SECURITY, "车辆核验"),
        Step("space", Department.INDUSTRY, "车位意见"),
        Step("decision", Department.HOUSING, "核准", decides=True, after=["vehicle", "space"], join=veto("vehicle")),
    ],
    edges=[Edge("decision", "flat")],
)


@flow(name=MATTER.title)
def parking() -> None:
    """One pass over all cases that are ready."""
    run_pass(MATTER.code)
