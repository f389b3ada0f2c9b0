"""医疗绿色通道: class, family, check-ups (平发〔2022〕22号 第20条)."""

from tests.forms.samples import ADULT, care, doubts, errors, own, spoil


def test_family_shares_the_channel_only_where_the_class_includes_it() -> None:
    whole = spoil(care(), "/applicant/talent/talent_class", "D")
    assert own(errors(whole), "green_channel") == {"family_covered": "class_without_family"}
    sibling = spoil(care(), "/applicant/family/0/relation", "sibling")
    assert own(errors(sibling), "green_channel") == {"family_covered/0": "relation"}
    assert own(errors(care(family_covered=[ADULT])), "green_channel") == {"family_covered/0": "not_in_family"}


def test_one_check_up_a_year_and_none_paid_elsewhere() -> None:
    assert own(errors(care(services=["check_up"])), "green_channel") == {"check_up_year": "required"}
    assert own(errors(care(services=["check_up"], check_up_year=2025)), "green_channel") == {"check_up_year": "range"}
    used = care(services=["check_up"], check_up_year=2026, check_up_elsewhere=True)
    assert own(errors(used), "green_channel") == {"check_up_elsewhere": "check_up_used"}
    assert own(errors(care(services=["expert", "expert"])), "green_channel") == {"services/1": "duplicate"}


def test_an_employer_outside_the_city_is_pointed_out() -> None:
    whole = spoil(care(), "/applicant/employment/district", "370602")
    assert doubts(whole) == {"/applicant/employment/district": "outside_city"}
