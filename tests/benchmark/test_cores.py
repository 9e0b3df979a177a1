import pytest
from bench import cores
from bench.cores import core_scaling


def test_one_core_does_what_one_core_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same work twice takes about the same time: no more than what else the machine does lies between."""
    monkeypatch.setattr(cores, "_RUNS", 3)
    assert 0.4 < core_scaling(1) < 2.5
