import csv
import json
from collections import Counter
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from hf_lambda.media.probing import VideoFacts
from hf_lambda.quality.comparing import Comparison
from hf_lambda.quality.cost import Cost
from hf_lambda.quality.outcome import ExitCode
from hf_lambda.quality.pictures import PictureComparison
from hf_lambda.quality.report import findings, result_row, sound_cell, table, write_csv, write_json
from hf_lambda.quality.sound import SoundComparison
from hf_lambda.quality.trial import TrialResult

FACTS = VideoFacts(
    codec="h264",
    width=640,
    height=360,
    fps=Fraction(30),
    average_fps=Fraction(30),
    frame_count=90,
    duration_seconds=3.0,
    start_seconds=0.0,
    has_alpha=False,
    has_audio=True,
)


@pytest.fixture
def result(tmp_path: Path) -> TrialResult:
    """A trial that went well, three times."""
    output, history = tmp_path / "renders" / "N8-output.mp4", tmp_path / "renders" / "N8-history.json"
    output.parent.mkdir()
    output.touch()
    history.touch()
    return TrialResult(
        "N8",
        8,
        output,
        history,
        code=ExitCode.OK,
        chunk_count=6,
        wall_seconds=[30.0, 10.0, 12.3456],
        comparison=Comparison(
            FACTS, FACTS, PictureComparison(90, 3, 50.444, 51.0, 45.0, 17), SoundComparison(0.0, -70.0, -60.0, 0.1, 0.0)
        ),
        cost=Cost(20.0, 8, 12, 0.0034567),
        failures=Counter({"FRAME_STALLED": 1}),
    )


def test_row_says_what_was_asked_and_what_was_made(result: TrialResult, tmp_path: Path) -> None:
    """Requested and actual chunks, the median of the times, and figures rounded for people."""
    row = result_row(result, tmp_path)
    assert (row["chunkCountRequested"], row["chunkCount"]) == (8, 6)
    assert (row["wallClockMs"], row["wallClockMsEach"]) == (12346, [30000, 10000, 12346])
    assert (row["psnrPooledDb"], row["psnrMinDb"], row["psnrMinFrame"]) == (50.44, 45.0, 17)
    assert row["audio"]["residualDbfs"] == -70.0
    assert (row["costUsd"], row["failedAttempts"]) == (0.003457, {"FRAME_STALLED": 1})
    assert (row["verdict"], row["output"]) == ("ok", "renders/N8-output.mp4")


def test_failed_trial_is_a_row_too(tmp_path: Path) -> None:
    """What is not known is null, and files that were not written are not named."""
    failed = TrialResult("N2", 2, tmp_path / "none.mp4", tmp_path / "none.json", reasons=["FAILED"])
    row = result_row(failed, tmp_path)
    assert (row["verdict"], row["reasons"]) == ("render failed", ["FAILED"])
    unknown = ("chunkCount", "wallClockMs", "psnrPooledDb", "frames", "audio", "costUsd", "output", "history")
    assert [row[name] for name in unknown] == [None] * len(unknown)


@pytest.mark.parametrize(
    ("audio", "cell"),
    [
        (None, "-"),
        ({"expected": False, "present": False, "residualDbfs": None}, "none"),
        ({"expected": True, "present": False, "residualDbfs": None}, "missing"),
        ({"expected": False, "present": True, "residualDbfs": None}, "unwanted"),
        ({"expected": True, "present": True, "residualDbfs": -70.2, "lagMs": 0.5}, "-70 dBFS +0.5 ms"),
    ],
)
def test_sound_in_few_characters(audio: dict[str, Any] | None, cell: str) -> None:
    """A cell of the table for every kind of sound."""
    assert sound_cell({"audio": audio}) == cell


def test_written_rows_are_read_back(tmp_path: Path) -> None:
    """JSON holds everything, CSV the chosen columns, with a header even for no rows."""
    rows = [{"a": 1, "b": None, "c": "x,y"}]
    write_json(tmp_path / "new" / "rows.json", rows)
    assert json.loads((tmp_path / "new" / "rows.json").read_text()) == rows
    write_csv(tmp_path / "rows.csv", rows, ("c", "b"))
    assert list(csv.reader((tmp_path / "rows.csv").open())) == [["c", "b"], ["x,y", ""]]
    write_csv(tmp_path / "none.csv", [], ("a", "b"))
    assert (tmp_path / "none.csv").read_text().strip() == "a,b"


def test_table_is_aligned() -> None:
    """Cells are as wide as the widest of their column; null is a dash."""
    lines = table([{"n": 2, "s": "ok"}, {"n": 1000, "s": None}], {"n": "chunks", "s": "verdict"})
    assert lines.splitlines() == ["chunks  verdict", "     2       ok", "  1000        -"]


def test_findings_are_the_table_and_every_reason() -> None:
    """Each reason is told with the row that it belongs to."""
    rows = [{"name": "N2", "reasons": []}, {"name": "N4", "reasons": ["too dark", "too late"]}]
    _, *reasons = findings(rows, {"name": "name"}, label="name")
    assert reasons == ["N4: too dark", "N4: too late"]
