from dataclasses import replace
from pathlib import Path

import pytest

from hf_lambda.capture.media_elements import MediaElement
from hf_lambda.capture.sound import AudioGroup
from hf_lambda.stages.listening import Heard, audible, effect_warnings, scripts_mention_volume

SOUND = MediaElement(
    kind="audio",
    key="a",
    source="a.mp3",
    origin=0.0,
    start=0.0,
    stop=1.0,
    media_start=0.0,
    rate=1.0,
    loop=False,
    volume=1.0,
    muted=False,
    has_audio=True,
    hidden=False,
    group=None,
    automation=None,
    fade_in=0.0,
    fade_out=0.0,
    fx_chain=None,
    order=0,
)
GROUPS = [
    AudioGroup("loud", 1.0, hidden=False, automation=None, fx_chain="{}"),
    AudioGroup("gone", 1.0, hidden=True, automation=None, fx_chain="{}"),
]


def keys(*elements: MediaElement) -> list[str]:
    """Which of elements are to be heard."""
    return [element.key for element in audible(Heard(elements, GROUPS, {}))]


def test_elements_are_heard_unless_something_silences_them() -> None:
    """Without a source, without sound, muted, hidden or in a hidden group there is nothing to hear."""
    silent = [
        replace(SOUND, source=None),
        replace(SOUND, has_audio=False),
        replace(SOUND, muted=True),
        replace(SOUND, hidden=True),
        replace(SOUND, group="gone"),
    ]
    assert keys(*silent) == []
    assert keys(SOUND, replace(SOUND, key="b"), replace(SOUND, key="c", group="loud")) == ["a", "b", "c"]
    assert keys(replace(SOUND, group="unknown")) == ["a"]


def test_effects_are_named_where_they_would_be_heard() -> None:
    """Elements and groups with effects are named, but not those that are silent."""
    elements = [replace(SOUND, fx_chain="{}"), replace(SOUND, key="b", fx_chain="{}", muted=True), SOUND]
    warnings = effect_warnings(Heard(elements, GROUPS, {}))
    assert [warning.split(":")[0] for warning in warnings] == ["audio a", "audio group loud"]


@pytest.mark.parametrize(
    ("name", "text", "is_mentioned"),
    [
        ("index.html", '<audio data-volume="0.5"></audio>', False),
        ("index.html", "<script>tl.to(a, { volume: 0 })</script>", True),
        ("index.html", """<audio data-automation='{"lanes":[{"target": "volume"}]}'></audio>""", False),
        ("index.html", '<audio data-automation="{&quot;target&quot;:&quot;volume&quot;}"></audio>', False),
        ("a.js", "event.target.volume = 1", True),
        ("deep/a.js", "sound.volume = 0.5", True),
        ("a.mjs", "const volumes = []; setVolume(1)", False),
        ("notes.txt", "volume", False),
    ],
)
def test_scripts_that_could_set_a_volume_are_found(tmp_path: Path, name: str, text: str, is_mentioned: bool) -> None:
    """The word is looked for in documents and scripts; the attribute is another word."""
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    assert scripts_mention_volume(tmp_path) is is_mentioned
