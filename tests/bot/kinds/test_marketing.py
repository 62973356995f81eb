"""What is read of marketing texts, in whatever form they are written."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bot.content import Assignment, Content, Kind, MemorySnapshot, Request, Requirements
from bot.exports import find_fitting_formats, load_formats
from bot.kinds import (
    ad,
    article,
    campaign,
    chat,
    email,
    landing_page,
    press_release,
    product_description,
    rewrite,
    seo_meta,
    slogan,
    sms,
    social_post,
)
from bot.markup import parse_document
from bot.reading.days import parse_leading_day
from bot.reading.labels import Labels
from bot.reading.lines import strip_decoration
from bot.reading.lists import parse_questions
from personas.persona import find_default
from personas.profile import CallToAction, Profile

TEXTS = Path(__file__).parents[2] / "data" / "texts"
MODULES = (
    ad,
    article,
    campaign,
    chat,
    email,
    landing_page,
    press_release,
    product_description,
    rewrite,
    seo_meta,
    slogan,
    sms,
    social_post,
)
KINDS: dict[str, Kind] = {module.KIND.name: module.KIND for module in MODULES}
PLACES = {"ad": "google_ads", "ad.2": "meta_ads", "ad.3": "google_ads", "ad.4": "google_play"}
FILES = sorted(path.stem for path in TEXTS.glob("*.md") if path.stem.split(".")[0] in KINDS)


def load_text(name: str) -> str:
    return (TEXTS / f"{name}.md").read_text(encoding="utf-8").partition("\n")[2].strip()


def build_parts(
    kind: Kind, text: str, place: str = "", counts: dict[str, tuple[int, int]] | None = None
) -> dict[str, Any]:
    request = Request(id="1", user_id="1", brief="x", kind=kind.name, asked="2026-11-30T10:00:00+00:00")
    known = MemorySnapshot(profile=Profile(call_to_action=CallToAction(text="Book", link="fern.example")))
    requirements = Requirements(counts=counts or {}, place=place)
    return kind.read(parse_document(text), Assignment(request, kind, find_default(kind.family), requirements, known))


def load_parts(name: str) -> dict[str, Any]:
    return build_parts(KINDS[name.split(".")[0]], load_text(name), PLACES.get(name, ""))


def check_shape(kind: Kind, parts: dict[str, Any]) -> None:
    """Check that the parts are data of the kind's shape, and that only a link and a network are empty."""
    assert json.loads(json.dumps(parts)) == parts
    if kind.parts:
        kind.parts.model_validate(parts)
        assert set(parts) - {"json_ld"} <= set(kind.parts.model_fields)
    assert all(part not in ("", [], {}) for name, part in parts.items() if name not in ("link", "network"))


@pytest.mark.parametrize("name", FILES)
def test_the_parts_of_every_text_have_the_shape_of_its_kind(name: str) -> None:
    kind, parts = KINDS[name.split(".")[0]], load_parts(name)
    check_shape(kind, parts)
    assert bool(parts) is (kind.name != "chat")


FORMATS = {
    "ad": {"google_ads", "csv", "xlsx"},
    "ad.2": {"meta_ads", "csv"},
    "ad.3": {"google_ads"},
    "article": {"docx", "pdf", "pptx"},
    "campaign": {"ics", "pptx", "csv", "xlsx"},
    "campaign.2": {"ics", "pptx"},
    "campaign.3": {"ics"},
    "email": {"csv", "docx"},
    "landing_page": {"csv", "pptx"},
    "press_release": {"docx", "pdf", "pptx"},
    "product_description": {"csv"},
    "slogan": {"xlsx"},
    "social_post": {"xlsx"},
}


@pytest.mark.parametrize("name", FORMATS)
def test_files_are_made_from_the_parts(name: str) -> None:
    content = Content(load_text(name), load_parts(name))
    fit = {one.name: one for one in find_fitting_formats(content)}
    assert set(fit) >= FORMATS[name]
    for one in FORMATS[name] - {"docx", "pdf"}:
        assert fit[one].export("A title", content)


