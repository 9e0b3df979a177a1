"""Makes a project of the suite longer: its timeline is played several times over."""

import re
from pathlib import Path

_DURATION = re.compile(r'(data-duration=")(\d+(?:\.\d+)?)(")')
"""In a project of the suite there is one composition, and nothing else that has a duration."""
_END = "</body>"


class NotRepeatableError(Exception):
    """The project has no single duration, or no end to add a script to."""


def play_repeatedly(project: Path, composition: str, times: int) -> None:
    """Have the project show the timeline of `composition` so many times, one after the other.

    A longer timeline moves it through the composition's seconds. Were it told to repeat, it would rest after the first
    play: the runtime makes it as long as the composition, and some are longer than what is shown of them.

    Raises:
        NotRepeatableError: it is not made like a project of the suite.
    """
    entry = project / "index.html"
    page = entry.read_text("utf-8")
    durations = _DURATION.findall(page)
    if len(durations) != 1 or page.count(_END) != 1:
        raise NotRepeatableError(f"{entry} has not one duration and one {_END}")
    seconds = float(durations[0][1])
    page = _DURATION.sub(lambda match: f"{match[1]}{seconds * times:g}{match[3]}", page)
    timeline = f'window.__timelines["{composition}"]'
    play = f'{{ time: {seconds:g}, duration: {seconds:g}, ease: "none", repeat: {times - 1} }}'
    repeated = f"gsap.timeline({{ paused: true }}).fromTo({timeline}, {{ time: 0 }}, {play})"
    entry.write_text(page.replace(_END, f"<script>{timeline} = {repeated};</script>\n  {_END}"), "utf-8")
