"""Cases of the parity corpus and of the benchmark: what each shows, how it is rendered, and how it becomes a project.

A case is a folder: a project as its author would write it, and a `case.json`. Libraries are copied from
node_modules and media are made by ffmpeg when a case is staged, so the repository holds neither.
"""

import hashlib
import json
import os
import shlex
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path

from examples.vendor import copy_listed

from bench.renders import Job
from hf_lambda.toolchain import Toolchain

KINDS = ("pictures", "sound", "silence", "length", "original fails", "ours fails")
"""In what a case can differ; silence is a sound track that only one of the two has."""
_DESCRIPTION = "case.json"
_RATELESS_FORMATS = ("mov", "png-sequence")


class BrokenCaseError(Exception):
    """A case's description is wrong, or what it needs cannot be made."""


@dataclass(frozen=True)
class Expectation:
    """Why a case differs from the original, ours being right."""

    differs: str
    """One of `KINDS`; whatever else differs is not expected."""
    why: str
    test: str
    """The test of ours that proves it, as a path in the repository."""


@dataclass(frozen=True)
class Case:
    """One composition and what is asked of it. The fields but for the first two are the keys of `case.json`."""

    folder: Path
    name: str
    title: str
    """What it shows, in a few words."""
    fps: str | None = "30"
    crf: int = 8
    format: str = "mp4"
    codec: str | None = None
    entry_file: str | None = None
    variables: Mapping[str, object] = field(default_factory=dict)
    resolution: str | None = None
    vendor: Mapping[str, str] = field(default_factory=dict)
    """Library files: path in the project -> path in node_modules."""
    media: Mapping[str, str] = field(default_factory=dict)
    """Made files: path in the project -> ffmpeg's arguments but for the output."""
    floor: bool = False
    """Whether the target is what the original reaches against itself: for pages that differ at every render."""
    expect: Expectation | None = None

    def job(self, project: Path) -> Job:
        """The render of the staged `project`."""
        return Job(
            project=project,
            fps=self.fps,
            crf=None if self.format in _RATELESS_FORMATS else self.crf,
            format=self.format,
            codec=self.codec,
            entry_file=self.entry_file,
            variables=self.variables,
            resolution=self.resolution,
        )


def load_cases(folder: Path) -> list[Case]:
    """Every case in `folder`, by name.

    Raises:
        BrokenCaseError: a description is not as `Case` says.
    """
    return [load_case(path.parent) for path in sorted(folder.glob(f"*/{_DESCRIPTION}"))]


def load_case(folder: Path) -> Case:
    """The case in `folder`.

    Raises:
        BrokenCaseError: its description is not as `Case` says.
    """
    description = json.loads((folder / _DESCRIPTION).read_text("utf-8"))
    known = {known.name for known in fields(Case)} - {"folder", "name"}
    if unknown := sorted(set(description) - known):
        raise BrokenCaseError(f"{folder.name}: unknown keys {', '.join(unknown)}")
    if not description.get("title"):
        raise BrokenCaseError(f"{folder.name}: there is no title")
    expect = description.pop("expect", None)
    if expect is not None and expect.get("differs") not in KINDS:
        raise BrokenCaseError(f"{folder.name}: expect.differs is none of {', '.join(KINDS)}")
    return Case(folder, folder.name, **description, expect=Expectation(**expect) if expect else None)


@dataclass(frozen=True)
class Stage:
    """Where cases become projects."""

    toolchain: Toolchain
    node_modules: Path
    media_dir: Path
    """Made media, by recipe; kept from run to run."""

    def put(self, case: Case, project: Path) -> str:
        """Make the project in the new folder `project`; the digest of all its files.

        Raises:
            BrokenCaseError: ffmpeg refuses a recipe.
            VendorError: a library is not installed.
        """
        shutil.copytree(case.folder, project, ignore=shutil.ignore_patterns(_DESCRIPTION))
        copy_listed(case.vendor, self.node_modules, project)
        for target, recipe in case.media.items():
            destination = project / target
            destination.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(self._make(case, recipe, destination.suffix), destination)
        return digest_folder(project)

    def _make(self, case: Case, recipe: str, suffix: str) -> Path:
        key = hashlib.sha256(f"{self.toolchain.versions['ffmpeg']}\n{recipe}".encode()).hexdigest()
        made = self.media_dir / f"{key[:24]}{suffix}"
        if not made.is_file():
            self.media_dir.mkdir(parents=True, exist_ok=True)
            unfinished = made.with_stem(f"{made.stem}-unfinished-{os.getpid()}")  # another may be making it too
            argv = [str(self.toolchain.ffmpeg), "-v", "error", "-nostdin", "-y", *shlex.split(recipe), str(unfinished)]
            done = subprocess.run(argv, capture_output=True, text=True, check=False)
            if done.returncode != 0:
                raise BrokenCaseError(f"{case.name}: ffmpeg refuses {recipe!r}: {done.stderr.strip()}")
            unfinished.rename(made)
        return made


def digest_folder(folder: Path) -> str:
    """The SHA-256 of the paths and bytes of all files in `folder`."""
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"{path.relative_to(folder).as_posix()}\0{content}\n".encode())
    return digest.hexdigest()
