"""Rewriting: what is asked of which text, and what must stay."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.content import Assignment
from bot.kinds import kind_named
from bot.kinds._proofreading import changes, proofread
from bot.kinds.rewrite import Rewrite, asked, parted

Assigned = Callable[..., Assignment]
KIND = kind_named("rewrite")


@pytest.mark.parametrize(
    ("brief", "what", "text"),
    [
        ("shorter: We are closed on Monday.", {"shorten"}, "We are closed on Monday."),
        ("expand a bit, 3 sentences: Kiln broken.", {"lengthen"}, "Kiln broken."),
        ('proofread only, keep my style — "Theres a new bakery in town"', {"proofread"}, "Theres a new bakery in town"),
        ("translate to german: See you on Friday.", {"translate"}, "See you on Friday."),
        ("Simplify to B1: The procession proceeded.", {"level"}, "The procession proceeded."),
        ("make this friendlier: payment is due", {"tone"}, "payment is due"),
        ("shorter and more formal: hey, we shorten days", {"shorten", "tone"}, "hey, we shorten days"),
        ("bitte kürzer: Wir freuen uns sehr.", {"shorten"}, "Wir freuen uns sehr."),
    ],
)
def test_what_is_asked_of_which_text(brief: str, what: set[str], text: str, assigned: Assigned) -> None:
    assignment = assigned("rewrite", brief)
    assert asked(assignment) == what
    assert parted(assignment)[1] == text


TWENTY = "Payment is due on Friday and whoever has not paid by then will lose the place in our evening course."


@pytest.mark.parametrize(
    ("brief", "text", "shortens"),
    [
        ("friendlier, up to 25 words", TWENTY, False),
        ("friendlier, at most 20 words", TWENTY, False),
        ("friendlier, at most 19 words", TWENTY, True),
        ("friendlier, max 300 characters", TWENTY, False),
        ("friendlier, max 60 characters", TWENTY, True),
        ("friendlier, two sentences at most", TWENTY, False),
        (
            "freundlicher, höchstens 15 Wörter",
            "Der Kurs am Freitag fällt leider aus, weil die Lehrerin krank ist.",
            False,
        ),
        (
            "freundlicher, höchstens 8 Wörter",
            "Der Kurs am Freitag fällt leider aus, weil die Lehrerin krank ist.",
            True,
        ),
        ("plus aimable, 30 mots maximum", "Le cours de vendredi est annulé car le professeur est malade.", False),
        ("más amable, hasta 30 palabras", "El curso del viernes se cancela porque la profesora está enferma.", False),
        ("mais simpático, até 5 palavras", "O curso de sexta foi cancelado porque a professora está doente.", True),
    ],
)
def test_a_cap_asks_for_a_shorter_text_where_it_leaves_less(
    brief: str, text: str, shortens: bool, assigned: Assigned
) -> None:
    assert ("shorten" in asked(assigned("rewrite", f"{brief}: {text}"))) == shortens


def test_a_friendlier_text_may_grow_up_to_its_cap(assigned: Assigned) -> None:
    assignment = assigned("rewrite", f"friendlier, up to 25 words: {TWENTY}")
    output = Rewrite(
        text="Could you please pay by this Friday? We would love to keep your place in our evening course open for you, thank you!"
    )
    assert all(check.passed for check in KIND.examine(output, KIND.compose(output, assignment), assignment))


def test_material_is_the_text(assigned: Assigned) -> None:
    assignment = assigned("rewrite", "Make this shorter", material="We: are open. " * 10)
    assert parted(assignment)[1].startswith("We: are open.")
    assert assignment.words == 18


@pytest.mark.parametrize(
    ("brief", "words"), [("shorter", 60), ("longer", 160), ("friendlier", 110), ("shorter, 40 words", 40)]
)
def test_it_is_as_long_as_its_text_asks(brief: str, words: int, assigned: Assigned) -> None:
    assert assigned("rewrite", f"{brief}: {'word ' * 100}").words == words


HARD = (
    "The organisation regrets to inform all participants that, owing to unforeseen meteorological circumstances, the excursion "
    "will be discontinued."
)
EASY = "The walk will not take place. The weather is too bad for it. We are sorry, and we hope to see you soon."
SCHWER = (
    "Die Organisation bedauert, alle Teilnehmenden darüber informieren zu müssen, dass die angekündigte Wanderveranstaltung "
    "wegen unvorhergesehener Witterungsverhältnisse nicht durchgeführt werden kann."
)
LEICHT = (
    "Der Ausflug fällt aus. Das Wetter ist zu schlecht. Das tut uns leid. Wir sehen uns bald, wenn die Sonne scheint."
)


@pytest.mark.parametrize(
    ("brief", "text", "failed"),
    [
        ("shorter: We meet Ms Holm on 12 March at noon.", "We meet Ms Holm on 12 March.", set()),
        ("shorter: We meet Ms Holm on 12 March.", "We are going to meet with Ms Holm on 12 March.", {"shorter"}),
        ("friendlier: Pay 30 euros to Ada Bell.", "Please pay your friend.", {"figures and names kept"}),
        ("longer: Kiln broken, classes off.", "Kiln broken.", {"longer"}),
        ("translate to german: we meet Ada at 10:30", "Wir treffen Adele um 10:30", set()),
        (f"simpler: {HARD}", EASY, set()),
        (f"simpler: {EASY}", HARD, {"simpler"}),
        (f"einfacher: {SCHWER}", LEICHT, set()),
        (f"einfacher: {LEICHT}", SCHWER, {"simpler"}),
        ("friendlier: Your order is late.", "your order is late!", {"in other words"}),
        ("friendlier: Your order is late.", "Sorry, your order is a little late.", set()),
        ("proofread: he go to the big market", "A fully different sentence is here", {"your words"}),
    ],
)
def test_checks_that_fit(brief: str, text: str, failed: set[str], assigned: Assigned) -> None:
    assignment = assigned("rewrite", brief)
    content = KIND.compose(Rewrite(text=text), assignment)
    assert {one.name for one in KIND.examine(Rewrite(text=text), content, assignment) if not one.passed} == failed


def test_proofreading_shows_what_changed_and_gives_the_clean_text(assigned: Assigned) -> None:
    assignment = assigned("rewrite", "proofread: me and him was at the the shop")
    content = KIND.compose(Rewrite(text="He and I were at the shop"), assignment)
    assert content.parts["text"] == "He and I were at the shop"
    assert content.text == "~~me~~ **He** and ~~him was~~ **I were** at the ~~the~~ shop\n\nHe and I were at the shop"
    assert content.parts["changes"] == 3
    same = KIND.compose(Rewrite(text="me and him was at the the shop"), assignment)
    assert same.text == "me and him was at the the shop"


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        ("a b", "a b", "a b"),
        ("a", "", "~~a~~"),
        ("", "a", "**a**"),
        ("a b\nc", "a b\nd", "a b\n~~c~~ **d**"),
        ("one two", "one big two", "one **big** two"),
    ],
)
def test_differences(before: str, after: str, shown: str) -> None:
    assert changes(before, after)[0] == shown


def test_a_model_that_writes_another_text_is_not_believed(assigned: Assigned) -> None:
    assignment = assigned("rewrite", "proofread: i recieved teh the letter , but he don't know")
    strayed = {"text": "Our garden is full of roses and every visitor may come along."}
    assert KIND.complete(strayed, assignment) == {"text": "I received the letter, but he doesn't know"}
    good = {"text": "I received the letter, but he don't know"}
    assert KIND.complete(good, assignment) == good


@pytest.mark.parametrize(
    ("text", "repaired"),
    [
        ("its a apple", "Its an apple"),
        ("it is a unique use", "It is a unique use"),
        ("We was there. they has it", "We were there. They have it"),
        ("I think that that is fine", "I think that that is fine"),
        ("i.e. this", "i.e. this"),
        ("", ""),
    ],
)
def test_mistakes_that_need_no_model(text: str, repaired: str) -> None:
    assert proofread(text) == repaired
