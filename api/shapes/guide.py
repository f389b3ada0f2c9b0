"""Problems, pages and the item guide (问题、列表、办事指南)."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from pydantic import AwareDatetime, BaseModel, Field, RootModel

from forms.vocabulary import Department

T = TypeVar("T")


class FieldProblem(BaseModel):
    """One thing that is wrong: `field` is a JSON Pointer into the body, "?name" for a query parameter."""

    field: str
    message: str
    code: str


class ProblemDetails(BaseModel):
    """RFC 9457: `detail` for people, `code` for programs; with forms everything wrong at once in `errors`."""

    type: str = Field(examples=["about:blank"])
    title: str
    status: int
    detail: str
    code: str = Field(examples=["not_found"])
    errors: list[FieldProblem] | None = None


class Page(BaseModel, Generic[T]):
    """A page of a list: `next` is the cursor of the following one, null at the end."""

    items: list[T]
    next: str | None


class MatterOut(BaseModel):
    """A matter in the guide (事项)."""

    code: str
    title: str
    item_type: str
    item_type_label: str
    kind: str
    kind_label: str
    lead: Department
    lead_label: str
    audience: str
    applies_to: list[str]
    applies_to_labels: list[str]
    promised_days: int | None
    result: str


class StepOut(BaseModel):
    """A step of a matter's plan (步骤)."""

    code: str
    title: str
    department: Department
    department_label: str
    days: int | None
    limits: list[dict[str, Any]]
    levels: int
    after: list[str]
    conditional: bool
    checks: list[str]
    automatic: bool
    decides: bool
    mandatory: bool
    blocking: bool
    special: str | None
    route: str | None
    results: dict[str, str]
    basis: str | None


class WantedOut(BaseModel):
    """A paper that a matter wants (材料)."""

    code: str
    title: str
    required: bool
    core: bool
    gap_allowed: bool
    shared_from: str | None
    result_of: str | None
    conditional: bool
    grade: str
    note: str


class GuideOut(MatterOut):
    """All of a matter (办事指南); `form` is a JSON Schema."""

    basis: list[str]
    limits: list[dict[str, Any]]
    supplement_days: int
    deemed_acceptance: str | None
    steps: list[StepOut]
    materials: list[WantedOut]
    consents: list[dict[str, str]]
    form: dict[str, Any]


class AlarmOut(BaseModel):
    """When a kind of limit warns and turns red, and who is told from which rung on (预警).

    `amber` null: as usual by the length of each limit; `red_after` null: the law says when, or it never turns red.
    """

    amber: int | None
    red_after: int | None
    recipients: dict[str, str]


Set = int | str | list[str] | AlarmOut | None


class SettingOut(BaseModel):
    """One setting of a matter (事项设置): days, a code, codes of papers, or an alarm's thresholds and recipients.

    `version`, `by`, `at`, `reason` and `basis` are those of the change that made it so; null where none has.
    """

    setting: str = Field(examples=["promised_days", "promisable", "supplement_days", "alarms/step"])
    title: str
    by_definition: Set
    in_force: Set
    adjusted: bool
    version: int | None
    by: str | None
    at: AwareDatetime | None
    reason: str | None
    basis: str | None


class SettingPreviewOut(BaseModel):
    """What a change of a setting would do (预览); nothing is changed.

    `words` say what holds and what would; `nobody_told` are the offices where nobody would hear of an alarm.
    """

    setting: str
    title: str
    before: Set
    after: Set
    words: list[str]
    restores: bool
    effects: list[str]
    nobody_told: list[str]


class SettingAnswer(RootModel[SettingOut | SettingPreviewOut]):
    """The setting as it stands now, or with `preview` what would change."""


class PromiseAnswer(RootModel[MatterOut | SettingPreviewOut]):
    """The matter as it is promised now, or with `preview` what would change."""


class SettingVersionOut(BaseModel):
    """One version of a matter's settings (设置版本), and which of them it changed."""

    version: int
    changed: list[str]
    value: dict[str, Any]
    by: str
    at: AwareDatetime
    reason: str
    basis: str


class MatterSettingsOut(BaseModel):
    """Every setting of a matter, and every version, the newest first."""

    matter: str
    items: list[SettingOut]
    versions: list[SettingVersionOut]


class PresetOut(BaseModel):
    """A bundle that the window offers (套餐)."""

    code: str
    title: str
    matters: list[str]


class MattersOut(Page[MatterOut]):
    """The guide's list."""

    presets: list[PresetOut]
