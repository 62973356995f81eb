"""A campaign plan: message, channels, weeks, what is measured, and a budget that adds up."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import BaseModel

from bot.checks import Check
from bot.content import Assignment, Content, Count, Example, Kind, Size
from bot.kinds._shared import as_sentence, bullets, call_to_action, paragraphs

# Channel ids, what people see, what briefs call them, and the share of a budget that they weigh.
_CHANNELS: dict[str, tuple[str, str, int]] = {
    "email": ("Email", r"e-?mails?|newsletters?|mailings?", 1),
    "instagram": ("Instagram", r"instagram|insta", 2),
    "facebook": ("Facebook", r"facebook|fb", 2),
    "linkedin": ("LinkedIn", r"linkedin", 2),
    "tiktok": ("TikTok", r"tiktok", 2),
    "youtube": ("YouTube", r"youtube", 2),
    "discord": ("Discord", r"discord", 1),
    "google_ads": ("Google ads", r"google|search ads?", 3),
    "posters": ("Posters and flyers", r"posters?|flyers?|leaflets?|print", 2),
    "on_site": ("Signs on site", r"in[ -]store|on[ -]site|window|counter|chalkboard|signs?", 1),
    "sms": ("Text messages", r"sms|text messages?", 1),
    "radio": ("Radio", r"radio", 3),
    "press": ("Local press", r"press|newspapers?|journalists?", 1),
    "website": ("Website", r"website|blog|site", 1),
    "partners": ("Partners", r"partners?|influencers?|word of mouth", 1),
}
_USUAL = ("email", "instagram", "on_site", "website", "partners", "posters")
_BUDGET = re.compile(
    r"\bbudget\b\D{0,20}?(\d[\d.,\s]*\d|\d)|(?:[$€£]\s?)(\d[\d.,]*\d|\d)|(\d[\d.,]*\d|\d)\s?(?:euros?|dollars?|pounds?|usd|eur|gbp)?"
    r"\s+(?:budget|to spend)",
    re.IGNORECASE,
)
CHANNELS = Count(1, 8, 3, ("channel",))


class Week(BaseModel):
    """What happens in a week."""

    focus: Annotated[str, Size(50, least=6, form="phrase")]
    action: Annotated[str, Size(160, least=30, form="sentences")]


class Campaign(BaseModel):
    """What a model writes; channels are chosen and the budget is shared out by code."""

    goal: Annotated[str, Size(140, least=20, nouns=("goal",), form="sentences")]
    message: Annotated[str, Size(140, least=20, nouns=("message",), form="sentences")]
    weeks: Annotated[list[Week], Count(1, 16, 4, ("week",), apart=True)]
    kpis: Annotated[
        list[Annotated[str, Size(70, least=8, nouns=("kpi",), form="phrase")]],
        Count(2, 6, 3, ("kpi", "metric", "measure")),
    ]


def budget_of(brief: str) -> int:
    """What a campaign may cost, as the brief says it; 0 where it says nothing."""
    found = _BUDGET.search(brief)
    digits = next(filter(None, found.groups()), "") if found else ""
    whole = re.sub(r"[.,]\d{1,2}$", "", digits.strip())
    return int(re.sub(r"\D", "", whole) or 0)


def channels_of(assignment: Assignment) -> list[str]:
    """Ids of the channels: those that the brief names, filled up with usual ones to the number it asks for."""
    named = [
        name
        for name, (_, said, _) in _CHANNELS.items()
        if re.search(rf"\b(?:{said})\b", assignment.brief, re.IGNORECASE)
    ]
    low, _high = assignment.wishes.counts.get("channel", (max(CHANNELS.default, len(named)),) * 2)
    wanted = min(max(low, 1), CHANNELS.high)
    return list(dict.fromkeys([*named, *_USUAL]))[:wanted]


def shared_out(total: int, channels: list[str]) -> list[tuple[str, int]]:
    """(channel, amount) for each; the amounts are round where that is possible and add up to the total."""
    weights = [_CHANNELS[channel][2] for channel in channels]
    step = 10 if total >= 40 * len(channels) else 1
    amounts = [total * weight // sum(weights) // step * step for weight in weights]
    amounts[weights.index(max(weights))] += total - sum(amounts)
    return list(zip(channels, amounts, strict=True))


def compose(output: Campaign, assignment: Assignment) -> Content:
    """The plan with its channels, one of them a week in turn, and the budget."""
    channels = channels_of(assignment)
    weeks = [
        f"**Week {number}, {_CHANNELS[channels[(number - 1) % len(channels)]][0]}: {week.focus.rstrip('.')}.** {week.action}"
        for number, week in enumerate(output.weeks, 1)
    ]
    total = budget_of(assignment.brief)
    budget = [{"label": _CHANNELS[name][0], "amount": amount} for name, amount in shared_out(total, channels) if amount]
    lines = [f"{line['label']}: {line['amount']:,}" for line in budget]
    audience = assignment.request.audience or assignment.profile.audience
    kpis = [kpi.rstrip(".") for kpi in output.kpis]
    sections = {
        "goal": output.goal,
        "audience": as_sentence(audience) if audience else "",
        "message": paragraphs(output.message, call_to_action(assignment.profile)),
        "channels": bullets(_CHANNELS[name][0] for name in channels),
        "timeline": "\n".join(weeks),
        "kpis": bullets(kpis),
        "budget": paragraphs(bullets([*lines, f"In all: {total:,}"])) if budget else "",
    }
    sections = {name: text for name, text in sections.items() if text}
    labels = {"kpis": "What we measure", "timeline": "Week by week"}
    shown = [f"**{labels.get(name, name.capitalize())}**\n{text}" for name, text in sections.items()]
    parts: dict[str, Any] = {"sections": sections, "weeks": weeks, "channels": channels, "kpis": kpis, "budget": budget}
    return Content(paragraphs(*shown), parts)


def examine(_output: Campaign, content: Content, assignment: Assignment) -> list[Check]:
    """The budget adds up to what the brief allows."""
    total = budget_of(assignment.brief)
    spent = sum(line["amount"] for line in content.parts["budget"])
    return [Check("budget", spent == total, f"{spent:,}", f"{total:,}")] if total else []


KIND = Kind(
    name="campaign",
    family="marketing",
    title="Campaign plan",
    description="Message, channels, a plan week by week, KPIs and a budget that adds up.",
    output=Campaign,
    prompt="Plan a campaign. goal says what should change. message is what people should remember. Each week has a focus "
    "of two to four words and one sentence that says what we do. kpis are things one can count.",
    examples=(
        Example(
            "4 week campaign to get riders to check their bikes before winter",
            Campaign(
                goal="More riders bring their bikes in before the first frost.",
                message="A safe bike is a warm ride home.",
                weeks=[
                    Week(
                        focus="Tell the regulars",
                        action="We write to everybody whose bike we mended last winter and offer them an early slot.",
                    ),
                    Week(
                        focus="Show the work",
                        action="We film one brake repair from start to end and post it with three tips.",
                    ),
                    Week(focus="Bring a friend", action="Whoever comes with a friend gets a bottle of chain oil."),
                    Week(focus="Last call", action="We post how many bikes are ready and how many slots are left."),
                ],
                kpis=[
                    "Bikes checked each week",
                    "Bookings that came from the mail",
                    "New riders who came with a friend",
                ],
            ),
        ),
        Example(
            "plan to win adults for piano lessons",
            Campaign(
                goal="More adults come to a first lesson.",
                message="It is never too late for your first song.",
                weeks=[Week(focus="Open the door", action="We hold a free evening where everybody may try the piano.")],
                kpis=["Visitors at the open evening", "First lessons booked"],
            ),
        ),
    ),
    compose=compose,
    examine=examine,
    words=(120, 180, 260),
    utterances="""
