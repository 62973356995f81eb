"""Small documents to attach, generated so that the repository has no binary files."""

from __future__ import annotations

import io
import zipfile

import pypdf
from docx import Document


def docx(*paragraphs: str) -> bytes:
    """Build a Word file with these paragraphs."""
    document, file = Document(), io.BytesIO()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    document.save(file)
    return file.getvalue()


def build_pdf(*lines: str) -> bytes:
    """Build a one-page PDF with these lines; Latin letters only, no brackets."""
    shown = " ".join(f"({line}) Tj 0 -16 Td" for line in lines)
    stream = f"BT /F1 11 Tf 40 760 Td {shown} ET".encode("latin-1")
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    made, offsets = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        offsets.append(len(made))
        made += b"%d 0 obj%s endobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    end = b"xref\n0 6\n0000000000 65535 f \n" + table + b"trailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF"
    return made + end % len(made)


def build_zip(*members: tuple[str, bytes]) -> bytes:
    """Build an archive, deterministic in its bytes."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return file.getvalue()


def build_pdf_pages(*pages: str) -> bytes:
    """Build a PDF with one line a page."""
    writer = pypdf.PdfWriter()
    for page in pages:
        writer.append(io.BytesIO(build_pdf(page)))
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()
