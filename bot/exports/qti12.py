"""A quiz as a QTI 1.2 package, which Canvas and older learning platforms import."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from typing import Any

from bot.content import Content
from bot.reading.surrounding_labels import translate_label

from ._parts import QuizQuestion, collect_questions, has_only_questions
from ._xml import add_element, create_root, pack_zip, serialise

LABEL = "QTI 1.2"
ENDING = "zip"
_QTI = "http://www.imsglobal.org/xsd/ims_qtiasiv1p2"
_CP = "http://www.imsglobal.org/xsd/imscp_v1p1"
# Canvas's types of questions by form; other platforms ignore them.
_CANVAS_TYPES = {
    "true_false": "true_false_question",
    "short_answer": "short_answer_question",
    "numeric": "numerical_question",
    "matching": "matching_question",
}


def fits(content: Content) -> bool:
    """Whether a content is a quiz whose questions can all be asked and marked."""
    return has_only_questions(content)


def export(title: str, content: Content) -> bytes:
    """Return a zip file with a manifest and one file that holds the assessment."""
    title = str(content.parts.get("title") or title)
    questions = collect_questions(content)
    quiz = _build_assessment(title, questions, translate_label("Question", content.language))
    body = pack_zip({"imsmanifest.xml": serialise(_build_manifest()), "quiz.xml": serialise(quiz)})
    assert read(body) == [_normalise_question(question) for question in questions]
    return body


def _normalise_question(question: QuizQuestion) -> QuizQuestion:
    return replace(question, options=(question.numeric_answer,)) if question.form == "numeric" else question


def read(body: bytes) -> list[QuizQuestion]:
    """Return the questions of a package; its manifest names the file they are in."""
    from lxml import etree

    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        manifest = etree.fromstring(archive.read("imsmanifest.xml"))
        [resource] = manifest.findall(f".//{{{_CP}}}resource")
        quiz = etree.fromstring(archive.read(resource.get("href")))
    return [_parse_item(item) for item in quiz.iter(f"{{{_QTI}}}item")]


def _parse_item(item: Any) -> QuizQuestion:
    metadata = {field[0].text: field[1].text for field in item.iter(f"{{{_QTI}}}qtimetadatafield")}
    forms: dict[str, Any] = {canvas_type: form for form, canvas_type in _CANVAS_TYPES.items()}
    form = forms.get(metadata["question_type"], "choice")
    responses = item.findall(f".//{{{_QTI}}}response_lid") or item.findall(f".//{{{_QTI}}}response_str")
    labels = list(responses[0].iter(f"{{{_QTI}}}response_label"))
    identifiers = [label.get("ident") for label in labels]
    answers = _collect_right_answers(item)
    feedback = {element.get("ident"): _get_text(element) for element in item.findall(f"{{{_QTI}}}itemfeedback")}
    has_option_feedback = feedback and "general_fb" not in feedback
    return QuizQuestion(
        text=_get_text(item.find(f"{{{_QTI}}}presentation")),
        options=tuple(map(_get_text, labels)) or tuple(answers),
        correct=tuple(map(identifiers.index, answers)) if labels else tuple(range(len(answers))),
        feedback=feedback.get("general_fb", ""),
        form=form,
        lefts=tuple(map(_get_text, responses)) if form == "matching" else (),
        feedbacks=tuple(feedback.get(f"{identifier}_fb", "") for identifier in identifiers)
        if has_option_feedback
        else (),
    )


def _collect_right_answers(item: Any) -> list[str]:
    """Return the identifiers of options, or the texts, that an item gives points for."""
    conditions = item.findall(f".//{{{_QTI}}}respcondition")
    return [
        value.text
        for condition in conditions
        if condition.find(f"{{{_QTI}}}setvar") is not None
        for value in condition.iter(f"{{{_QTI}}}varequal")
        if value.getparent().tag != f"{{{_QTI}}}not"
    ]


def _get_text(element: Any) -> str:
    """Return the first text within an element."""
    return str(next(element.iter(f"{{{_QTI}}}mattext")).text or "")


def _build_manifest() -> Any:
    root = create_root(_CP, "manifest", identifier="manifest")
    metadata = add_element(root, "metadata")
    add_element(metadata, "schema", "IMS Content")
    add_element(metadata, "schemaversion", "1.1.3")
    add_element(root, "organizations")
    resource = add_element(
        add_element(root, "resources"), "resource", identifier="quiz", type="imsqti_xmlv1p2", href="quiz.xml"
    )
    add_element(resource, "file", href="quiz.xml")
    return root


def _build_assessment(title: str, questions: list[QuizQuestion], question_label: str) -> Any:
    root = create_root(_QTI, "questestinterop")
    section = add_element(add_element(root, "assessment", ident="quiz", title=title), "section", ident="root_section")
    for number, question in enumerate(questions, 1):
        item = add_element(section, "item", ident=f"item{number}", title=f"{question_label} {number}")
        _fill_item(item, question)
    return root


def _fill_item(item: Any, question: QuizQuestion) -> None:
    _add_metadata(item, question)
    presentation = add_element(item, "presentation")
    _add_material(presentation, question.text)
    _add_responses(presentation, question)
    processing = add_element(item, "resprocessing")
    outcomes = add_element(processing, "outcomes")
    add_element(outcomes, "decvar", varname="SCORE", vartype="Decimal", minvalue="0", maxvalue="100")
    option_feedback = {f"choice{number}": text for number, text in enumerate(question.feedbacks, 1) if text}
    # Before the condition that ends the processing.
    for identifier in option_feedback:
        condition = _add_feedback_condition(processing, f"{identifier}_fb")
        add_element(condition, "varequal", identifier, respident="response1")
    if question.feedback:
        add_element(_add_feedback_condition(processing, "general_fb"), "other")
    _add_scoring(processing, question)
    feedback = option_feedback or ({"general": question.feedback} if question.feedback else {})
    for identifier, text in feedback.items():
        _add_material(add_element(add_element(item, "itemfeedback", ident=f"{identifier}_fb"), "flow_mat"), text)


def _add_metadata(item: Any, question: QuizQuestion) -> None:
    choice_type = "multiple_answers_question" if len(question.correct) > 1 else "multiple_choice_question"
    question_type = _CANVAS_TYPES.get(question.form, choice_type)
    metadata = add_element(add_element(item, "itemmetadata"), "qtimetadata")
    for label, entry in (("question_type", question_type), ("points_possible", "1")):
        field = add_element(metadata, "qtimetadatafield")
        add_element(field, "fieldlabel", label)
        add_element(field, "fieldentry", entry)


def _add_responses(presentation: Any, question: QuizQuestion) -> None:
    if question.form in ("short_answer", "numeric"):
        response = add_element(presentation, "response_str", ident="response1", rcardinality="Single")
        add_element(response, "render_fib", fibtype="Decimal" if question.form == "numeric" else "String")
        return
    cardinality = "Multiple" if question.form == "choice" and len(question.correct) > 1 else "Single"
    for response_number, left in enumerate(question.lefts or ("",), 1):
        response = add_element(
            presentation, "response_lid", ident=f"response{response_number}", rcardinality=cardinality
        )
        if left:
            _add_material(response, left)
        choices = add_element(response, "render_choice")
        for number, option in enumerate(question.options, 1):
            _add_material(add_element(choices, "response_label", ident=f"choice{number}"), option)


def _add_feedback_condition(processing: Any, feedback_id: str) -> Any:
    """Add the display of a feedback and return its condition, still empty."""
    response_condition = add_element(processing, "respcondition", {"continue": "Yes"})
    condition = add_element(response_condition, "conditionvar")
    add_element(response_condition, "displayfeedback", feedbacktype="Response", linkrefid=feedback_id)
    return condition


def _add_scoring(processing: Any, question: QuizQuestion) -> None:
    """Add what scores points: all right options and no others; each pair; any accepted written answer."""
    if question.form == "matching":
        share = f"{100 / len(question.correct):.2f}"
        for number, index in enumerate(question.correct, 1):
            response_condition = add_element(processing, "respcondition")
            condition = add_element(response_condition, "conditionvar")
            add_element(condition, "varequal", f"choice{index + 1}", respident=f"response{number}")
            add_element(response_condition, "setvar", share, action="Add", varname="SCORE")
        return
    response_condition = add_element(processing, "respcondition", {"continue": "No"})
    condition = add_element(response_condition, "conditionvar")
    if question.form in ("short_answer", "numeric"):
        for answer in [question.numeric_answer] if question.form == "numeric" else question.options:
            add_element(condition, "varequal", answer, respident="response1")
    elif len(question.correct) == 1:
        add_element(condition, "varequal", f"choice{question.correct[0] + 1}", respident="response1")
    else:
        conjunction = add_element(condition, "and")
        for index in range(len(question.options)):
            parent = conjunction if index in question.correct else add_element(conjunction, "not")
            add_element(parent, "varequal", f"choice{index + 1}", respident="response1")
    add_element(response_condition, "setvar", "100", action="Set", varname="SCORE")


def _add_material(parent: Any, text: str) -> None:
    add_element(add_element(parent, "material"), "mattext", text, texttype="text/plain")
