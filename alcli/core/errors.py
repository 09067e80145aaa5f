"""Everything that can go wrong and that a user can put right.

    AlcliError
    ├── UsageError (2)           the command line asks for what cannot be
    │   ├── UnknownName          no such strategy, model, language, ...
    │   └── BadParameter         key=value that the chosen plug-in does not take
    ├── InputError (3)           a file or a record is not what the step needs
    │   └── MissingField         ... because an earlier step was not run
    ├── CheckpointError (4)      a checkpoint is missing, damaged or of another kind
    ├── SurroundingsError (5)    disk, memory, network, something not installed
    │   ├── MissingExtra         ... and the line that installs it
    │   ├── MemoryRefused        ... the estimate, before anything is allocated
    │   └── WorkerDied           a process of `--jobs` was killed
    ├── NothingLeft (6)          `select` found nothing to ask
    └── RunsFailed               of `simulate`: the status is that of the first

The number is the exit status. A bug in alcli itself is none of these: it keeps its
traceback (status 70). This module imports nothing of ours, so anything may import it.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar


class AlcliError(Exception):
    """Base class: `except alcli.AlcliError` catches every expected failure."""

    status: ClassVar[int] = 70

    def __reduce__(self) -> tuple[object, ...]:
        """Cross the border between processes as it is, whatever made its message."""
        return _rebuild, (type(self), self.args, self.__dict__)


class UsageError(AlcliError):
    """Options that cannot be, alone or together."""

    status = 2


class UnknownName(UsageError):
    """The message lists the names that would have worked."""

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        super().__init__(f"unknown {kind} {name!r}; choose from: {', '.join(known)}")


class BadParameter(UsageError):
    """A plug-in was given a parameter that it does not take, or of the wrong type."""


class InputError(AlcliError):
    """The data is wrong; the message begins with the place: `file:line: ...`."""

    status = 3

    def __init__(self, problem: str, *, source: object = "", line: int = 0) -> None:
        place = ":".join(str(part) for part in (source, line) if part)
        super().__init__(f"{place}: {problem}" if place else problem)
        self.problem, self.source, self.line = problem, source, line


class MissingField(InputError):
    """A record lacks a field that an earlier step would have added."""

    def __init__(
        self, field: str, *, remedy: str, source: object = "", line: int = 0
    ) -> None:
        super().__init__(f'no "{field}" field; {remedy}', source=source, line=line)


class CheckpointError(AlcliError):
    """A checkpoint cannot be read, or is not the kind that is needed here."""

    status = 4


class SurroundingsError(AlcliError):
    """The machine is in the way, not the data."""

    status = 5


class MissingExtra(SurroundingsError):
    """An optional package is not installed; the message is the cure.

    extra: of alcli, that brings it; without one the package is named itself.
    """

    def __init__(self, package: str, extra: str | None = None) -> None:
        wanted = f"'alcli[{extra}]'" if extra else package
        super().__init__(f"{package} is not installed; run: pip install {wanted}")


class MemoryRefused(SurroundingsError):
    """The work would need more memory than there is; nothing was begun."""


class WorkerDied(SurroundingsError):
    """One of several processes ended without a word (killed, or out of memory)."""


class NothingLeft(AlcliError):
    """There is nothing left to ask; an empty output was written."""

    status = 6


class RunsFailed(AlcliError):
    """Some of several runs failed; the others came to their end.

    failed: run -> its error. records: those of all runs that there are.
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
    """A signal, its number, asked us to end; no Exception, so that nothing eats it.

    `number` is that of the signal for whoever works in steps: other people's code
    between us and the handler may lose what it raised. While `waits` is true nothing is
    raised: whoever set it ends the work, which is short, and raises it then.
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
