"""Mesa's software driver for Vulkan, from Debian packages: it draws WebGL in half the time of Chromium's own, or less.

The driver (lavapipe) compiles shaders with LLVM. Both are linked with libraries that a browser without a window has no
use for, and that Lambda does not have; see `detaching`.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from hf_lambda.capture.chromium import MESA_MANIFEST
from hf_lambda.deploy.debian import ANSWER_SECONDS, DebianPackage, extract_files, fetch_package
from hf_lambda.deploy.detaching import detach_libraries

_VERSION = "25.0.7"
_DRIVER = "libvulkan_lvp.so"
_LIBRARY_FOLDER = "usr/lib/x86_64-linux-gnu"
_ICD = {"ICD": {"api_version": "1.4.305", "library_path": f"./{_DRIVER}"}, "file_format_version": "1.0.0"}


@dataclass(frozen=True)
class _Part:
    """One library, the package that has it, and the libraries that it never calls."""

    library: str
    package: DebianPackage
    never_called: frozenset[str]


_PARTS = (
    _Part(
        _DRIVER,
        DebianPackage(
            "mesa-vulkan-drivers",
            f"{_VERSION}-2~bpo12+1",
            f"pool/main/m/mesa/mesa-vulkan-drivers_{_VERSION}-2~bpo12+1_amd64.deb",
            "3899f1800424c60a05df5d6913076a526ca8fdbabec43672cd397563d1ca3263",
        ),
        # Of windows and graphics cards.
        frozenset(
            {
                *("libdrm.so.2", "libxshmfence.so.1", "libwayland-client.so.0", "libX11-xcb.so.1"),
                *("libxcb.so.1", "libxcb-dri3.so.0", "libxcb-present.so.0", "libxcb-randr.so.0", "libxcb-shm.so.0"),
                *("libxcb-sync.so.1", "libxcb-xfixes.so.0"),
            }
        ),
    ),
    _Part(
        "libLLVM-15.so.1",
        DebianPackage(
            "libllvm15",
            "1:15.0.6-4+b1",
            "pool/main/l/llvm-toolchain-15/libllvm15_15.0.6-4+b1_amd64.deb",
            "9f0751109ba89e65b1313a4f3e34a29977a0db6fa30ed475e2c6bd555fa9e866",
        ),
        # Of LLVM's interpreter, line editor, solver and reader of Windows manifests.
        frozenset({"libffi.so.8", "libedit.so.2", "libtinfo.so.6", "libz3.so.4", "libxml2.so.2"}),
    ),
    # Which Mesa packs its cache of compiled shaders with.
    _Part(
        "libzstd.so.1",
        DebianPackage(
            "libzstd1",
            "1.5.4+dfsg2-5",
            "pool/main/libz/libzstd/libzstd1_1.5.4+dfsg2-5_amd64.deb",
            "6315b5ac38b724a710fb96bf1042019398cb656718b1522279a5185ed39318fa",
        ),
        frozenset(),
    ),
)


def collect_mesa(target: Path, downloads_dir: Path, *, answer_seconds: float = ANSWER_SECONDS) -> str:
    """Put the driver, LLVM, their licences and the driver's description into the new folder `target`.

    Returns Mesa's version.

    Raises:
        TOOLCHAIN_MISSING: a package could not be fetched.
    """
    fetched = [fetch_package(part.package, downloads_dir, answer_seconds=answer_seconds) for part in _PARTS]
    target.mkdir(parents=True)
    for part, deb in zip(_PARTS, fetched, strict=True):
        library, licence = f"{_LIBRARY_FOLDER}/{part.library}", f"usr/share/doc/{part.package.name}/copyright"
        files = extract_files(deb, (library, licence))
        (target / part.library).write_bytes(files[library])
        if part.never_called:
            detach_libraries(target / part.library, part.never_called)
        (target / f"{part.package.name}.copyright").write_bytes(files[licence])
    (target / MESA_MANIFEST).write_text(json.dumps(_ICD, indent=1) + "\n")
    return _VERSION