MUCH = (
    "**a** " * 300,
    "# h\n" * 400,
    "**b**\n\n" * 300,
    "Week 1: a\n\n" * 200,
    '"' * 20,
    "1/2 a\n\n" * 200,
)
ODD = (
    "",
    "\n",
    "#",
    "**",
    "- ",
    "1.",
    "---",
    "> ",
    "```",
    "|",
    "| a |\n|---|",
    ":",
    "**:**",
    "Subject:",
    "Week 1",
    "Title:",
    "[",
    "“",
)


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_every_kind_reads_any_text(kind: Kind) -> None:
    for text in (*ODD, *MUCH, *map(load_text, FILES)):
        check_shape(kind, build_parts(kind, text, next(iter(kind.places), ""), {"post": (3, 3), "headline": (2, 2)}))


# Posts and messages


POSTS = [
    ("We close.\n\n- one\n- two\n\nCome back!", {}, ["We close.\n\n- one\n- two\n\nCome back!"]),
    (
        "**Post 1: The *teaser***\nSoon.\n\n**Post 2 (launch)**\n\nIt is *here*.\n\n(12 characters)",
        {},
        ["Soon.", "It is *here*."],
    ),
    ("1. One\n   more\n2. Two", {}, ["One\nmore", "Two"]),
    (
        "**1/2** Bread waits.\n\nReally.\n\n**2/2** So do we.",
        {},
        ["**1/2** Bread waits.\n\nReally.", "**2/2** So do we."],
    ),
    ("Bread waits. 1/2\n\nSo do we. 2/2", {}, ["Bread waits. 1/2", "So do we. 2/2"]),
    ("**Opción A**\n> Cerramos.\n>\n> Vuelve.\n\n**Opción B**\n> ¡Cerrado!", {}, ["Cerramos.\n\nVuelve.", "¡Cerrado!"]),
    ("Tweet 1:\n```\nHi **you**\n```\nTweet 2:\n```\nBye\n```", {}, ["Hi **you**", "Bye"]),
    ("### Monday – Facebook\n\nWe open.\n\n### Friday – X\n\nLast loaf.", {}, ["We open.", "Last loaf."]),
    ("| Day | Post |\n|---|---|\n| Mon | We open. |\n| Fri | Last loaf. |", {}, ["We open.", "Last loaf."]),
    ("a\nb\n\nc\nd\n\ne\nf", {"post": (3, 3)}, ["a\nb", "c\nd", "e\nf"]),
    ("a\nb\n\nc\nd\n\ne\nf", {}, ["a\nb\n\nc\nd\n\ne\nf"]),
    ("Day 1: we dug.\nDay 2: we sowed.", {}, ["Day 1: we dug.\nDay 2: we sowed."]),
]


@pytest.mark.parametrize(("text", "counts", "posts"), POSTS)
def test_posts_are_read_as_they_are_pasted(text: str, counts: dict[str, tuple[int, int]], posts: list[str]) -> None:
    assert build_parts(social_post.KIND, text, counts=counts)["posts"] == posts


def test_posts_are_read_from_example_texts() -> None:
    assert load_parts("social_post") == {
        "posts": [load_text("social_post")],
        "hashtags": ["#ReadingCorner", "#Library"],
    }
    assert [post[:4] for post in load_parts("social_post.2")["posts"]] == ["1/3 ", "2/3 ", "3/3 "]
    instagram, linkedin = load_parts("social_post.3")["posts"]
    assert (
        instagram
        == "Kein Hall mehr. Nur Musik.\n\nAb Freitag klingt der Keller wie ein Zimmer.\n\n#Probenraum #Kreuzberg"
    )
    assert linkedin.endswith("- Nachbarn, die mitgeredet haben")


