import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

import pytest

from hf_lambda.composition.media import normalise_media


@dataclass(frozen=True)
class Facts:
    """A file with sound of 4 s and pictures of 3 s."""

    video_seconds: float | None = 3.0
    audio_seconds: float | None = 4.0
    has_audio: bool = True
    video_size: tuple[int, int] | None = (64, 48)


def normalise(html: str, facts: Facts | None = None) -> str:
    """The document with each file answered by `facts`, and none missing."""
    return normalise_media(html, Path("/project"), lambda _: facts or Facts())


def tags(html: str) -> list[dict[str, str]]:
    """The attributes of each media element."""
    return [dict(re.findall(r'([\w-]+)="([^"]*)"', tag)) for tag in re.findall(r"<(?:video|audio)[^>]*>", html)]


def test_document_without_media_stays_as_it_is() -> None:
    """Nothing to do, nothing done."""
    html = "<body><p>VIDEO <video-like></video-like><!-- <video src=a.mp4> --></p></body>"
    assert normalise(html) == html


def test_missing_ids_are_counted_by_kind_around_those_that_exist() -> None:
    """An id is given where there is none, and never one that another element has."""
    html = '<i id="hf-video-0"></i><video src="a.mp4"></video><audio src="b.mp3"></audio><video src="c.mp4"></video>'
    assert [tag["id"] for tag in tags(normalise(html))] == ["hf-video-1", "hf-audio-0", "hf-video-2"]


def test_render_ids_are_unique_where_authors_repeat_theirs() -> None:
    """Templates that are used twice bring the same id twice; the render id tells them apart."""
    found = tags(normalise('<video id="v" src="a.mp4"></video>' * 3 + '<audio id="v__hf2" src="a.mp3"></audio>'))
    assert [tag["id"] for tag in found] == ["v", "v", "v", "v__hf2"]
    assert [tag["data-hf-render-id"] for tag in found] == ["v", "v__hf2", "v__hf3", "v__hf2__hf2"]


def test_missing_start_is_zero_and_marked() -> None:
    """Media without a start begin at once, and say that nobody asked for it."""
    first, second = tags(normalise('<video src="a.mp4"></video><video data-start="1" src="a.mp4"></video>'))
    assert (first["data-start"], first["data-hf-auto-start"]) == ("0", "")
    assert (second["data-start"], "data-hf-auto-start" in second) == ("1", False)


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ("", "3"),
        ('data-media-start="1"', "2"),
        ('data-playback-start="2" data-media-start="1"', "1"),
        ('data-playback-rate="2"', "1.5"),
        ('data-playback-rate="0.01"', "30"),
        ('data-media-start="-1"', "3"),
        ('data-duration="7"', "7"),
        ('data-duration="0"', "3"),
        ('data-duration="7s"', "3"),
        ('data-end="2"', None),
        ('data-media-start="3"', None),
    ],
)
def test_length_is_what_the_source_still_has(attributes: str, expected: str | None) -> None:
    """Where no length is declared, it is the rest of the pictures at the clip's rate."""
    (tag,) = tags(normalise(f'<video {attributes} src="a.mp4"></video>'))
    assert tag.get("data-duration") == expected


def test_sound_has_the_length_of_its_own_stream() -> None:
    """An audio element plays the sound of a video file for as long as the sound lasts."""
    assert tags(normalise('<audio src="a.mp4"></audio>'))[0]["data-duration"] == "4"


def test_loop_fills_its_composition() -> None:
    """A clip that repeats lasts until the composition around it ends."""
    scene = '<div data-composition-id="s" data-duration="9"><video loop data-start="2" src="a.mp4"></video></div>'
    assert tags(normalise(scene))[0]["data-duration"] == "7"
    endless = '<div data-composition-id="s"><video loop data-start="2" src="a.mp4"></video></div>'
    assert tags(normalise(endless))[0]["data-duration"] == "3"


def test_source_child_is_the_source(tmp_path: Path) -> None:
    """The first source element's file is looked into, by its decoded path inside the project."""
    asked: list[Path] = []

    def probe(path: Path) -> Facts:
        asked.append(path)
        return Facts()

    html = '<video><source src="m/%C3%BC%20b.mp4?x=1"><source src="c.webm"></video>'
    assert tags(normalise_media(html, tmp_path, probe))[0]["data-duration"] == "3"
    assert asked == [tmp_path / "m/ü b.mp4"]


