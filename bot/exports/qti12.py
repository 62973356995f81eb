"""A quiz as a QTI 1.2 package, which older learning platforms and Canvas import."""

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
# Canvas's names for the forms of questions; others ignore them.
_QUESTION_TYPES = {
    "true_false": "true_false_question",
    "short_answer": "short_answer_question",
    "numeric": "numerical_question",
    "matching": "matching_question",
}


def fits(content: Content) -> bool:
    """Whether it is a quiz whose questions can all be asked and marked."""
    return has_only_questions(content)


def export(title: str, content: Content) -> bytes:
    """Return a zip file with a manifest and one file that holds the assessment."""
    title = str(content.parts.get("title") or title)
    asked = collect_questions(content)
    quiz = _build_assessment(title, asked, translate_label("Question", content.language))
    body = pack_zip({"imsmanifest.xml": serialise(_build_manifest()), "quiz.xml": serialise(quiz)})
    assert read(body) == [_normalise_question(one) for one in asked]
    return body


def _normalise_question(one: QuizQuestion) -> QuizQuestion:
    return replace(one, options=(one.numeric_answer,)) if one.form == "numeric" else one


def read(body: bytes) -> list[QuizQuestion]:
    """Return the questions of a package, found by its manifest."""
    from lxml import etree

    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        manifest = etree.fromstring(archive.read("imsmanifest.xml"))
        [resource] = manifest.findall(f".//{{{_CP}}}resource")
        quiz = etree.fromstring(archive.read(resource.get("href")))
    return [_parse_item(item) for item in quiz.iter(f"{{{_QTI}}}item")]


def _parse_item(item: Any) -> QuizQuestion:
    fields = {one[0].text: one[1].text for one in item.iter(f"{{{_QTI}}}qtimetadatafield")}
    called = {name: form for form, name in _QUESTION_TYPES.items()}
    form: Any = called.get(fields["question_type"], "choice")
    responses = item.findall(f".//{{{_QTI}}}response_lid") or item.findall(f".//{{{_QTI}}}response_str")
    labels = list(responses[0].iter(f"{{{_QTI}}}response_label"))
    names, options = [one.get("ident") for one in labels], tuple(_get_feedback(one) for one in labels)
    right = [one for one in item.findall(f".//{{{_QTI}}}respcondition") if one.find(f"{{{_QTI}}}setvar") is not None]
    values = [
        one.text
        for each in right
        for one in each.iter(f"{{{_QTI}}}varequal")
        if one.getparent().tag != f"{{{_QTI}}}not"
    ]
    told = {one.get("ident"): _get_feedback(one) for one in item.findall(f"{{{_QTI}}}itemfeedback")}
    return QuizQuestion(
        text=_get_feedback(item.find(f"{{{_QTI}}}presentation")),
        options=options or tuple(values),
        correct=tuple(map(names.index, values)) if names else tuple(range(len(values))),
        feedback=told.get("general_fb", ""),
        form=form,
        lefts=tuple(_get_feedback(one) for one in responses) if form == "matching" else (),
        feedbacks=tuple(told.get(f"{name}_fb", "") for name in names) if told and "general_fb" not in told else (),
    )


def _get_feedback(element: Any) -> str:
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


def _build_assessment(title: str, asked: list[QuizQuestion], called: str) -> Any:
    root = create_root(_QTI, "questestinterop")
    section = add_element(add_element(root, "assessment", ident="quiz", title=title), "section", ident="root_section")
    for number, one in enumerate(asked, 1):
        _add_item(section, f"{called} {number}", number, one)
    return root


def _add_item(section: Any, title: str, number: int, one: QuizQuestion) -> None:
    item = add_element(section, "item", ident=f"item{number}", title=title)
    several = "multiple_answers_question" if len(one.correct) > 1 else "multiple_choice_question"
    about = add_element(add_element(item, "itemmetadata"), "qtimetadata")
    for label, entry in (("question_type", _QUESTION_TYPES.get(one.form, several)), ("points_possible", "1")):
        field = add_element(about, "qtimetadatafield")
        add_element(field, "fieldlabel", label)
        add_element(field, "fieldentry", entry)
    presentation = add_element(item, "presentation")
    _add_material(presentation, one.text)
    _add_responses(presentation, one)
    marked = add_element(item, "resprocessing")
    add_element(
        add_element(marked, "outcomes"), "decvar", varname="SCORE", vartype="Decimal", minvalue="0", maxvalue="100"
    )
    told = {f"choice{at}": said for at, said in enumerate(one.feedbacks, 1) if said}
    for option in told:  # Before the condition that ends the marking.
        condition = add_element(marked, "respcondition", {"continue": "Yes"})
        add_element(add_element(condition, "conditionvar"), "varequal", option, respident="response1")
        add_element(condition, "displayfeedback", feedbacktype="Response", linkrefid=f"{option}_fb")
    if one.feedback:
        condition = add_element(marked, "respcondition", {"continue": "Yes"})
        add_element(add_element(condition, "conditionvar"), "other")
        add_element(condition, "displayfeedback", feedbacktype="Response", linkrefid="general_fb")
    _add_conditions(marked, one)
    for option, said in (told or ({"general": one.feedback} if one.feedback else {})).items():
        _add_material(add_element(add_element(item, "itemfeedback", ident=f"{option}_fb"), "flow_mat"), said)


def _add_responses(presentation: Any, one: QuizQuestion) -> None:
    if one.form in ("short_answer", "numeric"):
        response = add_element(presentation, "response_str", ident="response1", rcardinality="Single")
        add_element(response, "render_fib", fibtype="Decimal" if one.form == "numeric" else "String")
        return
    cardinality = "Multiple" if one.form == "choice" and len(one.correct) > 1 else "Single"
    for number, left in enumerate(one.lefts or ("",), 1):
        response = add_element(presentation, "response_lid", ident=f"response{number}", rcardinality=cardinality)
        if left:
            _add_material(response, left)
        choices = add_element(response, "render_choice")
        for at, option in enumerate(one.options, 1):
            _add_material(add_element(choices, "response_label", ident=f"choice{at}"), option)


def _add_conditions(marked: Any, one: QuizQuestion) -> None:
    """Add what scores points: all right options and no others; each pair; any accepted written answer."""
    if one.form == "matching":
        share = f"{100 / len(one.correct):.2f}"
        for number, at in enumerate(one.correct, 1):
            condition = add_element(marked, "respcondition")
            add_element(
                add_element(condition, "conditionvar"), "varequal", f"choice{at + 1}", respident=f"response{number}"
            )
            add_element(condition, "setvar", share, action="Add", varname="SCORE")
        return
    condition = add_element(marked, "respcondition", {"continue": "No"})
    holds = add_element(condition, "conditionvar")
    if one.form in ("short_answer", "numeric"):
        for answer in [one.numeric_answer] if one.form == "numeric" else one.options:
            add_element(holds, "varequal", answer, respident="response1")
    elif len(one.correct) == 1:
        add_element(holds, "varequal", f"choice{one.correct[0] + 1}", respident="response1")
    else:
        every = add_element(holds, "and")
        for at in range(len(one.options)):
            where = every if at in one.correct else add_element(every, "not")
            add_element(where, "varequal", f"choice{at + 1}", respident="response1")
    add_element(condition, "setvar", "100", action="Set", varname="SCORE")


def _add_material(parent: Any, text: str) -> None:
    add_element(add_element(parent, "material"), "mattext", text, texttype="text/plain")
