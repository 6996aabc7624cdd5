"""The secret of a receiver can be changed: the one before signs too until the receiver has changed over

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("webhook_endpoint") as batch_op:
        batch_op.add_column(sa.Column("previous_secret", sa.String(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("previous_secret_until", sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table("webhook_endpoint") as batch_op:
        batch_op.alter_column("previous_secret", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("webhook_endpoint") as batch_op:
        batch_op.drop_column("previous_secret_until")
        batch_op.drop_column("previous_secret")
