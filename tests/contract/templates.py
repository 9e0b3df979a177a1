"""Reads template.yaml with SAM's short tags as plain values, and knows what it sets."""

from pathlib import Path
from typing import Any

import yaml

from hf_lambda.deploy.toolchain_build import SPARTICUZ

FILE = Path(__file__).parents[2] / "template.yaml"

STACK_SETTINGS = {
    "HYPERFRAMES_RENDER_BUCKET": ("renders-1", "render_bucket"),
    "HF_LAMBDA_BLOB_PREFIX": ("s3://renders-1/blobs", "blob_prefix"),
    "HF_LAMBDA_BLOB_EXPIRY_DAYS": ("9", "blob_expiry_days"),
    "HF_LAMBDA_MAP_CONCURRENCY": ("7", "map_concurrency"),
    "HF_LAMBDA_CHROME_SOURCE": (SPARTICUZ, "chrome_source"),
}
"""What only the stack knows, each with a value and the setting that it becomes; the rest has defaults for Lambda."""


class _Loader(yaml.SafeLoader):  # type: ignore[misc]  # PyYAML brings no types
    """YAML with CloudFormation's tags: `!Ref x` is {"Ref": x}, `!Sub x` is {"Fn::Sub": x}."""


def _short_tag(loader: _Loader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    value: Any
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)
    return {"Ref" if suffix == "Ref" else f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _short_tag)


def load_template() -> dict[str, Any]:
    """The template."""
    template: dict[str, Any] = yaml.load(FILE.read_text("utf-8"), _Loader)
    return template
