"""Files are whole or not there; ledgers grow by whole lines."""

import fcntl
import io
import logging
import os
import stat
import subprocess
import sys
import threading

import pytest

from alcli.core.errors import InputError, SurroundingsError, UsageError
from alcli.core.files import appending, output, replacing
from alcli.core.inputs import Spooled, display_name, open_input, readable_twice
from alcli.core.report import sha256_of
from tests.waiting import until


class Stopped(BaseException):
    """As a signal: not an Exception."""


@pytest.fixture
def old(tmp_path):
    path = tmp_path / "pool.jsonl"
    path.write_bytes(b"old\n")
    return path


def only(path):
    """Say that nothing else is left in the folder."""
    return [p.name for p in path.parent.iterdir()] == [path.name]


def test_the_new_file_is_there_when_the_body_is_done(old):
    with replacing(str(old)) as file:
        file.write(b"new\n" * 9999)
        assert old.read_bytes() == b"old\n"
    assert old.read_bytes() == b"new\n" * 9999
    assert only(old)


def write_and_raise(path, error):
    with replacing(path) as file:
        file.write(b"new\n" * 9999)
        raise error


@pytest.mark.parametrize("error", [ValueError, Stopped])
@pytest.mark.parametrize("exists", [True, False])
def test_the_old_file_stays_if_the_body_fails(old, error, exists):
    if not exists:
        old.unlink()
    with pytest.raises(error):
        write_and_raise(str(old), error)
    assert not exists or (old.read_bytes() == b"old\n" and only(old))
    assert exists or list(old.parent.iterdir()) == []


def test_links_are_followed_and_kept(old):
    link = old.with_name("link")
    link.symlink_to(old.name)
    with replacing(str(link)) as file:
        file.write(b"new\n")
    assert link.is_symlink()
    assert old.read_bytes() == b"new\n"


def test_a_dangling_link_creates_its_target(tmp_path):
    (tmp_path / "link").symlink_to("new")
    with replacing(str(tmp_path / "link")) as file:
        file.write(b"new\n")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "new").read_bytes() == b"new\n"


@pytest.mark.parametrize("mode", [0o600, 0o664, 0o755])
def test_the_mode_is_kept(old, mode):
    old.chmod(mode)
    with replacing(str(old)):
        pass
    assert stat.S_IMODE(old.stat().st_mode) == mode


def test_a_new_file_has_the_mode_of_any_other(old):
    other = old.with_name("other")
    with replacing(str(other)):
        pass
    assert other.stat().st_mode == old.stat().st_mode


def test_devices_are_written_to_directly(tmp_path):
    with replacing("/dev/null") as file:
        file.write(b"new\n")
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    with replacing(str(pipe)) as file:
        file.write(b"new\n")
    assert os.read(reader, 99) == b"new\n"
    os.close(reader)
    assert only(pipe)


@pytest.mark.parametrize("path", ["missing/x", "pool.jsonl/x"])
@pytest.mark.parametrize("opened", [replacing, appending, output])
def test_a_folder_that_is_missing_is_named(old, path, opened):
    with (
        pytest.raises(SurroundingsError, match=rf"cannot write .*{path}: N"),
        opened(str(old.parent / path)),
    ):
        pass
    assert old.read_bytes() == b"old\n"


def test_a_second_writer_is_refused_without_damage(old):
    part = old.with_name(".pool.jsonl.alcli-part")
    with open(part, "wb") as theirs:
        fcntl.flock(theirs, fcntl.LOCK_EX)
        theirs.write(b"first\n")
        with (
            pytest.raises(SurroundingsError, match="locked by another process"),
            replacing(str(old)),
        ):
            pass
    assert part.read_bytes() == b"first\n"
    assert old.read_bytes() == b"old\n"


