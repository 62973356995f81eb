"""What somebody reads whose Discord speaks another language: refusals, a job's answer, a result, a server's messages."""

from __future__ import annotations

from acting import act_in_language, open_more
from discord_texts import find_buttons, find_fields, get_answer, read_message, read_title
from test_brand import in_use


async def read_in_french(world, act, *args, **options):
    """Act in French; read the answer, with plain spaces before punctuation."""
    return (
        read_message(get_answer(await act_in_language(world, "fr", act, *args, **options)))
        .replace("\u00a0", " ")
        .replace("\u202f", " ")
    )


async def test_an_invalid_persona_is_refused_in_french(world):
    shown = await act_in_language(world, "fr", world.ada.slash, world.channel, "persona make")
    typed = {"title": "Hibou", "voice": "Tu écris la nuit.", "do": "x" * 161, "dont": "", "example": ""}
    assert set(find_fields(shown.modal)) >= {"Son nom", "Comment elle écrit, en une ou deux phrases"}
    refused = await read_in_french(world, world.ada.submit_modal, shown, typed)
    assert refused == (
        "Le champ « ce qu’elle aime faire, entrée 1 » de la persona est trop long : le maximum est de 160 caractères, et il en a 161."
    )
    shown = await act_in_language(world, "fr", world.ada.slash, world.channel, "persona make")
    taken = await read_in_french(world, world.ada.submit_modal, shown, {**typed, "title": "Copywriter", "do": ""})
    assert taken == "Une de mes voix s’appelle déjà Copywriter. Donne un autre nom à la tienne."
    unknown = await read_in_french(world, world.ada.slash, world.channel, "persona use", name="Chouette")
    assert unknown.startswith("Il n’y a pas de persona « Chouette ». Choisis parmi celles-ci : art_director, ")


async def test_an_unreadable_attachment_is_refused_in_french(world):
    options = {"brief": "un post : nous fermons", "kind": "social_post"}
    for name, body, said in (
        ("plan.docx", b"no zip", "Ce fichier .docx est endommagé ou n’est pas un fichier Word."),
        ("plan.txt", b"eau " * 20_000, "Ce fichier a 79 999 caractères ; je peux en utiliser au plus 60 000."),
        ("plan.txt", b" ", "Il n’y a pas de texte dans ce fichier."),
    ):
        refused = await read_in_french(world, world.ada.slash, world.channel, "copy", file=(name, body), **options)
        assert refused.startswith(said)
    assert world.script.prompts == []
    refused = await read_in_french(world, world.ada.slash, world.channel, "copy", file=("a.png", b"\x89PNG"), **options)
    assert refused == (
        "Je ne sais pas lire les fichiers .png. Je lis les fichiers .txt, .md, .pdf et .docx jusqu’à 8 Mo."
    )


async def test_an_unshared_or_invalid_item_is_refused_in_french(world):
    await world.let_lend()
    await in_use(world, world.ada)
    nobody = await read_in_french(world, world.ben.slash, world.channel, "brand use", name="Fern & Fog")
    assert nobody == "Il n’y a aucune marque nommée « Fern & Fog » ici. Crée la première avec /brand learn."
    await world.ada.slash(world.channel, "brand lend", name="Fern & Fog", to="channel")
    other = await read_in_french(world, world.ben.slash, world.channel, "brand show", name="Moss")
    assert other == "Il n’y a aucune marque nommée « Moss » ici. Disponibles : Fern & Fog."
    whole = await read_in_french(world, world.ada.slash, world.channel, "brand lend", name="Fern & Fog", to="server")
    assert whole.startswith("Seules les personnes qui gèrent ce serveur peuvent prêter à tout le serveur.")
    theirs = await read_in_french(world, world.ben.slash, world.channel, "brand delete", name="Fern & Fog")
    assert theirs == "Seules la personne qui l’a prêté et celles qui gèrent ce serveur peuvent le reprendre."
    sheet = await read_in_french(world, world.ben.slash, world.channel, "brand show", name="Fern & Fog")
    assert "Phrases très courtes, d’environ 6 mots, familier, " in sheet
    assert "points d’exclamation 3,2 pour 100 mots" in sheet


async def test_a_result_is_shown_in_spanish(world):
    world.script.says("Mugs for all of you. " * 15)
    act = world.ada.slash(world.channel, "copy", kind="social_post", brief="tweet: mugs")
    made = (await act_in_language(world, "es-ES", lambda: act)).response
    assert read_title(made) == "Publicación"
    assert "-# ✗ 314 de 280 caracteres" in read_message(made)
    assert list(find_buttons(made))[:5] == ["Cambiar…", "Otra versión", "Descargar", "Enviar a revisión", "Más…"]
    more = await act_in_language(world, "es-ES", lambda: open_more(world.ada, made))
    assert "Más corto" in find_buttons(more)


async def test_help_is_shown_in_german(world):
    shown = await act_in_language(world, "de", world.ada.slash, world.channel, "help")
    assert "- Stundenentwurf: Lernziele, Material" in read_message(shown.response)


async def test_messages_are_answered_in_the_language_of_the_server(world):
    server = world.env.create_guild(preferred_locale="fr")
    channel, eve = server.create_text_channel("chez-nous"), server.add_member(world.env.create_user("eve"))
    await eve.send(channel, f"{world.me} ???")
    assert read_message(channel.last_message).startswith("Que dois-je faire")
    await eve.send(channel, f"{world.me} un tweet", attachments=[("a.png", b"\x89PNG")])
    assert read_message(channel.last_message).startswith("Je ne sais pas lire les fichiers .png.")


async def test_a_message_clearly_in_one_language_is_answered_in_it(world):
    """Most servers were never set to the language that is spoken there."""
    await world.ben.send(world.channel, f"{world.me} Schreib einen Post für die Nachbarn: wir haben am Montag zu")
    shown = world.channel.last_message
    assert read_title(shown) == "Social-Media-Post"
    assert "Ändern…" in find_buttons(shown)
    await world.ben.send(world.channel, f"{world.me} un post", attachments=[("a.png", b"\x89PNG")])
    assert read_message(world.channel.last_message).startswith("I cannot read .png files.")
