"""Stand-ins: who stands in for an absent colleague, and for which days.

While it runs the version before it may still serve: add first, fill, remove a release later.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = '0012'
down_revision: str | None = '0011'
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table('standins',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('absent_id', sa.BigInteger(), nullable=False),
    sa.Column('officer_id', sa.BigInteger(), nullable=False),
    sa.Column('department', sa.Text(), nullable=False),
    sa.Column('from_on', sa.Date(), nullable=False),
    sa.Column('until_on', sa.Date(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('named_by', sa.BigInteger(), nullable=False),
    sa.Column('named_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('revoked_by', sa.BigInteger(), nullable=True),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['absent_id'], ['officers.id'], ),
    sa.ForeignKeyConstraint(['named_by'], ['officers.id'], ),
    sa.ForeignKeyConstraint(['officer_id'], ['officers.id'], ),
    sa.ForeignKeyConstraint(['revoked_by'], ['officers.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('standins_absent', 'standins', ['absent_id'], unique=False)
    op.create_index('standins_officer', 'standins', ['officer_id', 'until_on'], unique=False, postgresql_where=sa.text('revoked_at IS NULL'))


def downgrade() -> None:
    op.drop_index('standins_officer', table_name='standins', postgresql_where=sa.text('revoked_at IS NULL'))
    op.drop_index('standins_absent', table_name='standins')
    op.drop_table('standins')
