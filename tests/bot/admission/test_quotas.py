"""Quotas reckoned: never more than a hard one gives, and each note once, whatever is asked for in which order."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.admission.quotas import (
    Quota,
    QuotaError,
    QuotaNotification,
    build_notifications,
    compute_period_end,
    compute_usages,
    raise_if_exceeded,
    select_applicable,
)
from storage.usage import Amounts

NOW = datetime(2026, 11, 27, 13, 0, tzinfo=UTC)
MOSTS = st.integers(1, 60)


def build_quota(
    most: int,
    *,
    whose: str = "person",
    measure: str = "requests",
    hard: bool = True,
    role_id: str = "",
    per: str = "day",
):
    return Quota.model_validate(
        {"whose": whose, "measure": measure, "per": per, "most": most, "hard": hard, "role_id": role_id}
    )


class Requester:
    """A requester who makes one request after another; the usage of each is counted before the next."""

    def __init__(self, *quotas: Quota) -> None:
        self.quotas, self.used, self.told = quotas, Amounts(), Counter[str]()

    def ask(self, count: int = 1, tokens: int = 10, ahead: int = 0) -> bool:
        """Return whether a request is accepted."""
        spent = {(who, per): self.used for who in ("person", "server") for per in ("day", "month")}
        found = compute_usages(self.quotas, spent, NOW, {"person": ahead, "server": ahead})
        try:
            raise_if_exceeded(found, count, "USD")
        except QuotaError:
            return False
        for one in build_notifications(found, count, "USD"):
            self._tell(one)
        self.used = Amounts(self.used.requests + count, self.used.tokens + tokens, self.used.money + tokens)
        return True

    def _tell(self, note: QuotaNotification) -> None:
        if not self.told[note.name]:
            self.told[note.name] += 1


@given(most=MOSTS, counts=st.lists(st.integers(1, 7), max_size=80), ahead=st.integers(0, 5))
def test_a_hard_request_quota_is_never_exceeded(most: int, counts: list[int], ahead: int) -> None:
    requester = Requester(build_quota(most))
    for count in counts:
        taken = requester.ask(count, ahead=ahead)
        assert requester.used.requests + (ahead if taken else 0) <= most
    if sum(counts) + ahead * len(counts) <= most:
        assert requester.used.requests == sum(counts), "and nothing is refused that fits"


@given(most=st.integers(1, 500), tokens=st.lists(st.integers(0, 90), max_size=80))
def test_a_hard_token_quota_refuses_requests_once_it_is_used_up(most: int, tokens: list[int]) -> None:
    requester = Requester(build_quota(most, measure="tokens"))
    for each in tokens:
        before = requester.used.tokens
        assert requester.ask(tokens=each) == (before < most)
    assert requester.used.tokens < most + 90


@given(most=MOSTS, counts=st.lists(st.integers(1, 7), max_size=80))
def test_a_soft_quota_only_notifies_once_per_threshold(most: int, counts: list[int]) -> None:
    requester = Requester(build_quota(most, hard=False))
    assert all(requester.ask(count) for count in counts)
    shares = sorted(name.split("/")[-2] for name in requester.told)
    assert set(requester.told.values()) <= {1}
    assert ("100" in shares) == (sum(counts) >= most)
    assert len(shares) <= 2
    assert bool(shares) == (100 * sum(counts) >= 80 * most)


def test_role_quotas_outrank_general_ones_and_the_largest_applies() -> None:
    everybody, low, high = (
        build_quota(10),
        build_quota(5, whose="role", role_id="1"),
        build_quota(20, whose="role", role_id="2"),
    )
    server, monthly = build_quota(50, whose="server"), build_quota(99, per="month")
    given_ = [everybody, low, high, server, monthly]
    assert select_applicable(given_, ()) == [everybody, server, monthly]
    assert select_applicable(given_, {"1"}) == [low, server, monthly]
    assert select_applicable(given_, {"1", "2"}) == [high, server, monthly]


@given(st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)))
def test_periods_end_at_midnight(now: datetime) -> None:
    day, month = compute_period_end("day", now), compute_period_end("month", now)
    assert timedelta(0) < day - now <= timedelta(days=1)
    assert (month.day, month.hour, month.minute) == (1, 0, 0)
    assert timedelta(0) < month - now <= timedelta(days=31)


def test_a_quota_error_says_when_it_resets() -> None:
    requester = Requester(build_quota(0 + 1), build_quota(1, per="month"))
    assert requester.ask()
    spent = {(who, per): requester.used for who in ("person", "server") for per in ("day", "month")}
    found = compute_usages(requester.quotas, spent, NOW, {"person": 0, "server": 0})
    december = int(datetime(2026, 12, 1, tzinfo=UTC).timestamp())
    with pytest.raises(QuotaError) as stopped:
        raise_if_exceeded(found, 1, "USD")
    assert str(stopped.value) == (
        f"You have used up what this server allows you: 1 request per month. You can ask again <t:{december}:R>."
    )
