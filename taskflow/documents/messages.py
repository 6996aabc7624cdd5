"""What the reader says when it refuses a document or finds something to look at: one table of Vietnamese sentences.

Answers of the reader are data, so they are written in Vietnamese here (not in the catalogue). Each sentence
says what happened and what to do next. Placeholders are the ``params`` of the error.
"""

from __future__ import annotations

from taskflow.documents.model import Problem
from taskflow.domain.errors import DomainError, Invalid, TooLarge

REFUSALS: dict[str, str] = {
    "document.empty": "Tệp không có nội dung. Hãy kiểm tra lại tệp rồi tải lên lần nữa.",
    "document.unknown_type": (
        "Không nhận ra định dạng của tệp. Hãy dùng tệp Word, Excel, PDF, HTML, văn bản thuần hoặc ảnh quét."
    ),
    "document.lying_type": (
        "Tên tệp có đuôi “{extension}” nhưng nội dung là {actual}. Hãy lưu lại đúng định dạng rồi tải lên."
    ),
    "document.mhtml": (
        "Tệp là trang web lưu dạng MHTML (.mht), không phải tệp Word hoặc Excel. Hãy mở bằng Word hoặc Excel, "
        "lưu thành .docx hoặc .xlsx rồi tải lên."
    ),
    "document.xml_spreadsheet": (
        "Tệp là bảng tính dạng XML Spreadsheet 2003. Hãy mở bằng Excel, lưu thành .xlsx rồi tải lên."
    ),
    "document.word_xml": "Tệp là văn bản dạng Word 2003 XML. Hãy mở bằng Word, lưu thành .docx rồi tải lên.",
    "document.encrypted": "Tệp được bảo vệ bằng mật khẩu nên không đọc được. Hãy bỏ mật khẩu rồi tải lên lần nữa.",
    "document.macro": (
        "Tệp có chứa macro nên không được nhận. Hãy lưu lại dưới dạng .docx hoặc .xlsx (không macro) rồi tải lên."
    ),
    "document.damaged": "Tệp bị hỏng, không đọc được. Hãy mở tệp bằng phần mềm văn phòng, lưu lại rồi tải lên lần nữa.",
    "document.unsafe_xml": (
        "Tệp chứa khai báo XML không an toàn nên không được đọc. Hãy lưu lại tệp bằng phần mềm văn phòng."
    ),
    "document.zip_bomb": (
        "Tệp nén giải ra quá lớn so với bình thường nên không được đọc. Hãy kiểm tra nguồn gốc của tệp."
    ),
    "document.too_large": "Tệp lớn hơn mức cho phép ({limit_mb} MB). Hãy chia nhỏ hoặc giảm dung lượng tệp.",
    "document.too_many_pages": (
        "Tệp có {pages} trang, vượt mức cho phép ({limit} trang). Hãy chỉ tải lên phần phụ lục cần nhập."
    ),
    "document.too_many_rows": (
        "Bảng có hơn {limit} dòng nên không nhập được một lần. Hãy chia bảng thành nhiều tệp nhỏ hơn."
    ),
    "document.too_many_cells": (
        "Bảng có hơn {limit} ô nên không nhập được. Hãy xóa các cột, dòng trống hoặc chia bảng nhỏ hơn."
    ),
    "document.too_much_text": "Nội dung dài quá mức cho phép. Hãy chỉ tải lên hoặc dán phần cần nhập.",
    "document.timeout": (
        "Đọc tệp quá {seconds} giây nên đã dừng. Hãy chia nhỏ tệp hoặc chỉ giữ lại phần phụ lục cần nhập."
    ),
    "document.out_of_memory": "Tệp cần quá nhiều bộ nhớ nên đã dừng đọc. Hãy chia nhỏ tệp rồi tải lên lần nữa.",
    "document.crashed": (
        "Không đọc được tệp này (bộ đọc dừng bất thường). Hãy lưu lại tệp dưới định dạng .docx hoặc .xlsx rồi thử lại."
    ),
    "document.cancelled": "Đã hủy việc đọc tệp theo yêu cầu.",
    "document.secret": (
        "Văn bản có đóng dấu độ mật “{mark}”. Không được đưa văn bản mật vào hệ thống này; tệp không được lưu lại. "
        "Nếu văn bản không phải văn bản mật, hãy ghi lý do rồi gửi lại tệp."
    ),
    "document.no_libreoffice": (
        "Máy chủ chưa cài LibreOffice nên không đọc được tệp .{extension}. Hãy lưu tệp thành .docx rồi tải lên."
    ),
    "document.no_ocr": (
        "Tệp là bản quét, nhưng máy chủ chưa cài Tesseract tiếng Việt. Hãy tải lên bản Word, Excel hoặc PDF có chữ."
    ),
    "document.conversion_failed": "LibreOffice không mở được tệp này. Hãy lưu lại thành .docx rồi tải lên.",
}

