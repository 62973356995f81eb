"""Whether the bot learns: the share of hidden tastes that texts meet, as simulated people vote ten times.

python benchmarks/learning.py
python benchmarks/learning.py --people 200

Each person prefers some length, use of emoji, formality, perhaps an easy reading level and no exclamation marks, and dislikes two
words. Ten times they get a text and vote 👎 with up to three reasons that are true of it, or 👍 if it is as they like it; they name
a word that they dislike. Texts for held-out briefs, on which nobody votes, are written before, in between and after, and every
taste is measured in the text alone. After the tenth vote comes a contradicting one, which is then taken back, and words that are
named and taken back one after another. The model is scripted: it follows its instructions and knows nothing of tastes.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import re
import secrets
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.checks.readability import measure_grade
from bot.checks.terms import has_term
from bot.checks.units import count_emoji, count_exclamations, count_words
from bot.content import Request
from bot.documents.knowledge import Knowledge
from bot.engines import Engines
from bot.engines.scripted import build_scripted_engine
from bot.generation.pipeline import Pipeline
from bot.generation.recall import assign
from bot.generation.tastes import CONTRACTION
from bot.people.learning import PreferenceLearner
from bot.people.memory import Memory
from bot.people.taste import Taste
from bot.requests.result_rows import build_generation
from bot.store import Store
from storage.generations import Generation

KIND = "social_post"
# Words of a post of each length.
SIZES = {"short": 40, "medium": 80, "long": 140}
_WORDS = "named words, taken back"
VOTES, REASONS = 10, 3
HELD_OUT = ("tell people that the roof terrace is open", "thank our helpers for the spring clean", "new mugs are here")
BRIEFS = (
    "we close on Monday",
    "the bakery has rye bread again",
    "a jazz night in the yard",
    "our cat has a name",
    "plant swap",
    "we look for somebody for the till",
    "a reading for children",
    "half price on soup",
    "lost umbrella",
    "we turn ten",
    "open on the holiday",
)
POOL = ("artisan", "curated", "bespoke", "vibrant", "elevate")
EASY = (
    "The door is open and the sun is out.",
    "We have tea and cake for all.",
    "Bring a friend and take a seat.",
    "The big tree is in bloom.",
    "It is warm and dry in here.",
    "There is room for a dog or two.",
    "Come by and say hi.",
    "We set the tea out by the old wall.",
    "You can sit as long as you like.",
    "The cups are blue and new.",
)
HARD = (
    "Conveniently situated accommodation facilitates uninterrupted neighbourhood conversation.",
    "Considerable deliberation preceded the reorganisation of our institutional hospitality.",
    "Participants appreciate comprehensive documentation of seasonal availability.",
    "Extraordinary botanical illustrations accompany the redecorated conservatory.",
    "Administrative preparations necessitate occasional rescheduling of celebrations.",
    "Unanticipated precipitation complicates horticultural demonstrations considerably.",
)


@dataclass(frozen=True)
class Tastes:
    length: str
    emoji: str
    formality: str
    easy: bool
    calm: bool
    words: tuple[str, ...]


def draw_tastes(rng: random.Random) -> Tastes:
    """Draw the tastes of one person."""
    return Tastes(
        rng.choice(("short", "medium", "long")),
        rng.choice(("none", "few", "many")),
        rng.choice(("formal", "casual")),
        rng.random() < 0.7,
        rng.random() < 0.7,
        tuple(rng.sample(POOL, 2)),
    )


def write_text(prompt: str, rng: random.Random) -> str:
    """Write as a model does that follows its instructions and chooses at random where it has none."""
    profile = json.loads(re.search(r"^Profile: (.+)$", prompt, re.MULTILINE)[1])
    about = SIZES[profile.get("preferred_length", "medium")]
    easy = profile.get("reading_level", "").startswith(("CEFR A", "CEFR B1"))
    left = [word for word in POOL if word not in profile.get("avoid_words", ())]
    parts = [f"A {' and '.join(left)} day." if left else "A good day."]
    source = EASY if easy else HARD
    casual = {"casual": True, "formal": False}.get(profile.get("formality", ""), rng.random() < 0.5)
    tail = "We're glad, so don't be shy." if casual else "You are welcome."
    at = rng.randrange(len(source))
    while count_words(" ".join([*parts, tail])) < about - 6:
        parts.append(source[at % len(source)])
        at += 1
    text = " ".join([*parts, tail])
    if profile.get("exclamation_marks") != "none":
        text = re.sub(r"\.$", "!", text)
    return text + {"none": "", "many": " 🎉☀️🍰"}.get(profile.get("emoji", ""), " 🎉")


def find_unmet(text: str, tastes: Tastes) -> dict[str, list[str]]:
    """Return for each taste the reasons why the text does not meet it; an empty list if it does."""
    low, middle, high = SIZES.values()
    count, signs, level = count_words(text), count_emoji(text), measure_grade(text)
    class_of = "short" if count < (low + middle) / 2 else "medium" if count < (middle + high) / 2 else "long"
    sizes = ("short", "medium", "long")
    use = "none" if not signs else "few" if signs < 2 else "many"
    uses = ("none", "few", "many")
    found: dict[str, list[str]] = {
        "length": []
        if class_of == tastes.length
        else ["long" if sizes.index(class_of) > sizes.index(tastes.length) else "short"],
        "emoji": [] if use == tastes.emoji else ["emoji" if uses.index(use) > uses.index(tastes.emoji) else "plain"],
        "formality": [],
    }
    casual = bool(CONTRACTION.search(text))
    if casual != (tastes.formality == "casual"):
        found["formality"] = ["formal" if tastes.formality == "casual" else "casual"]
    if tastes.easy:
        found["level"] = ["hard"] if level is not None and level > 8 else []
    if tastes.calm:
        found["calm"] = ["loud"] if count_exclamations(text) else []
    for word in tastes.words:
        found[word] = [f"word:{word}"] if has_term(text, word) else []
    return found


class Person:
    """A person who gets texts and votes as a user of the bot does."""

    def __init__(self, store: Store, pipeline: Pipeline, tastes: Tastes, rng: random.Random) -> None:
        self.user_id = f"p{secrets.token_hex(4)}"
        self.store, self.pipeline, self.tastes, self.rng = store, pipeline, tastes, rng
        self.memory, self.learning = Memory(store, Knowledge(store.documents)), PreferenceLearner(store)
        self.taste = Taste(store, self.memory, self.learning)

    async def write_result(self, brief: str) -> Generation:
        request = Request(
            secrets.token_hex(8), self.user_id, f"linkedin post: {brief}", kind=KIND, seed=self.rng.randrange(10_000)
        )
        assignment = assign(request, await self.memory.recall(request))
        result, *_ = await self.pipeline.run(assignment)
        kept = build_generation(request, result, assignment)
        await self.store.generations.add(kept)
        return kept

    async def measure_met_share(self) -> float:
        """Return the share of tastes that texts for the held-out briefs meet."""
        found = [
            not reasons
            for brief in HELD_OUT
            for reasons in find_unmet((await self.write_result(brief)).text, self.tastes).values()
        ]
        return sum(found) / len(found)

    async def vote(self, brief: str) -> None:
        result = await self.write_result(brief)
        wrong = [reason for reasons in find_unmet(result.text, self.tastes).values() for reason in reasons]
        self.rng.shuffle(wrong)
        await self.taste.vote(result, self.user_id, -1 if wrong else 1)
        for reason in wrong[:REASONS]:
            if reason.startswith("word:"):
                await self.taste.avoid(result, reason[5:])
        plain = [reason for reason in wrong[:REASONS] if not reason.startswith("word:")]
        await self.taste.explain(result, "down" if wrong else "up", plain)

    async def contradict_and_retract(self, brief: str) -> None:
        """Vote for the opposite of every taste and take the vote back."""
        result = await self.write_result(brief)
        await self.taste.vote(result, self.user_id, -1)
        opposite = {"short": "short", "medium": "long", "long": "long"}[self.tastes.length]
        reasons = [opposite, "plain" if self.tastes.emoji == "none" else "emoji"]
        reasons.append("formal" if self.tastes.formality == "formal" else "casual")
        await self.taste.explain(result, "down", reasons)
        await self.taste.vote(result, self.user_id, -1)

    async def name_and_retract_words(self, brief: str) -> bool:
        """Name two words twice each, take back all four votes; return whether the list is as it was."""
        before = (await self.store.profiles.get(self.user_id)).avoid_words
        named = [(await self.write_result(brief), word) for word in ("day", "day", "welcome", "welcome")]
        for result, word in named:
            await self.learning.learn_disliked_word(result, word)
        assert {"day", "welcome"} <= set((await self.store.profiles.get(self.user_id)).avoid_words)
        for result, _ in named:
            await self.learning.retract_vote(result)
        return (await self.store.profiles.get(self.user_id)).avoid_words == before


async def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=40)
    parser.add_argument("--seed", type=int, default=7)
    args = parser.parse_args()
    table = await run(args.people, args.seed)
    print("| after | tastes met on held-out briefs | people with all met |\n|---|---|---|")
    unchanged = table.pop(_WORDS)
    for name, shares in table.items():
        print(f"| {name} | {sum(shares) / len(shares):.1%} | {sum(share == 1 for share in shares)} of {len(shares)} |")
    fell = sum(b < a for a, b in zip(table["10 votes"], table["a contradicting vote, taken back"], strict=True))
    print(f"\nfell after the contradicting vote was taken back: {fell} of {args.people}")
    print(f"lists as they were after {_WORDS}: {sum(unchanged):.0f} of {args.people}")


async def run(people: int, seed: int) -> dict[str, list[float]]:
    """Simulate people; return for each stage the share of tastes met, one figure a person."""
    rng = random.Random(seed)
    writing = random.Random(seed + 1)

    def answer(messages: Any) -> str:
        return write_text(messages[1].text, writing)

    table: dict[str, list[float]] = {}
    persons: list[Person] = []
    with tempfile.TemporaryDirectory() as folder:
        async with (
            Store(f"sqlite:///{Path(folder) / 'q.db'}") as store,
            Engines([build_scripted_engine(answer)]) as engines,
        ):
            pipeline = Pipeline(engines)
            for _ in range(people):
                person = Person(store, pipeline, draw_tastes(rng), rng)
                table.setdefault("nothing", []).append(await person.measure_met_share())
                for number in range(VOTES):
                    await person.vote(BRIEFS[number])
                    if number + 1 in (2, 4, 6, 8, 10):
                        table.setdefault(f"{number + 1} votes", []).append(await person.measure_met_share())
                await person.contradict_and_retract(BRIEFS[-1])
                table.setdefault("a contradicting vote, taken back", []).append(await person.measure_met_share())
                persons.append(person)
            # At the end, so that it does not change what is drawn for the others.
            table[_WORDS] = [await person.name_and_retract_words(BRIEFS[-1]) for person in persons]
    return table


if __name__ == "__main__":
    asyncio.run(main())
