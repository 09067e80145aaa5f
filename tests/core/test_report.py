"""What a run says of itself, in a line and in JSON."""

import hashlib
import json
from importlib.metadata import version

from alcli.core.report import Report


def counted():
    report = Report("clean", ["pool.jsonl", "-q"])
    report.count({"read": 1200, "repeated id": 2, "too long": 0})
    report.count({"read": 34, "written": 1230, "repeated id": 1, "too short": 1})
    return report


def test_the_summary_names_the_reasons_that_occurred():
    assert counted().summary() == (
        "1,234 read, 1,230 written; left out: 3 repeated id, 1 too short"
    )
    assert Report().summary() == "0 read, 0 written"


def test_the_json_has_counts_inputs_and_status(tmp_path):
    path = tmp_path / "pool.jsonl"
    path.write_bytes(b'{"id":1}\n')
    report = counted()
    report.path = "report.json"
    for name in (str(path), "-"):
        report.input(name)
    path.write_bytes(b"replaced by the output")
    report.input(str(path))
    found = json.loads(json.dumps(report.as_dict(status=3, error="bad")))
    assert 0 <= found.pop("seconds") < 60
    assert 1 << 20 < found.pop("peak_memory") < 1 << 40
    assert found.pop("peak_memory_worker") == 0
    digest = hashlib.sha256(b'{"id":1}\n').hexdigest()
    assert found == {
        "command": "clean",
        "version": version("alcli"),
        "arguments": ["pool.jsonl", "-q"],
        "status": 3,
        "error": "bad",
        "read": 1234,
        "written": 1230,
        "dropped": {"repeated id": 3, "too long": 0, "too short": 1},
        "inputs": [
            {"path": str(path), "sha256": digest},
            {"path": "<stdin>", "sha256": None},
        ],
    }


def test_files_are_hashed_only_for_a_report(tmp_path):
    report = Report()
    (tmp_path / "a").write_text("a")
    report.input(str(tmp_path / "a"))
    assert list(report.inputs.values()) == [None]
