"""Tables in Discord: one is learnt and given with its report, more rows come of what is kept, strangers get none of it."""

from __future__ import annotations

import asyncio
import csv
import io
import itertools
import random

import pytest
from acting import wait_until
from discord_texts import get_answer, read_message
from openpyxl import load_workbook
from planning import list_direct_messages, read_refusal
from test_bulk import act_without_settling, write_xlsx

from bot.commands import data as door
from bot.errors import FileError, Phrase, RefusedError
from bot.synthesis.worker import TableOrder, WorkerMessage
from storage.table_jobs import TableJob


def make_visits(rows=60):
    """Return a small table of visits."""
    rng = random.Random(3)
    cells = [[rng.choice("FM"), str(rng.randint(20, 90)), str(rng.randint(100, 999))] for _ in range(rows)]
    return [["sex", "age", "cost"], *cells]


def csv_of(rows):
    file = io.StringIO(newline="")
    csv.writer(file).writerows(rows)
    return file.getvalue().encode()


async def idle(world):
    await world.bot.get_cog("DataCommands").wait_until_idle()
    await world.env.settle()


async def rows_in(file):
    return list(csv.reader(io.StringIO((await file.read()).decode(), newline="")))


@pytest.fixture(autouse=True)
def _seen_at_once(monkeypatch):
    monkeypatch.setattr(door, "PROGRESS_SECONDS", 0.0)


async def test_a_table_is_learnt_stored_and_extended_and_hidden_from_others(world):
    table = ("clinic.xlsx", write_xlsx(make_visits()))
    await world.ada.slash(world.channel, "data make", table=table, rows=30, model="copula", keep_as="my clinic")
    await idle(world)
    shown = world.channel.last_message
    said = read_message(shown)
    assert "30 made-up rows, learnt from 60 real ones with the model copula. Copies among them: 0." in said
    assert "It proves nothing about real people" in said
    made, picture, paper = shown.attachments
    assert (made.filename, picture.filename, paper.filename) == (
        "clinic-made-up.xlsx",
        "clinic-report.png",
        "clinic-report.pdf",
    )
    assert picture.description.startswith("Chart: the made-up rows are")
    heads, *rows = load_workbook(io.BytesIO(await made.read())).active.iter_rows(values_only=True)
    assert heads == ("sex", "age", "cost")
    assert len(rows) == 30
    kept = get_answer(await world.ada.slash(world.channel, "data list"))
    assert kept.ephemeral
    assert "my clinic" in read_message(kept)
    assert "You have none yet." in read_message(get_answer(await world.ben.slash(world.channel, "data list")))
    more = get_answer(await world.ada.slash(world.channel, "data more", model="my clinic", rows=5, condition="sex = F"))
    assert more.ephemeral
    assert "You have no saved table with that" in read_refusal(
        await world.ben.slash(world.channel, "data more", model="my clinic")
    )
    [job] = await world.app.store.made_tables.list_active(str(world.ada.id))
    assert await world.app.store.made_tables.load_part(job, "source") == b"", "the table itself is not kept"
    delete = f"quilldata:delete:{job.id}"
    with pytest.raises(RefusedError, match="Only the person who sent that table"):
        await world.bot.desk.synthetic_tables.job(job.id, str(world.ben.id))
    again = {"table": table, "keep_as": "My Clinic"}
    assert "You already have a model called My Clinic." in read_refusal(
        await world.ada.slash(world.channel, "data make", **again)
    )
    await world.ada.click(kept, custom_id=delete)
    assert await world.app.store.made_tables.list_active(str(world.ada.id)) == []


async def test_under_epsilon_only_the_owner_sees_comparisons_with_real_rows(world, monkeypatch):
    def phrase(words):
        return Phrase(words).to_json()

    about = {"rows": 2, "learnt": 190, "model": "copula", "sentences": [phrase("Learnt with noise.")], "notes": []}
    compared = about | {
        "copied": 3,
        "learnt": 180,
        "overall": 0.9,
        "told_apart": 0.6,
        "sentences": [phrase("Keep it from others.")],
    }

    async def made(order, bodies, **_):
        more = {"rows": 5, "model": "copula", "epsilon": 1.0}
        files = {"table": b"sex\r\nF\r\nM\r\n", "png": b"png", "pdf": b"pdf", "model": b"model"}
        yield WorkerMessage("done", more if "model" in bodies else about | {"compared": compared}, files)

    monkeypatch.setattr("bot.requests.synthetic_tables.run_worker", made)
    table = {"table": ("clinic.csv", csv_of(make_visits())), "epsilon": 1.0, "keep_as": "quiet"}
    await world.ada.slash(world.channel, "data make", **table)
    await idle(world)
    shown = world.channel.last_message
    said = read_message(shown)
    assert "2 made-up rows, learnt with noise from about 190 real ones with the model copula." in said
    assert "Learnt with noise." in said
    assert "Keep it from others." not in said
    assert "The report compares with the real rows, so I sent it only to the" in said
    assert [one.filename for one in shown.attachments] == ["clinic-made-up.csv"]
    report = world.ada.user.dm_channel.last_message
    assert [one.filename for one in report.attachments] == ["clinic-report.png", "clinic-report.pdf"]
    assert "learnt from 180 real ones with the model copula. Copies among them: 3." in read_message(report)
    assert "Keep it from others." in read_message(report)
    assert list_direct_messages(world, world.ben) == []
    more = get_answer(await world.ada.slash(world.channel, "data more", model="quiet", rows=5))
    assert "They were not compared with the real ones" in read_message(more)


