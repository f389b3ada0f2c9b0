"""The schema of the whole body: valid itself, Chinese throughout, and true of what is accepted."""

from datetime import date
from typing import Any

import jsonschema
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from forms.errors import Invalid
from forms.schema import form_schema, merged_schema
from tests.forms.samples import FORMS, REGION, TODAY, body, read, spoil

MERGED = merged_schema(FORMS, {REGION: "平度市"})


def test_the_merged_schema_is_valid_and_a_valid_body_fits_it() -> None:
    jsonschema.Draft202012Validator.check_schema(MERGED)
    jsonschema.validate(body(), MERGED)
    jsonschema.validate(read(body()).document(masked=False), MERGED)


def test_a_body_that_repeats_a_fact_does_not_fit_the_schema() -> None:
    whole = spoil(body(), "/matters/settlement/mobile", "13800000000")
    assert not jsonschema.Draft202012Validator(MERGED).is_valid(whole)


def test_every_field_and_every_choice_has_a_chinese_title() -> None:
    def walk(node: Any, path: str) -> None:
        if isinstance(node, dict):
            for name, field in node.get("properties", {}).items():
                assert (
                    any("\u4e00" <= character <= "\u9fff" for character in field.get("title", "")) or "$ref" in field
                ), f"{path}/{name}"
            for choice in node.get("oneOf", []):
                assert "$ref" in choice or choice["title"], path
            for key, inner in node.items():
                walk(inner, f"{path}/{key}")
        elif isinstance(node, list):
            for inner in node:
                walk(inner, path)

    walk(MERGED, "")


def test_fields_keep_their_order_and_their_sections() -> None:
    form = form_schema(FORMS["settlement"])
    assert form["title"] == "人才落户"
    orders = [field["x-order"] for field in form["properties"].values()]
    assert orders == list(range(len(orders)))
    assert form["properties"]["address_option"]["x-section"] == "落户地址"
    assert form["properties"]["address_option"]["oneOf"][3] == {"const": 4, "title": "市人才集体户"}
    assert form["properties"]["host_id"]["x-sensitive"] == "identity"


def test_the_bundle_lists_each_paper_once_and_only_its_own_matters() -> None:
    schema = merged_schema({"settlement": FORMS["settlement"]})
    codes = [choice["const"] for choice in schema["$defs"]["MaterialIn"]["properties"]["code"]["oneOf"]]
    assert len(codes) == len(set(codes)) and "bank_card" not in codes
    assert schema["properties"]["matters"]["required"] == ["settlement"]
    assert "consents" in MERGED["required"] and "consents" not in schema["required"]


SCHEMAS = {code: merged_schema({code: form}, {REGION: "平度市"}) for code, form in FORMS.items()}
STRUCTURAL = {"type", "unknown_field", "too_long", "too_many", "control_character", "too_large", "too_deep", "invalid"}


def made_from(schema: dict[str, Any], definitions: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Return values that a client's generator would make from this much of JSON Schema."""
    if "$ref" in schema:
        return made_from(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    if "oneOf" in schema:
        return st.one_of([made_from(choice, definitions) for choice in schema["oneOf"]])
    if "const" in schema:
        return st.just(schema["const"])
    kind = schema["type"]
    if kind == "boolean":
        return st.booleans()
    if kind == "integer":
        return st.integers(schema["minimum"], schema["maximum"])
    if kind == "array":
        few = min(schema["maxItems"], schema.get("minItems", 0) + 2)
        return st.lists(made_from(schema["items"], definitions), min_size=schema.get("minItems", 0), max_size=few)
    if kind == "object":
        fields = {name: made_from(field, definitions) for name, field in schema["properties"].items()}
        needed = {name: field for name, field in fields.items() if name in schema.get("required", ())}
        return st.fixed_dictionaries(needed, optional={name: fields[name] for name in fields.keys() - needed.keys()})
    if schema.get("format") == "date":
        return st.dates(date(1950, 1, 1), date(2030, 1, 1)).map(str)
    pattern = schema.get("pattern", "")
    if "minLength" not in schema:
        return st.from_regex(pattern, fullmatch=True)
    return st.text("平度市测试Ab1", min_size=schema["minLength"], max_size=min(schema["maxLength"], 8))


BODIES = {code: made_from(schema, schema["$defs"]) for code, schema in SCHEMAS.items()}


@given(st.sampled_from(sorted(FORMS)).flatmap(lambda code: BODIES[code]))
@settings(max_examples=25, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
def test_a_body_made_from_the_schema_is_never_structurally_wrong(whole: dict[str, Any]) -> None:
    try:
        read(whole, TODAY)
    except Invalid as invalid:
        assert not {error.code for error in invalid.errors} & STRUCTURAL, invalid.errors
