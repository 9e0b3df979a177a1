from pathlib import Path

import pytest

from hf_lambda.capture import shared_memory
from hf_lambda.capture.shared_memory import shared_memory_folder


@pytest.fixture
def memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in the place of the machine's memory, with room for anything."""
    folder = tmp_path / "shm"
    folder.mkdir()
    monkeypatch.setattr(shared_memory, "_MEMORY", folder)
    monkeypatch.setattr(shared_memory, "_ROOMY_BYTES", 1)
    return folder


def test_folders_are_new_each_time(memory: Path) -> None:
    """Two browsers share none."""
    folders = [shared_memory_folder() for _ in range(2)]
    assert sorted(memory.iterdir()) == sorted(folder for folder in folders if folder)
    assert len(set(folders)) == 2


def test_without_room_there_is_none(memory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A container's few megabytes would be filled by one page."""
    monkeypatch.setattr(shared_memory, "_ROOMY_BYTES", 1 << 60)
    assert shared_memory_folder() is None
    assert list(memory.iterdir()) == []


def test_where_there_is_no_memory_there_is_none(memory: Path) -> None:
    """As in Lambda, or where something else has its name."""
    memory.rmdir()
    assert shared_memory_folder() is None
    memory.write_text("a file")
    assert shared_memory_folder() is None
