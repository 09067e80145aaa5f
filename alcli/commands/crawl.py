"""Fetch records from the web, politely, into a file that grows.

Memory: 24 bytes per record.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

import click

from alcli.cli import options
from alcli.core.errors import UsageError
from alcli.data.sources import sources

if TYPE_CHECKING:
    from alcli.core.jsonl import Record
    from alcli.data.crawler import CrawlPolicy
    from alcli.data.crawler.frontier import Frontier
    from alcli.data.sources import Page


def crawl(
    source: str | Callable[..., Iterable[Page]],
    *targets: str,
    known: Iterable[str] = (),
    limit: int | None = None,
    delay: float = 1.0,
    concurrency: int = 1,
    timeout: float = 30.0,
    retries: int = 5,
    contact: str = "",
    **params: Any,
) -> Iterator[Record]:
    """Yield the records that a source has on some targets, as they come.

    source: a name, or a function like those in `alcli/data/sources`. known: ids that
    are not yielded again. limit: how many ids there shall be in the end, with the known
    ones. delay, timeout: seconds. contact: an address for the server's owner. params:
    those of the source. Scrapy runs in a process of its own, which ends with the
    iterator.

    Raises:
        UsageError: the source does not know such a target or parameter.
        SurroundingsError: after the last record, if pages could not be had.
        MissingExtra: Scrapy is not installed.
    """
    from alcli.core.ids import IdSet
    from alcli.data.crawler import CrawlPolicy

    pages = _pages(sources.get(source) if isinstance(source, str) else source)
    policy = CrawlPolicy(delay, concurrency, timeout, retries, contact)
    frontier, batches = _crawl(pages(targets, params), IdSet(known), limit, policy)

    def records() -> Iterator[Record]:
        for batch in batches:
            yield from batch
        frontier.raise_failures()

    return records()


@options.command("crawl", epilog=sources.summaries())
@click.argument("source", type=options.PluginName(sources))
@click.argument("targets", metavar="TARGET...", nargs=-1, required=True)
@click.option(
    "--append",
    "target",
    required=True,
    type=options.OUTPUT,
    help="Where records are added; what it has already is passed over.",
)
@click.option(
    "--max",
    "limit",
    type=click.IntRange(min=1),
    metavar="N",
    help="Stop when FILE has N records.",
)
@click.option(
    "--delay",
    type=click.FloatRange(min=0),
    default=1.0,
    show_default=True,
    metavar="SECONDS",
    help="Between two requests, at least; more if the server is slow.",
)
@click.option(
    "--concurrency",
    type=click.IntRange(1, 16),
    default=1,
    show_default=True,
    metavar="N",
    help="Requests under way at a time.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    default=30.0,
    show_default=True,
    metavar="SECONDS",
    help="How long to wait for an answer.",
)
@click.option(
    "--retries",
    type=click.IntRange(min=0),
    default=5,
    show_default=True,
    metavar="N",
    help="Of a page, each after a wait twice as long.",
)
@click.option(
    "--contact",
    default="",
    metavar="ADDRESS",
    help="A page or mail address, for the owner of the server.",
)
@options.params
def command(
    source: str,
    targets: tuple[str, ...],
    target: str,
    limit: int | None,
    params: tuple[str, ...],
    **policy: Any,
) -> None:
    """Fetch records from the web, politely, and append them to a file.

    SOURCE is a name from below, and TARGET what it fetches: for digikala a product's
    number or address, or category:SLUG; for feed and json-api an address, such as

    \b
      alcli crawl json-api 'https://example.com/reviews?page={page}' \\
        --set items=data.reviews --set text=body --set last=data.pages \\
        --set fields=rate=score.value,created_at --append raw.jsonl

    robots.txt is obeyed, also its Crawl-delay. What FILE has is known by its ids, so
    the command may be killed and started again at any time: it walks the pages again,
    and adds what is new. A list of several pages is walked until a walk brings nothing
    new, since items move from page to page. Only the hosts that are named are asked.
    Status 5: pages could not be had; what was fetched is kept.
    Memory: 24 bytes per record.
    """
    import os

    import msgspec

    from alcli.core.files import appending
    from alcli.core.ids import IdSet, read_ids
    from alcli.core.params import defaults, parse
    from alcli.core.report import log, progress
    from alcli.data.crawler import CrawlPolicy

    plugin = sources.get(source)
    pages = _pages(plugin)(targets, parse(params, defaults(plugin)))
    report = options.report()
    with appending(target) as append:  # locked first, then read
        report.input(target)
        seen = read_ids([target]) if os.path.isfile(target) else IdSet()
        frontier, batches = _crawl(pages, seen, limit, CrawlPolicy(**policy))
        with progress(total=limit) as tell:
            tell(len(seen))
            for batch in batches:
                append(map(msgspec.json.encode, batch))
                report.count({"written": len(batch)})
                tell(len(batch), f"{frontier.pages} pages")
    written = report.counts["written"]
    known = frontier.read - written
    report.count(
        {"read": frontier.read, "seen before": known, "page gone": frontier.not_found}
    )
    log.info("%s; %s pages", report.summary(), f"{frontier.pages:,}")
    frontier.raise_failures()


def _pages(plugin: Callable[..., Iterable[Page]]) -> Callable[..., list[Page]]:
    def first(targets: Iterable[str], params: dict[str, Any]) -> list[Page]:
        from alcli.data.crawler import site

        found = [page for target in targets for page in plugin(target, **params)]
        for page in found:
            if site(page.url) is None:
                raise UsageError(
                    f"{page.url!r}: expected an address with http:// or https://, "
                    "and no password in it"
                )
        return found

    return first


def _crawl(
    pages: list[Page], seen: Any, limit: int | None, policy: CrawlPolicy
) -> tuple[Frontier, Iterator[list[Record]]]:
    """Return a walk, and the new records of each page that it comes to."""
    from alcli.data.crawler.fetcher import Fetcher
    from alcli.data.crawler.frontier import Frontier

    frontier = Frontier(pages, seen, limit=limit, retries=policy.retries)
    fetcher = Fetcher([page.url for page in pages], policy)

    def batches() -> Iterator[list[Record]]:
        if frontier.remaining > 0:
            with fetcher:
                yield from frontier.crawl(fetcher, policy.concurrency)

    return frontier, batches()
