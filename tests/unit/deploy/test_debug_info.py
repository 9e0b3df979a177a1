import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import zstandard

from hf_lambda.deploy.debug_info import strip_debug_info
from hf_lambda.deploy.elf_audit import read_elf

PACKAGE = Path(zstandard.__file__).parent


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """A real library that its wheel ships with debugging information, in a package of its own."""
    shutil.copytree(PACKAGE, tmp_path / "zstandard")
    return next((tmp_path / "zstandard").glob("backend_c*.so"))


def test_debug_info_goes_and_the_library_works(library: Path) -> None:
    """A tenth is left, it asks for what it asked for, and Python can load and use it."""
    before, size = read_elf(library), library.stat().st_size
    strip_debug_info(library)
    assert library.stat().st_size < size / 5
    assert read_elf(library) == before
    script = "import zstandard as z; assert z.ZstdDecompressor().decompress(z.ZstdCompressor().compress(b'x' * 999))"
    argv = [sys.executable, "-c", f"{script} == b'x' * 999; print(z.__file__)"]
    done = subprocess.run(argv, cwd=library.parents[1], capture_output=True, text=True, check=True)
    assert done.stdout.startswith(str(library.parent)) or done.stdout.startswith("zstandard")


def test_what_has_none_stays_as_it_is(library: Path) -> None:
    """Stripping twice is stripping once, byte for byte."""
    strip_debug_info(library)
    once = library.read_bytes()
    strip_debug_info(library)
    assert library.read_bytes() == once
