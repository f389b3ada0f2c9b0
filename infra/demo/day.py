"""The working day (演示工作日): what is filed, who does what on which day, and what must come of it.

The day itself is the file `day.toml` beside this module, written to be read; here it is checked and unrolled into
applications. Everything that an application does not say is routine: papers complete, every department approves,
the window hands the result over.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from forms.messages import CASE_ACT, TASK_ACT
from forms.vocabulary import CaseStatus, Outcome
from infra.demo.organisation import REGIONS

FIRST = date(2026, 9, 14)
"""The Monday on which the day begins, unless a story says otherwise."""

_HERE = Path(__file__).with_name("day.toml")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Beat(BaseModel):
    """One thing that somebody does (一步): `by` whom, `at` which case or task, and the act as the API takes it.

    Not before the day `on`; not before the case has the status `when`, or the registry has given the `evidence`.
    `papers` are handed in with the act. `answer` is the status the API gives, `code` its reason; with `rival` a
    colleague does the same in the same instant, and only one of them may succeed. `seat` is a department that has no
    task there. What is `deemed` done when time has passed the system may have done already.
    """

    model_config = ConfigDict(extra="allow", frozen=True)

    by: Literal["window", "manager", "coordinator", "handler", "second handler", "reviewer", "approver", "chief"]
    at: str
    act: str
    on: date | None = None
    when: CaseStatus | None = None
    evidence: str | None = None
    papers: tuple[str, ...] = ()
    answer: int = 200
    code: str | None = None
    rival: bool = False
    seat: str | None = None
    deemed: bool = False

    @property
    def case(self) -> str:
        """The matter, with "#2" behind it where the case was reopened."""
        return self.at.partition(".")[0]

    @property
    def step(self) -> str | None:
        """The step of the plan, where the act is on a task."""
        return self.at.partition(".")[2] or None

    def message(self) -> dict[str, Any]:
        """Return the act as it is sent; days as ISO 8601."""
        return {"act": self.act, **{key: _plain(value) for key, value in (self.model_extra or {}).items()}}


class Wrong(_Part):
    """The body as it is first filed, with mistakes (填错), and the places that the answer points at."""

    change: dict[str, Any] = {}
    drop: tuple[str, ...] = ()
    errors: tuple[str, ...] = Field(min_length=1)


class Ending(_Part):
    """How an application or a case ends (结果): status, outcome, reason code."""

    status: CaseStatus
    outcome: Outcome | None = None
    reason: str | None = None

    @classmethod
    def of(cls, words: str) -> Ending:
        """Read "delivered approved approved"."""
        status, outcome, reason, *_ = [*words.split(), None, None]
        return cls(status=CaseStatus(status or ""), outcome=Outcome(outcome) if outcome else None, reason=reason)

    def __str__(self) -> str:
        """Write it as the file does."""
        return " ".join(part for part in (self.status, self.outcome, self.reason) if part)


class Story(_Part):
    """A story of the day (一个情景), told `times` times by different people, in turn in both districts.

    `who` applies (see `infra.demo.filing`), `asks` for which matters with what in their forms, `papers` says which
    papers do not simply come along (promised, missing). `first` is filed with mistakes. `left` are steps that the
    departments leave lying until the script is over; `machine` are those that the system itself must decide (秒批).
    """

    code: str = Field(pattern=r"^[a-z0-9-]+$")
    title: str
    times: int = Field(1, ge=1)
    on: date = FIRST
    who: dict[str, Any] = {}
    asks: dict[str, dict[str, Any]]
    papers: dict[str, Literal["promised", "missing"]] = {}
    accept: bool = True
    first: Wrong | None = None
    resent: bool = False
    again: str | None = None
    left: tuple[str, ...] = ()
    machine: tuple[str, ...] = ()
    script: tuple[Beat, ...] = ()
    ends: dict[str, Ending]

    @field_validator("ends", mode="before")
    @classmethod
    def _read(cls, ends: object) -> object:
        return {key: Ending.of(words) for key, words in ends.items()} if isinstance(ends, dict) else ends

    def features(self) -> frozenset[str]:
        """Return what this story shows: its endings and acts, for choosing few stories that show much."""
        acts = {f"{'task' if beat.step else 'case'} {beat.act} {beat.answer}" for beat in self.script}
        ways = {name for name in ("first", "resent", "again", "left", "machine") if getattr(self, name)}
        return frozenset({f"{case} {end}" for case, end in self.ends.items()} | acts | ways)


@dataclass(frozen=True, slots=True)
class Turn:
    """One application of the day: a story told once, in one district."""

    key: str
    story: Story
    region: str


@cache
def stories() -> tuple[Story, ...]:
    """Return the stories of the file in their order; a malformed one is refused with its code."""
    found = tuple(Story.model_validate(entry) for entry in tomllib.loads(_HERE.read_text(encoding="utf-8"))["story"])
    for story in found:
        for beat in story.script:
            (TASK_ACT if beat.step else CASE_ACT).validate_python(_sketch(beat))
    return found


def turns(count: int | None = None) -> tuple[Turn, ...]:
    """Return the applications of the day, or the `count` that show the most between them, in the order of the file."""
    every = tuple(_unrolled(stories()))
    return every if count is None or count >= len(every) else tuple(_telling(every, count))


def days() -> list[date]:
    """Return the days on which something is done, in order; few stories take as long as all of them."""
    found = set()
    for story in stories():
        found |= {story.on, *(beat.on for beat in story.script if beat.on)}
    return sorted(found)


def _unrolled(told: Sequence[Story]) -> Iterator[Turn]:
    place = 0
    for story in told:
        for number in range(story.times):
            yield Turn(f"{story.code}-{number + 1}", story, REGIONS[place % len(REGIONS)].code)
            place += 1


def _telling(every: Sequence[Turn], count: int) -> list[Turn]:
    """Choose greedily what shows the most that has not been shown yet; then whatever comes first."""
    chosen: set[str] = set()
    shown: set[str] = set()
    while len(chosen) < count:
        rest = [turn for turn in every if turn.key not in chosen]
        best = max(rest, key=lambda turn: len(turn.story.features() - shown))
        chosen.add(best.key)
        shown |= best.story.features()
    return [turn for turn in every if turn.key in chosen]


def _sketch(beat: Beat) -> dict[str, Any]:
    """Return the act with what is only known on stage filled in, so that its shape can be checked."""
    filled = beat.message()
    if beat.act == "transfer":
        filled["officer"] = "somebody"
    if "task" in filled:
        filled["task"] = "1"
    return filled


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [_plain(entry) for entry in value]
    return value.isoformat() if isinstance(value, date) else value
