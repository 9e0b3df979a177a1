from fractions import Fraction
from typing import Annotated, Any, Literal

import msgspec
import pytest

from hf_lambda.wire import Rule, parse_struct


def lower(text: str) -> str:
    """A rule that changes what it accepts."""
    if text.endswith("!"):
        raise ValueError("must be calm")
    return text.lower()


class Order(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One field of each sort."""

    table_number: Annotated[int, msgspec.Meta(ge=1)]
    dish: Annotated[str, Rule(lower)] | None = None
    share: Annotated[Fraction, Rule(Fraction)] = Fraction(1)
    size: Literal["small", "large"] | None = None
    extras: list[str] = msgspec.field(default_factory=list)

    def __post_init__(self) -> None:
        if self.size == "large" and self.share < 1:
            raise ValueError("who shares takes a small one")


def finding(body: object) -> str:
    """What is wrong with an order that is refused."""
    with pytest.raises(ValueError, match="order") as caught:
        parse_struct(Order, body, "order")
    return str(caught.value)


def test_fields_are_read_by_their_wire_names() -> None:
    """What is left out has its default, rules may change a value, and unknown keys are ignored."""
    body = {"tableNumber": 7, "dish": "SOUP", "share": "1/2", "size": "small", "colour": "blue"}
    order = parse_struct(Order, body, "order")
    assert order == Order(table_number=7, dish="soup", share=Fraction(1, 2), size="small")
    assert parse_struct(Order, {"tableNumber": 7, "dish": None, "size": None}, "order") == Order(table_number=7)


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"tableNumber": 0}, "order.tableNumber: Expected `int` >= 1"),
        ({"tableNumber": "7"}, "order.tableNumber: Expected `int`, got `str`"),
        ({"tableNumber": 7.0}, "order.tableNumber: Expected `int`, got `float`"),
        ({"tableNumber": True}, "order.tableNumber: Expected `int`, got `bool`"),
        ({"dish": "SOUP!"}, "order.dish: must be calm"),
        ({"share": None}, "order.share: "),
        ({"size": "huge"}, "order.size: must be one of small, large"),
        ({"size": ["small"]}, "order.size: must be one of small, large"),
        ({"extras": ["salt", 1]}, "order.extras: Expected `str`, got `int` - at `$[1]`"),
        ({"size": "large", "share": "1/2"}, "order: who shares takes a small one"),
    ],
)
def test_broken_rule_is_named(fields: dict[str, Any], text: str) -> None:
    """The field, and what it must be."""
    assert finding({"tableNumber": 7, **fields}).startswith(text)


def test_all_findings_come_at_once() -> None:
    """In the order of the fields, those that are missing too, without any value."""
    message = finding({"dish": "hunter2!", "size": "hunter2"})
    assert message == (
        "order.tableNumber: must be given; order.dish: must be calm; order.size: must be one of small, large"
    )


@pytest.mark.parametrize("body", [None, [], "{}", 1, True])
def test_only_an_object_is_a_struct(body: object) -> None:
    """Anything else is refused as a whole."""
    assert finding(body) == "order: must be an object"
