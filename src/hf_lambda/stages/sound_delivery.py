"""The sound on its way from plan to assemble: stored beside the plan, checked, and checked again in the output."""

from pathlib import Path

from hf_lambda.errors import INVALID_EVENT, OUTPUT_VERIFICATION_FAILED, PLAN_ARTIFACT_DIGEST_MISMATCH
from hf_lambda.hashing import file_sha256
from hf_lambda.invocation import Invocation
from hf_lambda.media.probing import MediaFacts, probe_media
from hf_lambda.plan.document import Plan
from hf_lambda.stages.sound import Sound
from hf_lambda.storage.base import Storage, join_uri

_MP4_TOLERANCE_SECONDS = 0.001
_WEBM_TOLERANCE_SECONDS = 0.021
"""One packet: WebM has no length of a stream, only the time and length of its last packet."""
_WEBM_EARLIEST_SECONDS = -0.007
"""What the decoder drops before the first sample, 6.5 ms, in WebM's milliseconds."""


def store_sound(sound: Sound | None, prefix: str, storage: Storage) -> str | None:
    """Upload a sound beside its plan; gives its URI."""
    if sound is None:
        return None
    uri = join_uri(prefix, sound.path.name)
    storage.upload(sound.path, uri)
    return uri


def fetch_sound(uri: str | None, plan: Plan, invocation: Invocation, storage: Storage) -> Path | None:
    """The sound of a plan, whole by the plan's digest, or None where the plan has none.

    Raises:
        INVALID_EVENT: the plan has sound and the request names none, or the other way round.
        PLAN_ARTIFACT_DIGEST_MISMATCH: it is another sound than the plan's.
    """
    if (uri is None) != (plan.audio_sha256 is None):
        raise INVALID_EVENT(
            "AudioS3Uri is missing" if uri is None else "AudioS3Uri is given, but the plan has no sound"
        )
    if uri is None:
        return None
    path = invocation.scratch / Path(uri).name
    storage.download(uri, path)
    if file_sha256(path) != plan.audio_sha256:
        raise PLAN_ARTIFACT_DIGEST_MISMATCH(f"{uri} is not the sound that the plan was made with")
    return path


def verify_sound(output: Path, sound: Path, plan: Plan, invocation: Invocation) -> None:
    """Check that the sound of the assembled file begins and ends with its pictures; it lies beside single pictures.

    Raises:
        OUTPUT_VERIFICATION_FAILED: it does not.
    """
    heard = sound if plan.format == "png-sequence" else output
    facts = probe_media(invocation.toolchain.ffprobe, heard, deadline=invocation.deadline)
    expected = float(plan.duration_seconds)
    findings = sound_findings(facts, expected)
    if findings:
        raise OUTPUT_VERIFICATION_FAILED(f"the assembled file has {', '.join(findings)}")


def sound_findings(facts: MediaFacts, expected_seconds: float) -> list[str]:
    """What is wrong with the start and the length of a file's sound."""
    if facts.audio is None:
        return ["no sound"]
    is_webm = "webm" in facts.container
    tolerance = _WEBM_TOLERANCE_SECONDS if is_webm else _MP4_TOLERANCE_SECONDS
    earliest = _WEBM_EARLIEST_SECONDS if is_webm else 0.0
    start, length = facts.audio.start_seconds or 0.0, facts.audio.duration_seconds or 0.0
    findings = []
    if not earliest <= start < _MP4_TOLERANCE_SECONDS:
        findings.append(f"sound that begins at {start:.6f} s")
    if abs(length - expected_seconds) > tolerance:
        findings.append(f"{length:.6f} s of sound instead of {expected_seconds:.6f} s")
    return findings
