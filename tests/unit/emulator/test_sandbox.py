import subprocess
from pathlib import Path

import pytest

from hf_lambda.emulator import sandbox
from hf_lambda.emulator.sandbox import SandboxLayout, can_confine, sandbox_for
from hf_lambda.errors import EMULATOR_UNAVAILABLE
from tests.unit.doubles import write_program


@pytest.fixture
def layout(tmp_path: Path) -> SandboxLayout:
    """Folders of a sandbox, its Python in one of its own."""
    for name in ("task", "runtime", "layer/toolchain", "python/bin"):
        (tmp_path / name).mkdir(parents=True)
    python = tmp_path / "python" / "bin" / "python3.13"
    return SandboxLayout(tmp_path / "task", tmp_path / "runtime", None, python, 64 << 20)


@pytest.fixture
def confining(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that can confine."""
    monkeypatch.setattr(sandbox, "can_confine", lambda: True)


@pytest.fixture
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that cannot."""
    monkeypatch.setattr(sandbox, "can_confine", lambda: False)


def binds(argv: tuple[str, ...]) -> dict[str, str]:
    """What a confined program sees read-only, by its place there."""
    return {argv[index + 2]: argv[index + 1] for index, word in enumerate(argv) if word == "--ro-bind"}


@pytest.mark.usefixtures("confining")
def test_confined_program_sees_lambdas_places(layout: SandboxLayout, tmp_path: Path) -> None:
    """Code and runtime lie where Lambda has them, read-only, with the Python that runs them."""
    confined = sandbox_for(layout, tmp_path / "scratch")
    seen = binds(confined.prefix)
    assert seen["/var/task"] == str(layout.task)
    assert seen["/var/runtime"] == str(layout.runtime)
    assert seen[str(tmp_path / "python")] == str(tmp_path / "python")
    assert "/opt" not in seen
    assert (confined.task_root, confined.runtime_root) == ("/var/task", "/var/runtime")
    assert (confined.unproven, confined.shared_temp) == (None, None)


@pytest.mark.usefixtures("confining")
def test_confined_program_is_alone_and_bounded(layout: SandboxLayout, tmp_path: Path) -> None:
    """It has namespaces of its own, a /tmp of the size given, and a root that is closed last."""
    words = sandbox_for(layout, tmp_path / "scratch").prefix
    assert {"--unshare-user", "--unshare-pid", "--unshare-ipc", "--die-with-parent"} <= set(words)
    size = words.index("--size")
    assert words[size : size + 4] == ("--size", str(64 << 20), "--tmpfs", "/tmp")
    assert words.index("--remount-ro") > max(index for index, word in enumerate(words) if "bind" in word)
    assert "/dev/shm" not in words
    assert "--share-net" not in words
    assert "--unshare-net" not in words  # S3 is on the loopback


@pytest.mark.usefixtures("confining")
def test_layer_lies_in_opt(layout: SandboxLayout, tmp_path: Path) -> None:
    """Each folder of a layer is bound by itself, so that a Python in /opt stays visible."""
    with_layer = SandboxLayout(layout.task, layout.runtime, tmp_path / "layer", layout.python, layout.temporary_bytes)
    assert binds(sandbox_for(with_layer, tmp_path / "scratch").prefix)["/opt/toolchain"] == str(
        tmp_path / "layer" / "toolchain"
    )


@pytest.mark.usefixtures("plain")
def test_plain_process_says_what_it_does_not_prove(layout: SandboxLayout, tmp_path: Path) -> None:
    """Without bubblewrap there is a folder for temporary files, and a sentence."""
    free = sandbox_for(layout, tmp_path / "scratch")
    assert free.prefix == ("env", f"TMPDIR={tmp_path / 'scratch'}")
    assert free.unproven is not None
    assert "apt install bubblewrap" in free.unproven
    assert (free.task_root, free.shared_temp) == (str(layout.task), tmp_path / "scratch")


@pytest.mark.usefixtures("plain")
def test_layer_needs_a_confined_process(layout: SandboxLayout, tmp_path: Path) -> None:
    """/opt cannot be imitated in a plain process, so a layer is refused there."""
    with_layer = SandboxLayout(layout.task, layout.runtime, tmp_path / "layer", layout.python, layout.temporary_bytes)
    with pytest.raises(EMULATOR_UNAVAILABLE, match="needs bubblewrap"):
        sandbox_for(with_layer, tmp_path / "scratch")


@pytest.mark.parametrize(("script", "expected"), [("exit 0", True), ("exit 1", False), (None, False)])
def test_machine_is_tried_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str | None, expected: bool
) -> None:
    """bubblewrap must not only be installed, it must be allowed to make namespaces."""
    if script is not None:
        write_program(tmp_path / "bwrap", script)
    monkeypatch.setenv("PATH", str(tmp_path))
    can_confine.cache_clear()
    try:
        assert can_confine() == expected
    finally:
        can_confine.cache_clear()


def test_real_sandbox_runs_a_program(layout: SandboxLayout, tmp_path: Path) -> None:
    """Where this machine can confine, a program runs with those words, and writes to /tmp only."""
    can_confine.cache_clear()
    if not can_confine():
        pytest.skip("bubblewrap is not installed here, or may not make namespaces")
    script = "touch /x 2>/dev/null || touch /var/task/x 2>/dev/null || { touch /tmp/x && echo only there; }"
    argv = [*sandbox_for(layout, tmp_path / "scratch").prefix, "/bin/sh", "-c", script]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, cwd="/")
    assert (done.stdout, done.returncode) == ("only there\n", 0), done.stderr
