"""Learning-rate schedules."""

import pytest

from alcli.models.networks.schedules import SCHEDULES, rate_factor


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("warmup", [0, 0.1, 0.5, 1])
@pytest.mark.parametrize("steps", [1, 7, 100])
def test_factors_rise_to_one_during_warmup_and_never_after(schedule, warmup, steps):
    rates = [rate_factor(schedule, step, steps, warmup=warmup) for step in range(steps)]
    top = rates.index(1.0)

    assert rates[: top + 1] == sorted(rates[: top + 1])
    assert rates[top:] == sorted(rates[top:], reverse=True)
    assert min(rates) > 0


def test_factors_at_half_the_steps():
    middle = {name: rate_factor(name, 50, 100) for name in SCHEDULES}

    assert middle == pytest.approx({"constant": 1, "linear": 0.5, "cosine": 0.5})
    assert rate_factor("cosine", 99, 100) < rate_factor("linear", 99, 100) < 0.02
