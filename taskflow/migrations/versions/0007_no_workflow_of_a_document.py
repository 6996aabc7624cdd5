"""A document has no workflow of its own: which one a task gets follows from the office and the type of document

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("document") as batch_op:
        batch_op.drop_constraint("fk_document_workflow_id_workflow_definition", type_="foreignkey")
        batch_op.drop_column("workflow_id")


def downgrade() -> None:
    with op.batch_alter_table("document") as batch_op:
        batch_op.add_column(sa.Column("workflow_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(
            "fk_document_workflow_id_workflow_definition", "workflow_definition", ["workflow_id"], ["id"]
        )
