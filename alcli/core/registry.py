"""Registry of plug-ins: one folder per kind, one file per plug-in, named by the file.

Names come from the folder and summaries from the first line of each file, so that a
list of them imports nothing. `./mine.py:f` names a plug-in too, and so does an entry
point of another package in the group `alcli.FOLDER`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Iterable
from importlib import import_module
from importlib.util import find_spec
from typing import Any, cast

from alcli.core.errors import BadParameter, UnknownName

_QUOTES = "'\""


class Registry[Plugin]:
    """Plug-ins of one kind, by command-line name.

    kind: noun for messages and headings, such as "strategy".
    package: the package whose files are the plug-ins.
    group: suffix of the entry-point group; by default the last part of `package`.
    """

    def __init__(self, kind: str, package: str, *, group: str | None = None) -> None:
        self.kind, self.package = kind, package
        self.group = group or package.rpartition(".")[2]

    def names(self) -> list[str]:
        """Return the names of the built-in plug-ins, sorted; nothing is imported."""
        return sorted(_command_name(file) for file in self._files())

    def summary(self, name: str) -> str:
        """Return the first docstring line of a plug-in's file, without importing it."""
        with open(self._files()[_file_name(name)], encoding="utf-8") as source:
            return source.readline().strip().strip('"').rstrip(".")

    def parameters(self, name: str, *functions: str) -> list[str]:
        """Return the parameters of a plug-in as KEY=DEFAULT, without importing it.

        functions: names of the functions, or dataclasses, that take them; by default
        the file's name. Dataclasses that annotate arguments of these functions count,
        too; those of keyword-only arguments may be imported from another file of the
        package. The first of several equal keys is kept.
        """
        import ast

        nodes = _nodes(self._files()[_file_name(name)])
        wanted = {*(functions or (_file_name(name),))}
        imported = set()
        for node in nodes:
            if isinstance(node, ast.FunctionDef) and node.name in wanted:
                wanted |= {getattr(a.annotation, "id", "") for a in node.args.args}
                imported |= {
                    getattr(a.annotation, "id", "") for a in node.args.kwonlyargs
                }
        wanted |= imported
        nodes += _imported_nodes(nodes, imported, self.package.partition(".")[0])
        found: dict[str, str] = {}
        for node in nodes:
            pairs: Iterable[tuple[str, ast.expr | None]] = ()
            if isinstance(node, ast.FunctionDef) and node.name in wanted:
                names = (argument.arg for argument in node.args.kwonlyargs)
                pairs = zip(names, node.args.kw_defaults, strict=True)
            elif isinstance(node, ast.ClassDef) and node.name in wanted:  # a dataclass
                fields = [part for part in node.body if isinstance(part, ast.AnnAssign)]
                pairs = [(ast.unparse(field.target), field.value) for field in fields]
            for key, default in pairs:
                if isinstance(default, ast.Name):  # its value is not in this file
                    found.setdefault(key, key)
                elif default is not None:
                    value = ast.unparse(default)
                    if value[0] in _QUOTES:
                        value = value[1:-1]
                    found.setdefault(key, f"{key}={value}")
        return list(found.values())

    def summaries(
        self, *functions: str, hidden: Collection[str] = (), option: str = "--set"
    ) -> str:
        """Return the list of plug-ins and parameters for the end of a command's help.

        functions: as for `parameters`.
        hidden: parameters that are options of the command.
        option: the option that takes the other parameters.
        """
        width = max(map(len, self.names()))
        rows, title = [], f"{self.kind.capitalize()}:"
        for name in self.names():
            rows.append(f"  {name:<{width}}  {self.summary(name)}")
            pairs = self.parameters(name, *functions)
            shown = [pair for pair in pairs if pair.partition("=")[0] not in hidden]
            rows += indent_words(shown)
            if shown:
                title = f"{self.kind.capitalize()}, with parameters for {option}:"
        return "\b\n" + "\n".join([title, *rows])

    def get(self, name: str) -> Plugin:
        """Return the plug-in `name`, or the function `f` of `./mine.py:f`.

        Raises:
            UnknownName: no such plug-in; the message lists the known names.
            BadParameter: no such file, or no such function in it.
        """
        path, colon, function = name.rpartition(":")
        if colon and path.endswith(".py"):
            return cast(Plugin, _from_file(path, function))
        if _file_name(name) in self._files():
            return self.builtin(name)
        from importlib.metadata import entry_points  # slow, so only if all else fails

        group = f"alcli.{self.group}"
        offered = {entry.name: entry for entry in entry_points(group=group)}
        if name not in offered:
            raise UnknownName(self.kind, name, [*self.names(), *sorted(offered)])
        return cast(Plugin, offered[name].load())

    def builtin(self, name: str) -> Plugin:
        """Return a plug-in of this folder only: safe for names read from a file.

        Raises:
            UnknownName: no such plug-in.
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


def _nodes(path: str) -> list[Any]:
    import ast

    with open(path, encoding="utf-8") as source:
        return list(ast.walk(ast.parse(source.read())))


def _imported_nodes(
    nodes: Iterable[Any], names: Collection[str], package: str
) -> list[Any]:
    """Return the nodes of the files of a package from which names are imported."""
    import ast

    return [
        inner
        for node in nodes
        if isinstance(node, ast.ImportFrom) and (module := node.module or "")
        if module.startswith(f"{package}.") and {n.name for n in node.names} & {*names}
        if (spec := find_spec(module)) and spec.origin  # imports its folders only
        for inner in _nodes(spec.origin)
    ]


def indent_words(words: Iterable[str]) -> list[str]:
    """Return words as lines, indented to stay below a name of the help."""
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
