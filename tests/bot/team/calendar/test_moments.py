"""Times in words, as people of five languages write them, and what is refused with a sentence that says what to do."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.errors import RefusedError
from bot.team.calendar.moments import parse_time
from bot.team.calendar.recurrence import to_instant

# A Wednesday, noon in Berlin.
NOW = datetime(2026, 10, 14, 10, 0, tzinfo=UTC)
WEEKDAYS = "FREQ=WEEKLY;WKST=MO;BYDAY=MO,TU,WE,TH,FR"
MONDAYS = "FREQ=WEEKLY;WKST=MO;BYDAY=MO"

READ = [
    ("en", "tomorrow 9am", "2026-10-15 09:00", ""),
    ("en", "December 24th, 6 pm", "2026-12-24 18:00", ""),
    ("en", "Monday 8:00", "2026-10-19 08:00", ""),
    ("en", "Wednesday 14:00", "2026-10-14 14:00", ""),
    ("en", "wed 8:00", "2026-10-21 08:00", ""),
    ("en", "next Tuesday 14:00", "2026-10-20 14:00", ""),
    ("en", "next week Monday 9am", "2026-10-19 09:00", ""),
    ("en", "tonight 8pm", "2026-10-14 20:00", ""),
    ("en", "noon tomorrow", "2026-10-15 12:00", ""),
    ("en", "in 20 minutes", "2026-10-14 12:20", ""),
    ("en", "in 3 days at 9pm", "2026-10-17 21:00", ""),
    ("en", "3 August 10:00", "2027-08-03 10:00", ""),
    ("en-GB", "03/04 10:00", "2027-04-03 10:00", ""),
    ("en", "every Monday 8:00", "2026-10-19 08:00", MONDAYS),
    ("en", "weekdays 9am", "2026-10-15 09:00", WEEKDAYS),
    ("en", "every other friday 9:30", "2026-10-16 09:30", "FREQ=WEEKLY;INTERVAL=2;WKST=MO;BYDAY=FR"),
    ("en", "every month on the 31st at 9:00", "2026-10-31 09:00", "FREQ=MONTHLY;BYMONTHDAY=28,29,30,31;BYSETPOS=-1"),
    ("de", "nächsten Di 14:00", "2026-10-20 14:00", ""),
    ("de", "morgen früh um 8", "2026-10-15 08:00", ""),
    ("de", "am 24.12.2026 um 18.30 Uhr", "2026-12-24 18:30", ""),
    ("de", "montags um 9 Uhr", "2026-10-19 09:00", MONDAYS),
    ("de", "werktags 9:00", "2026-10-15 09:00", WEEKDAYS),
    ("de", "jeden Monat am 15. um 10 Uhr", "2026-10-15 10:00", "FREQ=MONTHLY;BYMONTHDAY=15"),
    ("es-ES", "el viernes a las 10", "2026-10-16 10:00", ""),
    ("es-ES", "mañana a las 5 de la tarde", "2026-10-15 17:00", ""),
    ("es-ES", "pasado mañana 10:00", "2026-10-16 10:00", ""),
    ("es-ES", "todos los lunes a las 8", "2026-10-19 08:00", MONDAYS),
    ("fr", "demain 18h30", "2026-10-15 18:30", ""),
    ("fr", "vendredi prochain 10h", "2026-10-16 10:00", ""),
    ("fr", "tous les lundis à 8h", "2026-10-19 08:00", MONDAYS),
    ("fr", "le 24 décembre à 18h", "2026-12-24 18:00", ""),
    ("en", "Mondays 9:00", "2026-10-19 09:00", MONDAYS),
    ("es-ES", "los miércoles y sábados 9:00", "2026-10-17 09:00", "FREQ=WEEKLY;WKST=MO;BYDAY=WE,SA"),
    ("fr", "les lundis à 9h", "2026-10-19 09:00", MONDAYS),
    ("pt-BR", "aos sábados às 9h", "2026-10-17 09:00", "FREQ=WEEKLY;WKST=MO;BYDAY=SA"),
    ("pt-BR", "às segundas-feiras 9:00", "2026-10-19 09:00", MONDAYS),
    ("pt-BR", "sexta-feira às 14h", "2026-10-16 14:00", ""),
    ("pt-BR", "daqui a 2 horas", "2026-10-14 14:00", ""),
    ("pt-BR", "toda segunda 8:00", "2026-10-19 08:00", MONDAYS),
    # Hours in words.
    ("en", "friday at quarter to 5 pm", "2026-10-16 16:45", ""),
    ("en", "monday at seven in the evening", "2026-10-19 19:00", ""),
    ("en", "half past eight in the morning every Monday", "2026-10-19 08:30", MONDAYS),
    ("en", "in half an hour", "2026-10-14 12:30", ""),
    ("de", "morgen um halb elf", "2026-10-15 10:30", ""),
    ("de", "am Freitag um viertel vor fünf nachmittags", "2026-10-16 16:45", ""),
    ("de", "morgen um zehn", "2026-10-15 10:00", ""),
    ("de", "morgen um halb eins", "2026-10-15 12:30", ""),
    ("es-ES", "mañana a las diez y media", "2026-10-15 10:30", ""),
    ("es-ES", "el viernes a las nueve menos cuarto", "2026-10-16 08:45", ""),
    ("fr", "demain à dix heures et demie", "2026-10-15 10:30", ""),
    ("fr", "vendredi à neuf heures moins le quart", "2026-10-16 08:45", ""),
    ("pt-BR", "amanhã às dez e meia", "2026-10-15 10:30", ""),
    ("pt-BR", "sexta-feira às quinze para as duas da tarde", "2026-10-16 13:45", ""),
    # Words of another language than Discord is set to.
    ("en", "nächsten Di 14:00", "2026-10-20 14:00", ""),
    ("en", "el viernes a las 10", "2026-10-16 10:00", ""),
    ("de", "tomorrow 9am", "2026-10-15 09:00", ""),
]


@pytest.mark.parametrize(("locale", "words", "start", "rule"), READ, ids=[one[1] for one in READ])
def test_times_are_read_in_five_languages(locale: str, words: str, start: str, rule: str) -> None:
    when = parse_time(words, "Europe/Berlin", NOW, locale)
    assert (f"{when.start:%Y-%m-%d %H:%M}", when.rule, when.zone) == (start, rule, "Europe/Berlin")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("banana", 'I do not understand "banana" as a time.'),
        ("", "I do not understand"),
        ("x" * 3000, "I do not understand"),
        ("tomorrow", "Add the time of day, such as 14:00."),
        ("every Monday", "Add the time of day, such as 14:00."),
        ("tomorrow at 8", "8 could be in the morning or in the evening. Write 8am, 8pm"),
        ("tomorrow at half past ten", "10:30 could be in the morning or in the evening. Write 10:30am, 10:30pm"),
        ("tomorrow at ten", "10 could be in the morning or in the evening."),
        ("9 or 10am tomorrow", "That has more than one time of day. Write"),
        ("tomorrow midnight", "Midnight could be the beginning of that day or its end."),
        ("03/04 10:00", "03/04 could mean two different days."),
        ("today 9am", "That time has passed: 2026-10-14 09:00. It is now 2026-10-14 12:00 (Europe/Berlin)."),
        ("yesterday 9am", "That time has passed: 2026-10-13 09:00."),
        ("Friday 24:00", "24:00 is 0:00 of the next day. Write 2026-10-17 0:00, or 23:59."),
        ("heute um 24 Uhr", "24:00 is 0:00 of the next day. Write 2026-10-15 0:00, or 23:59."),
        ("30 February 9am", "There is no 30 February. The day after the end of that month is 2027-03-01."),
        ("31.11. 9 Uhr", "There is no 31.11. The day after the end of that month is 2026-12-01."),
        ("2027-13-01 9am", "I do not understand"),
        ("Monday 16 October 9am", "2026-10-16 is another day of the week."),
        ("Sonntag, 24.12.2026 um 9 Uhr", "2026-12-24 is another day of the week."),
        ("every 0 weeks on monday 9am", "I can repeat posts every day,"),
        ("2027-02-29 9:00", "There is no 2027-02-29. The day after the end of that month is 2027-03-01."),
        ("2029-02-29 9:00", "There is no 2029-02-29. The day after the end of that month is 2029-03-01."),
        ("2020-12-24 18:00", "That time has passed:"),
        ("2040-01-01 10:00", "That is more than two years ahead."),
        ("9999-12-31 23:00 New York", "That is more than two years ahead."),
        ("9999-12-31 24:00", "I do not understand"),
        ("in 69890000 hours", "That is more than two years ahead."),
        ("0001-01-01 00:30", "That time has passed:"),
        ("every year on Dec 24 9am", "I can repeat posts every day,"),
        ("first Monday 9am", "I do not understand"),
        ("Di 25:00", "Add the time of day, such as 14:00."),
    ],
)
def test_past_ambiguous_and_unknown_times_are_refused_with_advice(words: str, said: str) -> None:
    with pytest.raises(RefusedError) as refused:
        parse_time(words, "Europe/Berlin", NOW, "en-US")
    assert str(refused.value).startswith(said)


@pytest.mark.parametrize(
    ("locale", "words", "start", "zone"),
    [
        ("en", "9am Berlin", "2026-10-15 09:00", "Europe/Berlin"),
        ("en", "tomorrow 9am Tokyo time", "2026-10-15 09:00", "Asia/Tokyo"),
        ("en", "today 14:00 New York", "2026-10-14 14:00", "America/New_York"),
        ("en", "tomorrow 9:00 UTC+2", "2026-10-15 09:00", "Etc/GMT-2"),
        ("en", "every Monday 8:00 (CET)", "2026-10-19 08:00", "Europe/Berlin"),
        ("en", "9am America/Sao_Paulo", "2026-10-14 09:00", "America/Sao_Paulo"),
        ("de", "morgen 9 Uhr Ortszeit Wien", "2026-10-15 09:00", "Europe/Vienna"),
        ("es", "mañana 9:00 hora de Ciudad de México", "2026-10-15 09:00", "America/Mexico_City"),
        ("fr", "demain 9h00 heure de Bruxelles", "2026-10-15 09:00", "Europe/Brussels"),
        ("pt", "amanhã 9:00 Lisboa", "2026-10-15 09:00", "Europe/Lisbon"),
    ],
)
def test_a_time_may_name_its_zone(locale: str, words: str, start: str, zone: str) -> None:
    when = parse_time(words, "Australia/Sydney", NOW, locale)
    assert (f"{when.start:%Y-%m-%d %H:%M}", when.zone) == (start, zone)


@pytest.mark.parametrize(
    ("now", "words", "instant"),
    [
        # The clocks of Berlin go back at 01:00 UTC from 3:00 to 2:00.
        ("2026-10-25T00:30", "in 1 hour", "2026-10-25T01:30"),
        ("2026-10-25T01:15", "in 10 minutes", "2026-10-25T01:25"),
        ("2026-10-24T23:30", "in 3 hours", "2026-10-25T02:30"),
        ("2026-10-24T23:30", "3 hours from now", "2026-10-25T02:30"),
        # They go forward at 01:00 UTC from 2:00 to 3:00.
        ("2027-03-28T00:30", "in 1 hour", "2027-03-28T01:30"),
        ("2027-03-28T00:30", "in 90 minutes", "2027-03-28T02:00"),
        # Days are those of the wall clock.
        ("2026-10-24T10:00", "in 2 days at 12:00", "2026-10-26T11:00"),
    ],
)
def test_a_duration_is_as_long_as_it_says_when_clocks_change(now: str, words: str, instant: str) -> None:
    when = parse_time(words, "Europe/Berlin", datetime.fromisoformat(now).replace(tzinfo=UTC))
    assert to_instant(when.start, when.tzinfo) == datetime.fromisoformat(instant).replace(tzinfo=UTC)


def test_the_same_words_are_a_different_instant_in_another_zone() -> None:
    assert parse_time("today 9:00", "America/New_York", NOW).start == datetime(2026, 10, 14, 9)
    assert parse_time("today 9pm", "Australia/Sydney", datetime(2026, 10, 14, 14, 0, tzinfo=UTC)).start.day == 15
