"""Until when a bad rating is to be contacted is said by its limit alone, in office hours from now on.

The day that stood with the rating was a copy of the limit's, which those rated before keep: in time until its end. A
limit started by the version before counts as it was promised.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = '0017'
down_revision: str | None = '0016'
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.drop_column('ratings', 'contact_due')


def downgrade() -> None:
    op.add_column('ratings', sa.Column('contact_due', sa.Date(), nullable=True))
    op.execute(
        "UPDATE ratings r SET contact_due = l.due_on FROM limits l WHERE l.case_id = r.case_id AND l.clock = 'rating'"
        " AND l.runs IN ('hours', 'workdays')"
    )
