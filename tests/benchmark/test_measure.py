import json
import subprocess
import sys
from pathlib import Path

MEASURE = """
import json, os, sys
from pathlib import Path
from bench.measure import run_measured
done = run_measured([sys.executable, "-c", sys.argv[1]], env=os.environ, log_path=Path(sys.argv[2]))
print(json.dumps([done.exit_code, done.peak_bytes, done.wall_seconds]))
"""
HOLD = "import time; held = bytearray(100 << 20); time.sleep(0.3)"


def test_memory_of_what_is_soon_over_is_seen(tmp_path: Path) -> None:
    """A plan takes less than half a second."""
    argv = [sys.executable, "-c", MEASURE, HOLD, str(tmp_path / "log")]
    done = subprocess.run(argv, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2])
    exit_code, peak_bytes, wall_seconds = json.loads(done.stdout)
    assert exit_code == 0
    assert 100 << 20 < peak_bytes < 150 << 20
    assert wall_seconds > 0.3
