"""`quillmate status`: what a running bot tells of itself, as it changes."""

from __future__ import annotations

import asyncio
import json
import math
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import aiohttp
from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from bot.errors import SettingsError
from bot.runtime import metrics

# Looks are so far apart, and figures are of so long where somebody watches.
_EVERY_SECONDS, _SPAN_SECONDS = 2.0, 60.0
_PATIENCE_SECONDS = 5.0
_NONE = "No address is set. Set QUILLMATE_WATCH_LISTEN, such as 127.0.0.1:9100, for the bot and here, or name one with --url."
_NOTHING = "Nothing answers at {url}. Start the bot with QUILLMATE_WATCH_LISTEN set to that address, or name another with --url."
_OTHER = "What answers at {url} is no Quillmate. Name the address that QUILLMATE_WATCH_LISTEN has, with --url."

# Values by the name of a sample and its labels.
Samples = Mapping[tuple[str, tuple[tuple[str, str], ...]], float]


@dataclass(frozen=True, slots=True)
class Look:
    """What a bot told at a moment, in seconds since the epoch."""

    at: float
    samples: Samples
    ready: Mapping[str, Any]

    def total(self, name: str) -> float:
        """A sample's value, of all its labels together."""
        return sum(value for (found, _), value in self.samples.items() if found == name)

    def by(self, name: str, label: str) -> dict[str, float]:
        """A sample's values by one of its labels."""
        found: dict[str, float] = {}
        for (known, labels), value in self.samples.items():
            if known == name and label in dict(labels):
                found[dict(labels)[label]] = found.get(dict(labels)[label], 0.0) + value
        return found


@dataclass(frozen=True, slots=True)
class Figures:
    """What is shown of a look, with `minutes` that the counts are of; None where they are of all since the bot was started."""

    look: Look
    before: Look | None = None

    @property
    def minutes(self) -> float:
        """How long the counts are of."""
        begun = self.before.at if self.before else self.look.total("process_start_time_seconds") or self.look.at
        return max(self.look.at - begun, 1.0) / 60

    def since(self, name: str, label: str) -> dict[str, float]:
        """How much a counter has risen, by a label; one that begins anew has risen from zero."""
        before = self.before.by(name, label) if self.before else {}
        risen = {one: (one, value, before.get(one, 0.0)) for one, value in self.look.by(name, label).items()}
        return {one: value - was if value >= was else value for one, value, was in risen.values()}

    def quantile(self, share: float) -> float | None:
        """The seconds within which a share of the requests ended, as far as the buckets tell; None where none has ended."""
        buckets = sorted((float(bound), count) for bound, count in self.since(_bucket(), "le").items())
        count = buckets[-1][1] if buckets else 0.0
        low, under = 0.0, 0.0
        for bound, upto in buckets:
            if count and upto >= share * count:
                inside = (share * count - under) / (upto - under) if upto > under else 1.0
                return low if math.isinf(bound) else low + (bound - low) * inside
            low, under = bound, upto
        return None

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        look, name = self.look, {one: one.name for one in metrics.ALL}
        costs = look.by(name[metrics.COST], "engine")
        return {
            "ready": dict(look.ready),
            "version": next(iter(look.by(name[metrics.BUILD], "version")), ""),
            "minutes": round(self.minutes, 2),
            "requests_a_minute": {
                one: round(count / self.minutes, 3)
                for one, count in self.since(name[metrics.REQUESTS], "outcome").items()
            },
            "running": int(look.total(name[metrics.RUNNING])),
            "waiting": int(look.total(name[metrics.WAITING])),
            "longest_seconds": round(look.total(name[metrics.LONGEST_SECONDS]), 1),
            "seconds": {"p50": self.quantile(0.5), "p95": self.quantile(0.95)},
            "tokens": {one: int(count) for one, count in self.since(name[metrics.TOKENS], "direction").items()},
            "cost": {one: round(cost, 6) for one, cost in self.since(name[metrics.COST], "currency").items()}
            if costs
            else {},
            "rate_limited": int(sum(self.since(name[metrics.RATE_LIMITED], "scope").values())),
            "lease_seconds": round(look.total(name[metrics.LEASE_SECONDS]), 1),
            "paused": bool(look.total(name[metrics.PAUSED])),
        }


def _bucket() -> str:
    return f"{metrics.REQUEST_SECONDS.name}_bucket"