@pytest.mark.parametrize(
    "text",
    [
        "**Title:** Ten folds\n\n**Description:** Fold it.\n\nTwice.",
        "# Ten folds\n\nFold it.\n\nTwice.",
        "Titre : Ten folds\nDescription : Fold it.\n\nTwice.",
    ],
)
def test_pins_and_videos_have_a_title(text: str) -> None:
    parts = build_parts(social_post.KIND, text, "pinterest")
    assert parts == {"posts": ["Fold it.\n\nTwice."], "title": "Ten folds", "text": "Fold it.\n\nTwice."}
    assert "title" not in build_parts(social_post.KIND, text, "x")


@pytest.mark.parametrize(
    "text",
    [
        "Open from Friday.\n\nPhoto: Jane Doe\n\nCome early.",
        "Join us!\n\nTitle: Dough\nSpeaker: Ada\n\nSee you there.",
        "Open from Friday.\n\nText: 555 0142 to book",
        "Open from Friday.\n\nNote: bring tea.",
    ],
)
def test_labelled_lines_of_a_post_are_part_of_it(text: str) -> None:
    assert build_parts(KINDS["social_post"], text)["posts"] == [text]


def test_remarks_on_the_length_of_posts_are_no_part_of_them() -> None:
    thread = "**Tweet 1** (17 characters)\nWe open at seven.\n\n**Tweet 2** (10 characters)\nBring tea."
    assert build_parts(KINDS["social_post"], thread)["posts"] == ["We open at seven.", "Bring tea."]


def test_messages_are_read() -> None:
    assert load_parts("sms")["messages"] == [load_text("sms")]
    first, second = load_parts("sms.2")["messages"]
    assert first == "Clinic: Your visit is tomorrow at 9. Reply C to cancel."
    assert second.startswith("Clinic: See you")


# Mails


def test_an_email_is_read_as_subject_preview_and_body() -> None:
    (mail,) = load_parts("email")["emails"]
    assert (mail["subject"], mail["preheader"]) == (
        "Welcome to the seed library",
        "Your first three packets are waiting for you.",
    )
    assert mail["body"].startswith("Hello and welcome,\n\nThank you for joining us. You can take **three packets**")
    assert mail["body"].endswith(
        "- sunflowers: on the sill from April\n\nChoose yours here: seeds.example/shelf\n\nWarm wishes,\nThe seed library"
    )


def test_a_sequence_is_read_as_several_emails_with_days() -> None:
    first, second = load_parts("email.2")["emails"]
    assert first == {
        "subject": "Welcome to the hall",
        "preheader": "Your first visit is free.",
        "send_day": 0,
        "body": "Hi there,\n\ncome by any evening. We lend you shoes.\n\nSee you on the wall,\n**Anna**",
    }
    assert (second["subject"], second["send_day"], second["body"]) == (
        "Your first route",
        3,
        "Hi again,\n\nbegin on the yellow holds.\n\nAnna",
    )


def test_lines_before_a_rule_belong_to_the_email_above() -> None:
    text = "Subject: One\n\nHi,\n\nyes.\n\n**Anna**\n\n---\n\n**Email 2**\n\nSubject: Two\n\nHi."
    assert [mail["body"] for mail in build_parts(email.KIND, text)["emails"]] == ["Hi,\n\nyes.\n\n**Anna**", "Hi."]


def test_the_first_of_several_subjects_is_used() -> None:
    (mail,) = load_parts("email.3")["emails"]
    assert (mail["subject"], mail["preheader"]) == ("Ihr Beleg ist korrigiert", "Den Monat schreiben wir Ihnen gut.")
    assert mail["body"].startswith("Sehr geehrte Frau Reimers,")
    lines = "Subject A: One\nSubject B: Two\nPreview: p\n\n> Hi,\n>\n> Body."
    assert build_parts(email.KIND, lines)["emails"] == [{"subject": "One", "preheader": "p", "body": "Hi,\n\nBody."}]


