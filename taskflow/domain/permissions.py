"""Who may do what: roles, the permissions they carry, and the rules about one task.

An ``Actor`` is a person at one moment: their posts with the units under each, and whom they stand
in for. Rules are pure functions over an ``Actor`` and ``TaskFacts``; services, pages, the API and
the tests ask the same functions.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Role(StrEnum):
    """Posts of DESIGN.md 3, held in a unit."""

    OFFICER = "officer"  # chuyên viên
    HEAD = "head"  # lãnh đạo đơn vị
    COORDINATOR = "coordinator"  # văn phòng, cơ quan điều phối của cây đơn vị này
    LEADER = "leader"  # lãnh đạo: xem và chỉ đạo
    ADMINISTRATOR = "administrator"  # quản trị


#: Roles whose people do a unit's work: they can be put in charge of a task, and report it.
WORKING_ROLES = (Role.OFFICER, Role.HEAD)


class Permission(StrEnum):
    """What can be done, as ``scope:resource:action``. Alphabetical."""

    ADMIN_CALENDAR_EDIT = "admin:calendar:edit"
    ADMIN_MESSAGE_MANAGE = "admin:message:manage"
    ADMIN_SETTING_EDIT = "admin:setting:edit"
    ADMIN_UNIT_EDIT = "admin:unit:edit"
    ADMIN_USER_EDIT = "admin:user:edit"
    ADMIN_WORKFLOW_EDIT = "admin:workflow:edit"
    COORDINATION_ANSWER = "unit:coordination:answer"
    COORDINATION_ASK = "unit:coordination:ask"
    DOCUMENT_IMPORT = "office:document:import"
    DOCUMENT_READ = "office:document:read"
    EXTENSION_ASK = "unit:extension:ask"
    EXTENSION_DECIDE = "office:extension:decide"
    INDICATOR_REPORT = "unit:indicator:report"
    REPORT_READ = "office:report:read"
    TASK_ACKNOWLEDGE = "unit:task:acknowledge"
    TASK_APPROVE = "unit:task:approve"  # head approves before the report leaves the unit
    TASK_ASSIGN_PERSON = "unit:task:assign_person"
    TASK_BREAK_DOWN = "unit:task:break_down"
    TASK_BULK = "office:task:bulk"
    TASK_CANCEL = "office:task:cancel"
    TASK_COMMENT = "any:task:comment"
    TASK_CONFIRM = "office:task:confirm"
    TASK_DECIDE = "lead:task:decide"  # answers "cần lãnh đạo quyết định"
    TASK_EDIT = "office:task:edit"
    TASK_NOTE_PRIVATELY = "office:task:note_privately"
    TASK_READ = "any:task:read"
    TASK_REOPEN = "office:task:reopen"
    TASK_REPORT = "unit:task:report"
    TASK_SEND_BACK = "unit:task:send_back"
    TASK_SUSPEND = "office:task:suspend"
    TASK_TRANSFER = "office:task:transfer"
    TASK_URGE = "office:task:urge"


#: Permissions on tasks whose lead unit is the unit of the post (or below it, for a head).
UNIT_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.OFFICER: frozenset(
        {
            Permission.TASK_READ,
            Permission.TASK_ACKNOWLEDGE,
            Permission.TASK_REPORT,
            Permission.TASK_COMMENT,
            Permission.EXTENSION_ASK,
            Permission.COORDINATION_ASK,
            Permission.INDICATOR_REPORT,
            Permission.DOCUMENT_READ,
        }
    ),
    Role.HEAD: frozenset(
        {
            Permission.TASK_READ,
            Permission.TASK_ACKNOWLEDGE,
            Permission.TASK_REPORT,
            Permission.TASK_COMMENT,
            Permission.TASK_APPROVE,
            Permission.TASK_ASSIGN_PERSON,
            Permission.TASK_BREAK_DOWN,
            Permission.TASK_SEND_BACK,
            Permission.EXTENSION_ASK,
            Permission.COORDINATION_ASK,
            Permission.INDICATOR_REPORT,
            Permission.REPORT_READ,
            Permission.DOCUMENT_READ,
        }
    ),
    Role.COORDINATOR: frozenset(),
    Role.LEADER: frozenset(),
    Role.ADMINISTRATOR: frozenset(),
}

#: Permissions on tasks tracked by an office in the subtree of the post's unit.
OFFICE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.OFFICER: frozenset(),
    Role.HEAD: frozenset(),
    Role.COORDINATOR: frozenset(
        {
            Permission.TASK_READ,
            Permission.TASK_COMMENT,
            Permission.TASK_NOTE_PRIVATELY,
            Permission.TASK_CONFIRM,
            Permission.TASK_SUSPEND,
            Permission.TASK_CANCEL,
            Permission.TASK_REOPEN,
            Permission.TASK_EDIT,
            Permission.TASK_TRANSFER,
            Permission.TASK_URGE,
            Permission.TASK_BULK,
            Permission.TASK_ASSIGN_PERSON,
            Permission.EXTENSION_DECIDE,
            Permission.COORDINATION_ASK,
            Permission.DOCUMENT_IMPORT,
            Permission.DOCUMENT_READ,
            Permission.REPORT_READ,
            Permission.INDICATOR_REPORT,
        }
    ),
    Role.LEADER: frozenset(
        {
            Permission.TASK_READ,
            Permission.TASK_COMMENT,
            Permission.TASK_NOTE_PRIVATELY,
            Permission.TASK_URGE,
            Permission.TASK_DECIDE,
            Permission.EXTENSION_DECIDE,
            Permission.DOCUMENT_READ,
            Permission.REPORT_READ,
        }
    ),
    Role.ADMINISTRATOR: frozenset({Permission.TASK_READ, Permission.DOCUMENT_READ}),
}

#: Permissions on tasks to which the unit of the post is a coordinating unit.
COORDINATING_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.OFFICER: frozenset({Permission.TASK_READ, Permission.TASK_COMMENT, Permission.COORDINATION_ANSWER}),
    Role.HEAD: frozenset({Permission.TASK_READ, Permission.TASK_COMMENT, Permission.COORDINATION_ANSWER}),
    Role.COORDINATOR: frozenset(),
    Role.LEADER: frozenset(),
    Role.ADMINISTRATOR: frozenset(),
}

#: What the head of a unit may do to the parts into which the unit broke its task down (giao lại): there the unit
#: stands where the office stands otherwise.
ASSIGNING_PERMISSIONS: frozenset[Permission] = frozenset(
    {
        Permission.TASK_READ,
        Permission.TASK_COMMENT,
        Permission.TASK_CONFIRM,
        Permission.TASK_SUSPEND,
        Permission.TASK_CANCEL,
        Permission.TASK_REOPEN,
        Permission.TASK_EDIT,
        Permission.TASK_TRANSFER,
        Permission.TASK_URGE,
        Permission.TASK_ASSIGN_PERSON,
        Permission.EXTENSION_DECIDE,
    }
)

#: Permissions that need no task: they come with the post itself.
GENERAL_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.OFFICER: frozenset(),
    Role.HEAD: frozenset({Permission.REPORT_READ}),
    Role.COORDINATOR: frozenset(
        {Permission.DOCUMENT_IMPORT, Permission.REPORT_READ, Permission.TASK_BULK, Permission.ADMIN_MESSAGE_MANAGE}
    ),
    Role.LEADER: frozenset({Permission.REPORT_READ, Permission.TASK_DECIDE}),
    Role.ADMINISTRATOR: frozenset(
        {
            Permission.ADMIN_UNIT_EDIT,
            Permission.ADMIN_USER_EDIT,
            Permission.ADMIN_SETTING_EDIT,
            Permission.ADMIN_CALENDAR_EDIT,
            Permission.ADMIN_MESSAGE_MANAGE,
            Permission.ADMIN_WORKFLOW_EDIT,
        }
    ),
}


@dataclass(frozen=True, slots=True)
class Post:
    """A role in a unit, with the ids of the unit and all units below it.

    ``office_ids`` are the coordinating offices that this post oversees: for a coordinator, leader or
    administrator of unit U every office within U's subtree, and U's own office.
    ``principal_id`` is set when the post is exercised for somebody else (delegation).
    """

    role: Role
    unit_id: int
    subtree: frozenset[int]
    office_ids: frozenset[int] = frozenset()
    principal_id: int | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    """A person at one moment. ``user_id`` None is the system itself (scheduler), which no rule lets act on tasks."""

    user_id: int | None
    name: str
    posts: tuple[Post, ...] = ()

    @property
    def is_system(self) -> bool:
        """Whether this is the machine and not a person."""
        return self.user_id is None

    def identities(self) -> frozenset[int]:
        """Own user id and those of the principals stood in for: nobody confirms their own work through another."""
        own = {self.user_id} if self.user_id is not None else set()
        return frozenset(own | {post.principal_id for post in self.posts if post.principal_id is not None})


SYSTEM = Actor(user_id=None, name="taskflow")


@dataclass(frozen=True, slots=True)
class TaskFacts:
    """What rules need to know of a task."""

    office_unit_id: int
    lead_unit_id: int | None
    person_id: int | None = None
    delivered_by_id: int | None = None
    #: For whom the reporter stood in, when they did.
    delivered_for_id: int | None = None
    confirming_unit_id: int | None = None
    #: Of a part: the unit that broke its own task down.
    assigning_unit_id: int | None = None
    coordinating_unit_ids: frozenset[int] = frozenset()
    #: People named inside the coordinating units.
    coordinating_person_ids: frozenset[int] = frozenset()
    #: Lead and coordinating units of parent and children (a member sees the collective task it belongs to),
    #: and units that led this task before: they read, and nothing else.
    related_unit_ids: frozenset[int] = field(default_factory=frozenset)
    has_children: bool = False

    @property
    def reporter_ids(self) -> frozenset[int]:
        """The person who reported the result, and the one they stood in for."""
        return frozenset(one for one in (self.delivered_by_id, self.delivered_for_id) if one is not None)


def _grants(actor: Actor, post: Post, permission: Permission, task: TaskFacts) -> bool:
    if post.role in (Role.OFFICER, Role.HEAD) and _grants_by_work(actor, post, permission, task):
        return True
    if permission in (Permission.TASK_CONFIRM, Permission.TASK_READ) and task.confirming_unit_id is not None:
        if post.role in (Role.HEAD, Role.COORDINATOR) and task.confirming_unit_id in post.subtree:
            return True
        if permission is Permission.TASK_CONFIRM:
            return False  # confirmed elsewhere: not by the office
    return permission in OFFICE_PERMISSIONS[post.role] and task.office_unit_id in post.office_ids


def _grants_by_work(actor: Actor, post: Post, permission: Permission, task: TaskFacts) -> bool:
    """Whether the post grants it because its unit, or the very person, works on the task."""
    reach = post.subtree if post.role is Role.HEAD else frozenset({post.unit_id})
    person_id = post.principal_id or actor.user_id
    if task.lead_unit_id in reach and permission in UNIT_PERMISSIONS[post.role]:
        return True
    # Somebody of a sub-unit can be put in charge by name: they do what an officer of the lead unit does.
    if task.person_id == person_id and permission in UNIT_PERMISSIONS[Role.OFFICER]:
        return True
    coordinates = reach & task.coordinating_unit_ids or person_id in task.coordinating_person_ids
    if coordinates and permission in COORDINATING_PERMISSIONS[post.role]:
        return True
    if post.role is Role.HEAD and task.assigning_unit_id in reach and permission in ASSIGNING_PERMISSIONS:
        return True
    return permission is Permission.TASK_READ and bool(reach & task.related_unit_ids)


def granting_post(
    actor: Actor, permission: Permission, task: TaskFacts, *, barred: frozenset[int] = frozenset()
) -> Post | None:
    """The post by which the actor may do this to the task: an own one before a delegated one; None when there is none.

    Four eyes: nobody confirms (or approves) work that they reported themselves, nor through a delegation
    work of the person they stand in for, nor their own by standing in for somebody else. ``barred`` are people
    to whom the same applies for another reason: who asked does not decide.
    """
    if actor.is_system:
        return None
    if permission in (Permission.TASK_CONFIRM, Permission.TASK_APPROVE):
        barred = barred | task.reporter_ids
    if actor.user_id in barred:
        return None
    posts = [post for post in actor.posts if post.principal_id not in barred and _grants(actor, post, permission, task)]
    return min(posts, key=lambda post: post.principal_id is not None, default=None)


def can(actor: Actor, permission: Permission, task: TaskFacts, *, barred: frozenset[int] = frozenset()) -> bool:
    """Whether the actor may do this to the task, see ``granting_post``."""
    return granting_post(actor, permission, task, barred=barred) is not None


def has(actor: Actor, permission: Permission) -> bool:
    """Whether some post of the actor carries this permission without naming a task."""
    return any(permission in GENERAL_PERMISSIONS[post.role] for post in actor.posts)


def offices_of(actor: Actor, permission: Permission = Permission.TASK_READ) -> frozenset[int]:
    """Ids of the coordinating offices in which the actor holds this permission."""
    return frozenset(
        office for post in actor.posts if permission in OFFICE_PERMISSIONS[post.role] for office in post.office_ids
    )


def units_of(actor: Actor) -> frozenset[int]:
    """Ids of the units for which the actor works (officer: the unit; head: the unit and those below it)."""
    units: set[int] = set()
    for post in actor.posts:
        if post.role is Role.OFFICER:
            units.add(post.unit_id)
        elif post.role is Role.HEAD:
            units |= post.subtree
    return frozenset(units)
