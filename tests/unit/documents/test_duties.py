"""One cell that names lead and coordinators: every way in which offices write it."""

from __future__ import annotations

import pytest

from taskflow.documents.duties import read_duties

A, B, C = "Sở Tài chính", "Công an tỉnh", "UBND các xã, phường"


@pytest.mark.parametrize(
    ("cell", "coordinators"),
    [
        (f"Chủ trì: {A}\nPhối hợp: {B}; {C}", (B, C)),
        (f"- Chủ trì: {A}\n- Phối hợp: {B}, {C}", (B, C)),
        (f"1. Chủ trì: {A}\n2. Phối hợp: {B}", (B,)),
        (f"Chủ trì:\n{A}\nPhối hợp:\n- {B}\n- {C}", (B, C)),
        (f"Chủ trì: {A}/Phối hợp: {B}", (B,)),
        (f"Chủ trì: {A}, Phối hợp: Không", ()),
        (f"CT: {A}; PH: {B}", (B,)),
        (f"{A}; phối hợp: {B}; {C}", (B, C)),
        (f"{A} (phối hợp: {B}; {C})", (B, C)),
        (f"{A}\n(Phối hợp với: {B}, {C})", (B, C)),
        (f"{A} (chủ trì); {B} (phối hợp); {C} (phối hợp)", (B, C)),
        (f"{A} (chủ trì), {B}, {C}", (B, C)),
        (f"{A} (CT); {B} (PH)", (B,)),
        (f"{A} (CQ chủ trì); {B} (CQ phối hợp)", (B,)),
        (f"{A} (chủ trì) phối hợp với {B}", (B,)),
        (f"{A} - chủ trì; {B} - phối hợp", (B,)),
        (f"{A} chủ trì, phối hợp với {B}, {C}", (B, C)),
        (f"Giao {A} chủ trì, phối hợp với {B}", (B,)),
        (f"{A} làm đầu mối, phối hợp cùng {B}", (B,)),
        (f"{A} phối hợp với {B}, {C}", (B, C)),
        (f"{A} chủ trì, {B} phối hợp", (B,)),
        (f"{A} chủ trì, tham mưu; {B} phối hợp thực hiện", (B,)),
        (f"{A} chủ trì; {B}, {C} phối hợp", (B, C)),
        (f"Chủ trì {A}, phối hợp {B}", (B,)),
    ],
)
def test_lead_and_coordinators_of_one_cell(cell: str, coordinators: tuple[str, ...]) -> None:
    duties = read_duties(cell)

    assert (duties.lead, duties.coordinators, duties.marked) == ((A,), coordinators, True)


def test_joint_leads_are_both_leads() -> None:
    duties = read_duties(f"{A}; {B} (đồng chủ trì); {C}")

    assert (duties.lead, duties.coordinators) == ((A, B), (C,))


@pytest.mark.parametrize(
    ("cell", "lead", "coordinators"),
    [
        (f"Giao {A}; {B} chủ trì, phối hợp với {C}", (A, B), (C,)),
        (f"{A}; {B} chủ trì;\n{C} phối hợp", (A, B), (C,)),
        (f"{A} (chủ trì) {B} (phối hợp) các đơn vị liên quan (phối hợp)", (A,), (B, "các đơn vị liên quan")),
        (f"CQCT: các sở, ban, ngành\nCQPH: {B}", ("các sở, ban, ngành",), (B,)),
        (f"{A} chủ trì\nPhối hợp: {B}", (A,), (B,)),
        (f"{A} (chủ trì), phối hợp {B}", (A,), (B,)),
        (f"{A} là cơ quan chủ trì; {B} là cơ quan phối hợp", (A,), (B,)),
        (f"Giao {A}", (A,), ()),
        (f"{A}, phối hợp {B}", (A,), (B,)),
        ("CHỦ TRÌ: Thuế cơ sở 4\nPHỐI HỢP: Trường Tiểu học số 2", ("Thuế cơ sở 4",), ("Trường Tiểu học số 2",)),
    ],
)
def test_words_of_labels_and_verbs_stay_out_of_the_names(
    cell: str, lead: tuple[str, ...], coordinators: tuple[str, ...]
) -> None:
    duties = read_duties(cell)

    assert (duties.lead, duties.coordinators) == (lead, coordinators)


def test_units_without_any_mark_all_lead() -> None:
    duties = read_duties(f"{A} và {B}")

    assert (duties.lead, duties.coordinators, duties.marked) == ((A, B), (), False)