@pytest.mark.parametrize(
    "word", ["Subject", "Betreff", "Asunto", "Objet ", "Assunto", "📧 Subject line", "**SUBJECT**"]
)
def test_a_subject_label_is_read_in_any_language(word: str) -> None:
    (mail,) = build_parts(email.KIND, f"{word}: New time\n\nHi all,\n\nwe start at three: come.")["emails"]
    assert mail == {"subject": "New time", "body": "Hi all,\n\nwe start at three: come."}


@pytest.mark.parametrize(
    "text",
    [
        "| Subject | New hours |\n|---|---|\n| Preview | From Monday |\n\nHello,\n\nwe open at seven.",
        "Hello,\n\nwe open at seven.\n\nSubject: New hours",
        "Subject: New hours\n\nHello,\n\nwe open at seven.",
    ],
)
def test_the_subject_may_be_anywhere(text: str) -> None:
    [mail] = build_parts(KINDS["email"], text)["emails"]
    assert (mail["subject"], mail["body"]) == ("New hours", "Hello,\n\nwe open at seven.")


def test_a_subject_within_a_body_begins_no_email() -> None:
    [mail] = build_parts(KINDS["email"], "Subject: Homework\n\nHere is the plan.\n\nSubject: chemistry\nRoom: 12")[
        "emails"
    ]
    assert (mail["subject"], mail["body"]) == ("Homework", "Here is the plan.\n\nSubject: chemistry\nRoom: 12")


def test_an_email_without_a_subject_is_all_body() -> None:
    assert build_parts(email.KIND, "Hello,\n\nwe moved.\n\n---\n\nSee you")["emails"] == [
        {"body": "Hello,\n\nwe moved.\n\n---\n\nSee you"}
    ]
    table = "| | |\n|---|---|\n| Subject | Hi |\n| Preview | p |\n| Body | Dear all |"
    assert build_parts(email.KIND, table)["emails"] == [{"subject": "Hi", "preheader": "p", "body": "Dear all"}]


# Ads


def test_a_search_ad_is_read() -> None:
    parts = load_parts("ad")
    assert parts["headlines"] == [
        "Flat Tyre? Come In Now",
        "Bike Repair While You Wait",
        "Fixed Before Lunch",
        "No Booking Needed",
        "Price First, Then Repair",
    ]
    assert [len(one) for one in parts["descriptions"]] == [63, 46, 36]
    assert (parts["paths"], parts["link"]) == (["bikes", "repair"], "https://rollwerk.example/check")
    assert load_parts("ad.3")["headlines"] == ["Platten? Komm vorbei", "Reparatur sofort", "Ohne Termin"]
    assert len(load_parts("ad.3")["descriptions"]) == 2
    assert load_parts("ad.3")["link"] == "fern.example"


def test_variants_of_an_ad_and_a_listing_are_read() -> None:
    parts = load_parts("ad.2")
    assert (parts["headlines"], parts["descriptions"]) == (
        ["Fixed by noon", "Quiet again"],
        ["No booking needed", "While you wait"],
    )
    assert parts["primary_text"] == "Flat tyre on the way to work?\nRoll it in and ride on after lunch."
    assert parts["primary_texts"] == [parts["primary_text"], "Squeaky brakes wake the dog. We fix both."]
    rows = load_formats()["meta_ads"].export("Ads", Content("", parts)).decode("utf-16").split("\r\n")
    assert ["Squeaky brakes" in row for row in rows[-3:]] == [False, True, False]
    listing = load_parts("ad.4")
    assert listing["title"] == "Pan de hoy"
    assert listing["short_description"] == "Mira qué está caliente ahora mismo."
    assert listing["description"].endswith("- Reserva con un toque")
    assert "headlines" not in listing


