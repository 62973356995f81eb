"""A prompt for an image model: one scene, put into the words and flags of the model that will draw it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any

from pydantic import BaseModel

from bot.briefs import (
    Form,
    facets_in,
    grid_in,
    is_aside,
    kept_out_in_english,
    kept_out_of,
    lettering_in,
    seed_in,
    seen_in,
    shown_of,
)
from bot.briefs.pictures import Facet
from bot.briefs.wording import spoken
from bot.checks import Check, bounded, free_of
from bot.checks.language import language
from bot.checks.limits import Limit, limits_of
from bot.checks.terms import has_term, norm
from bot.checks.units import UNITS, words
from bot.content import Assignment, Content, Count, Example, Kind, Size
from bot.kinds._colours import colours_said, name_of
from bot.kinds._dialects import ALT_TEXT, DIALECTS, PLACES, Compiled, Scene, fits, negative_of, ratio_of, settings_of
from bot.kinds._labels import label_around
from bot.kinds._shared import paragraphs, shortened

# Characters that what is seen may have, by part.
_ROOMS = {"subject": 90, "setting": 80, "light": 50, "style": 50, "composition": 50}
# Where what a brief lists is added, and what tells its light, view and style.
_FILLED = ("setting", "subject", "composition")
_FACETS: dict[Facet, str] = {"light": "light", "view": "composition", "style": "style"}


# What is to be kept out of a picture by its brief.
_MOST_KEPT_OUT = 8


class Picture(BaseModel):
    """What a model writes: what is seen, in words that can be drawn."""

    subject: Annotated[str, Size(_ROOMS["subject"], least=6, form="phrase", called="motif")]
    setting: Annotated[str, Size(_ROOMS["setting"], least=6, form="phrase")]
    light: Annotated[str, Size(_ROOMS["light"], least=4, form="phrase")]
    mood: Annotated[str, Size(30, least=3, form="phrase")]
    style: Annotated[str, Size(_ROOMS["style"], least=4, form="phrase")]
    composition: Annotated[str, Size(_ROOMS["composition"], least=4, form="phrase")]
    palette: Annotated[list[Annotated[str, Size(20, least=3)]], Count(2, 4, 3, ("colour", "color"))]
    keep_out: Annotated[list[Annotated[str, Size(30, least=3)]], Count(0, _MOST_KEPT_OUT, 0)] = []


# Prompts that a grid such as {red|blue} {cat|dog} may unfold to.
MOST_PROMPTS = 16
# Of shorter texts the language is told wrong too often.
_TELLING = 60
_UNSEEN = frozenset(
    ["the", "and", "for", "with", "wid", "tall", "squar", "our", "som", "from", "thi", "that", "into", "at"]
)


def asked_for(assignment: Assignment, options: Mapping[str, str]) -> str:
    """What the brief wants to see, in its own words, without what it says about text, form and model; English briefs only.

    A brief that says only what the picture is for wants to see what its writer does.
    """
    return shortened(_wanted(assignment, options) or assignment.profile.role, ALT_TEXT)


def _wanted(assignment: Assignment, options: Mapping[str, str]) -> str:
    models = [name for dialect in DIALECTS.values() for name in dialect.names]
    wanted = seen_in(assignment.brief, options, models)
    return "" if len(wanted) > _TELLING and language(wanted) not in (None, "en") else wanted


def _seen(text: str) -> set[str]:
    """The words of a text that name what can be seen, about."""
    return {word.removesuffix("s").removesuffix("e") for word in re.findall(r"[a-z]{3,}", norm(text))} - _UNSEEN


def scene_of(output: Picture, assignment: Assignment, options: Mapping[str, str]) -> Scene:
    """The scene with what the brief says about it, without what it wants kept out."""
    out = kept_out_in_english(assignment.brief)
    unwanted = (*out, *kept_out_of(assignment.brief), *assignment.profile.avoid_words)
    written = [output.subject, output.setting, output.style, output.light, f"{output.mood} mood", output.composition]
    if assignment.as_written:
        return _as_written(output, assignment)
    wanted = asked_for(assignment, options)
    if len(_seen(wanted) & _seen(" ".join(written))) < len(_seen(wanted)) / 2:
        written.insert(0, wanted)  # A small model lost what it was asked to show.
    quoted = re.compile(r"[\"“”«»]")
    terms = [quoted.sub("", term).strip(" .,") for term in written]
    kept = [term for term in terms[1:] if term and not any(has_term(term, word) for word in unwanted)]
    return Scene(
        terms=(terms[0], *kept),
        palette=tuple(colour.strip(" .,") for colour in output.palette if colour.strip(" .,")),
        text=lettering_in(assignment.brief),
        keep_out=out,
        ratio=ratio_of(assignment),
        seed=_seed(assignment),
    )


def _as_written(output: Picture, assignment: Assignment) -> Scene:
    """The scene in the words of its writer; the text that is to be read in it, where they do not say it."""
    mood = f"{output.mood} mood" if output.mood and not has_term(output.mood, "mood") else output.mood
    terms = [output.subject, output.setting, output.style, output.light, mood, output.composition]
    text = lettering_in(assignment.brief)
    return Scene(
        terms=tuple(term.strip(" ,") for term in terms if term.strip(" .,")) or ("",),
        palette=tuple(colour.strip(" ,") for colour in output.palette if colour.strip(" ,")),
        text=text,
        keep_out=tuple(output.keep_out) or kept_out_in_english(assignment.brief),
        ratio=ratio_of(assignment),
        seed=_seed(assignment),
        said=_is_said(text, " ".join(terms)),
    )


def _is_said(text: str, terms: str) -> bool:
    """Whether the terms say which words are to be read: in quotation marks, or with their capitals."""
    return bool(re.search(rf"[\"“'‘«„]{re.escape(text)}[\"”'’»“]", terms)) or (text != text.lower() and text in terms)


def _brands_colours(assignment: Assignment) -> list[str]:
    """The colours of the brand in use, by names that image models know."""
    return list(dict.fromkeys(name_of(one.hex) for one in assignment.book.palette))[:4]


def complete(data: dict[str, Any], assignment: Assignment) -> dict[str, Any]:
    """The picture with what the brief wants to see and no part of it shows, in the brief's words.

    Light, view and style go in place of others that a model chose. The rest goes where there is room; where there is none, in
    place of the setting, which a model's own words tell. What was wanted in another language is told in the draft's words alone.
    """
    if spoken(assignment.brief) != "en":
        return data
    wanted = _wanted(assignment, {})
    told = {_FACETS[facet]: said for facet, said in facets_in(wanted).items() if len(said) <= _ROOMS[_FACETS[facet]]}
    data = data | {part: said for part, said in told.items() if not _shows(_seen(data[part]), said)}
    if said := colours_said(wanted) or _brands_colours(assignment):
        own = [colour for colour in data["palette"] if not any(has_term(colour, one) for one in said)]
        data = data | {"palette": (said if len(said) > 1 else [*said, *own])[:4]}
    shown = _seen(" ".join([*(str(part) for part in data.values() if isinstance(part, str)), *data["palette"]]))
    clauses = (clause for one in wanted.split(",") if (clause := one.strip()) and not is_aside(clause))
    missing = [clause for clause in clauses if not _shows(shown, clause)]
    if not missing:
        return data
    added = data
    for clause in missing:
        room = (part for part in _FILLED if len(added[part]) + len(clause) + 2 <= _ROOMS[part])
        part = next(room, "")
        if not part:
            return data | {"setting": ", ".join(missing)}
        added = added | {part: f"{added[part]}, {clause}"}
    return added


def _shows(shown: set[str], clause: str) -> bool:
    """Whether most of what a clause names is shown."""
    seen = _seen(clause)
    return len(seen & shown) >= len(seen) / 2


def _seed(assignment: Assignment) -> int:
    request = assignment.request
    varied = request.parent_id and not request.earlier and request.before is None
    named = None if varied else seed_in(assignment.brief)
    return request.seed if named is None else named


def _chosen(output: Picture, options: dict[str, str]) -> Picture:
    """The picture with an option in place of the group's first one, or added where that does not occur."""
    data = output.model_dump()
    for first, option in options.items():
        place = next(
            (name for name in ("subject", "setting", "style", "light", "mood") if has_term(data[name], first)), ""
        )
        if place:
            # An option is no template, whatever stands in it.
            data[place] = re.sub(re.escape(first), option.replace("\\", r"\\"), data[place], flags=re.IGNORECASE)
        elif not any(has_term(str(value), option) for value in data.values()):
            data["subject"] = f"{data['subject']}, {option}"
    return Picture.model_validate(data)


