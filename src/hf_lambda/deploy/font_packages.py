"""Further font families: npm packages of @fontsource become a font folder beside the toolchain."""

import re
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from hf_lambda.deploy.fonts import collect_families, collect_system_fonts
from hf_lambda.deploy.npm import add_packages
from hf_lambda.errors import INVALID_CONFIG
from hf_lambda.files import temporary_beside
from hf_lambda.toolchain import SYSTEM_FONTS

_PACKAGE = re.compile(r"(@fontsource/[a-z0-9-]+)(@[\w.^~-]+)?")


def build_font_folder(packages: Sequence[str], target: Path) -> dict[str, str]:
    """Make `target` the folder of exactly these families (`@fontsource/noto-sans-sc`, a version after `@` if wanted).

    Returns versions by family.

    Raises:
        INVALID_CONFIG: a name is not one of @fontsource's.
        TOOLCHAIN_MISSING: npm could not install one.
    """
    names = [_PACKAGE.fullmatch(package) for package in packages]
    if not all(names):
        wrong = next(package for package, name in zip(packages, names, strict=True) if not name)
        raise INVALID_CONFIG(f"{wrong} is not the name of an @fontsource package")
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = temporary_beside(target)
    try:
        with tempfile.TemporaryDirectory(prefix="hf-lambda-fonts-") as scratch:
            modules = add_packages(packages, Path(scratch))
            folders = [modules / name.group(1) for name in names if name]
            versions = collect_families(folders, temporary)
            collect_system_fonts(folders, temporary / SYSTEM_FONTS)
        shutil.rmtree(target, ignore_errors=True)
        temporary.rename(target)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return versions
