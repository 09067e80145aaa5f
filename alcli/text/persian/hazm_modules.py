"""Door to hazm: its modules one by one, without the packages that it loads beside them.

`import hazm` runs the whole of it, and of NLTK: scikit-learn, spaCy, gensim, pandas,
two seconds and 300 MB for taggers and corpora. The modules here need none of them. So
they are imported while empty packages stand in `sys.modules` for hazm and NLTK; then
the packages that stood there before, if any, are put back. These modules are copies of
our own: another `import hazm` in the process gets the whole one, before or after.
"""

from __future__ import annotations

import sys
import threading
from functools import cache
from importlib import import_module
from importlib.util import find_spec, module_from_spec
from types import ModuleType

_PACKAGES = ("hazm", "nltk")
_NLTK = {  # base classes without code, of which hazm's inherit
    "nltk": (),
    "nltk.stem": (),
    "nltk.stem.api": ("StemmerI",),
    "nltk.tokenize": (),
    "nltk.tokenize.api": ("TokenizerI",),
}
_LOCK = threading.RLock()
_loaded: dict[str, ModuleType] = {}


@cache
def hazm_module(name: str) -> ModuleType:
    """Import a module of hazm, such as `constants`, and those that it imports.

    Raises:
        ImportError: hazm is not installed.
    """
    with _LOCK:
        others = _take_modules()
        sys.modules.update(_loaded or _empty_packages())
        try:
            return import_module(f"hazm.{name}")
        finally:
            _loaded.update(_take_modules())
            sys.modules.update(others)


def _take_modules() -> dict[str, ModuleType]:
    """Remove the modules of hazm and NLTK from `sys.modules`, and return them."""
    names = [name for name in sys.modules if name.partition(".")[0] in _PACKAGES]
    return {name: sys.modules.pop(name) for name in names}


def _empty_packages() -> dict[str, ModuleType]:
    """Return hazm with its path, and NLTK without code."""
    spec = find_spec("hazm")
    if spec is None:
        raise ModuleNotFoundError("No module named 'hazm'", name="hazm")
    made = {"hazm": module_from_spec(spec)}
    for name, classes in _NLTK.items():
        made[name] = ModuleType(name)
        made[name].__path__ = []
        for kind in classes:
            setattr(made[name], kind, type(kind, (), {}))
    return made
