"""The vocabulary of unit names: abbreviations, words that begin a name, nouns that enumerate a group.

Data only. Collected from real plans of ministries, provinces and communes; accents matter in the head
words ("Cổng Thông tin điện tử" is a unit, "công trình" is not).
"""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(word.strip() for word in text.replace("\n", "|").split("|") if word.strip())


# Pattern over folded text (no accents, no "và", separators turned to spaces) and what it stands for.
ABBREVIATIONS: tuple[tuple[str, str], ...] = (
    (r"\bub ?nd\b|\buy ban nd\b", "uy ban nhan dan"),
    (r"\bhd ?nd\b", "hoi dong nhan dan"),
    (r"\bub ?mttq\b|\buy ban mttq\b", "uy ban mat tran to quoc"),
    (r"\bmttq\b", "mat tran to quoc"),
    (r"\bct ?xh\b", "chinh tri xa hoi"),
    (r"\bvp\b", "van phong"),
    (r"\bgd ?dt\b", "giao duc dao tao"),
    (r"\bld ?tb ?xh\b", "lao dong thuong binh xa hoi"),
    (r"\bkh ?dt\b", "ke hoach dau tu"),
    (r"\btn ?mt\b", "tai nguyen moi truong"),
    (r"\bnn ?ptnt\b", "nong nghiep phat trien nong thon"),
    (r"\bnn ?mt\b", "nong nghiep moi truong"),
    (r"\btt ?tt\b", "thong tin truyen thong"),
    (r"\bkh ?cn\b", "khoa hoc cong nghe"),
    (r"\bvh ?tt ?dl\b", "van hoa the thao du lich"),
    (r"\bvh ?tt\b", "van hoa thong tin"),
    (r"\bvh ?xh\b", "van hoa xa hoi"),
    (r"\btc ?kh\b", "tai chinh ke hoach"),
    (r"\bkt ?ht\b", "kinh te ha tang"),
    (r"\bgtvt\b", "giao thong van tai"),
    (r"\bdt ?tg\b", "dan toc ton giao"),
    (r"\bbch ?qs\b|\bbch quan su\b", "ban chi huy quan su"),
    (r"\bca\b", "cong an"),
    (r"\b(?:pt|tt) ?th\b", "phat thanh truyen hinh"),
    (r"\bbhxh\b", "bao hiem xa hoi"),
    (r"\bkbnn\b", "kho bac nha nuoc"),
    (r"\bttyt\b", "trung tam y te"),
    (r"\bgdnn ?gdtx\b", "giao duc nghe nghiep giao duc thuong xuyen"),
    (r"\bldld\b", "lien doan lao dong"),
    (r"\bhlhpn\b|\bhoi lhpn\b", "hoi lien hiep phu nu"),
    (r"\bdtn\b|\bdoan tn\b", "doan thanh nien"),
    (r"\bhnd\b", "hoi nong dan"),
    (r"\bhccb\b|\bhoi ccb\b", "hoi cuu chien binh"),
    (r"\bbtg ?dv\b", "ban tuyen giao dan van"),
    (r"\bbtctu\b", "ban to chuc tinh uy"),
    (r"\bubkt\b", "uy ban kiem tra"),
    (r"\bbcd\b", "ban chi dao"),
    (r"\bbql\b", "ban quan ly"),
    (r"\bkcn\b", "khu cong nghiep"),
    (r"\bpvhcc\b", "phuc vu hanh chinh cong"),
    (r"\bgd\b", "giao duc"),
)

