"""Starts that refer to other clips."""

import pytest

from hf_lambda.composition.markup import scan_elements
from hf_lambda.composition.start_references import StartReference, is_number, read_reference, starts_in_seconds


@pytest.mark.parametrize(
    ("start", "reference"),
    [
        ("intro", StartReference("intro", 0)),
        (" intro+0.5 ", StartReference("intro", 0.5)),
        ("intro - 1", StartReference("intro", -1)),
        ("intro-0.5", StartReference("intro-0.5", 0)),
        ("1.5", None),
        ("0x10", None),
        ("1s later", None),
        ("", None),
    ],
)
def test_references_are_told_from_numbers(start: str, reference: StartReference | None) -> None:
    """A minus without spaces belongs to the id."""
    assert read_reference(start) == reference
    assert is_number(start) == (start in ("1.5", "0x10"))


def starts(inner: str) -> list[str | None]:
    """The new starts of the clips in a scene."""
    elements = scan_elements(f"<div data-composition-id=s id=main>{inner}</div>")
    found = starts_in_seconds(elements)
    return [found.get(element) for element in elements[1:]]


def test_starts_behind_a_clip_become_numbers() -> None:
    """Whatever order the clips are in, by id or by the name of a composition, with an offset or without."""
    clips = (
        "<i data-start='b + 0.25' id=c></i><i id=a data-start=1 data-duration=2></i>"
        "<i id=b data-start='a - 0.5' data-duration=0.1></i>"
        "<i data-composition-id=n data-start=-1 data-duration=3></i><i data-start=n></i>"
    )
    assert starts(clips) == ["2.85", None, "2.5", None, "3.0"]


@pytest.mark.parametrize(
    "clips",
    [
        "<i data-start=elsewhere></i>",
        "<i id=a data-start=0></i><i data-start=a></i>",
        "<i id=a data-duration=1></i><i data-start=a></i>",
        "<i id=a data-start=0 data-duration=1></i><i data-start='a - 2'></i>",
        "<i id=a data-start=b data-duration=1></i><i id=b data-start=a data-duration=1></i>",
        "<i id=a data-start=a data-duration=1></i><i data-start=main></i>",
        "<b data-composition-id=x data-start=0><i id=a data-start=0 data-duration=1></i></b><i data-start=a></i>",
    ],
)
def test_other_starts_stay(clips: str) -> None:
    """What only the page can tell is left to it: lengths of files, clips elsewhere, circles."""
    assert set(starts(clips)) == {None}
