"""What every form can do (表单基类): fields check themselves, rules check them together, all errors come at once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, ClassVar, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from forms.errors import FieldError
from forms.faults import faults, inner_model, title_of
from forms.materials import Material
from forms.privacy import SensitiveValue
from forms.survey import Survey, survey_of
from forms.vocabulary import ApplicantKind


@dataclass(frozen=True, slots=True)
class Wrong:
    """What a rule found: `field` is relative to the form ("host_id", "relatives/0"), or a whole pointer.

    A `doubt` (疑点) is shown to the officer and stops nothing.
    """

    field: str
    message: str
    code: str
    doubt: bool = False


@dataclass(frozen=True, slots=True)
class Context:
    """What rules may know beside their form: the day, the region, the head, the bundle's matters, numbers let through.

    `applicant` holds what of the head is valid and `known` names it ("intake.mandate" with it); `mandate` is the agent.
    """

    today: date
    region: str = ""
    applicant: Any = None
    known: frozenset[str] = frozenset()
    matters: frozenset[str] = frozenset()
    mandate: Any = None
    overridden: frozenset[str] = frozenset()


MOST_ENTRIES = 200
"""So many entries of an overlong list are still looked into."""

Rule = Callable[[Any, Context], Iterator[Wrong]]
F = TypeVar("F", bound="Form")


def ask(
    title: str,
    description: str = "",
    *,
    section: str = "",
    default: Any = ...,
    options: Mapping[int, str] | None = None,
    when: tuple[str, Collection[str | int]] | None = None,
    picked_from: str = "",
    **limits: Any,
) -> Any:
    """Declare a field: its title, what to know when filling it in, and the section of the page it belongs to.

    `options` are the labels of a numbered choice; `when` names a field of the same form and the values with which this
    one is of interest (pages hide it otherwise, rules decide whether it is required); `picked_from` is the pointer of
    the list whose entries' numbers are meant; `limits` are pydantic's (max_length, ge, …).
    """
    extra: dict[str, Any] = {"x-section": section} if section else {}
    if when:
        extra["x-when"] = {"field": when[0], "in": sorted(str(value) for value in when[1])}
    if picked_from:
        extra["x-picked-from"] = picked_from
    if options:
        extra["oneOf"] = [{"const": number, "title": label} for number, label in options.items()]
    return Field(default, title=title, description=description or title, json_schema_extra=extra or None, **limits)


def rule(*reads: str) -> Callable[[Rule], Rule]:
    """Declare a rule over several fields; it runs when the fields it reads are valid, whatever else is wrong.

    `reads` are names of the form's own fields, "applicant.<name>" for the head's, or "intake.mandate".
    """

    def mark(check: Rule) -> Rule:
        check.__reads__ = (  # type: ignore[attr-defined]
            frozenset(name for name in reads if "." not in name),
            frozenset(name.removeprefix("applicant.") for name in reads if "." in name),
        )
        return check

    return mark


class Form(BaseModel):
    """A form or a part of one: unknown fields are refused, rules run over what is valid."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    rules: ClassVar[tuple[tuple[frozenset[str], frozenset[str], Rule], ...]] = ()
    survey: ClassVar[Survey]

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        """Collect the rules once, and refuse one that reads a field which is not there."""
        super().__pydantic_init_subclass__(**kwargs)
        found: dict[str, Rule] = {}
        for base in reversed(cls.__mro__):
            found.update({name: item for name, item in vars(base).items() if hasattr(item, "__reads__")})
        for name, check in found.items():
            unknown = check.__reads__[0] - cls.model_fields.keys()  # type: ignore[attr-defined]
            if unknown:
                raise TypeError(f"{cls.__name__}.{name} reads unknown fields: {', '.join(sorted(unknown))}")
        cls.rules = tuple((*check.__reads__, check) for check in found.values())  # type: ignore[attr-defined]
        cls.survey = survey_of(cls)


class MatterForm(Form):
    """The form of one matter (事项表单); facts of the applicant are read from the head, never asked again.

    `needs_head` names what of the head this matter cannot do without ("education", "talent.certificate_no");
    `consents` are the codes of the consents it needs.
    """

    code: ClassVar[str]
    title: ClassVar[str]
    materials: ClassVar[tuple[Material, ...]] = ()
    needs_head: ClassVar[frozenset[str]] = frozenset()
    consents: ClassVar[tuple[str, ...]] = ()
    applies_to: ClassVar[frozenset[ApplicantKind]] = frozenset({ApplicantKind.PERSON})

    @classmethod
    def subject(cls, form: Any, applicant: Any) -> str | None:
        """Return whom "one open application" is counted by: an identity in plain; None where nothing is counted."""
        return str(applicant.id_number)


