"""Mean KL divergence of members from their mean: `bald` (McCallum & Nigam, 1998)."""

from alcli.query.signals import signals

kl = signals.builtin("bald")
