"""Every error that this package raises on purpose, in one table, and two of the original that it has no use for.

    HfLambdaError
    ├── TerminalError    the same input fails again: do not retry
    └── RetryableError   another attempt may succeed

Each class is *named by its code*, because Step Functions compares `ErrorEquals` with the class name
that the Lambda runtime reports. `when` says what went wrong, `cure` what to do about it; both feed
`docs/errors.md` and `hf-lambda errors`. Messages name causes, never secrets or the values of variables.
"""

from typing import ClassVar, Self


class HfLambdaError(Exception):
    """The root of the table: `str()` gives the cause, then the cure."""

    when: ClassVar[str]
    cure: ClassVar[str]

    def __init__(self, cause: str) -> None:
        super().__init__(cause)
        self.cause = cause

    def __str__(self) -> str:
        return f"{self.cause.rstrip('.')}. {self.cure}"

    def abridged(self, most_bytes: int) -> Self:
        """The same error without its traceback; the middle of a cause of more bytes in UTF-8 is left out."""
        cause, half = self.cause.encode(), most_bytes // 2
        if len(cause) <= most_bytes:
            return type(self)(self.cause)
        return type(self)(f"{cause[:half].decode(errors='ignore')} … {cause[-half:].decode(errors='ignore')}")

    @classmethod
    def code(cls) -> str:
        """The name that callers, logs and state machines know this error by."""
        return cls.__name__


class TerminalError(HfLambdaError):
    """The same input will fail again."""


class RetryableError(HfLambdaError):
    """Another attempt, perhaps on another worker, may succeed."""


# --- the request -----------------------------------------------------------------------------------


class INVALID_EVENT(TerminalError):
    when = "The event is not a plan, render-chunk or assemble request: unknown action, missing key or wrong type."
    cure = "Compare the event with sample-events/ and the wire contract in docs/architecture.md."


class INVALID_CONFIG(TerminalError):
    when = "A field of Config has a value outside its rules, or two fields contradict each other."
    cure = "Correct the field that is named."


class FORMAT_NOT_SUPPORTED_IN_DISTRIBUTED(TerminalError):
    when = "Never here: kept for state machines of the original, whose chunks cannot be of every format and codec."
    cure = "Choose a format that is listed under Config in docs/architecture.md."


class S3_URI_NOT_ALLOWED(TerminalError):
    when = "A URI of the event lies outside the storage that this worker may touch."
    cure = "Use the bucket in HYPERFRAMES_RENDER_BUCKET; file:// URIs work outside Lambda only."


# --- storage ---------------------------------------------------------------------------------------


class OBJECT_NOT_FOUND(TerminalError):
    when = "An object that the event names does not exist."
    cure = "Check the URI, and that the object has not expired."


class STORAGE_UNAVAILABLE(RetryableError):
    when = "Storage refused or broke a transfer."
    cure = "Try again; if it persists, check disk space, permissions and the network."


class SCRATCH_UNAVAILABLE(RetryableError):
    when = "The worker's own disk refused a write: it is full, read-only or missing."
    cure = "Give the worker more ephemeral storage, or point HF_LAMBDA_SCRATCH and HF_LAMBDA_CACHE elsewhere."


class SYSTEM_REFUSED(RetryableError):
    when = "The worker's system refused what a larger disk would not cure: to open or read a file, or to give memory."
    cure = "Correct what is named: the permissions of project files, the worker's memory, or its limits (`ulimit -a`)."


# --- the project -----------------------------------------------------------------------------------


class PROJECT_ARCHIVE_REJECTED(TerminalError):
    when = "The project archive is damaged, or has a member that would be written outside its own folder."
    cure = "Pack the project with tar from inside the folder, without outside links."


class PROJECT_TOO_LARGE(TerminalError):
    when = "The project unpacks to more bytes or files than this worker accepts."
    cure = "Leave out what the page does not show, or raise HF_LAMBDA_PROJECT_MIB and HF_LAMBDA_PROJECT_FILES."


class PROJECT_NOT_FOUND(TerminalError):
    when = "The folder to render does not exist or is not a folder."
    cure = "Pass the folder that holds index.html."


class ENTRY_FILE_NOT_FOUND(TerminalError):
    when = "The project has no entry document."
    cure = "Add index.html at the top of the project, or name another document with entryFile."


class COMPOSITION_ROOT_MISSING(TerminalError):
    when = "The entry document has no element with data-composition-id."
    cure = "Put data-composition-id, data-width, data-height and data-duration on the root element."


class COMPOSITION_SIZE_OUT_OF_RANGE(TerminalError):
    when = "The composition's width or height is odd, or outside 16 to 7680 pixels."
    cure = "Set data-width and data-height on the root to even numbers from 16 to 7680."


