"""LDA-sampling study: tables, records, resumed runs."""

import fcntl
import gzip
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.waiting import blocked, until

ROOT = Path(__file__).parents[2]
STUDY = ROOT / "examples/lda_sampling"
MODULE = [sys.executable, "-m"]


LONG_RUNS = re.search(r"^LONG_RUNS += (.*)$", (STUDY / "Makefile").read_text(), re.M)


def tables(results, readme, long=LONG_RUNS[1]):
    call = [*MODULE, "examples.lda_sampling.tables", results, readme, long]
    return subprocess.run(call, cwd=ROOT, capture_output=True, text=True)


def rows(readme, title):
    """Return the cells of a table: data and strategy -> the others."""
    text = readme.read_text("utf-8").split(f"### {title}")[1].split("###")[0]
    lines = [line for line in text.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines]
    assert {len(row) for row in cells} == {len(cells[0])}
    return {tuple(row[:2]): row[2:] for row in cells[2:]}


def test_readme_tables_are_made_from_the_results(tmp_path):
    readme = Path(shutil.copy(STUDY / "README.md", tmp_path))
    assert tables(STUDY / "results.jsonl", readme).returncode == 0

    assert readme.read_bytes() == (STUDY / "README.md").read_bytes()


def test_a_readme_without_marks_is_unchanged(tmp_path):
    (tmp_path / "README.md").write_text("mine\n")
    done = tables(STUDY / "results.jsonl", tmp_path / "README.md")

    assert done.returncode == 1
    assert "README.md: no line" in done.stderr
    assert (tmp_path / "README.md").read_text() == "mine\n"


METRICS = ("accuracy", "weighted_precision", "weighted_recall", "weighted_f1")


def a_run(name, seed, labels, scores, commit="abc"):
    kind, what = name.split(".")
    curve = {"labels": labels} | {metric: scores for metric in METRICS}
    return {
        **{"data": "sentipers", "kind": kind, "what": what, "seed": seed},
        **{"commit": commit, "machine": "a box", "pool": {"records": 1000}},
        **{"curve": curve, "seconds": {"train": 7.4}},
    }


@pytest.fixture
def readme(tmp_path):
    """The page made of runs whose figures are easy to tell."""
    labels = [10, 20, 30, 40, 50]
    every = [
        a_run("paper.cnn", 0, [1000], [0.1], commit="old"),  # the later one counts
        a_run("paper.cnn", 0, [1000], [0.70]),
        a_run("paper.cnn", 1, [1000], [0.80], commit="abc def"),
        a_run("strong.logreg", 0, [1000], [0.90]),
        a_run("strong.cnn", 0, [1000], [0.85]),
        a_run("a.lda", 0, labels, [0.60, 0.75, 0.75, 0.75, 0.60]),
        a_run("a.lda", 1, labels, [0.60, 0.60, 0.75, 0.75, 0.75]),
        a_run("a.lda", 2, labels, [0.60, 0.60, 0.60, 0.75, 0.75]),
        a_run("a.margin", 0, labels[:2], [0.60, 0.70]),
        a_run("b.lda", 0, labels[:2], [0.50, 0.70]),
    ]
    results = tmp_path / "results.jsonl"
    results.write_text("".join(json.dumps(run) + "\n" for run in every))
    page = Path(shutil.copy(STUDY / "README.md", tmp_path))
    done = tables(results, page)
    assert done.returncode == 0, done.stderr
    return page


def test_all_labels_beside_the_figures_of_the_study(readme):
    found = rows(readme, "All labels (Table 6)")

    assert found["MirasOpinion, as told", "lstm"][:4] == [
        "79.1",
        "78.7",
        "78.9",
        "78.7",
    ]
    assert found["sentipers", "cnn, paper"] == ["75.0 ± 7.1"] * 4 + [
        *("7", "2", "abc, abc to def")
    ]
    assert found["sentipers", "lstm, paper"] == ["not run"] * 5 + ["0", ""]


