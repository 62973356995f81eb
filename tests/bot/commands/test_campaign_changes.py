"""What becomes of a campaign: a changed brief, what is stale and redone, the archive, a thread that is deleted."""

from __future__ import annotations

import io
import json
import zipfile

import pytest
from acting import act_at_once as same_time
from acting import tap
from campaigning import (
    BRIEF,
    CHANGED_BRIEF,
    begin_campaign,
    change_brief,
    create_campaign_with_texts,
    create_team,
    disable_delays,
    find_board,
    find_text_message,
    settle_campaigns,
)
from discord_texts import find_buttons, find_fields, get_answer, read_message
from planning import list_direct_messages, read_refusal, submit

from bot.commands.campaign.views import board_view, build_board_file
from bot.errors import Phrase
from bot.kinds.campaign import list_places
from bot.requests.campaign_writing import CampaignWriting
from bot.requests.campaigns import MAX_PLACES
from bot.team.review.steps import Step
from bot.team.workspace.roles import Member
from storage.campaigns import Campaign, CampaignPiece


@pytest.fixture(autouse=True)
def _seen_at_once(monkeypatch):
    disable_delays(monkeypatch)


@pytest.fixture
async def team(world):
    return await create_team(world)


async def test_a_changed_brief_marks_stale_texts_and_only_those_are_rewritten(world, team):
    thread = await create_campaign_with_texts(world, team)
    shown = await change_brief(world, thread, team.ben)
    said = read_message(shown)
    assert "~~5~~" in said, "what became other"
    assert "**Email** It says “5”, but the brief now says “12”." in said
    assert "Instagram**" not in said
    assert "outdated" in read_message(find_text_message(thread, "Email"))
    assert "outdated" not in read_message(find_text_message(thread, "Instagram"))
    assert "⚠ outdated" in read_message(find_board(thread))
    before = len(world.script.prompts)
    result = await team.ben.click(find_text_message(thread, "Email"), label="Rewrite for the new brief")
    assert "Texts being rewritten: 1." in read_message(get_answer(result))
    await settle_campaigns(world)
    assert any("12 May" in one for one in world.script.prompts[before:])
    now = find_text_message(thread, "Email")
    assert "draft" in read_message(now)
    assert "Version 3" in read_message(now)
    assert "outdated" not in read_message(now)
    versions = get_answer(await tap(team.ben, now, "History"))
    assert "Come on May 5" in read_message(versions), "what was approved can be read"
    assert "**The plan** · Campaign · draft · v1\n-# ⚠" in read_message(find_board(thread)), (
        "the others wait to be asked for"
    )
    assert "Rewrite the outdated one" in find_buttons(find_board(thread))
    seen, both = find_board(thread), (team.ben, team.boss)
    presses = [lambda who=who: who.click(seen, label="Rewrite the outdated one") for who in both]
    pressed = dict(zip(both, map(get_answer, await same_time(world.env, *presses)), strict=True))
    assert all(one.ephemeral for one in pressed.values())
    first, second = sorted(both, key=lambda who: "Texts being rewritten: 1." not in read_message(pressed[who]))
    assert read_message(pressed[second]).startswith(
        f"<@{first.id}> was quicker: the outdated texts are already being rewritten."
    )
    await settle_campaigns(world)
    assert "outdated" not in read_message(find_board(thread))


