"""The blueprint that all sections of the administration share."""

from __future__ import annotations

from flask import Blueprint, request
from flask_login import current_user
from werkzeug.wrappers import Response

from taskflow.web.addresses import row_number
from taskflow.web.side_menu import admin_side

admin = Blueprint("admin", __name__, url_prefix="/admin")
admin.context_processor(lambda: admin_side() if current_user.is_authenticated else {})

#: What a view of this area answers.
Answer = str | Response | tuple[str, int]


def page_number() -> int:
    """``?page=``, 1 for anything that is no page."""
    return max(1, request.args.get("page", 1, type=row_number))
