"""A case that was declined shows no day any more: its clock ended with it, only what the lists show stood on.

While it runs the version before it may still serve: add first, fill, remove a release later.
"""

from collections.abc import Sequence

from alembic import op

revision: str = '0024'
down_revision: str | None = '0023'
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.execute(
        "UPDATE cases SET due_on = NULL, amber_on = NULL, yellow_on = NULL, red_on = NULL"
        " WHERE status IN ('not_required', 'not_accepted') AND due_on IS NOT NULL"
    )


def downgrade() -> None:
    """What was shown wrongly does not come back."""