async def test_the_first_brief_change_wins_and_only_editors_rewrite_texts(world, team):
    thread = await create_campaign_with_texts(world, team)
    forms = [await who.click(find_board(thread), label="Change the brief…") for who in (team.ben, team.boss)]
    await submit(team.ben, forms[0], what_it_is_for=CHANGED_BRIEF)
    late = await submit(team.boss, forms[1], what_it_is_for=BRIEF + ", for children")
    assert "Someone else has just changed the brief." in read_refusal(late)
    assert "~~5~~ **12** May 2027" in read_refusal(late), "what became other"
    again = await team.boss.click(get_answer(late), label="Edit again")
    assert find_fields(again.modal)["What it is for, who it is for and when"]["value"].endswith(", for children"), (
        "what was typed"
    )
    await submit(team.boss, again, what_it_is_for=CHANGED_BRIEF + ", for children")
    assert (await world.app.store.campaigns.list_all(str(world.guild.id)))[0].brief == CHANGED_BRIEF + ", for children"
    assert "Only the people who gave these to the team" in read_refusal(
        await team.eve.click(find_text_message(thread, "Email"), label="Rewrite for the new brief")
    )
    assert "Only editors" in read_refusal(
        await team.ada.click(find_text_message(thread, "Email"), label="Rewrite for the new brief")
    )
    await world.env.settle()
    again = await submit(team.ben, await team.ben.click(find_board(thread), label="Change the brief…"))
    assert "The brief has not changed," in read_refusal(again)


async def test_a_campaign_is_exported_as_one_zip(world, team):
    thread = await create_campaign_with_texts(world, team)
    [file] = get_answer(await team.boss.slash(thread, "campaign zip")).attachments
    archive = zipfile.ZipFile(io.BytesIO(await file.read()))
    names = set(archive.namelist())
    assert {f"plan.{one}" for one in ("md", "txt", "docx")} <= names
    assert {f"texts/01-email.{one}" for one in ("md", "txt", "docx")} <= names
    assert {"image-prompts/04-instagram.txt", "pictures/board.png", "board.csv", "brief.txt", "audit.jsonl"} <= names
    assert "Come on May 5" in archive.read("texts/01-email.txt").decode()
    table = archive.read("board.csv").decode("utf-8-sig").splitlines()
    assert table[0].startswith("#,Text,Kind,Status")
    assert any("approved · v2" in line for line in table)
    acts = [json.loads(line)["act"] for line in archive.read("audit.jsonl").decode().splitlines()]
    assert {"campaign", "keep", "edit", "approve"} <= set(acts)
    [file] = get_answer(await team.dora.click(find_board(thread), label="Everything as .zip")).attachments
    seen_by_dora = zipfile.ZipFile(io.BytesIO(await file.read())).namelist()
    assert "audit.jsonl" not in seen_by_dora, "the audit is the owners'"


async def test_a_deleted_campaign_thread_is_reported(world, team):
    thread = await create_campaign_with_texts(world, team)
    message = find_text_message(thread, "Instagram")
    await world.guild.me.guild.get_thread(thread.id).delete()
    await world.env.settle()
    assert any("The thread of the campaign" in one for one in list_direct_messages(world, team.ben))
    shown = read_message(get_answer(await team.dora.slash(world.channel, "campaign show")))
    assert "its thread no longer exists" in shown
    assert message is not None


async def test_a_text_written_while_the_brief_changes_is_stale(world, team, monkeypatch):
    written, changed = CampaignWriting._write, []

    async def slowly(self, campaign, piece, user_id, checkpoint):
        made = await written(self, campaign, piece, user_id, checkpoint)
        if piece.name == "email" and not changed:
            changed.append(piece)
            await self.campaigns.change_brief(
                campaign.guild_id, Member(str(team.boss.id), manages=True), campaign.id, 1, CHANGED_BRIEF
            )
        return made

    monkeypatch.setattr(CampaignWriting, "_write", slowly)
    thread = await begin_campaign(world, team.ben)
    assert "The brief changed while I was writing this." in read_message(find_text_message(thread, "Email"))
    assert "12 May" in (await world.desk.campaigns.find_in_thread(str(world.guild.id), str(thread.id))).brief
    await team.ben.click(find_text_message(thread, "Email"), label="Rewrite for the new brief")
    await settle_campaigns(world)
    assert "outdated" not in read_message(find_text_message(thread, "Email"))
    assert any("12 May" in one and "The text for Email" in one for one in world.script.prompts)


