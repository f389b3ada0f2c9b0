"""Masks: enough to recognise, never enough to know; and every secret finds its way back."""

from hypothesis import given
from hypothesis import strategies as st

from forms.privacy import at, escape, mask, steps, unmask
from tests.forms.samples import CHILD, HOST, WANG, body, read


def test_numbers_are_masked_as_the_offices_print_them() -> None:
    assert mask("identity", WANG) == "3702**********0003"
    assert mask("mobile", "13800000000") == "138****0000"
    assert mask("bank", "6228480402564890018") == "***************0018"


@given(st.sampled_from(["identity", "bank", "document", "mobile"]), st.text("0123456789X", min_size=1, max_size=30))
def test_a_mask_keeps_the_length_and_hides_at_least_a_third(kind: str, value: str) -> None:
    shown = mask(kind, value)  # type: ignore[arg-type]
    assert len(shown) == len(value)
    assert shown.count("*") * 3 >= len(value)


@given(st.lists(st.text(max_size=5), max_size=4))
def test_a_pointer_reads_back_as_it_was_written(path: list[str]) -> None:
    assert steps("".join(f"/{escape(step)}" for step in path)) == path


def test_no_sensitive_value_is_left_in_the_stored_document() -> None:
    intake = read(body())
    stored = str(intake.document())
    for value in (WANG, CHILD, HOST, "13800000000", "13900000000", "6228480402564890018"):
        assert value not in stored
    assert "3702**********0003" in stored


def test_secrets_put_back_give_the_same_intake() -> None:
    intake = read(body())
    secrets = {value.pointer: value.value for value in intake.sensitive}
    whole = unmask(intake.document(), secrets)
    assert whole == intake.document(masked=False)
    assert read(whole) == intake
    assert at(whole, "/matters/settlement/relatives/0") == CHILD


def test_pointers_that_lead_nowhere_are_passed_over() -> None:
    assert unmask({"a": ["x"]}, {"/a/7": "y", "/b/c": "z", "/a/0": "w"}) == {"a": ["w"]}
