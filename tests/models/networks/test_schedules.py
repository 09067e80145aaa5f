"""Learning-rate schedules."""

import pytest

from alcli.models.networks.schedules import SCHEDULES, factor


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("warmup", [0, 0.1, 0.5, 1])
@pytest.mark.parametrize("steps", [1, 7, 100])
def test_rates_rise_to_one_and_never_after(schedule, warmup, steps):
    rates = [factor(schedule, step, steps, warmup=warmup) for step in range(steps)]
    top = rates.index(1.0)

    assert rates[: top + 1] == sorted(rates[: top + 1])
    assert rates[top:] == sorted(rates[top:], reverse=True)
    assert min(rates) > 0


def test_half_way():
    middle = {name: factor(name, 50, 100) for name in SCHEDULES}

    assert middle == pytest.approx({"constant": 1, "linear": 0.5, "cosine": 0.5})
    assert factor("cosine", 99, 100) < factor("linear", 99, 100) < 0.02
