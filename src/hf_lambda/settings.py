"""The environment, read once, as one frozen value.

No setting is read anywhere else; a test or an embedding program hands in its own `Settings` instead of changing the
process. docs/settings.md explains them to users.
"""

import math
import os
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from hf_lambda.errors import INVALID_CONFIG

_LARGEST_SETTING = 1e6
_CHECKOUT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Settings:
    """What the machine, not the request, decides. Folders need not exist yet."""

    toolchain_dir: Path
    """Where Chromium, ffmpeg, runtime and fonts lie (`HF_LAMBDA_TOOLCHAIN`)."""
    cache_dir: Path
    """Where packed tools are unpacked, kept between invocations (`HF_LAMBDA_CACHE`)."""
    scratch_dir: Path
    """Parent of each invocation's own folder, which goes when it ends (`HF_LAMBDA_SCRATCH`)."""
    lanes: int
    """Browsers at work at the same time in this process (`HF_LAMBDA_LANES`, default: the usable CPUs)."""
    page_ready_seconds: float = 45.0
    """How long a page may take to become ready to be seeked (`HF_LAMBDA_PAGE_READY_SECONDS`)."""
    project_mib: int = 4096
    """Most MiB that a project's archive may unpack to (`HF_LAMBDA_PROJECT_MIB`)."""
    project_files: int = 50_000
    """Most files and folders that it may hold (`HF_LAMBDA_PROJECT_FILES`)."""
    render_bucket: str | None = None
    """The only bucket that events may name (`HYPERFRAMES_RENDER_BUCKET`)."""
    blob_prefix: str | None = None
    """Shared home of content-addressed files (`HF_LAMBDA_BLOB_PREFIX`, default: each plan's own)."""
    font_dirs: tuple[Path, ...] = ()
    """Folders with further fonts (`HF_LAMBDA_FONTS`; default: `<toolchain>-fonts`); see docs/fonts.md."""
    font_service: str = "https://fonts.googleapis.com"
    """Who is asked for font families at plan time (`HF_LAMBDA_FONT_SERVICE`), scheme and host."""
    allow_private_addresses: bool = False
    """Whether remote files may come from hosts of the local network (`HF_LAMBDA_ALLOW_PRIVATE_ADDRESSES`)."""
    ca_file: Path | None = None
    """Certificates to trust for remote files (`HF_LAMBDA_CA_FILE`, default: the system's)."""
    blob_expiry_days: int | None = None
    """Days after which shared blobs are deleted (`HF_LAMBDA_BLOB_EXPIRY_DAYS`); older than half, they are renewed."""
    map_concurrency: int = 40
    """Most chunks of one render at work at the same time (`HF_LAMBDA_MAP_CONCURRENCY`)."""
    chrome_source: str | None = None
    """The only kind of Chromium to accept (`HF_LAMBDA_CHROME_SOURCE`, default: the packaged one)."""
    allow_file_uris: bool = True
    """Whether file:// URIs are storage; False inside Lambda."""
    log_level: str = "CRITICAL"
    """Of the structured log on stdout (`HF_LAMBDA_LOG_LEVEL`); INFO inside Lambda."""
    emit_metrics: bool = False
    """Whether metrics are printed in CloudWatch's embedded format; True inside Lambda."""
    owns_scratch: bool = False
    """Whether no other process works in the scratch folder; True for Lambda's /tmp."""

    @property
    def downloads_dir(self) -> Path:
        """Where packages are kept that a toolchain is built from."""
        return self.cache_dir / "downloads"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> "Settings":
        """Read the settings from `environment` (default: this process's)."""
        env = os.environ if environment is None else environment
        in_lambda = "AWS_LAMBDA_FUNCTION_NAME" in env
        temp = Path(env.get("TMPDIR") or tempfile.gettempdir())
        toolchain_dir = Path(env.get("HF_LAMBDA_TOOLCHAIN") or _default_toolchain_dir(env))
        return cls(
            toolchain_dir=toolchain_dir,
            cache_dir=Path(env.get("HF_LAMBDA_CACHE") or _default_cache_dir(env, temp)),
            scratch_dir=Path(env.get("HF_LAMBDA_SCRATCH") or temp),
            lanes=_positive(env, "HF_LAMBDA_LANES", usable_cpus(), int),
            page_ready_seconds=_positive(env, "HF_LAMBDA_PAGE_READY_SECONDS", cls.page_ready_seconds, float),
            project_mib=_positive(env, "HF_LAMBDA_PROJECT_MIB", cls.project_mib, int),
            project_files=_positive(env, "HF_LAMBDA_PROJECT_FILES", cls.project_files, int),
            render_bucket=env.get("HYPERFRAMES_RENDER_BUCKET", "").strip() or None,
            blob_prefix=env.get("HF_LAMBDA_BLOB_PREFIX", "").strip() or None,
            font_dirs=_font_dirs(env, toolchain_dir),
            font_service=env.get("HF_LAMBDA_FONT_SERVICE", "").strip().rstrip("/") or cls.font_service,
            allow_private_addresses=env.get("HF_LAMBDA_ALLOW_PRIVATE_ADDRESSES") == "1",
            ca_file=Path(env["HF_LAMBDA_CA_FILE"]) if env.get("HF_LAMBDA_CA_FILE") else None,
            blob_expiry_days=_positive(env, "HF_LAMBDA_BLOB_EXPIRY_DAYS", 0, int) or None,
            map_concurrency=_positive(env, "HF_LAMBDA_MAP_CONCURRENCY", cls.map_concurrency, int),
            chrome_source=env.get("HF_LAMBDA_CHROME_SOURCE", "").strip() or None,
            allow_file_uris=not in_lambda,
            log_level=env.get("HF_LAMBDA_LOG_LEVEL") or ("INFO" if in_lambda else cls.log_level),
            emit_metrics=in_lambda,
            owns_scratch=in_lambda and not env.get("HF_LAMBDA_SCRATCH"),
        )


