import pytest
from bench.benchmark import fastest
from bench.renders import RenderFailedError


def test_fastest_setting_is_counted() -> None:
    """Of the original's settings the one with the shortest wall clock is chosen; one that failed is not among them."""
    assert fastest({"auto": 14.2, "2": 11.9}) == "2"
    assert fastest({"auto": 11.5, "1": 20.0, "2": 11.9}) == "auto"


def test_no_setting_works() -> None:
    """An original that fails with every setting cannot be compared."""
    with pytest.raises(RenderFailedError, match="every setting"):
        fastest({})
