"""Mean KL divergence of members from their mean: `bald` (McCallum & Nigam, 1998)."""

from alcli.query.signals.bald import bald as kl

__all__ = ["kl"]