@dataclass(slots=True)
class Reading(Generic[F]):
    """What came of reading one form: the form, if all its fields are valid, and all that is wrong or doubtful.

    `partial` holds the valid fields only, and `valid` names them.
    """

    form: F | None = None
    partial: F | None = None
    valid: frozenset[str] = frozenset()
    errors: list[FieldError] = field(default_factory=list)
    warnings: list[FieldError] = field(default_factory=list)
    sensitive: list[SensitiveValue] = field(default_factory=list)


def read_form(cls: type[F], data: object, at: str, context: Context) -> Reading[F]:
    """Read `data`, which stands at the pointer `at` of the body, as a form of the class; nothing is raised."""
    reading: Reading[F] = Reading()
    try:
        form = cls.__pydantic_validator__.validate_python(data, context=context)
    except ValidationError as error:
        reading.errors = faults(error, cls, at)
        if isinstance(data, dict):
            found = error.errors(include_url=False, include_input=False, include_context=False)
            _read_rest(cls, data, at, context, frozenset(str(fault["loc"][0]) for fault in found), reading)
        return reading
    reading.form = reading.partial = form
    reading.valid = cls.survey.names
    _examine(form, at, reading.valid, context, reading)
    return reading


def _read_rest(
    cls: type[F], data: dict[Any, Any], at: str, context: Context, wrong: frozenset[str], reading: Reading[F]
) -> None:
    """Read what is valid beside the `wrong` fields, and inside them, so that every rule that can run does."""
    reading.valid = cls.survey.names - wrong
    checkers = cls.survey.fields
    values = {name: checkers[name].validate_python(data[name], context=context) for name in reading.valid & data.keys()}
    partial: Any = cls.model_construct(**values)
    reading.partial = partial
    _examine(partial, at, reading.valid, context, reading)
    known = {(fault.field, fault.code) for fault in reading.errors}
    for part in cls.survey.parts:
        inner = inner_model(cls.model_fields[part.name].annotation)
        if part.name not in wrong or inner is None or not issubclass(inner, Form):
            continue
        inside = data.get(part.name)
        entries = (
            [(f"/{n}", entry) for n, entry in enumerate(inside[:MOST_ENTRIES])]
            if isinstance(inside, list)
            else [("", inside)]
        )
        for step, entry in entries:
            if isinstance(entry, dict):
                below = read_form(inner, entry, f"{at}/{part.name}{step}", context)
                reading.errors += [fault for fault in below.errors if (fault.field, fault.code) not in known]
                reading.warnings += below.warnings


def _examine(form: Form, at: str, valid: frozenset[str], context: Context, reading: Reading[Any]) -> None:
    """Look at the valid fields of a form: sensitive values, checks that need the day, rules; then at its parts."""
    survey = form.survey
    values = form.__dict__
    for name, many, kind, checks in survey.leaves:
        value = values.get(name)
        if value is not None and name in valid:
            for pointer, single in _each(f"{at}/{name}", value, many):
                if kind:
                    reading.sensitive.append(SensitiveValue(pointer, kind, single))
                for mark in checks:
                    finding = mark.check(single, context.today)
                    if finding:
                        message = f"{title_of(type(form), (name,))}：{finding.message}"
                        fault = FieldError(pointer, message, finding.code)
                        (reading.warnings if finding.doubt else reading.errors).append(fault)
    for own, head, check in form.rules:
        if own <= valid and (not head or (context.applicant is not None and head <= context.known)):
            for wrong in check(form, context):
                note(wrong, at, reading)
    for name, many in survey.parts:
        value = values.get(name)
        if value is not None and name in valid:
            for pointer, single in _each(f"{at}/{name}", value, many):
                _examine(single, pointer, single.survey.names, context, reading)


def _each(pointer: str, value: Any, many: bool) -> list[tuple[str, Any]]:
    return [(f"{pointer}/{n}", single) for n, single in enumerate(value)] if many else [(pointer, value)]


def note(wrong: Wrong, at: str, reading: Reading[Any]) -> None:
    """Put down what a rule found, under its whole pointer."""
    pointer = wrong.field if wrong.field.startswith("/") else f"{at}/{wrong.field}" if wrong.field else at
    (reading.warnings if wrong.doubt else reading.errors).append(FieldError(pointer, wrong.message, wrong.code))