async def show(address: str, *, live: bool, as_json: bool) -> None:
    """Prints what a bot tells of itself; `live` goes on until it is broken off, where somebody watches.

    Raises:
        SettingsError: no address is set, or nothing answers there as a bot does.
    """
    if not address:
        raise SettingsError(_NONE)
    url, console = _url(address), Console()
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_PATIENCE_SECONDS)) as session:
        first = await _look(session, url)
        if as_json:
            print(json.dumps(Figures(first).to_json()))
        elif not live or not console.is_terminal:
            console.print(_shown(Figures(first)))
        else:
            await _watch(session, url, first, console)


async def _watch(session: aiohttp.ClientSession, url: str, first: Look, console: Console) -> None:
    looks = deque([first])
    with Live(_shown(Figures(first)), console=console, auto_refresh=False) as live:
        while True:
            await asyncio.sleep(_EVERY_SECONDS)
            try:
                looks.append(await _look(session, url))
            except SettingsError as error:
                live.update(Text(str(error), style="red"), refresh=True)
                continue
            while looks[-1].at - looks[0].at > _SPAN_SECONDS:
                looks.popleft()
            live.update(_shown(Figures(looks[-1], looks[0] if len(looks) > 1 else None)), refresh=True)


async def _look(session: aiohttp.ClientSession, url: str) -> Look:
    from prometheus_client.parser import text_string_to_metric_families

    try:
        async with session.get(f"{url}/metrics") as answer:
            text = await answer.text()
        async with session.get(f"{url}/readyz") as answer:
            ready = await answer.json()
    except (aiohttp.ClientConnectionError, TimeoutError) as error:
        raise SettingsError(_NOTHING.format(url=url)) from error
    except (aiohttp.ClientError, ValueError) as error:
        raise SettingsError(_OTHER.format(url=url)) from error
    try:
        samples = {
            (one.name, tuple(sorted(one.labels.items()))): one.value
            for family in text_string_to_metric_families(text)
            for one in family.samples
        }
    except (ValueError, KeyError, IndexError) as error:
        raise SettingsError(_OTHER.format(url=url)) from error
    look = Look(time.time(), samples, ready if isinstance(ready, dict) else {})
    if not look.by(metrics.BUILD.name, "version"):
        raise SettingsError(_OTHER.format(url=url))
    return look


def _url(address: str) -> str:
    """The address to ask: what is listened to at all addresses is asked at this machine's own."""
    if "://" in address:
        return address.rstrip("/")
    host, _, port = address.rpartition(":")
    own = {"0.0.0.0": "127.0.0.1", "[::]": "[::1]"}  # noqa: S104 - it is compared with, not bound
    return f"http://{own.get(host, host)}:{port}"


def _shown(figures: Figures) -> Group:
    found = figures.to_json()
    of = f"last {figures.minutes * 60:.0f} s" if figures.before else f"since its start, {figures.minutes:,.0f} min ago"
    table = Table.grid(padding=(0, 2))
    for label, told in _rows(found):
        table.add_row(Text(label, style="dim"), told)
    return Group(Text(f"Quillmate {found['version']}, {of}", style="bold"), table)


def _rows(found: Mapping[str, Any]) -> Sequence[tuple[str, Text]]:
    lacking = [name for name, well in found["ready"].items() if not well and name != "ready"]
    state = Text("ready", "green") if not lacking else Text(f"not ready: {', '.join(lacking)}", "red")
    if found["paused"]:
        state.append("; paused, takes nothing new", "yellow")
    rates = {one: rate for one, rate in found["requests_a_minute"].items() if rate}
    low, high = found["seconds"]["p50"], found["seconds"]["p95"]
    cost = ", ".join(f"{amount:,.4f} {currency}" for currency, amount in found["cost"].items())
    tokens = found["tokens"]
    return [
        ("state", state),
        (
            "requests a minute",
            Text(", ".join(f"{rate:,.2f} {one.replace('_', ' ')}" for one, rate in rates.items()) or "none"),
        ),
        (
            "running, waiting",
            Text(f"{found['running']}, {found['waiting']} (longest {found['longest_seconds']:,.0f} s)"),
        ),
        ("seconds, p50 / p95", Text("no request has ended" if low is None else f"{low:,.1f} / {high:,.1f}")),
        ("tokens read, written", Text(f"{tokens.get('read', 0):,}, {tokens.get('written', 0):,}")),
        ("cost", Text(cost or "none")),
        ("429s of Discord", Text(f"{found['rate_limited']:,}")),
        ("lease", Text(f"{found['lease_seconds']:,.0f} s left")),
    ]
