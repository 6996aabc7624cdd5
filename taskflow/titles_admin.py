"""Titles and sentences of accounts, units, people, calendar, workflows and the audit log; part of ``titles``."""

from __future__ import annotations

from taskflow.domain.deadlines import BeforeMeans
from taskflow.domain.transitions import Action
from taskflow.i18n import ERRORS, TITLES, _l

TITLES.update(
    {
        ("BeforeMeans", BeforeMeans.NAMED_DAY): _l("The named day is still on time"),
        ("BeforeMeans", BeforeMeans.DAY_BEFORE): _l("The last day is the day before"),
        **{
            ("FileType", code): title
            for code, title in {
                "pdf": _l("PDF (.pdf)"),
                "docx": _l("Word (.docx)"),
                "doc": _l("Word 97–2003 (.doc)"),
                "xlsx": _l("Excel (.xlsx)"),
                "xls": _l("Excel 97–2003 (.xls)"),
                "odt": _l("OpenDocument text (.odt)"),
                "ods": _l("OpenDocument spreadsheet (.ods)"),
                "rtf": _l("Rich text (.rtf)"),
                "image": _l("Picture (JPEG, PNG, HEIC …)"),
                "pptx": _l("PowerPoint presentation (.pptx)"),
                "zip": _l("Archive (.zip)"),
                "mp4": _l("Video (.mp4)"),
                "txt": _l("Plain text (.txt)"),
            }.items()
        },
        # Steps as the drawing of a workflow names them.
        ("Action", Action.ACKNOWLEDGE): _l("Acknowledge receipt"),
        ("Action", Action.REPORT_DONE): _l("Report as done"),
        ("Action", Action.APPROVE): _l("Approve the report"),
        ("Action", Action.REJECT): _l("Have it reworked"),
        ("Action", Action.CONFIRM): _l("Confirm completion"),
        ("Action", Action.RETURN): _l("Return for rework"),
        ("Action", Action.WITHDRAW): _l("Withdraw the report"),
        ("Action", Action.SUSPEND): _l("Suspend"),
        ("Action", Action.RESUME): _l("Resume"),
        ("Action", Action.CANCEL): _l("Discontinue"),
        ("Action", Action.REOPEN): _l("Reopen"),
    }
)
TITLES.update(
    {
        ("AuditAction", code): title
        for code, title in {
            "api_token.created": _l("Access key for programs made"),
            "api_token.revoked": _l("Access key for programs revoked"),
            "channel.linked": _l("Channel linked"),
            "channel.subscribed": _l("Channel subscribed again"),
            "channel.unlinked": _l("Channel unlinked"),
            "import.discarded": _l("Import discarded"),
            "import.received": _l("File received for import"),
            "indicator.responsible_changed": _l("Unit responsible for an indicator changed"),
            "calendar.confirmed": _l("Calendar of a year confirmed"),
            "calendar.day_removed": _l("Day taken out of the calendar"),
            "calendar.day_saved": _l("Day of the calendar saved"),
            "calendar.seeded": _l("Public holidays filled in"),
            "calendar.week_set": _l("Working week set"),
            "delegation.given": _l("Stand-in named"),
            "delegation.revoked": _l("Standing in ended"),
            "document.reporting_set": _l("Reporting day of a document set"),
            "group.changed": _l("Group of units changed"),
            "group.created": _l("Group of units added"),
            "group.disabled": _l("Group of units taken out of use"),
            "group.enabled": _l("Group of units in use again"),
            "mapping.changed": _l("Remembered name changed"),
            "mapping.forgotten": _l("Remembered name forgotten"),
            "organisation.imported": _l("Units, groups and people brought in from Excel"),
            "password.changed": _l("Own password changed"),
            "password.linked": _l("Password link printed at the server"),
            "password.reset": _l("Password set by a link"),
            "post.removed": _l("Role taken away"),
            "post.set": _l("Role given or changed"),
            "profile.changed": _l("Own details changed"),
            "reminder_rule.dropped": _l("Reminder rule removed"),
            "reminder_rule.saved": _l("Reminder rule saved"),
            "series.changed": _l("Repeated work changed"),
            "series.created": _l("Repeated work begun"),
            "series.ended": _l("Repeated work ended"),
            "series.handed_over": _l("Repeated work handed over"),
            "series.period_skipped": _l("Period of repeated work skipped"),
            "setting.changed": _l("Setting changed"),
            "unit.changed": _l("Unit changed"),
            "unit.created": _l("Unit added"),
            "unit.deleted": _l("Unit deleted"),
            "unit.dissolve": _l("Unit dissolved by decision"),
            "unit.merge": _l("Unit merged by decision"),
            "unit.name_added": _l("Name of a unit added"),
            "unit.name_removed": _l("Name of a unit removed"),
            "unit.office_handed_over": _l("Work of a coordinating office handed over"),
            "unit.rename": _l("Unit renamed by decision"),
            "unit.split": _l("Unit split by decision"),
            "user.activated": _l("Account opened again"),
            "user.changed": _l("Account changed"),
            "user.created": _l("Account added"),
            "user.deactivated": _l("Account closed"),
            "user.invited": _l("Link for a password sent"),
            "user.moved": _l("Person moved to another unit"),
            "workflow.retired": _l("Workflow taken out of use"),
            "workflow.saved": _l("Workflow saved"),
        }.items()
    }
)
ERRORS.update(
    {
        "account.wait": _l("Too many attempts. Please wait %(minutes)s minutes and try again."),
        "account.wrong": _l("The e-mail address or the password is not right. Please check both and try again."),
        "account.disabled": _l("This account has been closed. Please ask the administrator of your office."),
        "account.email": _l("This is not an e-mail address. Write it like ten@donvi.gov.vn."),
        "account.email_taken": _l("There is an account with the address %(email)s already."),
        "account.not_found": _l("There is no account with this e-mail address."),
        "account.not_allowed": _l("This can only be done by a person who is signed in."),
        "api_token.label_required": _l("Say which program uses the key."),
        "api_token.lifetime": _l("A key works for 1 to %(limit)s days. Please choose how long."),
        "api_token.not_found": _l("There is no such access key, or it is not yours."),
        "api_token.revoked": _l("This access key has been revoked already."),
        "api_token.too_many": _l("You have %(limit)s access keys already. Please revoke one that nobody needs."),
        "admin.not_allowed": _l("Only administrators may do this."),
        "calendar.day_not_found": _l("This day is not in the calendar any more. Please reload the page."),
        "calendar.day_missing": _l("Please give the day."),
        "calendar.kind": _l("A day is either off or worked in exchange. Please choose one."),
        "calendar.worked_weekday": _l("%(day)s is a working day anyway. Only a day off can be worked in exchange."),
        "calendar.year": _l("Calendars can be kept for the years %(first)s to %(last)s."),
        "dates.order": _l("The last day lies before the first one. Please correct one of them."),
        "dates.over": _l("This day is over. Please choose a day from %(today)s on."),
        "delegation.inactive": _l("The account of %(name)s is closed. Please choose somebody else."),
        "delegation.not_found": _l("There is no such delegation, or it is not yours to end."),
        "delegation.overlap": _l("%(name)s stands in on some of these days already. Please choose other days."),
        "delegation.past": _l("The last day is over already. Please choose a day from today on."),
        "delegation.revoked": _l("This delegation has ended already."),
        "delegation.self": _l("Nobody can stand in for themselves. Please choose somebody else."),
        "delegation.unit": _l("The person has no role in this unit. Please choose one of their units, or all."),
        "group.name_taken": _l("There is a group called %(name)s already."),
        "group.no_members": _l("A fixed group needs at least one unit. Tick its units, or make it an open set."),
        "group.not_found": _l("There is no such group of units."),
        "organisation.ambiguous_unit": _l(
            "%(count)s units are called “%(value)s”. Write the code, or “unit above > unit”."
        ),
        "mapping.empty": _l("Choose at least one unit or a group before the wording is remembered."),
        "mapping.not_allowed": _l("Only the coordinating office may decide what a wording means."),
        "mapping.not_found": _l("This remembered name does not exist any more. Please reload the page."),
        "mapping.units_and_group": _l("Choose either a group or single units, not both."),
        "organisation.day": _l("“%(value)s” is no day. Write day/month/year, for example 30/10/2026."),
        "organisation.empty_cell": _l("The cell “%(heading)s” is empty. Please fill it in."),
        "organisation.long_cell": _l("The text is too long. Please shorten it."),
        "organisation.no_column": _l("The column “%(heading)s” is missing. Use the head of the template."),
        "organisation.no_unit": _l(
            "No unit is called “%(value)s”. Check the spelling, or add it on the sheet of units."
        ),
        "organisation.not_xlsx": _l(
            "This is not an Excel file (.xlsx). Download the template, fill it in and upload it."
        ),
        "organisation.nothing": _l(
            "The file has no row on the sheets “Đơn vị”, “Nhóm”, “Người dùng”. Use the template."
        ),
        "organisation.number": _l("Please write a whole number here."),
        "organisation.parent_needed": _l("There are several units at the top. Write under which one this unit stands."),
        "organisation.parent_ring": _l("These units stand under each other in a ring. Please correct one of them."),
        "organisation.role": _l(
            "There is no role “%(value)s”. Choose Chuyên viên, Lãnh đạo đơn vị, Điều phối, Lãnh đạo or Quản trị."
        ),
        "organisation.too_long": _l("The sheet has more than %(limit)s rows. Please divide it into several files."),
        "organisation.twice": _l("This unit stands in row %(row)s already. Please delete one of the two rows."),
        "password.common": _l("Many people use this password, so it is easily guessed. Please choose another one."),
        "password.email": _l("The password must not be your e-mail address."),
        "password.long": _l("The password has more than %(max)s characters. Please choose a shorter one."),
        "password.same": _l("The new password is the present one. Please choose another one."),
        "password.short": _l("The password needs at least %(min)s characters."),
        "password.wrong": _l("The present password is not right."),
        "post.half": _l("Please choose both the unit and the role, or neither."),
        "post.not_found": _l("This role has been removed meanwhile. Please reload the page."),
        "setup.code": _l("This code is not right. It stands in the log of the server, where taskflow was started."),
        "setup.done": _l("taskflow has been set up already. Please sign in."),
        "token.invalid": _l(
            "This link does not work any more: it was used, is too old or was replaced. Please ask for a new one."
        ),
        "unit.code_taken": _l("Another unit has the code %(value)s already."),
        "unit.cycle": _l("%(name)s cannot stand below %(parent)s, which is a part of it."),
        "unit.in_use": _l(
            "%(name)s has been used and cannot be deleted. Dissolve it on the page Reorganisation instead."
        ),
        "unit.name_empty": _l("The name needs at least one letter."),
        "unit.name_known": _l("This unit is known as %(name)s already."),
        "unit.name_not_found": _l("This name has been removed meanwhile. Please reload the page."),
        "unit.name_official": _l("A former official name stays, because old documents are read by it."),
        "unit.name_taken": _l("There is a unit %(name)s in the same place already."),
        "unit.not_found": _l("There is no such unit."),
        "unit.parent_inactive": _l("%(name)s has been dissolved. Please choose a unit that exists."),
        "workflow.not_json": _l("This is no file of workflows (.json). Use a file made by “Download as a file”."),
        "user.inactive": _l("The account of %(name)s is closed. Open it again first."),
        "user.last_administrator": _l("This is the last administrator. Give somebody else the role first."),
        "user.not_found": _l("There is no such person."),
        "user.yourself": _l("You cannot close your own account. Please ask another administrator."),
    }
)
