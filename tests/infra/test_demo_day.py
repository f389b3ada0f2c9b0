"""The working day's file is what it says: enough of everything, well made, and the same every time."""

from __future__ import annotations

from collections import Counter

import pytest

from forms.errors import Invalid
from forms.intake import read_intake
from forms.vocabulary import CASE_CLOSED, CaseStatus, Outcome
from infra.demo import day, filing
from infra.demo.day import FIRST, Beat, Ending, Story
from infra.demo.organisation import REGIONS

EVERY = day.turns()
REGION_CODES = {region.code for region in REGIONS}


def test_a_day_has_at_least_two_hundred_applications_in_both_districts() -> None:
    assert len(EVERY) >= 200
    told = Counter(turn.region for turn in EVERY)
    assert set(told) == REGION_CODES and abs(told[REGIONS[0].code] - told[REGIONS[1].code]) <= 1


def test_every_matter_is_applied_for_alone_and_with_others() -> None:
    alone = {code for turn in EVERY if len(turn.story.asks) == 1 for code in turn.story.asks}
    together = {code for turn in EVERY if len(turn.story.asks) > 1 for code in turn.story.asks}
    assert alone == together == set(filing.matter_forms())


def test_every_way_a_case_can_end_is_told() -> None:
    told = {end.status for story in day.stories() for name, end in story.ends.items() if name != "application"}
    before_delivery = {status for status in CASE_CLOSED if status is not CaseStatus.CLOSED_OK}
    not_ended = {CaseStatus.DRAFT, CaseStatus.SUBMITTED, CaseStatus.SUPPLEMENT, CaseStatus.IN_PROGRESS}
    assert told == set(CaseStatus) - before_delivery - not_ended - {CaseStatus.CLOSED_PARTIAL}
    outcomes = {end.outcome for story in day.stories() for end in story.ends.values()}
    assert outcomes == set(Outcome)


def test_every_story_says_how_each_of_its_cases_ends() -> None:
    for story in day.stories():
        assert {name.partition("#")[0] for name in story.ends} == {"application", *story.asks}, story.code


def test_a_story_names_only_its_own_matters_and_their_days_run_forward() -> None:
    codes = [story.code for story in day.stories()]
    assert len(set(codes)) == len(codes)
    for story in day.stories():
        places = [*story.left, *story.machine, *(beat.at for beat in story.script)]
        assert {place.partition(".")[0] for place in places} <= story.ends.keys(), story.code
        dates = [beat.on for beat in story.script if beat.on]
        assert dates == sorted(dates) and all(on >= story.on for on in dates), story.code


@pytest.mark.parametrize("filed", filing.file(EVERY), ids=lambda filed: filed.turn.key)
def test_what_is_filed_is_valid_and_its_mistakes_are_those_the_story_names(filed: filing.Filing) -> None:
    story = filed.turn.story
    files = {code: f"f_{code}" for code in filed.uploaded}
    body = filed.with_papers(files)
    read_intake(body, filing.matter_forms(), today=story.on, regions=REGION_CODES)
    assert set(story.papers) == {*filed.promised, *filed.missing}
    mistaken = filed.with_mistakes()
    if mistaken is not None and story.first is not None:
        with pytest.raises(Invalid) as refused:
            read_intake(mistaken, filing.matter_forms(), today=story.on, regions=REGION_CODES)
        assert {error.field for error in refused.value.errors} == set(story.first.errors)


def test_nobody_applies_twice() -> None:
    numbers = [
        filed.body["applicant"].get("id_number") or filed.body["applicant"]["uscc"] for filed in filing.file(EVERY)
    ]
    assert len(set(numbers)) == len(numbers)


def test_few_applications_are_those_that_show_the_most() -> None:
    few = day.turns(25)
    assert len(few) == 25 and [turn for turn in EVERY if turn in few] == list(few)
    shown = {end.status for turn in few for end in turn.story.ends.values()}
    assert shown >= {end.status for story in day.stories() for end in story.ends.values()} - {CaseStatus.CLOSED_PARTIAL}
    assert day.turns(10_000) == EVERY


def test_the_same_people_come_whatever_else_is_played() -> None:
    some = EVERY[40:43]
    assert [filed.body for filed in filing.file(some)] == [filed.body for filed in filing.file(EVERY)][40:43]


def test_an_ending_reads_as_the_file_writes_it() -> None:
    words = "delivered refused not_eligible"
    assert str(Ending.of(words)) == words
    with pytest.raises(ValueError):
        Ending.of("delivered happily")


def test_an_act_is_sent_as_the_interface_takes_it() -> None:
    beat = Beat.model_validate(
        {"by": "window", "at": "subsidy.review", "act": "suspend", "until": FIRST, "answer": 409}
    )
    assert (beat.case, beat.step) == ("subsidy", "review")
    assert beat.message() == {"act": "suspend", "until": "2026-09-14"}


def test_an_unknown_key_in_the_file_is_refused() -> None:
    with pytest.raises(ValueError, match="ende"):
        Story.model_validate({"code": "x", "title": "x", "asks": {}, "ends": {}, "ende": {}})
