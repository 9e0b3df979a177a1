import pytest
from bench import cores
from bench.cores import core_scaling


def test_scaling_is_the_work_of_all_cores_over_that_of_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """The fastest run of either counts: two cores that each take 1.25 times as long do 1.6 times the work."""
    taken = {1: iter([1.5, 1.0, 4.0]), 2: iter([1.75, 9.0, 1.25])}
    monkeypatch.setattr(cores, "_RUNS", 3)
    monkeypatch.setattr(cores, "_seconds", lambda count: next(taken[count]))
    assert core_scaling(2) == pytest.approx(1.6)
