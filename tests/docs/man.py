"""Manual pages, in roff, from click's commands."""

import re
import textwrap
from collections.abc import Sequence

import click


def manual(
    name: str, summary: str, command: click.Command, others: Sequence[str]
) -> str:
    """Return the manual page of a command; others: names for SEE ALSO."""
    context = click.Context(command, info_name=f"alcli {name}")
    usage = " ".join(command.collect_usage_pieces(context))
    lines = [f'.TH "ALCLI-{name.upper()}" 1', ".SH NAME"]
    lines += [f"alcli\\-{escaped(name)} \\- {escaped(summary)}"]
    lines += [".SH SYNOPSIS", f".B alcli {escaped(name)}", escaped(usage)]
    lines += [".SH DESCRIPTION", *paragraphs(command.help or "")]
    lines += [".SH OPTIONS"]
    for parameter in command.get_params(context):
        record = parameter.get_help_record(context)
        if record and record[1]:
            lines += [".TP", f".B {escaped(record[0])}", escaped(record[1])]
    if command.epilog:
        lines += [".SH PLUG-INS", *paragraphs(command.epilog)]
    pages = [f"alcli\\-{escaped(other)}(1)" for other in others if other != name]
    return "\n".join([*lines, ".SH SEE ALSO", ", ".join(pages), ""])


def paragraphs(text: str) -> list[str]:
    """Return roff lines; a paragraph that is indented or has a \\b keeps its own."""
    first, _, rest = text.partition("\n")
    text = f"{first}\n{textwrap.dedent(rest)}"
    lines = []
    for paragraph in re.split(r"\n\s*\n", text.strip("\n")):
        kept = "\b" in paragraph or paragraph.startswith("  ")
        body = paragraph.replace("\b", "").strip("\n")
        if kept:
            lines += [".PP", ".nf", *map(escaped, body.split("\n")), ".fi"]
        else:
            lines += [".PP", escaped(" ".join(body.split()))]
    return lines


def escaped(text: str) -> str:
    """Return text as roff prints it: no escapes, no hyphens, no requests."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return f"\\&{text}" if text[:1] in (".", "'") else text
