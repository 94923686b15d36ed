"""JSON Patch on a work item: everything or nothing.

Follows the paths `PATCH …/workitems/{id}` and `POST …/workitems/${type}` of azure-devops-wit-7.1.swagger.json,
trackers.md ("Azure DevOps", "Writing") and the recordings 1, 5, 7, 12, 17, 103, 114 and 133.
"""

from __future__ import annotations

from typing import Any

from connectors.sandbox.azure_devops import errors, tags, transitions
from connectors.sandbox.azure_devops.catalogue import find_node
from connectors.sandbox.azure_devops.field_values import read_value
from connectors.sandbox.azure_devops.model import Field, Node, Project, State, WorkItem, WorkItemType
from connectors.sandbox.azure_devops.records import Records, comment_changes, revised_fields
from connectors.sandbox.azure_devops.relation_patch import RelationPatch

FIELDS, RELATIONS, FORMATS = "/fields/", "/relations/", "/multilineFieldsFormat/"
PATHS = (("System.AreaPath", "areas"), ("System.IterationPath", "iterations"))


class WorkItemPatch:
    """A patch that is read operation by operation and then committed, or not."""

    def __init__(self, store: Records, project: Project, kind: WorkItemType, item: WorkItem | None) -> None:
        self._store = store
        self._project = project
        self._kind = kind
        self._item = item
        self._before = item.fields if item else {**kind.defaults}
        self._changes: dict[str, Any] = {}
        self._formats: dict[str, str] = {}
        self._relations = RelationPatch(store, item)

    def read(self, document: Any) -> None:
        """Reads the whole document; raises ServiceError at the first operation that cannot be carried out."""
        if not isinstance(document, list) or not document:
            raise errors.bad_patch("You must pass a valid patch document in the body of the request.")
        for operation in document:
            if not isinstance(operation, dict) or not isinstance(operation.get("path"), str):
                raise errors.bad_patch("You must pass a valid patch document in the body of the request.")
            self._apply(str(operation.get("op")).casefold(), operation["path"], operation.get("value"))
        self._check()

    def _apply(self, operation: str, path: str, value: Any) -> None:
        if operation == "test":
            self._test(path, value)
        elif operation not in ("add", "replace", "remove"):
            raise errors.bad_patch(f"The operation {operation} is not supported for path {path}.")
        elif path.startswith(FIELDS):
            self._set(operation, path.removeprefix(FIELDS), None if operation == "remove" else value)
        elif path.startswith(RELATIONS):
            self._relations.apply(operation, path.removeprefix(RELATIONS), value)
        elif path.startswith(FORMATS):
            self._formats[self._field(path.removeprefix(FORMATS)).reference_name] = str(value).casefold()
        else:
            raise errors.bad_patch(f"The path {path} is not supported.")

    def _test(self, path: str, expected: Any) -> None:
        """A stale `test /rev` is 412; it guards fields, not relations, whose change leaves `rev` as it is."""
        if path == "/rev":
            actual: Any = self._item.rev if self._item else 0
        elif path == "/id":
            actual = self._item.id if self._item else 0
        elif path.startswith(FIELDS):
            field = self._field(path.removeprefix(FIELDS))
            actual, expected = self._before.get(field.reference_name), read_value(self._store, field, expected)
        else:
            raise errors.bad_patch(f"The path {path} is not supported by the operation test.")
        if actual != expected:
            raise errors.failed_test(path, actual, expected)

    def _field(self, name: str) -> Field:
        field = self._store.field(name)
        if field is None:
            raise errors.field_not_found(name)
        return field

    def _set(self, operation: str, name: str, value: Any) -> None:
        field = self._field(name)
        if field.read_only:
            raise errors.broken_rule(f"TF401326: Invalid field status 'ReadOnly' for field '{field.reference_name}'.")
        kept = read_value(self._store, field, value)
        if field.reference_name == "System.Tags":
            kept = self._tags(operation, kept or "")
        self._changes[field.reference_name] = kept

    def _tags(self, operation: str, text: str) -> str:
        """`add` appends to the tags that are there, `replace` sets all (trackers.md, "Writing"; recordings 2 and 5)."""
        before = str(self._changes.get("System.Tags", self._before.get("System.Tags")) or "")
        names = tags.split(f"{before};{text}" if operation == "add" else text)
        tags.check(self._project, names, may_create=self._store.behaviour.may_create_tags)
        return ";".join(names)

    def _check(self) -> None:
        """The rules of the process, on the values as they would stand."""
        self._check_title()
        self._check_project()
        for name, tree in PATHS:
            path = self._changes.get(name)
            if path is not None:
                root: Node = getattr(self._project, tree)
                found = find_node(root, str(path).strip("\\"))
                if found is None:
                    raise errors.bad_tree_path(name)
                self._changes[name] = found.path
        self._state()

    def _check_title(self) -> None:
        if not self._changes.get("System.Title", self._before.get("System.Title")):
            raise errors.broken_rule("TF401320: Rule Error for field Title. Error code: Required, InvalidEmpty.")

    def _check_project(self) -> None:
        """Another project needs its own area and iteration in the same patch."""
        name = self._changes.get("System.TeamProject")
        if name is None or name.casefold() == self._project.name.casefold():
            return
        found = next((p for p in self._store.projects() if p.name.casefold() == name.casefold()), None)
        if found is None:
            raise errors.bad_argument(f"TF200016: {name} does not exist.", "WorkItemTargetProjectDoesNotExistException")
        if any(path not in self._changes for path, _ in PATHS):
            raise errors.bad_argument("VS402625: Area path not provided.", "WorkItemTargetAreaPathNotProvidedException")
        if self._kind.name.casefold() not in found.types:
            raise errors.bad_argument(f"VS402629: {self._kind.name}.", "WorkItemTargetTypeDoesNotExistException")
        self._project = found

    def _state(self) -> State | None:
        """The state that the patch enters, or None."""
        name = self._changes.get("System.State")
        if name is None:
            if "System.State" in self._changes:
                raise errors.broken_rule("TF401320: Rule Error for field State. Error code: Required, InvalidEmpty.")
            return None
        state = self._kind.state(name)
        if state is None:
            raise errors.broken_rule(
                f"The field 'State' contains the value '{name}' that is not in the list of supported values"
            )
        return None if state.name == self._before.get("System.State") else state

    def create(self) -> WorkItem:
        """Creates the item."""
        state = self._state() or self._kind.states[0]
        values = {**self._before, **self._paths(), **self._written(), "System.WorkItemType": self._kind.name}
        values.pop("System.State", None)
        item = self._store.insert(
            self._project.name, self._kind.name, values, state, resources=self._relations.resources
        )
        item.multiline_formats.update(self._formats)
        self._relations.commit(item.id)
        return item

    def _paths(self) -> dict[str, Any]:
        return {name: self._project.name for name, _ in PATHS}

    def update(self) -> None:
        """Changes the item: a revision where a field or a hyperlink changes, none where only links do."""
        item = self._existing()
        written = {name: value for name, value in self._written().items() if value != self._before.get(name)}
        history = written.pop("System.History", None)
        if written or history or self._relations.resources_changed:
            if item.rev >= self._store.behaviour.revision_limit:
                raise errors.revision_limit_reached(self._store.behaviour.revision_limit)
            self._revise(item, written, history)
        item.project_id = self._project.id
        item.multiline_formats.update(self._formats)
        self._relations.commit(item.id)

    def _revise(self, item: WorkItem, written: dict[str, Any], history: str | None) -> None:
        moment, author = self._store.stamp(None, None)
        changes = {**self._entered(moment, author), **written}
        comment = self._store.attach_comment(item, history, "html", moment, author) if history else None
        if comment is not None:
            changes |= comment_changes(item, comment)
        self._store.revise(item, changes, at=moment, actor=author, resources=self._relations.resources, comment=comment)

    def _entered(self, moment: Any, author: Any) -> dict[str, Any]:
        state = self._state()
        return transitions.entering(state, moment, author) if state else {}

    def _written(self) -> dict[str, Any]:
        """The changes as they are kept, with tags in the project's spelling and the state in its own."""
        written = dict(self._changes)
        if written.get("System.Tags"):
            known = tags.register(self._project, tags.split(written["System.Tags"]))
            written["System.Tags"] = tags.join(known)
        if "System.State" in written:
            state = self._kind.state(written["System.State"])
            written["System.State"] = state.name if state else None
        if "System.TeamProject" in written:
            written["System.TeamProject"] = self._project.name
        return written

    def preview(self) -> dict[str, Any]:
        """The fields as they would stand, for `validateOnly=true`, which writes nothing (trackers.md, "Writing")."""
        moment = self._store.clock.now()
        author = self._store.account
        state = self._state()
        changes = dict(self._changes)
        if "System.Tags" in changes:
            changes["System.Tags"] = tags.join(tags.split(changes["System.Tags"] or ""))
        start = {} if self._item else {**self._paths(), "System.TeamProject": self._project.name}
        entered = transitions.entering(state or self._kind.states[0], moment, author) if state or not self._item else {}
        return revised_fields({**self._before, **start}, {**entered, **changes}, moment, author)

    def _existing(self) -> WorkItem:
        if self._item is None:
            raise ValueError("the patch creates an item")
        return self._item
