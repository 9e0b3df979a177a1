from dataclasses import replace

import pytest
from bench import lambda_model as model

from hf_lambda.config import RenderConfig
from hf_lambda.plan.split import split_frames

ONE, TWO = model.Sandbox(1, cold_seconds=2.0), model.Sandbox(2, cold_seconds=1.25)
PAGE = model.Page("flat", plan_seconds=1.0, chunk=model.Line(0.5, 0.05), bytes_per_frame=10_000)


def estimate(frames: int, concurrency: int) -> model.Estimate:
    """A render of the page in chunks of 240 frames, on two vCPUs."""
    return model.estimate(PAGE, frames, TWO, chunk_frames=240, concurrency=concurrency, join_seconds=0.001)


def test_line_goes_through_its_points() -> None:
    """Two points give the line through them; more give the one with the least squares."""
    line = model.fit_line([(3, 2.3), (180, 20.0)])
    assert line.start == pytest.approx(2.0)
    assert line.per_frame == pytest.approx(0.1)
    assert line.at(100) == pytest.approx(12.0)
    assert model.fit_line([(0, 1), (0, 3), (10, 12)]).start == pytest.approx(2)


@pytest.mark.parametrize("frames", [1, 240, 241, 1_800, 18_000, 216_000])
def test_chunks_are_those_of_the_plan(frames: int) -> None:
    """The model splits as a plan does, its limit of chunks included."""
    chunks = split_frames(frames, RenderConfig())
    assert model.split(frames) == (len(chunks), max(len(chunk.frames) for chunk in chunks))


def test_memory_follows_vcpus_up_to_the_most() -> None:
    """A vCPU for each 1769 MB, and never more memory than there is."""
    assert [model.memory_mb(vcpus) for vcpus in (1, 2, 4, 6)] == [1769, 3538, 7076, 10240]


def test_more_vcpus_shorten_frames_but_not_the_start() -> None:
    """Frames are shared between lanes; every lane has a start of its own."""
    one, two = (model.chunk_seconds(PAGE, 240, sandbox) for sandbox in (ONE, TWO))
    assert one == pytest.approx(2.0 + 0.5 + 12)
    assert two == pytest.approx(1.25 + 0.5 + 6)


def test_each_stage_pays_for_its_new_sandbox() -> None:
    """Plan, chunks one after the other, and assemble; so do dollars."""
    warm = replace(TWO, cold_seconds=0.0)
    cold_render, warm_render = (
        model.estimate(PAGE, 480, sandbox, chunk_frames=240, concurrency=1, join_seconds=0.001)
        for sandbox in (TWO, warm)
    )
    assert cold_render.seconds - warm_render.seconds == pytest.approx(4 * 1.25)
    billed = model.cost_usd(4 * 1.25, 2, 3538) - model.cost_usd(0, 2, 3538)
    assert cold_render.usd - warm_render.usd == pytest.approx(billed)


def test_chunks_that_wait_make_it_longer_and_no_dearer() -> None:
    """Half as many chunks at a time take twice as long to be rendered, for the same money."""
    together, halved = estimate(2_400, concurrency=10), estimate(2_400, concurrency=5)
    assert halved.seconds - together.seconds == pytest.approx(together.chunk_seconds)
    assert halved.usd == together.usd


def test_cost_is_the_sum_of_the_readme() -> None:
    """Memory x seconds, storage x seconds, requests and states."""
    expected = 100 * (2 * 0.0000166667 + 9.5 * 0.0000000309) + 10 * 0.0000002 + 12 * 0.000025
    assert model.cost_usd(100, 8, 2048) == pytest.approx(expected)


def test_invocation_longer_than_its_limit_breaks() -> None:
    """What the longest possible chunk says agrees with what fits."""
    longest = model.longest_chunk_frames(PAGE, ONE)
    most = model.MOST_CHUNKS * (longest - 1)
    assert model.chunk_seconds(PAGE, longest, ONE) == pytest.approx(
        model.LIMIT_SECONDS - model.RESERVED_SECONDS, abs=0.1
    )
    page = replace(PAGE, bytes_per_frame=100)  # or assemble takes too long first
    assert model.estimate(page, most, ONE, chunk_frames=240, concurrency=40, join_seconds=0.001).fits
    most += 3 * model.MOST_CHUNKS
    assert not model.estimate(page, most, ONE, chunk_frames=240, concurrency=40, join_seconds=0.001).fits
