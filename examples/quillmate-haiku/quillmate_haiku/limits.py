"""What a traditional haiku holds."""

from datetime import date

LIMITS = [
    {
        "place": "haiku",
        "field": "haiku",
        "unit": "lines",
        "max": 3,
        "source": "https://en.wikipedia.org/wiki/Haiku",
        "read": date(2026, 12, 1),
    }
]
