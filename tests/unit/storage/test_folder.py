import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from hf_lambda.errors import OBJECT_NOT_FOUND, STORAGE_UNAVAILABLE
from hf_lambda.hashing import file_sha256
from hf_lambda.storage.base import StoredObject
from hf_lambda.storage.folder import FolderStorage, folder_of, folder_uri


@pytest.fixture
def storage() -> FolderStorage:
    """The storage."""
    return FolderStorage()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file to store."""
    path = tmp_path / "file.txt"
    path.write_text("contents")
    return path


@pytest.fixture
def bucket(tmp_path: Path) -> Path:
    """Where objects go; it does not exist yet, and its name needs escaping."""
    return tmp_path / "bücket with #1?"


def uri_of(bucket: Path, name: str = "deep/object 100%.txt") -> str:
    """The URI of an object."""
    return folder_uri(bucket / name)


def test_uri_of_a_path_is_escaped(tmp_path: Path) -> None:
    """Paths with any character have a URI that leads back to them."""
    assert folder_uri(Path("/a b/#ü?.txt")) == "file:///a%20b/%23%C3%BC%3F.txt"


def test_uploaded_file_can_be_downloaded(storage: FolderStorage, file: Path, bucket: Path, tmp_path: Path) -> None:
    """An object comes back as it was stored; folders are made on the way."""
    storage.upload(file, uri_of(bucket))
    storage.download(uri_of(bucket), tmp_path / "new" / "copy.txt")
    assert (tmp_path / "new" / "copy.txt").read_text() == "contents"
    assert [path.name for path in (bucket / "deep").iterdir()] == ["object 100%.txt"]


def test_downloads_take_no_space_but_uploads_are_copies(
    storage: FolderStorage, file: Path, bucket: Path, tmp_path: Path
) -> None:
    """An object is a file of its own, so its source may change; downloaded, again too, it has one name more."""
    storage.upload(file, uri_of(bucket, "object"))
    storage.upload_blob(file, uri_of(bucket, "blob"))
    for name in ("object", "blob", "object"):
        storage.download(uri_of(bucket, name), tmp_path / "down" / name)
        assert (tmp_path / "down" / name).samefile(bucket / name)
        assert not (bucket / name).samefile(file)
    assert sorted(path.name for path in (tmp_path / "down").iterdir()) == ["blob", "object"]


def test_folders_are_told_from_objects(tmp_path: Path, file: Path) -> None:
    """A folder has a path; files, what is not there and what is elsewhere have none."""
    assert folder_of(folder_uri(tmp_path)) == tmp_path
    nothing = [folder_uri(tmp_path / name) for name in ("none", "n" * 300)]
    for uri in (folder_uri(file), *nothing, "s3://bucket/tmp", f"s3:/{tmp_path}"):
        assert folder_of(uri) is None


def test_upload_replaces_what_was_there(storage: FolderStorage, file: Path, bucket: Path) -> None:
    """The newest object counts."""
    storage.upload(file, uri_of(bucket))
    file.write_text("newer")
    storage.upload(file, uri_of(bucket))
    assert (bucket / "deep" / "object 100%.txt").read_text() == "newer"


@pytest.mark.parametrize("name", ["none", "", "deep", "file.txt/inner", "n" * 300])
def test_missing_object_is_named(storage: FolderStorage, file: Path, tmp_path: Path, name: str) -> None:
    """An object that does not exist, or is a folder, is not found."""
    (tmp_path / "deep").mkdir()
    with pytest.raises(OBJECT_NOT_FOUND, match="does not exist"):
        storage.download(f"{folder_uri(tmp_path)}/{name}", tmp_path / "copy")
    assert not (tmp_path / "copy").exists()


@pytest.mark.parametrize("with_metadata", [False, True])
def test_place_that_cannot_be_written_is_unavailable(
    storage: FolderStorage, file: Path, tmp_path: Path, with_metadata: bool
) -> None:
    """A target below a file cannot be written, which is an error of the table."""
    metadata = {"a": "b"} if with_metadata else None
    with pytest.raises(STORAGE_UNAVAILABLE):
        storage.upload(file, folder_uri(file / "inner"), metadata=metadata)
    with pytest.raises(STORAGE_UNAVAILABLE):
        storage.upload_blob(file, folder_uri(file / "inner"))


def test_failed_transfer_leaves_nothing(storage: FolderStorage, tmp_path: Path, bucket: Path) -> None:
    """A file that cannot be read leaves neither half an object nor a temporary one."""
    with pytest.raises(STORAGE_UNAVAILABLE):
        storage.upload(tmp_path / "none", uri_of(bucket))
    assert [path for path in bucket.rglob("*") if path.is_file()] == []


def test_object_with_metadata_is_found_intact(storage: FolderStorage, file: Path, bucket: Path) -> None:
    """What was stored with metadata is found again, with its size and digest."""
    storage.upload(file, uri_of(bucket), metadata={"frames": "3"})
    assert storage.find_intact(uri_of(bucket)) == StoredObject(8, file_sha256(file), {"frames": "3"})


def test_empty_metadata_is_metadata(storage: FolderStorage, file: Path, bucket: Path) -> None:
    """An object may be findable without saying anything else."""
    storage.upload(file, uri_of(bucket), metadata={})
    assert storage.find_intact(uri_of(bucket)) == StoredObject(8, file_sha256(file), {})


def test_object_without_metadata_is_not_found_intact(storage: FolderStorage, file: Path, bucket: Path) -> None:
    """Without a digest nothing is known to be intact, least of all after an overwrite."""
    assert storage.find_intact(uri_of(bucket)) is None
    storage.upload(file, uri_of(bucket), metadata={})
    storage.upload(file, uri_of(bucket))
    assert storage.find_intact(uri_of(bucket)) is None


@pytest.mark.parametrize("damage", ["changed", "truncated", "gone"])
def test_damaged_object_is_not_found_intact(storage: FolderStorage, file: Path, bucket: Path, damage: str) -> None:
    """An object whose bytes are not those that were stored does not count."""
    storage.upload(file, uri_of(bucket), metadata={})
    target = bucket / "deep" / "object 100%.txt"
    match damage:
        case "changed":
            target.write_text("CONTENTS")
        case "truncated":
            target.write_text("con")
        case "gone":
            target.unlink()
    assert storage.find_intact(uri_of(bucket)) is None


@pytest.mark.parametrize("record", ["", "{", "{}", "[]", "null", "3", '{"sha256": null}', "\x00"])
def test_damaged_record_is_no_record(storage: FolderStorage, file: Path, bucket: Path, record: str) -> None:
    """A record that cannot be understood counts as none."""
    storage.upload(file, uri_of(bucket), metadata={})
    (bucket / "deep" / ".object 100%.txt.meta.json").write_text(record)
    assert storage.find_intact(uri_of(bucket)) is None


def test_record_without_a_part_is_no_record(storage: FolderStorage, file: Path, bucket: Path) -> None:
    """A record of another version counts as none."""
    storage.upload(file, uri_of(bucket), metadata={})
    (bucket / "deep" / ".object 100%.txt.meta.json").write_text(json.dumps({"sha256": file_sha256(file)}))
    assert storage.find_intact(uri_of(bucket)) is None


def test_blob_that_is_there_is_not_written_again(storage: FolderStorage, file: Path, bucket: Path) -> None:
    """A blob is named by its contents, so one of the right size stays as it is."""
    storage.upload_blob(file, uri_of(bucket))
    file.write_text("CONTENTS")
    storage.upload_blob(file, uri_of(bucket))
    assert (bucket / "deep" / "object 100%.txt").read_text() == "contents"


def test_truncated_blob_is_written_again(storage: FolderStorage, file: Path, bucket: Path) -> None:
    """A blob of another size is not the blob."""
    storage.upload_blob(file, uri_of(bucket))
    (bucket / "deep" / "object 100%.txt").write_text("con")
    storage.upload_blob(file, uri_of(bucket))
    assert (bucket / "deep" / "object 100%.txt").read_text() == "contents"


def test_racing_uploads_leave_one_whole_object(storage: FolderStorage, file: Path, bucket: Path) -> None:
    """However many write the same object, readers find it whole and nothing beside it."""
    with ThreadPoolExecutor(6) as executor:
        for future in [executor.submit(storage.upload_blob, file, uri_of(bucket)) for _ in range(12)]:
            future.result()
    assert [path.name for path in (bucket / "deep").iterdir()] == ["object 100%.txt"]
    assert (bucket / "deep" / "object 100%.txt").read_text() == "contents"