def test_labels_to_both_baselines(readme):
    found = rows(readme, "Labels to a baseline (Figures 2 and 3)")

    goals = ["F1 73.5", "F1 75.0", "F1 88.2", "F1 90.0"]
    assert found["sentipers", "*to be reached*"][:4] == goals
    first = "30 (3 %); not by 5 %"
    assert found["sentipers", "lda"][:5] == [first] * 2 + ["not by 5 %"] * 2 + ["3"]
    assert found["sentipers", "margin"][:2] == ["not by 2 %"] * 2
    assert found["sentipers", "random"] == ["not run"] * 4 + ["0", ""]
    assert found["snappfood", "*to be reached*"][:4] == ["not run"] * 4


def test_areas_are_compared_over_the_same_labels(readme):
    found = rows(readme, "Area under the curve")

    assert found["sentipers", "margin"][:2] == ["65.0 (to 2 %)", "not run"]
    assert found["sentipers", "lda"][0] == "62.5 ± 4.3 (to 2 %)"
    assert found["sentipers", "lda"][1] == "68.8 ± 2.9 (to 5 %)"


def test_the_peak_and_the_fall(readme):
    found = rows(readme, "The peak and the fall (Table 7)")
    peak = ["75.0", "30 (3 %)", "73.3 ± 2.9", "4.7 ± 0.6 %", "1.7 ± 2.9", "3", "abc"]

    assert found["sentipers", "lda"] == peak


def test_readings_are_compared_where_the_shortest_ends(readme):
    found = list(rows(readme, "Three readings").values())

    assert found[0][:2] == ["62.5 ± 4.3 (to 2 %)", "65.0 ± 8.7 (2 %)"]
    assert found[1][:3] == ["60.0 (to 2 %)", "70.0 (2 %)", "1"]
    assert found[2] == ["not run", "not run", "0", ""]


def test_the_long_runs_are_those_of_the_makefile(readme, tmp_path):
    title = "The peak and the fall (Table 7)"
    assert ("sentipers", "entropy") in rows(readme, title)
    tables(tmp_path / "results.jsonl", readme, long="lda other")

    strategies = [name for data, name in rows(readme, title) if data == "sentipers"]
    assert strategies == ["lda", "other"]


def a_folder(path, name="a.lda.0", labels=(10,)):
    """Make the files of a run that `record` reads."""
    run = path / name
    (run / "reports").mkdir(parents=True, exist_ok=True)
    (run / "pool.jsonl").write_text("{}\n")
    (run / "commits").write_text("abc\n")
    metrics = dict.fromkeys([*METRICS, "macro_f1"], 0.5)
    with (run / "curve.jsonl").open("w") as curve:
        for n in labels:
            print(json.dumps({"key": n, "labels": n, "metrics": metrics}), file=curve)
    return run


def record(run, results):
    call = [*MODULE, "examples.lda_sampling.record", run, results, "make"]
    return subprocess.Popen(call, cwd=ROOT)


def test_many_records_at_once_are_whole_and_a_torn_one_is_cut_off(tmp_path):
    results = tmp_path / "results.jsonl"
    results.write_bytes(b'{"run":"a"}\n{"ru')
    runs = [a_folder(tmp_path, f"a.lda.{seed}") for seed in range(6)]
    for run in runs:
        assert record(run, tmp_path / "others.jsonl").wait() == 0
    calls = [record(run, results) for run in [*runs, *runs]]
    assert [call.wait() for call in calls] == [0] * 12

    lines = results.read_bytes().splitlines(keepends=True)
    assert lines[0] == b'{"run":"a"}\n'
    assert sorted(lines[1:]) == sorted(
        (run / "record.json").read_bytes() + b"\n" for run in runs
    )


def test_a_resumed_run_gets_another_record(tmp_path):
    results = tmp_path / "results.jsonl"
    for labels in [(10,), (10,), (10, 20), (10, 20)]:
        assert record(a_folder(tmp_path, labels=labels), results).wait() == 0

    found = [
        json.loads(line)["curve"]["labels"]
        for line in results.read_bytes().splitlines()
    ]
    assert found == [[10], [10, 20]]


