"""Limits in office hours; which calendar due dates follow; overrides are only ever added.

While it runs the version before it may still serve: add first, fill, remove a release later.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = '0014'
down_revision: str | None = '0013'
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table('calendar_followed',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('fingerprint', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    op.add_column('limits', sa.Column('started_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('limits', sa.Column('due_at', sa.DateTime(timezone=True), nullable=True))
    # the database itself refuses to change or delete what an office decided; refuse_change() is of 0002
    for event, each in (("UPDATE OR DELETE", "ROW"), ("TRUNCATE", "STATEMENT")):
        name = "only_added" if each == "ROW" else "not_emptied"
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {event} ON overrides FOR EACH {each} EXECUTE FUNCTION refuse_change()"
        )


def downgrade() -> None:
    op.execute("DROP TRIGGER not_emptied ON overrides")
    op.execute("DROP TRIGGER only_added ON overrides")
    op.drop_column('limits', 'due_at')
    op.drop_column('limits', 'started_at')
    op.drop_table('calendar_followed')
