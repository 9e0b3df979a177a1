"""S3Storage speaks to an S3 API over HTTP, and a whole render goes through it."""

import dataclasses
import hashlib
import shutil
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from moto.server import ThreadedMotoServer

from hf_lambda.composition.archive import pack_project
from hf_lambda.deadline import Deadline
from hf_lambda.errors import OBJECT_NOT_FOUND, RENDER_CANCELLED, S3_URI_NOT_ALLOWED, STORAGE_UNAVAILABLE
from hf_lambda.handler import handler
from hf_lambda.local.context import LocalContext
from hf_lambda.settings import Settings
from hf_lambda.storage.s3 import S3Storage
from hf_lambda.toolchain import Toolchain
from tests.functional.projects import write_numbered_project
from tests.functional.renders import FrameDigests, decoded_frames
from tests.functional.s3_faults import Contested, CutShort, Replaced, serve

BUCKET = "renders"
ONE_ATTEMPT = Config(retries={"mode": "standard", "total_max_attempts": 1})
PART_BYTES = 8 << 20
"""Files above this are sent in parts."""


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """The address of a server with the S3 API."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def connect(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Makes every S3 client of this process speak to an endpoint, with credentials of no value."""

    def use(endpoint: str) -> None:
        for name, value in {
            "AWS_ENDPOINT_URL_S3": endpoint,
            "AWS_ACCESS_KEY_ID": "nobody",
            "AWS_SECRET_ACCESS_KEY": "nothing",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_CONFIG_FILE": "/dev/null",
            "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
            "NO_PROXY": "127.0.0.1",
            "no_proxy": "127.0.0.1",
        }.items():
            monkeypatch.setenv(name, value)
        for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)

    return use


@pytest.fixture
def client(connect: Callable[[str], None], endpoint: str) -> Iterator[Any]:
    """A client of our own, to look behind the storage; the bucket exists and is emptied afterwards."""
    connect(endpoint)
    s3 = boto3.client("s3", config=ONE_ATTEMPT)
    s3.create_bucket(Bucket=BUCKET)
    yield s3
    for item in s3.list_objects_v2(Bucket=BUCKET).get("Contents", []):
        s3.delete_object(Bucket=BUCKET, Key=item["Key"])
    s3.delete_bucket(Bucket=BUCKET)


@pytest.fixture
def storage(client: Any) -> S3Storage:
    """The storage, as the handler makes it."""
    return S3Storage()


def uri_of(key: str, bucket: str = BUCKET) -> str:
    """The URI of an object."""
    return f"s3://{bucket}/{key}"


def digest(path: Path) -> str:
    """What a file holds, short enough for a message."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def write_file(path: Path, contents: bytes) -> Path:
    """A file with these contents."""
    path.write_bytes(contents)
    return path


@pytest.mark.parametrize("size", [0, 1, 1000, PART_BYTES + 1, 2 * PART_BYTES + 12345])
def test_what_is_stored_comes_back(size: int, storage: S3Storage, client: Any, tmp_path: Path) -> None:
    """Files of any size come back byte by byte, large ones through parts, into a folder that is made for them."""
    contents = (bytes(range(251)) * (size // 251 + 1))[:size]
    storage.upload(write_file(tmp_path / "file.bin", contents), uri_of("deep/er/file.bin"))
    storage.download(uri_of("deep/er/file.bin"), tmp_path / "new" / "folder" / "back.bin")
    assert digest(tmp_path / "new" / "folder" / "back.bin") == hashlib.sha256(contents).hexdigest()
    head = client.head_object(Bucket=BUCKET, Key="deep/er/file.bin")
    assert head["ContentLength"] == size
    assert ("-" in head["ETag"]) == (size > PART_BYTES)


def test_upload_replaces_what_is_there(storage: S3Storage, tmp_path: Path) -> None:
    """The last upload wins, and a download replaces the file that is in its way."""
    for contents in (b"first, and longer", b"second"):
        storage.upload(write_file(tmp_path / "file", contents), uri_of("file"))
    target = write_file(tmp_path / "back", b"something else")
    storage.download(uri_of("file"), target)
    assert target.read_bytes() == b"second"


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("a.mp4", "video/mp4"),
        ("a.mov", "video/quicktime"),
        ("a.webm", "video/webm"),
        ("a.m4a", "audio/mp4"),
        ("plan.tar.gz", "application/gzip"),
        ("a.tar", "application/x-tar"),
        ("a", "application/octet-stream"),
    ],
)
def test_objects_carry_their_content_type(
    name: str, content_type: str, storage: S3Storage, client: Any, tmp_path: Path
) -> None:
    """A browser that is given a link to an object knows what it is."""
    storage.upload(write_file(tmp_path / name, b"x"), uri_of(f"types/{name}"))
    assert client.head_object(Bucket=BUCKET, Key=f"types/{name}")["ContentType"] == content_type


def test_blob_is_written_once(storage: S3Storage, client: Any, tmp_path: Path) -> None:
    """A blob that is stored whole is not written again."""
    storage.upload_blob(write_file(tmp_path / "first", b"first"), uri_of("blobs/x"))
    storage.upload_blob(write_file(tmp_path / "other", b"other"), uri_of("blobs/x"))
    assert client.get_object(Bucket=BUCKET, Key="blobs/x")["Body"].read() == b"first"


def test_blob_of_another_length_is_written_again(storage: S3Storage, client: Any, tmp_path: Path) -> None:
    """What lies under a blob's name and cannot be the blob is replaced."""
    client.put_object(Bucket=BUCKET, Key="blobs/x", Body=b"damaged")
    storage.upload_blob(write_file(tmp_path / "whole", b"whole"), uri_of("blobs/x"))
    assert client.get_object(Bucket=BUCKET, Key="blobs/x")["Body"].read() == b"whole"


