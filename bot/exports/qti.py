"""A quiz as a QTI 2.1 package, which learning platforms import."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from typing import Any

from bot.content import Content
from bot.reading.surrounding_labels import translate_label

from ._parts import QuizQuestion, collect_questions, has_only_questions
from ._xml import add_element, create_root, pack_zip, serialise

LABEL = "QTI 2.1"
ENDING = "zip"
_QTI = "http://www.imsglobal.org/xsd/imsqti_v2p1"
_CP = "http://www.imsglobal.org/xsd/imscp_v1p1"
# The identifier of feedback that belongs to no option.
_GENERAL_FEEDBACK = "shown"
# Standard response processing: all or nothing, or by the mapping of accepted answers.
_MATCH_CORRECT = "http://www.imsglobal.org/question/qti_v2p1/rptemplates/match_correct"
_MAP_RESPONSE = "http://www.imsglobal.org/question/qti_v2p1/rptemplates/map_response"


def fits(content: Content) -> bool:
    """Whether a content is a quiz whose questions can all be asked and marked."""
    return has_only_questions(content)


def export(title: str, content: Content) -> bytes:
    """Return a zip file with a manifest, a test, and one file per question."""
    title = str(content.parts.get("title") or title)
    questions = collect_questions(content)
    question_label = translate_label("Question", content.language)
    items = {
        f"item{number}.xml": _build_item(question, f"item{number}", f"{question_label} {number}")
        for number, question in enumerate(questions, 1)
    }
    documents = {"imsmanifest.xml": _build_manifest(list(items)), "test.xml": _build_test(title, list(items)), **items}
    body = pack_zip({name: serialise(root) for name, root in documents.items()})
    assert read(body) == [_normalise_question(question) for question in questions]
    return body


def _normalise_question(question: QuizQuestion) -> QuizQuestion:
    return replace(question, options=(question.numeric_answer,)) if question.form == "numeric" else question


def read(body: bytes) -> list[QuizQuestion]:
    """Return the questions of a package, found as an importer does: by the manifest, then the test."""
    from lxml import etree

    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        files = {name: etree.fromstring(archive.read(name)) for name in archive.namelist()}
    resources = files["imsmanifest.xml"].findall(f".//{{{_CP}}}resource")
    types = {resource.get("href"): resource.get("type") for resource in resources}
    assert types["test.xml"] == "imsqti_test_xmlv2p1"
    assert set(types) == set(files) - {"imsmanifest.xml"}
    references = files["test.xml"].findall(f".//{{{_QTI}}}assessmentItemRef")
    return [_parse_item(files[reference.get("href")]) for reference in references]


def _parse_item(item: Any) -> QuizQuestion:
    form = item.get("label")
    if form == "short_answer":
        answers = [entry.get("mapKey") for entry in item.findall(f".//{{{_QTI}}}mapEntry")]
    else:
        values = item.findall(f"{{{_QTI}}}responseDeclaration/{{{_QTI}}}correctResponse/{{{_QTI}}}value")
        answers = [value.text for value in values]
    lefts, choices = [], item.findall(f".//{{{_QTI}}}simpleChoice")
    if form == "matching":
        lefts, choices = map(list, item.findall(f".//{{{_QTI}}}simpleMatchSet"))
    identifiers = [choice.get("identifier") for choice in choices]
    correct = [identifiers.index(answer.split()[-1]) for answer in answers] if choices else range(len(answers))
    prompt = item.find(f".//{{{_QTI}}}prompt")
    paragraph = item.find(f"{{{_QTI}}}itemBody/{{{_QTI}}}p")
    feedback = {element.get("identifier"): element.text for element in item.findall(f"{{{_QTI}}}modalFeedback")}
    has_option_feedback = feedback and _GENERAL_FEEDBACK not in feedback
    return QuizQuestion(
        text=(paragraph if prompt is None else prompt).text,
        options=tuple(choice.text for choice in choices) or tuple(answers),
        correct=tuple(correct),
        feedback=feedback.get(_GENERAL_FEEDBACK, ""),
        form=form,
        lefts=tuple(left.text for left in lefts),
        feedbacks=tuple(feedback.get(identifier, "") for identifier in identifiers) if has_option_feedback else (),
    )


def _build_manifest(item_names: list[str]) -> Any:
    root = create_root(_CP, "manifest", identifier="manifest")
    metadata = add_element(root, "metadata")
    add_element(metadata, "schema", "QTIv2.1 Package")
    add_element(metadata, "schemaversion", "1.0.0")
    add_element(root, "organizations")
    resources = add_element(root, "resources")
    test = add_element(resources, "resource", identifier="test", type="imsqti_test_xmlv2p1", href="test.xml")
    add_element(test, "file", href="test.xml")
    for name in item_names:
        identifier = name.removesuffix(".xml")
        item = add_element(resources, "resource", identifier=identifier, type="imsqti_item_xmlv2p1", href=name)
        add_element(item, "file", href=name)
        add_element(test, "dependency", identifierref=identifier)
    return root


def _build_test(title: str, item_names: list[str]) -> Any:
    root = create_root(_QTI, "assessmentTest", identifier="test", title=title)
    part = add_element(root, "testPart", identifier="part", navigationMode="nonlinear", submissionMode="individual")
    section = add_element(part, "assessmentSection", identifier="section", title=title, visible="true")
    for name in item_names:
        add_element(section, "assessmentItemRef", identifier=name.removesuffix(".xml"), href=name)
    return root


def _build_item(question: QuizQuestion, identifier: str, title: str) -> Any:
    root = create_root(
        _QTI,
        "assessmentItem",
        identifier=identifier,
        title=title,
        label=question.form,
        adaptive="false",
        timeDependent="false",
    )
    cardinality = _add_response_declaration(root, question)
    _add_outcome_declarations(root, question, cardinality)
    _add_interaction(add_element(root, "itemBody"), question)
    if question.feedbacks:
        _add_feedback_processing(root)
    else:
        template = _MAP_RESPONSE if question.form == "short_answer" else _MATCH_CORRECT
        add_element(root, "responseProcessing", template=template)
    for feedback_id, feedback in _get_feedback(question).items():
        add_element(
            root, "modalFeedback", feedback, outcomeIdentifier="FEEDBACK", identifier=feedback_id, showHide="show"
        )
    return root


def _add_response_declaration(root: Any, question: QuizQuestion) -> str:
    """Add the type of the response and the right answers, and return the cardinality."""
    cardinality, base_type = _get_response_type(question)
    response = add_element(
        root, "responseDeclaration", identifier="RESPONSE", cardinality=cardinality, baseType=base_type
    )
    correct_response = add_element(response, "correctResponse")
    answers = _get_right_answers(question)
    for answer in answers[:1] if question.form == "short_answer" else answers:
        add_element(correct_response, "value", answer)
    if question.form == "short_answer":  # Any of the accepted answers counts.
        mapping = add_element(response, "mapping", defaultValue="0")
        for answer in answers:
            add_element(mapping, "mapEntry", mapKey=answer, mappedValue="1", caseSensitive="false")
    return cardinality


def _add_outcome_declarations(root: Any, question: QuizQuestion, cardinality: str) -> None:
    """Add the score and the feedback to show. General feedback is shown by default, that of options when they are chosen."""
    score = add_element(root, "outcomeDeclaration", identifier="SCORE", cardinality="single", baseType="float")
    add_element(add_element(score, "defaultValue"), "value", "0")
    feedback = add_element(
        root,
        "outcomeDeclaration",
        identifier="FEEDBACK",
        cardinality=cardinality if question.feedbacks else "single",
        baseType="identifier",
    )
    if not question.feedbacks:
        add_element(add_element(feedback, "defaultValue"), "value", _GENERAL_FEEDBACK)


def _get_feedback(question: QuizQuestion) -> dict[str, str]:
    """Return the texts of feedback by the identifier of their option, or the general one."""
    option_feedback = {f"choice{number}": text for number, text in enumerate(question.feedbacks, 1) if text}
    return option_feedback or ({_GENERAL_FEEDBACK: question.feedback} if question.feedback else {})


def _get_response_type(question: QuizQuestion) -> tuple[str, str]:
    """Return the cardinality and the base type of the response."""
    match question.form:
        case "short_answer":
            return "single", "string"
        case "numeric":
            return "single", "float"
        case "matching":
            return "multiple", "directedPair"
        case _:
            return ("single" if len(question.correct) == 1 else "multiple"), "identifier"


def _get_right_answers(question: QuizQuestion) -> list[str]:
    match question.form:
        case "short_answer":
            return list(question.options)
        case "numeric":
            return [question.numeric_answer]
        case "matching":
            return [f"left{number} choice{index + 1}" for number, index in enumerate(question.correct, 1)]
        case _:
            return [f"choice{index + 1}" for index in question.correct]


def _add_interaction(body: Any, question: QuizQuestion) -> None:
    match question.form:
        case "short_answer" | "numeric":
            add_element(body, "p", question.text)
            add_element(add_element(body, "p"), "textEntryInteraction", responseIdentifier="RESPONSE")
        case "matching":
            _add_match_interaction(body, question)
        case _:
            max_choices = "1" if len(question.correct) == 1 else str(len(question.options))
            interaction = add_element(
                body, "choiceInteraction", responseIdentifier="RESPONSE", shuffle="false", maxChoices=max_choices
            )
            add_element(interaction, "prompt", question.text)
            for number, option in enumerate(question.options, 1):
                add_element(interaction, "simpleChoice", option, identifier=f"choice{number}")


def _add_match_interaction(body: Any, question: QuizQuestion) -> None:
    """Add the two sets of a matching question. An option may belong to several items, an item has one option."""
    pair_count = str(len(question.lefts))
    interaction = add_element(
        body, "matchInteraction", responseIdentifier="RESPONSE", shuffle="false", maxAssociations=pair_count
    )
    add_element(interaction, "prompt", question.text)
    for prefix, texts, match_max in (("left", question.lefts, "1"), ("choice", question.options, pair_count)):
        match_set = add_element(interaction, "simpleMatchSet")
        for number, text in enumerate(texts, 1):
            add_element(match_set, "simpleAssociableChoice", text, identifier=f"{prefix}{number}", matchMax=match_max)


def _add_feedback_processing(root: Any) -> None:
    """Mark the response as `_MATCH_CORRECT` does, and show the feedback of the chosen options."""
    processing = add_element(root, "responseProcessing")
    if_correct = add_element(add_element(processing, "responseCondition"), "responseIf")
    match = add_element(if_correct, "match")
    add_element(match, "variable", identifier="RESPONSE")
    add_element(match, "correct", identifier="RESPONSE")
    add_element(add_element(if_correct, "setOutcomeValue", identifier="SCORE"), "baseValue", "1", baseType="float")
    add_element(add_element(processing, "setOutcomeValue", identifier="FEEDBACK"), "variable", identifier="RESPONSE")
