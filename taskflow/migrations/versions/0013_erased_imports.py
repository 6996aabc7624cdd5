"""The file of an import can be deleted

Revision ID: 0013
Revises: 0012
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("import_job") as batch_op:
        batch_op.alter_column("sha256", existing_type=sa.String(), nullable=True)


def downgrade() -> None:
    # An import without its file says nothing that the log does not say.
    for table in ("import_edit", "import_row"):
        op.execute(f"DELETE FROM {table} WHERE job_id IN (SELECT id FROM import_job WHERE sha256 IS NULL)")  # noqa: S608 - names of tables from the line above
    op.execute("DELETE FROM import_job WHERE sha256 IS NULL")
    with op.batch_alter_table("import_job") as batch_op:
        batch_op.alter_column("sha256", existing_type=sa.String(), nullable=False)
