"""`quillmate status`: shows the figures of a running bot, as they change."""

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

# Interval of refreshes, and the period that live figures cover.
_REFRESH_SECONDS, _WINDOW_SECONDS = 2.0, 60.0
_TIMEOUT_SECONDS = 5.0
_NO_ADDRESS = (
    "No address is set. Set QUILLMATE_WATCH_LISTEN, such as 127.0.0.1:9100, for the bot and here, or pass --url."
)
_NO_ANSWER = "Nothing answers at {url}. Start the bot with QUILLMATE_WATCH_LISTEN set to that address, or pass another with --url."
_NOT_QUILLMATE = "The server at {url} is not Quillmate. Pass the address in QUILLMATE_WATCH_LISTEN with --url."

# Values by name and labels.
Samples = Mapping[tuple[str, tuple[tuple[str, str], ...]], float]


@dataclass(frozen=True, slots=True)
class StatusSample:
    """The metrics of a bot at a point in time, in seconds since the epoch."""

    taken_at: float
    samples: Samples
    ready: Mapping[str, Any]

    def sum_values(self, name: str) -> float:
        """Sum the values of a sample over all labels."""
        return sum(value for (found, _), value in self.samples.items() if found == name)

    def group_by(self, name: str, label: str) -> dict[str, float]:
        """Group the values of a sample by one of its labels."""
        found: dict[str, float] = {}
        for (known, labels), value in self.samples.items():
            if known == name and label in dict(labels):
                found[dict(labels)[label]] = found.get(dict(labels)[label], 0.0) + value
        return found


@dataclass(frozen=True, slots=True)
class StatusFigures:
    """The figures shown for a sample; counts are since the sample `before`, or since the bot's start if None."""

    sample: StatusSample
    before: StatusSample | None = None

    @property
    def minutes(self) -> float:
        """The duration that the counts cover."""
        start_time = (
            self.before.taken_at
            if self.before
            else self.sample.sum_values("process_start_time_seconds") or self.sample.taken_at
        )
        return max(self.sample.taken_at - start_time, 1.0) / 60

    def count_since(self, name: str, label: str) -> dict[str, float]:
        """Return the increase of a counter by label; after a reset it counts from zero."""
        before = self.before.group_by(name, label) if self.before else {}
        values = {one: (one, value, before.get(one, 0.0)) for one, value in self.sample.group_by(name, label).items()}
        return {one: value - was if value >= was else value for one, value, was in values.values()}

    def estimate_quantile(self, share: float) -> float | None:
        """Estimate the seconds within which a share of the requests ended, from the buckets; None if none has ended."""
        buckets = sorted((float(bound), count) for bound, count in self.count_since(_get_bucket_name(), "le").items())
        count = buckets[-1][1] if buckets else 0.0
        low, under = 0.0, 0.0
        for bound, upto in buckets:
            if count and upto >= share * count:
                inside = (share * count - under) / (upto - under) if upto > under else 1.0
                return low if math.isinf(bound) else low + (bound - low) * inside
            low, under = bound, upto
        return None

    def to_json(self) -> dict[str, Any]:
        """Return JSON-compatible data."""
        sample, name = self.sample, {one: one.name for one in metrics.ALL}
        costs = sample.group_by(name[metrics.COST], "engine")
        return {
            "ready": dict(sample.ready),
            "version": next(iter(sample.group_by(name[metrics.BUILD], "version")), ""),
            "minutes": round(self.minutes, 2),
            "requests_a_minute": {
                one: round(count / self.minutes, 3)
                for one, count in self.count_since(name[metrics.REQUESTS], "outcome").items()
            },
            "running": int(sample.sum_values(name[metrics.RUNNING])),
            "waiting": int(sample.sum_values(name[metrics.WAITING])),
            "longest_seconds": round(sample.sum_values(name[metrics.LONGEST_SECONDS]), 1),
            "seconds": {"p50": self.estimate_quantile(0.5), "p95": self.estimate_quantile(0.95)},
            "tokens": {one: int(count) for one, count in self.count_since(name[metrics.TOKENS], "direction").items()},
            "cost": {one: round(cost, 6) for one, cost in self.count_since(name[metrics.COST], "currency").items()}
            if costs
            else {},
            "rate_limited": int(sum(self.count_since(name[metrics.RATE_LIMITED], "scope").values())),
            "lease_seconds": round(sample.sum_values(name[metrics.LEASE_SECONDS]), 1),
            "paused": bool(sample.sum_values(name[metrics.PAUSED])),
        }


