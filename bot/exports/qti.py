"""A quiz as a QTI 2.1 package, which learning platforms import."""

from __future__ import annotations

import io
import zipfile
from typing import Any

from bot.content import Content

from ._parts import Question, all_questions, questions

LABEL = "QTI 2.1"
ENDING = "zip"
_QTI = "http://www.imsglobal.org/xsd/imsqti_v2p1"
_CP = "http://www.imsglobal.org/xsd/imscp_v1p1"
_MATCH = "http://www.imsglobal.org/question/qti_v2p1/rptemplates/match_correct"
# Zip archives keep a time; a fixed one makes the same quiz the same file.
_TIME = (2020, 1, 1, 0, 0, 0)


def fits(content: Content) -> bool:
    """It is a quiz of questions with options."""
    return all_questions(content)


def export(title: str, content: Content) -> bytes:
    """A zip file with a manifest, a test, and a file a question."""
    title = str(content.parts.get("title") or title)
    asked = questions(content)
    names = [f"item{number}.xml" for number in range(1, len(asked) + 1)]
    files = {
        "imsmanifest.xml": _manifest(names),
        "test.xml": _test(title, names),
        **{name: _item(name, one) for name, one in zip(names, asked, strict=True)},
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, root in files.items():
            archive.writestr(zipfile.ZipInfo(name, _TIME), _bytes(root), zipfile.ZIP_DEFLATED)
    body = packed.getvalue()
    assert read(body) == asked
    return body


def read(body: bytes) -> list[Question]:
    """The questions of a package, found the way an importer does: by the manifest, then the test."""
    from lxml import etree

    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        files = {name: etree.fromstring(archive.read(name)) for name in archive.namelist()}
    resources = files["imsmanifest.xml"].findall(f".//{{{_CP}}}resource")
    kinds = {one.get("href"): one.get("type") for one in resources}
    assert kinds["test.xml"] == "imsqti_test_xmlv2p1"
    assert set(kinds) == set(files) - {"imsmanifest.xml"}
    references = files["test.xml"].findall(f".//{{{_QTI}}}assessmentItemRef")
    return [_question(files[one.get("href")]) for one in references]


def _question(item: Any) -> Question:
    choices = item.findall(f".//{{{_QTI}}}simpleChoice")
    names = [one.get("identifier") for one in choices]
    values = item.findall(f"{{{_QTI}}}responseDeclaration/{{{_QTI}}}correctResponse/{{{_QTI}}}value")
    feedback = item.find(f"{{{_QTI}}}modalFeedback")
    return Question(
        item.find(f".//{{{_QTI}}}prompt").text,
        tuple(one.text for one in choices),
        tuple(names.index(one.text) for one in values),
        "" if feedback is None else feedback.text,
    )


def _manifest(names: list[str]) -> Any:
    root = _root(_CP, "manifest", identifier="manifest")
    metadata = _add(root, "metadata")
    _add(metadata, "schema", "QTIv2.1 Package")
    _add(metadata, "schemaversion", "1.0.0")
    _add(root, "organizations")
    resources = _add(root, "resources")
    test = _add(resources, "resource", identifier="test", type="imsqti_test_xmlv2p1", href="test.xml")
    _add(test, "file", href="test.xml")
    for name in names:
        identifier = name.removesuffix(".xml")
        one = _add(resources, "resource", identifier=identifier, type="imsqti_item_xmlv2p1", href=name)
        _add(one, "file", href=name)
        _add(test, "dependency", identifierref=identifier)
    return root


def _test(title: str, names: list[str]) -> Any:
    root = _root(_QTI, "assessmentTest", identifier="test", title=title)
    part = _add(root, "testPart", identifier="part", navigationMode="nonlinear", submissionMode="individual")
    section = _add(part, "assessmentSection", identifier="section", title=title, visible="true")
    for name in names:
        _add(section, "assessmentItemRef", identifier=name.removesuffix(".xml"), href=name)
    return root


def _item(name: str, one: Question) -> Any:
    single = len(one.correct) == 1
    identifier = name.removesuffix(".xml")
    title = identifier.replace("item", "Question ")
    root = _root(_QTI, "assessmentItem", identifier=identifier, title=title, adaptive="false", timeDependent="false")
    response = _add(
        root, "responseDeclaration", identifier="RESPONSE", cardinality="single" if single else "multiple",
        baseType="identifier",
    )  # fmt: skip
    right = _add(response, "correctResponse")
    for at in one.correct:
        _add(right, "value", f"choice{at + 1}")
    for outcome, base in (("SCORE", "float"), ("FEEDBACK", "identifier")):
        declared = _add(root, "outcomeDeclaration", identifier=outcome, cardinality="single", baseType=base)
        default = _add(declared, "defaultValue")
        _add(default, "value", "0" if outcome == "SCORE" else "shown")
    ask = _add(
        _add(root, "itemBody"), "choiceInteraction", responseIdentifier="RESPONSE", shuffle="false",
        maxChoices="1" if single else str(len(one.options)),
    )  # fmt: skip
    _add(ask, "prompt", one.text)
    for at, option in enumerate(one.options, 1):
        _add(ask, "simpleChoice", option, identifier=f"choice{at}")
    _add(root, "responseProcessing", template=_MATCH)
    if one.feedback:
        _add(
            root, "modalFeedback", one.feedback, outcomeIdentifier="FEEDBACK", identifier="shown", showHide="show"
        )  # fmt: skip
    return root


def _root(space: str, name: str, **attributes: str) -> Any:
    from lxml import etree

    return etree.Element(f"{{{space}}}{name}", attributes, nsmap={None: space})


def _add(parent: Any, name: str, text: str | None = None, **attributes: str) -> Any:
    from lxml import etree

    child = etree.SubElement(parent, f"{{{etree.QName(parent).namespace}}}{name}", attributes)
    child.text = text
    return child


def _bytes(root: Any) -> bytes:
    from lxml import etree

    made: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=False)
    return made