def test_blob_that_expires_soon_is_written_again(client: Any, tmp_path: Path) -> None:
    """A blob past half of its expiry is renewed, so that it does not go under a running render."""
    client.put_object(Bucket=BUCKET, Key="blobs/x", Body=b"older")
    S3Storage(blob_expiry_days=30).upload_blob(write_file(tmp_path / "a", b"newer"), uri_of("blobs/x"))
    assert client.get_object(Bucket=BUCKET, Key="blobs/x")["Body"].read() == b"older"
    S3Storage(blob_expiry_days=0).upload_blob(write_file(tmp_path / "b", b"newer"), uri_of("blobs/x"))
    assert client.get_object(Bucket=BUCKET, Key="blobs/x")["Body"].read() == b"newer"


def test_racing_blobs_leave_one_whole(storage: S3Storage, tmp_path: Path) -> None:
    """Planners that store the same blob at the same moment, each with a client of its own, all succeed."""
    racers = 6
    files = [write_file(tmp_path / str(racer), bytes([racer]) * 300_000) for racer in range(racers)]
    barrier = threading.Barrier(racers)

    def race(path: Path) -> None:
        barrier.wait(30)
        S3Storage().upload_blob(path, uri_of("blobs/raced"))

    with ThreadPoolExecutor(racers) as executor:
        list(executor.map(race, files))
    storage.download(uri_of("blobs/raced"), tmp_path / "back")
    assert digest(tmp_path / "back") in [digest(path) for path in files]


@pytest.fixture
def contested() -> Iterator[str]:
    """The address of a server where another planner is writing the same blob."""
    yield from serve(Contested)


@pytest.mark.parametrize("answers", [[409, 409, 200], [409, 412], [409, 409, 409, 200]])
def test_blob_that_another_is_writing_is_tried_again(
    answers: list[int], contested: str, connect: Callable[[str], None], tmp_path: Path
) -> None:
    """Whichever planner wins in the end, the blob is there, and nobody has to plan anew."""
    connect(contested)
    Contested.answers = answers
    S3Storage(ONE_ATTEMPT).upload_blob(write_file(tmp_path / "file", b"contents"), uri_of("blobs/x"))
    assert Contested.answers == []


def test_conflict_that_does_not_end_is_unavailable(
    contested: str, connect: Callable[[str], None], tmp_path: Path
) -> None:
    """A blob is not tried for ever."""
    connect(contested)
    Contested.answers = [409] * 9
    with pytest.raises(STORAGE_UNAVAILABLE, match="ConditionalRequestConflict"):
        S3Storage(ONE_ATTEMPT).upload_blob(write_file(tmp_path / "file", b"contents"), uri_of("blobs/x"))


@pytest.mark.parametrize("size", [7, PART_BYTES + 1])
def test_intact_object_is_found_with_its_metadata(size: int, storage: S3Storage, tmp_path: Path) -> None:
    """What was uploaded with metadata is found by its length, digest and metadata, in parts or not."""
    contents = b"c" * size
    storage.upload(write_file(tmp_path / "a.mp4", contents), uri_of("a.mp4"), metadata={"planhash": "p", "frames": "9"})
    found = storage.find_intact(uri_of("a.mp4"))
    assert found is not None
    assert (found.size_bytes, found.sha256) == (size, hashlib.sha256(contents).hexdigest())
    assert (found.metadata["planhash"], found.metadata["frames"]) == ("p", "9")


