from pathlib import Path

import psutil
from bench.lanes import LaneRun, LanesRecord, Setting, write_lanes
from bench.memory import PeakMemory
from bench.records import save_record

from tests.benchmark.figures import HERE

MIB = 2**20


def test_lanes_are_compared_with_one_lane(tmp_path: Path) -> None:
    """The speed-up is over one lane on one core, and over one lane on as many cores; memory is for each lane."""
    runs = [
        LaneRun(Setting(1, 1), 120, 6.0, 150 * MIB),
        LaneRun(Setting(1, 2), 120, 4.0, 150 * MIB),
        LaneRun(Setting(2, 2), 120, 6.0, 280 * MIB),
        LaneRun(Setting(2, 2, is_parted=True), 120, 6.25, 282 * MIB),
    ]
    programs = {
        1: {"browser": 160 * MIB, "encoder": 140 * MIB, "program": 170 * MIB},
        2: {"browser": 280 * MIB, "encoder": 260 * MIB, "program": 190 * MIB},
    }
    record = LanesRecord("flat", runs, {60: 150 * MIB, 240: 151 * MIB}, 120, programs, 1.87, HERE)
    assert write_lanes(tmp_path) is None
    save_record(record, tmp_path / "lanes.json")
    section = str(write_lanes(tmp_path))
    assert "| 2 | 2 | 40.0 | 2.00 | 1.33 | 140 |" in section
    assert "| 2 | 2, one for each lane | 38.4 | 1.92 | 1.28 | 141 |" in section
    assert "worth **1.87** of one" in section
    assert "150 MiB over 60 frames and at 151 MiB over 240" in section
    assert "| 2 | 140 | 130 | 270 | 190 |" in section


def test_peak_is_of_each_group_and_of_all() -> None:
    """What a group holds counts for it and for the whole; processes that are gone count nothing."""
    own = psutil.Process()
    peak = PeakMemory(lambda: {"this": [own], "again": [own], "nobody": []})
    with peak.sampling():
        held = b"\1" * (20 * MIB)
    assert peak.by_group["this"] > len(held)
    assert peak.by_group["nobody"] == 0
    assert peak.together > 2 * len(held)
