import re

import pytest

import alcli
from alcli.evaluation.tables import print_metrics


@pytest.mark.parametrize("terminal", [False, True])
def test_metrics_are_printed_at_a_terminal_only(
    monkeypatch, capsys, caplog, *, terminal
):
    rows = [
        {"id": number, "label": label, "probs": {"no": 0.4, "yes": 0.6}}
        for number, label in enumerate(["no", "yes", "yes", "yes"])
    ]
    record = alcli.evaluate(rows)
    monkeypatch.setattr("sys.stderr.isatty", lambda: terminal, raising=False)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("NO_COLOR", "1")
    caplog.set_level("INFO", "alcli")
    capsys.readouterr()
    print_metrics(record)
    plain = re.sub("\x1b\\[[0-9;]*m", "", capsys.readouterr().err)
    lines = [re.findall(r"[\w.]+", line) for line in plain.splitlines()]

    assert [" ".join(words) for words in lines if words] == terminal * [
        "class precision recall F1 records no yes",
        "no 0.000 0.000 0.000 1 0 1",
        "yes 0.750 1.000 0.857 3 0 3",
        "macro 0.375 0.500 0.429 4",
        "weighted 0.562 0.750 0.643 4",
    ]