4-week campaign to fill our slow tuesdays, budget 300, channels and kpis
marketing plan for the launch of a board game, six weeks
go-to-market for a language app, what to do when, where, and for how much
plan the promotion of our spring fair: timeline, channels, who does what
we have 2,000 euros and eight weeks to get 200 sign-ups
social media strategy for a food bank, one month
content calendar for june, three channels, plant nursery
rollout plan for the new season ticket, week by week with metrics
back-to-school push for a stationery shop, how should we spend 500
awareness campaign on bike lights, city council, autumn
how do we get more students into the evening courses, a plan please
black friday: which week do we do what, email + insta + window
set goals, audience, key message and measures for our donation drive
launch sequence across email, social and print for a cookbook
holiday campaign concept for a chocolate maker with a budget split
recruitment campaign for volunteer firefighters, 10 weeks
re-engagement campaign plan, lapsed gym members, not the emails themselves
kickstarter run-up: twelve weeks of what happens
editorial plan plus budget for a podcast's second series
what would a small theatre do to sell out opening week with no money
media mix for a local election, non-partisan turnout drive
quarterly marketing plan, dentist, kpis by channel
plan a referral programme rollout for our co-op
influencer campaign outline for vegan sneakers, timeline and cost
campaign brief for the agency: goal, audience, message, channels, budget
teaser phase, launch day, aftercare. map it out for our indie album
product launch in 3 phases with numbers we should watch
get the word out about the new bus line over a month, posters and radio
integrated campaign for world water day at our museum
ramadan offers, four weeks, which channel when, halal deli
membership drive, five weeks, spend no more than 1200
plan de campaña de cuatro semanas para una heladería, con presupuesto
estrategia de redes para un refugio de animales, un mes
calendario de acciones para lanzar el nuevo curso, canales e indicadores
tenemos 800 euros y seis semanas para llenar el taller, qué hacemos cada semana
plan de campagne pour la fête du livre, canaux et budget
stratégie de lancement sur huit semaines, bière artisanale
comment répartir 1000 euros de pub sur un mois, salon de coiffure
calendrier éditorial de mars pour un musée
kampagnenplan für vier wochen, blutspende, mit kanälen und kpis
marketingplan für ein hofcafé, budget 500
wie bewerben wir das stadtfest, was wann wo und was kostet es
redaktionsplan für dezember, spielwarenladen
plano de campanha de 6 semanas pra academia, com orçamento
estratégia de divulgação do festival, canais e metas
calendário de conteúdo do mês, loja de plantas
temos 2 mil reais pra lançar o curso, como dividir por semana
चार हफ्ते का प्रचार अभियान, बजट 5000
नई दुकान के लिए मार्केटिंग योजना, कौन से माध्यम और कब
diwali campaign plan karo, channels, budget aur kpi
ek mahine ka social media plan chahiye, bakery
خطة حملة تسويقية لمدة شهر مع الميزانية
كيف نوزع ٣٠٠٠ ريال على القنوات لإطلاق المتجر، أسبوع بأسبوع
خطة محتوى لشهر رمضان لمطعم
4週間のキャンペーン計画、予算と指標つき
新店舗の集客プラン、どの媒体で何をいつ
SNS運用計画を1か月分
rencana kampanye 4 minggu untuk kafe, anggaran 2 juta
strategi promosi pembukaan klinik, kanal dan target
kalender konten bulan ini buat toko mainan
""",
)
