"""Pydantic's findings in officials' words (校验提示): a stable code and a Chinese message for each kind of error."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from forms.errors import FieldError
from forms.fields import CONTROL
from forms.privacy import escape, steps

# pydantic's error type: (our code, message); {title} is the field's title, the rest comes from pydantic's context
_WORDS: dict[str, tuple[str, str]] = {
    "missing": ("required", "请填写{title}"),
    "extra_forbidden": ("unknown_field", "没有“{title}”这一填写项"),
    "string_type": ("type", "{title}应为文字"),
    "string_unicode": ("control_character", "{title}含有不能使用的字符"),
    "string_too_long": ("too_long", "{title}不能超过{max_length}个字"),
    "string_too_short": ("required", "请填写{title}"),
    "string_pattern_mismatch": ("format", "{title}格式不正确"),
    "int_type": ("type", "{title}应为整数"),
    "bool_type": ("type", "{title}应为是（true）或否（false）"),
    "enum": ("choice", "{title}不在可选项中"),
    "literal_error": ("choice", "{title}不在可选项中"),
    "list_type": ("type", "{title}应为列表"),
    "too_long": ("too_many", "{title}不能超过{max_length}项"),
    "too_short": ("required", "{title}至少填写{min_length}项"),
    "model_type": ("type", "{title}应为一组填写项"),
    "model_attributes_type": ("type", "{title}应为一组填写项"),
    "dict_type": ("type", "{title}应为一组填写项"),
    "greater_than_equal": ("range", "{title}不能小于{ge}"),
    "greater_than": ("range", "{title}应大于{gt}"),
    "less_than_equal": ("range", "{title}不能大于{le}"),
    "less_than": ("range", "{title}应小于{lt}"),
}
_OTHER = ("invalid", "{title}填写有误")


def token(step: object) -> str:
    """Write one step of a pointer so that it can always be sent back: short, and without control characters."""
    return escape(CONTROL.sub("\N{REPLACEMENT CHARACTER}", str(step))[:80])


def faults(error: ValidationError, form: type[BaseModel], at: str) -> list[FieldError]:
    """Return pydantic's findings about `form`, which stands at the pointer `at`, in our words."""
    return [_fault(found, form, at) for found in error.errors(include_url=False, include_input=False)]


def _fault(found: Mapping[str, Any], form: type[BaseModel], at: str) -> FieldError:
    location = found["loc"]
    title = title_of(form, location)
    kind = found["type"]
    context = found.get("ctx") or {}
    if kind in _WORDS or ("_" in kind and kind.startswith(("int_", "date_", "finite_", "string_"))):
        code, words = _WORDS.get(kind, _OTHER)
        message = words.format_map({**context, "title": title})
    else:
        code, message = kind, f"{title}：{found['msg']}"
    return FieldError("".join([at, *(f"/{token(step)}" for step in location)]), message, code)


def title_of(form: type[BaseModel], location: Iterable[object]) -> str:
    """Return the title of the field at `location`, for a list's entry the list's with its number."""
    model: type[BaseModel] | None = form
    title = str(form.model_config.get("title") or "内容")
    for step in location:
        if isinstance(step, int):
            title = f"{title}第{step + 1}项"
            continue
        field = model.model_fields.get(str(step)) if model else None
        if field is None:
            return CONTROL.sub("", str(step))[:40]
        title = field.title or str(step)
        model = inner_model(field.annotation)
    return title


def title_at(form: type[BaseModel], pointer: str) -> str:
    """Return the title of the field at a JSON Pointer into `form`."""
    return title_of(form, [int(step) if step.isdecimal() and len(step) < 9 else step for step in steps(pointer)])


def all_told(
    unusable: Iterable[FieldError], found: Iterable[FieldError], title: Callable[[str], str] = lambda pointer: ""
) -> list[FieldError]:
    """Return what makes values unusable, each under its field's `title`, before what else is wrong.

    Where the field says the same of itself, with its own length, that is said instead; nothing else is said of it.
    """
    unusable, found = list(unusable), list(found)
    own = {(error.field, error.code): error for error in found}
    first = [
        own.get((error.field, error.code))
        or FieldError(error.field, f"{title(error.field)}{error.message}", error.code)
        for error in unusable
    ]
    places = {error.field for error in unusable}
    return [*first, *(error for error in found if error.field not in places)]


def inner_model(annotation: Any) -> type[BaseModel] | None:
    """Return the model that an annotation speaks of, through optionals, lists and Annotated."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for part in get_args(annotation):
        model = inner_model(part)
        if model is not None:
            return model
    return None
