"""The Vietnamese catalogue is complete, and its check would notice if it were not."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts import translations

HEAD = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\nPlural-Forms: nplurals=1; plural=0;\\n"\n\n'


def test_the_catalogue_is_complete_and_current() -> None:
    assert translations.check() == []


@pytest.mark.parametrize(
    ("entry", "complaint"),
    [
        ("", "missing 'Hello %(name)s'"),
        ('msgid "Hello %(name)s"\nmsgstr ""', "not translated: 'Hello %(name)s'"),
        ('#, fuzzy\nmsgid "Hello %(name)s"\nmsgstr "Chào %(name)s"', "fuzzy: 'Hello %(name)s'"),
        ('msgid "Hello %(name)s"\nmsgstr "Chào %(ten)s"', "other placeholders: 'Hello %(name)s' → 'Chào %(ten)s'"),
        ('msgid "Hello %(name)s"\nmsgstr "Hello %(name)s"', "still English: 'Hello %(name)s'"),
        ('msgid "Hello %(name)s"\nmsgstr "Chào %(name)s "', "other spaces at the ends: 'Hello %(name)s'"),
        ('msgid "Bye"\nmsgstr "Tạm biệt"', "nobody says 'Bye' any more"),
    ],
)
def test_the_check_notices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, entry: str, complaint: str) -> None:
    template = HEAD + 'msgid "Hello %(name)s"\nmsgstr ""\n'
    monkeypatch.setattr(translations, "TRANSLATIONS", tmp_path)
    monkeypatch.setattr(translations, "TEMPLATE", tmp_path / "messages.pot")
    monkeypatch.setattr(translations, "extract", lambda: template)
    (tmp_path / "messages.pot").write_text(template, encoding="utf-8")
    (tmp_path / "vi" / "LC_MESSAGES").mkdir(parents=True)
    (tmp_path / "vi" / "LC_MESSAGES" / "messages.po").write_text(HEAD + entry + "\n", encoding="utf-8")
    assert f"vi: {complaint}" in translations.check()


def test_new_sentences_stand_empty_and_old_ones_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(translations, "TRANSLATIONS", tmp_path)
    monkeypatch.setattr(translations, "TEMPLATE", tmp_path / "messages.pot")
    template = HEAD + 'msgid "Close"\nmsgstr ""\n\nmsgid "Save"\nmsgstr ""\n'
    (tmp_path / "messages.pot").write_text(template, encoding="utf-8")
    source = translations.source_of("vi")
    source.parent.mkdir(parents=True)
    source.write_text(HEAD + 'msgid "Save"\nmsgstr "Lưu"\n\nmsgid "Old"\nmsgstr "Cũ"\n', encoding="utf-8")
    text = translations.merge("vi")
    assert 'msgid "Close"\nmsgstr ""\n\nmsgid "Save"\nmsgstr "Lưu"' in text
    assert "Cũ" not in text


def test_a_stale_catalogue_is_compiled_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(translations, "TRANSLATIONS", tmp_path)
    source = tmp_path / "vi" / "LC_MESSAGES" / "messages.po"
    source.parent.mkdir(parents=True)
    source.write_text(HEAD + 'msgid "Save"\nmsgstr "Lưu"\n', encoding="utf-8")
    assert translations.compile_catalogues() == [source.with_suffix(".mo")]
    assert translations.compile_catalogues() == []
