"""Settings of `normalize` and `clean`."""

from __future__ import annotations

from dataclasses import dataclass

from alcli.core.errors import UsageError
from alcli.core.settings import seed_setting, setting


def _parse_join(text: str) -> tuple[str, ...]:
    return tuple(text.split(","))


def _parse_drop(text: str) -> frozenset[str]:
    return frozenset(kind for kind in text.split(",") if kind)


@dataclass(frozen=True)
class NormalisationSettings:
    """Settings of a text's way to tokens.

    Raises:
        UsageError: `join` has an empty or a repeated field, `id`, or `tokens`.
    """

    language: str = setting(
        "fa", metavar="NAME", help="Language: fa (Persian, by hazm) or any (Unicode)."
    )
    join: tuple[str, ...] = setting(
        ("text",),
        metavar="FIELDS",
        parse=_parse_join,
        show_default=False,
        help="Join several fields into one text, such as title,text.",
    )
    drop: frozenset[str] = setting(
        frozenset(),
        metavar="KINDS",
        parse=_parse_drop,
        show_default=False,
        help="Drop tokens: numbers, punctuation, or both with a comma.",
    )
    informal: bool = setting(False, help="Replace colloquial forms by formal ones.")
    lemmatize: bool = setting(False, help="Replace each token by its lemma.")

    def __post_init__(self) -> None:
        fields = self.join
        if {"id", "tokens", ""} & {*fields} or len({*fields}) < len(fields):
            raise UsageError(
                f"--join {','.join(fields)}: expected fields with text: title,text"
            )


@dataclass(frozen=True)
class CleaningSettings:
    """Limits that a record must keep.

    near_duplicates: Jaccard similarity of character trigrams, in (0, 1].
    """

    min_tokens: int = setting(
        0,
        metavar="N",
        minimum=0,
        show_default=False,
        help="Drop texts of fewer than N tokens.",
    )
    max_tokens: int | None = setting(
        None, metavar="N", minimum=0, help="Drop texts of more than N tokens."
    )
    script: str = setting(
        "any",
        metavar="NAME",
        help="Drop texts with more than half of their letters outside of a script: fa "
        "(Persian and Arabic), latin, any. Texts without letters (emoji) are kept.",
    )
    near_duplicates: float | None = setting(
        None,
        metavar="SHARE",
        help="Drop texts that share at least SHARE (such as 0.8) of their character "
        "trigrams with an earlier, kept text.",
    )
    seed: int = seed_setting()
