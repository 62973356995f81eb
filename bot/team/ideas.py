"""What a team could make next: of what its calendar has, from its gaps, holidays, facts that nobody has told, and what did well.

An idea is made of what is there when it is looked at; its key brings it back, so that a button which begins it works after a restart.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from bot.content import Family, Request, Usual
from bot.errors import Phrase, RefusedError
from bot.generation.next_steps import family_of, usual_kinds
from bot.kinds import kind_named
from bot.store import Store
from bot.team.brands import BrandBooks
from bot.team.calendar.calendar import Calendar
from bot.team.calendar.occasions import occasions
from bot.team.calendar.posts import Actor, Shown
from bot.team.calendar.recurrence import next_month, wall
from bot.team.workspace.workspaces import Workspaces
from personas.book import format_field
from personas.profile import find_zone
from storage.assets import APPROVED, PUBLISHED
from storage.entries import EntryFilter, LibraryEntry
from storage.owners import workspace

from .titles import title_of

# So far ahead holidays are told, and gaps are looked for.
AHEAD, GAP_WITHIN = timedelta(days=45), timedelta(days=21)
# Days without a post that are a gap.
MIN_GAP = 4
# So many ideas of each sort, in the order in which they are told.
_MAX = {"day": 3, "plan": 2, "fact": 2, "other": 2, "gap": 2}
_NEWEST = 20
_MAX_WORDS = 140

# What fills a gap without a fact that nobody gave, by family: its kind and its brief.
FORMS: Mapping[Family, Mapping[str, tuple[str, str]]] = {
    "marketing": {
        "ask": ("social_post", "A post that asks our readers one easy question"),
        "tip": ("social_post", "A post with one useful tip from our trade"),
        "who": ("social_post", "A post that says in three sentences who we are and what we do"),
        "thanks": ("social_post", "A post that thanks our readers for being with us"),
    },
    "education": {
        "warm": ("quiz", "Five quick questions on general knowledge as a warm-up for a lesson"),
        "debate": ("lesson_plan", "A lesson of 20 minutes in which a class debates a question from everyday life"),
        "revise": ("worksheet", "A worksheet on how to revise for a test"),
    },
}
# What a holiday asks for, by family.
OF_A_DAY: Mapping[Family, tuple[str, str]] = {
    "marketing": ("social_post", "A post for {occasion}, on {day}"),
    "education": ("quiz", "Five questions on {occasion}: where it comes from and how it is celebrated"),
}
# What a text that somebody has planned is made into, by family.
OF_A_PLAN: Mapping[Family, str] = {"marketing": "email", "education": "quiz"}
_KEY = re.compile(
    r"(?P<sort>day|plan|fact|other|gap)\.(?P<what>[\w-]{1,60})(?:\.(?P<more>\w{1,30}))?",
)
_GONE = "That idea is out of date: what it was based on is gone, or already done. Find others in /ideas."


@dataclass(frozen=True, slots=True)
class Idea:
    """Something to make of a `kind`: `why` now, and the `brief` it would be made by, which a `material` may belong to.

    What that holds is `of_others` where somebody else wrote it.
    """

    key: str
    kind: str
    why: Phrase
    brief: Phrase
    material: str = ""
    of_others: bool = False


@dataclass(frozen=True, slots=True)
class IdeaContext:
    """Who wants ideas, and where: with the channels that they see, days in words of their language, and whose holidays count."""

    actor: Actor
    request: Request
    sees: Callable[[str], bool]
    in_words: Callable[[date], str]
    country: str


@dataclass(frozen=True, slots=True)
class Ideas:
    """Reads what is there, and keeps nothing."""

    store: Store
    workspaces: Workspaces
    calendar: Calendar
    brands: BrandBooks

    async def all(self, asked: IdeaContext) -> list[Idea]:
        """The ideas for a place, the most pressing first."""
        family, today = await self._family(asked), await self._today(asked)
        planned = await self._planned(asked, today)
        posts = Counter(one.at.date() for one in planned)
        found = {
            "day": await self._of_days(asked, family, today, posts),
            "plan": await self._of_plans(asked, family, planned),
            "fact": await self._of_facts(asked, family),
            "other": await self._of_results(asked),
            "gap": _of_gaps(asked, family, today, posts),
        }
        return [idea for sort, most in _MAX.items() for idea in found[sort][:most]]

    async def one(self, asked: IdeaContext, key: str) -> Idea:
        """The idea of a key, as it is now.

        Raises:
            RefusedError: it does not hold any more.
        """
        found = _KEY.fullmatch(key)
        family = await self._family(asked)
        match found["sort"] if found else "":
            case "day" if found:
                day = _day_of(found["what"])
                known = await self._occasions(asked, day, day) if day else {}
                place = int(found["more"] or 0) if (found["more"] or "0").isdigit() else 0
                if day and place < len(names := known.get(day, [])):
                    return _of_day(asked, family, day, place, names, 0)
            case "plan" if found:
                planned = await self._planned(asked, await self._today(asked))
                if shown := next((one for one in planned if one.planned.id == found["what"] and _goes_once(one)), None):
                    return _of_plan(asked, shown, kind_named(found["more"] or "").name)
            case "fact":
                ideas = await self._of_facts(asked, family)
                if idea := next((one for one in ideas if one.key == key), None):
                    return idea
            case "other" if found:
                result = await self.store.generations.get(found["what"], asked.actor.user_id)
                if result is not None and found["more"]:
                    return _other(
                        result.id, title_of(result.text, result.parts), result.text, kind_named(found["more"]).name
                    )
                if (entry := await self._asset(asked, found["what"])) and found["more"]:
                    idea = _other(entry.id, entry.title, entry.text, kind_named(found["more"]).name)
                    return replace(idea, of_others=entry.author != asked.actor.user_id)
            case "gap" if found and found["more"] in FORMS[family]:
                kind, brief = FORMS[family][found["more"]]
                return Idea(key, kind, Phrase(""), Phrase(brief))
        raise RefusedError(_GONE)

    async def _family(self, asked: IdeaContext) -> Family:
        usual = await self._usual(asked)
        if usual.family in FORMS:
            return "education" if usual.family == "education" else "marketing"
        newest = await self.store.generations.latest(asked.actor.user_id, 5)
        profile = (await self.store.profiles.known(asked.actor.user_id, asked.request.scopes))[0].profile
        return "education" if family_of(profile, [one.kind for one in newest]) == "education" else "marketing"

    async def _usual(self, asked: IdeaContext) -> Usual:
        return await self.workspaces.usual(asked.request)

    async def _today(self, asked: IdeaContext) -> date:
        zone = await self.calendar.zone(asked.actor)
        return wall(self.calendar.now(), find_zone(zone.name)).date()

    async def _planned(self, asked: IdeaContext, today: date) -> list[Shown]:
        """The posts of this month and the next days, in their order."""
        found: list[Shown] = []
        first, last = today.replace(day=1), today + AHEAD
        while first <= last:
            found += await self.calendar.month(asked.actor, first, asked.sees)
            first = next_month(first)
        return found

    async def _of_plans(self, asked: IdeaContext, family: Family, planned: Sequence[Shown]) -> list[Idea]:
        """What goes out soon, once, as something else besides."""
        made = await self._made_of(asked)
        ideas = []
        for one in planned:
            if _goes_once(one) and one.planned.text not in made:
                entry = await self._asset(asked, one.planned.asset.partition(":")[0]) if one.planned.asset else None
                if kind := _other_kind(entry.kind) if entry else OF_A_PLAN[family]:
                    ideas.append(_of_plan(asked, one, kind))
        return ideas[: _MAX["plan"]]

    async def _made_of(self, asked: IdeaContext) -> set[str]:
        """What the newest results were made of, which needs not be told again."""
        newest = await self.store.generations.latest(asked.actor.user_id, _NEWEST)
        return {str(one.request.get("material") or "") for one in newest}

    async def _occasions(self, asked: IdeaContext, first: date, last: date) -> dict[date, list[str]]:
        country = asked.country
        found: dict[date, list[str]] = {}
        month = first.replace(day=1)
        while country and month <= last:
            # In a thread: the holidays' package takes a while to load.
            found |= await asyncio.to_thread(occasions, country, month, asked.actor.locale)
            month = next_month(month)
        return {day: names for day, names in sorted(found.items()) if first <= day <= last}

    async def _of_days(self, asked: IdeaContext, family: Family, today: date, posts: Mapping[date, int]) -> list[Idea]:
        known = await self._occasions(asked, today + timedelta(days=1), today + AHEAD)
        ideas = [
            _of_day(asked, family, day, place, names, posts.get(day, 0))
            for day, names in known.items()
            for place in range(len(names))
        ]
        return sorted(ideas, key=lambda idea: bool(idea.why.values.get("count")))

    async def _of_facts(self, asked: IdeaContext, family: Family) -> list[Idea]:
        """Facts of the brand in use that stand in none of the newest texts."""
        brand = await self.brands.in_use(asked.request)
        if brand is None or family == "education":
            return []
        newest = await self.store.generations.latest(asked.actor.user_id, _NEWEST)
        said = "\n".join(f"{one.text}\n{one.request.get('brief', '')}" for one in newest).casefold()
        lines = format_field(brand.value.book, "facts").splitlines()
        untold = [(place, line) for place, line in enumerate(lines) if line.rpartition(": ")[2].casefold() not in said]
        return [
            Idea(
                f"fact.{brand.id}.{place}", "social_post",
                Phrase("Not in your latest texts: {fact}", fact=_short(line)),
                Phrase("A post about this: {fact}", fact=line),
            )
            for place, line in untold
        ]  # fmt: skip

    async def _of_results(self, asked: IdeaContext) -> list[Idea]:
        """What did well as another kind: what somebody liked, what has a star, and what the team approved."""
        ideas: dict[str, Idea] = {}
        newest = await self.store.generations.latest(asked.actor.user_id, _NEWEST)
        made, used = {one.request.get("parent_id") for one in newest}, await self._made_of(asked)
        for result in await self.store.generations.liked(asked.actor.user_id, _NEWEST):
            if result.id not in made and result.text not in used and (kind := _other_kind(result.kind)):
                ideas[result.id] = _other(result.id, title_of(result.text, result.parts), result.text, kind)
        for entry in await self._good_assets(asked):
            if entry.text not in used and (kind := _other_kind(entry.kind)):
                ideas.setdefault(entry.id, _other(entry.id, entry.title, entry.text, kind))
        return list(ideas.values())

    async def _good_assets(self, asked: IdeaContext) -> list[LibraryEntry]:
        owner_ids = _workspaces(asked.actor)
        if not owner_ids:
            return []
        wanted = (EntryFilter(starred=True), EntryFilter(status=APPROVED), EntryFilter(status=PUBLISHED))
        pages = [await self.store.entries.newest(owner_ids, one, 0, 3) for one in wanted]
        return list({entry.id: entry for page in pages for entry in page}.values())

    async def _asset(self, asked: IdeaContext, asset_id: str) -> LibraryEntry | None:
        owner_ids = _workspaces(asked.actor)
        places = [(owner_id, asset_id) for owner_id in owner_ids]
        return next(iter(await self.store.entries.entries(owner_ids, places)), None) if places else None


def _of_day(asked: IdeaContext, family: Family, day: date, place: int, names: Sequence[str], count: int) -> Idea:
    kind, brief = OF_A_DAY[family]
    values = {"occasion": names[place], "day": asked.in_words(day)}
    why = (
        Phrase("{occasion} is on {day}. Posts scheduled for that day: {count}.", **values, count=count)
        if count
        else Phrase("{occasion} is on {day}, and nothing is scheduled for it.", **values)
    )
    return Idea(f"day.{day.isoformat()}.{place}", kind, why, Phrase(brief, **values))


def _goes_once(shown: Shown) -> bool:
    """Whether something is to go out, and does not come again: of what comes each week nobody makes something each week."""
    return shown.planned.state == "planned" and not shown.planned.rule


def _of_plan(asked: IdeaContext, shown: Shown, kind: str) -> Idea:
    planned, as_kind = shown.planned, Phrase(kind_named(kind).title)
    title, day = _short(planned.title), asked.in_words(shown.at.date())
    return Idea(
        f"plan.{planned.id}.{kind}",
        kind,
        Phrase(
            "“{title}” goes out on {day}. Tell it in another form as well: {kind}.",
            title=title,
            day=day,
            kind=as_kind,
        ),
        Phrase("{kind} made from this text, for the same readers", kind=as_kind),
        planned.text,
        of_others=planned.user_id != asked.actor.user_id,
    )


def _of_gaps(asked: IdeaContext, family: Family, today: date, posts: Mapping[date, int]) -> list[Idea]:
    forms = list(FORMS[family].items())
    ideas = []
    for number, (first, last) in enumerate(gaps(today + timedelta(days=1), today + GAP_WITHIN, posts)):
        # Another one each week, and for each gap.
        name, (kind, brief) = forms[(first.isocalendar().week + number) % len(forms)]
        why = Phrase(
            "Nothing is scheduled from {first} to {last}.", first=asked.in_words(first), last=asked.in_words(last)
        )
        ideas.append(Idea(f"gap.{first.isoformat()}.{name}", kind, why, Phrase(brief)))
    return ideas


def gaps(first: date, last: date, posts: Mapping[date, int]) -> list[tuple[date, date]]:
    """Runs of at least `MIN_GAP` days without a post, from the first day to the last, both of which count."""
    found: list[tuple[date, date]] = []
    start: date | None = None
    for number in range((last - first).days + 2):
        day = first + timedelta(days=number)
        if day <= last and not posts.get(day):
            start = start or day
        elif start is not None:
            if (day - start).days >= MIN_GAP:
                found.append((start, day - timedelta(days=1)))
            start = None
    return found


def _other(result_id: str, title: str, text: str, kind: str) -> Idea:
    as_kind = Phrase(kind_named(kind).title)
    why = Phrase("“{title}” did well. Turn it into something else as well: {kind}.", title=_short(title), kind=as_kind)
    return Idea(
        f"other.{result_id}.{kind}",
        kind,
        why,
        Phrase("{kind} made from this text, for the same readers", kind=as_kind),
        text,
    )


def _other_kind(kind: str) -> str:
    """What else a text of a kind is made into; empty for what stands by itself."""
    family = kind_named(kind).family
    if family not in FORMS:
        return ""
    return next((name for name in usual_kinds(family) if name != kind), "")


def _workspaces(actor: Actor) -> list[str]:
    return [workspace(actor.guild_id)] if actor.guild_id else []


def _day_of(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _MAX_WORDS else f"{line[:_MAX_WORDS].rpartition(' ')[0]}…"


def request_of(idea: Idea, request: Request, brief: str) -> Request:
    """The request that begins an idea, by its brief in words."""
    return replace(request, brief=brief, kind=idea.kind, material=idea.material, of_others=idea.of_others)
