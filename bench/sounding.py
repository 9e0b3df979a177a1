"""What sound costs a plan, which all chunks wait for: a page of some minutes with music and without.

python -m bench.sounding [--minutes 10] [--runs 3]
"""

import statistics
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.assembling import local_context
from bench.command_line import measuring_parser
from bench.markdown import table
from bench.places import CRF
from bench.planned import make_plan
from bench.provenance import Provenance, measured_by, present_provenance
from bench.records import load_record, save_record
from bench.small_page import FPS, write_small_page
from hf_lambda.settings import Settings
from hf_lambda.toolchain import locate_toolchain

FIGURES = "sounding.json"
_SILENT = "none"
_MUSIC = (
    "anoisesrc=color=pink:amplitude=0.5:seed=1:duration={seconds}[noise];"
    "sine=frequency=220:beep_factor=4:duration={seconds}[tone];"
    "[noise][tone]amix=normalize=0,tremolo=f=3:d=0.7,volume=12dB,alimiter=limit=0.98,aformat=channel_layouts=stereo"
)
"""As loud as music is mastered."""
_CLIP = '<audio id="music" src="music.mp3" data-start="0" data-volume="{volume}"></audio>'
_FADE = 'timeline.fromTo("#music", { volume: 0 }, { volume: 0.2, duration: 2 }, 0);'
_SOUNDS = {
    _SILENT: ("", ""),
    "music, quiet": (_CLIP.format(volume=0.2), ""),
    "music, which a script fades in": (_CLIP.format(volume=0.2), _FADE),
    "music, so loud that it is lowered": (_CLIP.format(volume=1), ""),
}
"""What is heard, by the page's elements and its script."""


@dataclass(frozen=True)
class SoundingRecord:
    """Seconds of the plan stage by what is heard, in the order in which it ran, in turn."""

    minutes: int
    plan_seconds: Mapping[str, Sequence[float]]
    provenance: Provenance


def write_sounding(folder: Path) -> str | None:
    """The section; None where nothing was measured."""
    record = load_record(SoundingRecord, folder / FIGURES)
    if record is None:
        return None
    medians = {name: statistics.median(seconds) for name, seconds in record.plan_seconds.items()}
    return "\n\n".join(
        [
            "### Sound",
            f"The plan stage alone, of a page of {record.minutes} minutes: sound is mixed and encoded before any chunk "
            f"begins. Wall clock, medians of {len(record.plan_seconds[_SILENT])} runs in turn. "
            + measured_by("bench.sounding", [record]),
            table(
                ["sound", "plan, s", "s a minute of sound"],
                (
                    [name, f"{seconds:.2f}", f"{(seconds - medians[_SILENT]) / record.minutes:.2f}"]
                    for name, seconds in medians.items()
                ),
            ),
        ]
    )


def measure(minutes: int, runs: int) -> SoundingRecord:
    """Plan the page with each sound, in turn."""
    with TemporaryDirectory(prefix="hf-lambda-bench-") as folder:
        work = Path(folder)
        music = _make_music(60 * minutes, work / "music.mp3")
        projects = {}
        for number, (name, (elements, script)) in enumerate(_SOUNDS.items()):
            project = write_small_page(
                work / f"page-{number}", 1920, 1080, 60 * minutes * FPS, elements=elements, script=script
            )
            (project / music.name).hardlink_to(music)
            projects[name] = project
        seconds: dict[str, list[float]] = {name: [] for name in projects}
        for run in range(runs):
            for number, (name, project) in enumerate(projects.items()):
                (made := work / f"plan-{run}-{number}").mkdir()
                started = time.monotonic()
                make_plan(project, {"fps": FPS, "crf": CRF}, made, local_context())
                seconds[name].append(round(time.monotonic() - started, 3))
        return SoundingRecord(minutes, seconds, present_provenance())


def _make_music(seconds: int, path: Path) -> Path:
    ffmpeg = locate_toolchain(Settings.from_environment()).ffmpeg
    graph = ["-filter_complex", _MUSIC.format(seconds=seconds)]
    encoded = ["-t", str(seconds), "-c:a", "libmp3lame", "-b:a", "192k", str(path)]
    subprocess.run([str(ffmpeg), "-v", "error", "-nostdin", *graph, *encoded], check=True)
    return path


def main() -> None:
    """Measure and remember."""
    parser = measuring_parser(__doc__, runs=3, runs_of="of each")
    parser.add_argument("--minutes", type=int, default=10, metavar="N", help="of sound (%(default)s)")
    arguments = parser.parse_args()
    save_record(measure(arguments.minutes, arguments.runs), arguments.folder / FIGURES)
    print(write_sounding(arguments.folder))


if __name__ == "__main__":
    main()