def compose(output: Picture, assignment: Assignment) -> Content:
    """The scene in the dialect of the model that the brief names, SDXL when it names none; a grid unfolds to its prompts."""
    target = assignment.place
    scenes = [
        scene_of(_chosen(output, options), assignment, options) for options in grid_in(assignment.brief, MOST_PROMPTS)
    ]
    wanted = assignment.wishes.sizes.get(("", "words"))
    most = wanted.most or 0 if wanted else 0
    made = [_compiled(target, scene, most) for scene in scenes]
    first = made[0]
    parts = {**first, "target": target, "alt_text": alt_text(output), "scene": described(output, scenes[0])}
    if len(made) > 1:
        parts["variants"] = [one["prompt"] for one in made]
        parts["raw"] = "\n".join(one["raw"] for one in made)
    fences = [f"```\n{one['raw']}\n```" for one in made]
    alternative = f"**{label_around('Alt text', assignment)}:** {parts['alt_text']}"
    settings = "\n".join([*settings_of(first, assignment), alternative])
    text = paragraphs(*fences, negative_of(first, assignment), settings)
    return Content(text, parts)


def _compiled(target: str, scene: Scene, most: int) -> Compiled:
    """The scene in a dialect; with `most` words, without its least important terms, colours first."""
    made = DIALECTS[target].compiled(target, scene)
    while most and words(made["prompt"]) > most and (scene.palette or len(scene.terms) > 1):
        scene = replace(scene, palette=()) if scene.palette else replace(scene, terms=scene.terms[:-1])
        made = DIALECTS[target].compiled(target, scene)
    return made


