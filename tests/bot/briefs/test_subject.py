"""What of a brief is matter, what only orders its form or sound, and what it says of a portion of what it asks for."""

# ruff: noqa: E501 - a case is easier to read in a line
from __future__ import annotations

import pytest

from bot.briefs import brief_text, read_by_patterns
from bot.kinds import kind_named


@pytest.mark.parametrize(
    ("kind", "brief", "matter"),
    [
        ("email", "Mail to members: the library closes at noon on 5 June", "the library closes at noon on 5 June"),
        ("email", "Mail to members: we close on 5 June. 2 hashtags. No pity. Keep it short", "we close on 5 June."),
        ("social_post", "insta caption, our rye loaf is back (£4.20), 2 hashtags tops, keep it punchy", "our rye loaf is back (£4.20)"),
        ("social_post", "Our vet retires after 31 years. Don't let it sound like an obituary. Make it punchy!", "Our vet retires after 31 years."),
        ("social_post", "post about the studio visit on 3 December, tea and cake", "the studio visit on 3 December, tea and cake"),
        ("social_post", "insta: ab 1. Februar neue Gruppe, 9:30", "ab 1. Februar neue Gruppe, 9:30"),
        ("email", "Mail an die Mitglieder: Halle bleibt am 5. Juni zu. höchstens 80 Wörter, bloß nicht so steif", "Halle bleibt am 5. Juni zu."),
        ("email", "mail aux parents : sortie le 12 mars, départ 8h15. 100 mots max, ton simple", "sortie le 12 mars, départ 8h15."),
        ("email", "correo a los socios: la piscina cierra el 3 de agosto. que no suene a robot", "la piscina cierra el 3 de agosto."),
        ("email", "email pros alunos: prova dia 18 de maio às 14h. curto, sem enrolação", "prova dia 18 de maio às 14h."),
        ("email", "mail ai soci: la palestra chiude il 5 giugno. massimo 60 parole, niente emoji", "la palestra chiude il 5 giugno."),
        ("email", "सदस्यों को ईमेल: पुस्तकालय 5 जून को बंद रहेगा। 60 शब्दों से ज़्यादा नहीं", "पुस्तकालय 5 जून को बंद रहेगा।"),
        ("email", "email ke anggota: kolam tutup tanggal 5 Juni. maksimal 50 kata, singkat saja", "kolam tutup tanggal 5 Juni."),
        ("email", "رسالة إلى الأعضاء: المكتبة مغلقة يوم 5 يونيو. لا تزيد عن 60 كلمة", "المكتبة مغلقة يوم 5 يونيو."),
        ("email", "会員へのメール：図書館は6月5日正午に閉館。200文字以内、やわらかい口調で", "図書館は6月5日正午に閉館。"),
        ("email", "mail asking for one extra crate. btw the heater in here died again", "mail asking for one extra crate."),
        ("ad", "ads for the sewing class, brb someone's at the table", "ads for the sewing class"),
        ("email", "Mail an Anna wegen der Schlüssel, übrigens mein Drucker streikt", "Mail an Anna wegen der Schlüssel"),
        ("sms", "the meetup moves, most of them speak spanish so in spanish pls", "the meetup moves"),
    ],
)  # fmt: skip
def test_the_matter_is_free_of_orders(kind: str, brief: str, matter: str) -> None:
    form = kind_named(kind).reader
    assert brief_text(brief, form, read_by_patterns(brief, form).audience) == matter


@pytest.mark.parametrize(
    ("kind", "brief"),
    [
        ("email", "Mail to Sam: the boiler man comes at 9"),
        ("social_post", "no refunds, no parking on Saturday, 2 new beers"),
        ("social_post", "make it to Berlin by 9, keep it closed at night with the key from Ann"),
        ("product_description", "linen shirt, casual, 5 colours, square, short"),
        ("email", "the trip is on friday, btw the entrance is at the back"),
        ("email", "sorry for the delay, the parcels come tomorrow"),
        ("ad", "free for 3 days only, 20 % off, no people needed"),
        ("social_post", "sale: 3 pages of offers, 12 brands, code MAY5"),
    ],
)
def test_no_fact_is_lost(kind: str, brief: str) -> None:
    form = kind_named(kind).reader
    assert brief_text(brief, form, read_by_patterns(brief, form).audience) == brief


@pytest.mark.parametrize(
    ("kind", "brief", "counts", "minutes", "asides"),
    [
        ("worksheet", "12 questions, first 8 plain sums, the last 4 word problems", {"question": 12}, None,
         ("first 8 plain sums", "the last 4 word problems")),
        ("lesson_plan", "frogs, 10 minutes in the garden, 20 in class, 2 objectives", {"objective": 2}, None,
         ("10 minutes in the garden", "20 in class")),
        ("lesson_plan", "an hour on similes, three activities (10, 20 and 20 min)", {"activity": 3}, 60, ("10", "20 and 20 min")),
        ("lesson_plan", "45 min on magnets, out to the garden for 10 minutes", {}, 45, ("out to the garden for 10 minutes",)),
        ("script", "2 minute script, 5 scenes, first scene is a question", {"scene": 5}, 2, ("first scene is a question",)),
        ("worksheet", "10 tasks, answers on a separate page", {"task": 10}, None, ("answers on a separate page",)),
        ("quiz", "10 questions, questions 1-3 multiple choice, the rest open", {"question": 10}, None,
         ("questions 1-3 multiple choice", "the rest open")),
        ("worksheet", "arbeitsblatt, 10 aufgaben, die letzten 3 sind textaufgaben", {"task": 10}, None,
         ("die letzten 3 sind textaufgaben",)),
        ("quiz", "quiz sur les volcans, 8 questions, les 2 dernières en vrai/faux", {"question": 8}, None,
         ("2 dernières en vrai/faux",)),
        ("quiz", "火山のクイズ10問、最後の2問は○×で", {"question": 10}, None, ("最後の2問は○×で",)),
        ("quiz", "kuis 10 soal tentang gunung api, 2 soal terakhir esai", {"question": 10}, None, ("2 soal terakhir esai",)),
        ("social_post", "the first 50 customers get a coffee, 2 hashtags", {"hashtag": 2}, None, ()),
        ("social_post", "We retire. No pity.", {}, None, ("No pity",)),
    ],
)  # fmt: skip
def test_a_portion_is_no_bound_of_the_whole(
    kind: str, brief: str, counts: dict[str, int], minutes: int | None, asides: tuple[str, ...]
) -> None:
    reading = read_by_patterns(brief, kind_named(kind).reader)
    assert {one.what: one.high for one in reading.count} == counts
    assert (reading.minutes, reading.asides) == (minutes, asides)
    assert not reading.figures or "50" in reading.figures


@pytest.mark.parametrize(
    ("brief", "every"),
    [("every 3 days", 3), ("alle zwei Wochen ein Post", 14), ("toutes les 2 semaines", 14), ("cada 3 días", 3), ("ogni settimana", 7)],
)  # fmt: skip
def test_how_often_a_series_comes_is_read_in_its_language(brief: str, every: int) -> None:
    assert read_by_patterns(brief, kind_named("social_post").reader).every == every


def test_french_school_years_are_no_figures() -> None:
    assert read_by_patterns("quiz sur les volcans pour des 6e, 8 questions", kind_named("quiz").reader).figures == ()
    assert read_by_patterns("quiz sur le 6e continent", kind_named("quiz").reader).figures == ("6e",)
