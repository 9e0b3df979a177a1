"""A small plan, for tests of its document and of its packing."""

from fractions import Fraction

import pytest

from hf_lambda.capture.shutter import PictureFormat
from hf_lambda.config import parse_config
from hf_lambda.media.encoding import encoder_recipe
from hf_lambda.plan.document import Plan, PlanFile
from hf_lambda.plan.split import split_frames

INDEX = b"<p>page</p>"


@pytest.fixture
def plan() -> Plan:
    """A plan of three chunks, with one small file and one blob."""
    config = parse_config({"fps": "30000/1001", "chunkSize": 10, "segmentFrames": 4, "variables": {"title": "ü"}})
    return Plan(
        entry_file="index.html",
        width=640,
        height=360,
        scale=1,
        fps=Fraction(30000, 1001),
        total_frames=25,
        variables=config.variables,
        format="mp4",
        cfr=False,
        chunks=split_frames(25, config),
        recipe=encoder_recipe(config, "jpeg"),
        picture=PictureFormat("jpeg", 95),
        capture_mode="beginframe",
        chromium_flags=("--headless",),
        files={
            "index.html": PlanFile("aa" * 32, 11, is_blob=False),
            "media/a.png": PlanFile("bb" * 32, 5, is_blob=True),
        },
        tools={"ffmpeg": "7 aa", "producer": "0.1.0"},
    )
