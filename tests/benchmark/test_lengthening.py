from pathlib import Path

import pytest
from bench.lengthening import NotRepeatableError, play_repeatedly

PAGE = """<body><div id="root" data-composition-id="flat" data-duration="6.5"></div>
<script>window.__timelines = { flat: tl };</script></body>"""


def test_a_timeline_is_played_again_and_again(tmp_path: Path) -> None:
    """The page lasts so many times as long, and its timeline is played so often, after it was made."""
    (tmp_path / "index.html").write_text(PAGE)
    play_repeatedly(tmp_path, "flat", 4)
    page = (tmp_path / "index.html").read_text()
    assert 'data-duration="26"' in page
    play = '__timelines["flat"], { time: 0 }, { time: 6.5, duration: 6.5, ease: "none", repeat: 3 })'
    assert page.index(play) > page.index("flat: tl")


@pytest.mark.parametrize("page", ["<body></body>", PAGE.replace("</body>", ""), PAGE + PAGE])
def test_other_pages_are_left_alone(page: str, tmp_path: Path) -> None:
    """What has no single duration, or no end, is refused as it is."""
    (tmp_path / "index.html").write_text(page)
    with pytest.raises(NotRepeatableError, match=r"index\.html"):
        play_repeatedly(tmp_path, "flat", 2)
    assert (tmp_path / "index.html").read_text() == page