@pytest.mark.parametrize("script", ["record", "tables"])
def test_scripts_wait_for_the_lock(tmp_path, script):
    results, readme = tmp_path / "results.jsonl", tmp_path / "README.md"
    shutil.copy(STUDY / "README.md", readme)
    before = readme.read_bytes()
    with results.open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if script == "record":
            waiting = record(a_folder(tmp_path), results)
        else:
            call = [*MODULE, "examples.lda_sampling.tables", results, readme, "lda"]
            waiting = subprocess.Popen(call, cwd=ROOT)
        until(lambda: waiting.poll() is not None or blocked(waiting.pid))
        assert (results.read_bytes(), readme.read_bytes()) == (b"", before)

    assert waiting.wait() == 0
    assert (results.read_bytes() == b"") == (readme.read_bytes() != before)


RUNS = ["paper.cnn", "strong.logreg", "a.lda", "a.margin", "b.lda", "c.lda"]


# what each reading of "the newest labels first" gives to `train`
READINGS = {
    "a": "--epochs 2 --batch-size 512 --class-weight none --validation tail=0.2",
    "b": "--epochs 2 --batch-size 512 --class-weight none --order file",
    "c": "--epochs 2 --batch-size 512 --class-weight none --order file",
}
# Networks take seconds to load: logistic regression stands in for those of the loops,
# without what it has no use for. What they were called with is noted.
STAND_IN = f"""\
#!/usr/bin/env bash
call=" $* "
case ${{PWD##*/}}.$1 in
tiny.train) call=${{call/ --arch cnn / --arch logreg }} ;;
[abc].*.train)
  echo "${{PWD##*/}}$call" >> "$CALLS"
  call=${{call/ {READINGS["a"]} / }} call=${{call/ {READINGS["b"]} / }} ;;
[abc].*.score) [ ! -e "$CALLS.hold" ] || {{ touch "$CALLS.held"; exec sleep inf; }} ;;
*) exec "$REAL" "$@" ;;
esac
exec "$REAL" $call
"""


class Study:
    """A copy of the example, with 300 records of SentiPers."""

    def __init__(self, folder, records):
        self.folder = folder / "examples/lda_sampling"
        for name in ("common", "lda_sampling", "loop", "snappfood"):
            unwanted = shutil.ignore_patterns("run", "results.jsonl", "__pycache__")
            copy = folder / "examples" / name
            shutil.copytree(ROOT / "examples" / name, copy, ignore=unwanted)
        shutil.copy(ROOT / "examples/__init__.py", folder / "examples")
        with gzip.open(records) as lines:
            (folder / "tiny.jsonl").write_bytes(b"".join(lines.readlines()[:300]))
        self.calls, stand_in = folder / "calls", folder / "alcli"
        stand_in.write_text(STAND_IN)
        stand_in.chmod(0o755)
        settings = "FULL=cnn STRONG=logreg LONG_RUNS=lda SHORT_RUNS=margin SEEDS=3"
        sizes = "SHARE=10 LONG=20 SHORT=10 EPOCHS=2 STOP=50"
        self.call = [
            *("make", "-j2", f"ALCLI={stand_in}", f"PYTHON={sys.executable}"),
            *("DATA=../../tiny.jsonl", *settings.split(), *sizes.split()),
        ]
        self.env = {k: v for k, v in os.environ.items() if not k.startswith("MAKE")}
        self.env["CALLS"] = str(self.calls)
        self.env["REAL"] = str(Path(sys.executable).with_name("alcli"))

    def make(self, *targets):
        options = {"cwd": self.folder, "env": self.env}
        call = [*self.call, *targets]
        return subprocess.run(call, capture_output=True, text=True, **options)

    def start(self, *targets):
        options = {"cwd": self.folder, "env": self.env, "start_new_session": True}
        return subprocess.Popen([*self.call, *targets], **options)

    def results(self):
        lines = (self.folder / "results.jsonl").read_bytes().splitlines()
        return [json.loads(line) for line in lines]


