"""The words by which ``actors`` tells units from what they do: first words of units, verbs, and their traps.

Kept apart from the reading so that a word can be added without touching a rule.
"""

from __future__ import annotations

import re

# First words of what can bear a duty (folded to lower case for the test).
_HEADS = (
    "các|mọi|sở|bộ|ban|ngành|phòng|văn phòng|vp|ubnd|hđnd|mttq|ubmttq|ubmt|ủy ban|uỷ ban|hội đồng|mặt trận|"
    "công an|thanh tra|thuế|cục|chi cục|tổng cục|vụ|chi nhánh|kho bạc|ngân hàng|hải quan|bảo hiểm|bhxh|tòa án|"
    "toà án|viện|trường|trung tâm|ttpvhcc|đài|báo|cổng|công ty|tập đoàn|tổng công ty|hội|liên hiệp|liên đoàn|"
    "liên minh|đoàn|đảng ủy|đảng uỷ|đảng bộ|tỉnh ủy|tỉnh uỷ|thành ủy|thành uỷ|huyện ủy|huyện uỷ|quận ủy|thị ủy|"
    "cấp ủy|cấp uỷ|chi bộ|chi ủy|hạt|trạm|đội|quỹ|hợp tác xã|htx|bưu điện|viễn thông|điện lực|bch|bqp|bộ chỉ huy|"
    "ban chỉ huy|ban chỉ đạo|bcđ|tổ|thôn|bản|thủ trưởng|giám đốc|phó giám đốc|chủ tịch|phó chủ tịch|trưởng|chánh|"
    "hiệu trưởng|người đứng đầu|lãnh đạo|bí thư|đồng chí|đ/c|bệnh viện|học viện|đại học|nhà máy|bộ đội|"
    "biên phòng|quân sự|lực lượng|doanh nghiệp|chủ đầu tư|thường trực|ttubnd|đơn vị|cơ quan|địa phương|đoàn thể|"
    "tổ chức|cơ sở|chính phủ|quốc hội|kiểm toán|tạp chí|xã|phường|thị trấn|thị xã|huyện|quận|thành phố|tỉnh|khối|"
    "cụm|hộ gia đình|những|từng|tất cả|vườn quốc gia|khu bảo tồn|phân hiệu|cán bộ, công chức|"
    "tỉnh đoàn|thành đoàn|huyện đoàn|hiệp hội|câu lạc bộ|vnpt|viettel|nhà văn hóa|nhà thiếu nhi|kiểm lâm|"
    "chính quyền|người dân|nhân dân|thành viên|công đoàn|khoa(?! học)|giáo viên|nhân viên|công chức|viên chức|"
    "kế toán|văn thư|tổng phụ trách|phó hiệu trưởng|phó trưởng|điều dưỡng trưởng"
)
HEAD = re.compile(rf"(?:{_HEADS})\b", re.IGNORECASE)
# What stands before a unit where a duty is given to it ("Giao Sở X", "Đề nghị Ủy ban MTTQ", "Đối với Sở X").
LEAD_IN = re.compile(
    r"(?:(?:trân trọng |kính )?(?:đề nghị|đè nghị)|giao(?: nhiệm vụ)?(?: cho)?|yêu cầu|phân công|đối với|riêng|về phía|"
    r"(?:nhiệm vụ|trách nhiệm)(?: cụ thể)?(?: của)|phân giao)\s+(?=\S)",
    re.IGNORECASE,
)
# Verbs that begin what is to be done. Matched in lower case only: "Kiểm tra" inside a name is capitalised.
# Where the verb is the second half of a common noun ("công lập", "chương trình") it does not count.
_VERBS = (
    "chủ trì|phối hợp|phối kết hợp|căn cứ|trên cơ sở|có trách nhiệm|chịu trách nhiệm|có nhiệm vụ|có kế hoạch|"
    "có văn bản|tham mưu|(?<!chương )(?<!công )(?<!quy )(?<!tờ )trình|rà soát|xây dựng|triển khai|tổ chức|"
    "thực hiện|theo dõi|đôn đốc|kiểm tra|hướng dẫn|tuyên truyền|phổ biến|quán triệt|đẩy mạnh|tăng cường|nâng cao|"
    "cân đối|bố trí|báo cáo|tổng hợp|đề xuất|lồng ghép|chỉ đạo|vận động|cung cấp|giải quyết|xử lý|đánh giá|"
    "thẩm định|(?<!công )(?<!độc )lập|ban hành|phát hiện|ngăn chặn|đấu tranh|hỗ trợ|tạo|huy động|quản lý|"
    "giám sát|đưa|nghiên cứu|ứng dụng|phát triển|(?<!chủ )(?<!nhà )đầu tư|"
    "tiếp nhận|công bố|công khai|cập nhật|hoàn thiện|"
    "hoàn thành|chuẩn bị|tham gia|phân công|phân bổ|phát động|phát huy|khảo sát|thống kê|đăng tải|đưa tin|"
    "biên soạn|bảo đảm|đảm bảo|khẩn trương|kịp thời|chủ động|tích cực|thường xuyên|định kỳ|hằng|hàng|tiếp tục|"
    "xem xét|quyết định|phê duyệt|thành lập|kiện toàn|bồi dưỡng|đào tạo|tập huấn|tuyển dụng|kết nối|khai thác|"
    "sử dụng|vận hành|duy trì|quy hoạch|sắp xếp|gửi|lấy ý kiến|thông báo|bàn giao|tiếp thu|giải trình|chăm lo|"
    "khuyến khích|biểu dương|khen thưởng|xác minh|xác định|đối chiếu|liên kết|ký kết|là|sẽ|phải|cần|được|đang|"
    "yêu cầu|nghiêm túc|tập trung|ưu tiên|quan tâm|cụ thể hóa|cụ thể hoá|dự toán|thông tin|truyền thông|số hóa|"
    "số hoá|chuyển đổi|cải tiến|đổi mới|khắc phục|ổn định|gắn|mở|lựa chọn|quy định|sơ kết|tổng kết|trước|"
    "chậm nhất|trong|để|nhằm|về|theo|khi|nếu|(?<!việc )làm|(?<!trật )tự|cho ý kiến|nắm|thu thập|bảo vệ|giữ|"
    "góp phần|xem|tìm|đề nghị|kêu gọi|chấn chỉnh|siết chặt|đề ra|dành|tiến hành|giúp|kiến nghị|thu hút|"
    "khơi thông|mời|chia sẻ|thúc đẩy|cải tạo|nâng cấp|sửa chữa|tháo gỡ|thanh tra|truy quét|tuần tra|lắp đặt|"
    "chuyển giao|thiết lập|tích hợp|lãnh đạo|đăng ký|(?<!bầu )(?<!ứng )cử|tình hình|kết quả|"
    "(?<!giúp )(?<!làm )việc|công tác|ra quân|nhanh chóng|sớm|phân tích|tính toán|làm rõ|rút kinh nghiệm|thống nhất|"
    "đẩy nhanh|bám sát|nhân rộng|trang bị|kiểm kê|giải ngân|quyết toán|thu hồi|giải phóng|quảng bá|tôn vinh|"
    "nhắc nhở|xử phạt|đối thoại|lấy|nâng|phản ánh|trả lời|soạn thảo|dự thảo|gia hạn|hiệp đồng|chấp hành|tuân thủ|"
    "thẩm tra|chi trả|phòng ngừa|ngăn ngừa|ứng phó|khoanh vùng|phân luồng|"
    "phân loại|củng cố|mở rộng|kê khai|bổ sung|điều chỉnh|điều tra|cắt giảm|rút ngắn|đơn giản hóa|niêm yết|"
    "thanh toán|cưỡng chế|di dời|giới thiệu|chuẩn hóa|chuẩn hoá|tạo lập|làm sạch|cài đặt|đấu nối|nộp|trao đổi|"
    "tham vấn|đo đạc|xác nhận|cấp phép|cấp phát|khởi công|mua sắm|phát hành|phát sóng|biên tập|chỉnh lý|tư vấn|"
    "phục hồi|(?<!hu )bảo tồn|tôn tạo|trùng tu|(?<!thầu )thi công|nạo vét|tiêm phòng|khử trùng|rà quét|diễn tập|"
    "thử nghiệm|thí điểm|kiểm soát|thăm hỏi|trao tặng|định hướng|tuyên dương|truy thu|truy vết|rà lại|(?<!hư )ký|"
    "ghi nhận|cảnh báo|ủy quyền|uỷ quyền|phân cấp|huấn luyện|tham quan|học tập(?! cộng đồng)|tra soát|hoàn trả|in ấn|"
    "trưng bày|sưu tầm|cứu trợ|tiêu thụ|bao tiêu|hiệu chỉnh|hợp nhất|bãi bỏ|hòa giải|hoà giải|trợ giúp|điều động|"
    "luân chuyển|bổ nhiệm|tinh giản|chuyển|nghiệm thu|công nhận|giám định|kiểm đếm|sơ tán|di dời"
)
VERB = re.compile(rf"(?<![\w-])(?:{_VERBS})(?![\w-])")
# Words of the list above that are never a syllable of a name ("Văn phòng Sở để tổng hợp").
FUNCTION_WORDS = frozenset(
    [
        "để",
        "nhằm",
        "về",
        "theo",
        "khi",
        "nếu",
        "trong",
        "là",
        "sẽ",
        "phải",
        "cần",
        "được",
        "đang",
        "hằng",
        "hàng",
        "trước",
    ]
)
# Nouns after which a verb only describes the unit ("các cơ quan quản lý giáo dục", "cơ sở đào tạo").
DESCRIBED = re.compile(
    r"(?:cơ quan|đơn vị|cơ sở|tổ chức|trung tâm|doanh nghiệp|công ty|(?<!môi )trường|lực lượng|bộ phận|ban|tổ|đội|trạm|"
    r"hợp tác xã|hội đồng)\s$",
    re.I,
)
DESCRIBING = re.compile(
    r"(?:quản lý (?:nhà nước|giáo dục|chuyên ngành|thị trường|trực tiếp|chất lượng|dự án)|đào tạo|sản xuất|"
    r"cung cấp dịch vụ|sử dụng (?:lao động|ngân sách)|tham mưu,? giúp việc|giúp việc|nghiên cứu|kiểm tra,? giám sát|"
    r"thanh tra|truyền thông|"
    r"thông tin đại chúng|chỉ đạo|báo chí|hỗ trợ|chủ trì,? phối hợp|soạn thảo|thẩm tra|giám định|kiểm kê|kiểm soát|"
    r"tư vấn|thi công|bảo tồn|trợ giúp pháp lý|cứu trợ|tiêu thụ|mua sắm|giới thiệu việc làm|biên tập|phát hành|"
    r"xây dựng [Đđ]ảng|cấp phép|huấn luyện|hòa giải|hoà giải|chi trả|đo đạc|nghiệm thu|công nhận)(?![\w-])"
)
# Lower-case words that end a name although they read as verbs: "Quỹ Đầu tư phát triển tỉnh".
INSIDE_NAME = re.compile(
    r"(?:Đầu tư|dự án|đầu tư|Khuyến công và|quỹ|Bảo trì|Phát triển|Dịch vụ|Quản lý|Chỉ đạo|Vận động|Xúc tiến|"
    r"Hỗ trợ|Ban),?\s$"
)
NAME_TAIL = re.compile(
    r"(?:đầu tư|phát triển|xây dựng|hỗ trợ|bảo vệ|thông tin|khai thác|vận hành|bảo đảm|bảo trì|chuyển đổi số|cải cách|"
    r"đào tạo|xúc tiến|tổng hợp|việc làm|quy hoạch|ứng dụng|đổi mới|công tác|diễn tập|kiểm kê)(?![\w-])"
)
# "tổ chức" and "thông tin" are nouns in "các tổ chức chính trị", "phương tiện thông tin đại chúng".
NOUN_BEFORE = re.compile(
    r"(?:các|những|mọi|cơ quan,|đơn vị,|và|các đoàn thể,|phương tiện|đoàn thể|quan,|thể,|vị,|cấp (?:ủy|uỷ),|ngành,|"
    r"chính quyền,|đảng,)\s$",
    re.I,
)
NOUN_AFTER = re.compile(
    r"tổ chức(?=\s+(?:chính trị|xã hội|đoàn thể|hội|tôn giáo|đảng|cơ sở|quốc tế|tín dụng|khoa học|kinh tế|"
    r"chủ trì|có liên quan|liên quan|phi chính phủ)|[,;]|$)"
    r"|thông tin(?=\s+đại chúng)"
)
# "Các sở: Tài chính, Nội vụ, Y tế": the colon opens the list of names and does not end it.
NAMED_LIST = re.compile(r"các (?:sở|bộ|phòng|ban|sở, ngành|ban, ngành|hội|đoàn thể)\s*", re.IGNORECASE)
# "Tổ chức nghiên cứu …", "Lãnh đạo, chỉ đạo …", "Báo cáo …", "Cơ quan chủ trì …" begin with a verb or a label.
VERB_LIKE_HEAD = re.compile(
    r"(?:tổ chức(?! (?:chính trị|xã hội|đảng|đoàn|hội|tôn giáo|cơ sở đảng))|lãnh đạo(?! (?:các|sở|ubnd|ủy ban|"
    r"cơ quan|đơn vị|phòng|ban))|"
    r"báo cáo|hội (?:nghị|thảo|thi)|bảo (?:đảm|vệ|tồn)|trường hợp|bộ (?:tiêu chí|thủ tục|máy|chỉ số)|quỹ đất|"
    r"các (?:nhiệm vụ|"
    r"giải pháp|nội dung|chỉ tiêu|văn bản|hoạt động|đề án|dự án|chương trình|mục tiêu|biện pháp|chính sách|"
    r"quy định|vấn đề|khoản|"
    r"chế độ|nguồn|điều kiện|công trình|trường hợp|thủ tục|hình thức|bước|tiêu chí|yêu cầu|khó khăn|loại|"
    r"hạng mục|kế hoạch)|"
    r"đoàn (?:kết|kiểm tra)|tổ (?:chức thực|quốc)|báo động|bản (?:đồ|sắc|kế hoạch)|khối lượng|cơ sở (?:vật chất|"
    r"dữ liệu|hạ tầng|pháp lý)|"
    r"đội ngũ|thuế suất|viện trợ|đài thọ|cụm từ|xã hội|tất cả (?:nhiệm vụ|nội dung)|mọi (?:hoạt động|"
    r"nguồn lực|mặt)|"
    r"lực lượng lao động|cục bộ|thành phố thông minh|ban hành|"
    r"bộ phận (?:không(?! chuyên)|lớn|nhỏ|nhân dân|người|cán bộ|công chức|dân cư|quan trọng|cấu thành))\b",
    re.IGNORECASE,
)
LABEL = re.compile(
    r"(?:các\s+)?(?:cơ quan|đơn vị|lãnh đạo|tổ chức|ban)(?:\s+(?:chủ trì|phối hợp|thực hiện|soạn thảo|trình))?",
    re.IGNORECASE,
)
TOPIC = re.compile(r"(?:chế độ|kinh phí|kiểm tra|thời gian|phương thức)\b", re.IGNORECASE)
WITH = re.compile(
    r"(?:phối (?:kết )?hợp|phối hợp)(?:\s+(?:chặt chẽ|thường xuyên|tốt|đồng bộ|hiệu quả|kịp thời|chủ động)|,)*"
    r"(?:\s+(?:với|cùng(?: với)?|và))*\s+(?=\S)"
    r"|(?:chủ trì),?\s+(?:và|cùng(?: với)?)\s+(?=\S)",
    re.IGNORECASE,
)
ADVERBIAL = re.compile(
    r"(?:căn cứ|trên cơ sở|theo|hằng|hàng|định kỳ|trong quá trình|để|nhằm|khi|từ|trước|ngay sau|sau khi|thông qua)\b",
    re.I,
)
#: "Chủ động phối hợp" is no mere help: the unit acts on its own initiative, so it leads.
COORDINATES = re.compile(
    r"(?:(?:tích cực|thường xuyên|tiếp tục|tham gia|có trách nhiệm|có nhiệm vụ|"
    r"là cơ quan)\s+)*(?:phối (?:kết )?hợp)\b",
    re.I,
)
