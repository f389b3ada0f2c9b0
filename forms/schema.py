"""Forms as JSON Schema 2020-12 (表单结构说明): what pages are drawn from and programs are generated from."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from enum import Enum
from functools import lru_cache
from typing import Any, cast

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue, models_json_schema
from pydantic_core import core_schema

from forms.base import MatterForm
from forms.envelope import Envelope
from forms.head import Employer, Person
from forms.vocabulary import ApplicantKind, Term

DIALECT = "https://json-schema.org/draft/2020-12/schema"


class SchemaWriter(GenerateJsonSchema):
    """Pydantic's generator, with each code's Chinese label beside it."""

    def enum_schema(self, schema: core_schema.EnumSchema) -> JsonSchemaValue:
        """Write a term's codes as choices: const is the code, title its label."""
        members = schema["members"]
        if not all(isinstance(member, Term) for member in members):
            return super().enum_schema(schema)
        return {"type": "string", "oneOf": choices(members)}

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        """Write an optional field as its own schema: left out, not null, is the way to say nothing."""
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        """Leave out defaults of None, which the schema of the value would not allow."""
        written = super().default_schema(schema)
        if written.get("default", ...) is None:
            del written["default"]
        return written


def choices(terms: list[Enum] | tuple[Enum, ...]) -> list[dict[str, str]]:
    """Return terms as choices of a schema."""
    return [{"const": str(term.value), "title": cast("Term", term).label} for term in terms]


def form_schema(form: type[BaseModel]) -> dict[str, Any]:
    """Return one form's schema; fields carry x-order, and x-section where the form is divided."""
    (_, definitions) = models_json_schema([(form, "validation")], schema_generator=SchemaWriter)
    defs = _ordered(definitions["$defs"])
    own = defs.pop(form.__name__)
    own["title"] = getattr(form, "title", own["title"])
    return {"$schema": DIALECT, **own, "$defs": defs}


def merged_schema(
    form_classes: Mapping[str, type[MatterForm]],
    regions: Mapping[str, str] | None = None,
    promisable: Collection[str] | None = None,
) -> dict[str, Any]:
    """Return the schema of the whole body of one intake for these matters; `regions` are codes with their names.

    `promisable` are the papers that may be promised today: of others the schema refuses a promise.
    """
    may = None if promisable is None else tuple(sorted(promisable))
    return _merged(tuple(form_classes.items()), tuple((regions or {}).items()), may)


@lru_cache(maxsize=64)
def _merged(
    form_classes: tuple[tuple[str, type[MatterForm]], ...],
    regions: tuple[tuple[str, str], ...],
    promisable: tuple[str, ...] | None,
) -> dict[str, Any]:
    kinds = frozenset(ApplicantKind).intersection(*(form.applies_to for _, form in form_classes))
    heads = [
        head for kind, head in ((ApplicantKind.PERSON, Person), (ApplicantKind.EMPLOYER, Employer)) if kind in kinds
    ]
    wanted: list[type[BaseModel]] = [Envelope, *heads, *(form for _, form in form_classes)]
    (_, definitions) = models_json_schema([(model, "validation") for model in wanted], schema_generator=SchemaWriter)
    defs = _ordered(definitions["$defs"])
    for _, form in form_classes:
        defs[form.__name__]["title"] = form.title
    envelope = defs.pop(Envelope.__name__)
    outside = envelope["properties"]
    if regions:
        outside["region"] = {**outside["region"], "oneOf": [{"const": code, "title": name} for code, name in regions]}
    materials = {material.code: material.title for _, form in form_classes for material in form.materials}
    if materials:
        defs["MaterialIn"]["properties"]["code"] = {
            "type": "string", "title": "材料",
            "oneOf": [{"const": code, "title": title} for code, title in materials.items()],
        }  # fmt: skip
    if promisable is not None:
        defs["MaterialIn"]["if"] = {"properties": {"promised": {"const": True}}, "required": ["promised"]}
        defs["MaterialIn"]["then"] = {"properties": {"code": {"enum": list(promisable)}}}
    properties = {
        "region": outside["region"],
        "channel": outside["channel"],
        "applicant": _applicant(heads),
        "matters": {
            "type": "object",
            "title": "申请事项",
            "properties": {code: {"$ref": f"#/$defs/{form.__name__}"} for code, form in form_classes},
            "required": [code for code, _ in form_classes],
            "additionalProperties": False,
        },
        **{name: outside[name] for name in ("materials", "mandate", "consents", "overrides", "accept")},
    }
    for order, part in enumerate(properties.values()):
        part["x-order"] = order
    required = ["region", "channel", "applicant", "matters"]
    if any(form.consents for _, form in form_classes):
        required.append("consents")
    return {
        "$schema": DIALECT,
        "title": "统一申请表",
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
        "x-needs-head": {code: sorted(form.needs_head) for code, form in form_classes},
        "$defs": defs,
    }


def _applicant(heads: list[type[Person] | type[Employer]]) -> dict[str, Any]:
    references = [{"$ref": f"#/$defs/{head.__name__}"} for head in heads]
    return {"title": "申请人", **references[0]} if len(references) == 1 else {"title": "申请人", "oneOf": references}


def _ordered(definitions: dict[str, Any]) -> dict[str, Any]:
    """Number the fields of every form as they stand on paper, and give forms their Chinese names."""
    for definition in definitions.values():
        chinese = re.search("[（(]([^，,)）]+)", definition.pop("description", ""))
        if chinese:
            definition["title"] = chinese[1]
        fields = sorted(definition.get("properties", {}).items(), key=lambda entry: entry[0] != "kind")
        for order, (_, field) in enumerate(fields):
            field["x-order"] = order
        if fields:
            definition["properties"] = dict(fields)
    return definitions
