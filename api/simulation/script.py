"""Where a story stands (剧情进度): what was filed, which step of the script is next, what went otherwise."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from api.simulation.caller import Caller
from infra.demo.day import Beat, Ending
from infra.demo.filing import Filing
from infra.demo.organisation import DemoMembership


@dataclass(slots=True)
class Playing:
    """One application while it is played."""

    filing: Filing
    window: Caller
    no: str = ""
    body: dict[str, object] = field(default_factory=dict)
    cases: dict[str, str] = field(default_factory=dict)
    next: int = 0
    wrong: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    tasks: dict[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The story and its number."""
        return self.filing.turn.key

    @property
    def region(self) -> str:
        """The district."""
        return self.filing.turn.region

    @property
    def rest(self) -> tuple[Beat, ...]:
        """What the script still holds."""
        return self.filing.turn.story.script[self.next :]

    def beat(self, today: date) -> Beat | None:
        """Return what is next in the script and may be done today."""
        rest = self.rest
        return rest[0] if self.no and rest and (rest[0].on is None or rest[0].on <= today) else None

    def left_alone(self, place: str) -> bool:
        """Whether the script keeps this task ("settlement.address") from the routine."""
        story = self.filing.turn.story
        return bool(self.rest) and (place in story.left or any(beat.at == place for beat in self.rest))

    def left_to_the_machine(self, place: str) -> bool:
        """Whether the system itself must decide this task (秒批)."""
        return place in self.filing.turn.story.machine

    def differs(self, beat: Beat, said: str) -> None:
        """Note that a step of the script went otherwise than written."""
        self.wrong.append(f"{beat.by} {beat.act} {beat.at}：应答 {said}，应为 {beat.answer} {beat.code or ''}".strip())


class Board:
    """All applications of the day, found by the numbers that stand on rows."""

    def __init__(self, playing: list[Playing]) -> None:
        """Begin with nothing filed."""
        self.playing = playing
        self._by_case: dict[str, tuple[Playing, str]] = {}
        self.ended = 0
        self.done = 0
        self.told: Callable[[], None] = lambda: None
        self._lock = threading.Lock()
        self._news: set[tuple[str, str]] = set()

    def tell(self, department: str, region: str) -> None:
        """Say that a department may have work now."""
        with self._lock:
            self._news.add((department, region))

    def hear(self) -> None:
        """Begin a round: what was told so far is no news any more."""
        with self._lock:
            self._news = set()

    def is_told(self, member: DemoMembership) -> bool:
        """Whether somebody's department was told since the last round."""
        return (member.department.value, member.region) in self._news

    def filed(self, one: Playing, matter: str, case_no: str) -> None:
        """Note the number of a case."""
        one.cases[matter] = case_no
        self._by_case[case_no] = one, matter

    def of(self, case_no: str) -> tuple[Playing, str] | None:
        """Return whose case that is, and by which name the script calls it."""
        return self._by_case.get(case_no)

    def expected(self, one: Playing, case: str) -> Ending:
        """Return how a case is to end."""
        return one.filing.turn.story.ends[case]

    def act(self) -> None:
        """Count something that was done."""
        with self._lock:
            self.done += 1
        self.told()

    def end(self) -> None:
        """Count a case whose result was handed over."""
        with self._lock:
            self.ended += 1
        self.told()