def test_an_ad_without_labels_is_read_by_the_counts_in_the_brief() -> None:
    text = "- A one\n- B two\n- What C three says"
    parts = build_parts(ad.KIND, text, "google_ads", {"headline": (2, 2), "description": (1, 1)})
    assert (parts["headlines"], parts["descriptions"]) == (["A one", "B two"], ["What C three says"])
    assert build_parts(ad.KIND, "Save the argument for Fern: dogs in the back room.") == {}


# Pages


def test_articles_are_read() -> None:
    parts = load_parts("article")
    assert parts["title"] == "Your bike can like the winter too"
    assert parts["headings"] == [
        "Oil the chain before it squeaks",
        "Let a little air out of the tyres",
        "Lights before brakes",
    ]
    assert list(parts["sections"]) == ["intro", *parts["headings"]]
    assert "### How soft is too soft?" in parts["sections"]["Let a little air out of the tyres"]
    german = load_parts("article.2")
    assert german["headings"] == ["Brauche ich eigene Schuhe?", "Muss ich mich anmelden?", "Darf ich nur zusehen?"]
    assert german["sections"]["Muss ich mich anmelden?"] == "Komm einfach vorbei.\n\nAm Montag ist es am ruhigsten."
    assert german["intro"] == "Niemand weiß am Anfang alles."
    assert load_parts("article.3") == {"title": "Take your break"}


@pytest.mark.parametrize("name", ["landing_page", "landing_page.2", "landing_page.3"])
def test_landing_pages_have_the_standard_sections(name: str) -> None:
    parts = load_parts(name)
    assert {"hero", "benefits", "faq", "cta"} <= set(parts["sections"])
    assert all(one["question"].rstrip().endswith("?") and one["answer"] for one in parts["faq"])


def test_the_parts_of_landing_pages_are_read() -> None:
    english, german, french = map(load_parts, ("landing_page", "landing_page.2", "landing_page.3"))
    assert english["h1"] == "Try an instrument for an afternoon"
    assert english["hero"].startswith("Your child plays")
    assert english["benefits"][0] == "Groups of four, so that everybody gets a turn"
    assert [len(english[name]) for name in ("benefits", "steps", "faq")] == [3, 3, 4]
    assert english["faq"][3] == {"question": "And if it is too loud?", "answer": "We have ear protection in all sizes."}
    assert (english["button"], german["button"], french["button"]) == (
        "Book a trial",
        "Termin sichern",
        "Réserver un contrôle",
    )
    assert german["h1"] == "Fahr sicher durch den Winter"
    assert german["hero"] == "Wir prüfen Bremsen, Licht und Kette, während du Tee trinkst."
    assert german["benefits"] == ["Bremsen, die halten: Auch auf nassem Laub.", "Licht, das anbleibt: Die ganze Nacht."]
    assert german["faq"][1] == {"question": "Kann ich warten?", "answer": "Ja, es gibt Tee."}
    assert french["benefits"] == ["Freins réglés", "Chaîne huilée", "Prix annoncé d'abord"]
    assert french["hero"] == "Nous contrôlons les freins pendant que vous buvez un thé."
    assert "steps" not in french


def test_press_releases_are_read() -> None:
    english, german, plain = map(load_parts, ("press_release", "press_release.2", "press_release.3"))
    needed = {"headline", "dateline", "lead", "body", "quote", "boilerplate", "contact"}
    assert all(needed <= set(parts["sections"]) for parts in (english, german, plain))
    assert english["quotes"] == [
        '"Most repairs are easy once somebody hands you the right key," said Anna Berg, who runs the shop. '
        '"That is why we put them outside."'
    ]
    assert english["sections"]["subheadline"] == "Pumps, keys and oil stand outside, free for all"
    assert english["sections"]["contact"] == "[contact]"
    assert english["sections"]["boilerplate"].startswith("About Rollwerk\nRollwerk mends")
    assert german["headline"].startswith("Klavierschule begrüßt")
    assert german["sections"]["dateline"] == "Sperrfrist: 6. Mai, 9.30 Uhr"
    assert german["quotes"][0].endswith("— Jonas Kern, Leiter der Schule")
    assert german["sections"]["contact"] == "Jonas Kern\npresse@klavier.example"
    assert plain["sections"]["dateline"] == "Lyon, 4 March"
    assert plain["sections"]["body"] == "Readers take three packets a month.\n\nThey bring some back in autumn."
    assert plain["quotes"][0].endswith("said the librarian.")