def test_two_outputs_of_one_name_are_refused_without_damage(old):
    for _ in range(2):  # and the name is free again afterwards
        with replacing(str(old)) as file:
            file.write(b"first\n")
            with (
                pytest.raises(UsageError, match="two outputs have this name"),
                output(str(old.parent / "x" / ".." / old.name)),
            ):
                pass
            file.write(b"first\n")
        assert old.read_bytes() == b"first\nfirst\n"
        assert only(old)


def test_a_part_of_a_killed_writer_is_reused(old):
    old.with_name(".pool.jsonl.alcli-part").write_bytes(
        b"half of a file, and long" * 99
    )
    with replacing(str(old)) as file:
        file.write(b"new\n")
    assert old.read_bytes() == b"new\n"
    assert only(old)


def test_a_part_that_its_owner_moves_away_meanwhile_is_not_written_to(old, monkeypatch):
    """Between opening the part and locking it, its owner may finish."""
    part, lock, calls = old.with_name(".pool.jsonl.alcli-part"), fcntl.flock, []

    def flock(file, how):
        if not calls:
            os.replace(part, old)
        calls.append(how)
        lock(file, how)

    monkeypatch.setattr(fcntl, "flock", flock)
    part.write_bytes(b"theirs\n")
    with replacing(str(old)) as file:
        assert old.read_bytes() == b"theirs\n"
        file.write(b"ours\n")
    assert old.read_bytes() == b"ours\n"
    assert len(calls) == 2


def test_stdout_is_flushed(capfdbinary):
    with output("-") as file:
        file.write(b"line\n")
    assert capfdbinary.readouterr().out == b"line\n"


def test_appended_lines_are_on_disk_after_each_call(old):
    with appending(str(old)) as append:
        append([b"one", b"two"])
        assert old.read_bytes() == b"old\none\ntwo\n"
        append(iter([b"three"]))
        append([])
    assert old.read_bytes() == b"old\none\ntwo\nthree\n"


def test_a_missing_ledger_is_created(tmp_path):
    with appending(str(tmp_path / "votes.jsonl")) as append:
        append([b"one"])
    assert (tmp_path / "votes.jsonl").read_bytes() == b"one\n"


@pytest.mark.parametrize("torn", [b"x", b'{"id":' + b"x" * 200_000])
@pytest.mark.parametrize("whole", [b"", b"\n", b"one\ntwo\n"])
def test_a_torn_last_line_is_cut_off_before_appending(old, caplog, whole, torn):
    old.write_bytes(whole + torn)
    with (
        caplog.at_level(logging.WARNING, logger="alcli"),
        appending(str(old)) as append,
    ):
        append([b"new"])
    assert old.read_bytes() == whole + b"new\n"
    assert f"cut off a torn last line of {len(torn)} bytes" in caplog.text


def test_a_last_record_without_newline_gets_one_before_appending(old, caplog):
    long = b'{"id":"' + b"x" * 200_000 + b'"}'
    for whole in (b'{"id":1}', b'{"id":1}\n' + long):
        old.write_bytes(whole)
        with appending(str(old)) as append:
            append([b"new"])
        assert old.read_bytes() == whole + b"\nnew\n"
    assert caplog.text == ""


@pytest.mark.parametrize("size", [2, 100_000])  # within and beyond any buffer
@pytest.mark.parametrize("error", [ValueError, Stopped])
def test_a_failed_append_removes_its_lines(old, error, size):
    def lines():
        yield b"x" * size
        raise error

    with appending(str(old)) as append:
        append([b"one"])
        with pytest.raises(error):
            append(lines())
        append([b"two"])
        with pytest.raises(error):
            append(lines())
    assert old.read_bytes() == b"old\none\ntwo\n"


FULL = """
import resource, signal, sys
from alcli.core.files import appending
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
with appending(sys.argv[1]) as append:
    append([b"one"])
    append([b"x" * 200] * 9)
"""


def test_on_a_full_disk_the_ledger_keeps_whole_calls(old):
    done = subprocess.run([sys.executable, "-c", FULL, old], capture_output=True)
    assert b"File too large" in done.stderr
    assert old.read_bytes() == b"old\none\n"


