import io
import os
import sys
from contextlib import suppress

import pytest

from hf_lambda.cli.live_progress import LiveProgress
from hf_lambda.cli.progress import StageLines, render_display

PLAN = {"TotalFrames": 3, "Findings": [], "Warnings": ["no [b]font[/b]"]}


class Terminal(io.StringIO):
    """A stderr that is a terminal."""

    def isatty(self) -> bool:
        """It is."""
        return True


def show_a_render() -> type:
    """Two stages, a warning and three frames, one of them taken twice; the kind of display."""
    with render_display() as display:
        display.stage_started("compile")
        display.planned(PLAN)
        display.stage_started("render")
        for frame in (0, 1, 1, 2):
            display.frame_captured(frame, b"")
        display.rendered(["a [i]damaged[/i] video"])
        return type(display)


def test_log_gets_a_line_for_each_stage_and_warning(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where stderr is no terminal, texts come as they are."""
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    assert show_a_render() is StageLines
    assert capsys.readouterr().err.splitlines() == [
        "compiling the page",
        "warning: no [b]font[/b]",
        "rendering",
        "warning: a [i]damaged[/i] video",
    ]


def test_terminal_gets_a_live_display(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal sees how far the render is, and warnings as they are; a frame counts once."""
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    assert show_a_render() is LiveProgress
    shown = terminal.getvalue()
    assert "warning: no [b]font[/b]" in shown
    assert "warning: a [i]damaged[/i] video" in shown
    assert "rendering" in shown
    assert "3/3" in shown


@pytest.mark.parametrize("colour", ["", "1"])
def test_nobody_need_read_to_the_end(monkeypatch: pytest.MonkeyPatch, colour: str) -> None:
    """A reader that has gone, as `head` does, ends no render."""
    reader, writer = os.pipe()
    os.close(reader)
    monkeypatch.setenv("FORCE_COLOR", colour)
    stderr = os.fdopen(writer, "w")
    monkeypatch.setattr(sys, "stderr", stderr)
    assert show_a_render() is (LiveProgress if colour else StageLines)
    with suppress(BrokenPipeError):
        stderr.close()


def test_live_display_can_be_forced(monkeypatch: pytest.MonkeyPatch) -> None:
    """FORCE_COLOR, which build servers set, asks for what a terminal gets."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert show_a_render() is LiveProgress