class DISTRIBUTED_DURATION_OUT_OF_RANGE(TerminalError):
    when = "The composition's duration is zero, infinite, not a number or longer than 24 hours."
    cure = "Set data-duration on the root (seconds), and give endless repeats a finite count."


class EMPTY_COMPOSITION(TerminalError):
    when = "A sub-composition that the project refers to is missing or empty."
    cure = "Correct data-composition-src; paths are relative to the project folder."


class NOT_MEDIA_PAYLOAD(TerminalError):
    when = "A file that the page shows or plays is an error page, JSON or a git-LFS pointer."
    cure = "Put the real file in its place; `git lfs pull` replaces git-LFS pointers."


class ASSET_FETCH_UNAVAILABLE(RetryableError):
    when = "The network or a server failed while a remote file of the project was fetched at plan time."
    cure = "Try again; if it persists, put the file into the project, or let the planner reach the internet."


class ASSET_FETCH_FAILED(TerminalError):
    when = "A server does not have a remote file of the project, or has something else under its URL."
    cure = "Correct the URL, or put the file into the project; strictness best-effort renders without pictures."


class ASSET_REFUSED(TerminalError):
    when = "A remote file of the project lies at a private address, is too large, or is not http or https."
    cure = "Put the file into the project; HF_LAMBDA_ALLOW_PRIVATE_ADDRESSES=1 permits hosts of your own network."


class FONT_FETCH_UNAVAILABLE(RetryableError):
    when = "The network or the font service failed while a font family was fetched at plan time."
    cure = "Try again; without internet, use a bundled family, or an @font-face with a file of the project."


class FONT_FETCH_FAILED(TerminalError):
    when = "A font family is neither bundled, nor defined by the project, nor served by the font service."
    cure = "Use a bundled family (docs/fonts.md), or an @font-face with a file; failClosedFontFetch false only warns."


# --- the page --------------------------------------------------------------------------------------


class PAGE_SCRIPT_ERROR(TerminalError):
    when = "A script of the composition threw while the page was loading, or while a frame was made."
    cure = "Mend the script at the place named; Config.strictness best-effort renders in spite of load-time errors."


class PAGE_NOT_READY(TerminalError):
    when = "The page did not become ready to be seeked in time."
    cure = (
        "Look at the pending resource or timeline that is named; `hf-lambda render --keep` keeps the page. One that is "
        "only slow gets more time by HF_LAMBDA_PAGE_READY_SECONDS."
    )


class LIVE_MAP_NOT_SUPPORTED(TerminalError):
    when = "The composition shows a live map, whose tiles come from the network while frames are taken."
    cure = "Use a picture or an SVG of the map; Config.strictness best-effort renders whatever tiles arrive."


class WEBGPU_NOT_SUPPORTED(TerminalError):
    when = "The composition says that it needs WebGPU, which Chromium does not have without a GPU."
    cure = "Draw with WebGL, or remove data-requires-webgpu; Config.strictness best-effort renders without it."


class PAGE_NAVIGATED(TerminalError):
    when = "The page left its own document while it was rendered."
    cure = "Remove reloads, redirects and form submissions from the composition."


# --- the browser -----------------------------------------------------------------------------------


class BROWSER_UNAVAILABLE(RetryableError):
    when = "Chromium could not be unpacked or started."
    cure = "Read Chromium's last lines in the message; check free space in the scratch folder and the toolchain."


class BROWSER_CRASHED(RetryableError):
    when = "Chromium, or the page inside it, died while it was in use."
    cure = "Try again; if it persists, give the worker more memory or make the page lighter."


class BROWSER_PROTOCOL_ERROR(RetryableError):
    when = "Chromium answered a DevTools command with an error, or not at all."
    cure = "Try again; if it persists, report the command that is named."


class BROWSER_GPU_NOT_SOFTWARE(TerminalError):
    when = "Chromium draws WebGL with something other than its flags say, so frames would depend on the machine."
    cure = "Use the packaged Chromium with its own flags."


class EMPTY_SCREENSHOT(RetryableError):
    when = "Chromium answered a frame with no picture."
    cure = "Try again; a full scratch disk gives exactly this, so check its free space."


class FRAMEBUFFER_UNREADABLE(RetryableError):
    when = "What Chromium drew could not be found, or not be read, in its memory."
    cure = "Try again; if it persists, render with captureMode beginframe, which takes a screenshot of each frame."


class FRAME_STALLED(RetryableError):
    when = "Chromium did not finish a frame that it was told to begin."
    cure = "Try again; if it persists, render with captureMode screenshot."


# --- media -----------------------------------------------------------------------------------------


class ENCODER_FAILED(RetryableError):
    when = "ffmpeg failed while it encoded or joined something, or ffmpeg or ffprobe was killed or could not start."
    cure = "Read ffmpeg's last lines in the message; check memory and free space in the scratch folder."


