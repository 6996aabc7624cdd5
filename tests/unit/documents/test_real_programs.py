"""Forms that another program reads for us: Tesseract for pictures, LibreOffice for old Word files."""

from __future__ import annotations

import io
import subprocess
from datetime import date
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image

from taskflow.documents.model import ParsedDocument
from taskflow.documents.parse import parse
from tests.support import tools
from tests.unit.documents.office_files import as_docx
from tests.unit.documents.plans import make_plan

#: One page as a scanner gives it: black and white, slightly turned, a table with ruling lines.
SCAN = Path(__file__).resolve().parents[2] / "data" / "scan.png"


def _check_scan(parsed: ParsedDocument) -> None:
    assert parsed.ocr
    assert parsed.problems[0].code == "document.ocr"
    assert (parsed.head.number, parsed.head.issued_on) == ("128/KH-UBND", date(2026, 10, 5))
    assert parsed.head.title == "Phát triển vùng Sông Hạc năm 2027"
    assert [(item.content, item.lead, item.coordinators, item.deadline.text) for item in parsed.items] == [
        ("Rà soát quy hoạch cấp nước của tỉnh", ("Sở Xây dựng",), ("Sở Tài chính",), "30/11/2026"),
        ("Tập huấn kỹ năng số cho công chức cấp xã", ("Sở Khoa học và Công nghệ",), ("Công an tỉnh",), "Quý II/2027"),
        ("Trồng cây xanh phân tán ven sông", ("Chi cục Kiểm lâm",), (), "Hằng năm"),
    ]
    assert all(item.ocr and item.confidence <= 0.7 for item in parsed.items)
    assert all("row.ocr" in {problem.code for problem in item.problems} for item in parsed.items)
    assert parsed.reconciliation.complete


@pytest.mark.needs("tesseract")
def test_picture_is_recognised() -> None:
    _check_scan(parse(SCAN.read_bytes(), filename="scan.png"))


@pytest.mark.needs("tesseract")
def test_scanned_pdf_is_recognised_with_progress_by_page() -> None:
    told: list[tuple[str, int, int]] = []
    with Image.open(SCAN) as picture:
        document = pypdfium2.PdfDocument.new()
        page = document.new_page(picture.width * 0.36, picture.height * 0.36)
        image = pypdfium2.PdfImage.new(document)
        image.set_bitmap(pypdfium2.PdfBitmap.from_pil(picture.convert("L")))
        image.set_matrix(pypdfium2.PdfMatrix().scale(*page.get_size()))
        page.insert_obj(image)
        page.gen_content()
    out = io.BytesIO()
    document.save(out)

    parsed = parse(out.getvalue(), filename="scan.pdf", progress=lambda *step: told.append(step))

    _check_scan(parsed)
    assert [step for step in told if step[0] == "ocr"] == [("ocr", 0, 1), ("ocr", 1, 1)]


@pytest.mark.needs("soffice")
def test_old_word_file_is_converted(tmp_path: Path) -> None:
    plan = make_plan(3)
    source = tmp_path / "plan.docx"
    source.write_bytes(as_docx(plan))
    program = tools.find("soffice")
    assert program is not None
    profile = f"-env:UserInstallation=file://{tmp_path / 'profile'}"
    subprocess.run(
        [program, profile, "--headless", "--convert-to", "doc", "--outdir", str(tmp_path), str(source)],
        check=True,
        capture_output=True,
        timeout=60,
    )

    parsed = parse((tmp_path / "plan.doc").read_bytes(), filename="plan.doc")

    assert [item.content for item in parsed.items if item.selected] == [task.content for task in plan.tasks]
    assert [set(item.lead) for item in parsed.items if item.selected] == [set(task.lead) for task in plan.tasks]
    assert parsed.reconciliation.complete
