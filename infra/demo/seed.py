"""Writing the demo organisation to the database (演示机构入库): a second time changes nothing."""

from __future__ import annotations

from sqlalchemy import Connection

from infra import clock
from infra.demo.organisation import REGIONS, officers, offices
from infra.store import people


def seed(conn: Connection, password_hash: str | None = None) -> int:
    """Have regions, offices and officers of the demo organisation; return how many officers are new.

    With `password_hash` every officer who has no password yet gets the one it was made of.
    """
    for region in REGIONS:
        people.put_region(conn, region.code, region.name)
    for office in offices():
        people.put_office(conn, office.department, office.region, office.code, office.name, office.phone)
    added = 0
    for officer in officers():
        key = people.add_officer(conn, officer.username, officer.name, clock.machine())
        if key is None:
            continue
        added += 1
        for member in officer.memberships:
            people.add_member(conn, key, member.role, member.department, member.region, member.office)
    if password_hash is not None:
        people.fill_passwords(conn, [officer.username for officer in officers()], password_hash)
    return added
