"""What a model of a few billion parameters does wrong and a good writer never does, so that no check looks for it. Pure."""

from __future__ import annotations

from bot.briefs import brief_text
from bot.checks.terms import norm
from bot.checks.units import words
from bot.content import Assignment
from bot.generation.check import PICKED
from bot.generation.copied import run_of
from bot.generation.faithful import covered, shared, unsourced
from bot.generation.grounded import given_sources
from bot.generation.languages import language_of_brief
from bot.generation.rank import Candidate
from bot.generation.sentences import sentences_of, without_repeated
from bot.generation.shape import shape_of, texts
from bot.generation.worked import worked_like

from .capable_form import bounds_in_brief

# With so many longer words that nobody gave, of all, a marketing text mostly says what is not so.
_INVENTED = 1 / 8
# With fewer of the words that an explanation should have, about, it says too little; with so many of the brief's, nothing new. Of
# what sells fewer words than these are hardly a sentence.
_TOO_LITTLE, _ECHO, _FEWEST = 1 / 3, 0.85, 6
# So many words in a row that the example has are taken from it, and fewer where they are of its facts.
_TAKEN, _TAKEN_OF_FACTS, _TAKEN_OF_NAMES = 6, 3, 2
# A brief of so many words has news, of which at least so much is said.
_TELLING, _HALF = 8, 0.5
# So many rather rare words are those of the example's matter.
_SHARED = 4
# A text about the example's matter is of no use to anybody, whatever else is right with it.
_TAKEN_WEIGHS = 3


def slips(candidate: Candidate, assignment: Assignment) -> int:
    """How many faults of its own kind a draft has."""
    found = (
        _TAKEN_WEIGHS * is_taken(candidate, assignment),
        _says_little(candidate, assignment),
        _says_its_order(candidate, assignment),
        invented(candidate, assignment) > _INVENTED,
        _leaves_out(candidate, assignment),
        _says_again(candidate, assignment),
    )
    return sum(found)


def own_text(candidate: Candidate, assignment: Assignment) -> str:
    """All that the model wrote, one text behind the other."""
    return " ".join(one for _, _, one in texts(shape_of(assignment.kind.output), candidate.data))


def invented(candidate: Candidate, assignment: Assignment) -> float:
    """The share of words that nobody gave, of a text whose matter its writer has to be told; 0 of others."""
    if not _tells_what_was_told(assignment):
        return 0.0
    return unsourced(own_text(candidate, assignment), given_sources(assignment), assignment.language)


def _tells_what_was_told(assignment: Assignment) -> bool:
    """Whether the words of a text can be held against those that its writer was told: it tells news, in their language."""
    usual = language_of_brief(assignment)
    return assignment.kind.family == "marketing" and not assignment.kind.needs_text and usual == assignment.language


def is_taken(candidate: Candidate, assignment: Assignment) -> bool:
    """Whether words, facts or the link of the worked example stand in it."""
    shown, shape = worked_like(assignment), shape_of(assignment.kind.output)
    text = own_text(candidate, assignment)
    example = " ".join(one for _, _, one in texts(shape, shown.written))
    profile, sources = shown.assignment.profile, assignment.sources
    return bool(
        run_of(text, [example], sources, _TAKEN)
        or run_of(text, profile.facts, sources, _TAKEN_OF_FACTS)
        or run_of(text, [profile.link], sources, 1)
        or run_of(text, [_capitals(profile.organisation)], sources, _TAKEN_OF_NAMES)
        or (
            assignment.kind.family != "marketing"
            and shared(text, example, given_sources(assignment), assignment.language) >= _SHARED
        )
    )


def _capitals(name: str) -> str:
    """The words of a name that are written large: "Rio Manso" of "Balsa do Rio Manso" is a place by itself."""
    return " ".join(word for word in name.split() if word[0].isupper())


def _leaves_out(candidate: Candidate, assignment: Assignment) -> bool:
    """Whether most of what the brief tells is not in a text that is to tell it."""
    matter = brief_text(assignment.brief)
    if not _tells_what_was_told(assignment) or assignment.kind.name in PICKED or len(matter.split()) < _TELLING:
        return False
    return covered(matter, own_text(candidate, assignment)) < _HALF


def _says_again(candidate: Candidate, assignment: Assignment) -> bool:
    """Whether a whole sentence comes twice, or stands in an earlier text of the series; a song has its refrain."""
    if assignment.kind.family not in ("marketing", "education", "text"):
        return False
    series = assignment.series
    said = [sentence for text in (series.said if series else ()) for sentence in sentences_of(text)]
    for _, _, text in texts(shape_of(assignment.kind.output), candidate.data):
        if without_repeated(text, said) != text:
            return True
        said += sentences_of(text)
    return False


def _says_its_order(candidate: Candidate, assignment: Assignment) -> bool:
    """Whether what was told of the form stands in the text."""
    text = norm(own_text(candidate, assignment))
    return any(norm(told) in text for told in (*bounds_in_brief(assignment), *assignment.reading.asides))


def _says_little(candidate: Candidate, assignment: Assignment) -> bool:
    """Whether a text is hardly there, or is the brief once more, or the text that was to be rewritten."""
    kind, own = assignment.kind, norm(str(candidate.data.get("text", ""))).split()
    if kind.plain and kind.needs_text:
        return " ".join(own) in " ".join(norm(f"{assignment.brief} {assignment.request.material}").split())
    if not kind.plain or kind.family not in ("marketing", "education"):
        return False
    if kind.family == "marketing":  # A short text may say all there is to say, in the words of its brief.
        return len(own) < _FEWEST
    given = set(norm(assignment.brief).split())
    echoed = sum(word in given for word in own) >= _ECHO * len(own)
    return echoed or words(str(candidate.data["text"])) < assignment.words * _TOO_LITTLE
