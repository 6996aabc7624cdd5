"""A small index of the tasks that were urged, for those urged too often

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    some = sa.text("urge_count > 0")
    op.create_index("ix_task_urged", "task", ["urge_count"], sqlite_where=some, postgresql_where=some)


def downgrade() -> None:
    op.drop_index("ix_task_urged", "task")
