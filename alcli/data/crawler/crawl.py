"""Crawl of a source into records, or into a file that resumes where it ended."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import msgspec

from alcli.core.errors import MissingExtra, UsageError
from alcli.core.files import appending
from alcli.core.ids import IdSet, read_ids
from alcli.core.jsonl import Record
from alcli.core.log import log, progress
from alcli.core.params import defaults, parse
from alcli.core.report import Report
from alcli.core.settings import split_settings
from alcli.data.crawler import CrawlPolicy, site
from alcli.data.crawler.frontier import Frontier
from alcli.data.crawler.redaction import redact
from alcli.data.sources import Page, sources

try:
    from alcli.data.crawler.fetcher import Fetcher
except ModuleNotFoundError as error:
    raise MissingExtra(str(error.name).partition(".")[0], "crawl") from error

type Source = Callable[..., Iterable[Page]]


def crawl(
    source: str | Source,
    *targets: str,
    known: Iterable[str] = (),
    limit: int | None = None,
    **settings: Any,
) -> Iterator[Record]:
    """Yield the new records of some targets, in the order in which pages arrive.

    source: a name, or a function like those in `alcli/data/sources`. known: ids of
    records to pass over. limit: maximum number of records, including the known ones.
    settings: fields of `CrawlPolicy` (delay, concurrency, timeout, retries, contact,
    token_variable), and parameters of the source.

    A thread downloads the pages; it ends with the iterator.

    Raises:
        UsageError: invalid target, parameter or setting.
        SurroundingsError: after the last record, if pages failed.
        MissingExtra: the extra `crawl` is not installed.
    """
    own, params = split_settings(CrawlPolicy, settings)
    plugin = sources.get(source) if isinstance(source, str) else source
    policy = CrawlPolicy(**own)
    starts = _first_pages(plugin, targets, params, policy)
    frontier, batches = _start(starts, IdSet(known), limit, policy)

    def records() -> Iterator[Record]:
        for batch in batches:
            yield from batch
        frontier.raise_failures()

    return records()


def crawl_to_file(
    source: str,
    targets: Sequence[str],
    path: str,
    *,
    limit: int | None,
    params: Sequence[str],
    policy: CrawlPolicy,
    report: Report,
) -> None:
    """Append the new records of some targets to a file; those it has are known.

    source: name of a source. limit: maximum number of records in the file. params:
    parameters of the source, as KEY=VALUE.

    Raises:
        UsageError: invalid target, parameter or setting.
        SurroundingsError: at the end, if pages failed; or the file cannot be written.
        MissingExtra: the extra `crawl` is not installed.
    """
    plugin = sources.get(source)
    starts = _first_pages(plugin, targets, parse(params, defaults(plugin)), policy)
    if _lacks_newline(path):  # `appending` would add one: is the file right otherwise?
        read_ids([path])
    with appending(path) as append:  # locked first, then read
        report.input(path)
        seen = read_ids([path]) if os.path.isfile(path) else IdSet()
        frontier, batches = _start(starts, seen, limit, policy)
        with progress(total=limit) as update:
            update(len(seen))
            for batch in batches:
                append(map(msgspec.json.encode, batch))
                report.count({"written": len(batch)})
                update(len(batch), f"{frontier.pages} pages")
    known = frontier.read - report.counts["written"]
    unreadable, gone = frontier.unreadable, frontier.not_found
    report.count({"read": frontier.read + unreadable, "seen before": known})
    report.count({"unreadable item": unreadable, "page gone": gone})
    log.info("%s; %s pages", report.summary(), f"{frontier.pages:,}")
    frontier.raise_failures()


def _lacks_newline(path: str) -> bool:
    if not os.path.isfile(path):
        return False
    try:
        with open(path, "rb") as file:
            file.seek(max(0, os.path.getsize(path) - 1))
            return file.read() not in (b"", b"\n")
    except OSError:
        return False  # `appending` says why


def _first_pages(
    source: Source, targets: Iterable[str], params: dict[str, Any], policy: CrawlPolicy
) -> list[Page]:
    try:
        starts = [page for target in targets for page in source(target, **params)]
    except UsageError as error:
        raise UsageError(redact(str(error))) from None
    for page in starts:
        if site(page.url) is None:
            raise UsageError(
                f"{redact(page.url)!r}: expected an address with http:// or https://, "
                "and no password in it"
            )
    if policy.token and len({site(page.url) for page in starts}) > 1:
        raise UsageError("--token-variable: expected targets on one host")
    return starts


def _start(
    starts: list[Page], seen: IdSet, limit: int | None, policy: CrawlPolicy
) -> tuple[Frontier, Iterator[list[Record]]]:
    """Return a frontier, and an iterator over the new records of each page."""
    frontier = Frontier(starts, seen, limit=limit, retries=policy.retries)
    fetcher = Fetcher([page.url for page in starts], policy)

    def batches() -> Iterator[list[Record]]:
        if frontier.remaining > 0:
            with fetcher:
                yield from frontier.crawl(fetcher, policy.concurrency)

    return frontier, batches()