class MEDIA_UNREADABLE(TerminalError):
    when = "A media file is missing, or cannot be read or decoded."
    cure = "Check that the file is in the project, is a media file and is complete."


class VIDEO_SOURCE_UNRENDERABLE(TerminalError):
    when = "A <video> that is seen has no file with pictures to show: missing, damaged, or begun behind its end."
    cure = "Correct the src or the data-media-start of the element that is named, or remove it."


class VIDEO_EXTRACTION_FAILED(RetryableError):
    when = "The frames of a source video could not be taken out of its file."
    cure = "Read ffmpeg's last lines in the message; check the file, memory and free space in the scratch folder."


class CHUNK_FRAMES_MISSING(RetryableError):
    when = "An encoded chunk does not hold exactly the frames of its plan."
    cure = "Try again; if it persists, report it with the chunk kept by --keep."


class OUTPUT_VERIFICATION_FAILED(TerminalError):
    when = "The assembled file has the wrong frame count, duration or streams."
    cure = "Render the chunks again; one of them is not what its plan says."


# --- the plan --------------------------------------------------------------------------------------


class MISSING_PLAN_ARTIFACT(TerminalError):
    when = "The plan, or a file that it lists, is not in storage or not in the plan archive."
    cure = "Plan again; plans and blobs expire with the bucket's lifecycle rules."


class PLAN_HASH_MISMATCH(TerminalError):
    when = "The plan in storage is not the plan that the request was made for."
    cure = "Plan again and use the PlanHash of its result; do not reuse an output prefix by hand."


class PLAN_ARTIFACT_DIGEST_MISMATCH(TerminalError):
    when = "A file of the plan has other contents than the plan says."
    cure = "Plan again; something overwrote or truncated the stored file."


class PLAN_TOO_LARGE(TerminalError):
    when = "Never here: kept for state machines of the original, whose workers take no plan above a size."
    cure = "Raise chunkSize, or shorten the composition."


class CHUNK_INDEX_OUT_OF_RANGE(TerminalError):
    when = "The plan has no chunk with this index."
    cure = "Ask for 0 to ChunkCount - 1."


class CHUNK_LIST_INVALID(TerminalError):
    when = "The chunks to assemble are not exactly those of the plan, in order, each once."
    cure = "Pass the ChunkS3Uri of every render-chunk result, in the order of their index."


class FFMPEG_VERSION_MISMATCH(TerminalError):
    when = "This worker's ffmpeg is not the one that the plan was made with."
    cure = "Deploy the same build to every worker, then plan again."


class TOOLCHAIN_MISMATCH(TerminalError):
    when = "This worker's Chromium, runtime, fonts or package differ from those of the plan."
    cure = "Deploy the same build to every worker, then plan again."


class TOOLCHAIN_MISSING(TerminalError):
    when = "Chromium, ffmpeg, the HyperFrames runtime or the fonts are not where this package looks."
    cure = "Run `hf-lambda setup` (in a checkout: `make setup`)."


class RENDER_FAILED(TerminalError):
    when = "An execution of the state machine ended without an output."
    cure = "The error's own code is named; `hf-lambda errors CODE` explains it."


class EMULATOR_UNAVAILABLE(TerminalError):
    when = "The Lambda runtime emulator could not be fetched or started on this machine."
    cure = "Correct what is named; docs/local.md says what the emulator needs."


class DEPLOY_FAILED(TerminalError):
    when = "A stack could not be deployed, or could not be taken away, by `hf-lambda smoke` or `hf-lambda eval`."
    cure = "Correct what is named; docs/quality.md says what a run needs and what it may delete."


class PROBE_UNAVAILABLE(TerminalError):
    when = "`hf-lambda probe` could not be run, which says nothing about Chromium."
    cure = "Correct what is named; the probe needs pip, a package registry and a built zip."


class BUILD_FAILED(TerminalError):
    when = "The deployment zip could not be built, or what was built would not run in Lambda."
    cure = "Correct what is named and build again; `hf-lambda build --help` explains the options."


# --- limits ----------------------------------------------------------------------------------------


class CHUNK_DEADLINE_EXCEEDED(RetryableError):
    when = "The invocation ran out of time."
    cure = "Use smaller chunks (chunkSize), more memory, or a longer function timeout."


class RENDER_CANCELLED(TerminalError):
    when = "The render was stopped by its user."
    cure = "Start it again; nothing was left behind."


def error_table() -> list[type[HfLambdaError]]:
    """Every code of the table, in the order of this file."""
    return [
        item
        for item in globals().values()
        if isinstance(item, type) and issubclass(item, TerminalError | RetryableError) and hasattr(item, "when")
    ]
