"""What an organisation defines: people, projects with their processes and paths, fields."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from threading import RLock
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from connectors.sandbox.azure_devops import process
from connectors.sandbox.azure_devops.model import Field, Identity, Node, Project, StateCategory, WorkItemType
from connectors.sandbox.clock import MovableClock

Person = Identity | str  # a string is a display name


class Catalogue:
    """Definitions of one organisation. Looking up what is not there raises KeyError."""

    def __init__(self, clock: MovableClock, *, organization: str) -> None:
        self.clock = clock
        self.organization = organization
        self.lock = RLock()
        self.fields: dict[str, Field] = {field.reference_name.casefold(): field for field in process.FIELDS}
        self.identities: dict[str, Identity] = {}
        self._projects: dict[str, Project] = {}
        self._last_node = 1000

    def identifier(self, *parts: str) -> str:
        """A GUID that is the same in every run."""
        return str(uuid5(NAMESPACE_URL, "/".join((self.organization.casefold(), *parts))))

    def add_identity(self, display_name: str, *, unique_name: str | None = None) -> Identity:
        """A person; the unique name is derived from the display name where none is given."""
        mailbox = ".".join(display_name.casefold().split())
        unique_name = unique_name or f"{mailbox}@{self.organization.casefold()}.example"
        guid = self.identifier("identities", unique_name.casefold())
        identity = Identity(
            display_name=display_name, unique_name=unique_name, id=guid, descriptor=f"aad.{guid.replace('-', '')}"
        )
        with self.lock:
            return self.identities.setdefault(unique_name.casefold(), identity)

    def identity(self, person: Person) -> Identity:
        """The identity of a person, who is added where the display name is new."""
        if isinstance(person, Identity):
            return person
        return self.find_identity(person) or self.add_identity(person)

    def find_identity(self, text: str) -> Identity | None:
        """Who is meant by a unique name, a display name or `Display Name <unique name>`."""
        wanted = text.strip().casefold()
        with self.lock:
            for identity in self.identities.values():
                if wanted in (
                    identity.unique_name.casefold(),
                    identity.display_name.casefold(),
                    str(identity).casefold(),
                ):
                    return identity
        return None

    def add_field(self, reference_name: str, name: str, kind: str = "string") -> Field:
        """A field, such as `Custom.Budget`; `kind` is a FieldType of azure-devops-wit-7.1.swagger.json."""
        field = Field(reference_name=reference_name, name=name, type=kind)
        with self.lock:
            self.fields[reference_name.casefold()] = field
        return field

    def remove_field(self, reference_name: str) -> None:
        """Deletes a field definition; values that items hold stay unseen."""
        with self.lock:
            del self.fields[reference_name.casefold()]

    def field(self, name: str) -> Field | None:
        """The field of that reference name or friendly name, whatever its case."""
        wanted = name.casefold()
        if found := self.fields.get(wanted):
            return found
        return next((field for field in self.fields.values() if field.name.casefold() == wanted), None)

    def add_project(self, name: str, *, types: Iterable[WorkItemType] = process.AGILE) -> Project:
        """A project whose process has the given work item types; AGILE and BASIC are in `process`."""
        guid = self.identifier("projects", name)
        project = Project(
            id=guid,
            name=name,
            created=self.clock.now(),
            types={kind.name.casefold(): kind for kind in types},
            areas=self._node(name, name, guid, "area"),
            iterations=self._node(name, name, guid, "iteration"),
        )
        with self.lock:
            self._projects[guid] = project
        return project

    def add_work_item_type(
        self,
        project: str,
        name: str,
        states: Mapping[str, StateCategory],
        *,
        reasons: Mapping[str, str] | None = None,
        defaults: Mapping[str, Any] | None = None,
        category: str = "",
    ) -> WorkItemType:
        """Adds or replaces a work item type of a project: its states in order, each with its category."""
        kind = process.work_item_type(name, states, reasons=reasons, defaults=defaults, category=category)
        with self.lock:
            self.project(project).types[name.casefold()] = kind
        return kind

    def add_area(self, project: str, path: str) -> Node:
        """An area below the project's root, with what is missing above it: `Payments\\Cards`."""
        with self.lock:
            found = self.project(project)
            return self._grow(found.areas, path, found.id, "area")

    def add_iteration(
        self, project: str, path: str, *, start: datetime | None = None, finish: datetime | None = None
    ) -> Node:
        """An iteration below the project's root, with what is missing above it."""
        with self.lock:
            found = self.project(project)
            node = self._grow(found.iterations, path, found.id, "iteration")
            node.start, node.finish = start, finish
            return node

    def project(self, name: str) -> Project:
        """The project of that name or id, hidden ones too."""
        wanted = name.casefold()
        for project in self._projects.values():
            if wanted in (project.id, project.name.casefold()):
                return project
        raise KeyError(name)

    def projects(self) -> list[Project]:
        """The projects that the account sees, by name."""
        seen = (project for project in self._projects.values() if not project.hidden)
        return sorted(seen, key=lambda project: project.name.casefold())

    def hide_project(self, name: str) -> None:
        """Takes the account's permission to see a project and all that is in it."""
        self.project(name).hidden = True

    def show_project(self, name: str) -> None:
        """Gives it back."""
        self.project(name).hidden = False

    def _grow(self, root: Node, path: str, guid: str, kind: str) -> Node:
        node = root
        for name in path.removeprefix(root.path + "\\").split("\\"):
            child = next((c for c in node.children if c.name.casefold() == name.casefold()), None)
            if child is None:
                child = self._node(name, f"{node.path}\\{name}", guid, kind)
                node.children.append(child)
            node = child
        return node

    def _node(self, name: str, path: str, guid: str, kind: str) -> Node:
        self._last_node += 1
        return Node(id=self._last_node, identifier=self.identifier(guid, kind, path), name=name, path=path)


def find_node(root: Node, path: str) -> Node | None:
    """The node of a path as work items write it, whatever its case."""
    if root.path.casefold() == path.casefold():
        return root
    return next((found for child in root.children if (found := find_node(child, path))), None)
