"""What holds for every form: titles, sources, rules that read what they say they read."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import BaseModel

from forms.base import Context, Form, Wrong, rule
from forms.consents import CONSENTS
from forms.envelope import Envelope
from forms.faults import inner_model
from forms.head import Employer, Person
from forms.materials import ID_CARD
from tests.forms.samples import FORMS, REGION, TODAY, body, read

TOPS: list[type[Form]] = [Envelope, Person, Employer, *FORMS.values()]


def parts(form: type[BaseModel]) -> set[type[BaseModel]]:
    inner = {model for field in form.model_fields.values() if (model := inner_model(field.annotation))}
    return {form}.union(*(parts(model) for model in inner)) if inner else {form}


ALL_FORMS: list[Any] = sorted(set().union(*(parts(form) for form in TOPS)), key=lambda form: form.__name__)


@pytest.mark.parametrize("form", ALL_FORMS)
def test_every_field_has_a_chinese_title_and_says_what_to_know(form: type[Form]) -> None:
    for name, field in form.model_fields.items():
        assert field.title and re.search("[\u4e00-\u9fff]", field.title), name
        assert field.description, name


@pytest.mark.parametrize("form", FORMS.values())
def test_every_rule_of_a_matter_has_a_docstring_and_reads_only_fields_of_the_head_that_exist(form: type[Form]) -> None:
    head = {*Person.model_fields, *Employer.model_fields, "intake.mandate"}
    for _own, of_head, check in form.rules:
        assert check.__doc__, check
        assert of_head <= head, check


class Watched:
    """Stands for a form and notes which of its fields are read."""

    def __init__(self, form: Form, seen: set[str]) -> None:
        self.__dict__.update(_form=form, _seen=seen)

    def __getattr__(self, name: str) -> Any:
        form = self._form
        if name in type(form).model_fields:
            self._seen.add(name)
            return getattr(form, name)
        member = getattr(type(form), name, None)
        if isinstance(member, property) and member.fget:
            return member.fget(self)
        if callable(member) and not isinstance(member, type):
            return lambda *values: member(self, *values)
        return getattr(form, name)


def variants() -> Iterator[dict[str, Any]]:
    yield body()
    for changes in (
        {"settlement": {"route": "d", "address_option": 5}},
        {"settlement": {"route": "c", "address_option": 3}},
        {"schooling": {"route": "residence", "entry_type": "transfer"}},
        {"schooling": {"route": "talent", "stage": "high"}},
        {"green_channel": {"services": ["check_up"]}},
        {"subsidy": {"rule_id": "P5c"}},
        {"subsidy": {"rule_id": "P8b"}},
        {"subsidy": {"rule_id": "P5b"}},
    ):
        whole = body()
        for code, fields in changes.items():
            whole["matters"][code].update(fields)
        yield whole


def test_every_rule_reads_only_what_it_declares() -> None:
    for whole in variants():
        head = Person.model_validate(whole["applicant"])
        for code, form_class in FORMS.items():
            form = form_class.model_validate(whole["matters"][code])
            for own, of_head, check in form_class.rules:
                seen: set[str] = set()
                seen_head: set[str] = set()
                context = Context(
                    TODAY, REGION, Watched(head, seen_head), frozenset(Person.model_fields), frozenset(FORMS)
                )
                if not of_head - {"intake.mandate"} <= Person.model_fields.keys():
                    continue
                list(check(Watched(form, seen), context))
                assert seen <= own, (check, seen - own)
                assert seen_head <= of_head, (check, seen_head - of_head)


def test_a_rule_over_a_field_that_does_not_exist_is_refused_at_import() -> None:
    with pytest.raises(TypeError, match="nowhere"):

        class Broken(Form):
            @rule("nowhere")
            def reads_nothing(self, context: Context) -> Iterator[Wrong]:
                yield from ()


def test_proof_of_identity_can_never_be_declared_promisable() -> None:
    with pytest.raises(ValueError, match="never be promised"):
        ID_CARD.but(gap_allowed=True)


@pytest.mark.parametrize("form", FORMS.values())
def test_every_matter_wants_papers_once_and_known_consents(form: Any) -> None:
    codes = [material.code for material in form.materials]
    assert len(codes) == len(set(codes))
    assert set(form.consents) <= CONSENTS.keys()
    for need in form.needs_head:
        assert need.partition(".")[0] in Person.model_fields


def test_every_sensitive_value_is_found() -> None:
    found = {(value.pointer, value.kind) for value in read(body()).sensitive}
    assert found == {
        ("/applicant/id_number", "identity"),
        ("/applicant/mobile", "mobile"),
        ("/applicant/family/0/id_number", "identity"),
        ("/matters/settlement/host_id", "identity"),
        ("/matters/settlement/relatives/0", "identity"),
        ("/matters/schooling/child_id", "identity"),
        ("/matters/green_channel/emergency_mobile", "mobile"),
        ("/matters/green_channel/family_covered/0", "identity"),
        ("/matters/subsidy/account_no", "bank"),
    }
