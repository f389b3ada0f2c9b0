"""Indexes of what a manager lists: open cases and tasks by due day, closed and received ones by moment.

While it runs the version before it may still serve: add first, fill, remove a release later.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = '0010'
down_revision: str | None = '0009'
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_index('cases_closed', 'cases', ['closed_at', 'id'], unique=False, postgresql_where=sa.text('closed_at IS NOT NULL'))
    op.create_index('cases_due', 'cases', ['due_on', 'id'], unique=False, postgresql_where=sa.text("status IN ('submitted', 'supplement', 'in_progress')"))
    op.create_index('cases_received', 'cases', ['received_at', 'id'], unique=False)
    op.create_index('tasks_decided', 'tasks', ['decided_at', 'id'], unique=False, postgresql_where=sa.text('decided_at IS NOT NULL'))
    op.create_index('tasks_due', 'tasks', ['due_on', 'id'], unique=False, postgresql_where=sa.text("status IN ('pending', 'returned', 'received', 'reviewing')"))


def downgrade() -> None:
    op.drop_index('tasks_due', table_name='tasks', postgresql_where=sa.text("status IN ('pending', 'returned', 'received', 'reviewing')"))
    op.drop_index('tasks_decided', table_name='tasks', postgresql_where=sa.text('decided_at IS NOT NULL'))
    op.drop_index('cases_received', table_name='cases')
    op.drop_index('cases_due', table_name='cases', postgresql_where=sa.text("status IN ('submitted', 'supplement', 'in_progress')"))
    op.drop_index('cases_closed', table_name='cases', postgresql_where=sa.text('closed_at IS NOT NULL'))
