"""Joins over random plans: nothing opens early, nothing is stuck, every case concludes once and rightly."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from flows.joins import EdgeState, fallen_with, leaning, ready, weigh
from flows.policy import ALL, ANY, Fate, Join, k_of_n, veto
from tests.flows.plans import Play, Task, plays

VERDICT = st.sampled_from(["approved", "approved", "approved", "refused", "forwarded"])


def case(*tasks: Task, fate: Fate = Fate.CANCEL, **waits: dict) -> Play:
    play = Play(list(tasks), fate, **waits)
    play.settle()
    return play


def two(join: Join, **options) -> Play:
    return case(Task("a"), Task("b"), Task("c", after=["a", "b"], join_policy=join.data(), decides=True), **options)


# the policies, one by one


def test_all_must_approve() -> None:
    play = two(ALL)
    play.speak("a", "approved")
    assert play.task("c").status == "blocked"
    play.speak("b", "approved")
    assert play.task("c").status == "pending"


def test_one_refusal_ends_a_case_that_needs_all() -> None:
    play = two(ALL)
    play.speak("a", "refused")
    assert play.ending is not None
    assert (play.ending.status, play.ending.task.step) == ("closed_refused", "a")
    assert play.task("c").status == "not_applicable"


def test_any_opens_with_the_first_approval_and_falls_with_the_last_refusal() -> None:
    play = two(ANY)
    play.speak("a", "refused")
    assert play.ending is None and play.task("c").status == "blocked"
    other = play.copy()
    play.speak("b", "approved")
    assert play.task("c").status == "pending"
    other.speak("b", "refused")
    assert other.ending is not None and other.ending.status == "closed_refused"


def test_two_of_three_are_enough_and_two_refusals_too_many() -> None:
    tasks = [
        Task("a"),
        Task("b"),
        Task("c"),
        Task("d", after=["a", "b", "c"], join_policy=k_of_n(2).data(), decides=True),
    ]
    play = case(*tasks)
    play.speak("a", "refused")
    play.speak("b", "approved")
    assert play.task("d").status == "blocked"
    other = play.copy()
    play.speak("c", "approved")
    assert play.task("d").status == "pending"
    other.speak("c", "refused")
    assert other.ending is not None and other.ending.status == "closed_refused"


def test_a_veto_counts_and_other_refusals_are_only_heard() -> None:
    play = two(veto("a"))
    play.speak("b", "refused")
    assert play.ending is None
    other = play.copy()
    play.speak("a", "approved")
    assert play.task("c").status == "pending"
    other.speak("a", "refused")
    assert other.ending is not None and other.ending.task.step == "a"


def test_an_optional_opinion_is_not_waited_for() -> None:
    play = case(Task("a", mandatory=False), Task("b"), Task("c", after=["a", "b"], decides=True))
    play.speak("b", "approved")
    assert play.task("c").status == "pending"
    play.speak("a", "refused")
    play.speak("c", "approved")
    assert play.ending is not None and play.ending.status == "closed_ok"


def test_an_opinion_asked_for_is_waited_for_whatever_it_says() -> None:
    asking = Task("a", decides=True, after=["x"], join_policy=Join(besides=("x",)).data(), status="pending")
    play = case(asking, Task("x", status="pending"))
    assert not ready(asking, play.tasks)
    play.speak("x", "refused")
    assert play.ending is None
    assert ready(asking, play.tasks)


def test_an_opinion_that_an_optional_task_asked_for_decides_nothing() -> None:
    asking = Task("o", mandatory=False, after=["x"], join_policy=Join(besides=("x",)).data(), status="pending")
    play = case(asking, Task("d", decides=True), Task("x", mandatory=False, status="pending"))
    assert not ready(asking, play.tasks)
    play.speak("x", "refused")
    assert play.ending is None and ready(asking, play.tasks)


def test_what_comes_before_a_step_that_is_not_involved_still_counts() -> None:
    skipped = Task("b", after=["a"], status="not_applicable", outcome="not_involved")
    play = case(Task("a"), skipped, Task("c", after=["b"], decides=True))
    assert play.task("c").status == "blocked"
    other = play.copy()
    play.speak("a", "approved")
    assert play.task("c").status == "pending"
    other.speak("a", "refused")
    assert other.ending is not None and other.ending.task.step == "a"


def test_a_mandatory_step_before_an_optional_one_is_not_forgotten() -> None:
    play = case(Task("d", decides=True), Task("a"), Task("b", after=["a"], mandatory=False))
    play.speak("d", "approved")
    assert play.ending is None
    play.speak("a", "refused")
    assert play.ending is not None and play.ending.status == "closed_refused"


def test_a_step_found_to_be_needed_late_ends_the_case_when_it_is_refused() -> None:
    play = case(Task("a", status="approved"), Task("b"), Task("c", after=["a", "b"], decides=True, status="pending"))
    assert not ready(play.task("c"), play.tasks)
    play.speak("b", "refused")
    assert play.ending is not None and play.ending.task.step == "b"


def test_a_step_that_needs_a_sibling_falls_with_it() -> None:
    play = case(Task("a", decides=True), edges={"a": EdgeState.WAIT})
    assert play.task("a").status == "blocked"
    play.edges["a"] = EdgeState.DEAD
    play.settle()
    assert play.ending is not None and play.ending.status == "closed_refused"


def test_a_fallback_route_opens_only_when_it_is_taken() -> None:
    tasks = [Task("r", route="fallback"), Task("d", after=["r"], decides=True)]
    play = case(*tasks, routes={"fallback": "open"})
    assert [task.status for task in play.tasks] == ["blocked", "blocked"]
    taken, left = play.copy(), play.copy()
    taken.routes["fallback"], left.routes["fallback"] = "taken", "not_taken"
    taken.settle()
    left.settle()
    assert [task.status for task in taken.tasks] == ["pending", "blocked"]
    assert [task.status for task in left.tasks] == ["not_applicable", "pending"]


def test_siblings_that_may_finish_are_waited_for_and_then_the_refusal_holds() -> None:
    play = two(ALL, fate=Fate.FINISH)
    play.speak("a", "refused")
    assert play.ending is None and play.task("b").status == "pending"
    play.speak("b", "approved")
    assert play.ending is not None and (play.ending.status, play.ending.task.step) == ("closed_refused", "a")


def test_a_refusal_weighs_more_than_a_case_sent_on() -> None:
    play = case(Task("a"), Task("b", decides=True), fate=Fate.FINISH)
    play.speak("a", "forwarded")
    play.speak("b", "refused")
    assert play.ending is not None and play.ending.status == "closed_refused"


def test_a_retracted_refusal_gives_back_what_it_had_ended() -> None:
    play = case(
        Task("a"), Task("b", after=["a"]), Task("c"),
        Task("d", after=["b", "c"], join_policy=ANY.data(), decides=True),
    )  # fmt: skip
    play.speak("a", "refused")
    assert play.task("b").status == "not_applicable"
    assert fallen_with(play.task("a"), play.tasks) == [play.task("b")]
    play.retract("a")
    play.speak("a", "approved")
    assert play.task("b").status == "pending"


def test_a_successor_with_enough_other_approvals_does_not_lean_on_one_that_is_retracted() -> None:
    play = two(ANY)
    play.speak("a", "approved")
    assert leaning(play.task("a"), play.tasks) == [play.task("c")]
    play.speak("b", "approved")
    assert leaning(play.task("a"), play.tasks) == []


# random plans, random verdicts


def drive(play: Play, data: st.DataObject, *, known: dict[str, str] | None = None) -> None:
    """Decide what is in hand in random order until nothing is; waits for siblings resolve at random moments."""
    while play.ending is None:
        unknown = [step for step, state in play.edges.items() if state is EdgeState.WAIT]
        unknown += [route for route, state in play.routes.items() if state == "open"]
        choices = [task.step for task in play.in_hand] + unknown
        if not choices:
            return
        choice = data.draw(st.sampled_from(choices))
        if choice in play.routes:
            play.routes[choice] = data.draw(st.sampled_from(["taken", "not_taken"]))
            play.settle()
        elif choice in unknown:
            play.edges[choice] = data.draw(st.sampled_from([EdgeState.OPEN, EdgeState.DEAD]))
            play.settle()
        else:
            play.speak(choice, known[choice] if known else data.draw(VERDICT))


def involved_before(play: Play, task: Task) -> list[Task]:
    """The mandatory tasks before one, looking through those that are not involved."""
    found = []
    for step in task.after:
        one = play.task(step)
        if not one.mandatory:
            continue
        if one.status == "not_applicable" and one.outcome == "not_involved":
            found += involved_before(play, one) if one.join_policy["kind"] == "all" else []
        else:
            found.append(one)
    return found


@settings(max_examples=300, deadline=None)
@given(plays(), st.data())
def test_every_case_concludes_once_nothing_is_stuck_and_nothing_opens_early(play: Play, data: st.DataObject) -> None:
    opened_at_first = set(play.opened)
    drive(play, data)
    assert play.ending is not None, f"stuck: {play.tasks}"
    assert len(set(play.opened)) == len(play.opened), "a task opened twice"
    assert opened_at_first <= set(play.opened)
    if play.ending.status == "closed_ok":
        assert next(task for task in play.tasks if task.decides).status == "approved"
    else:
        culprit = play.ending.task
        assert culprit.status in ("refused", "forwarded") or play.edges.get(culprit.step) is EdgeState.DEAD
    for task in play.tasks:
        if task.status in ("pending", "approved", "refused", "forwarded") and task.join_policy["kind"] == "all":
            assert all(one.status == "approved" for one in involved_before(play, task)), task.step
    if play.fate is Fate.FINISH:
        assert not [task for task in play.in_hand if task.mandatory and task.blocking]


@settings(max_examples=200, deadline=None)
@given(plays(), st.data())
def test_asking_again_after_the_moves_are_made_gives_no_more(play: Play, data: st.DataObject) -> None:
    while play.ending is None and play.in_hand:
        again = weigh(play.tasks, fate=play.fate, edges=play.edges, routes=play.routes)
        assert not (again.open or again.dead or again.excluded or again.ending)
        play.speak(data.draw(st.sampled_from([task.step for task in play.in_hand])), data.draw(VERDICT))


@settings(max_examples=200, deadline=None)
@given(plays(fates=(Fate.FINISH,), waits=False), st.data())
def test_where_siblings_may_finish_the_order_of_verdicts_changes_nothing(play: Play, data: st.DataObject) -> None:
    known = {task.step: data.draw(st.sampled_from(["approved", "refused"])) for task in play.tasks}
    one, other = play.copy(), play.copy()
    drive(one, data, known=known)
    drive(other, data, known=known)
    assert one.ending is not None and other.ending is not None
    assert one.ending.status == other.ending.status


@settings(max_examples=200, deadline=None)
@given(plays(), st.data())
def test_a_verdict_retracted_at_once_leaves_the_case_as_it_was(play: Play, data: st.DataObject) -> None:
    while play.ending is None and play.in_hand:
        before = [task.status for task in play.tasks]
        step = data.draw(st.sampled_from([task.step for task in play.in_hand]))
        verdict = data.draw(VERDICT)
        play.speak(step, verdict)
        if play.ending is None and verdict != "forwarded":
            play.retract(step)
            assert [task.status for task in play.tasks] == before
            play.speak(step, verdict)


@settings(max_examples=100, deadline=None)
@given(plays(), st.data())
def test_what_never_holds_a_case_up_stays_open_after_it_closed_and_is_settled_in_the_end(
    play: Play, data: st.DataObject
) -> None:
    drive(play, data)
    assert play.ending is not None
    if play.ending.status != "closed_ok":
        return
    for task in play.tasks:
        if task.blocking and task.status in ("blocked", "pending"):
            task.status, task.outcome = "not_applicable", "cancelled"
    for _ in range(2 * len(play.tasks) + 2):
        moves = weigh(play.tasks, fate=play.fate, routes=play.routes)
        for task in moves.dead:
            task.status, task.outcome = "not_applicable", "cancelled"
        for task in moves.open:
            task.status = "pending"
        for task in play.in_hand[:1]:
            task.status = data.draw(VERDICT)
    assert not [task for task in play.tasks if task.status == "blocked" and task.route is None]
