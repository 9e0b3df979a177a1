"""JSON becomes a struct, checked field by field: all findings come at once, and none of them holds a value."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import NoneType
from typing import Any, Literal, TypeVar, get_args, get_origin

import msgspec

Wire = TypeVar("Wire", bound=msgspec.Struct)


@dataclass(frozen=True)
class Rule:
    """What a field's type does not say, as a mark in its `Annotated`."""

    check: Callable[[Any], Any]
    """Gives the value as the struct has it, also of one that it gave itself. Raises a ValueError that says the rule."""


def parse_struct(kind: type[Wire], body: object, subject: str) -> Wire:
    """What `body`, parsed JSON, says of a `kind`. Keys that it does not know are ignored.

    Raises:
        ValueError: fields are missing or break their rule; each is named below `subject`, in one line.
    """
    if not isinstance(body, dict):
        raise ValueError(f"{subject}: must be an object")
    values, findings = {}, []
    for field in msgspec.structs.fields(kind):
        name = field.encode_name
        try:
            if name in body:
                values[field.name] = _convert(body[name], field.type)
            elif field.required:
                raise ValueError("must be given")
        except ValueError as error:
            findings.append(f"{subject}.{name}: {error}")
    if findings:
        raise ValueError("; ".join(findings))
    try:
        return kind(**values)
    except ValueError as error:
        raise ValueError(f"{subject}: {error}") from None


def _convert(value: object, kind: Any) -> Any:
    parts = list(_parts(kind))
    choices = [choice for part in parts if get_origin(part) is Literal for choice in get_args(part)]
    if choices and value not in choices and not (value is None and NoneType in parts):
        raise ValueError(f"must be one of {', '.join(map(str, choices))}")
    check = next((part.check for part in parts if isinstance(part, Rule)), _accept)
    converted = msgspec.convert(value, kind, dec_hook=lambda _, raw: check(raw))
    return None if converted is None else check(converted)


def _parts(kind: Any) -> Iterator[Any]:
    """The type, what it is made of, and the marks on it."""
    yield kind
    for part in get_args(kind):
        yield from _parts(part)


def _accept(value: Any) -> Any:
    return value
