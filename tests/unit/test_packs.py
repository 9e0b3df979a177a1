import fcntl
import os
import shutil
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from hf_lambda import packs
from hf_lambda.packs import unpacked, write_pack

DIGEST = "0123456789abcdef0123456789abcdef"


def names(cache: Path) -> list[str]:
    """What is in the cache but for the lock files that unpacking waits on."""
    return sorted(path.name for path in cache.iterdir() if path.suffix != ".lock")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A folder with a program, a text and a folder inside."""
    folder = tmp_path / "source"
    (folder / "lib").mkdir(parents=True)
    (folder / "tool").write_bytes(b"#!/bin/sh\n" * 1000)
    (folder / "tool").chmod(0o755)
    (folder / "lib" / "text").write_text("text")
    (folder / "noise").write_bytes(os.urandom(200_000))
    return folder


@pytest.fixture
def pack(source: Path, tmp_path: Path) -> Path:
    """The folder as a pack."""
    path = tmp_path / "tools.tar.zst"
    write_pack(source, path, level=1)
    return path


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """A cache folder that does not exist yet."""
    return tmp_path / "deep" / "cache"


def contents(folder: Path) -> dict[str, bytes]:
    """Every file but hidden ones, by its path."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.startswith(".")
    }


def test_unpacked_folder_has_the_packed_files(source: Path, pack: Path, cache: Path) -> None:
    """What was packed comes out again, programs as programs."""
    folder = unpacked(pack, digest=DIGEST, cache_dir=cache)
    assert contents(folder) == contents(source)
    assert os.access(folder / "tool", os.X_OK)
    assert not os.access(folder / "lib" / "text", os.X_OK)


def use_long_ago(folder: Path) -> None:
    """Have an unpacked folder look as if nobody had used it for years."""
    for path in (folder, *folder.rglob("*")):
        os.utime(path, (0, 0))


@pytest.mark.parametrize("is_used_again", [False, True])
def test_version_out_of_use_goes_when_another_comes(is_used_again: bool, pack: Path, cache: Path) -> None:
    """A tool takes up to 200 MB, and so does what is kept beside it."""
    old = unpacked(pack, digest=DIGEST, cache_dir=cache)
    beside = old.with_name(f"{old.name}-shaders")
    beside.mkdir()
    use_long_ago(old)
    if is_used_again:
        assert unpacked(pack, digest=DIGEST, cache_dir=cache) == old
    new = unpacked(pack, digest=DIGEST[::-1], cache_dir=cache)
    assert new.is_dir()
    assert old.is_dir() == beside.is_dir() == is_used_again


def test_other_tools_stay(pack: Path, cache: Path) -> None:
    """However long nobody has used them, and whatever else lies there."""
    other = unpacked(pack.rename(pack.with_name("tools-extra.tar.zst")), digest=DIGEST, cache_dir=cache)
    strange = cache / f"tools-{DIGEST[:16]}"
    strange.mkdir()
    use_long_ago(cache)
    unpacked(pack.with_name("tools-extra.tar.zst").rename(pack), digest=DIGEST[::-1], cache_dir=cache)
    assert other.is_dir()
    assert strange.is_dir()


def test_folder_is_named_by_pack_and_digest(pack: Path, cache: Path) -> None:
    """Two versions of one tool lie side by side."""
    assert unpacked(pack, digest=DIGEST, cache_dir=cache) == cache / "tools-0123456789abcdef"
    assert unpacked(pack, digest="f" * 64, cache_dir=cache) == cache / "tools-ffffffffffffffff"


def test_equal_contents_give_equal_bytes(source: Path, pack: Path, tmp_path: Path) -> None:
    """Neither times nor the pack's own name are part of a pack, nor what the builder's umask makes of modes."""
    os.utime(source / "tool", (1, 1))
    for path, mode in (("tool", 0o775), ("noise", 0o664), ("lib/text", 0o600), ("lib", 0o700)):
        (source / path).chmod(mode)
    write_pack(source, tmp_path / "other.tar.zst", level=1)
    assert (tmp_path / "other.tar.zst").read_bytes() == pack.read_bytes()


def test_writing_leaves_nothing_but_the_pack(source: Path, tmp_path: Path) -> None:
    """A pack appears whole, without leftovers beside it."""
    target = tmp_path / "out"
    target.mkdir()
    write_pack(source, target / "a.tar.zst", level=1)
    assert [path.name for path in target.iterdir()] == ["a.tar.zst"]