@pytest.fixture(scope="module")
def study(data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("a study")
    made = Study(folder, data("sentipers/train.jsonl.gz"))
    done = made.make("all")
    assert done.returncode == 0, done.stderr
    return made


@pytest.mark.slow
def test_every_run_adds_one_record_and_the_tables_show_it(study):
    found = {f"{run['kind']}.{run['what']}": run for run in study.results()}
    table = rows(study.folder / "README.md", "All labels (Table 6)")

    assert sorted(found) == sorted(RUNS)
    assert len(study.results()) == len(RUNS)
    assert {run["seed"] for run in found.values()} == {3}
    assert found["a.lda"]["curve"]["labels"] == [24, 48]
    assert found["b.lda"]["curve"]["labels"] == [24]
    assert found["paper.cnn"]["curve"]["labels"] == [240]
    assert found["a.lda"]["repeat"] == (
        "make DATA=tiny.jsonl SHARE='10' LONG='20' SHORT='10' EPOCHS='2' STOP='50' "
        "LONG_RUNS='lda' run/tiny/a.lda.3/done"
    )
    accuracy = 100 * found["paper.cnn"]["curve"]["accuracy"][0]
    assert table["tiny", "cnn, paper"][3] == f"{accuracy:.1f}"
    assert table["tiny", "lstm, paper"][3] == "not run"


@pytest.mark.slow
def test_each_round_trains_with_the_options_of_its_reading(study):
    calls = [call.split() for call in study.calls.read_text().splitlines()]
    rounds = {"a.lda.3": 2, "a.margin.3": 1, "b.lda.3": 1, "c.lda.3": 1}

    assert Counter(call[0] for call in calls) == rounds
    for run, *call in calls:
        how = f"--init init.model {READINGS[run[0]]} --seed 3 -o round.model --report"
        assert " ".join(call).startswith(f"train labelled.jsonl {how} ")
    curve = json.loads((study.folder / "run/tiny/paper.cnn.3/curve.jsonl").read_text())
    assert curve["labels"] == 240


@pytest.mark.slow
def test_finished_runs_are_not_repeated(study):
    before = (study.folder / "results.jsonl").read_bytes()
    (study.folder / "run/tiny/a.lda.3/done").unlink()
    told, again = study.make("-n", "full", "orders"), study.make("runs")

    assert (
        "a.lda.3" in told.stdout
    )  # killed before its stamp: the record is not doubled
    assert "b.lda.3" not in told.stdout
    assert again.returncode == 0, again.stderr
    assert (study.folder / "results.jsonl").read_bytes() == before
    assert "Nothing to be done for 'full'" in study.make("-n", "full").stdout


@pytest.mark.slow
def test_a_killed_run_resumes_to_the_same_curve(study):
    run = study.folder / "run/tiny/a.lda.3"
    [whole] = [r for r in study.results() if (r["kind"], r["what"]) == ("a", "lda")]
    shutil.rmtree(run)
    hold, held = (study.calls.with_suffix(end) for end in (".hold", ".held"))
    hold.touch()
    made = study.start("run/tiny/a.lda.3/done")
    until(lambda: made.poll() is not None or held.exists())
    hold.unlink()
    os.killpg(made.pid, signal.SIGKILL)
    made.wait()
    curve = run / "curve.jsonl"
    assert len(curve.read_bytes().splitlines()) == 1
    again = study.make("run/tiny/a.lda.3/done")

    assert again.returncode == 0, again.stderr
    assert study.results()[-1]["curve"] == whole["curve"]
    assert len(study.results()) == len(RUNS) + 1


@pytest.mark.slow
def test_other_settings_are_rejected_and_longer_runs_resumed(study):
    run = study.folder / "run/tiny/a.lda.3"
    (run / "done").unlink()
    curve = (run / "curve.jsonl").read_bytes()
    for other, said in {
        "EPOCHS=3": "this run has SHARE=10 EPOCHS=2, not SHARE=10 EPOCHS=3",
        "SHARE=5": "this run has SHARE=10 EPOCHS=2, not SHARE=5 EPOCHS=2",
        "STOP=60": "the pool has STOP=50, not STOP=60",
    }.items():
        refused = study.make(other, "run/tiny/a.lda.3/done")
        assert refused.returncode == 2
        assert f"{said}: give that, or remove its folder" in refused.stderr
    assert (run / "curve.jsonl").read_bytes() == curve
    longer = study.make("LONG=30", "run/tiny/a.lda.3/done")

    assert longer.returncode == 0, longer.stderr
    assert study.results()[-1]["curve"]["labels"] == [24, 48, 72]
    assert "LONG='30'" in study.results()[-1]["repeat"]
