"""The floor of every command: an interpreter that imports click."""

import click  # noqa: F401