async def test_a_table_resumes_from_its_checkpoint_and_only_its_owner_cancels_it(world, monkeypatch):
    heard = []

    async def made(order, bodies, *, checkpoint_seconds):
        heard.append((order, dict(bodies)))
        yield WorkerMessage("progress", {"epoch": 3, "epochs": 9, "seconds": 40.0, "score": 0.5})
        yield WorkerMessage("checkpoint", {}, {"checkpoint": b"as far as that"})
        await asyncio.sleep(600)

    monkeypatch.setattr("bot.requests.synthetic_tables.run_worker", made)
    await act_without_settling(
        world, world.ada.slash(world.channel, "data make", table=("clinic.csv", csv_of(make_visits())), model="vae")
    )
    cog, store = world.bot.get_cog("DataCommands"), world.app.store.made_tables
    async with asyncio.timeout(60):
        while not (jobs := await store.list_active(str(world.ada.id))) or not await store.load_part(
            jobs[0], "checkpoint"
        ):
            await asyncio.sleep(0.01)
    [job] = jobs
    shown = world.channel.last_message
    assert "Epoch 3 of 9 · at most about 40 s left" in read_message(shown)
    await cog.workers.end()
    await cog.run_once()
    await wait_until(lambda: len(heard) == 2)
    assert heard[1] == (
        TableOrder("clinic.csv", model="vae", locale="en-US"),
        {"source": csv_of(make_visits()), "checkpoint": b"as far as that"},
    )
    cancel = f"quilldata:cancel:{job.id}"
    pressed = await act_without_settling(world, world.ben.click(shown, custom_id=cancel))
    await wait_until(lambda: pressed.acknowledged)
    assert await store.list_active(str(world.ada.id)) == [job], "a stranger's press ends nothing"
    await act_without_settling(world, world.ada.click(shown, custom_id=cancel))
    await idle(world)
    assert "Cancelled. Nothing was saved." in read_message(world.channel.last_message)
    assert await store.load_part(job, "source") == b""


@pytest.mark.nightly
async def test_the_entity_and_time_columns_can_be_named(world):
    """Machines by their names and a number for the time look like any table: whoever knows it names both columns."""
    rng, rows = random.Random(4), [["machine", "step", "heat"]]
    for name in ("press", "lathe", "drill"):
        heat = rng.uniform(20, 60)
        for step in range(12):
            rows.append([name, str(step), f"{heat:.1f}"])
            heat += rng.uniform(-1, 1)
    table = ("machines.csv", csv_of(rows))
    named = {"entity": "Machine", "time": "step", "rows": 40}
    await world.ada.slash(world.channel, "data make", table=table, **named)
    await idle(world)
    shown = world.channel.last_message
    assert "with the model rnn" in read_message(shown)
    assert "For the same machine, steps from row to row" in read_message(shown)
    _, *made = await rows_in(shown.attachments[0])
    assert all(int(one[1]) <= int(two[1]) for one, two in itertools.pairwise(made) if one[0] == two[0])
    await world.ada.slash(world.channel, "data make", table=table, entity="motor", time="step")
    await idle(world)
    assert 'There is no column called "motor". The columns are: machine, step, heat.' in read_message(
        world.channel.last_message
    )


async def test_personal_and_real_columns_and_rules_can_be_named(world):
    rng = random.Random(5)
    cells = [
        [f"mark {n % 30}", "Ada Lovelace", str(start := rng.randint(1, 50)), str(start + rng.randint(0, 40))]
        for n in range(60)
    ]
    table = ("visits.csv", csv_of([["who", "wing", "start", "end"], *cells]))
    named = {"personal": "who=person", "keep_real": "wing", "rules": "end >= start"}
    await world.ada.slash(world.channel, "data make", table=table, rows=40, model="copula", **named)
    await idle(world)
    _, *rows = await rows_in(world.channel.last_message.attachments[0])
    assert len(rows) == 40
    assert not [who for who, *_ in rows if who.startswith("mark")]
    assert {wing for _, wing, *_ in rows} == {"Ada Lovelace"}
    assert all(int(end) >= int(start) for *_, start, end in rows)
    refusal = read_refusal(await world.ada.slash(world.channel, "data make", table=table, personal="who=planet"))
    assert "I do not know “planet”." in refusal


async def test_hostile_tables_and_words_are_refused_with_a_reason(world):
    await world.ada.slash(world.channel, "data make", table=("x.csv", b"a,b\n1,2\n"))
    await idle(world)
    assert "Rows in that table: 1" in read_message(world.channel.last_message)
    assert "I cannot read .exe files." in read_refusal(
        await world.ada.slash(world.channel, "data make", table=("x.exe", b"MZ"))
    )
    words = "200 patients: age, sex, warp factor"
    assert "I do not know how" in read_refusal(await world.ada.slash(world.channel, "data invent", columns=words))


async def test_a_table_is_invented_from_words(world):
    shown = get_answer(await world.ada.slash(world.channel, "data invent", columns="20 patients: age, sex, HbA1c"))
    assert "Everything here is made up: 20 rows, 3 columns." in read_message(shown)
    assert "LOINC" in read_message(shown)
    [file] = shown.attachments
    heads, *rows = await rows_in(file)
    assert heads == ["age", "sex", "HbA1c"]
    assert len(rows) == 20


async def test_more_rows_do_not_wait_for_the_training_of_another_person(world, monkeypatch):
    tables = world.desk.synthetic_tables
    job = TableJob("1", str(world.ada.id), "1", "a.csv", {}, "a", state="kept")

    async def load_part(*_):
        return b"not a model, which is refused at once"

    monkeypatch.setattr(world.app.store.made_tables, "load_part", load_part)
    async with tables.learning.place("another person"), asyncio.timeout(60):
        with pytest.raises(FileError, match="not one of my models"):
            await tables.more(job, rows=1, seed=1, condition="")
