"""One folder = one registry; one file in it = one plug-in, called by the file's name.

Names come from the folder and summaries from the first line of each file, so listing
them imports nothing. `./mine.py:f` is a plug-in too, and so is what another package
offers under the entry-point group `alcli.FOLDER`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Iterable
from importlib import import_module
from typing import cast

from alcli.core.errors import BadParameter, UnknownName

_QUOTES = "'\""


class Registry[Plugin]:
    """The plug-ins of one kind, keyed by their command-line names."""

    def __init__(self, kind: str, package: str, *, group: str | None = None) -> None:
        self.kind, self.package = kind, package
        self.group = group or package.rpartition(".")[2]  # of entry points

    def names(self) -> list[str]:
        """Return the names of the files in the folder; nothing is imported."""
        return sorted(_command_name(file) for file in self._files())

    def summary(self, name: str) -> str:
        """Return the first line of the docstring of a plug-in's file."""
        with open(self._files()[_file_name(name)], encoding="utf-8") as source:
            return source.readline().strip().strip('"').rstrip(".")

    def parameters(self, name: str, *functions: str) -> list[str]:
        """Return what `--set` takes, as KEY=DEFAULT, read from the plug-in's file.

        functions: whose parameters they are, where it is not one of the file's name;
        of equal keys the first counts.
        """
        import ast

        with open(self._files()[_file_name(name)], encoding="utf-8") as source:
            tree = ast.parse(source.read())
        wanted = functions or (_file_name(name),)
        found: dict[str, str] = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and node.name in wanted:
                arguments = node.args.kwonlyargs
                for argument, default in zip(
                    arguments, node.args.kw_defaults, strict=True
                ):
                    if isinstance(default, ast.Name):  # of another line or file
                        found.setdefault(argument.arg, argument.arg)
                    elif default is not None:
                        value = ast.unparse(default)
                        if value[0] in _QUOTES:
                            value = value[1:-1]
                        found.setdefault(argument.arg, f"{argument.arg}={value}")
        return list(found.values())

    def summaries(
        self, *functions: str, hidden: Collection[str] = (), option: str = "--set"
    ) -> str:
        """Return a block for the end of a command's help: names and their parameters.

        functions: as for `parameters`. hidden: parameters that have options of their
        own. option: what takes the others.
        """
        width = max(map(len, self.names()))
        rows, title = [], f"{self.kind.capitalize()}:"
        for name in self.names():
            rows.append(f"  {name:<{width}}  {self.summary(name)}")
            pairs = self.parameters(name, *functions)
            shown = [pair for pair in pairs if pair.partition("=")[0] not in hidden]
            rows += indent_words(shown)
            if shown:
                title = f"{self.kind.capitalize()}, and what {option} takes:"
        return "\b\n" + "\n".join([title, *rows])

    def get(self, name: str) -> Plugin:
        """Return the plug-in called `name`, or the function `f` of `./mine.py:f`.

        Raises:
            UnknownName: and the message lists the names that would have worked.
        """
        path, colon, function = name.rpartition(":")
        if colon and path.endswith(".py"):
            return cast(Plugin, _from_file(path, function))
        if _file_name(name) in self._files():
            return self.builtin(name)
        from importlib.metadata import entry_points  # slow: for unknown names only

        group = f"alcli.{self.group}"
        offered = {entry.name: entry for entry in entry_points(group=group)}
        if name not in offered:
            raise UnknownName(self.kind, name, [*self.names(), *sorted(offered)])
        return cast(Plugin, offered[name].load())

    def builtin(self, name: str) -> Plugin:
        """Return a plug-in of this folder only: for names that a file brings.

        Raises:
            UnknownName: there is none.
        """
        if _file_name(name) not in self._files():
            raise UnknownName(self.kind, name, self.names())
        module = import_module(f"{self.package}.{_file_name(name)}")
        return cast(Plugin, getattr(module, _file_name(name)))

    def _files(self) -> dict[str, str]:
        return {
            file.removesuffix(".py"): os.path.join(folder, file)
            for folder in import_module(self.package).__path__
            for file in os.listdir(folder)
            if file.endswith(".py") and not file.startswith("_")
        }


def indent_words(words: Iterable[str]) -> list[str]:
    """Return lines of words that stand below a name."""
    from textwrap import wrap

    room = " " * 10
    return wrap(
        " ".join(words),
        78,
        initial_indent=room,
        subsequent_indent=room,
        break_on_hyphens=False,
    )


def _command_name(file: str) -> str:
    return file.replace("_", "-")


def _file_name(name: str) -> str:
    return name.replace("-", "_")


def _from_file(path: str, name: str) -> object:
    from importlib.util import module_from_spec, spec_from_file_location

    spec = spec_from_file_location("alcli_user_plugin", path)
    if spec is None or spec.loader is None or not os.path.isfile(path):
        raise BadParameter(f"{path}: no such Python file")
    module = sys.modules[spec.name] = module_from_spec(spec)
    spec.loader.exec_module(module)
    if not hasattr(module, name):
        raise BadParameter(f"{path}: has no function {name!r}")
    return getattr(module, name)
