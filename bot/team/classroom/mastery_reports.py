"""The service for members' mastery of objectives, as themselves and their teachers may see it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from bot.store import Store
from bot.team.workspace.roles import Member, Permission, any_has_permission
from bot.team.workspace.workspaces import Workspaces
from storage.owners import workspace

from . import mastery
from .course import Course
from .mastery import Record
from .quiz_game import Game
from .quiz_run import Run


@dataclass(frozen=True, slots=True)
class MasteryReports:
    """The service for the mastery records of servers and users."""

    store: Store
    workspaces: Workspaces

    async def load_mastery(self, guild_id: str, member: Member) -> tuple[dict[str, Record], bool]:
        """Return the mastery records that a member may see, by user id, and whether they may include other users'.

        A teacher sees all members' records, including the courses that members share with their teachers. Any other member sees
        their own record; an editor also sees the members who answered their quizzes or homework, limited to the objectives of those.
        """
        own_id = member.user_id
        if not guild_id:
            return dict(await self.store.games.load_mastery(own_id, own_id)), False
        await self.workspaces.require(guild_id, member, Permission.SEE)
        if await self.workspaces.has_assigned_permission(guild_id, member, Permission.FILE):
            records = await self.store.games.load_mastery(workspace(guild_id))
            return await self._add_shared(guild_id, records), True
        is_editor = any_has_permission(await self.workspaces.find_roles(guild_id, member), Permission.FILE)
        asked_objectives = await self._load_asked_objectives(guild_id, own_id) if is_editor else {}
        if not asked_objectives.keys() - {own_id}:
            return dict(await self.store.games.load_mastery(workspace(guild_id), own_id)), False
        records = await self.store.games.load_mastery(workspace(guild_id))
        return {
            user_id: {
                name: answers
                for name, answers in record.items()
                if user_id == own_id or name in asked_objectives[user_id]
            }
            for user_id, record in records.items()
            if user_id == own_id or user_id in asked_objectives
        }, True

    async def _add_shared(self, guild_id: str, records: Mapping[str, Record]) -> dict[str, Record]:
        """Return members' records, merged with the answers in the courses that they share with the server's teachers."""
        merged = dict(records)
        objectives: defaultdict[str, set[str]] = defaultdict(set)
        for stored_course in await self.store.courses.list_shared(guild_id):
            objectives[stored_course.user_id] |= set(Course.from_json(stored_course.value).objectives)
        for user_id, names in objectives.items():
            course_record = (await self.store.games.load_mastery(user_id, user_id)).get(user_id, {})
            answers = [(name, answer) for name in course_record if name in names for answer in course_record[name]]
            merged[user_id] = mastery.add_answers(merged.get(user_id, {}), answers)
        return merged

    async def _load_asked_objectives(self, guild_id: str, user_id: str) -> dict[str, set[str]]:
        """Return the objectives that members have answered questions on in a user's quizzes and homework, by the members' ids."""
        objectives: defaultdict[str, set[str]] = defaultdict(set)
        games, owner_id = self.store.games, workspace(guild_id)
        for stored_game in await games.list_by_kind("live", owner_id=owner_id, user_id=user_id):
            items = Game.from_json(stored_game.value).items
            for answer in await games.list_answers(stored_game.id):
                objectives[answer.user_id].add(items[answer.number].objective)
        for homework in await games.list_by_kind("homework", owner_id=owner_id, user_id=user_id):
            for pupil in await games.list_by_kind("pupil", parent_id=homework.id):
                run = Run.from_json(pupil.value)
                objectives[pupil.user_id] |= {run.items[number].objective for number in run.firsts}
        return dict(objectives)
