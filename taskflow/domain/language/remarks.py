"""Everything in a phrase that is neither a date nor a repetition: events to wait for, remarks, blanks, references."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from taskflow.domain.language.facts import Plain, Remark, Wait
from taskflow.domain.language.moments import Unit
from taskflow.domain.language.numbers import is_document_number, read_amount
from taskflow.domain.language.tokens import Lexicon, Tokens, word_set
from taskflow.domain.language.units import read_unit

DOCUMENT = Lexicon(
    """
    van ban | cong van | quyet dinh | ke hoach | chi thi | nghi quyet | nghi dinh | thong tu | thong bao |
    ket luan | to trinh | chuong trinh | huong dan | quy dinh | bao cao | cong dien | de an | luat | phap lenh |
    thong bao ket luan | chuong trinh hanh dong | bien ban hop
    """
)  # fmt: skip
#: An outlook beyond the plan ("tầm nhìn đến năm 2045") is no deadline.
_VISION = Lexicon(
    """
    tam nhin | tam nhin den | tam nhin den nam | tam nhin nam | dinh huong | dinh huong den | dinh huong den nam
    """
)  # fmt: skip
#: "Công văn ngày 15/5/2026" is that paper, while "báo cáo ngày 25/8" may be what is to be done.
_SENT_PAPER = Lexicon("cong van | cong dien | chi thi | ket luan | thong tu | nghi dinh | nghi quyet | bien ban hop")
_ISSUED_BY = Lexicon("cua")

_WAIT_LEAD = Lexicon(
    """
    trong | trong vong | trong thoi han | trong thoi gian | trong pham vi | thoi han | khong qua | toi da |
    cham nhat | cham nhat la | muon nhat | sau | truoc | trong khoang | khoang | khong qua thoi han | la |
    khong cham hon | it nhat | toi thieu | cham nhat sau | khong muon hon | trong toi da | sau toi da |
    cham nhat trong | cham nhat trong vong | cham nhat trong thoi han | han | thoi gian | thoi gian thuc hien |
    ngay trong | muon nhat la | muon nhat sau
    """
)  # fmt: skip
_WAIT_UNITS = {
    "ngay": "day",
    "tuan": "week",
    "thang": "month",
    "nam": "year",
    "gio": "hour",
    "h": "hour",
    "tieng": "hour",
}
_WORKING = Lexicon("lam viec | ( lam viec )")
_SINCE = Lexicon(
    """
    ke tu | tinh tu | tu | sau | sau khi | ke tu khi | tu khi | ke tu sau khi | tinh ke tu | ke tu sau | , ke tu
    | , tinh tu | ( ke tu | ( tinh tu
    """
)  # fmt: skip
_UNTIL_EVENT = Lexicon("truoc khi | truoc | truoc ngay | tinh den | so voi | truoc thoi diem")
_OWN_ISSUE = Lexicon(
    """
    ban hanh | ký | ký ban hanh | duoc ban hanh | phat hanh | ky | ky ban hanh | ban hanh van ban | ký van ban |
    van ban nay duoc ban hanh | ra van ban | ban hanh van ban nay
    """
)  # fmt: skip
_EVENTS = Lexicon(
    """
    sau khi | ngay sau khi | ngay! sau khi | ngay! khi | ngay khi | khi | truoc khi | ke tu khi | tu khi |
    tuy theo | ke tu ngay | tu ngay | sau ngay | truoc ngay | den ngay | trong ngay | theo yeu cau |
    theo chi dao | theo huong dan | theo de nghi | theo thong bao | theo trieu tap | theo giay moi |
    theo phan cong | theo van ban chi dao | theo nhu cau | theo su chi dao | theo cong van |
    theo van ban huong dan | theo van ban cua | theo giay trieu tap | theo ket luan | phu thuoc |
    trong truong hop | neu | truoc ky | truoc phien | truoc dai hoi | truoc hoi nghi | cung voi | dong thoi voi
    | trong khi | ngay! sau | truoc mua | vao mua | truoc thoi diem | sau thoi diem | tai thoi diem |
    theo tung thoi diem | thang cuoi ky | cua ky bao cao | ky bao cao | cung thoi diem | theo y kien | theo dot |
    ke tu cuoc | ke tu hoi nghi | ke tu phien | tu cuoc hop | tu hoi nghi | tu phien hop
    """
)  # fmt: skip
#: "sau" or "trước" with one of these is no event.
_NOT_AFTER = word_set("do day nay cung han tien het mat nhat tot va bao thuc kia lung nua xa rong sac")
#: After "trong ngày": the day of an event, not today.
_BEGINS_EVENT = word_set("nhan tiep phat co xay ký nop")
_UNTIL_DONE = Lexicon("den khi | cho den khi | toi khi | den luc | cho toi khi | den khi nao")  # fmt: skip
_CONTINUOUS = Lexicon(
    """
    thuong xuyen | thuong xuyen lien tuc | lien tuc | duy tri | quanh nam | lau dai | khong thoi han |
    suot qua trinh | tu nay tro di | tu nay ve sau | 24 / 7 | 24 / 24 | 24 / 24 gio | 24 / 24 h |
    xuyen suot | khong ky han | khong gioi han thoi gian | thuong truc | hang gio | vo thoi han | thuong nhat |
    cac nam tiep theo | nhung nam tiep theo | cac nam sau | nhung nam sau | cac nam toi | cac nam ke tiep
    """
)  # fmt: skip
_SPORADIC = Lexicon("dot xuat | bat thuong | phat sinh | theo vu viec | vu viec | khong dinh ky | dot suat")
_IMMEDIATE = Lexicon(
    """
    ngay! lap tuc | lam ngay! | thuc hien ngay! | trien khai ngay! | ngay! | tuc thi | lap tuc | trong ngay |
    ngay trong ngay | ngay! trong ngay | thuc hien ngay | trien khai ngay | lam ngay | ngay tu dau |
    hoan thanh ngay | ngay lap tuc
    """
)  # fmt: skip
_PERIODIC = Lexicon("dinh ky | dinh ki | thuong ky | theo dinh ky | theo ky")
_VAGUE = Lexicon(
    """
    theo lo trinh | theo ke hoach | theo quy dinh | theo tien do | theo chuong trinh | theo quy che |
    theo tinh hinh | theo thuc te | theo nghi quyet | theo quyet dinh | theo de an | theo du an | theo luat |
    theo tung giai doan | khan truong | som nhat | cang som cang tot | theo lich | theo phan ky | theo |
    kip thoi | dung tien do | dung thoi han | dung han | som | thoi gian toi | thoi gian sap toi |
    trong thoi gian toi | khi thich hop | lo trinh | tung buoc | theo tung nam
    """
)  # fmt: skip
_DITTO = Lexicon(
    """
    nt | - nt - | -nt- | nhu tren | nhu vay | nhu muc tren | nhu noi dung tren | tuong tu | 〃 | " | '' | ”  | ”
    | “ | nhu dong tren | n t
    """
)
_DONE = Lexicon(
    """
    da hoan thanh | da xong | da thuc hien | da trien khai | da ban hanh | hoan thanh roi | da trinh |
    da co | da bao cao | da ket thuc | da to chuc | da phe duyet
    """
)
_UNDETERMINED = Lexicon(
    """
    chua xac dinh | chua co | dang xac dinh | xac dinh sau | se xac dinh | chua ro | cho xac dinh |
    chua quy dinh | chua an dinh | se thong bao | thong bao sau | bo sung sau | khong xac dinh | khong quy dinh
    | chua thong nhat | tbd | chua duoc xac dinh
    """
)  # fmt: skip
_CANCELLED = Lexicon(
    """
    khong thuc hien | khong trien khai | khong to chuc | khong lam | bỏ | hủy | huỷ | hủy bỏ | huỷ bỏ | hoãn |
    tam hoãn | tam dừng | dừng | dừng thuc hien | thoi khong thuc hien
    """
)  # fmt: skip
_UNIT_WORDS = Lexicon("ngay | thang | quy | nam | tuan | hoc ky | nam hoc | giai doan | gio | ngay thang")
_BLANK_MARKS = frozenset({"…", "?", "_"})


def skip_reference(tokens: Tokens, place: int) -> int | None:
    """The place after a named document with its own date ("Kế hoạch số 12/KH-UBND ngày 15/3/2026"); None if none.

    The date of another document is never a deadline.
    """
    vision = _VISION.match(tokens, place)
    if vision is not None:
        return vision + 1 if tokens.number(vision) is not None else vision
    end = _numbered_paper(tokens, place)
    if end is None:
        named = DOCUMENT.match(tokens, place)
        if named is None or tokens.word(named) != "ngay" or tokens.number(named + 1) is None:
            return None
        if tokens.word(place - 1) in ("trinh", "hanh", "xong", "thanh"):
            return None
        after = _date_end(tokens, named)
        if place == 0 and _SENT_PAPER.match(tokens, place) is not None:
            return after
        return after if after is not None and _ISSUED_BY.match(tokens, after) is not None else None
    at = end + 1 if tokens.word(end) in (",", "(") else end
    if tokens.word(at) == "ngay":
        return _date_end(tokens, at) or end
    return end


def _numbered_paper(tokens: Tokens, place: int) -> int | None:
    """The place after "156/KH-UBND" or "số 123"."""
    if tokens.exact(place) == "số" and tokens.number(place + 1) is not None:
        return is_document_number(tokens, place + 1) or place + 2
    return is_document_number(tokens, place)


def _date_end(tokens: Tokens, place: int) -> int | None:
    found = read_unit(tokens, place)
    return found.end if found is not None else None


def read_wait(tokens: Tokens, place: int) -> Wait | None:
    """A stretch of time: "trong thời hạn 10 ngày làm việc", "15 ngày kể từ ngày ban hành", "24 giờ"."""
    at = _WAIT_LEAD.skip(tokens, place)
    amount = read_amount(tokens, at)
    if amount is None or not 1 <= amount[0] <= 1000:
        return None
    end = amount[1] + 1 if tokens.number(amount[1]) is None else amount[1]
    unit = _WAIT_UNITS.get(tokens.word(amount[1]))
    if unit is None or tokens.word(end) in ("tuoi", "hoc", "dau", "cuoi", "nay", "lan"):
        return None
    if _counts_named_ones(tokens, end):
        return None
    if tokens.word(end) in ("mot", "1", "01", "/") and tokens.word(end + 1) == "lan":
        return None  # "ít nhất 6 tháng một lần" repeats
    working = _WORKING.match(tokens, end)
    end = working or end
    wait = Wait(
        begin=place,
        end=end,
        amount=amount[0],
        unit=unit,
        working=working is not None,
        loose=working is None and tokens.word(place) in ("thoi", tokens.word(at)),
    )
    return _anchored(tokens, wait)


def _counts_named_ones(tokens: Tokens, place: int) -> bool:
    """Whether what was counted is named by its number: "trong 03 ngày 25, 26, 27/9", "trong 2 năm 2026-2027"."""
    after = tokens.word(place + 1)
    return tokens.number(place) is not None and after not in _WAIT_UNITS and after not in ("lan", "lam")


def _anchored(tokens: Tokens, wait: Wait) -> Wait:
    """``wait`` with what it runs from."""
    at = wait.end + 1 if tokens.word(wait.end) in (",", "(") else wait.end
    before = _UNTIL_EVENT.match(tokens, at)
    if before is not None and not (at > wait.end and tokens.number(before) is not None):
        return replace(wait, before_event=True, loose=False, end=before)
    since = _SINCE.match(tokens, at)
    if since is None:
        return wait
    at = since + 1 if tokens.word(since) in ("ngay", "thoi") else since
    at = at + 1 if tokens.word(at) == "diem" else at
    wait = replace(wait, loose=False, end=at)
    own = _OWN_ISSUE.match(tokens, at)
    if own is not None and _own_document(tokens, own):
        return replace(wait, from_issue=True, end=own)
    day = _named_day(tokens, since)
    return wait if day is None else replace(wait, anchor=day[0], end=day[1])


def _own_document(tokens: Tokens, place: int) -> bool:
    """Whether what was issued is the document itself: nothing more is said, or "… này"."""
    if not tokens.is_word(place):
        return True
    named = DOCUMENT.match(tokens, place)
    return named is not None and tokens.word(named) == "nay"


def _named_day(tokens: Tokens, place: int) -> tuple[date, int] | None:
    found = read_unit(tokens, place)
    if (
        found is None
        or len(found.moments) > 1
        or found.moments[0].unit is not Unit.DAY
        or found.moments[0].year is None
    ):
        return None
    return found.moments[0].last(), found.end


def read_remark(tokens: Tokens, place: int) -> Plain | None:
    """The plain remark that begins at ``place``; None if there is none."""
    if (end := _blank(tokens, place)) is not None:
        return Plain(begin=place, end=end, remark=Remark.BLANK)
    joined = tokens.word(place - 1) in ("va", "hoac", "/", "+") or tokens.word(place - 2) in ("va", "hoac")
    for remark, words in _REMARKS:
        end = words.match(tokens, place)
        if end is not None and _meant(tokens, place, end, remark):
            return Plain(begin=place, end=end, remark=remark, joined=joined)
    if (
        tokens.word(place) in ("sau", "truoc")
        and tokens.is_word(place + 1)
        and tokens.word(place + 1) not in _NOT_AFTER
    ):
        return Plain(begin=place, end=place + 1, remark=Remark.EVENT, joined=joined)
    return None


def _meant(tokens: Tokens, place: int, end: int, remark: Remark) -> bool:
    if remark is Remark.DITTO:
        return len(tokens) - (end - place) <= 2
    if remark in (Remark.DONE, Remark.CANCELLED):
        return place == 0 or tokens.word(place - 1) in (";", ",", ".", "-", "(")
    if remark is Remark.EVENT and tokens.word(end - 1) == "ngay":
        return tokens.is_word(end)
    if remark is Remark.IMMEDIATE and tokens.word(end - 1) == "ngay" and tokens.word(end) in _BEGINS_EVENT:
        return False
    if remark is Remark.CONTINUOUS and tokens.number(place) == 24:
        # "24/7/2026", "24/7 hằng năm" are days; "trực 24/7" is none.
        joined = tokens.word(end) in ("/", "-", ".") and tokens.number(end + 1) is not None
        return not joined and tokens.word(end) not in ("hang", "moi", "nam", "cua", "va", "den", "-")
    if remark is Remark.IMMEDIATE and end - place == 1:
        return tokens.word(end) not in ("tu", "sau", "khi")
    return True


_REMARKS = (
    (Remark.DITTO, _DITTO),
    (Remark.DONE, _DONE),
    (Remark.UNDETERMINED, _UNDETERMINED),
    (Remark.CANCELLED, _CANCELLED),
    (Remark.CONTINUOUS, _UNTIL_DONE),
    (Remark.CONTINUOUS, _CONTINUOUS),
    (Remark.IMMEDIATE, _IMMEDIATE),
    (Remark.SPORADIC, _SPORADIC),
    (Remark.EVENT, _EVENTS),
    (Remark.PERIODIC, _PERIODIC),
    (Remark.VAGUE, _VAGUE),
)


def _blank(tokens: Tokens, place: int) -> int | None:
    """The place after a date that was left to be filled in: "tháng … năm 2026", "…/…/2026", "ngày   tháng   năm"."""
    word = tokens.word(place)
    unit_end = _UNIT_WORDS.match(tokens, place)
    if unit_end is not None:
        following = tokens.word(unit_end)
        if following in _BLANK_MARKS:
            return unit_end + 1
        if following == "/" and tokens.number(unit_end + 1) is not None and len(tokens.word(unit_end + 1)) == 4:
            return unit_end + 2
        if word == "ngay" and following == "/" and tokens.number(unit_end + 1) is not None:
            return unit_end + 2
        whole = word == "ngay" and unit_end == place + 2 and tokens.word(place - 1) not in ("nhung", "cac")
        if whole and tokens.number(unit_end) is not None:
            return unit_end  # "ngày    tháng 9 năm 2026"
        left_open = word in ("ngay", "thang") and following in ("thang", "nam") and following != word
        if left_open and (
            tokens.number(unit_end + 1) is not None
            or tokens.word(unit_end + 1) == "nam"
            or not tokens.word(unit_end + 1)
        ):
            return unit_end + 1
        return None
    if word in _BLANK_MARKS and tokens.word(place + 1) == "/":
        return place + 2
    if word == "/" and tokens.word(place + 1) in _BLANK_MARKS and tokens.number(place - 1) is not None:
        return place + 2
    if word == "/" and place == 0 and tokens.number(1) is not None:
        return 2
    if word in ("xx", "x", "yy") and tokens.word(place + 1) == "/":
        return place + 2
    if tokens.number(place) is not None and tokens.word(place + 1) == "/" and tokens.word(place + 2) in _BLANK_MARKS:
        return place + 3
    if tokens.number(place) is not None and len(word) < 4 and tokens.word(place + 1) == "…" and tokens.tight(place + 1):
        return place + 2 if tokens.word(place - 1) in ("/", "nam") else None
    only = len(tokens) == 1 and word in _BLANK_MARKS
    return place + 1 if only else None
