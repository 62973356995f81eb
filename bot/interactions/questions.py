"""Quiz questions in Discord: options, answer components, and feedback."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import discord

from bot.locales import translate, translate_plural
from bot.markup import shorten
from bot.replies.ledger import plain
from bot.replies.views import COLOURS, ActionRow, Layout
from bot.team.classroom.quiz_items import MAX_ANSWER_CHARACTERS, QuizItem, format_matches, parse_option_indexes

LETTERS = "ABCDEFGH"
_MAX_BUTTON_LABEL, _BUTTONS_PER_ROW = 40, 5
# Discord's limit for a label.
_MAX_LABEL = 45

Button = discord.ui.Button[Any]


def format_skipped_line(skipped: int, locale: str) -> str:
    """Format the note that some questions of a quiz cannot be asked in Discord."""
    return translate_plural(
        skipped,
        "{count} question is left out: it has more pairs to match than fit in a form.",
        "{count} questions are left out: they have more pairs to match than fit in a form.",
        locale,
    ).format(count=skipped)


def format_option_lines(item: QuizItem) -> list[str]:
    """Format the options of a question with their letters; empty if the answer is written."""
    if item.is_written:
        return []
    lines = [f"**{letter}** {plain(option)}" for letter, option in zip(LETTERS, item.question.options, strict=False)]
    if item.is_matching:
        lefts = [f"**{number}** {plain(left_item)}" for number, left_item in enumerate(item.question.lefts, 1)]
        return ["\n".join(lefts), "\n".join(lines)]
    return ["\n".join(lines)]


def build_answer_rows(
    item: QuizItem, step_id: str, locale: str, *, prefix: str, menu_prefix: str
) -> list[list[discord.ui.Item[Any]]]:
    """Build the answer components: buttons for single choice, a menu for multiple choice, else a button that opens a form."""
    if item.needs_form:
        button: Button = discord.ui.Button(
            label=translate("Answer…", locale),
            emoji="✏️",
            style=discord.ButtonStyle.primary,
            custom_id=f"{prefix}:text:{step_id}",
        )
        return [[button]]
    options = list(zip(LETTERS, item.question.options, strict=False))
    if item.has_several_answers:
        select: discord.ui.Select[Any] = discord.ui.Select(
            custom_id=f"{menu_prefix}:{step_id}",
            placeholder=translate("Choose all the right answers", locale),
            min_values=1,
            max_values=len(options),
        )
        for index, (letter, text) in enumerate(options):
            select.add_option(label=f"{letter} · {shorten(text, 90)}", value=str(index))
        return [[select]]
    buttons: list[discord.ui.Item[Any]] = [
        discord.ui.Button(
            label=f"{letter} · {shorten(text, _MAX_BUTTON_LABEL)}",
            style=discord.ButtonStyle.primary,
            custom_id=f"{prefix}:a{index}:{step_id}",
        )
        for index, (letter, text) in enumerate(options)
    ]
    return [buttons[index : index + _BUTTONS_PER_ROW] for index in range(0, len(buttons), _BUTTONS_PER_ROW)]


def format_feedback_lines(item: QuizItem, choice: str | None = None) -> list[str]:
    """Format the feedback on the chosen options or, without a choice, on the right answer."""
    question = item.question
    indexes = parse_option_indexes(choice) if choice is not None else list(question.correct)
    texts = (
        [question.feedbacks[index] for index in indexes if index < len(question.feedbacks)]
        if question.feedbacks
        else [question.feedback]
    )
    return [f"💡 {plain(text)}" for text in dict.fromkeys(filter(None, texts))]


def build_page_buttons(page: int, pages: int, build_id: Any) -> list[Button]:
    """Build the buttons to the previous and next page, if there are several."""
    if pages < 2:
        return []
    return [
        discord.ui.Button(emoji=arrow, custom_id=build_id(number), disabled=not 0 <= number < pages)
        for arrow, number in (("◀️", page - 1), ("▶️", page + 1))
    ]


def format_choice(item: QuizItem, choice: str) -> str:
    """Format the answer that a choice stands for."""
    if item.is_written:
        return choice
    if item.is_matching:
        return " / ".join(format_matches(item, choice))
    return ", ".join(item.question.options[index] for index in parse_option_indexes(choice))


class AnswerInputs:
    """The inputs of an answer form: a text input, or a menu for each item to match."""

    def __init__(self, form: discord.ui.Modal, item: QuizItem) -> None:
        question = item.question
        self._inputs: list[discord.ui.TextInput[Any] | discord.ui.Select[Any]] = []
        for left_item in question.lefts if item.is_matching else ():
            menu: discord.ui.Select[Any] = discord.ui.Select()
            for index, (letter, text) in enumerate(zip(LETTERS, question.options, strict=False)):
                menu.add_option(label=f"{letter} · {shorten(text, 90)}", value=str(index))
            form.add_item(discord.ui.Label(text=shorten(left_item, _MAX_LABEL), component=menu))
            self._inputs.append(menu)
        if not self._inputs:
            line: discord.ui.TextInput[Any] = discord.ui.TextInput(max_length=MAX_ANSWER_CHARACTERS)
            form.add_item(discord.ui.Label(text=shorten(question.text, _MAX_LABEL), component=line))
            self._inputs.append(line)

    @property
    def choice(self) -> str:
        """The answer in the form that the classroom service takes: the text, or the chosen indexes joined by commas."""
        return ",".join(
            field.value if isinstance(field, discord.ui.TextInput) else next(iter(field.values), "")
            for field in self._inputs
        )


def build_framed_view(
    texts: Sequence[str], rows: Sequence[Sequence[discord.ui.Item[Any]]], picture: discord.File | None = None
) -> Layout:
    """Build a container with texts and a picture below the first text, and rows of buttons below the container."""
    frame = discord.ui.Container[discord.ui.LayoutView](accent_colour=COLOURS["education"])
    items: list[discord.ui.Item[discord.ui.LayoutView]] = [discord.ui.TextDisplay(text) for text in texts]
    if picture is not None:
        gallery_item = discord.MediaGalleryItem(picture.uri, description=picture.description)
        items.insert(1, discord.ui.MediaGallery(gallery_item))
    for item in items:
        frame.add_item(item)
    view = Layout()
    view.add_item(frame)
    for row in rows:
        view.add_item(ActionRow(*row))
    return view