def _get_bucket_name() -> str:
    return f"{metrics.REQUEST_SECONDS.name}_bucket"


async def show_status(address: str, *, live: bool, as_json: bool) -> None:
    """Print the figures of a bot; `live` refreshes them until interrupted, on a terminal.

    Raises:
        SettingsError: no address is set, or no bot answers there.
    """
    if not address:
        raise SettingsError(_NO_ADDRESS)
    url, console = _build_url(address), Console()
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_TIMEOUT_SECONDS)) as session:
        first = await _fetch_sample(session, url)
        if as_json:
            print(json.dumps(StatusFigures(first).to_json()))
        elif not live or not console.is_terminal:
            console.print(_render(StatusFigures(first)))
        else:
            await _watch_live(session, url, first, console)


async def _watch_live(session: aiohttp.ClientSession, url: str, first: StatusSample, console: Console) -> None:
    recent_samples = deque([first])
    with Live(_render(StatusFigures(first)), console=console, auto_refresh=False) as live:
        while True:
            await asyncio.sleep(_REFRESH_SECONDS)
            try:
                recent_samples.append(await _fetch_sample(session, url))
            except SettingsError as error:
                live.update(Text(str(error), style="red"), refresh=True)
                continue
            while recent_samples[-1].taken_at - recent_samples[0].taken_at > _WINDOW_SECONDS:
                recent_samples.popleft()
            live.update(
                _render(StatusFigures(recent_samples[-1], recent_samples[0] if len(recent_samples) > 1 else None)),
                refresh=True,
            )


async def _fetch_sample(session: aiohttp.ClientSession, url: str) -> StatusSample:
    from prometheus_client.parser import text_string_to_metric_families

    try:
        async with session.get(f"{url}/metrics") as answer:
            text = await answer.text()
        async with session.get(f"{url}/readyz") as answer:
            ready = await answer.json()
    except (aiohttp.ClientConnectionError, TimeoutError) as error:
        raise SettingsError(_NO_ANSWER.format(url=url)) from error
    except (aiohttp.ClientError, ValueError) as error:
        raise SettingsError(_NOT_QUILLMATE.format(url=url)) from error
    try:
        samples = {
            (one.name, tuple(sorted(one.labels.items()))): one.value
            for family in text_string_to_metric_families(text)
            for one in family.samples
        }
    except (ValueError, KeyError, IndexError) as error:
        raise SettingsError(_NOT_QUILLMATE.format(url=url)) from error
    sample = StatusSample(time.time(), samples, ready if isinstance(ready, dict) else {})
    if not sample.group_by(metrics.BUILD.name, "version"):
        raise SettingsError(_NOT_QUILLMATE.format(url=url))
    return sample


def _build_url(address: str) -> str:
    """Build the URL to ask; a wildcard address is asked on the loopback interface."""
    if "://" in address:
        return address.rstrip("/")
    host, _, port = address.rpartition(":")
    own = {"0.0.0.0": "127.0.0.1", "[::]": "[::1]"}  # noqa: S104 - compared, not bound
    return f"http://{own.get(host, host)}:{port}"


def _render(figures: StatusFigures) -> Group:
    found = figures.to_json()
    of = f"last {figures.minutes * 60:.0f} s" if figures.before else f"since its start, {figures.minutes:,.0f} min ago"
    table = Table.grid(padding=(0, 2))
    for label, value_text in _render_rows(found):
        table.add_row(Text(label, style="dim"), value_text)
    return Group(Text(f"Quillmate {found['version']}, {of}", style="bold"), table)


def _render_rows(found: Mapping[str, Any]) -> Sequence[tuple[str, Text]]:
    failed_checks = [name for name, well in found["ready"].items() if not well and name != "ready"]
    state = Text("ready", "green") if not failed_checks else Text(f"not ready: {', '.join(failed_checks)}", "red")
    if found["paused"]:
        state.append("; paused, accepts no requests", "yellow")
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
