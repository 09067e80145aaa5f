"""One file of JSON and members, checked when it is read."""

import io
import json
import subprocess
import zipfile

import pytest

from alcli.core import container
from alcli.core.errors import CheckpointError

CARD = {"kind": "model", "labels": ["بد", "خوب"]}
MEMBERS = {"model.npz": bytes(range(256)) * 9, "vocabulary.txt": "و\n".encode()}


@pytest.fixture
def path(tmp_path):
    with open(tmp_path / "m", "wb") as file:
        container.dump(file, CARD, MEMBERS)
    return str(tmp_path / "m")


def test_written_members_are_read_back(path):
    card, members = container.read(path, "model")
    assert CARD.items() <= card.items() == container.card(path).items()
    assert members == MEMBERS


def test_the_same_content_is_the_same_bytes(path):
    again = io.BytesIO()
    container.dump(again, CARD, MEMBERS)
    with open(path, "rb") as file:
        assert file.read() == again.getvalue()


def test_other_tools_read_the_card(path):
    shown = subprocess.run(
        ["python3", "-m", "zipfile", "-l", path], capture_output=True, check=True
    )
    assert b"checkpoint.json" in shown.stdout
    with zipfile.ZipFile(path) as archive:
        assert json.loads(archive.read("checkpoint.json"))["labels"] == CARD["labels"]


def test_every_damaged_byte_is_found_or_harmless(path):
    with open(path, "rb") as file:
        good = file.read()
    for place in range(0, len(good), 7):
        bad = bytearray(good)
        bad[place] ^= 0x41
        with open(path, "wb") as file:
            file.write(bad)
        try:
            card, members = container.read(path, "model")
        except CheckpointError:
            continue
        assert CARD.items() <= card.items()
        assert members == MEMBERS


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "damaged, or not a checkpoint"),
        (b"PK\x03\x04", "damaged, or not a checkpoint"),
        (b'{"kind": "model"}\n', "damaged, or not a checkpoint"),
    ],
)
def test_other_files_are_refused(path, content, says):
    with open(path, "wb") as file:
        file.write(content)
    with pytest.raises(CheckpointError, match=says):
        container.read(path, "model")


def test_a_changed_member_is_named(path):
    with zipfile.ZipFile(path) as archive:
        card = archive.read(container.CARD)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(container.CARD, card)
        for name in MEMBERS:
            archive.writestr(name, b"another")
    with pytest.raises(
        CheckpointError, match=r"damaged: model\.npz has another sha256"
    ):
        container.card(path)


def test_another_kind_is_refused(path):
    with pytest.raises(CheckpointError, match="m: is a model, not a topics"):
        container.read(path, "topics")


def test_a_later_format_is_refused(tmp_path):
    with open(tmp_path / "m", "wb") as file:
        container.dump(file, CARD | {"format": container.FORMAT + 1}, MEMBERS)
    with pytest.raises(CheckpointError, match="format 2 is newer than format 1"):
        container.card(str(tmp_path / "m"))


def test_a_missing_file_is_named():
    with pytest.raises(CheckpointError, match="nowhere: cannot read: No such file"):
        container.card("nowhere")