def test_a_quotation_over_two_paragraphs_is_one_quotation() -> None:
    text = "# News\n\nIt opens.\n\n“We had waited for this day,\n\n“and it came,” said Ann.\n\nMore."
    parts = build_parts(press_release.KIND, text)
    assert parts["quotes"] == ["“We had waited for this day,\n\n“and it came,” said Ann."]
    assert parts["sections"]["body"] == "More."


def test_a_label_names_its_own_paragraph_whole() -> None:
    text = "Headline: Foo opens\n\nThe shop opens in Ely.\n\nQuote:\n“We are happy about this day.”\nAnn, owner"
    assert build_parts(press_release.KIND, text)["sections"] == {
        "headline": "Foo opens",
        "lead": "The shop opens in Ely.",
        "quote": "“We are happy about this day.”\nAnn, owner",
    }


def test_a_contact_above_the_headline_ends_at_it() -> None:
    text = "FOR IMMEDIATE RELEASE\n\n**Contact:** [contact]\n\n**Museum counts its clocks**\n\n*Ely, 3 May* — It has.\n\nMore."
    sections = build_parts(press_release.KIND, text)["sections"]
    assert (sections["contact"], sections["headline"], sections["body"]) == (
        "[contact]",
        "Museum counts its clocks",
        "More.",
    )


def test_points_written_as_paragraphs_are_benefits_too() -> None:
    text = "# Climb\n\nBring socks.\n\n## Why here\n\n**Small groups.** Six people.\n\n**Warm** Even in May.\n\n[Book →](https://x.example)"
    parts = build_parts(landing_page.KIND, text)
    assert parts["benefits"] == ["Small groups. Six people.", "Warm: Even in May."]
    assert parts["button"] == "Book"


def test_product_descriptions_are_read() -> None:
    assert load_parts("product_description") == {
        "title": "Wool Blanket",
        "intro": "A heavy blanket for cold rooms and long films. It is woven on an old loom and gets softer with every winter.",
        "bullets": ["Warm wool that does not scratch", "Big enough for two and a cat", "Wash it cold, dry it flat"],
    }
    spanish = load_parts("product_description.2")
    assert spanish["title"] == "Jabón de avena y miel 🌾🍯"
    assert spanish["bullets"] == ["Hecho a mano en lote pequeño", "Se cura seis semanas", "Barra de 110 g"]
    amazon = load_parts("product_description.3")
    assert (amazon["title"], len(amazon["bullets"])) == ("Wool Blanket, 140 x 200 cm, Undyed", 2)
    assert amazon["description"] == "Woven on an old loom.\n\nIt gets softer with every winter."
    assert build_parts(product_description.KIND, "Undyed cotton, long handles. Fill it.") == {
        "intro": "Undyed cotton, long handles. Fill it."
    }


def test_search_snippets_are_read() -> None:
    parts = load_parts("seo_meta")
    assert parts["meta_title"] == ["Bike Repairs While You Wait | Rollwerk"]
    assert (parts["slug"], parts["json_ld"]["@type"]) == ("bike-repairs", "Service")
    german = load_parts("seo_meta.2")
    assert german["meta_title"] == ["Fahrrad reparieren, während du wartest", "Radreparatur ohne Termin"]
    assert (german["meta_description"], german["slug"]) == ("Bring den Platten, wir flicken ihn sofort.", "reparatur")
    assert load_parts("seo_meta.3") == {
        "meta_title": ["Bikes & more | Rollwerk"],
        "meta_description": "Bring a flat tyre. We mend it.",
    }
    lines = build_parts(seo_meta.KIND, "Bike Repairs\n\nBring a flat tyre or a squeaky brake.")
    assert lines == {"meta_title": ["Bike Repairs"], "meta_description": "Bring a flat tyre or a squeaky brake."}


