"""index the counter.

While it runs the version before it may still serve: add first, fill, remove a release later.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = '0011'
down_revision: str | None = '0010'
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_index('applications_tail', 'applications', [sa.literal_column('"right"(head ->> \'id_number\', 4)')], unique=False)
    op.create_index('cases_counter', 'cases', ['region', 'status', 'due_on', 'id'], unique=False, postgresql_where=sa.text("status IN ('submitted', 'supplement', 'closed_ok', 'closed_refused', 'closed_no_supplement', 'closed_forwarded')"))


def downgrade() -> None:
    op.drop_index('cases_counter', table_name='cases', postgresql_where=sa.text("status IN ('submitted', 'supplement', 'closed_ok', 'closed_refused', 'closed_no_supplement', 'closed_forwarded')"))
    op.drop_index('applications_tail', table_name='applications')
