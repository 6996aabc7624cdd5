"""Titles and sentences of imports; part of ``titles``."""

from __future__ import annotations

import re

from taskflow.documents.messages import REFUSALS
from taskflow.i18n import ERRORS, TITLES, _l

# The reader words its own refusals, in the style of str.format.
ERRORS.update({code: re.sub(r"\{(\w+)\}", r"%(\1)s", text.replace("%", "%%")) for code, text in REFUSALS.items()})
TITLES.update(
    {
        ("RowFlag", code): title
        for code, title in {
            "content": _l("The content is missing"),
            "lead": _l("No lead unit"),
            "units": _l("A unit is not clear"),
            "deadline": _l("The deadline has to be confirmed"),
            "dropped": _l("Not in the document that replaces the earlier one: end the task, or let it go on?"),
            "contested": _l("Changed in taskflow meanwhile: say which value holds"),
            "order": _l("The first day lies after the last one"),
            "several": _l("Several lead units"),
            "undated": _l("Without a deadline"),
            "ocr": _l("Read from a scan: compare with the original"),
            "change": _l("Differs from the task"),
            "check": _l("Please look"),
        }.items()
    }
)
TITLES.update(
    {
        ("ColumnRole", code): title
        for code, title in {
            "tt": _l("No."),
            "code": _l("Code"),
            "content": _l("Content"),
            "lead": _l("Lead unit"),
            "coordinators": _l("Coordinating units"),
            "units": _l("Lead and coordinating units"),
            "deadline": _l("Deadline"),
            "start": _l("Start"),
            "product": _l("Product"),
            "note": _l("Note"),
            "monitor": _l("Followed by"),
            "leader": _l("Leader in charge"),
            "submitter": _l("Submitted to"),
            "progress": _l("Progress"),
            "name": _l("Name of the indicator"),
            "unit_of_measure": _l("Unit of measure"),
            "current": _l("Present value"),
            "target": _l("Target"),
            "amount": _l("Amount of money"),
            "source": _l("Source of money"),
            "mark": _l("Cross under a period"),
            "other": _l("Something else"),
            "sentence": _l("Sentence"),
            "recipient": _l("Recipient"),
        }.items()
    }
)
TITLES.update(
    {
        ("TableKind", code): title
        for code, title in {
            "tasks": _l("Tasks"),
            "indicators": _l("Indicators"),
            "budget": _l("Budget"),
            "layout": _l("Letterhead or signature"),
            "other": _l("Another table"),
        }.items()
    }
)
TITLES.update(
    {
        ("RowSource", code): title
        for code, title in {
            "table": _l("Table"),
            "list": _l("List in the text"),
            "prose": _l("Text"),
            "report": _l("Reporting duty in the text"),
            "task": _l("Task of the earlier document"),
        }.items()
    }
)
TITLES.update(
    {
        ("RowChange", code): title
        for code, title in {
            "added": _l("New in this document"),
            "changed": _l("Differs from the task"),
            "same": _l("As before"),
            "closed": _l("The task is closed: stays as it is"),
            "dropped": _l("Missing in this document"),
        }.items()
    }
)
TITLES.update(
    {
        ("TaskField", code): title
        for code, title in {
            "content": _l("Content"),
            "due": _l("Deadline"),
            "lead": _l("Lead unit"),
            "coordinators": _l("Coordinating units"),
            "product": _l("Product"),
        }.items()
    }
)
TITLES.update(
    {
        ("DocumentRelation", code): title
        for code, title in {
            "basis": _l("Basis"),
            "executes": _l("Executes"),
            "mentions": _l("Mentions"),
            "amends": _l("Amends"),
            "supersedes": _l("Replaces"),
            "itself": _l("Imported before"),
        }.items()
    }
)
TITLES.update(
    {
        ("DocumentRelationBack", code): title
        for code, title in {
            "basis": _l("Rests on it"),
            "executes": _l("Executes it"),
            "amends": _l("Amended by"),
            "supersedes": _l("Replaced by"),
            "mentions": _l("Mentions it"),
        }.items()
    }
)
TITLES.update(
    {
        ("DocumentFact", code): title
        for code, title in {
            "number": _l("Number and symbol"),
            "type": _l("Type of document"),
            "issuer": _l("Issued by"),
            "issued_on": _l("Issued on"),
            "title": _l("Title of the document"),
            "signer": _l("Signed by"),
            "place": _l("Place"),
        }.items()
    }
)
TITLES.update(
    {
        ("AuditAction", code): title
        for code, title in {
            "document.corrected": _l("Facts of a document put right"),
            "document.link_saved": _l("Relation of a document saved"),
            "document.link_removed": _l("Relation of a document removed"),
            "import.received": _l("File received for import"),
            "import.not_secret": _l("File imported although it looked secret, with a reason"),
            "import.refused_secret": _l("Secret file refused and deleted"),
            "evidence.not_secret": _l("Evidence kept although it looked secret, with a reason"),
            "import.discarded": _l("Import discarded"),
            "import.committed": _l("Import committed"),
            "import.undone": _l("Import taken back"),
        }.items()
    }
)
ERRORS.update(
    {
        "import.being_read": _l("The file is being read at this moment. Please wait until the reading has ended."),
        "import.changed_tasks": _l(
            "This import changed existing tasks, so it cannot be taken back as a whole. Correct the single tasks."
        ),
        "import.day_required": _l("Please give the day."),
        "import.deadline_not_understood": _l(
            "The deadline was not understood, so it cannot be taken as it is. Give a day or choose another meaning."
        ),
        "import.deadline_way": _l("Please choose what the deadline means."),
        "import.issued_on": _l("%(day)s cannot be the date of the document. Please check the year."),
        "import.lead_ignored": _l("A lead unit cannot be left out. Choose a unit, or empty the name."),
        "import.no_origin": _l("This task was not imported from a file."),
        "import.no_page": _l("There is no picture of this page."),
        "import.no_suggested_day": _l("No day could be suggested for this deadline. Please give one."),
        "import.not_allowed": _l("You may not import for this office."),
        "import.not_found": _l("The import does not exist, or it belongs to another office."),
        "import.nothing_pasted": _l("Nothing was pasted. Copy the table in Word or Excel and paste it into the box."),
        "import.nothing_sent": _l("Choose a file, or paste the table."),
        "import.relation": _l("Please choose whether the document amends the earlier one or replaces it."),
        "import.round_trip_amends": _l("A list of tasks that was exported and edited amends no document."),
        "import.row_not_found": _l("This row is not there any more: the file was read again. Open the rows anew."),
        "import.several_leads": _l("Please choose what several lead units mean."),
        "import.skip_reason_required": _l("Please say why the row is left out: the statement shows the reason."),
        "import.statement_changed": _l(
            "A row was changed since the statement was shown. Please check the statement again and confirm it."
        ),
        "import.tasks_changed": _l(
            "%(count)s tasks were changed by others since the differences were shown, so nothing was carried out yet. "
            "They have been compared again: say which value holds, then confirm once more."
        ),
        "document.cites_itself": _l("This is the number of the document itself."),
        "document.known": _l("Another document of your office has the number %(number)s, date and issuer."),
        "document.link_not_found": _l("There is no such related document."),
        "document.no_relation": _l("Please choose how the documents are related."),
        "document.number_required": _l("Please write the number of the other document."),
        "document.title_required": _l("A document needs a number or a title."),
        "import.erased": _l("The file of this import has been deleted. Please upload it again."),
        "import.table_words": _l("The kind of a table or column is not known. Please reload the page."),
        "import.touched": _l(
            "%(count)s tasks of this import have been worked on already, so it cannot be taken back as a whole."
        ),
        "import.unit_required": _l("Please choose the unit that “%(wording)s” means."),
        "import.unresolved": _l("%(count)s points still have to be decided before the tasks can be assigned."),
        "import.wrong_status": _l("The import stands at “%(status)s”, where this cannot be done. Open it again."),
    }
)
