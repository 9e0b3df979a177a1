"""Copy the libraries and fonts of the example compositions out of a node_modules directory.

The examples keep no third-party file in the repository and fetch nothing at render time. What they
need is listed in ``vendor.json`` next to this script: target path below ``examples/`` -> path inside
``node_modules``. Running this again only rewrites files whose bytes changed.

Usage: python examples/vendor.py NODE_MODULES_DIR
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path

HERE = Path(__file__).resolve().parent


class VendorError(Exception):
    """A listed file cannot be provided; the message says which one and what to do."""


def load_manifest(path: Path) -> dict[str, str]:
    """Read the target -> source table and refuse targets outside a ``<name>/vendor/`` folder."""
    manifest: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    for target in manifest:
        parts = Path(target).parts
        if len(parts) != 3 or parts[1] != "vendor" or ".." in parts:
            raise VendorError(f"{path.name}: {target!r} is not of the form <name>/vendor/<file>")
    return manifest


def vendor(node_modules: Path, examples: Path = HERE) -> tuple[int, int]:
    """Copy every listed file. Returns (files written, files already up to date)."""
    return copy_listed(load_manifest(examples / "vendor.json"), node_modules, examples)


def copy_listed(manifest: Mapping[str, str], node_modules: Path, target_dir: Path) -> tuple[int, int]:
    """Copy the files of a target -> source table. Returns (files written, files already up to date).

    Raises:
        VendorError: a source is not installed.
    """
    missing = sorted({source for source in manifest.values() if not (node_modules / source).is_file()})
    if missing:
        listing = "\n  ".join(missing)
        raise VendorError(f"not found in {node_modules}:\n  {listing}\nCure: run make setup, then try again.")

    written = 0
    for target, source in manifest.items():
        data = (node_modules / source).read_bytes()
        destination = target_dir / target
        if destination.is_file() and destination.read_bytes() == data:
            continue
        destination.parent.mkdir(parents=True, exist_ok=True)
        destination.write_bytes(data)
        written += 1
    return written, len(manifest) - written


def main(argv: list[str]) -> int:
    """Run the script; returns its exit code."""
    if len(argv) != 2:
        print("usage: python examples/vendor.py NODE_MODULES_DIR", file=sys.stderr)
        return 2
    try:
        written, unchanged = vendor(Path(argv[1]))
    except VendorError as error:
        print(f"vendor.py: {error}", file=sys.stderr)
        return 1
    print(f"vendored {written + unchanged} files ({written} written, {unchanged} already up to date)")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
