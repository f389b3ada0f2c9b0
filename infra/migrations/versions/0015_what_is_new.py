"""Indexes of what is new: notices that nobody has read, tasks that nobody has taken.

While it runs the version before it may still serve: add first, fill, remove a release later.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = '0015'
down_revision: str | None = '0014'
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_index(
        'notices_unread', 'notices', ['addressee', 'id'], unique=False,
        postgresql_where=sa.text("channel = 'in_app' AND read_at IS NULL"),
    )
    op.create_index(
        'tasks_free', 'tasks', ['department', 'region'], unique=False,
        postgresql_where=sa.text("officer_id IS NULL AND status IN ('pending', 'reviewing')"),
    )


def downgrade() -> None:
    op.drop_index('tasks_free', table_name='tasks')
    op.drop_index('notices_unread', table_name='notices')
