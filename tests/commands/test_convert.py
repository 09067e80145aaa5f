"""`alcli convert`: lost fields, labels from fields, rejected records, real files."""

import gzip
import itertools
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

import alcli
from alcli.core.errors import BadParameter, InputError

VOTE = {"id": "r1", "text": "a b", "label": "x", "annotator": "w", "time": "t"}


def lines(*records):
    return "".join(json.dumps(record) + "\n" for record in records).encode()


def test_lost_fields_are_counted_in_one_line(alcli):
    votes = lines(*[VOTE] * 1200, {"id": 2, "text": "c"})
    done = alcli("convert", "--to", "fasttext", stdin=votes, check=True)
    assert done.stderr.decode().splitlines() == [
        "alcli convert: 1,201 read, 1,201 written",
        "alcli convert: lost: annotator (1,200), id (1,201), time (1,200)",
    ]


def test_fields_after_the_first_thousand_records_are_lost_in_a_table(alcli):
    votes = lines(*[VOTE] * 1000, VOTE | {"late": 1})
    done = alcli("convert", "--to", "csv", stdin=votes, check=True)
    assert b"lost: late (1)" in done.stderr


def test_folded_and_blank_rows_without_quotes_are_counted(alcli):
    args = ["convert", "--to", "tsv", "--set", "quote=none"]
    done = alcli(*args, stdin=lines({"text": "a\tb\nc"}, {"text": ""}), check=True)
    assert done.stdout == b"text\na b c\n\n"
    assert done.stderr.decode().splitlines()[1:] == [
        "alcli convert: 1 rows in which delimiters or line breaks became spaces",
        "alcli convert: 1 rows of one empty cell: blank lines, skipped when read",
    ]


def test_several_files_become_one(alcli, tmp_path):
    for name in ("ali", "sara"):
        line = '{"id":1,"text":"a","label":["x"]}'
        (tmp_path / f"{name}.jsonl").write_text(line)
    args = ["convert", "--from", "doccano", "--set", "annotator={}"]
    done = alcli(*args, "ali.jsonl", "sara.jsonl", cwd=tmp_path, check=True)
    found = [json.loads(line)["annotator"] for line in done.stdout.splitlines()]
    assert found == ["ali", "sara"]


def test_a_prefix_restricts_a_parameter_to_one_side(alcli):
    args = ["convert", "--from", "csv", "--to", "csv", "--set", "from.delimiter=;"]
    done = alcli(*args, stdin=b"id;text\n1;a,b\n", check=True)
    assert done.stdout == b'id,text\n1,"a,b"\n'


def test_hyphens_in_parameters_are_underscores(alcli):
    task = b'{"text":"a","label":"x","answer":"reject"}\n'
    args = ["convert", "--from", "prodigy", "--set", "reject-as=y"]
    assert b'"label":"y"' in alcli(*args, stdin=task, check=True).stdout


def test_files_are_compressed_by_suffix(alcli, tmp_path):
    (tmp_path / "in.json.gz").write_bytes(gzip.compress(b'[{"text":"a","label":[]}]'))
    args = ["convert", "in.json.gz", "--from", "doccano", "--to", "label-studio"]
    alcli(*args, "-o", "out.json.gz", cwd=tmp_path, check=True)
    tasks = json.loads(gzip.decompress((tmp_path / "out.json.gz").read_bytes()))
    assert tasks == [{"data": {"text": "a"}}]


def test_no_vote_of_a_rejected_record_is_written(alcli):
    row = {"id": "1", "text": "a", "q.responses": ["x", ["y", "z"]]}
    args = ["convert", "--from", "argilla", "--skip-invalid"]
    done = alcli(*args, stdin=json.dumps([row]).encode(), check=True)
    assert done.stdout == b""
    assert b"1 read, 0 written; left out: 1 invalid" in done.stderr


def test_invalid_records_are_reported_and_written_in_file_order(alcli, tmp_path):
    bad = [b'{"text":1}\n', b'{"text":"a","answer":"?"}\n', b"[]\n", b'{"id":1.5}\n']
    good = b'{"text":"a"}\n' * 600
    args = ["convert", "--from", "prodigy"]
    done = alcli(*args, stdin=good + b"".join(bad))
    assert b'<stdin>:601: "text": Expected str, got int' in done.stderr
    rejects = tmp_path / "rejects"
    more = ["--skip-invalid", "--rejects", rejects]
    mixed = b"".join(line + good for line in bad)
    done = alcli(*args, *more, stdin=mixed, check=True)
    assert rejects.read_bytes() == b"".join(bad)
    assert done.stdout == good * 4
    assert b"2,404 read, 2,400 written; left out: 4 invalid" in done.stderr


