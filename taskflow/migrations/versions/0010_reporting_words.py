"""The reporting day of a document keeps the words in which it was given, beside the rule that they mean

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("document") as batch_op:
        batch_op.add_column(sa.Column("reporting_text", sa.String(), nullable=False, server_default=""))
    with op.batch_alter_table("document") as batch_op:
        batch_op.alter_column("reporting_text", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("document") as batch_op:
        batch_op.drop_column("reporting_text")