def test_object_without_metadata_is_not_intact(storage: S3Storage, tmp_path: Path) -> None:
    """What was uploaded without metadata, or by upload_blob, or never, is not found."""
    path = write_file(tmp_path / "file", b"contents")
    storage.upload(path, uri_of("plain"))
    storage.upload_blob(path, uri_of("blob"))
    for uri in (uri_of("plain"), uri_of("blob"), uri_of("never"), uri_of("never", "no-such-bucket")):
        assert storage.find_intact(uri) is None


@pytest.mark.parametrize(
    "metadata", [{"sha256": "0" * 64, "size": "9"}, {"sha256": "0" * 64}, {"size": "8"}, {"sha256": "x", "size": "?"}]
)
def test_object_of_another_length_is_not_intact(metadata: dict[str, str], storage: S3Storage, client: Any) -> None:
    """An object whose length is not the recorded one, or whose record is incomplete, is not found."""
    client.put_object(Bucket=BUCKET, Key="other", Body=b"contents", Metadata=metadata)
    assert storage.find_intact(uri_of("other")) is None


@pytest.mark.parametrize("uri", [uri_of("nothing"), uri_of("nothing", "no-such-bucket")])
def test_missing_object_or_bucket_is_not_found(uri: str, storage: S3Storage, tmp_path: Path) -> None:
    """An object that is not there, or whose bucket is not, is a terminal error, and leaves no file."""
    with pytest.raises(OBJECT_NOT_FOUND) as caught:
        storage.download(uri, tmp_path / "back")
    assert uri in caught.value.cause
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("size", [7, PART_BYTES + 1])
def test_upload_to_a_missing_bucket_is_not_worth_a_retry(size: int, storage: S3Storage, tmp_path: Path) -> None:
    """A bucket that does not exist is the same terminal error for every kind of upload."""
    path = write_file(tmp_path / "file", b"c" * size)
    for upload in (storage.upload, storage.upload_blob):
        with pytest.raises(OBJECT_NOT_FOUND):
            upload(path, uri_of("file", "no-such-bucket"))


