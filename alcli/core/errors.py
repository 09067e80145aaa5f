"""Errors that a user can correct; the number is the exit status.

    AlcliError
    ├── UsageError (2)           contradictory or unusable options
    │   ├── UnknownName          no such strategy, model, language, ...
    │   └── BadParameter         KEY=VALUE that the plug-in does not accept
    ├── InputError (3)           unreadable file, or invalid record
    │   └── MissingField         ... because an earlier command was not run
    ├── CheckpointError (4)      missing or damaged checkpoint, or another kind of file
    ├── SurroundingsError (5)    disk, network, memory, missing package
    │   ├── MissingExtra         ... with the command that installs it
    │   ├── MemoryRefused        ... with the estimate, before allocation
    │   └── WorkerDied           a process of `--jobs` was killed
    ├── NothingLeft (6)          no record left for `select`
    └── RunsFailed               failed runs of `simulate`; status of the first

Any other exception is a bug in alcli: traceback and status 70. This module imports
nothing of the package, so that every module can import it.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar


class AlcliError(Exception):
    """Base class of all expected errors; `status` is the exit status."""

    status: ClassVar[int] = 70

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle the attributes, since `__init__` has other arguments than `args`."""
        return _rebuild, (type(self), self.args, self.__dict__)


class UsageError(AlcliError):
    """Contradictory or unusable options."""

    status = 2


class UnknownName(UsageError):
    """Unknown name of a plug-in; the message lists the known names."""

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        super().__init__(f"unknown {kind} {name!r}; choose from: {', '.join(known)}")


class BadParameter(UsageError):
    """Parameter that a plug-in does not accept, or of the wrong type or range."""


class InputError(AlcliError):
    """Invalid input; the message begins with file and line: `file:line: ...`."""

    status = 3

    def __init__(self, problem: str, *, source: object = "", line: int = 0) -> None:
        place = ":".join(str(part) for part in (source, line) if part)
        super().__init__(f"{place}: {problem}" if place else problem)
        self.problem, self.source, self.line = problem, source, line


class MissingField(InputError):
    """Missing field that an earlier command adds; `remedy` names the command."""

    def __init__(
        self, field: str, *, remedy: str, source: object = "", line: int = 0
    ) -> None:
        super().__init__(f'no "{field}" field; {remedy}', source=source, line=line)


class CheckpointError(AlcliError):
    """Missing or damaged checkpoint, or a file of another kind."""

    status = 4


class SurroundingsError(AlcliError):
    """Failure of the environment: disk, network, memory, packages."""

    status = 5


class MissingExtra(SurroundingsError):
    """Optional package that is not installed; the message has the install command.

    extra: the extra of alcli that contains it, if there is one.
    """

    def __init__(self, package: str, extra: str | None = None) -> None:
        wanted = f"'alcli[{extra}]'" if extra else package
        super().__init__(f"{package} is not installed; run: pip install {wanted}")


class MemoryRefused(SurroundingsError):
    """Estimated memory greater than the available memory; nothing was allocated."""


class WorkerDied(SurroundingsError):
    """Worker process that died without an error: killed, or out of memory."""


class NothingLeft(AlcliError):
    """No record left to select; an empty output was written."""

    status = 6


class RunsFailed(AlcliError):
    """Failed runs of a simulation whose other runs finished.

    failed: error by run.
    of: number of all runs.
    records: curve records of all runs.
    """

    def __init__(
        self, failed: Mapping[object, Exception], of: int, records: Sequence[object]
    ) -> None:
        (run, first), *more = failed.items()
        others = f" (and {len(more)} more)" if more else ""
        super().__init__(f"{len(failed)} of {of} runs failed: {run}: {first}{others}")
        self.failed, self.records = dict(failed), records
        self.status = getattr(first, "status", 70)  # type: ignore[misc]


class Signalled(BaseException):
    """Termination signal, with its number; a BaseException, so that no one catches it.

    number: the signal received so far, or 0. Long loops check it, because a library
        between the handler and the loop may swallow the exception.
    deferred: while true, the handler does not raise; its setter finishes a short piece
        of work and raises then.
    """

    number: ClassVar[int] = 0
    deferred: ClassVar[bool] = False


def _rebuild(
    kind: type[AlcliError], args: tuple[object, ...], state: dict[str, object]
) -> AlcliError:
    error = kind.__new__(kind, *args)
    error.args = args
    error.__dict__.update(state)
    return error
