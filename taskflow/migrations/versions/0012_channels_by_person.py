"""The state of an address belongs to the person and the address together

Revision ID: 0012
Revises: 0011
"""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("channel") as batch_op:
        batch_op.drop_constraint("uq_channel_kind_address", type_="unique")
        batch_op.create_unique_constraint("uq_channel_user_id_kind_address", ["user_id", "kind", "address"])
        batch_op.drop_index("ix_channel_user_id")
        batch_op.create_index("ix_channel_address", ["kind", "address"])


def downgrade() -> None:
    # One row an address again: the newest, which is the present owner's.
    op.execute(
        "DELETE FROM channel WHERE EXISTS (SELECT 1 FROM channel AS newer WHERE newer.kind = channel.kind"
        " AND newer.address = channel.address AND newer.id > channel.id)"
    )
    with op.batch_alter_table("channel") as batch_op:
        batch_op.drop_index("ix_channel_address")
        batch_op.create_index("ix_channel_user_id", ["user_id"])
        batch_op.drop_constraint("uq_channel_user_id_kind_address", type_="unique")
        batch_op.create_unique_constraint("uq_channel_kind_address", ["kind", "address"])
