"""Lint within a render: what the plan says, and that its hardest rules tell the truth."""

from pathlib import Path

import pytest

from hf_lambda.settings import Settings
from tests.functional.projects import write_project
from tests.functional.renders import render

pytestmark = pytest.mark.browser

BOX = '<div id="box" style="width: 40px; height: 40px; background: #f80"></div>'


def write_timeline(folder: Path, calls: str) -> Path:
    """A project of one second whose timeline makes these calls."""
    script = f'const tl = gsap.timeline({{ paused: true }}); {calls}\nwindow.__timelines["main"] = tl;'
    return write_project(folder, BOX, script=script)


def test_the_plan_names_findings_by_the_authors_lines(session_settings: Settings, tmp_path: Path) -> None:
    """The plan's result has each finding as data and as text, with the line of the file before compiling."""
    project = write_project(tmp_path / "project", '<p data-start="0" data-duration="1s">a</p>', duration=0.2)
    line = (project / "index.html").read_text().split("1s")[0].count("\n") + 1
    plan = render(project, tmp_path, session_settings).summary.plan
    message = 'data-duration="1s" is not a number above 0'
    assert plan["Findings"] == [{"File": "index.html", "Line": line, "Code": "invalid_duration", "Message": message}]
    assert f"index.html:{line}: invalid_duration: {message}" in plan["Warnings"]


@pytest.mark.parametrize(
    ("code", "calls"),
    [
        (
            "overlapping_tweens",
            'tl.to("#box", { x: 200, duration: 0.8 }, 0); tl.to("#box", { x: 0, duration: 0.4 }, 0.4)',
        ),
        ("random_at_tween_start", 'tl.to("#box", { x: () => Math.random() * 200, duration: 0.5 }, 0.1)'),
    ],
)
def test_what_is_said_to_depend_on_history_does(
    session_settings: Settings, tmp_path: Path, code: str, calls: str
) -> None:
    """A timeline with such a finding gives other pictures when the video is cut into other segments."""
    project = write_timeline(tmp_path / "project", calls)
    whole = render(project, tmp_path / "whole", session_settings, segmentFrames=30)
    parts = render(project, tmp_path / "parts", session_settings, segmentFrames=10)
    assert [finding["Code"] for finding in whole.summary.plan["Findings"]] == [code]
    assert whole.pictures[:10] == parts.pictures[:10]
    assert whole.pictures != parts.pictures
