"""Formatting quotas and parsing an owner's choices, for /quota, /setup and /settings."""

from __future__ import annotations

from bot.admission.prices import MICRO
from bot.admission.quotas import MAX_LIMIT, MEASURES, PERIOD_LABELS, PERIODS, Quota, format_amount
from bot.errors import RefusedError
from bot.locales import localize, translate

MEASURE_NAMES = {"requests": "Requests", "tokens": "Tokens", "money": "Money"}
WAYS = {"hard": "Stop at the limit", "soft": "Warn only"}
WHOSE = {"person": "Each person", "server": "The server"}
# The maximum that can be typed; money is stored in millionths.
MAX_AMOUNT = 1_000_000_000
_NOT_WHOLE = "A quota of requests or tokens has to be a whole number, so {most} does not work. Give a whole number, or 0 for no limit."
_TOO_SMALL = "That amount is too small to count. Give a larger one, or 0 for no limit."
_TOO_LARGE = "A quota in money is at most {most:,}. Give a smaller amount, or 0 for no limit."
_ROLE_AND_SERVER = "Choose either a Discord role or the whole server, not both."


def parse_quota(
    measure: str, per: str, maximum: float, *, role_id: str = "", together: bool = False, hard: bool = True
) -> Quota:
    """Build a quota from an owner's choices; `maximum` is in units of the currency if `measure` is money.

    Raises:
        RefusedError: the quota is both for a role and shared, the number of requests or tokens is not whole, or the amount is too
            small or too large.
    """
    if role_id and together:
        raise RefusedError(_ROLE_AND_SERVER)
    if measure != "money" and maximum != int(maximum):
        raise RefusedError(_NOT_WHOLE, most=f"{maximum:.12g}")
    if 0 < maximum * MICRO < 1:
        raise RefusedError(_TOO_SMALL)
    if measure == "money" and maximum * MICRO > MAX_LIMIT:
        raise RefusedError(_TOO_LARGE, most=MAX_LIMIT // MICRO)
    return Quota.model_validate(
        {
            "whose": "server" if together else "role" if role_id else "person",
            "measure": measure,
            "per": per,
            "most": round(maximum * MICRO) if measure == "money" else round(maximum),
            "hard": hard,
            "role_id": role_id,
        }
    )


def list_measure_options(locale: str) -> list[tuple[str, str]]:
    """Return each combination of measure and period as a menu value, with its label."""
    return [
        (f"{measure}:{per}", f"{translate(MEASURE_NAMES[measure], locale)} {translate(PERIOD_LABELS[per], locale)}")
        for measure in MEASURES
        for per in PERIODS
    ]


def format_quota(quota: Quota, currency: str, locale: str, role: str = "") -> str:
    """Format a quota: its subject, its maximum, and the effect of exceeding it. A role is shown by its name `role`, or as a
    mention if the name is empty.
    """
    subject = (role or f"<@&{quota.role_id}>") if quota.role_id else translate(WHOSE[quota.whose], locale)
    consequence = translate(WAYS["hard" if quota.hard else "soft"], locale)
    amount = localize(format_amount(quota.measure, quota.most, currency), locale)
    return f"{subject}: {amount} {translate(PERIOD_LABELS[quota.per], locale)} · {consequence}"