def described(output: Picture, scene: Scene) -> dict[str, Any]:
    """The scene by its fields, those left out that its prompt leaves out; what a sketch is drawn from.

    "subject", "setting", "light", "style" and "composition" are phrases, "text" is what is to be read in it, "palette" and
    "keep_out" are lists, "ratio" is [width, height].
    """
    shown = " ".join(scene.terms).casefold()

    def kept(name: str) -> str:
        said = re.sub(r"[\"“”«»]", "", str(getattr(output, name))).strip(" .,")
        return said if said.casefold() in shown else ""

    subject, own, setting = scene.terms[0], kept("subject"), kept("setting")
    if own.casefold() not in subject.casefold():  # What the brief wants to see stands before what the model wrote.
        setting = ", ".join(filter(None, [setting, own]))
    return {
        "subject": subject, "setting": setting, **{name: kept(name) for name in ("light", "style", "composition")}, "palette": list(scene.palette), "text": scene.text,
        "keep_out": list(scene.keep_out), "ratio": list(scene.ratio),
    }  # fmt: skip


def alt_text(output: Picture) -> str:
    """What is seen, for those who do not see it, within what a screen reader reads in one go."""
    described = f"{output.subject}, {output.setting}"
    return described if len(described) <= ALT_TEXT else shortened(output.subject, ALT_TEXT)


def examine(_output: Picture, content: Content, assignment: Assignment) -> list[Check]:
    """The prompt keeps to its model's limit, and shows nothing that is to be kept out."""
    prompts = content.parts.get("variants") or [content.parts["prompt"]]
    dialect, out = DIALECTS[assignment.place], kept_out_of(assignment.brief)
    too_long = [prompt for prompt in prompts if not fits(assignment.place, prompt)]
    checks = [
        bounded(
            "fits the model",
            len(too_long),
            high=0,
            unit="prompts",
            path="subject",
            wanted=(dialect.title,),
            asked_by="place",
            place=assignment.place,
        )
    ]
    if assignment.as_written:
        checks = [
            _fits(limit, prompts, dialect.title, assignment.place)
            for limit in limits_of(assignment.place)
            if limit.field == "prompt"
        ]
    if out:
        seen = [word for word in out if any(shown_of(word, prompt, assignment.brief) for prompt in prompts)]
        checks.append(free_of("kept out", seen, path="subject", asked_by="brief"))
    return checks


def _fits(limit: Limit, prompts: list[str], model: str, place: str) -> Check:
    value = max(UNITS[limit.unit](prompt) for prompt in prompts)
    hint = f"The whole prompt has {value} {limit.unit}; its model reads {limit.max}. Say it in fewer words."
    return bounded(
        "fits the model",
        value,
        high=limit.max,
        unit=limit.unit,
        path="subject",
        hint=hint,
        wanted=(model,),
        asked_by="place",
        place=place,
    )


KIND = Kind(
    name="image_prompt",
    family="image",
    title="Image prompt",
    description="A prompt for SDXL, Midjourney, FLUX, DALL-E and others, with size, negatives and alt text.",
    output=Picture,
    prompt="Describe one picture to be drawn. Only things that can be seen. English words. keep_out names all that the brief wants none of, "
    "such as people, text or plants.",
    examples=(
        Example(
            "poster for a village bread festival, midjourney",
            Picture(
                subject="a baker lifting a round loaf out of a stone oven",
                setting="a village square with long wooden tables",
                light="warm morning sun from the left",
                mood="calm and proud",
                style="linocut print with rough edges",
                composition="low angle, the oven in the middle",
                palette=["rust", "cream", "dark blue"],
            ),
        ),
        Example(
            "wide header for our repair shop",
            Picture(
                subject="an upside down bicycle with one spinning wheel",
                setting="a tidy workshop with tools on the wall",
                light="soft light from a big window",
                mood="quiet",
                style="35mm photograph, shallow depth of field",
                composition="wide shot, empty space on the right",
                palette=["steel grey", "mint", "oak brown"],
            ),
        ),
    ),
    compose=compose,
    complete=complete,
    examine=examine,
    places=PLACES,
    facts=False,
    form=Form("image", ("image",), shaped=True, describing=True),
    copied=("raw", "negative_prompt"),
    shown=lambda assignment: _wanted(assignment, {}),
)