Number = TypeVar("Number", int, float)


def _positive(env: Mapping[str, str], name: str, default: Number, kind: Callable[[str], Number]) -> Number:
    text = env.get(name)
    if not text:
        return default
    try:
        number = kind(text)
    except ValueError:
        number = kind("0")
    if not 1 <= number <= _LARGEST_SETTING:
        raise INVALID_CONFIG(f"the environment variable {name} is {text!r}, not a number of at least 1")
    return number


def usable_cpus(quota_file: Path = Path("/sys/fs/cgroup/cpu.max")) -> int:
    """The CPUs that this process may run on, or fewer where its container may use less of their time."""
    cpus = len(os.sched_getaffinity(0))
    try:
        quota, period = quota_file.read_text().split()
        return min(cpus, math.ceil(int(quota) / int(period)))
    except (OSError, ValueError):  # no control groups, or no quota, which is the word "max"
        return cpus


def extra_fonts_dir(toolchain_dir: Path) -> Path:
    """Where `hf-lambda setup --font-package` puts fonts, and where they are looked for without being told."""
    return toolchain_dir.with_name(f"{toolchain_dir.name}-fonts")


def _font_dirs(env: Mapping[str, str], toolchain_dir: Path) -> tuple[Path, ...]:
    named = env.get("HF_LAMBDA_FONTS", "")
    if named:
        return tuple(Path(folder) for folder in named.split(os.pathsep) if folder)
    default = extra_fonts_dir(toolchain_dir)
    return (default,) if default.is_dir() else ()


def _default_toolchain_dir(env: Mapping[str, str]) -> Path:
    if "LAMBDA_TASK_ROOT" in env:
        return Path(env["LAMBDA_TASK_ROOT"]) / "toolchain"
    if (_CHECKOUT / "package-lock.json").is_file():
        return _CHECKOUT / ".toolchain"
    return _user_cache(env) / "toolchain"


def _default_cache_dir(env: Mapping[str, str], temp: Path) -> Path:
    return temp / "hf_lambda" if "AWS_LAMBDA_FUNCTION_NAME" in env else _user_cache(env)


def _user_cache(env: Mapping[str, str]) -> Path:
    home = Path(env.get("HOME") or tempfile.gettempdir())
    return Path(env.get("XDG_CACHE_HOME") or home / ".cache") / "hf_lambda"
