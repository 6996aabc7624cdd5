"""Sentences of the errors that the life of a task raises; ``taskflow.titles`` puts them into the registry."""

from __future__ import annotations

from taskflow.i18n import _l

TASK_ERRORS: dict[str, object] = {
    "breakdown.beyond_parent": _l(
        "A part cannot be due later than the task itself (%(parent_due)s). Please choose an earlier day."
    ),
    "breakdown.empty": _l("Add at least one part."),
    "breakdown.outside_unit": _l(
        "%(unit)s does not belong to the lead unit. Parts are given to the unit itself or to units below it."
    ),
    "breakdown.parts_later": _l(
        "Parts of the task are due later than the new date (first: %(task)s). Move them along, or choose a later day."
    ),
    "bulk.cannot_undo": _l("This action has been taken back already, or is of a kind that cannot be taken back."),
    "bulk.date_required": _l("Choose a date for all, or by how many days each date moves."),
    "bulk.nothing_chosen": _l("Choose at least one task."),
    "bulk.not_found": _l("There is no such action, or it is not yours."),
    "bulk.too_many": _l("At most %(limit)s tasks can be changed at once. Please choose fewer."),
    "calendar.no_working_day": _l(
        "There is no working day within %(days)s days of %(near)s. Please check the calendar of days off."
    ),
    "calendar.no_workdays": _l("A working week needs at least one day."),
    "comment.mention_cannot_see": _l("%(name)s cannot see this, so they cannot be mentioned."),
    "comment.not_found": _l("This comment does not exist, or you may not see it."),
    "comment.text_required": _l("Please write something."),
    "comment.too_many_mentions": _l("At most %(limit)s people can be mentioned at once."),
    "comment.withdrawn": _l("This comment has been withdrawn and cannot be changed any more."),
    "comment.unknown_mention": _l("Somebody you mention does not exist any more. Please choose from the list."),
    "coordination.answer_required": _l("Write an answer, or attach a document."),
    "coordination.answered_already": _l("This unit has answered already, or is not needed any more."),
    "coordination.is_lead": _l("%(unit)s leads this task. Choose another unit to coordinate."),
    "coordination.not_coordinating": _l("This unit does not coordinate the task. Ask it for coordination first."),
    "coordination.not_found": _l("There is no such request for coordination."),
    "coordination.not_owed": _l("This request has been answered or is not needed any more. Please reload the page."),
    "coordination.request_required": _l("Say what the unit is asked to do."),
    "deadline.bad_rule": _l(
        "“%(rule)s” is not a rule of repetition that taskflow knows. Please choose days, weeks, months or years."
    ),
    "deadline.too_many_occurrences": _l(
        "This rule gives more than %(limit)s days. Please shorten the time or repeat less often."
    ),
    "evidence.empty": _l("Give the number of a document, or attach a file."),
    "evidence.no_page": _l("This file has no page that can be shown. Please download it."),
    "evidence.not_found": _l("There is no such evidence, or you may not see it."),
    "evidence.reported": _l("The result has been reported, so its evidence stays. Withdraw the report first."),
    "extension.cause_required": _l("Say whether the cause is objective or subjective."),
    "extension.decided_already": _l("This request has been decided already. Please reload the page."),
    "extension.no_date": _l("The task has no date that could be moved."),
    "extension.not_found": _l("There is no such request for more time."),
    "extension.not_later": _l("The new date must be later than %(current)s."),
    "extension.open_already": _l("A request for more time is waiting for its answer already."),
    "extension.too_long": _l("One extension moves the date by at most %(limit)s days. Please choose an earlier day."),
    "extension.too_many": _l("The task has been extended %(limit)s times, which is the most the office allows."),
    "file.lost": _l("The file is missing from the store. Please tell the administrator."),
    "file.too_large": _l("%(filename)s is larger than %(limit_mb)s MB. Please make it smaller or divide it."),
    "file.type_not_accepted": _l(
        "Files like %(filename)s are not accepted here. Please send one of the kinds that are named beside the box."
    ),
    "file.runs": _l(
        "%(filename)s is not accepted: a file with such a name or content can run a program when it is opened."
        " Please save its content as PDF, Word, Excel or a picture."
    ),
    "indicator.not_allowed": _l("Only the responsible unit and the coordinating office may do this."),
    "indicator.not_found": _l("There is no such indicator, or you may not see it."),
    "indicator.period": _l(
        "“%(period)s” is no period. Write a year, quarter, half-year or month: 2026, 2026-Q2, 2026-H1, 2026-07."
    ),
    "indicator.text_required": _l("Write what was reached."),
    "person.no_post": _l("The person has no role in this unit."),
    "person.tasks_undecided": _l(
        "%(count)s tasks of this person are not decided yet (first: %(task)s). Say for each who takes it over."
    ),
    "reorganisation.decision_required": _l("Give the number of the decision."),
    "reorganisation.into_itself": _l("%(unit)s cannot take its own place."),
    "reorganisation.known": _l(
        "This has been recorded for %(unit)s from %(day)s already. A slip in a name is put right on the unit's page."
    ),
    "reorganisation.no_office": _l("%(unit)s is no coordinating office. Please choose one."),
    "reorganisation.no_unit": _l("Choose at least one unit that ends."),
    "reorganisation.not_found": _l("There is no such reorganisation."),
    "reorganisation.not_yet": _l("The decision takes effect on %(day)s. Please enter it on that day."),
    "reorganisation.split_needs_two": _l("A division needs at least two units afterwards."),
    "reorganisation.unit_ended": _l("%(unit)s has ended already."),
    "reorganisation.units_below": _l("%(unit)s still has units below it (%(below)s). Please move or end them first."),
    "report.decided_already": _l("This has been decided already. Please reload the page."),
    "report.decision_required": _l("Write the decision."),
    "report.empty": _l("Write a result, a difficulty or a proposal."),
    "report.result_required": _l("Say in words what has been done."),
    "report.needs_person": _l("This can only be done by a person."),
    "report.not_found": _l("There is no such report."),
    "report.percent": _l("The percentage lies between 0 and 100."),
    "series.ended": _l("This series has ended already."),
    "series.lead_days": _l("A task appears between 0 and %(limit)s days before it is due."),
    "series.no_such_period": _l("No period of the series is due on this day. Please choose one of its dates."),
    "series.not_found": _l("There is no such series, or you may not see it."),
    "series.period_made": _l("The task of this period exists already. Discontinue that task instead."),
    "series.not_repeated": _l("This is for repeated work only. Write how it repeats, or leave this empty."),
    "series.until_before_start": _l(
        "The last day lies before the first period (%(start)s). Please correct one of them."
    ),
    "setting.invalid": _l("“%(value)s” is not a value for this. Please check it."),
    "setting.out_of_bounds": _l("The value must lie between %(smallest)s and %(largest)s."),
    "setting.unknown": _l("There is no such setting."),
    "tag.invalid": _l("“%(tag)s” cannot be a tag. Use up to 40 letters, digits and spaces."),
    "tag.required": _l("Write at least one tag."),
    "tag.too_many": _l("A task has at most %(limit)s tags."),
    "task.closed": _l("The task is closed. Reopen it first."),
    "task.content_required": _l("Write what is to be done."),
    "task.date_required": _l("Choose the date, or say what kind of work without a date it is."),
    "task.delay_cause": _l("Say whether the cause of the delay is objective or subjective, or leave it open."),
    "task.doer_moves_no_date": _l(
        "Whoever does the work does not move its date, also with another role. Please ask for more time, or have a"
        " colleague of the office set the date."
    ),
    "task.lead_required": _l("Choose the unit that leads."),
    "task.members_have_persons": _l("This task is led by several units. Name a person in each unit's own part."),
    "task.members_open": _l("Some units have not finished yet. Give a reason for closing the task all the same."),
    "task.not_being_worked_on": _l(
        "The task is not being worked on now, so this cannot be done. Please reload the page."
    ),
    "task.parts_open": _l("%(count)s parts of the task are not finished. Finish or discontinue them first."),
    "task.person_not_in_unit": _l("This person does not work in %(unit)s. Please choose somebody of the unit."),
    "task.start_after_due": _l("The beginning (%(start)s) lies after the end (%(due)s). Please correct one of them."),
    "task.whole_rests": _l(
        "The task %(task)s to which this one belongs is not being worked on now. Reopen or resume that task first."
    ),
    "transfer.decided_already": _l("This proposal has been decided already. Please reload the page."),
    "transfer.joins_closed": _l(
        "The part %(task)s, which it would join, is closed already. End this part or keep it apart."
    ),
    "transfer.leads_already": _l("%(unit)s leads a part of this task already."),
    "transfer.not_found": _l("There is no such proposal."),
    "transfer.open_already": _l("A proposal to move the task is waiting for its answer already."),
    "transfer.same_unit": _l("%(unit)s leads this task already."),
    "transfer.unit_required": _l("Choose the unit that receives the task."),
    "transfer.wrong_state": _l(
        "A result has been reported or the task is closed, so it cannot move to another unit now."
    ),
    "unit.name_same": _l("The unit is called %(name)s already."),
    "unit.not_active": _l("The unit %(unit)s does not exist or has been dissolved. Please choose another one."),
    "urge.answered_already": _l("This urging has been answered already. Please reload the page."),
    "urge.channel": _l("Choose one of the offered ways."),
    "urge.nobody_owes": _l("All units of this task have handed over their results, so nobody is left to be urged."),
    "urge.not_found": _l("There is no such urging."),
    "urge.text_required": _l("Write the text."),
    "view.name_required": _l("Give the view a name."),
    "view.not_allowed": _l("Only the coordinating office may share a view."),
    "view.not_found": _l("There is no such view, or it is not yours."),
    "workflow.code_taken": _l(
        "There is a workflow with this code already. Make a new revision of it, or choose another."
    ),
    "workflow.confirming_unit_without_confirmation": _l(
        "A workflow without confirmation has no confirming unit. Leave the unit empty, or ask for confirmation."
    ),
    "workflow.file": _l("The file does not fit the form: %(problem)s"),
    "workflow.name_required": _l("Give the workflow a code and a name."),
    "workflow.no_office": _l("Choose a coordinating office."),
    "workflow.not_found": _l("There is no such workflow."),
    "workflow.same_class": _l(
        "The workflow “%(workflow)s” holds for the same office and type of document. Make a new revision of it, take it"
        " out of use, or name another type."
    ),
    "workflow.unit_unknown": _l("The file names the unit “%(unit)s”, which is not known here."),
}
