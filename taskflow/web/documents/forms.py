"""Forms about documents."""

from __future__ import annotations

from taskflow.i18n import _l
from taskflow.web.tasks.forms import TaskForm, line


class ReportingForm(TaskForm):
    """When the document itself is reported on, and to whom."""

    when = line(
        _l("Reporting day"),
        description=_l("As documents write it: the 25th of every month, every quarter … Leave empty for none."),
    )
    to = line(_l("Report to"))
