"""What a brief tells its writer alone is looked for in the text, and none of its figures has to stand there."""

from __future__ import annotations

import pytest

from bot.briefs.patterns import read_by_patterns
from bot.briefs.untold import untold_in
from bot.content import Remembered, Request
from bot.generation.recall import assign
from bot.kinds import kind_named
from personas.profile import Profile


@pytest.mark.parametrize(
    ("brief", "words"),
    [
        (
            "Email. Same pitch. Between us: it's because the under-14s pushed us out, pls leave that out!!",
            ("under-14s",),
        ),
        ("a thread, none of them mentions the company's name (AquaPura). no hashtags", ("AquaPura",)),
        ("Seite. Bitte duzen, Warteliste gibts erst ab Mai, also nicht erwähnen", ("Warteliste",)),
        ("Seife (Zertifikat fehlt noch, bitte nicht schreiben!). Preis muss rein", ("Zertifikat",)),
        ("el sábado NO abrimos (boda de Lucía, pero eso no lo pongas), volvemos el martes", ("Lucía",)),
        ("on ferme lundi (Paul est malade, mais ne le dites pas)", ("Paul",)),
        ("temos 2 crianças alérgicas, não citar nomes: Davi e Bia. até 300 caracteres", ("Davi", "Bia")),
        # What follows is what is not to be said, and what is said elsewhere is no secret.
        ("Training on Monday moves, Coach Ben, don't mention that the hall is shut", ()),
        ("Training fällt aus, Trainerin Eva, bitte nicht schreiben, dass sie krank ist", ()),
        ("our Tom bakes for us, it was Tom, please don't say that. Tom's bread", ()),
        ("Our chef Ana won a prize, mention that!", ()),
    ],
)
def test_names_and_words_with_figures_tell_what_is_not_to_be_told(brief: str, words: tuple[str, ...]) -> None:
    assert untold_in(brief).words == words


def test_its_figures_need_not_be_told() -> None:
    brief = "post: our new oven works, we paid £400 for it, don't mention that. Rolls from £2"
    assert read_by_patterns(brief, kind_named("social_post").reader).figures == ("£2",)


def test_the_name_that_signs_a_text_may_stand_in_it() -> None:
    brief = "mail to parents: no match. Our Rovers bus and Ben broke down, leave that out"
    asked = Request("1", "7", brief, kind="email")
    assignment = assign(asked, Remembered(Profile(organisation="Harefield Rovers")))
    assert assignment.profile.avoid_words == ("Ben",)
