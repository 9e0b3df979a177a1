"""Which documents get the script for edits."""

import pytest

from hf_lambda.composition.position_edits import position_edits_script


@pytest.mark.parametrize(
    "attribute",
    [
        'data-hf-edit-base-x="0"',
        'data-hf-edit-base-y="0"',
        'data-hf-studio-path-offset="true"',
        'data-hf-studio-motion = "{}"',
    ],
)
def test_marked_documents_get_it(attribute: str) -> None:
    """One script element, whole."""
    script = position_edits_script(f"<p {attribute}>")
    assert script.count("<script>") == script.count("</script>") == 1
    assert "__hfLambdaEdits" in script


@pytest.mark.parametrize("html", ["", "<p data-hf-id='x' data-x='3'>", "<p>data-hf-edit-base-x</p>"])
def test_others_do_not(html: str) -> None:
    """Nothing is added where nothing was dragged."""
    assert position_edits_script(html) == ""