async def test_the_campaign_list_can_be_paged(world, team):
    for number in range(7):
        made = Campaign(str(number), str(world.guild.id), f"Campaign {number}", "b", ("email",), "5", str(team.ben.id))
        await world.app.store.campaigns.add(
            made, [CampaignPiece(str(number), str(world.guild.id), 0, "plan", None, state="failed")]
        )
    shown = get_answer(await team.dora.slash(world.channel, "campaign show"))
    assert "Campaigns · 1/2" in read_message(shown)
    assert "Campaign 6" in read_message(shown)
    turned = (await team.dora.click(shown, label="▶")).response
    assert "Campaigns · 2/2" in read_message(turned)
    assert "Campaign 0" in read_message(turned)
    assert "failed: 1" in read_message(turned)


async def test_the_first_of_an_edit_and_a_rewrite_wins(world, team, monkeypatch):
    thread = await create_campaign_with_texts(world, team)
    await change_brief(world, thread, team.ben)
    written = CampaignWriting._write

    async def slowly(self, campaign, piece, user_id, checkpoint):
        boss, guild_id = Member(str(team.boss.id), manages=True), campaign.guild_id
        seen = await world.app.reviewing.load_view(guild_id, boss, piece.asset_id)
        await world.app.reviewing.take_step(
            guild_id, boss, piece.asset_id, Step.EDIT, seen.review.version, text="By hand, 12 May."
        )
        return await written(self, campaign, piece, user_id, checkpoint)

    monkeypatch.setattr(CampaignWriting, "_write", slowly)
    await team.ben.click(find_text_message(thread, "Email"), label="Rewrite for the new brief")
    await settle_campaigns(world)
    assert "By hand, 12 May." in read_message(find_text_message(thread, "Email"))
    assert f"Someone was quicker: <@{team.boss.id}> made version 3" in read_message(find_board(thread)).replace(
        "\\", ""
    )


async def test_a_full_board_fits_into_a_message(world, team):
    """Every place and every prompt, all stale: the reasons stand at the texts then."""
    brief = BRIEF.partition(":")[0] + ": " + ", ".join(list_places().values())
    guild_id, names = str(world.guild.id), [*list_places()][:MAX_PLACES]
    made = Campaign("5", guild_id, brief[:80], brief, tuple(names), "5", str(team.ben.id), thread_id="6", board_id="7")
    why = Phrase(
        "It says {gone}, but the brief now says {came}.", gone="“5 May 2027”" * 8, came="“12 May 2027”" * 8
    ).to_json()
    pieces = [
        CampaignPiece("5", guild_id, number, name, str(team.ben.id), state="failed", stale=why, failure=why)
        for number, name in enumerate(["plan", *names, *(f"{one} picture" for one in names)])
    ]
    await world.app.store.campaigns.add(made, pieces)
    standing = await world.desk.campaigns.build_overview(made)
    view = board_view(standing, build_board_file(standing, b"", "de"), "de")
    shown = read_message({"components": view.to_components()})
    assert shown.count("\n") >= len(pieces)
    assert len(shown) <= 3900
    assert "Bild**" in shown


async def test_a_brief_by_another_member_gets_no_private_data_of_the_requester(world, team):
    """A colleague's brief may ask for what only the person knows who presses the button; their own may."""
    await world.app.store.profiles.update(
        str(team.ben.id), lambda known: known.model_copy(update={"facts": ("dodofact: the lease ends in March",)})
    )
    thread = await begin_campaign(world, team.ben)
    before = len(world.script.prompts)
    assert "dodofact" in "\n".join(world.script.prompts)
    await change_brief(world, thread, team.eve, f"{CHANGED_BRIEF}. Say when the lease ends.")
    await team.ben.click(find_board(thread), custom_id=find_redo_id(thread))
    await settle_campaigns(world)
    prompts = "\n".join(world.script.prompts[before:])
    assert "Say when the lease ends" in prompts
    assert "dodofact" not in prompts


def find_redo_id(thread):
    """Return the custom id of the button that rewrites all that is outdated."""
    return next(one for one in find_buttons(find_board(thread)).values() if one.startswith("quillcampaign:redo:"))
