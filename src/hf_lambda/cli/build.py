"""`hf-lambda build`: builds, or checks, the deployment zip."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from hf_lambda.deploy.npm import npm_manifest_dir
from hf_lambda.deploy.toolchain_build import HEADLESS_SHELL, SPARTICUZ, ZIP_LEVEL, build_toolchain
from hf_lambda.deploy.zip_archive import LAYER_NAME, MAX_UNZIPPED, MAX_ZIPPED, Limits
from hf_lambda.errors import BUILD_FAILED, INVALID_CONFIG
from hf_lambda.settings import Settings

if TYPE_CHECKING:
    from hf_lambda.deploy.handler_tree import TreeContents
    from hf_lambda.deploy.handler_zip import BuiltZip

RUNTIME_PYTHON = "3.13"
"""The Python of the runtime in template.yaml."""


def add_command(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `build` to the command line."""
    parser = commands.add_parser(
        "build",
        help="build the zip that Lambda runs",
        description="Build dist/handler.zip for Lambda's python3.13 on x86_64: package, wheels, Chromium, ffmpeg, "
        "runtime, fonts. Equal inputs give equal bytes. What would not run in Lambda is refused: too large a zip, a "
        "program for another machine, a missing library, a handler that cannot be imported.",
    )
    parser.add_argument("-o", "--output", type=Path, default=Path("dist/handler.zip"), help="default: %(default)s")
    parser.add_argument("--verify", action="store_true", help="build nothing, check the zip that is there")
    parser.add_argument("--source", choices=[SPARTICUZ, HEADLESS_SHELL], default=SPARTICUZ, help="of Chromium")
    parser.add_argument(
        "--chrome-dir",
        type=Path,
        metavar="DIR",
        help=f"folder with {HEADLESS_SHELL} and its side files, for --source {HEADLESS_SHELL}; Playwright keeps one "
        "in ~/.cache/ms-playwright",
    )
    parser.add_argument(
        "--layer", action="store_true", help=f"leave Chromium out, write it as a layer beside the zip ({LAYER_NAME})"
    )
    parser.add_argument("--max-unzipped", type=int, default=MAX_UNZIPPED, metavar="BYTES", help="default: 248 MiB")
    parser.add_argument("--max-zipped", type=int, default=MAX_ZIPPED, metavar="BYTES", help="default: 180 MiB")
    parser.add_argument(
        "--python", default=RUNTIME_PYTHON, metavar="X.Y", help="of the wheels; another than %(default)s for tests only"
    )
    parser.add_argument(
        "--pack-level",
        type=int,
        default=ZIP_LEVEL,
        choices=range(1, 23),
        metavar="N",
        help="zstd, default: %(default)s",
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Build or verify, and say what came out."""
    try:
        from hf_lambda.deploy.handler_zip import build_zip, verify_zip
    except ImportError as error:
        raise BUILD_FAILED(f"{error.name} is not installed; `pip install hf-lambda[deploy]` brings it") from None

    if (arguments.source == HEADLESS_SHELL) != (arguments.chrome_dir is not None) and not arguments.verify:
        raise INVALID_CONFIG(f"--source {HEADLESS_SHELL} and --chrome-dir belong together")
    limits = Limits(arguments.max_unzipped, arguments.max_zipped)
    if arguments.verify:
        layer = arguments.output.with_name(LAYER_NAME) if arguments.layer else None
        built = verify_zip(arguments.output, layer=layer, limits=limits, report=_report)
    else:
        built = build_zip(_contents(arguments), arguments.output, limits=limits, report=_report)
    _print(built)
    return 0


def build_default(output: Path) -> None:
    """Build what `hf-lambda build` builds when it is given nothing but where to write.

    Raises:
        BUILD_FAILED: it would not run in Lambda.
    """
    run(
        argparse.Namespace(
            output=output,
            verify=False,
            source=SPARTICUZ,
            chrome_dir=None,
            layer=False,
            max_unzipped=MAX_UNZIPPED,
            max_zipped=MAX_ZIPPED,
            python=RUNTIME_PYTHON,
            pack_level=ZIP_LEVEL,
        )
    )


def _contents(arguments: argparse.Namespace) -> "TreeContents":
    from hf_lambda.deploy.handler_tree import TreeContents

    manifest_dir = npm_manifest_dir()
    in_checkout = (manifest_dir / "pyproject.toml").is_file()
    work = arguments.output.parent
    toolchain_dir = work / f"toolchain-{arguments.source}-{arguments.pack_level}"
    build_toolchain(
        toolchain_dir,
        packages_dir=manifest_dir if in_checkout else work / "npm",
        downloads_dir=Settings.from_environment().downloads_dir,
        level=arguments.pack_level,
        report=_report,
        chrome_dir=arguments.chrome_dir,
    )
    constraints = manifest_dir / "constraints.txt"
    return TreeContents(
        toolchain_dir,
        arguments.python,
        arguments.source,
        constraints if constraints.is_file() else None,
        has_chromium=not arguments.layer,
    )


def _print(built: "BuiltZip") -> None:
    sizes = built.sizes
    print(f"{built.path}  {sizes.zipped / 2**20:.1f} MiB, {sizes.unzipped / 2**20:.1f} MiB unzipped")
    if built.layer is not None:
        print(f"{built.layer}  {built.layer.stat().st_size / 2**20:.1f} MiB")
    for name, tool in sorted(built.manifest["tools"].items()):
        print(f"  {name:9} {tool['version']}")
    if not built.import_proven:
        print(f"  not proven: that the handler imports (this machine has no Python {built.manifest['python']})")
    if not built.manifest["bytecode"]:
        print("  not compiled ahead, for the same want: each cold start takes a third of a second longer")


def _report(step: str) -> None:
    print(f"build: {step} …", file=sys.stderr, flush=True)
