from pathlib import Path

import pytest

from tests.unit.composition.lint.projects import codes, page


@pytest.mark.parametrize(
    ("code", "attributes"),
    [
        ("invalid_start", 'data-start="after intro"'),
        ("unknown_start_reference", 'data-start="3s"'),
        ("unknown_start_reference", 'data-start="intro-0.5"'),
        ("unknown_start_reference", 'data-start="outro + 1"'),
        ("invalid_duration", 'data-start="0" data-duration="2s"'),
        ("invalid_duration", 'data-start="0" data-duration="-1"'),
        ("invalid_duration", 'data-start="0" data-duration="0"'),
        ("negative_start", 'data-start="-0.5"'),
        ("data_end_contradiction", 'data-start="1" data-duration="2" data-end="4"'),
        ("window_outside_composition", 'data-start="5"'),
        ("window_outside_composition", 'data-start="4" data-duration="2"'),
    ],
)
def test_faults_of_timing_are_found(tmp_path: Path, code: str, attributes: str) -> None:
    """A clip with one fault gives its one code."""
    assert codes(tmp_path, page(f'<p id="intro" data-start="0" data-duration="1"></p><p {attributes}></p>')) == [code]


@pytest.mark.parametrize(
    "attributes",
    [
        'data-start="intro"',
        'data-start="intro+2"',
        'data-start="intro + 0.5" data-duration="1"',
        'data-start="intro - 0.5"',
        'data-start="main"',
        'data-start=" 1e0 " data-duration=".5"',
        'data-start="0x1" data-duration="0x2"',
        'data-start="1" data-duration="2" data-end="3"',
        'data-start="3" data-duration="2"',
        'data-start="3" data-duration="2.03"',
        'data-start="" data-duration=""',
        'data-start="{{start}}" data-duration="__LENGTH__"',
    ],
)
def test_sound_timing_is_left_alone(tmp_path: Path, attributes: str) -> None:
    """Numbers as JavaScript reads them, references and placeholders give nothing."""
    assert codes(tmp_path, page(f'<p id="intro" data-start="0" data-duration="1"></p><p {attributes}></p>')) == []


def test_window_is_measured_in_the_nearest_composition(tmp_path: Path) -> None:
    """A clip inside a nested composition counts from that one's start."""
    clip = '<p data-start="{}"></p>'
    nested = '<div data-composition-id="b" data-start="2" data-duration="3">{}</div>'
    assert codes(tmp_path, page(nested.format(clip.format(2.5)))) == []
    assert codes(tmp_path, page(nested.format(clip.format(4)))) == ["window_outside_composition"]


def test_reference_to_an_element_that_a_script_makes_is_left_alone(tmp_path: Path) -> None:
    """An id that stands in a script may exist by the time that the reference is read."""
    assert codes(tmp_path, page('<p data-start="made"></p>', script="make('made')")) == []


@pytest.mark.parametrize("starts", [("e0",), ("e1", "e0 + 1"), ("e2 - 1", "e0", "e1")])
def test_circles_are_found_at_each_of_their_clips(tmp_path: Path, starts: tuple[str, ...]) -> None:
    """Clips that wait for one another, or for themselves; one behind a circle is in none."""
    clips = "".join(f'<p id="e{index}" data-start="{start}"></p>' for index, start in enumerate(starts))
    behind = '<p id="behind" data-start="e0"></p>'
    assert codes(tmp_path, page(clips + behind)) == ["circular_start_reference"] * len(starts)
