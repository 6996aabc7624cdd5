"""What the headings of columns are called: the words by which ``columns`` knows the role of each."""

from __future__ import annotations

# First match wins; patterns are searched in the heading without accents, in lower case.
PATTERNS: tuple[tuple[str, str], ...] = (
    ("tt", r"^(?:so )?(?:s?tt|thu tu)\.?$|^so thu tu$|^#$|^t[./] ?t\.?$|^s\.t\.t\.?$"),
    ("code", r"^ma(?: so)?(?: nhiem vu| nv| cv| viec| cong viec| hieu| dinh danh)?$|^ky hieu$|^so hieu nhiem vu$"),
    (
        "other",
        r"^(?:so,? (?:ky hieu )?)?(?:van ban|quyet dinh|cong van) (?:giao|chi dao|chu tri giao)\b|^can cu\b|"
        r"^(?:dia ban|doi tuong|dieu kien|nguon luc|bien phap|phuong thuc|cach thuc|pham vi|linh vuc)\b|muc do uu tien",
    ),
    ("mark", r"^(?:quy|q)\.? ?(?:iv|i{1,3}|[1-4])(?![\w]).{0,12}$|^(?:thang|t)\.? ?(?:1[0-2]|0?[1-9])(?![\w]).{0,12}$"),
    ("unit_of_measure", r"^dvt$|don vi (?:tinh|do)\b|^don vi tinh"),
    (
        "units",
        r"phan cong (?:nhiem vu|trach nhiem|thuc hien|to chuc)|^phan cong$|chu tri(?:,| va| /|/|"
        r" -) ?(?:co quan |don vi )?(?:tham gia )?phoi hop|to chuc thuc hien",
    ),
    (
        "leader",
        r"(?:lanh dao|dong chi|can bo|chuyen vien|cong chuc|nguoi|thanh vien)\b.*(?:phu trach|chi dao|"
        r"theo doi|thuc hien)|^lanh dao\b|^nguoi phu trach|"
        r"^(?:pho |cac )*(?:chu tich|bi thu|giam doc|thuong truc|pct|ct|d/c)\b.*(?:phu trach|chi dao|theo doi)",
    ),
    (
        "submitter",
        r"(?:co quan|cap|noi|noi nhan)(?: co tham quyen)? (?:trinh|phe duyet|ban hanh|quyet dinh|nhan bao cao|"
        r"tham dinh)|tham quyen (?:ban hanh|quyet dinh|phe duyet)",
    ),
    (
        "coordinators",
        r"phoi hop|tham gia thuc hien|(?:don vi|co quan|bo phan|thanh phan|to chuc|phong,? ban)(?: co)?"
        r" (?:tham gia|lien quan|ho tro)\b|"
        r"^(?:cq|dv) ?ph$",
    ),
    ("lead", r"chu tri|chu dao|dau moi|^(?:cq|dv) ?ct$"),
    ("monitor", r"theo doi|don doc|giam sat|(?:co quan|don vi)\b.*(?:kiem tra|danh gia)"),
    (
        "progress",
        r"tinh hinh|ket qua (?:dat duoc|den nay|trien khai)|tien do (?:den|hien)|trang thai|ty le hoan thanh|"
        r"muc do hoan thanh|vuong mac|kien nghi|^% hoan thanh|tien do %",
    ),
    ("start", r"(?:thoi gian|ngay|thoi diem)? ?bat dau|^tu(?: ngay)?$|khoi cong"),
    (
        "deadline",
        r"thoi (?:gian|han|diem|ky)|\bhan\b(?! che)|tien do|lo trinh|\bmoc\b|deadline|"
        r"\b(?:ngay|tg|du kien|ke hoach|nam|quy|thang) (?:phai )?(?:hoan thanh|ket thuc|trinh|thuc hien)\b|"
        r"^hoan thanh(?: truoc| vao)?(?: ngay)?$|"
        r"^(?:thu,? (?:va )?)?(?:ngay|thang|tuan|quy)(?:[ ,/]+(?:thang|nam|ngay))*$|"
        r"^ket thuc$|^den(?: ngay)?$|ky bao cao|^tan suat|^dinh ky$",
    ),
    ("amount", r"kinh phi|du toan|so tien|thanh tien|tong muc|trieu dong|ty dong|tong von|^von\b|nhu cau von"),
    ("product", r"san pham|ket qua|dau ra|hinh thuc|the thuc|loai van ban|du kien ban hanh"),
    ("note", r"ghi chu|luu y"),
    (
        "content",
        r"^(?:ten |cac |noi dung |danh muc |mo ta )*(?:nhiem vu|noi dung|cong viec|giai phap|hoat dong|"
        r"dau viec|phan viec|viec|de an|van ban|cong tac|chuong trinh)(?! chi(?: tieu)?\b)|^y kien chi dao|^ket luan",
    ),
    ("lead", r"tham muu|phu trach"),
    ("units", r"thuc hien|trach nhiem|phan cong|don vi|co quan|so, nganh|phong, ban|nganh, dia phuong|noi nhan viec"),
    (
        "current",
        r"hien (?:trang|tai|nay)|thuc trang|thuc hien nam|uoc (?:thuc hien|th\b|nam)|^th (?:nam )?20|"
        r"gia tri goc|xuat phat",
    ),
    ("target", r"(?:chi tieu|muc tieu|ke hoach|phan dau|giai doan)?.*\b20\d\d\b"),
    ("name", r"chi tieu|chi so|muc tieu"),
    ("content", r"nhiem vu|noi dung|cong viec|giai phap|hoat dong|hang muc"),
    ("source", r"nguon"),
)
