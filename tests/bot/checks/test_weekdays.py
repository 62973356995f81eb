"""Days of the week beside dates: those that do not fit, in ten languages, and those that must be left alone."""

from __future__ import annotations

from datetime import date

import pytest

from bot.checks.weekdays import misnamed_days, weekdays_near

# A Thursday; 8 March 2027 is a Monday.
TODAY = date(2026, 11, 26)


@pytest.mark.parametrize(
    ("language", "text", "repaired"),
    [
        ("en", "Saturday, 8 March 2027", "Monday, 8 March 2027"),
        ("en", "on SATURDAY, March 8, 2027", "on MONDAY, March 8, 2027"),
        ("en", "Sat 8 March 2027", "Mon 8 March 2027"),
        ("en", "Saturday the 8th of March", "Monday the 8th of March"),
        ("en", "Saturday (8 March)", "Monday (8 March)"),
        ("en", "8 March 2027 (Saturday)", "8 March 2027 (Monday)"),
        ("en", "2027-03-08 (Saturday)", "2027-03-08 (Monday)"),
        ("en", "Saturday, March 8th", "Monday, March 8th"),
        ("de", "am Samstag, dem 8. März", "am Montag, dem 8. März"),
        ("de", "Samstag, 8. März 2027", "Montag, 8. März 2027"),
        ("de", "Sa., 8.3.2027", "Mo., 8.3.2027"),
        ("fr", "le samedi 8 mars 2027", "le lundi 8 mars 2027"),
        ("fr", "samedi 1er mai 2026", "vendredi 1er mai 2026"),
        ("es", "el sábado 8 de marzo", "el lunes 8 de marzo"),
        ("es", "Sábado, 8 de marzo de 2027", "Lunes, 8 de marzo de 2027"),
        ("pt", "no sábado, 8 de março de 2027", "na segunda-feira, 8 de março de 2027"),
        ("pt", "na quinta, 8 de março", "na segunda, 8 de março"),
        ("it", "sabato 8 marzo 2027", "lunedì 8 marzo 2027"),
        ("it", "la domenica 8 marzo", "il lunedì 8 marzo"),
        ("id", "Sabtu, 8 Maret 2027", "Senin, 8 Maret 2027"),
        ("ar", "السبت ٨ مارس ٢٠٢٧", "الاثنين ٨ مارس ٢٠٢٧"),
        ("hi", "शनिवार, 8 मार्च 2027", "सोमवार, 8 मार्च 2027"),
        ("ja", "2027年3月8日（土曜日）", "2027年3月8日（月曜日）"),
        ("ja", "3月8日（土）", "3月8日（月）"),
    ],
)  # fmt: skip
def test_a_day_that_does_not_fit_is_named_anew(language: str, text: str, repaired: str) -> None:
    (found,) = misnamed_days(text, language, TODAY)
    assert text[found.start : found.end] == found.stated
    assert text[: found.start] + found.right + text[found.end :] == repaired
    assert misnamed_days(repaired, language, TODAY) == []


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Monday, 8 March 2027, and Monday 8 March"), ("en", "Mon–Fri, 1 March"), ("en", "every Saturday, 8 March to 26 April"),
        ("en", "Saturday and Sunday, 7 March"), ("en", "Thursday, 19 November we met"), ("en", "May 4 be with you on Sunday"),
        ("en", "Sunday morning, 8 to 10"), ("en", "on 8 March. Saturday is free"), ("en", "Tuesday, 14 October 1066"),
        ("en", "Friday, 8 March 2024 and Saturday, 29 February 2020"), ("en", "Monday 8/3/2027 or Tuesday 8/3/2027"),
        ("en", "Saturday 31 February"), ("de", "So 8. März wird es"), ("de", "Sa 8.30 Uhr"),
        ("de", "Montag, 8. März, Mo., 8.3.2027"),
        ("de", "von Montag bis Freitag, 7. März"), ("fr", "lundi 8 mars 2027"), ("fr", "chaque samedi, 8 mars"),
        ("es", "el lunes 8 de marzo"),
        ("es", "sábados y domingos, 8 de marzo"), ("pt", "na segunda-feira, 8 de março de 2027"), ("pt", "segunda, 8 de março"),
        ("it", "lunedì 8 marzo"), ("ja", "2027年3月8日（月曜日）、3月8日（月）"), ("id", "Senin, 8 Maret"),
        ("fr", "Le musée est fermé le mardi, le 25 décembre 2026 et le 1er janvier."),
    ],
)  # fmt: skip
def test_what_fits_or_is_none_is_left_alone(language: str, text: str) -> None:
    assert misnamed_days(text, language, TODAY) == []


def test_the_year_is_the_briefs_else_the_next_that_comes() -> None:
    # 8 March 2028 is a Wednesday.
    assert misnamed_days("Wednesday, 8 March", "en", TODAY, "our programme of 2028") == []
    assert [one.right for one in misnamed_days("Tuesday, 8 March", "en", TODAY, "our programme of 2028")] == [
        "Wednesday"
    ]
    assert [one.right for one in misnamed_days("Wednesday, 8 March", "en", TODAY)] == ["Monday"]
    assert [one.right for one in misnamed_days("Wednesday, 8 March", "en", TODAY, "our programme of 1998")] == [
        "Monday"
    ]


def test_a_date_that_two_countries_read_in_two_ways_is_not_named_anew() -> None:
    (found,) = misnamed_days("Saturday 8/3/2027", "en", TODAY)
    assert found.right == ""


def test_a_weekday_near_a_number_is_found_whatever_stands_between() -> None:
    assert weekdays_near(
        "we open on Saturday, and that is the 8th of March; closed on the 28th, a Monday", "en", 8
    ) == {5}
    assert weekdays_near("am Sa. (8.3.)", "de", 8) == {5}
    assert weekdays_near("we open on the 8th", "en", 8) == set()


def test_a_day_that_the_brief_names_beside_a_date_goes_before_the_calendar() -> None:
    (wrong,) = misnamed_days("Join us on Thursday, October 14.", "en", date(2026, 11, 26), "math night, Wed Oct 14")
    assert (wrong.stated, wrong.right) == ("Thursday", "Wednesday")
