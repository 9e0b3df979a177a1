import sys
from pathlib import Path

import pytest
from bench.efficiency import CaseEfficiency, EfficiencyRecord, EncodingFailedError, encode_cpu_seconds, write_efficiency
from bench.records import save_record

from tests.benchmark.figures import HERE

FLAT = CaseEfficiency(
    "flat", 180, draw=0.01, encode_pixels=0.03, encode_converted=0.02, ours=0.05, original=0.1, provenance=HERE
)


def test_efficiency_is_the_limit_over_what_is_used(tmp_path: Path) -> None:
    """Drawing and encoding over all that we use, by either kind of raw video."""
    assert FLAT.by_pixels == pytest.approx(0.8)
    assert FLAT.by_converted == pytest.approx(0.6)
    assert FLAT.best_ratio == pytest.approx(2.5)
    assert write_efficiency(tmp_path) is None
    save_record(EfficiencyRecord(18, []).with_case(FLAT), tmp_path / "efficiency.json")
    assert "| flat | 180 | 10.0 | 30.0 | 20.0 | 50.0 | **0.80** | **0.60** | 100.0 | 2.00 | 2.50 |" in str(
        write_efficiency(tmp_path)
    )


def test_command_is_charged_with_what_it_uses(tmp_path: Path) -> None:
    """CPU of the command alone is counted, and a failure is none of its figures."""
    source = tmp_path / "empty"
    source.touch()
    burn = "import time\nwhile time.process_time() < 0.3: pass"
    assert 0.3 <= encode_cpu_seconds([sys.executable, "-c", burn], source) < 1
    with pytest.raises(EncodingFailedError, match="no such codec"):
        encode_cpu_seconds([sys.executable, "-c", "raise SystemExit('no such codec')"], source)
