"""What a page shows decides how its encoder searches."""

from pathlib import Path

import pytest

from hf_lambda.plan.packing import read_plan
from hf_lambda.settings import Settings
from hf_lambda.storage.folder import FolderStorage, folder_uri
from tests.functional.projects import write_project
from tests.functional.renders import render

pytestmark = pytest.mark.browser

DRAWN = '<p style="font:700 44px Inter;color:#fff;background:linear-gradient(90deg,red,blue)">Axo</p>'
SHADED = '<div style="position:absolute;inset:0;background:linear-gradient(90deg,#234,#9bd)">Axo</div>'
MOVING = f"""<style>@keyframes pass {{ to {{ translate: 320px }} }}</style>{SHADED}
<b style="position:absolute;width:80px;height:180px;background:#fff;animation:pass 0.2s linear"></b>"""
GRAIN = """<canvas id="grain" width="320" height="180"></canvas><script>
  const context = document.getElementById("grain").getContext("2d");
  const grain = context.createImageData(320, 180);
  let state = 7;
  grain.data.forEach((_, index) => {
    state = (state * 48271) % 2147483647;
    grain.data[index] = index % 4 === 3 ? 255 : 90 + (state % 80);
  });
  context.putImageData(grain, 0, 0);
</script>"""


@pytest.mark.parametrize(
    ("container", "body", "search"),
    [
        ("mp4", DRAWN, "subme=5"),
        ("mp4", SHADED, "subme=6"),
        ("mp4", MOVING, "subme=5"),
        ("mp4", GRAIN, "subme=2"),
        ("webm", DRAWN, "screen"),
        ("webm", SHADED, "screen"),
        ("webm", GRAIN, "good"),
    ],
    ids=["mp4-drawn", "mp4-shaded", "mp4-moving", "mp4-natural", "webm-drawn", "webm-shaded", "webm-natural"],
)
def test_the_plan_tells_what_the_page_shows(
    container: str, body: str, search: str, session_settings: Settings, tmp_path: Path
) -> None:
    """Its frames are looked at while it is probed, as pixels or as PNGs."""
    project = write_project(tmp_path / "project", body, width=320, height=180, duration=0.2)
    render(project, tmp_path, session_settings, quality="standard", format=container)
    uri = folder_uri(tmp_path / "kept" / "plan.tar.gz")
    recipe = read_plan(FolderStorage(), uri, tmp_path / "plan", expected_hash=None).plan.recipe
    assert search in (*recipe.params, *recipe.options.values())