@pytest.mark.parametrize("url", ["https://example.com/a.mp4", "data:video/mp4;base64,AA", "{{clip}}", ""])
def test_files_from_elsewhere_are_not_looked_into(url: str, tmp_path: Path) -> None:
    """Only files of the project can be probed here."""

    def probe(path: Path) -> Facts:
        raise AssertionError(path)

    assert "data-duration" not in normalise_media(f'<video src="{url}"></video>', tmp_path, probe)


@pytest.mark.parametrize(
    ("html", "facts", "expected"),
    [
        ('<video src="a.mp4"></video>', Facts(), "true"),
        ('<video muted src="a.mp4"></video>', Facts(), "false"),
        ('<video src="a.mp4"></video>', Facts(audio_seconds=None, has_audio=False), "false"),
        ('<video muted data-has-audio="true" src="a.mp4"></video>', Facts(), "true"),
        ('<audio src="a.mp3"></audio>', Facts(), None),
    ],
)
def test_sound_of_a_video_is_declared(html: str, facts: Facts, expected: str | None) -> None:
    """A video has sound unless it is muted or its file has none; the author's word counts more."""
    assert tags(normalise(html, facts))[0].get("data-has-audio") == expected


@pytest.mark.parametrize(
    "html",
    [
        "<video data-var-src=clip src=a.mp4></video>",
        "<video><source data-var-src=clip src=a.mp4></video>",
        "<video data-var-src=clip src=a.mp4 data-duration=9></video>",
        '<div data-composition-id=s data-duration=9><video loop data-var-src=clip src="a.mp4"></video></div>',
    ],
)
def test_file_that_a_variable_may_replace_says_nothing_of_length_and_sound(html: str) -> None:
    """The page plays another one, which is not as long or silent as this; what the author declares counts."""
    (tag,) = tags(normalise(html.replace("=9", '="9"'), Facts(audio_seconds=None, has_audio=False)))
    assert tag["data-has-audio"] == "true"
    assert tag.get("data-duration") == ("9" if "9" in html else None)


def test_attributes_that_block_loading_go() -> None:
    """What the author wrote besides stays to the letter."""
    html = "<video CrossOrigin src=a.mp4 preload='none' class='x y' id=v data-start=1 data-duration=1 muted></video>"
    expected = (
        "<video class='x y' id=v data-start=1 data-duration=1 muted"
        ' data-hf-render-id="v" data-has-audio="false" data-hf-lambda-src="a.mp4"></video>'
    )
    assert normalise_media(html, Path("/project"), lambda _: None) == expected
    assert 'preload="auto"' in normalise('<video preload="auto" src="a.mp4"></video>')


def test_no_media_loads_by_itself() -> None:
    """The sources stay readable, but not for the browser; those of pictures are left alone."""
    html = '<video src="a.mp4"><source src="b.mp4"></video><picture><source src="c.avif"></picture>'
    found = re.findall(r'(?<=[ -])(?:data-hf-lambda-)?src="[^"]*"', normalise(html))
    assert found == ['data-hf-lambda-src="a.mp4"', 'data-hf-lambda-src="b.mp4"', 'src="c.avif"']


def test_video_has_the_size_of_its_file() -> None:
    """The page learns its size and its lengths, and an empty poster lays the element out as the file would."""
    (tag,) = tags(normalise("<video src=a.mp4 poster=cover.jpg></video>").replace("&quot;", "'"))
    assert tag["data-hf-lambda-media"] == "{'width': 64, 'height': 48, 'seconds': 4.0, 'pictures': 3.0}"
    assert unquote(tag["poster"]).endswith('width="64" height="48"/>')
    assert "poster" not in tags(normalise("<audio src=a.mp4></audio>"))[0]


def test_without_a_probe_ids_and_starts_are_written() -> None:
    """What can be known without the files is written all the same."""
    html = normalise_media('<video src="a.mp4"></video>', Path("/project"), None)
    assert tags(html)[0]["data-start"] == "0"
    assert "data-duration" not in html
