"""Field values as clients send them: read by the field's type, or refused.

Types are those of FieldType in azure-devops-wit-7.1.swagger.json; an identity is given as a unique name, a display name
or both, or as an IdentityRef.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from connectors.sandbox.azure_devops import errors
from connectors.sandbox.azure_devops.catalogue import Catalogue
from connectors.sandbox.azure_devops.model import Field, Identity


def read_value(catalogue: Catalogue, field: Field, value: Any) -> Any:
    """The value to keep, None for an empty one."""
    if value is None or value == "":
        return None
    match field.type:
        case "dateTime":
            return _read_time(field, value)
        case "integer" | "picklistInteger":
            return _read_number(field, value, int)
        case "double" | "picklistDouble":
            return _read_number(field, value, float)
        case "boolean":
            return _read_boolean(field, value)
        case "identity":
            return _read_identity(catalogue, field, value)
        case _:
            return _read_text(field, value)


def parse_time(text: str) -> datetime:
    """An ISO time, in UTC where it names no zone; raises ValueError."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _wrong_type(field: Field) -> errors.ServiceError:
    return errors.broken_rule(f"TF401326: Invalid field status 'InvalidType' for field '{field.reference_name}'.")


def _read_time(field: Field, value: Any) -> datetime:
    try:
        return parse_time(value)
    except (TypeError, ValueError):
        raise _wrong_type(field) from None


def _read_number(field: Field, value: Any, kind: type[int] | type[float]) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise _wrong_type(field)
    try:
        return kind(value)
    except ValueError:
        raise _wrong_type(field) from None


def _read_boolean(field: Field, value: Any) -> bool:
    known = {True: True, False: False, "true": True, "false": False}
    key = value.casefold() if isinstance(value, str) else value
    if isinstance(key, str | bool) and key in known:
        return known[key]
    raise _wrong_type(field)


def _read_identity(catalogue: Catalogue, field: Field, value: Any) -> Identity:
    text = value.get("uniqueName") or value.get("displayName") if isinstance(value, dict) else value
    found = catalogue.find_identity(text) if isinstance(text, str) else None
    if found is None:
        raise errors.broken_rule(f"The identity value '{text}' for field '{field.name}' is an unknown identity.")
    return found


def _read_text(field: Field, value: Any) -> str:
    if isinstance(value, dict | list):
        raise _wrong_type(field)
    return value if isinstance(value, str) else str(value)
