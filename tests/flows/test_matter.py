"""A malformed matter does not start the application; the four that are shipped are sound."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from flows.matter import AfterEvent, Edge, Malformed, Matter, Promised, Statutory, Step
from flows.policy import ANY, Join, JoinKind, k_of_n, veto
from flows.registry import matters, passes
from flows.soundness import rings
from forms.base import MatterForm, ask
from forms.checks import CHECKS
from forms.fields import ShortText
from forms.materials import ID_CARD
from forms.vocabulary import CaseKind, Department, ItemType

HR, POLICE = Department.HUMAN_RESOURCES, Department.PUBLIC_SECURITY


class SmallForm(MatterForm):
    """A form of one field."""

    code = "small"
    title = "小事项"
    purpose: ShortText = ask("用途")


class ThirdForm(SmallForm):
    """A form of one field, of a third matter."""

    code = "third"


def matter(*steps: Step, **changes: Any) -> Matter:
    """A sound matter unless changed: one check, one decision at two levels."""
    sound: dict[str, Any] = {
        "code": "small",
        "title": "小事项",
        "form": SmallForm,
        "item_type": ItemType.CONFIRMATION,
        "lead": HR,
        "limits": [Promised(5)],
        "basis": ["平发〔2022〕22号 第19条"],
        "steps": list(steps) or [CHECK, DECISION],
    }
    return Matter(**{**sound, **changes})


CHECK = Step("check", HR, "核验")
DECISION = Step("decide", POLICE, "核准", levels=2, decides=True, after=["check"])


def changed(step: Step, **changes: Any) -> Step:
    return replace(step, **changes)


MALFORMED: dict[str, tuple[Any, str]] = {
    "two steps of one code": (lambda: matter(CHECK, CHECK, DECISION), "one code"),
    "nobody decides": (lambda: matter(CHECK), "exactly one step decides"),
    "two decide": (lambda: matter(CHECK, DECISION, changed(DECISION, code="again")), "exactly one step decides"),
    "a cycle": (lambda: matter(changed(CHECK, after=["decide"]), DECISION), "does not stand above it"),
    "a typing error": (lambda: matter(CHECK, changed(DECISION, after=["chek"])), "does not stand above it"),
    "a step after itself": (lambda: matter(changed(CHECK, after=["check"]), DECISION), "does not stand above it"),
    "a predecessor named twice": (lambda: matter(CHECK, changed(DECISION, after=["check"] * 2)), "named twice"),
    "an unknown department": (lambda: matter(changed(CHECK, department="moon"), DECISION), "is not known"),
    "an unknown registry": (lambda: matter(changed(CHECK, check="stars"), DECISION), "not registered"),
    "automatic without a check": (lambda: matter(changed(CHECK, auto=True), DECISION), "decides automatically"),
    "automatic at two levels": (
        lambda: matter(changed(CHECK, check="degree", auto=True, levels=2), DECISION),
        "decides automatically",
    ),
    "four levels": (lambda: matter(changed(CHECK, levels=4), DECISION), "one to three levels"),
    "no level": (lambda: matter(changed(CHECK, levels=0), DECISION), "one to three levels"),
    "a step of no day": (lambda: matter(changed(CHECK, days=0), DECISION), "at least one working day"),
    "one person decides a promised case": (lambda: matter(CHECK, changed(DECISION, levels=1)), "two people"),
    "an optional decision": (lambda: matter(CHECK, changed(DECISION, mandatory=False)), "mandatory and blocking"),
    "a decision that holds nothing up": (
        lambda: matter(CHECK, changed(DECISION, blocking=False)),
        "mandatory and blocking",
    ),
    "a decision under a condition": (
        lambda: matter(CHECK, changed(DECISION, when=lambda form: True)),
        "has no condition",
    ),
    "a decision on one route": (
        lambda: matter(CHECK, changed(DECISION, route="general")),
        "the deciding step is on every route",
    ),
    "a route to which no edge leads": (lambda: matter(changed(CHECK, route="byway"), DECISION), "no edge leads"),
    "two of one": (lambda: matter(CHECK, changed(DECISION, join=k_of_n(2))), "k is not within"),
    "none of one": (lambda: matter(CHECK, changed(DECISION, join=k_of_n(0))), "k is not within"),
    "k counts an optional step": (
        lambda: matter(
            CHECK,
            changed(CHECK, code="opinion", mandatory=False),
            changed(DECISION, after=["check", "opinion"], join=k_of_n(2)),
        ),
        "k counts steps that no join waits for",
    ),
    "a stranger's veto": (lambda: matter(CHECK, changed(DECISION, join=veto("moon"))), "not asked"),
    "nobody's veto": (lambda: matter(CHECK, changed(DECISION, join=veto())), "nobody holds the veto"),
    "an optional veto": (
        lambda: matter(changed(CHECK, mandatory=False), changed(DECISION, join=veto("check"))),
        "whom no join waits for",
    ),
    "a join of nothing": (lambda: matter(changed(CHECK, join=ANY), DECISION), "a join of nothing"),
    "held up by what may not": (lambda: matter(changed(CHECK, blocking=False), DECISION), "waits for a step"),
    "an office from nowhere": (
        lambda: matter(changed(CHECK, office_from="moon.school"), DECISION),
        "its office comes from a step",
    ),
    "an office nobody states": (
        lambda: matter(CHECK, changed(DECISION, office_from="check.school")),
        "a result that check does not state",
    ),
    "beside a step of another department": (
        lambda: matter(CHECK, changed(DECISION, department=Department.FINANCE, office_as="check")),
        "it lies beside a step of its department",
    ),
    "beside a step and named": (
        lambda: matter(
            CHECK, changed(DECISION, department=CHECK.department, office_as="check", office=lambda form: None)
        ),
        "and nowhere else",
    ),
    "defaults of no result": (
        lambda: matter(changed(CHECK, defaults=lambda form: {}), DECISION),
        "defaults of results",
    ),
    "a field that is not there": (lambda: matter(changed(CHECK, sees=["salary"]), DECISION), "sees the field salary"),
    "an edge from nowhere": (lambda: matter(edges=[Edge("moon", "settlement")]), "the step moon"),
    "an edge to itself": (lambda: matter(edges=[Edge("decide", "small")]), "waits for itself"),
    "a fallback without a step": (
        lambda: matter(edges=[Edge("decide", "settlement", fallback="byway")]),
        "the route byway has no step",
    ),
    "a promise longer than the law": (
        lambda: matter(limits=[Promised(21), Statutory(20, basis="行政许可法 第42条")]),
        "longer than the statutory",
    ),
    "a promise shorter than the work": (lambda: matter(limits=[Promised(1)]), "shorter than its longest path"),
    "a promise of no day": (lambda: matter(limits=[Promised(0)]), "at least one day"),
    "a limit after a step shorter than what follows": (
        lambda: matter(CHECK, changed(DECISION, days=4), limits=[AfterEvent("check", 3)]),
        "shorter than its steps",
    ),
    "silence without a basis": (lambda: matter(deemed_acceptance=" "), "makes silence acceptance"),
    "no legal basis": (lambda: matter(basis=[]), "names no legal basis"),
    "another matter's form": (lambda: matter(code="large"), "its form is that of small"),
}


def test_the_matter_that_the_others_spoil_is_sound() -> None:
    assert matter().deciding.code == "decide"


@pytest.mark.parametrize("what", MALFORMED)
def test_a_malformed_matter_is_refused(what: str) -> None:
    make, words = MALFORMED[what]
    with pytest.raises(Malformed, match=words):
        make()


def test_everything_wrong_is_said_at_once() -> None:
    with pytest.raises(Malformed) as refused:
        matter(changed(CHECK, levels=9, check="stars"), changed(DECISION, after=["chek"]), basis=[])
    for words in ("one to three levels", "not registered", "does not stand above", "names no legal basis"):
        assert words in str(refused.value)


def test_a_paper_listed_twice_is_refused() -> None:
    class Twice(SmallForm):
        """A form with one paper twice."""

        materials = (ID_CARD, ID_CARD)

    with pytest.raises(Malformed, match="a material is listed twice"):
        matter(form=Twice)


def test_an_instant_matter_may_be_decided_by_one_person_in_no_day() -> None:
    instant = matter(changed(DECISION, after=[], levels=1, days=0), kind=CaseKind.INSTANT, limits=[])
    assert instant.deciding.levels == 1


def test_a_promised_matter_may_be_decided_by_one_person_where_that_has_a_basis() -> None:
    assert matter(CHECK, changed(DECISION, levels=1), single_basis="平政办〔2023〕1号 单人审批").deciding.levels == 1


def test_special_procedures_do_not_count_into_the_promise() -> None:
    notice = changed(CHECK, code="notice", days=7, special="public_notice")
    assert matter(notice, CHECK, changed(DECISION, after=["notice", "check"])).longest_path() == 2


def test_matters_that_wait_for_each_other_are_refused() -> None:
    one = matter(edges=[Edge("decide", "other")])
    other = matter(edges=[Edge("decide", "third")])
    third = matter(code="third", form=ThirdForm, edges=[Edge("decide", "small")])
    assert list(rings({"small": one, "other": other, "third": third}))
    assert not list(rings({"small": one, "other": other, "third": matter()}))


@pytest.mark.parametrize("code", ["settlement", "schooling", "green_channel", "subsidy"])
def test_the_shipped_matters_are_sound_and_end_in_their_flow(code: str) -> None:
    shipped = matters()[code]
    assert shipped.code == code and shipped.form.code == code and shipped.title == shipped.form.title
    assert passes()[code].name == shipped.title
    assert all(check in CHECKS for step in shipped.steps for check in step.checks())
    assert shipped.deciding.levels >= 2 or shipped.single_basis


def test_a_join_comes_back_from_its_data_as_it_was() -> None:
    for join in (Join(), ANY, k_of_n(2), veto("a", "b"), Join(JoinKind.ALL, besides=("x",))):
        assert Join.of(join.data()) == join