@pytest.mark.parametrize("key", ["what?", "a#b", "a?b=c#d", "a b/100%/%2F/+ü&=;:@", "brackets[1]", "?", "#x"])
def test_key_may_hold_any_character(key: str, storage: S3Storage, client: Any, tmp_path: Path) -> None:
    """Nothing in a key is taken for a query, a fragment or an escape."""
    path = write_file(tmp_path / "file", key.encode())
    storage.upload(path, uri_of(key), metadata={})
    assert [item["Key"] for item in client.list_objects_v2(Bucket=BUCKET)["Contents"]] == [key]
    assert storage.find_intact(uri_of(key)) is not None
    storage.download(uri_of(key), tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == key.encode()


def test_server_that_is_gone_is_unavailable(connect: Callable[[str], None], tmp_path: Path) -> None:
    """Without a server every operation is an error that another attempt may cure, and says what was wanted."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    port = server.server_address[1]
    server.server_close()
    connect(f"http://127.0.0.1:{port}")
    storage = S3Storage(ONE_ATTEMPT)
    path = write_file(tmp_path / "file", b"contents")
    operations: list[Callable[[], object]] = [
        lambda: storage.download(uri_of("file"), tmp_path / "back"),
        lambda: storage.upload(path, uri_of("file")),
        lambda: storage.upload_blob(path, uri_of("file")),
        lambda: storage.find_intact(uri_of("file")),
    ]
    for operation in operations:
        with pytest.raises(STORAGE_UNAVAILABLE) as caught:
            operation()
        assert uri_of("file") in caught.value.cause
    assert [item.name for item in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("size", [7, PART_BYTES + 1])
def test_download_is_given_up_with_its_deadline(size: int, storage: S3Storage, client: Any, tmp_path: Path) -> None:
    """A download that nobody waits for any more ends, in parts or not, and leaves no file."""
    client.put_object(Bucket=BUCKET, Key="file", Body=b"c" * size)
    deadline = Deadline(60)
    deadline.cancel()
    with pytest.raises(RENDER_CANCELLED):
        storage.download(uri_of("file"), tmp_path / "back", deadline=deadline)
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def misbehaving(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a server of the kind that the test names."""
    yield from serve(request.param)


@pytest.mark.parametrize(
    ("misbehaving", "cause"),
    [(CutShort, None), (Replaced, "PreconditionFailed")],
    ids=["it breaks off", "its object is replaced meanwhile"],
    indirect=["misbehaving"],
)
def test_transfer_that_fails_is_unavailable(
    misbehaving: str, cause: str | None, connect: Callable[[str], None], tmp_path: Path
) -> None:
    """However often it is tried, that is a retryable error, and leaves no half file."""
    connect(misbehaving)
    with pytest.raises(STORAGE_UNAVAILABLE, match=cause):
        S3Storage(ONE_ATTEMPT).download(uri_of("file"), tmp_path / "back")
    assert list(tmp_path.iterdir()) == []


def invoke(event: dict[str, Any], settings: Settings, observer: FrameDigests | None = None) -> dict[str, Any]:
    """What the handler answers."""
    return handler(event, LocalContext(settings, Deadline(120), observer or FrameDigests()))


@pytest.mark.browser
def test_render_goes_through_s3(
    storage: S3Storage, client: Any, session_settings: Settings, toolchain: Toolchain, tmp_path: Path
) -> None:
    """Project, plan, blob, chunks and output all live in the one allowed bucket; stored chunks are used again."""
    settings = dataclasses.replace(session_settings, render_bucket=BUCKET)
    project = write_numbered_project(tmp_path / "project", fps=30, duration=0.5)
    shutil.copyfile(Path(__file__).with_name("dot.png"), project / "dot.png")
    html = (project / "index.html").read_text().replace("</body>", '<img src="dot.png"></body>')
    (project / "index.html").write_text(html)
    pack_project(project, tmp_path / "project.tar.gz")
    storage.upload(tmp_path / "project.tar.gz", uri_of("in/project.tar.gz"))

    config = {"fps": 30, "quality": "draft", "chunkSize": 8}
    plan = invoke(
        {
            "Action": "plan",
            "ProjectS3Uri": uri_of("in/project.tar.gz"),
            "PlanOutputS3Prefix": uri_of("job"),
            "Config": config,
        },
        settings,
    )
    assert (plan["TotalFrames"], plan["ChunkCount"]) == (15, 2)
    observers = [FrameDigests(), FrameDigests()]
    answers = [
        [
            invoke(
                {
                    "Action": "render-chunk",
                    "PlanS3Uri": plan["PlanS3Uri"],
                    "PlanHash": plan["PlanHash"],
                    "ChunkIndex": index,
                    "ChunkOutputS3Prefix": uri_of("job/"),
                    "Format": "mp4",
                },
                settings,
                observer,
            )
            for index in plan["ChunkIndexes"]
        ]
        for observer in observers
    ]
    assert [sorted(observer.digests) for observer in observers] == [list(range(15)), []]
    assert [chunk["Sha256"] for chunk in answers[0]] == [chunk["Sha256"] for chunk in answers[1]]
    assembled = invoke(
        {
            "Action": "assemble",
            "PlanS3Uri": plan["PlanS3Uri"],
            "PlanHash": plan["PlanHash"],
            "ChunkS3Uris": [chunk["ChunkS3Uri"] for chunk in answers[0]],
            "AudioS3Uri": None,
            "OutputS3Uri": uri_of("out/video.mp4"),
            "Format": "mp4",
        },
        settings,
    )
    assert assembled["FramesEncoded"] == 15
    storage.download(uri_of("out/video.mp4"), tmp_path / "video.mp4")
    assert len(list(decoded_frames(toolchain, tmp_path / "video.mp4", 320, 180))) == 15
    keys = [item["Key"] for item in client.list_objects_v2(Bucket=BUCKET)["Contents"]]
    assert sorted(key.split("/")[0] for key in keys) == ["in", *["job"] * 4, "out"]
    assert sum(key.startswith("job/blobs/sha256/") for key in keys) == 1


@pytest.mark.parametrize("foreign", ["ProjectS3Uri", "PlanOutputS3Prefix", "OutputS3Uri"])
def test_another_bucket_is_refused(foreign: str, client: Any, session_settings: Settings) -> None:
    """A URI in another bucket than the render bucket is refused, though the bucket may well exist."""
    settings = dataclasses.replace(session_settings, render_bucket=BUCKET)
    client.create_bucket(Bucket="elsewhere")
    event = {
        "Action": "plan",
        "ProjectS3Uri": uri_of("project.tar.gz"),
        "PlanOutputS3Prefix": uri_of("job"),
        "Config": {},
        foreign: uri_of("project.tar.gz", "elsewhere"),
    }
    with pytest.raises(S3_URI_NOT_ALLOWED, match="elsewhere"):
        invoke(event, settings)
    client.delete_bucket(Bucket="elsewhere")