def test_whole_folder_is_used_again(pack: Path, cache: Path) -> None:
    """The second use does not unpack, so the pack is not even needed."""
    folder = unpacked(pack, digest=DIGEST, cache_dir=cache)
    pack.unlink()
    assert unpacked(pack, digest=DIGEST, cache_dir=cache) == folder


@pytest.mark.parametrize("damage", ["truncated", "missing", "no listing", "bad listing", "odd listing"])
def test_damaged_folder_is_unpacked_anew(source: Path, pack: Path, cache: Path, damage: str) -> None:
    """A folder that lost something heals at the next use."""
    folder = unpacked(pack, digest=DIGEST, cache_dir=cache)
    match damage:
        case "truncated":
            (folder / "tool").write_bytes(b"#!/bin")
        case "missing":
            (folder / "lib" / "text").unlink()
        case "no listing":
            (folder / ".listing.json").unlink()
        case "bad listing":
            (folder / ".listing.json").write_text('{"tool": 1')
        case "odd listing":
            (folder / ".listing.json").write_text("[]")
    assert contents(unpacked(pack, digest=DIGEST, cache_dir=cache)) == contents(source)


@pytest.mark.parametrize("kept", [0.0, 0.3, 0.9])
def test_truncated_pack_is_a_value_error(pack: Path, cache: Path, kept: float) -> None:
    """Half a pack gives no folder at all, and leaves nothing behind."""
    whole = pack.read_bytes()
    pack.write_bytes(whole[: int(len(whole) * kept)])
    with pytest.raises(ValueError, match="damaged"):
        unpacked(pack, digest=DIGEST, cache_dir=cache)
    assert names(cache) == []


@pytest.mark.parametrize("place", [0.1, 0.5, 0.95])
def test_flipped_bit_is_a_value_error(source: Path, tmp_path: Path, cache: Path, place: float) -> None:
    """zstd's checksum finds a bit that changed, and no folder appears."""
    (source / "random").write_bytes(os.urandom((1 << 20) + 777))
    path = tmp_path / "random.tar.zst"
    write_pack(source, path, level=1)
    damaged = bytearray(path.read_bytes())
    damaged[int(len(damaged) * place)] ^= 1
    path.write_bytes(damaged)
    with pytest.raises(ValueError, match="damaged"):
        unpacked(path, digest=DIGEST, cache_dir=cache)
    assert names(cache) == []


def test_missing_pack_is_an_os_error(tmp_path: Path, cache: Path) -> None:
    """A pack that is not there gives no folder."""
    with pytest.raises(FileNotFoundError):
        unpacked(tmp_path / "none.tar.zst", digest=DIGEST, cache_dir=cache)
    assert names(cache) == []


def test_racing_threads_share_one_folder(source: Path, pack: Path, cache: Path) -> None:
    """However many unpack at the same time, all get the same whole folder and nothing else is left."""
    with ThreadPoolExecutor(6) as executor:
        folders = list(executor.map(lambda _: unpacked(pack, digest=DIGEST, cache_dir=cache), range(6)))
    assert set(folders) == {cache / "tools-0123456789abcdef"}
    assert contents(folders[0]) == contents(source)
    assert names(cache) == ["tools-0123456789abcdef"]


def test_process_that_was_stopped_holds_up_nobody_for_ever(
    pack: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who waits for another to unpack goes on when that ends, and gives up when it does not."""
    cache.mkdir(parents=True)
    with (cache / f".tools-{DIGEST[:16]}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        monkeypatch.setattr(packs, "_LOCK_SECONDS", 0.1)
        with pytest.raises(TimeoutError, match="another process"):
            unpacked(pack, digest=DIGEST, cache_dir=cache)
        monkeypatch.setattr(packs, "_LOCK_SECONDS", 10)
        end = threading.Timer(0.1, fcntl.flock, (lock, fcntl.LOCK_UN))
        end.start()
        assert unpacked(pack, digest=DIGEST, cache_dir=cache).is_dir()
        end.join()


def test_what_a_killed_process_left_goes(source: Path, pack: Path, cache: Path) -> None:
    """Half a tool is removed by who unpacks it next."""
    shutil.copytree(source, cache / f".tools-{DIGEST[:16]}.{uuid.uuid4().hex}")
    unpacked(pack, digest=DIGEST, cache_dir=cache)
    assert names(cache) == [f"tools-{DIGEST[:16]}"]
