"""Signals, diverging losses and progress of a training."""

import os
import re
import signal
import subprocess
import sys
import termios

import pytest

from alcli.models.checkpoint import Checkpoint
from tests.models.reviews import make_records, write


@pytest.mark.slow
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_an_interrupt_saves_the_best_epoch_and_ends_the_process(tmp_path, name):
    write(tmp_path / "train", make_records(400))
    args = ["train", "train", "--arch", "cnn", "--epochs", "9999", "-o", "m"]
    options = ["--set", "min_count=1", "--on-interrupt", "save"]
    with subprocess.Popen(
        [sys.executable, "-m", "alcli", *args, *options],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        next(line for line in process.stderr if "epoch 3" in line)
        process.send_signal(getattr(signal, name))

    assert process.returncode == -getattr(signal, name)
    training = Checkpoint.load(str(tmp_path / "m")).training
    assert training["interrupted"] == getattr(signal, name)
    assert 3 <= training["kept_epoch"] == training["epochs"] < 9999


INTERRUPTED_IN = """
import os, signal, sys
from importlib import import_module
from alcli.cli.main import main

module, owner, name = sys.argv[1:4]
owner = getattr(import_module(module), owner)
plain = getattr(owner, name)

def interrupted(*args, **how):
    os.kill(os.getpid(), signal.SIGTERM)
    return plain(*args, **how)

setattr(owner, name, interrupted)
main(sys.argv[4:])
"""


@pytest.mark.slow
@pytest.mark.parametrize("how", ["save", "discard"])
@pytest.mark.parametrize(
    "place",
    [
        ("alcli.models.networks.vocabulary_pruning", "PrunedModel", "merge_back"),
        ("alcli.models.training.fitting", "Fitting", "_fit_temperature"),
        ("alcli.models.checkpoint", "Checkpoint", "dump"),
    ],
)
def test_an_interrupt_after_the_epochs_is_deferred_until_the_file_is_written(
    tmp_path, place, how
):
    write(tmp_path / "train", make_records(400))
    args = ["train", "train", "--arch", "cnn", "--epochs", "1", "-o", "m"]
    options = ["--set", "min_count=1", "--validation", "0.3", "--on-interrupt", how]
    call = [sys.executable, "-c", INTERRUPTED_IN, *place, *args, *options]
    done = subprocess.run([*call, "--calibrate", "temperature"], cwd=tmp_path)

    assert done.returncode == -signal.SIGTERM
    assert sorted(os.listdir(tmp_path)) == (
        ["train"] if how == "discard" else ["m", "train"]
    )
    if how == "save":
        training = Checkpoint.load(str(tmp_path / "m")).training
        assert (training["interrupted"], training["epochs"]) == (0, 1)


@pytest.mark.slow
def test_a_terminal_shows_loss_and_accuracy_during_training(tmp_path):
    write(tmp_path / "train", make_records(2000))
    ours, theirs = os.openpty()
    termios.tcsetwinsize(theirs, (24, 80))
    args = ["train", "train", "--arch", "cnn", "--epochs", "9", "-o", "m"]
    options = ["--set", "min_count=1", "--validation", "0.3", "--batch-size", "1"]
    with subprocess.Popen(
        [sys.executable, "-m", "alcli", *args, *options], cwd=tmp_path, stderr=theirs
    ) as process:
        os.close(theirs)  # so that reading fails if the process ends early
        said = b""
        while b"epoch 2," not in said:
            said += os.read(ours, 4096)
        process.kill()
    os.close(ours)

    assert b"validation accuracy" in said
    assert re.search(rb"epoch 1/9: +\d+%\|.*loss 0\.\d+", said)


@pytest.mark.slow
def test_a_diverging_training_writes_nothing(tmp_path, alcli):
    write(tmp_path / "in", make_records())
    args = ["train", "in", "--arch", "cnn", "--learning-rate", "1e30", "-o", "m"]
    args += ["--set", "min_count=1", "--set", "max_share=1.0"]
    done = alcli(*args, cwd=tmp_path)

    assert done.returncode == 3
    assert b"diverged in epoch" in done.stderr
    assert not (tmp_path / "m").exists()


@pytest.mark.slow
def test_weights_that_are_not_finite_are_not_written(tmp_path, alcli):
    """The loss of a step is that before it: the last step may break the weights."""
    write(tmp_path / "train", make_records(40))
    args = ["--epochs", "1", "--batch-size", "100", "--learning-rate", "1e39"]
    more = ["--arch", "cnn", "--set", "min_count=1", "-o", "m"]
    done = alcli("train", "train", *args, *more, cwd=tmp_path)

    assert done.returncode == 3
    assert b"diverged in epoch 1" in done.stderr
    assert not (tmp_path / "m").exists()
