import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from bench.original import Original
from bench.records import Pairs, save_record
from bench.renders import Job
from bench.staged import STAGES, OurStages
from bench.stages import StagedCase, StagesRecord, write_stages

from hf_lambda.settings import Settings
from hf_lambda.storage.folder import folder_uri
from hf_lambda.toolchain import locate_toolchain
from tests.benchmark.figures import HERE, a_run

RUN_A_FAILING_STAGE = """
import sys
from pathlib import Path
from bench.renders import Command, Job
from bench.staged import OurStages, run_stage

class Failing(OurStages):
    def command(self, stage):
        return Command([sys.executable, "-c", f"raise SystemExit('no {stage} today')"], {})

folder = Path(sys.argv[1])
run_stage(Failing(Job(folder, fps="30", crf=18), folder / "ours"), "plan")
"""


def a_staged_case(name: str = "flat") -> StagedCase:
    """A case whose chunk takes the original four times as long, and whose plan half as long."""
    stages = {
        "plan": Pairs([a_run(1), a_run(1)], [a_run(0.5), a_run(0.5)]),
        "render-chunk": Pairs([a_run(5), a_run(6)], [a_run(20), a_run(24)]),
        "assemble": Pairs([a_run(0.25), a_run(0.25)], [a_run(0.5), a_run(0.5)]),
    }
    return StagedCase(name, 180, stages, HERE)


def test_section_has_each_stage_and_all_of_them(tmp_path: Path) -> None:
    """A row for each stage, and one of all, whose ratio is of the sums of each run."""
    assert write_stages(tmp_path) is None
    save_record(StagesRecord([a_staged_case()]), tmp_path / "stages.json")
    section = str(write_stages(tmp_path))
    assert "| flat, 180 frames | plan | 1.00 | 0.50 | **0.50** | 2.00 | 1.00 | **0.50** | 500 | 500 |  |  |" in section
    assert "| render-chunk | 5.50 | 22.00 | **4.00** |" in section
    assert "| all three | 6.75 | 23.00 | **3.40** |" in section
    assert "| 500 | 500 | 1.50 | 1.50 |" in section
    assert "Measured by `python -m bench.stages`, at abc1234 on 2 cores of a processor." in section


def test_a_case_measured_anew_replaces_what_was() -> None:
    """By name."""
    record = StagesRecord([]).with_case(a_staged_case("text")).with_case(a_staged_case())
    again = replace(a_staged_case("text"), frames=90)
    assert record.with_case(again).cases == [a_staged_case(), again]


def test_a_stage_is_asked_for_what_the_one_before_answered(tmp_path: Path) -> None:
    """Plan, hash and chunk are handed on; what is printed around the answer does not matter."""
    ours = OurStages(Job(tmp_path / "project", fps="30", crf=18), tmp_path / "ours")
    planned = {"PlanS3Uri": "file:///plan", "PlanHash": "0f", "Format": "mp4", "AudioS3Uri": None}
    ours.log_path("plan").write_text(f"a warning\n{json.dumps(planned, indent=2)}\n", "utf-8")
    ours.log_path("render-chunk").write_text(json.dumps({"ChunkS3Uri": "file:///0.mp4"}, indent=2), "utf-8")
    event = Path(ours.command("assemble").argv[-1])
    assert json.loads(event.read_text("utf-8")) == {
        "Action": "assemble",
        "PlanS3Uri": "file:///plan",
        "PlanHash": "0f",
        "Format": "mp4",
        "ChunkS3Uris": ["file:///0.mp4"],
        "AudioS3Uri": None,
        "OutputS3Uri": folder_uri(ours.output),
    }


def test_a_stage_that_fails_is_not_counted(tmp_path: Path) -> None:
    """Its log says why. In a process of its own, because measuring adopts every orphan from then on."""
    argv = [sys.executable, "-c", RUN_A_FAILING_STAGE, str(tmp_path)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2])
    assert done.stderr.endswith("RenderFailedError: plan of ours failed:\nno plan today\n\n")


def test_the_original_has_functions_for_all_stages() -> None:
    """They are found in the package that is installed, whatever its files are called."""
    original = Original(locate_toolchain(Settings.from_environment()))
    module = Path(original.stage(STAGES[0], "plan").argv[2])
    assert {"planV2", "renderChunkV2", "assembleV2"} <= set(module.read_text("utf-8").replace(",", " ").split())
