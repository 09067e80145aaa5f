"""The number of epochs: by default as many as make enough steps."""

import pytest

import alcli

TINY = {"dim": 2, "filters": 2, "width": 1, "min_count": 1, "max_share": 1.0}
RECORDS = [
    {"id": n, "tokens": f"w{n % 3} {label}", "label": label}
    for n, label in enumerate(["good", "bad"] * 50)
]


def epochs(**options):
    model = alcli.train(RECORDS, arch="cnn", params=TINY, **options)
    return model.training["epochs"]


@pytest.mark.slow  # trains networks
def test_few_records_are_trained_for_at_least_80_steps_by_default():
    assert epochs() == 40  # two steps each
    assert epochs(batch_size=8) == 10  # thirteen steps each


@pytest.mark.slow  # trains a network
def test_a_number_of_epochs_overrides_the_default():
    assert epochs(epochs=3) == 3
