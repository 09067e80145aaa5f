"""Fetch records from the web, politely, into a file that grows.

Memory: 48 bytes per record.
"""

from __future__ import annotations

import click

from alcli.cli import options
from alcli.cli.options.settings import from_settings
from alcli.data.crawler import CrawlPolicy
from alcli.data.crawler.redaction import redact
from alcli.data.sources import sources


def _redact_report(
    _: click.Context, __: click.Parameter, targets: tuple[str, ...]
) -> tuple[str, ...]:
    report = options.report()
    report.arguments = [redact(argument) for argument in report.arguments]
    return targets


@options.command("crawl", epilog=sources.summaries())
@click.argument("source", type=options.PluginName(sources))
@click.argument(
    "targets",
    metavar="TARGET...",
    nargs=-1,
    required=True,
    is_eager=True,  # before an option is found to be wrong
    callback=_redact_report,
)
@click.option(
    "--append",
    "path",
    required=True,
    type=options.OUTPUT,
    help="File to append records to; records that it has are not appended again.",
)
@click.option(
    "--max",
    "limit",
    type=click.IntRange(min=1),
    metavar="N",
    help="Maximum number of records in FILE.",
)
@from_settings(CrawlPolicy, parameter="policy")
@options.params
def command(
    source: str,
    targets: tuple[str, ...],
    path: str,
    limit: int | None,
    params: tuple[str, ...],
    policy: CrawlPolicy,
) -> None:
    """Fetch records from the web, politely, and append them to a file.

    \b
      alcli crawl digikala category:mobile-phone --max 20000 --append raw.jsonl
      alcli crawl json-api 'https://example.com/reviews?page={page}' \\
        --set items=data.reviews --set text=body --set last=data.pages \\
        --set fields=rate=score.value,created_at --append raw.jsonl

    SOURCE is a name from the list below. TARGET is a URL, or another form that the
    list names.

    robots.txt is obeyed, including its Crawl-delay. Only the hosts of TARGETs are
    contacted. The command may be killed and run again at any time: it reads the pages
    again, and appends records whose id is not in FILE. A listing of several pages is
    read until a pass finds nothing new, because items move from page to page.
    Items that are no records, such as those without text, are left out and counted; a
    listing also ends after 20 pages in a row without anything new. Passwords and keys
    in URLs are not printed. Status 5: pages failed; fetched records are kept.
    Memory: 48 bytes per record.
    """
    from alcli.data.crawler.crawl import crawl_to_file

    crawl_to_file(
        source,
        targets,
        path,
        limit=limit,
        params=params,
        policy=policy,
        report=options.report(),
    )
