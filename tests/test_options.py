"""What options have in common: each file that is read is named in the report."""

import hashlib
import json
import os
from pathlib import Path

import click
import pytest

import alcli as package
from alcli.cli import options
from alcli.cli.main import commands, group
from alcli.core.report import Report

WRITTEN = {
    *("-o", "--report", "--rejects", "--save", "--vectors"),
    *("--disputed", "--relabel", "--annotators", "--agreement"),
    "--append",  # a ledger: `label` reads it too, and says so when it has locked it
}


def parameters():
    for name in commands.names():
        command = group.get_command(click.Context(group), name)
        yield from ((name, param) for param in command.params)


def test_every_file_option_is_an_input_or_an_output():
    read, named = set(), set()
    for name, param in parameters():
        if isinstance(param.type, options.InputFile):
            read.add((name, param.name))
        elif "FILE" in param.make_metavar(click.Context(group)):
            assert isinstance(param.type, options.OutputFile), param.opts
            named.add((name, param.opts[0] if param.opts else param.name))

    assert {option for _, option in named} <= WRITTEN, named
    assert len(read) >= 20


def test_every_argument_is_a_file_that_is_read():
    arguments = {n: p.type for n, p in parameters() if isinstance(p, click.Argument)}

    assert list(arguments) == commands.names()
    del arguments["crawl"]  # its arguments name sites
    for kind in arguments.values():
        assert isinstance(kind, options.InputFile)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with a file of each kind."""
    folder = tmp_path_factory.mktemp("files")
    rows = [
        {"id": i, "text": w, "tokens": f"{w} {w} t{i}", "label": label}
        for i, (w, label) in enumerate([("a", "x"), ("b", "y")] * 10)
    ]
    probs = {"probs": {"x": 0.4, "y": 0.6}}
    round = {"key": "k", "labels": 5, "metrics": {"macro_f1": 0.5}}
    for name, records in {
        "pool": rows,
        "replaced": [*rows, *rows],
        "words": rows[:10],
        "batch": rows[:4],
        "stop": rows[4:8],
        "labelled": rows[:6],
        "votes": [row | {"annotator": "me"} for row in rows[:3]],
        "scored": [row | probs for row in rows],
        "curve": [round],
    }.items():
        lines = [json.dumps(record) + "\n" for record in records]
        (folder / name).write_text("".join(lines))
    for name, seed in (("model", 0), ("other", 1)):
        package.train(rows, arch="logreg", seed=seed).save(str(folder / name))
    run(
        folder,
        "topics pool --save topics -o t --set min_count=1 --set max_share=1.0 "
        "--set stopwords=none",
    )
    (folder / "common").write_text("the\n")
    (folder / "mine.py").write_text("def f(scored):\n    return scored.noise\n")
    return folder


def run(folder, line):
    """Run a command in this process, and return the files that its report names."""
    report, before = Report(), Path.cwd()
    os.chdir(folder)
    try:
        args = [*line.split(), "--report", "r"]
        group(args, prog_name="alcli", standalone_mode=False, obj=report)
    finally:
        os.chdir(before)
    inputs = report.as_dict(status=0, error=None)["inputs"]
    assert len({one["path"] for one in inputs}) == len(inputs)
    return {one["path"]: one["sha256"] for one in inputs}


@pytest.mark.parametrize(
    ("line", "read"),
    [
        ("normalize pool words -o out", "pool words"),
        ("clean pool pool -o out", "pool"),
        ("clean replaced -o replaced", "replaced"),
        ("split pool --share rest -o out.{}", "pool"),
        ("topics pool --load topics -o out", "pool topics"),
        (
            "topics pool --set min_count=1 --set max_share=1.0 --set stopwords=common "
            "-o out",
            "pool common",
        ),
        ("train labelled --init model -o out", "labelled model"),
        ("train labelled --vocabulary-from pool -o out", "labelled pool"),
        (
            "train --epochs 0 --vocabulary-from pool --vocabulary-from words "
            "--class x --class y -o out",
            "pool words",
        ),
        (
            "score pool -m model -m other --exclude votes -o out",
            "pool model other votes",
        ),
        (
            "select scored -n 3 -s active-lab --votes votes -o out",
            "scored votes",
        ),
        (
            "select scored -n 3 --exclude votes --exclude batch -o out",
            "scored votes batch",
        ),
        ("select scored -n 3 -s ./mine.py:f -o out", "scored ./mine.py"),
        ("crawl digikala 1 --max 20 --append pool", "pool"),
        ("label batch --with gold --gold pool --append votes", "batch pool votes"),
        ("merge-labels votes --records pool -o out", "votes pool"),
        (
            "evaluate pool -m model --stop-set stop --batch batch --labelled labelled "
            "--append curve",
            "pool model stop batch labelled",
        ),
        ("proceed curve --until labels=9", "curve"),
        ("info model", "model"),
    ],
)
def test_the_report_names_every_file_that_was_read(folder, line, read):
    expected = {
        name: hashlib.sha256((folder / name).read_bytes()).hexdigest()
        for name in read.split()
    }

    assert run(folder, line) == expected


def lines(*values):
    return "".join(json.dumps(value) + "\n" for value in values)


@pytest.fixture
def place(tmp_path):
    """A folder with a pool, a file that is to stay as it is, and links to it."""
    (tmp_path / "pool").write_text(
        lines({"id": 1, "text": "a", "tokens": "a", "label": "x"})
    )
    (tmp_path / "x").write_text("as it was")
    (tmp_path / "link").symlink_to("x")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "up").symlink_to("..")
    return tmp_path


@pytest.mark.parametrize(
    ("line", "pair"),
    [
        ("clean pool -o x --report x", ("--report", "-o")),
        ("clean pool -o x --report ./folder/up/link", ("--report", "-o")),
        ("clean pool -o link --skip-invalid --rejects x", ("-o", "--rejects")),
        ("clean pool -o new --skip-invalid --rejects folder/../new", ("-o",)),
        ("evaluate pool -o x --append x", ("-o", "--append")),
        ("label pool --with gold --gold pool --append x --report x", ("--append",)),
        ("merge-labels pool -o y --disputed x --relabel x", ("--disputed",)),
        ("train pool -o x --report x", ("-o", "--report")),
        ("topics pool -o x --save x", ("-o", "--save")),
        ("split pool --share x -o {} --report x", ("-o", "--report")),
        ("convert pool -o x --report x", ("-o", "--report")),
        ("crawl feed http://a.b --append x --report x", ("--append", "--report")),
        ("proceed x --until labels=1 --report x", ("--report", "is read")),
        ("clean x --report x", ("--report", "is read")),
        ("clean x -o y --skip-invalid --rejects link", ("--rejects", "is read")),
        ("label x --with gold --gold pool --append x", ("--append", "is read")),
        ("evaluate pool -m x --append x", ("--append", "is read")),
    ],
)
def test_an_output_is_refused_as_a_second_output_or_input(line, pair, place, alcli):
    done = alcli(*line.split(), cwd=place)

    assert done.returncode == 2, done.stderr
    (said,) = done.stderr.decode().splitlines()
    assert all(word in said for word in pair)
    assert (place / "x").read_text() == "as it was"
    assert not (place / "new").exists()


@pytest.mark.parametrize(
    "line",
    [
        "clean pool -o pool",
        "clean pool -o /dev/null --report /dev/null",
        "clean pool -o /dev/stdout --report /dev/stdout",
        "clean pool --report -",
        "merge-labels votes -o votes --disputed /dev/null --relabel /dev/null",
    ],
)
def test_devices_accept_several_outputs_and_o_may_replace_an_input(line, place, alcli):
    (place / "votes").write_text(lines({"id": 1, "label": "x", "annotator": "a"}))
    done = alcli(*line.split(), cwd=place, check=True)

    assert not (place / "-").exists(), done


def test_the_report_names_stdin(alcli, tmp_path):
    (tmp_path / "-").write_text("not stdin")
    for args in (["clean"], ["clean", "-"]):
        alcli(*args, "--report", "r", cwd=tmp_path, check=True)
        found = json.loads((tmp_path / "r").read_text())
        assert found["inputs"] == [{"path": "<stdin>", "sha256": None}]


def test_unreadable_inputs_are_left_to_the_reader(alcli, tmp_path):
    for name in ("/proc/self/mem", "missing", "."):
        done = alcli("clean", name, "--report", "r", cwd=tmp_path)
        found = json.loads((tmp_path / "r").read_text())
        assert done.returncode == found["status"] == 3
        assert f"{name}: cannot read" in found["error"]
        assert found["inputs"] == [{"path": name, "sha256": None}]


def test_the_shell_completes_the_names_of_input_files():
    (item,) = options.INPUT.shell_complete(None, None, "po")

    assert (item.value, item.type) == ("po", "file")


def test_a_hard_link_of_an_input_is_no_ledger(place, alcli):
    os.link(place / "pool", place / "hard")
    before = (place / "pool").read_bytes()
    gold = ["--with", "gold", "--gold", "pool", "--append", "hard"]
    done = alcli("label", "pool", *gold, cwd=place)

    assert done.returncode == 2
    assert b"--append would write to hard, which is read" in done.stderr
    assert (place / "pool").read_bytes() == before