@pytest.mark.parametrize(
    ("text", "variants"),
    [
        ("Vem no seu ritmo.", ["Vem no seu ritmo."]),
        ("**Roll in, ride out**", ["Roll in, ride out"]),
        (
            "Roll in, ride out\nYour brakes, our business\n\nFlat today",
            ["Roll in, ride out", "Your brakes, our business", "Flat today"],
        ),
        ("# Ideas\n\n1) One here\n2) Two here", ["One here", "Two here"]),
        ("| # | Slogan | Why |\n|---|---|---|\n| 1 | One here | x |\n| 2 | Two here | y |", ["One here", "Two here"]),
        ("Slogan: One here", ["One here"]),
        ("- **Playful:** One here\n- **Calm:** Two here", ["One here", "Two here"]),
        ("- **One** here\n- Two here", ["One here", "Two here"]),
        ("1. One here — *for the van*\n2. Two *here* too", ["One here", "Two here too"]),
    ],
)
def test_slogans_are_read(text: str, variants: list[str]) -> None:
    assert build_parts(slogan.KIND, text)["variants"] == variants


def test_slogans_are_read_without_their_reasons() -> None:
    assert len(load_parts("slogan")["variants"]) == 5
    assert load_parts("slogan.2")["variants"] == [
        "Late start, lovely sound",
        "Zehn Finger, keine Eile",
        "Play the song you hum",
    ]


# Campaigns


def test_a_campaign_plan_is_read() -> None:
    parts = load_parts("campaign")
    assert parts["title"] == "A safe bike before the frost"
    assert (parts["goal"][:5], parts["message"]) == ("Forty", "A safe bike is a warm ride home.")
    assert parts["channels"] == ["email", "instagram", "posters"]
    assert [week.split("\n")[0] for week in parts["weeks"]] == [
        "Week 1: Tell the regulars",
        "Week 2: Show the work",
        "Week 3: Bring a friend",
        "Week 4: Last call",
    ]
    assert parts["kpis"] == [
        "Bikes checked each week",
        "Bookings that came from the mail",
        "New riders who came with a friend",
    ]
    assert [line["amount"] for line in parts["budget"]] == [150, 120, 30]
    assert parts["calendar"][0] == {
        "date": "2026-12-07",
        "time": "09:00",
        "title": "Tell the regulars",
        "channel": "Email",
    }
    assert [entry["date"][-2:] for entry in parts["calendar"]] == ["07", "14", "21", "28"]
    assert {"goal", "audience", "message", "channels", "timeline", "kpis", "budget", "calendar"} <= {
        *parts["sections"],
        *parts,
    }


def test_a_plan_in_tables_and_one_with_days_in_its_weeks_are_read() -> None:
    parts = load_parts("campaign.2")
    assert (parts["goal"], parts["audience"], parts["message"]) == ("Mehr Räder", "Pendler", "Warm heim")
    assert parts["channels"] == ["email", "posters", "Standaktion"]
    assert len(parts["weeks"]) == len(parts["calendar"]) == 2
    assert parts["calendar"][1] == {"date": "2026-12-14", "title": "Die Arbeit", "channel": "Plakate"}
    assert parts["budget"] == [{"label": "Druck", "amount": 1180.5}, {"label": "Newsletter", "amount": 0}]
    days = load_parts("campaign.3")
    assert days["channels"] == ["posters", "whatsapp"]
    assert days["kpis"] == ["Families who come", "Replies by Friday"]
    assert sum(line["amount"] for line in days["budget"]) == 150
    assert [(entry["date"], entry.get("time")) for entry in days["calendar"]] == [
        ("2026-12-07", None),
        ("2026-12-10", "18:00"),
        ("2026-12-14", None),
    ]


