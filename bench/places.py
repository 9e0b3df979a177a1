"""Where things lie: the cases, what they are made from, the figures; and the rate that figures are made at."""

from pathlib import Path

from bench.case import Stage
from hf_lambda.settings import Settings
from hf_lambda.toolchain import locate_toolchain

ROOT = Path(__file__).resolve().parents[1]
SUITE = ROOT / "bench" / "suite"
CORPUS = ROOT / "bench" / "parity" / "cases"
NODE_MODULES = ROOT / "node_modules"
FIGURES_DIR = ROOT / "docs" / "measurements"
CRF = 18
"""Of both renderers, in every measurement."""


def suite_stage() -> Stage:
    """Where cases of the suite become projects."""
    toolchain = locate_toolchain(Settings.from_environment())
    return Stage(toolchain, NODE_MODULES, ROOT / "out" / "bench" / "media")
