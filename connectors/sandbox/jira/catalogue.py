"""What is defined on a Jira before the first issue: accounts, projects, types, statuses, fields, link types."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from threading import RLock
from typing import Concatenate, ParamSpec, TypeVar

from connectors.sandbox.clock import MovableClock
from connectors.sandbox.jira.definitions import (
    CATEGORIES,
    DEFAULT_LINK_TYPES,
    DEFAULT_STATUSES,
    DEFAULT_TYPES,
    FIRST_NUMBERS,
    SYSTEM_FIELDS,
)
from connectors.sandbox.jira.model import (
    EPIC_LINK,
    EPIC_NAME,
    PARENT_LINK,
    Account,
    Behaviour,
    Deployment,
    Field,
    IssueType,
    Limits,
    LinkType,
    Project,
    Status,
)

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")
Store = TypeVar("Store", bound="Catalogue")
Definition = TypeVar("Definition", IssueType, Status, LinkType)


def locked(
    method: Callable[Concatenate[Store, Parameters], Result],
) -> Callable[Concatenate[Store, Parameters], Result]:
    """Runs a method under the lock of its store: a test changes it while the server answers in its own thread."""

    @wraps(method)
    def under_lock(store: Store, /, *args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        with store.lock:
            return method(store, *args, **kwargs)

    return under_lock


class Catalogue:
    """Definitions, each findable by id or name, and the settings that change how the server behaves."""

    def __init__(
        self, clock: MovableClock, *, deployment: Deployment = "Cloud", account: Account, with_defaults: bool = True
    ) -> None:
        self.clock = clock
        self.deployment: Deployment = deployment
        self.version = (1001, 0, 0) if deployment == "Cloud" else (10, 3, 5)
        self.base_url = ""  # what `self` addresses start with; empty: the address that the client used
        self.behaviour = Behaviour()
        self.limits = Limits()
        self.lock = RLock()
        self.accounts: list[Account] = []
        self.projects: dict[str, Project] = {}
        self.types: dict[str, IssueType] = {}
        self.statuses: dict[str, Status] = {}
        self.fields: dict[str, Field] = {}
        self.link_types: dict[str, LinkType] = {}
        self.withheld: dict[str, set[str]] = {}
        self._numbers: dict[str, int] = {}
        self.bot = self.add_account(account)
        self.human = self.add_account(Account("Robin Example", name="robin", email="robin@example.com"))
        for identity, name, kind, items in SYSTEM_FIELDS:
            if identity != "statuscategorychangedate" or self.is_cloud:
                self.fields[identity] = Field(identity, name, kind, items=items)
        if not self.is_cloud:
            self._add_data_center_hierarchy()
        if with_defaults:
            self._add_defaults()

    @property
    def is_cloud(self) -> bool:
        """Whether this is Jira Cloud and not Data Center."""
        return self.deployment == "Cloud"

    def next_id(self, kind: str) -> str:
        """The next numeric id of that kind of thing, as the string that Jira shows."""
        self._numbers[kind] = self._numbers.get(kind, FIRST_NUMBERS.get(kind, 10_000)) + 1
        return str(self._numbers[kind])

    def reserve_id(self, kind: str, identity: str) -> None:
        """Keeps `next_id` above an id that came from elsewhere."""
        self._numbers[kind] = max(self._numbers.get(kind, FIRST_NUMBERS.get(kind, 10_000)), int(identity))

    def add_account(self, account: Account) -> Account:
        """Adds a person or bot; missing ids are derived from its position, so that they are the same in each run."""
        position = len(self.accounts) + 1
        account.account_id = account.account_id or f"5b10a2844c20165700e{position:05x}"
        account.name = account.name or account.email.partition("@")[0] or f"user{position}"
        account.key = account.key or f"JIRAUSER{10_000 + position}"
        self.accounts.append(account)
        return account

    def account(self, identity: str) -> Account:
        """The account with that account id, name or key; KeyError when there is none."""
        for account in self.accounts:
            if identity and identity in (account.account_id, account.name, account.key):
                return account
        raise KeyError(identity)

    def add_project(self, key: str, name: str = "", *, id: str = "") -> Project:
        """Defines a project, or renames the one with that id."""
        project = Project(id or self.next_id("project"), key, name or key)
        self.reserve_id("project", project.id)
        return self.projects.setdefault(project.id, project)

    def project(self, reference: str | Project) -> Project:
        """The project with that key or id; KeyError when there is none."""
        if isinstance(reference, Project):
            return reference
        for project in self.projects.values():
            if reference == project.id or reference.upper() == project.key.upper():
                return project
        raise KeyError(reference)

    def add_issue_type(self, name: str, level: int = 0, *, id: str = "", description: str = "") -> IssueType:
        """Defines a type of issue at that level of the hierarchy."""
        issue_type = IssueType(id or self.next_id("issuetype"), name, level, description)
        self.reserve_id("issuetype", issue_type.id)
        self.types[issue_type.id] = issue_type
        return issue_type

    def issue_type(self, reference: str | IssueType) -> IssueType:
        """The type with that id or name; KeyError when there is none."""
        return reference if isinstance(reference, IssueType) else _find(self.types, reference)

    def add_status(self, name: str, category: str, *, id: str = "", description: str = "") -> Status:
        """Defines a status; `category` is `new`, `indeterminate`, `done` or `undefined`."""
        found = next(one for one in CATEGORIES if one.key == category)
        status = Status(id or self.next_id("status"), name, found, description)
        self.reserve_id("status", status.id)
        self.statuses[status.id] = status
        return status

    def status(self, reference: str | Status) -> Status:
        """The status with that id or name; KeyError when there is none."""
        return reference if isinstance(reference, Status) else _find(self.statuses, reference)

    def add_field(
        self,
        name: str,
        kind: str = "string",
        *,
        id: str = "",
        custom: str = "",
        items: str = "",
        on_create_screen: bool = True,
        on_edit_screen: bool = True,
    ) -> Field:
        """Defines a custom field. A name may be given twice, as on real sites."""
        identity = id or "customfield_" + self.next_id("field")
        types = "com.atlassian.jira.plugin.system.customfieldtypes"
        default = {"number": "float", "date": "datepicker", "option": "select", "user": "userpicker"}.get(
            kind, "textfield"
        )
        field = Field(
            identity,
            name,
            kind,
            custom=custom or f"{types}:{default}",
            items=items,
            on_create_screen=on_create_screen,
            on_edit_screen=on_edit_screen,
        )
        if identity.startswith("customfield_"):
            self.reserve_id("field", identity.removeprefix("customfield_"))
        self.fields[identity] = field
        return field

    def field(self, reference: str | Field) -> Field:
        """The field with that id or, where only one has it, that name; KeyError otherwise."""
        if isinstance(reference, Field):
            return reference
        if reference in self.fields:
            return self.fields[reference]
        named = [field for field in self.fields.values() if field.name == reference]
        if len(named) != 1:
            raise KeyError(f"{reference}: {len(named)} fields have this name")
        return named[0]

    def field_of_kind(self, custom: str) -> Field | None:
        """The first field with that `schema.custom`."""
        return next((field for field in self.fields.values() if field.custom == custom), None)

    def add_link_type(self, name: str, inward: str, outward: str, *, id: str = "") -> LinkType:
        """Defines a type of link by its two phrases: A `outward` B, B `inward` A."""
        link_type = LinkType(id or self.next_id("linktype"), name, inward, outward)
        self.reserve_id("linktype", link_type.id)
        self.link_types[link_type.id] = link_type
        return link_type

    def link_type(self, reference: str | LinkType) -> LinkType:
        """The link type with that id or name; KeyError when there is none."""
        return reference if isinstance(reference, LinkType) else _find(self.link_types, reference)

    def withhold(self, project: str | Project, *permissions: str) -> None:
        """Takes permissions in a project from every account, for instance `EDIT_ISSUES`."""
        self.withheld.setdefault(self.project(project).id, set()).update(permissions)

    def grant(self, project: str | Project, *permissions: str) -> None:
        """Gives back what `withhold` took."""
        self.withheld.get(self.project(project).id, set()).difference_update(permissions)

    def hide_project(self, project: str | Project) -> None:
        """Takes the permission to browse: search omits its issues, a direct read is a 404."""
        self.withhold(project, "BROWSE_PROJECTS")

    def show_project(self, project: str | Project) -> None:
        """Makes a hidden project visible again."""
        self.grant(project, "BROWSE_PROJECTS")

    def has_permission(self, account: Account | None, project: Project, permission: str) -> bool:
        """Whether the account may do that in the project; nobody who is not signed in may do anything."""
        withheld = self.withheld.get(project.id, set())
        return account is not None and "BROWSE_PROJECTS" not in withheld and permission not in withheld

    def _add_data_center_hierarchy(self) -> None:
        """`trackers.md`, Hierarchy and fields: Data Center has fields of its own for epics and what is above them."""
        self.add_field("Epic Link", "any", custom=EPIC_LINK)
        self.add_field("Epic Name", custom=EPIC_NAME)
        self.add_field("Parent Link", "any", custom=PARENT_LINK)

    def _add_defaults(self) -> None:
        for name, level in DEFAULT_TYPES:
            self.add_issue_type(name, level)
        for name, category in DEFAULT_STATUSES:
            self.add_status(name, category)
        for name, inward, outward in DEFAULT_LINK_TYPES:
            self.add_link_type(name, inward, outward)


def _find(defined: dict[str, Definition], reference: str) -> Definition:
    if reference in defined:
        return defined[reference]
    for one in defined.values():
        if one.name.casefold() == reference.casefold():
            return one
    raise KeyError(reference)
