import pytest

from hf_lambda.cli.main import main


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["smoke", "--no-such-option"], 1),
        (["smoke", "--chunk-counts", "2,none"], 1),
        (["smoke", "--chunk-counts", "0"], 1),
        (["smoke", "--iterations", "0"], 1),
        (["eval"], 1),
        (["render", "--no-such-option", "DIR", "-o", "x.mp4"], 2),
        (["no-such-command"], 2),
    ],
)
def test_wrong_usage_has_the_code_of_the_command(
    arguments: list[str], code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """For smoke and eval 2 means a failed build, so wrong usage is 1 there; for the others it is 2."""
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == code
    assert "error:" in capsys.readouterr().err
