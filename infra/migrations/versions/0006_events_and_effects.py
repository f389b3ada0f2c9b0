"""Limits say after which step they run and whether their last day has an effect of its own.

What ended late keeps its place in the sweep until its cards are out. While it runs the version before may still serve:
add first, fill, remove a release later.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = '0006'
down_revision: str | None = '0005'
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column('limits', sa.Column('event', sa.Text(), nullable=True))
    op.add_column('limits', sa.Column('deems', sa.Boolean(), server_default=sa.false(), nullable=False))
    op.execute("UPDATE limits SET deems = true WHERE clock IN ('intake', 'supplement', 'gap', 'special')")
    op.execute(
        "UPDATE limits l SET event = x ->> 'event' FROM cases c, jsonb_array_elements(c.plan -> 'limits') x"
        " WHERE c.id = l.case_id AND c.no = l.subject AND l.clock = 'promised' AND x ->> 'event' IS NOT NULL"
        " AND x ->> 'what' = l.what"
    )
    op.create_index('limits_deems', 'limits', ['due_on', 'id'], unique=False, postgresql_where=sa.text('deems AND ended_at IS NULL'))
    op.drop_index('limits_next', table_name='limits')
    op.create_index('limits_next', 'limits', ['next_on', 'id'], unique=False, postgresql_where=sa.text('next_on IS NOT NULL'))


def downgrade() -> None:
    op.drop_index('limits_next', table_name='limits')
    op.create_index('limits_next', 'limits', ['next_on', 'id'], unique=False, postgresql_where=sa.text('ended_at IS NULL AND next_on IS NOT NULL'))
    op.drop_index('limits_deems', table_name='limits')
    op.drop_column('limits', 'deems')
    op.drop_column('limits', 'event')
