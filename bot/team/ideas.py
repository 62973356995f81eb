"""Ideas for a team's next texts, from its calendar and the gaps in it, holidays, unused brand facts, and successful texts.

Ideas are computed on demand and never stored; the key of an idea recreates it, so that its button works after a restart.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from bot.content import Defaults, Family, Request
from bot.errors import Phrase, RefusedError
from bot.generation.next_steps import guess_family, list_common_kinds
from bot.kinds import find_kind
from bot.markup import shorten
from bot.reading.titles import find_title
from bot.store import Store
from bot.team.brands import BrandBooks
from bot.team.calendar.calendar import Calendar
from bot.team.calendar.occasions import list_holidays
from bot.team.calendar.posts import Actor, CalendarEntry
from bot.team.calendar.recurrence import find_next_month, to_wall_time
from bot.team.workspace.workspaces import Workspaces
from personas.book_fields import format_field
from personas.profile import find_zone
from storage.assets import APPROVED, PUBLISHED
from storage.entries import EntryFilter, LibraryEntry
from storage.owners import workspace

# How far ahead holidays are suggested, and gaps in the calendar are searched.
HOLIDAY_HORIZON, GAP_HORIZON = timedelta(days=45), timedelta(days=21)
# Minimum days without a post that count as a gap.
MIN_GAP_DAYS = 4
# The maximum ideas of each sort, in the order in which they are listed.
_MAX_IDEAS_BY_SORT = {"day": 3, "plan": 2, "fact": 2, "other": 2, "gap": 2}
_MAX_RECENT_RESULTS = 20
_MAX_QUOTE_CHARACTERS = 140

# Ideas for gaps that need no facts, by family: kind and brief.
GAP_IDEAS: Mapping[Family, Mapping[str, tuple[str, str]]] = {
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
# The idea for a holiday, by family: kind and brief.
HOLIDAY_IDEAS: Mapping[Family, tuple[str, str]] = {
    "marketing": ("social_post", "A post for {occasion}, on {day}"),
    "education": ("quiz", "Five questions on {occasion}: where it comes from and how it is celebrated"),
}
# The kind that a scheduled text is turned into, by family.
POST_KINDS: Mapping[Family, str] = {"marketing": "email", "education": "quiz"}
_KEY = re.compile(
    r"(?P<sort>day|plan|fact|other|gap)\.(?P<what>[\w-]{1,60})(?:\.(?P<more>\w{1,30}))?",
)
_GONE = "That idea is out of date: what it was based on is gone, or already done. Find others in /ideas."


@dataclass(frozen=True, slots=True)
class Idea:
    """A suggestion to make a text of a `kind`: the reason, the brief, and optional material.

    `of_others` is whether another user wrote the material.
    """

    key: str
    kind: str
    reason: Phrase
    brief: Phrase
    material: str = ""
    of_others: bool = False


@dataclass(frozen=True, slots=True)
class IdeaContext:
    """The actor who wants ideas, a request in their channel, and what depends on them.

    `can_see` says whether they can see a channel, `format_day` formats a day in their language, and `country` is that of the holidays.
    """

    actor: Actor
    request: Request
    can_see: Callable[[str], bool]
    format_day: Callable[[date], str]
    country: str


@dataclass(frozen=True, slots=True)
class Ideas:
    """Computes ideas; none are stored."""

    store: Store
    workspaces: Workspaces
    calendar: Calendar
    brands: BrandBooks

    async def list_ideas(self, context: IdeaContext) -> list[Idea]:
        """Return the ideas for an actor and their channel, the most urgent first."""
        family, today = await self._find_family(context), await self._find_today(context)
        entries = await self._list_calendar_entries(context, today)
        post_counts = Counter(entry.at.date() for entry in entries)
        ideas_by_sort = {
            "day": await self._list_holiday_ideas(context, family, today, post_counts),
            "plan": await self._list_post_ideas(context, family, entries),
            "fact": await self._list_fact_ideas(context, family),
            "other": await self._list_result_ideas(context),
            "gap": _list_gap_ideas(context, family, today, post_counts),
        }
        return [idea for sort, limit in _MAX_IDEAS_BY_SORT.items() for idea in ideas_by_sort[sort][:limit]]

    async def find_idea(self, context: IdeaContext, key: str) -> Idea:
        """Recreate the idea with a key.

        Raises:
            RefusedError: the idea is out of date.
        """
        match = _KEY.fullmatch(key)
        family = await self._find_family(context)
        match match["sort"] if match else "":
            case "day" if match:
                day = _parse_day(match["what"])
                holidays_by_day = await self._list_holidays(context, day, day) if day else {}
                index = int(match["more"] or 0) if (match["more"] or "0").isdigit() else 0
                if day and index < len(names := holidays_by_day.get(day, [])):
                    return _build_holiday_idea(context, family, day, index, names, 0)
            case "plan" if match:
                entries = await self._list_calendar_entries(context, await self._find_today(context))
                if post_entry := next(
                    (entry for entry in entries if entry.post.id == match["what"] and _is_single(entry)), None
                ):
                    return _build_post_idea(context, post_entry, find_kind(match["more"] or "").name)
            case "fact":
                ideas = await self._list_fact_ideas(context, family)
                if idea := next((idea for idea in ideas if idea.key == key), None):
                    return idea
            case "other" if match:
                result = await self.store.generations.get(match["what"], context.actor.user_id)
                if result is not None and match["more"]:
                    return _build_result_idea(
                        result.id, find_title(result.text, result.parts), result.text, find_kind(match["more"]).name
                    )
                if (entry := await self._load_asset(context, match["what"])) and match["more"]:
                    idea = _build_result_idea(entry.id, entry.title, entry.text, find_kind(match["more"]).name)
                    return replace(idea, of_others=entry.author != context.actor.user_id)
            case "gap" if match and match["more"] in GAP_IDEAS[family]:
                kind, brief = GAP_IDEAS[family][match["more"]]
                return Idea(key, kind, Phrase(""), Phrase(brief))
        raise RefusedError(_GONE)

    async def _find_family(self, context: IdeaContext) -> Family:
        defaults = await self._load_defaults(context)
        if defaults.family in GAP_IDEAS:
            return "education" if defaults.family == "education" else "marketing"
        newest = await self.store.generations.list_latest(context.actor.user_id, 5)
        profile = (await self.store.profiles.load_known(context.actor.user_id, context.request.scopes))[0].profile
        return "education" if guess_family(profile, [result.kind for result in newest]) == "education" else "marketing"

    async def _load_defaults(self, context: IdeaContext) -> Defaults:
        return await self.workspaces.load_defaults(context.request)

    async def _find_today(self, context: IdeaContext) -> date:
        zone = await self.calendar.find_zone(context.actor)
        return to_wall_time(self.calendar.now(), find_zone(zone.name)).date()

    async def _list_calendar_entries(self, context: IdeaContext, today: date) -> list[CalendarEntry]:
        """Return the posts from the beginning of this month to the holiday horizon, in order."""
        entries: list[CalendarEntry] = []
        first_day, last_day = today.replace(day=1), today + HOLIDAY_HORIZON
        while first_day <= last_day:
            entries += await self.calendar.list_month(context.actor, first_day, context.can_see)
            first_day = find_next_month(first_day)
        return entries

    async def _list_post_ideas(
        self, context: IdeaContext, family: Family, calendar_entries: Sequence[CalendarEntry]
    ) -> list[Idea]:
        """Suggest other kinds for posts that are due soon and do not recur."""
        used_materials = await self._load_used_materials(context)
        ideas = []
        for calendar_entry in calendar_entries:
            if _is_single(calendar_entry) and calendar_entry.post.text not in used_materials:
                asset = (
                    await self._load_asset(context, calendar_entry.post.asset.partition(":")[0])
                    if calendar_entry.post.asset
                    else None
                )
                if kind := _find_other_kind(asset.kind) if asset else POST_KINDS[family]:
                    ideas.append(_build_post_idea(context, calendar_entry, kind))
        return ideas[: _MAX_IDEAS_BY_SORT["plan"]]

    async def _load_used_materials(self, context: IdeaContext) -> set[str]:
        """Return the materials of the newest results, which are not suggested again."""
        newest = await self.store.generations.list_latest(context.actor.user_id, _MAX_RECENT_RESULTS)
        return {str(result.request.get("material") or "") for result in newest}

    async def _list_holidays(self, context: IdeaContext, first_day: date, last_day: date) -> dict[date, list[str]]:
        country = context.country
        holidays_by_day: dict[date, list[str]] = {}
        month = first_day.replace(day=1)
        while country and month <= last_day:
            # In a thread, as the holidays package is slow to load.
            holidays_by_day |= await asyncio.to_thread(list_holidays, country, month, context.actor.locale)
            month = find_next_month(month)
        return {day: names for day, names in sorted(holidays_by_day.items()) if first_day <= day <= last_day}

    async def _list_holiday_ideas(
        self, context: IdeaContext, family: Family, today: date, post_counts: Mapping[date, int]
    ) -> list[Idea]:
        holidays_by_day = await self._list_holidays(context, today + timedelta(days=1), today + HOLIDAY_HORIZON)
        ideas = [
            _build_holiday_idea(context, family, day, index, names, post_counts.get(day, 0))
            for day, names in holidays_by_day.items()
            for index in range(len(names))
        ]
        return sorted(ideas, key=lambda idea: bool(idea.reason.values.get("count")))

    async def _list_fact_ideas(self, context: IdeaContext, family: Family) -> list[Idea]:
        """Suggest facts of the active brand that none of the newest texts mentions."""
        brand = await self.brands.find_active(context.request)
        if brand is None or family == "education":
            return []
        newest = await self.store.generations.list_latest(context.actor.user_id, _MAX_RECENT_RESULTS)
        recent_texts = "\n".join(f"{result.text}\n{result.request.get('brief', '')}" for result in newest).casefold()
        lines = format_field(brand.value.book, "facts").splitlines()
        unused = [
            (index, line) for index, line in enumerate(lines) if line.rpartition(": ")[2].casefold() not in recent_texts
        ]
        return [
            Idea(
                f"fact.{brand.id}.{index}",
                "social_post",
                Phrase("Not in your latest texts: {fact}", fact=shorten(" ".join(line.split()), _MAX_QUOTE_CHARACTERS)),
                Phrase("A post about this: {fact}", fact=line),
            )
            for index, line in unused
        ]

    async def _list_result_ideas(self, context: IdeaContext) -> list[Idea]:
        """Suggest other kinds for successful texts: liked, starred, approved or published ones."""
        ideas: dict[str, Idea] = {}
        newest = await self.store.generations.list_latest(context.actor.user_id, _MAX_RECENT_RESULTS)
        used_parents, used_materials = (
            {result.request.get("parent_id") for result in newest},
            await self._load_used_materials(context),
        )
        for result in await self.store.generations.list_liked(context.actor.user_id, _MAX_RECENT_RESULTS):
            if (
                result.id not in used_parents
                and result.text not in used_materials
                and (kind := _find_other_kind(result.kind))
            ):
                ideas[result.id] = _build_result_idea(
                    result.id, find_title(result.text, result.parts), result.text, kind
                )
        for entry in await self._load_successful_assets(context):
            if entry.text not in used_materials and (kind := _find_other_kind(entry.kind)):
                ideas.setdefault(entry.id, _build_result_idea(entry.id, entry.title, entry.text, kind))
        return list(ideas.values())

    async def _load_successful_assets(self, context: IdeaContext) -> list[LibraryEntry]:
        owner_ids = _find_owner_ids(context.actor)
        if not owner_ids:
            return []
        filters = (EntryFilter(starred=True), EntryFilter(status=APPROVED), EntryFilter(status=PUBLISHED))
        pages = [await self.store.entries.list_newest(owner_ids, entry_filter, 0, 3) for entry_filter in filters]
        return list({entry.id: entry for page in pages for entry in page}.values())

    async def _load_asset(self, context: IdeaContext, asset_id: str) -> LibraryEntry | None:
        owner_ids = _find_owner_ids(context.actor)
        places = [(owner_id, asset_id) for owner_id in owner_ids]
        return next(iter(await self.store.entries.load_entries(owner_ids, places)), None) if places else None


def _build_holiday_idea(
    context: IdeaContext, family: Family, day: date, index: int, names: Sequence[str], count: int
) -> Idea:
    kind, brief = HOLIDAY_IDEAS[family]
    values = {"occasion": names[index], "day": context.format_day(day)}
    reason = (
        Phrase("{occasion} is on {day}. Posts scheduled for that day: {count}.", **values, count=count)
        if count
        else Phrase("{occasion} is on {day}, and nothing is scheduled for it.", **values)
    )
    return Idea(f"day.{day.isoformat()}.{index}", kind, reason, Phrase(brief, **values))


def _is_single(calendar_entry: CalendarEntry) -> bool:
    """Return whether a post is still to be sent and does not recur."""
    return calendar_entry.post.state == "planned" and not calendar_entry.post.rule


def _build_post_idea(context: IdeaContext, calendar_entry: CalendarEntry, kind: str) -> Idea:
    post, as_kind = calendar_entry.post, Phrase(find_kind(kind).title)
    title, day = shorten(post.title, _MAX_QUOTE_CHARACTERS), context.format_day(calendar_entry.at.date())
    return Idea(
        f"plan.{post.id}.{kind}",
        kind,
        Phrase(
            "“{title}” goes out on {day}. Tell it in another form, too: {kind}.",
            title=title,
            day=day,
            kind=as_kind,
        ),
        Phrase("{kind} made from this text, for the same readers", kind=as_kind),
        post.text,
        of_others=post.user_id != context.actor.user_id,
    )


def _list_gap_ideas(context: IdeaContext, family: Family, today: date, post_counts: Mapping[date, int]) -> list[Idea]:
    gap_ideas = list(GAP_IDEAS[family].items())
    ideas = []
    for number, (first_day, last_day) in enumerate(
        find_gaps(today + timedelta(days=1), today + GAP_HORIZON, post_counts)
    ):
        # A different idea each week and for each gap.
        name, (kind, brief) = gap_ideas[(first_day.isocalendar().week + number) % len(gap_ideas)]
        reason = Phrase(
            "Nothing is scheduled from {first} to {last}.",
            first=context.format_day(first_day),
            last=context.format_day(last_day),
        )
        ideas.append(Idea(f"gap.{first_day.isoformat()}.{name}", kind, reason, Phrase(brief)))
    return ideas


def find_gaps(first_day: date, last_day: date, post_counts: Mapping[date, int]) -> list[tuple[date, date]]:
    """Return the gaps of at least `MIN_GAP_DAYS` days without a post in [first_day, last_day], as first and last day."""
    gaps: list[tuple[date, date]] = []
    start: date | None = None
    for number in range((last_day - first_day).days + 2):
        day = first_day + timedelta(days=number)
        if day <= last_day and not post_counts.get(day):
            start = start or day
        elif start is not None:
            if (day - start).days >= MIN_GAP_DAYS:
                gaps.append((start, day - timedelta(days=1)))
            start = None
    return gaps


def _build_result_idea(result_id: str, title: str, text: str, kind: str) -> Idea:
    as_kind = Phrase(find_kind(kind).title)
    reason = Phrase(
        "“{title}” did well. Turn it into something else, too: {kind}.",
        title=shorten(title, _MAX_QUOTE_CHARACTERS),
        kind=as_kind,
    )
    return Idea(
        f"other.{result_id}.{kind}",
        kind,
        reason,
        Phrase("{kind} made from this text, for the same readers", kind=as_kind),
        text,
    )


def _find_other_kind(kind: str) -> str:
    """Return a kind that a text of another kind can be turned into; empty if there is none."""
    family = find_kind(kind).family
    if family not in GAP_IDEAS:
        return ""
    return next((name for name in list_common_kinds(family) if name != kind), "")


def _find_owner_ids(actor: Actor) -> list[str]:
    return [workspace(actor.guild_id)] if actor.guild_id else []


def _parse_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def build_request(idea: Idea, request: Request, brief: str) -> Request:
    """Build the request for the text of an idea; `brief` is its brief in the user's language."""
    return replace(request, brief=brief, kind=idea.kind, material=idea.material, of_others=idea.of_others)
