"""The demo organisation has every seat that a working day needs."""

from __future__ import annotations

from collections import Counter
from math import gcd

import pytest

from forms.vocabulary import Department, Role
from infra.demo import organisation
from infra.demo.organisation import LAIXI, PINGDU, officers_of

DESKS = [department for department in Department if department not in {Department.WINDOW, Department.SUPERVISION}]


@pytest.mark.parametrize("region", [PINGDU, LAIXI])
@pytest.mark.parametrize("department", DESKS)
def test_every_department_has_its_three_levels_in_both_districts(department: Department, region: str) -> None:
    assert len(officers_of(Role.HANDLER, department, region)) >= 2
    assert officers_of(Role.REVIEWER, department, region)
    assert officers_of(Role.APPROVER, department, region)


@pytest.mark.parametrize("region", [PINGDU, LAIXI])
def test_both_districts_have_a_window_and_those_who_watch(region: str) -> None:
    assert len(officers_of(Role.WINDOW, Department.WINDOW, region)) == 3
    assert officers_of(Role.SERVICE_OFFICER, Department.TALENT_CENTRE, region)
    for role in (Role.MANAGER, Role.AUDITOR, Role.ADMINISTRATOR):
        assert officers_of(role, Department.SUPERVISION, region)
    for lead in (Department.HUMAN_RESOURCES, Department.PUBLIC_SECURITY, Department.EDUCATION, Department.HEALTH):
        assert officers_of(Role.COORDINATOR, lead, region)
        assert officers_of(Role.CHIEF, lead, region)
        assert officers_of(Role.AGENCY_HEAD, lead, region)
    assert officers_of(Role.GOVERNMENT_HEAD, Department.SUPERVISION, region)


@pytest.mark.parametrize("region", [PINGDU, LAIXI])
def test_each_department_has_one_office_for_what_names_none(region: str) -> None:
    unnamed = Counter(
        office.department for office in organisation.offices() if office.region == region and not office.code
    )
    assert unnamed == Counter(Department)


def test_stations_schools_and_hospitals_have_officers_of_their_own() -> None:
    branches = [office for office in organisation.offices() if office.code]
    stations = Counter(office.region for office in branches if office.department is Department.POLICE_STATION)
    assert stations == {PINGDU: 2, LAIXI: 2}
    for office in branches:
        for role in (Role.HANDLER, Role.APPROVER):
            assert officers_of(role, office.department, office.region, office.code)


def test_nobody_and_no_office_is_there_twice() -> None:
    officers, offices = organisation.officers(), organisation.offices()
    assert len({officer.username for officer in officers}) == len(officers)
    assert len({officer.name for officer in officers}) == len(officers)
    assert len({(office.department, office.region, office.code) for office in offices}) == len(offices)
    assert len({office.phone for office in offices}) == len(offices)


def test_every_seat_is_in_an_office_that_exists() -> None:
    places = {(office.department, office.region, office.code) for office in organisation.offices()}
    for officer in organisation.officers():
        for seat in officer.memberships:
            assert (
                seat.region == organisation.EVERY_REGION or (seat.department, seat.region, seat.office or "") in places
            )


def test_no_telephone_number_can_ring() -> None:
    assert all(office.phone.startswith("0532-000") for office in organisation.offices())


def test_the_lists_of_names_run_through_every_pair() -> None:
    assert gcd(len(organisation._SURNAMES.split()) // 2, len(organisation._GIVEN.split())) == 1
