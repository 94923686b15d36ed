"""The plan: everything that one cycle would write, as a sorted, hashable value that round-trips through JSON."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Annotated

from pydantic import Discriminator, TypeAdapter, ValidationError

from lpm_sync.core.change import ItemChange, OpenEscalation
from lpm_sync.core.work_item import Ref
from lpm_sync.errors import ConfigurationError

_ItemChange = Annotated[ItemChange, Discriminator("kind")]


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemPlan:
    """All changes of one item, in the order in which they are made, and the state that they were decided on."""

    ref: Ref
    key: str
    title: str
    url: str
    precondition: str
    changes: tuple[_ItemChange, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Every write of one cycle. `items_in_scope` is what the safety limits measure against."""

    made_at: datetime
    portfolio: str
    items_in_scope: int
    items: tuple[ItemPlan, ...] = ()
    escalations: tuple[OpenEscalation, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not (self.items or self.escalations)

    @property
    def change_count(self) -> int:
        """Every single write, with those that follow the creation of an escalation epic."""
        opening = sum(1 + len(escalation.follow_up) for escalation in self.escalations)
        return sum(len(item.changes) for item in self.items) + opening

    @property
    def digest(self) -> str:
        """The approval token: 16 hexadecimal digits over what would be written, not over when it was planned."""
        content = _adapter().dump_json(self, exclude={"made_at"})
        return hashlib.sha256(content).hexdigest()[:16]

    @property
    def _seal(self) -> str:
        """Over everything, also over when it was planned, which is no part of what is approved."""
        return hashlib.sha256(_adapter().dump_json(self)).hexdigest()[:16]

    def to_json(self) -> bytes:
        """The plan file: the plan, its digest, and a seal over all of it, so that an edit shows."""
        content = {"digest": self.digest, "seal": self._seal, **_adapter().dump_python(self, mode="json")}
        return json.dumps(content, ensure_ascii=False, indent=2).encode() + b"\n"

    @classmethod
    def from_json(cls, content: bytes, *, name: str = "plan") -> Plan:
        """Reads a plan file; raises ConfigurationError naming `name` and the place when it is not one.

        A plan that was edited is refused: what is applied is what was shown.
        """
        try:
            plan = _adapter().validate_json(content)
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(str(part) for part in first["loc"]) or "the top level"
            raise ConfigurationError(
                f"{name}: not a plan of this version: {place}: {first['msg']}; write one with: lpm-sync plan --out FILE"
            ) from error
        told = json.loads(content)
        if (told.get("digest"), told.get("seal")) != (plan.digest, plan._seal):
            raise ConfigurationError(f"{name}: edited after it was made; write it again with: lpm-sync plan --out FILE")
        return plan


@lru_cache(maxsize=1)
def _adapter() -> TypeAdapter[Plan]:
    return TypeAdapter(Plan)
