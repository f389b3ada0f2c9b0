"""What a form is made of (表单结构): sensitive values, the checks of its fields, its parts; found once per class."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, NamedTuple, get_args, get_origin

from pydantic import BaseModel, TypeAdapter

from forms.faults import inner_model
from forms.fields import AtIntake
from forms.privacy import Sensitive, SensitiveKind


class Leaf(NamedTuple):
    """A field to look at: `many` when it is a list of values, `kind` when its value is sensitive."""

    name: str
    many: bool
    kind: SensitiveKind | None
    checks: tuple[AtIntake, ...]


class Part(NamedTuple):
    """A field that is a form itself, or a list of them."""

    name: str
    many: bool


@dataclass(frozen=True)
class Survey:
    """The plan of a form's class."""

    form: type[BaseModel]
    names: frozenset[str]
    leaves: tuple[Leaf, ...]
    parts: tuple[Part, ...]

    @cached_property
    def fields(self) -> dict[str, TypeAdapter[Any]]:
        """A checker for each field alone; made when the first invalid form arrives."""
        return {
            name: TypeAdapter(Annotated[info.annotation, info])  # type: ignore[arg-type]
            for name, info in self.form.model_fields.items()
        }


def survey_of(form: type[BaseModel]) -> Survey:
    """Survey a form's class by the marks in its annotations."""
    leaves, parts = [], []
    for name, info in form.model_fields.items():
        many = _is_list(info.annotation)
        if inner_model(info.annotation) is not None:
            parts.append(Part(name, many))
            continue
        marks = [*info.metadata, *_marks(info.annotation)]
        kinds = [mark.kind for mark in marks if isinstance(mark, Sensitive)]
        checks = tuple(mark for mark in marks if isinstance(mark, AtIntake))
        if kinds or checks:
            leaves.append(Leaf(name, many, kinds[-1] if kinds else None, checks))
    return Survey(form, frozenset(form.model_fields), tuple(leaves), tuple(parts))


def _marks(annotation: Any) -> list[Any]:
    own = list(annotation.__metadata__) if get_origin(annotation) is Annotated else []
    return own + [mark for inner in get_args(annotation) for mark in _marks(inner)]


def _is_list(annotation: Any) -> bool:
    return get_origin(annotation) is list or any(_is_list(inner) for inner in get_args(annotation))
