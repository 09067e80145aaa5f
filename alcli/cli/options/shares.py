"""Shares between 0 and 1, one for all or one for each."""

from __future__ import annotations

from typing import Any

import click


class Shares(click.ParamType[float | tuple[float, ...]]):
    """One share in [0, 1], or several with commas between them."""

    name = "SHARE"

    def convert(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> float | tuple[float, ...]:
        """Return the number, or the numbers."""
        one: click.ParamType[Any] = click.FloatRange(0, 1)
        shares = tuple(one.convert(text, param, ctx) for text in value.split(","))
        return shares if len(shares) > 1 else shares[0]
