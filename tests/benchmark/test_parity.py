from pathlib import Path

from bench.case import Stage, load_case
from bench.original import Original
from bench.parity.outcome import NOT_MEASURED
from bench.parity.run import Parity
from bench.places import CORPUS

from hf_lambda.settings import Settings
from hf_lambda.toolchain import locate_toolchain


def test_comparison_that_did_not_take_place_is_no_success(tmp_path: Path) -> None:
    """A case that expects ours to refuse its page is not as expected when a library of the page is missing."""
    toolchain = locate_toolchain(Settings.from_environment())
    stage = Stage(toolchain, tmp_path / "node_modules", tmp_path / "media")
    case = load_case(CORPUS / "size-odd")
    assert case.expect is not None
    assert case.expect.differs == "ours fails"
    outcome = Parity(toolchain, Original(toolchain), stage, tmp_path / "cache", None).run(case)
    assert [problem.kind for problem in outcome.problems] == [NOT_MEASURED]
    assert "gsap" in outcome.problems[0].text
    assert "differs" in outcome.verdict