# Words and phrases a unit's name begins with.
HEADS = _words(
    """
    sở|bộ|ban|phòng|ubnd|ubmttq|ubkt|hđnd|mttq|vp|bql|bch|bcđ|bchqs|bhxh|kbnn|ttyt|ttpvhcc|hội|các|mọi|toàn thể|những
    ủy ban|văn phòng|hội đồng|công an|thanh tra|chi cục|cục|tổng cục|vụ|viện|trường|trưởng|trung tâm|trạm|tt
    bệnh viện|hiệp hội|liên đoàn|liên minh|liên hiệp|đoàn|tỉnh đoàn|thành đoàn|huyện đoàn|mặt trận|đài|báo|cổng
    công ty|tổng công ty|tập đoàn|ngân hàng|kho bạc|bảo hiểm|bưu điện|điện lực|quỹ|hợp tác xã|htx|tổ|đội|hạt|đồn
    thuế|thống kê|hải quan|tòa án|công đoàn|đảng ủy|đảng bộ|chi bộ|huyện ủy|tỉnh ủy|thành ủy|thị ủy|bộ chỉ huy
    chủ tịch|giám đốc|thủ trưởng|lãnh đạo|người đứng đầu|quốc hội|chính phủ|thủ tướng|học viện|đại học|kiểm toán
    chủ đầu tư|nhà máy|nhà đầu tư|thường trực|thường vụ|chánh|một số|doanh nghiệp|cơ quan|đơn vị|địa phương|cơ sở
    tổ chức|cấp ủy|chính quyền|nhà trường|tand|vksnd|lực lượng|đoàn thể|ngành|khoa|thư viện|bảo tàng|vườn quốc gia
    xã|phường|thị trấn|thị xã|thành phố|huyện|quận|tỉnh|đặc khu|thôn|bản|mttqvn|btgdv|btctu|gp|chuyên viên|vnpt
    hộ gia đình|người dân|chủ rừng|nhà thầu|tư vấn|quân đội|biên phòng|viettel|cảng vụ|hợp đồng nhân dân
    viễn thông|thông tấn xã|trung ương|ub|thi hành án|cảnh sát|chi nhánh|xí nghiệp|nhà văn hóa|nhà xuất bản|tạp chí
    nhà hát|bí thư|phó bí thư|phó chủ tịch|phó giám đốc|phó trưởng|chi hội|chi đoàn|câu lạc bộ|lâm trường|nông trường
    cụm
    phân hiệu|phân viện|trung đoàn|lữ đoàn|quân khu|mobifone|vinaphone|agribank|vietinbank|vietcombank|bidv
    """
)

# Names of one word.
ALONE = _words("thuế|hải quan|viettel|mobifone|vinaphone|agribank|vietinbank|vietcombank|bidv|biên phòng")

# Two words that begin with the head of a name and begin none.
NOT_HEADS = _words("xã hội|bộ đội|ban hành|bản sao|tổ chức thực|hội nghị|đoàn kết|bản đồ|khoa học")

# Nouns that enumerate the members of one group: agencies ("các sở, ban, ngành"), places ("các xã, phường").
AGENCY_NOUNS = _words(
    """
    sở|ban|ngành|phòng|bộ|đơn vị|cơ quan|đoàn thể|địa phương|tổ chức|hội|cá nhân|hiệp hội|doanh nghiệp|cấp ủy|đảng
    chi bộ|cấp|tập đoàn|tổng công ty|công ty|hợp tác xã|cán bộ|công chức|viên chức|chi hội|hội viên|đoàn viên
    """
)
PLACE_NOUNS = _words(
    """
    xã|phường|thị trấn|đặc khu|huyện|thị xã|thành phố|quận|tỉnh|thôn|bản|ấp|khóm|buôn|làng|khu phố|khối|tổ dân phố
    khu dân cư|tiểu khu|tổ nhân dân|cụm dân cư|phum|sóc
    """
)

# Official names in which a comma or "và" stands before a word that could begin another unit.
INSEPARABLE: tuple[str, ...] = (
    r"hđnd và ubnd",
    r"hội đồng nhân dân và ủy ban nhân dân",
    r"đoàn đbqh và hđnd",
    r"đoàn đại biểu quốc hội và hội đồng nhân dân",
    r"đoàn đbqh, hđnd và ubnd",
    r"khu kinh tế và các khu công nghiệp",
    r"báo và đài",
    r"báo, đài",
    r"báo và phát thanh",
    r"đảng ủy, hđnd, ubnd",
    r"nội chính và phòng",
    r"chống tham nhũng và cải cách",
    r"(?:phòng|sở|trung tâm) (?:kt, ht ?& ?đt|vh, tt ?& ?dl|vh, tt và dl|vh, kh ?& ?tt)",
)
