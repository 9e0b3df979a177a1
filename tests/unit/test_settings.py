import dataclasses
import os
from pathlib import Path

import pytest

from hf_lambda.errors import HfLambdaError
from hf_lambda.settings import Settings, usable_cpus

LAMBDA = {"AWS_LAMBDA_FUNCTION_NAME": "render", "LAMBDA_TASK_ROOT": "/var/task"}


def test_empty_environment_gives_a_laptop() -> None:
    """Without variables there is a lane, files are storage, and nothing is logged or measured."""
    settings = Settings.from_environment({})
    assert settings.lanes >= 1
    assert settings.allow_file_uris
    assert settings.render_bucket is None
    assert settings.blob_prefix is None
    assert settings.log_level == "CRITICAL"
    assert not settings.emit_metrics
    assert not settings.owns_scratch


def test_lambda_forbids_files_and_reports() -> None:
    """Inside Lambda files are no storage, tools come with the function, and logs and metrics are on."""
    settings = Settings.from_environment({**LAMBDA, "TMPDIR": "/tmp"})
    assert not settings.allow_file_uris
    assert settings.toolchain_dir == Path("/var/task/toolchain")
    assert settings.cache_dir == Path("/tmp/hf_lambda")
    assert settings.log_level == "INFO"
    assert settings.emit_metrics


@pytest.mark.parametrize(
    ("quota", "most"), [("100000 100000", 1), ("50000 100000", 1), ("150000 100000", 2), ("9900000 100000", 99)]
)
def test_quota_of_a_container_bounds_its_cpus(tmp_path: Path, quota: str, most: int) -> None:
    """One that may use two CPUs' time sees all CPUs of its machine."""
    (tmp_path / "cpu.max").write_text(f"{quota}\n")
    assert usable_cpus(tmp_path / "cpu.max") == min(most, len(os.sched_getaffinity(0)))


@pytest.mark.parametrize("text", [None, "max 100000\n", ""])
def test_without_a_quota_all_cpus_are_usable(tmp_path: Path, text: str | None) -> None:
    """So they are where there are no control groups."""
    if text is not None:
        (tmp_path / "cpu.max").write_text(text)
    assert usable_cpus(tmp_path / "cpu.max") == len(os.sched_getaffinity(0))


def test_only_lambdas_own_disk_is_nobody_elses() -> None:
    """What lies in Lambda's /tmp belongs to one process, but a folder that was chosen may be shared."""
    assert Settings.from_environment(LAMBDA).owns_scratch
    assert not Settings.from_environment({**LAMBDA, "HF_LAMBDA_SCRATCH": "/mnt/shared"}).owns_scratch


@pytest.mark.parametrize(
    ("variable", "text", "field", "expected"),
    [
        ("HF_LAMBDA_TOOLCHAIN", "/t", "toolchain_dir", Path("/t")),
        ("HF_LAMBDA_CACHE", "/c", "cache_dir", Path("/c")),
        ("HF_LAMBDA_SCRATCH", "/s", "scratch_dir", Path("/s")),
        ("HF_LAMBDA_LANES", "3", "lanes", 3),
        ("HF_LAMBDA_PAGE_READY_SECONDS", "1.5", "page_ready_seconds", 1.5),
        ("HF_LAMBDA_PROJECT_MIB", "64", "project_mib", 64),
        ("HF_LAMBDA_PROJECT_FILES", "100", "project_files", 100),
        ("HYPERFRAMES_RENDER_BUCKET", "bucket", "render_bucket", "bucket"),
        ("HF_LAMBDA_BLOB_PREFIX", "s3://b/p", "blob_prefix", "s3://b/p"),
        ("HF_LAMBDA_LOG_LEVEL", "DEBUG", "log_level", "DEBUG"),
        ("HF_LAMBDA_FONTS", "/a:/b", "font_dirs", (Path("/a"), Path("/b"))),
        ("HF_LAMBDA_FONT_SERVICE", "https://fonts.example/", "font_service", "https://fonts.example"),
        ("HF_LAMBDA_ALLOW_PRIVATE_ADDRESSES", "1", "allow_private_addresses", True),
        ("HF_LAMBDA_CA_FILE", "/ca.pem", "ca_file", Path("/ca.pem")),
        ("TMPDIR", "/scratch", "scratch_dir", Path("/scratch")),
        ("XDG_CACHE_HOME", "/x", "cache_dir", Path("/x/hf_lambda")),
        ("HOME", "/home/me", "cache_dir", Path("/home/me/.cache/hf_lambda")),
    ],
)
def test_each_variable_sets_its_field(variable: str, text: str, field: str, expected: object) -> None:
    """Each variable of the environment decides one setting."""
    assert getattr(Settings.from_environment({variable: text}), field) == expected


@pytest.mark.parametrize(
    "variable",
    [
        "HF_LAMBDA_TOOLCHAIN",
        "HF_LAMBDA_CACHE",
        "HF_LAMBDA_SCRATCH",
        "HF_LAMBDA_LANES",
        "HF_LAMBDA_PAGE_READY_SECONDS",
        "HYPERFRAMES_RENDER_BUCKET",
        "HF_LAMBDA_BLOB_PREFIX",
        "HF_LAMBDA_LOG_LEVEL",
    ],
)
def test_empty_variable_means_unset(variable: str) -> None:
    """A variable that is set to nothing counts as not set."""
    assert Settings.from_environment({variable: ""}) == Settings.from_environment({})


def test_bucket_is_trimmed() -> None:
    """Space around the bucket's name, a frequent slip in templates, does not lock every request out."""
    assert Settings.from_environment({"HYPERFRAMES_RENDER_BUCKET": " bucket\n"}).render_bucket == "bucket"


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        ("HF_LAMBDA_LANES", "many"),
        ("HF_LAMBDA_LANES", "0"),
        ("HF_LAMBDA_LANES", "-1"),
        ("HF_LAMBDA_LANES", "1.5"),
        ("HF_LAMBDA_PAGE_READY_SECONDS", "soon"),
        ("HF_LAMBDA_PAGE_READY_SECONDS", "nan"),
        ("HF_LAMBDA_PAGE_READY_SECONDS", "inf"),
        ("HF_LAMBDA_PAGE_READY_SECONDS", "-1"),
    ],
)
def test_senseless_number_is_refused_by_name(variable: str, text: str) -> None:
    """A number that cannot work is an error of the table that names its variable."""
    with pytest.raises(HfLambdaError, match=variable):
        Settings.from_environment({variable: text})


def test_settings_are_frozen(settings: Settings) -> None:
    """Nobody changes the settings of a running process."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        settings.lanes = 5  # type: ignore[misc]  # that they are frozen is the point


def test_process_environment_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without an argument the process's own environment is read."""
    monkeypatch.setenv("HF_LAMBDA_LANES", "7")
    assert Settings.from_environment().lanes == 7


def test_fonts_beside_the_toolchain_are_found(tmp_path: Path) -> None:
    """A folder of further fonts with the toolchain's name needs no variable; without it there are none."""
    env = {"HF_LAMBDA_TOOLCHAIN": str(tmp_path / "tools")}
    assert Settings.from_environment(env).font_dirs == ()
    (tmp_path / "tools-fonts").mkdir()
    assert Settings.from_environment(env).font_dirs == (tmp_path / "tools-fonts",)
