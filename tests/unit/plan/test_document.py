import dataclasses
import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from hf_lambda import __version__
from hf_lambda.capture.shutter import PictureFormat
from hf_lambda.errors import CHUNK_INDEX_OUT_OF_RANGE, FFMPEG_VERSION_MISMATCH, PLAN_HASH_MISMATCH, TOOLCHAIN_MISMATCH
from hf_lambda.plan.document import Plan, PlanFile, check_tools, tool_identities
from hf_lambda.plan.split import Chunk, FrameRange
from hf_lambda.toolchain import Toolchain

NAMES = ("chromium", "ffmpeg", "ffprobe", "fonts", "runtime")


@pytest.fixture
def tools() -> Toolchain:
    """A toolchain that is not there, but has versions."""
    return Toolchain(Path("/t"), Path("/c"), dict.fromkeys(NAMES, "1"), {name: f"{name} digest" for name in NAMES})


def test_plan_survives_json(plan: Plan) -> None:
    """A plan that was written and read is the same plan with the same hash."""
    copy = Plan.from_json(json.loads(json.dumps(plan.to_json())))
    assert copy == plan
    assert copy.hash() == plan.hash()


def test_duration_is_exact(plan: Plan) -> None:
    """Frames over rate, without rounding."""
    assert plan.duration_seconds == Fraction(25 * 1001, 30000)


@pytest.mark.parametrize(
    "change",
    [
        {"entry_file": "main.html"},
        {"width": 642},
        {"height": 362},
        {"fps": Fraction(30)},
        {"total_frames": 24},
        {"variables": {"title": "u"}},
        {"format": "mov"},
        {"chunks": (Chunk(0, (FrameRange(0, 25),)),)},
        {"picture": PictureFormat("jpeg", 96)},
        {"picture": PictureFormat("png", 95)},
        {"capture_mode": "screenshot"},
        {"chromium_flags": ("--headless", "--more")},
        {"files": {}},
        {"files": {"index.html": PlanFile("ab" * 32, 11, is_blob=False)}},
        {"tools": {"ffmpeg": "7 ab", "producer": "0.1.0"}},
    ],
    ids=lambda change: next(iter(change)),
)
def test_everything_that_decides_the_video_decides_the_hash(plan: Plan, change: dict[str, Any]) -> None:
    """Two plans that could give different videos have different hashes."""
    assert dataclasses.replace(plan, **change).hash() != plan.hash()


@pytest.mark.parametrize("change", [{"params": ["aq-mode=1"]}, {"options": {"crf": "1"}}, {"suffix": ".mov"}])
def test_encoding_decides_the_hash(plan: Plan, change: dict[str, Any]) -> None:
    """The encoder's arguments are part of the plan."""
    assert dataclasses.replace(plan, recipe=dataclasses.replace(plan.recipe, **change)).hash() != plan.hash()


def test_order_of_files_does_not_decide_the_hash(plan: Plan) -> None:
    """Equal plans have equal hashes however they were put together."""
    files = dict(reversed(list(plan.files.items())))
    assert dataclasses.replace(plan, files=files).hash() == plan.hash()


def test_document_has_no_uri_and_no_path_of_this_machine(plan: Plan) -> None:
    """The same plan on another machine, in another bucket, has the same hash."""
    text = json.dumps(plan.to_json())
    assert "s3://" not in text
    assert "file://" not in text
    assert str(Path.cwd()) not in text


@pytest.mark.parametrize("index", [0, 1, 2])
def test_chunk_is_found_by_its_index(plan: Plan, index: int) -> None:
    """Each chunk of the plan can be asked for."""
    assert plan.chunk(index).index == index


@pytest.mark.parametrize("index", [-1, 3, 10**9])
def test_chunk_that_is_not_there_is_refused(plan: Plan, index: int) -> None:
    """An index beyond the plan is named, a negative one too."""
    with pytest.raises(CHUNK_INDEX_OUT_OF_RANGE, match=f"chunk {index} of a plan with 3 chunks"):
        plan.chunk(index)


@pytest.mark.parametrize("schema", [None, 0, 2, "1"])
def test_document_of_another_schema_is_refused(plan: Plan, schema: object) -> None:
    """A plan of another version of this package is not guessed at."""
    with pytest.raises(PLAN_HASH_MISMATCH, match="this worker reads 1"):
        Plan.from_json({**plan.to_json(), "schema": schema})


def test_identities_name_tool_package_and_scripts(tools: Toolchain) -> None:
    """What draws and encodes is identified by version and digest, our own parts included."""
    identities = tool_identities(tools)
    assert {name: identities[name] for name in NAMES} == {name: f"1 {name} digest" for name in NAMES}
    assert identities["producer"] == __version__
    assert len(identities["pageScripts"]) == 64
    assert set(identities) == {*NAMES, "producer", "pageScripts"}


def test_same_tools_are_accepted(plan: Plan, tools: Toolchain) -> None:
    """A worker with the tools of the plan may work."""
    same = dataclasses.replace(plan, tools=tool_identities(tools))
    check_tools(same, tools)
    assert same.tools == tool_identities(tools)


@pytest.mark.parametrize("name", ["chromium", "ffprobe", "fonts", "runtime", "producer", "pageScripts"])
def test_other_tool_is_refused_by_name(plan: Plan, tools: Toolchain, name: str) -> None:
    """A worker with another tool than the plan's says which."""
    other = dataclasses.replace(plan, tools={**tool_identities(tools), name: "2 another"})
    with pytest.raises(TOOLCHAIN_MISMATCH, match=f"^{name} is .* here, the plan was made with 2 another"):
        check_tools(other, tools)


def test_other_ffmpeg_has_a_code_of_its_own(plan: Plan, tools: Toolchain) -> None:
    """Callers know the mismatch of ffmpeg by its own name."""
    other = dataclasses.replace(plan, tools={**tool_identities(tools), "ffmpeg": "2 another"})
    with pytest.raises(FFMPEG_VERSION_MISMATCH, match="ffmpeg is 1 ffmpeg digest here"):
        check_tools(other, tools)


def test_optional_tool_is_part_of_the_identity(plan: Plan, tools: Toolchain) -> None:
    """A plan that was made with Mesa is not drawn without it, nor the other way round."""
    mesa = dataclasses.replace(tools, versions=tools.versions | {"mesa": "25"}, digests=tools.digests | {"mesa": "ab"})
    assert tool_identities(mesa) == {**tool_identities(tools), "mesa": "25 ab"}
    with pytest.raises(TOOLCHAIN_MISMATCH, match=r"^mesa is None here, the plan was made with 25 ab\."):
        check_tools(dataclasses.replace(plan, tools=tool_identities(mesa)), tools)
    with pytest.raises(TOOLCHAIN_MISMATCH, match=r"^mesa is 25 ab here, the plan was made with None\."):
        check_tools(dataclasses.replace(plan, tools=tool_identities(tools)), mesa)


@pytest.mark.parametrize("extra", [{"lens": "1"}, None])
def test_tool_that_one_side_lacks_is_refused(plan: Plan, tools: Toolchain, extra: dict[str, str] | None) -> None:
    """A tool that only the plan or only the worker knows is a difference."""
    ours = tool_identities(tools)
    theirs = {**ours, **extra} if extra else {name: text for name, text in ours.items() if name != "fonts"}
    with pytest.raises(TOOLCHAIN_MISMATCH, match="None"):
        check_tools(dataclasses.replace(plan, tools=theirs), tools)