PROBLEMS: dict[str, str] = {
    "document.no_task_table": (
        "Không tìm thấy bảng nào có cột nhiệm vụ và cột cơ quan thực hiện. Hãy chọn bảng và đặt tên cột."
    ),
    "document.hidden_column": "Trang tính “{sheet}” có {count} cột ẩn, nội dung các cột này không được đọc.",
    "document.hidden_sheet": "Trang tính “{sheet}” đang bị ẩn nên không được đọc.",
    "document.struck": "Văn bản có chữ bị gạch ngang; phần bị gạch được coi là đã bỏ và không được đọc.",
    "document.tracked": (
        "Văn bản còn sửa đổi được theo dõi (Track Changes); nội dung được đọc như khi đã chấp nhận mọi sửa đổi. "
        "Hãy đối chiếu với bản ký."
    ),
    "document.comments": "Văn bản có ghi chú (comment) của người soạn, không được đọc. Hãy xem ghi chú trong bản gốc.",
    "document.old_font": (
        "Văn bản dùng phông chữ cũ (TCVN3 hoặc VNI), đã chuyển sang Unicode. Hãy đối chiếu với bản gốc."
    ),
    "document.ocr": "Nội dung được nhận dạng từ ảnh quét. Hãy đối chiếu từng dòng với bản gốc trước khi nhập.",
    "document.no_lead_column": (
        "Bảng {table} không có cột cơ quan chủ trì. Hãy chọn cột hoặc điền cơ quan cho từng dòng."
    ),
    "document.no_deadline_column": "Bảng {table} không có cột thời hạn.",
    "row.no_content": "Dòng không có nội dung nhiệm vụ. Hãy bổ sung hoặc bỏ qua dòng này.",
    "row.no_lead": "Chưa có cơ quan chủ trì. Hãy điền cơ quan chịu trách nhiệm chính.",
    "row.many_leads": (
        "Có {count} cơ quan cùng chủ trì. Hãy chọn một cơ quan chủ trì hoặc tách thành việc của từng cơ quan."
    ),
    "row.group_lead": "Cơ quan chủ trì là một nhóm đơn vị. Hãy xác định các đơn vị thuộc nhóm.",
    "row.open_lead": "Chưa xác định đơn vị chủ trì cụ thể (“có liên quan”). Hãy chọn các đơn vị.",
    "row.open_coordinator": "Cơ quan phối hợp ghi chung (“có liên quan”). Hãy chọn các đơn vị cụ thể.",
    "row.no_deadline": "Chưa có thời hạn. Hãy xác định thời hạn hoặc xác nhận là việc thường xuyên.",
    "row.doubtful_deadline": "Thời hạn “{text}”: {reason}",
    "row.before_document": "Thời hạn {due} sớm hơn ngày ban hành văn bản ({issued}). Hãy kiểm tra lại.",
    "row.repeated_number": "Số thứ tự {tt} bị lặp lại trong bảng.",
    "row.ditto_nothing": "Ô ghi “{text}” nhưng phía trên không có nội dung để lấy theo.",
    "row.time_above": "Ô thời gian để trống nên lấy theo dòng phía trên (“{text}”). Hãy kiểm tra.",
    "row.lead_above": "Bảng không có cột chủ trì nên lấy theo tên nhóm phía trên (“{text}”). Hãy kiểm tra.",
    "row.joined": "Dòng được ghép từ hai dòng bị ngắt (ngắt trang hoặc ngắt đoạn).",
    "row.shifted": "Dòng thiếu ô so với tiêu đề; các ô được xếp lại theo nội dung. Hãy kiểm tra.",
    "row.roles_guessed": "Không thấy chữ “chủ trì”, “phối hợp” trong ô; đơn vị đứng đầu được coi là chủ trì.",
    "row.struck": "Ô có chữ bị gạch ngang, phần này không được đọc. Hãy đối chiếu với bản gốc.",
    "row.old_font": "Chữ của ô được chuyển từ phông cũ (TCVN3, VNI) sang Unicode. Hãy đối chiếu với bản gốc.",
    "row.comment": "Ô có ghi chú (comment) của người soạn. Hãy xem ghi chú trong bản gốc.",
    "row.no_value": "Ô chứa công thức chưa có kết quả. Hãy mở tệp bằng Excel, lưu lại rồi nhập, hoặc điền giá trị.",
    "row.ocr": "Nội dung do máy nhận dạng từ ảnh quét. Hãy đối chiếu với bản gốc.",
}

SKIP_REASONS: dict[str, str] = {
    "empty": "Dòng trống",
    "total": "Dòng tổng cộng, không phải nhiệm vụ",
    "struck": "Dòng bị gạch ngang, coi như đã bỏ",
    "hidden": "Dòng bị ẩn trong trang tính",
    "note": "Dòng ghi chú, không phải nhiệm vụ",
    "no_content": "Dòng không có nội dung nhiệm vụ",
    "joined": "Phần nối tiếp của dòng trên, đã ghép vào dòng trên",
    "signature": "Phần ký, nơi nhận, ngày in ở cuối bảng",
}


class DocumentError(Invalid):
    """The document cannot be read; ``code`` is a key of ``REFUSALS``."""


class DocumentTooLarge(DocumentError, TooLarge):  # noqa: N818 - named after the limit, as TooLarge is
    """The document is over a limit of ``limits``."""


def sentence(error: DomainError) -> str:
    """The Vietnamese sentence for an error raised by the reader."""
    text = REFUSALS.get(error.code)
    return text.format(**error.params) if text else str(error)


def problem(code: str, field: str | None = None, **params: object) -> Problem:
    """A ``Problem`` with its sentence filled in."""
    return Problem(code, field, PROBLEMS[code].format(**params))
