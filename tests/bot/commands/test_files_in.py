"""Files as people attach them: what could not be read of them, or was guessed, is told wherever one is taken."""

from __future__ import annotations

import json

import pytest
from discord_texts import get_answer, list_texts, read_message
from documents import build_pdf_pages

RUSSIAN = "Мельница открывается в мае. Мы рады каждому гостю и печём хлеб сами."
GUESSED = "I read that file as Windows-1251 (Cyrillic). If characters look wrong, save it as UTF-8."


async def test_material_in_another_encoding_is_read_and_reported(world):
    result = await world.ada.slash(world.channel, "copy", kind="social_post", file=("a.txt", RUSSIAN.encode("cp1251")))
    assert RUSSIAN in world.script.drafts[-1]
    assert any(GUESSED in text for text in list_texts(result.response))


async def test_scanned_pages_of_a_document_are_reported(world):
    file = ("a.pdf", build_pdf_pages("The mill opens in May.", "", "It has four sails."))
    said = read_message(get_answer(await world.ada.slash(world.channel, "knowledge add", file=file)))
    assert "I have read a.pdf (2 passages)." in said
    assert "I left out pages without text, such as scans: 2. Type in what you need from them." in said


async def test_a_table_keeps_cells_beyond_its_headings(world):
    file = ("prices.csv", b"name,taste\nMint tea,hot, sweet and green\n")
    await world.ada.slash(world.channel, "knowledge add", file=file)
    said = get_answer(await world.ada.slash(world.channel, "knowledge ask", question="Mint tea"))
    assert "sweet and green" in read_message(said)


@pytest.mark.parametrize("ending", ["toml", "json"])
async def test_a_persona_file_in_another_encoding_is_read(world, ending):
    if ending == "toml":
        text = 'title = "Мельник"\nsummary = "Печёт хлеб"\nvoice = "Говорит тепло и коротко, как сосед."\n'
    else:
        card = {"name": "Мельник", "description": "Печёт хлеб и говорит тепло, как сосед.", "personality": "тёплый"}
        text = json.dumps({"spec": "chara_card_v2", "spec_version": "2.0", "data": card}, ensure_ascii=False)
    result = await world.ada.slash(world.channel, "persona import", file=(f"a.{ending}", text.encode("cp1251")))
    said = "\n".join(read_message(one) for one in [result.response, *result.followups])
    assert "Мельник" in said
    assert GUESSED in said


async def test_a_profile_file_in_another_encoding_is_read(world):
    body = json.dumps({"organisation": "Старая мельница"}, ensure_ascii=False).encode("cp1251")
    said = read_message(get_answer(await world.ada.slash(world.channel, "profile import", file=("me.json", body))))
    assert "Imported" in said
    assert GUESSED in said
    shown = read_message(get_answer(await world.ada.slash(world.channel, "profile show")))
    assert "Старая мельница" in shown


async def test_an_empty_file_is_reported_as_empty(world):
    for name in ("a.pdf", "a.docx", "a.txt", "a.csv"):
        said = read_message(get_answer(await world.ada.slash(world.channel, "knowledge add", file=(name, b""))))
        assert "That file is empty (0 bytes). Attach another one." in said


async def test_a_number_of_thousands_of_digits_is_refused_with_a_reason(world):
    digits = "9" * 5000
    for command, name, text in (
        ("profile import", "me.json", f'{{"organisation": {digits}}}'),
        ("persona import", "a.toml", f'title = "A"\nvoice = {digits}\n'),
        ("persona import", "a.json", f'{{"data": {{"name": {digits}}}}}'),
    ):
        said = read_message(get_answer(await world.ada.slash(world.channel, command, file=(name, text.encode()))))
        assert "Something went wrong" not in said, command