def test_the_places_of_a_campaign_are_found_in_the_brief() -> None:
    assert campaign.list_places("de")["posters"] == "Plakate und Flyer"
    assert campaign.find_places("posters, a newsletter and meta ads") == ["email", "posters", "meta_ads"]
    assert campaign.find_places("a mail to members and a poster, no Instagram, not on Facebook") == ["email", "posters"]
    assert campaign.find_places("not only on Instagram") == ["instagram"]
    assert campaign.wants_pictures("a post with two pictures")
    assert not campaign.wants_pictures("a mail to members, without any pictures")
    assert not campaign.wants_pictures("a mail to members and a post for Instagram")
    assert campaign.get_place_kind("press") == "press_release"
    assert campaign.filter_pictured_places(["email", "posters"]) == ["posters"]
    assert set(map(campaign.get_place_kind, campaign.list_places())) - {"script", "text"} <= set(KINDS)


@pytest.mark.parametrize(
    ("text", "day", "time", "rest"),
    [
        ("2026-12-07 09:30, Post", "2026-12-07", "09:30", "Post"),
        ("Mon 7 Dec: 6 pm: call", "2026-12-07", "18:00", "call"),
        ("Dec 3rd – open", "2026-12-03", "", "open"),
        ("Montag, 14. Dezember, 18 Uhr: los", "2026-12-14", "18:00", "los"),
        ("5 de marzo: abrir", "2027-03-05", "", "abrir"),
        ("1er février 2027 : ouvrir", "2027-02-01", "", "ouvrir"),
        ("14.12.2026 Start", "2026-12-14", "", "Start"),
        ("30 November to 20 December 2026", "", "", ""),
        ("31 February: x", "", "", ""),
        ("3 reasons", "", "", ""),
    ],
)
def test_a_day_at_the_start_of_a_line_is_parsed(text: str, day: str, time: str, rest: str) -> None:
    found = parse_leading_day(text, date(2026, 11, 30))
    assert (found and (found[0].isoformat(), found[1], found[2])) == ((day, time, rest) if day else None)


# What is shared


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Come In Now (11)", "Come In Now"),
        ("“Come in” – 7 characters", "Come in"),
        ("Come in [7/30]", "Come in"),
        ("Open 9 to 5", "Open 9 to 5"),
        ("Since (1911)", "Since (1911)"),
        ('"Come" and "go"', '"Come" and "go"'),
        ("Ohne Termin | 11 Zeichen", "Ohne Termin"),
        ("", ""),
    ],
)
def test_decoration_around_a_text_is_stripped(text: str, left: str) -> None:
    assert strip_decoration(text) == left


@pytest.mark.parametrize(
    "label",
    [
        "Headline",
        "**HEADLINES**",
        "1. Headline",
        "Headline #3",
        "Überschrift 2",
        "Titres",
        "Headlines – 30 max",
        "🎯 Headline",
    ],
)
def test_labels_are_found_in_many_forms(label: str) -> None:
    assert Labels(headlines="Headline|Headlines|Titles").find(label) == "headlines"


@pytest.mark.parametrize(
    "text",
    [
        "Q: Why?\nA: Because.",
        "**Why?** Because.",
        "1. **Why?**\n   Because.",
        "### Why?\n\nBecause.",
        "- Why?\n\n  Because.",
    ],
)
def test_questions_are_found_in_many_forms(text: str) -> None:
    whole = parse_document(text)
    assert parse_questions(whole.lines, whole, expects_questions=True) == [{"question": "Why?", "answer": "Because."}]


def test_a_rewrite_is_the_complete_text() -> None:
    assert load_parts("rewrite") == {"text": load_text("rewrite")}
