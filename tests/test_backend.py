"""The door to Keras: what it says of devices and of memory."""

import pytest

pytestmark = pytest.mark.slow  # loads Keras


@pytest.mark.parametrize(
    ("found", "device", "said"),
    [
        (["/dev/nvidia0"], "", "there is a GPU that "),
        (["/dev/nvidia0"], "cpu", None),
        ([], "", None),
    ],
)
def test_a_gpu_that_is_not_used_is_told_of(monkeypatch, found, device, said):
    from alcli import backend

    monkeypatch.setattr(backend, "glob", lambda pattern: found)
    monkeypatch.setenv("ALCLI_DEVICE", device)

    if said:
        assert backend.unused_gpu().startswith(said)
    else:
        assert backend.unused_gpu() is None
    assert backend.device().endswith(" on cpu")
