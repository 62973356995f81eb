"""A model whose draft has faults, and what it gives when a part goes back."""

from __future__ import annotations

from typing import Any

from bot.content import Assignment
from bot.engines import Engine, Engines, Traits
from bot.engines.scripted import Scripted
from bot.generation.pipeline import Pipeline

FAULT = "\nFault: "


class Model:
    """Answers with a draft first, then each repair with the next of some answers, the last one again and again."""

    def __init__(self, draft: Any, *repairs: Any) -> None:
        self.draft, self.repairs, self.faults = draft, list(repairs), list[str]()

    def __call__(self, messages: Any) -> Any:
        asked = messages[-1].text
        if FAULT not in asked:
            return self.draft
        self.faults.append(asked)
        return self.repairs.pop(0) if len(self.repairs) > 1 else self.repairs[0]


async def result_of(assignment: Assignment, model: Model, **traits: Any) -> Any:
    """What becomes of an assignment with it."""
    engine = Engine(Scripted(model, traits=Traits(**traits)), name="model")
    (result,) = await Pipeline(Engines([engine])).run(assignment)
    return result