@pytest.mark.parametrize("tool", ["label-studio", "argilla"])
def test_fields_that_differ_between_votes_are_counted_as_lost(alcli, tool):
    votes = [VOTE | {"suggested": "x"}, VOTE | {"annotator": "v", "suggested": "y"}]
    done = alcli("convert", "--to", tool, stdin=lines(*votes), check=True)
    assert b"suggested (1)" in done.stderr
    done = alcli("convert", "--to", tool, stdin=lines(votes[0], votes[0]), check=True)
    assert b"suggested" not in done.stderr


@pytest.mark.parametrize("tool", ["doccano", "argilla"])
def test_votes_without_a_label_are_counted_as_lost(alcli, tool):
    votes = lines(VOTE | {"label": None}, {"id": 1, "text": "no vote"})
    done = alcli("convert", "--to", tool, stdin=votes, check=True)
    assert b"votes without a label (1)" in done.stderr


def test_reasons_are_counted_as_lost_in_label_studio(alcli):
    votes = lines(VOTE | {"reason": "sure"}, VOTE | {"label": None})
    done = alcli("convert", "--to", "label-studio", stdin=votes, check=True)
    assert b"lost: reason (1)" in done.stderr


def test_a_format_may_come_from_a_file_of_the_user(alcli, tmp_path):
    (tmp_path / "mine.py").write_text(
        "from alcli.data.formats.common.batch import Rejected\n"
        "from alcli.data.formats import Format\n"
        "def read(source, *, mark='#'):\n"
        "    def record(line):\n"
        "        if line.startswith(mark): raise Rejected('marked')\n"
        "        return {'text': line}\n"
        "    for lines in source.lines('utf-8'): yield lines.map(record)\n"
        "def write(batches, target):\n"
        "    for records in batches:\n"
        "        for r in records: target.write(r['text'].encode() + b'!')\n"
        "mine = Format(read, write, keeps=frozenset({'text'}))\n"
    )
    args = ["convert", "in", "--from", "mine.py:mine", "--to", "./mine.py:mine"]
    (tmp_path / "in").write_text("a\nb\n")
    assert alcli(*args, cwd=tmp_path, check=True).stdout == b"a!b!"
    done = alcli(*args, "--set", "mark=b", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (3, b"alcli convert: in:2: marked\n")


def test_values_in_memory_are_unchanged():
    numbers = {"id": 123456789012345678901234567890, "n": [1.5, 1e300, -0.0, True]}
    assert alcli.convert([numbers]) == [numbers]


@pytest.mark.parametrize(
    ("value", "label"),
    [("x", "x"), (5, "5"), (4.5, "4.5"), (True, "true"), ("۵", "۵")],
)
def test_labels_from_a_field(value, label):
    found = alcli.convert([{"n": value, "label": "old"}], label_from="n")
    assert found == [{"n": value, "label": label}]


@pytest.mark.parametrize(
    ("value", "label"),
    [(1, "bad"), (2, "bad"), ("2.0", "bad"), ("۴", "good"), (2.5, None), (None, None)],
)
def test_labels_from_bins(value, label):
    bins = {"bad": (1, 2), "good": (4, 5)}
    found = alcli.convert([{"n": value}], label_from="n", bins=bins)
    assert [r["label"] for r in found] == ([label] if label else [])


def test_errors_name_the_record_in_memory(tmp_path):
    with pytest.raises(InputError, match="<records>:2: several labels"):
        alcli.convert([VOTE, VOTE | {"label": ["a", "b"]}])
    with pytest.raises(BadParameter, match="no parameter 'sep'"):
        alcli.convert([VOTE], str(tmp_path / "x"), target_format="csv", sep=";")
    assert alcli.convert([VOTE], str(tmp_path / "x"), target_format="csv") == 1


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="no /proc")
def test_memory_does_not_grow_with_the_file(tmp_path):
    code = (
        "import sys, alcli.cli.main\n"
        "try: alcli.cli.main.main()\n"
        "finally:\n"  # ru_maxrss would be that of this process, if that is larger
        "    status = open('/proc/self/status').read()\n"
        "    print(status.split('VmHWM:')[1].split()[0], file=sys.stderr)"
    )
    peaks = []
    for n in (2_000, 60_000):
        text = "متن " * 60
        with (tmp_path / "in.jsonl").open("w") as file:
            for number in range(n):
                file.write(json.dumps(VOTE | {"id": number, "text": text}) + "\n")
        args = ["in.jsonl", "--to", "label-studio", "-o", "tasks.json"]
        back = ["tasks.json", "--from", "label-studio", "--to", "csv", "-o", "out.csv"]
        for arguments in (args, back):
            done = subprocess.run(
                [sys.executable, "-c", code, "convert", *arguments],
                cwd=tmp_path,
                capture_output=True,
            )
            assert done.returncode == 0, done.stderr
            peaks.append(int(done.stderr.split()[-1]))
    assert peaks[2] < peaks[0] + 20_000  # of 60 MB
    assert peaks[3] < peaks[1] + 20_000


