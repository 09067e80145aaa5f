"""Rounds in several processes: errors and warnings cross over, setups are cached."""

import logging

import pytest

import alcli
from alcli.core.errors import AlcliError, RunsFailed
from alcli.core.log import log
from alcli.simulation.plan import RunSpec
from alcli.simulation.scheduler import _next_run, captured_warnings, picklable_error

SMALL = "logreg,min_count=1,max_share=1.0"
OWN = """
import logging

class Odd(Exception):
    def __init__(self, first, second):
        super().__init__(first + second)

def odd(scored):
    raise Odd("quite ", "odd")

def wary(scored):
    logging.getLogger("alcli").warning("only %d are left", len(scored.ids))
    logging.getLogger("alcli").info("nobody needs this")
    return scored.noise
"""


@pytest.fixture
def own(tmp_path):
    path = tmp_path / "own.py"
    path.write_text(OWN)
    return path


def simulated(records, *strategies, **more):
    how = {"archs": [SMALL], "seeds": 2, "sizes": [60], "test": 60, **more}
    return alcli.simulate(records, strategies=strategies, **how)


@pytest.mark.parametrize("jobs", [1, 2])
def test_user_defined_exceptions_end_their_runs_alone(records, own, jobs):
    with pytest.raises(RunsFailed, match=r"2 of 4 .*Odd: quite odd") as failed:
        simulated(records, f"{own}:odd", "random", jobs=jobs)

    assert failed.value.status == 70
    assert len(failed.value.records) == 2 * 3
    assert "own.py" in failed.value.__cause__.__notes__[0]  # where it happened


@pytest.mark.parametrize("jobs", [1, 2])
def test_warnings_of_rounds_are_logged_once_with_their_run(records, own, jobs, caplog):
    with caplog.at_level(logging.INFO, "alcli"):
        simulated(records, f"{own}:wary", jobs=jobs)

    [warning] = [text for text in caplog.messages if "are left" in text]
    assert warning.startswith(f"{own}:wary, {SMALL}, seed ")
    assert not [text for text in caplog.messages if "nobody" in text]


def test_a_second_simulation_logs_its_warnings_again(records, own, caplog):
    for _ in range(2):
        simulated(records, f"{own}:wary", seeds=1)

    assert sum("are left" in text for text in caplog.messages) == 2


def test_warnings_of_other_threads_are_not_captured(caplog):
    from threading import Thread

    with captured_warnings() as warnings:
        other = Thread(target=log.warning, args=("from elsewhere",))
        other.start()
        other.join()
        log.warning("from %s", "here")

    assert warnings == [("from %s", "from here")]
    assert caplog.messages == ["from elsewhere"]


def test_a_worker_prefers_its_setup_then_unused_ones():
    runs = [RunSpec("logreg", seed, name, 9) for seed in (0, 1) for name in ("a", "b")]

    assert _next_run(runs, None, []) == runs[0]
    assert _next_run(runs[1:], None, [("logreg", 0)]) == runs[2]
    assert _next_run(runs[1:], ("logreg", 1), [("logreg", 0)]) == runs[2]
    assert _next_run(runs[1:2], ("logreg", 1), [("logreg", 0)]) == runs[1]


@pytest.mark.parametrize(
    ("error", "status"), [(MemoryError(), 5), (OSError(28, "No space"), 5)]
)
def test_memory_and_disk_errors_are_surroundings_errors(error, status):
    found = picklable_error(error)

    assert isinstance(found, AlcliError)
    assert found.status == status
