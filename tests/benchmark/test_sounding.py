from pathlib import Path

from bench.records import save_record
from bench.sounding import SoundingRecord, write_sounding

from tests.benchmark.figures import HERE


def test_sound_is_shown_by_the_minute(tmp_path: Path) -> None:
    """Medians, and what is beyond the plan of a silent page, for each minute of sound."""
    assert write_sounding(tmp_path) is None
    seconds = {"none": [0.5, 0.9, 0.4], "music": [12.5, 12.4, 13.0]}
    save_record(SoundingRecord(10, seconds, HERE), tmp_path / "sounding.json")
    section = str(write_sounding(tmp_path))
    assert "| none | 0.50 | 0.00 |" in section
    assert "| music | 12.50 | 1.20 |" in section
    assert "10 minutes" in section
    assert "medians of 3 runs" in section