@pytest.mark.slow
def test_a_csv_file_with_multi_line_cells_is_read_as_by_the_csv_module(alcli, data):
    path = data("raw/product_reviews_multiline.csv")
    args = ["convert", path, "--from", "csv", "--set", "text=comment"]
    done = alcli(*args, "--set", "label=recommend", check=True)
    found = [json.loads(line) for line in done.stdout.splitlines()]
    import csv

    with path.open(newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert [(r["text"], r.get("label", "")) for r in found] == [
        (row["comment"], row["recommend"]) for row in rows
    ]
    assert any("\n" in r["text"] for r in found)


@pytest.mark.slow
def test_the_encoding_error_of_a_latin_1_file_names_its_line(alcli, data, tmp_path):
    path = data("raw/rt-polarity.latin1.txt")
    raw = path.read_bytes()
    done = alcli("convert", path, "--from", "fasttext")
    first = raw[: next(i for i, b in enumerate(raw) if b > 127)].count(b"\n") + 1
    assert done.returncode == 3
    assert f"latin1.txt:{first}: not utf-8".encode() in done.stderr
    assert b"--set encoding=latin-1" in done.stderr
    args = ["convert", path, "--from", "fasttext", "--set", "encoding=latin-1"]
    found = alcli(*args, check=True).stdout
    texts = [json.loads(line)["text"] for line in found.split(b"\n")[:-1]]
    assert texts == raw.decode("latin-1").removesuffix("\n").split("\n")


@pytest.mark.slow
def test_invalid_rows_of_a_scrape_are_skipped(alcli, data, tmp_path):
    path = data("raw/scraped_dirty.csv")
    args = ["convert", path, "--from", "csv", "--set", "text=comments"]
    more = ["--set", "label=labels", "--skip-invalid", "--rejects", tmp_path / "bad"]
    done = alcli(*args, *more, check=True)
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(found) > 1000
    assert all(set(r) <= {"column_1", "text", "label"} for r in found)
    assert Counter(r.get("label") for r in found).most_common(1)[0][1] > 500


@pytest.mark.slow
def test_a_treebank_survives_a_round_trip(alcli, data, tmp_path):
    folder = data("treebank")
    path = next(itertools.chain(folder.glob("*.conllu*")))
    args = ["convert", path, "--from", "conllu", "--to", "conllu"]
    once = alcli(*args, "-o", "once.conllu", cwd=tmp_path, check=True)
    again = ["convert", "once.conllu", "--from", "conllu", "--to", "conllu"]
    done = alcli(*again, cwd=tmp_path, check=True)
    assert once.returncode == 0
    assert done.stdout == (tmp_path / "once.conllu").read_bytes()
    tokens = [x for x in done.stdout.split(b"\n") if x and not x.startswith(b"#")]
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
        original = [x.rstrip(b"\r\n") for x in file]
    assert tokens == [x for x in original if x and not x.startswith(b"#")]


def test_the_help_lists_parameters_with_defaults(alcli):
    text = alcli("convert", "--help", check=True).stdout.decode()
    assert "prefix=__label__" in text
    assert "reject_as=" in text