HOLDER = """
import sys
from alcli.core.files import appending
with appending(sys.argv[1]) as append:
    print("locked", flush=True)
    sys.stdin.readline()
    append([b"theirs"])
"""


def test_two_writers_of_a_ledger_take_turns(old, caplog):
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, old],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with holder:
        assert holder.stdout.readline() == b"locked\n"
        ours = threading.Thread(target=append_to, args=(str(old), b"ours"))
        ours.start()
        until(lambda: "locked by another process; waiting" in caplog.text)
        holder.communicate(b"\n")
        ours.join()
    assert old.read_bytes() == b"old\ntheirs\nours\n"


def append_to(path, line):
    with appending(path) as append:
        append([line])


@pytest.mark.parametrize("suffix", [".gz", ".bz2", ".xz", ".zst"])
def test_a_ledger_is_not_compressed(tmp_path, suffix):
    path = tmp_path / f"votes.jsonl{suffix}"
    with pytest.raises(UsageError, match="cannot be compressed"), appending(str(path)):
        pass
    assert not path.exists()


def test_a_ledger_may_be_a_device():
    with appending("/dev/null") as append:
        append([b"one"])


def test_plain_files_are_read_twice_as_they_are(old):
    with readable_twice([str(old), "missing"]) as paths:
        assert paths == [str(old), "missing"]


def test_stdin_is_copied_aside(monkeypatch):
    content = b"line\n" * 99_999
    stdin = io.TextIOWrapper(io.BytesIO(content))
    monkeypatch.setattr(sys, "stdin", stdin)
    with readable_twice([]) as (path,):
        assert isinstance(path, Spooled)
        assert display_name(path) == "<stdin>"
        for _ in range(2):
            with open_input(path) as file:
                assert file.read() == content
    with pytest.raises(InputError):
        open_input(path)


def test_pipes_are_copied_aside_each_under_its_name(tmp_path):
    pipes = [tmp_path / "a", tmp_path / "b"]
    for pipe in pipes:
        os.mkfifo(pipe)
        threading.Thread(target=pipe.write_text, args=(pipe.name,)).start()
    with readable_twice([str(pipe) for pipe in pipes]) as paths:
        assert [display_name(path) for path in paths] == [str(pipe) for pipe in pipes]
        for _ in range(2):
            assert [content(path) for path in paths] == [b"a", b"b"]


def content(path):
    with open_input(path) as file:
        return file.read()


def test_only_stdin_has_a_name_of_its_own(old):
    assert display_name("-") == "<stdin>"
    assert display_name("a.jsonl") == "a.jsonl"


def test_a_folder_is_no_input(tmp_path):
    with pytest.raises(InputError, match="cannot read: Is a directory"):
        open_input(str(tmp_path))


def test_the_hash_of_a_file_is_of_its_bytes(old):
    assert sha256_of(str(old)).startswith("01d09d19")
    assert sha256_of("/dev/null") is None
    assert sha256_of("missing") is None


@pytest.mark.parametrize("length", [20, 250, 255])
def test_names_of_any_length_are_replaced(tmp_path, length):
    path = tmp_path / ("ی" * (length // 2)).ljust(length - length // 2, "x")
    with output(str(path)) as file:
        file.write(b"new")

    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


def test_the_folder_is_synced_after_a_rename_and_for_a_ledger(tmp_path, monkeypatch):
    synced, fsync = [], os.fsync

    def noted(file):
        synced.append(os.readlink(f"/proc/self/fd/{file}"))
        fsync(file)

    monkeypatch.setattr(os, "fsync", noted)
    with output(str(tmp_path / "out")):
        pass
    assert synced[-1] == str(tmp_path)
    synced.clear()
    with appending(str(tmp_path / "votes")):
        assert synced == [str(tmp_path)]
