"""The catalogue of sentences: English in the code and the templates, Vietnamese for the people.

    update    msgids of taskflow/ and templates/ → messages.pot; messages.po ordered as that, with new sentences
              still empty and without those that nobody says any more; compiled
    compile   messages.po → messages.mo, where it is older than its source
    check     complain about what is missing, empty, fuzzy, left over or has other placeholders

The .pot names files but no lines and no dates, so that it changes only when a sentence does.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
TRANSLATIONS = ROOT / "translations"
TEMPLATE = TRANSLATIONS / "messages.pot"
LOCALES = ("vi",)
HEADER = """\
# Sentences of taskflow. Made by scripts/translations.py.
msgid ""
msgstr ""
"Language: {locale}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plural};\\n"

"""
PLACEHOLDER = re.compile(r"%\((\w+)\)(?:[.\d]*[a-zA-Z])|(?<!%)%[sd]|\{(\w*)\}")


class CatalogueError(Exception):
    """The files contradict each other; the text says where."""


def source_of(locale: str) -> Path:
    """The catalogue that people edit."""
    return TRANSLATIONS / locale / "LC_MESSAGES" / "messages.po"


def extract() -> str:
    """The text of the .pot that the code and the templates ask for now."""
    with (ROOT / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call] # Babel leaves this one untyped
    catalogue = Catalog(charset="utf-8")
    keywords = {**DEFAULT_KEYWORDS, "_l": None, "lazy_gettext": None}
    found = extract_from_dir(str(ROOT), methods, options, keywords=keywords, comment_tags=("i18n:",))
    places: dict[tuple[str, str | None], set[str]] = {}
    for filename, _line, message, comments, context in found:
        catalogue.add(message, auto_comments=comments, context=context)
        singular = message if isinstance(message, str) else message[0]
        places.setdefault((singular, context), set()).add(Path(filename).as_posix())
    for (singular, context), names in places.items():
        entry = catalogue.get(singular, context)
        if entry is not None:
            entry.locations = [(name, 0) for name in sorted(names)]
    return _text(catalogue, "en")


def merge(locale: str) -> str:
    """The catalogue's text in the order of the .pot: what is new is still empty, what nobody says is dropped."""
    known = {_key(message): message for message in _messages(_read(source_of(locale)))}
    merged = Catalog(locale=locale, charset="utf-8")
    for message in _messages(_read(TEMPLATE)):
        found = known.get(_key(message))
        entry = merged.add(
            message.id,
            _string(found, message) if found is not None else "",
            auto_comments=message.auto_comments,
            context=message.context,
            flags=found.flags & {"fuzzy"} if found is not None else (),
        )
        entry.locations = message.locations
    return _text(merged, locale)


def compile_catalogues() -> list[Path]:
    """Compile each catalogue that is newer than its .mo, or has none. Safe when several processes do it at once."""
    made = []
    for locale in LOCALES:
        source = source_of(locale)
        target = source.with_suffix(".mo")
        if not source.exists() or (target.exists() and target.stat().st_mtime_ns >= source.stat().st_mtime_ns):
            continue
        draft = target.with_suffix(f".{os.getpid()}.tmp")
        with draft.open("wb") as file:
            write_mo(file, _read(source))
        draft.replace(target)
        made.append(target)
    return made


def check() -> list[str]:
    """What is wrong with the catalogues, one sentence each; nothing when all is well."""
    problems = []
    if not TEMPLATE.exists() or TEMPLATE.read_text(encoding="utf-8") != extract():
        problems.append("messages.pot is not what the code asks for: run `make translations`")
    wanted = {_key(message): message for message in _messages(_parse(extract()))}
    for locale in LOCALES:
        catalogue = _read(source_of(locale))
        known = {_key(message): message for message in _messages(catalogue)}
        problems += [f"{locale}: missing {message.id!r}" for key, message in wanted.items() if key not in known]
        problems += [
            f"{locale}: nobody says {message.id!r} any more" for key, message in known.items() if key not in wanted
        ]
        for message in known.values():
            problems += [f"{locale}: {problem}" for problem in _faults(message)]
    return problems


#: Names that Zalo's own pages use, also in Vietnamese.
_PROPER_NAMES = frozenset({"App ID", "OA ID", "Official Account", "Zalo Bot", "Zalo Official Account"})


def _same_in_both(text: str) -> bool:
    """One word, a proper name, or nothing but placeholders and signs."""
    rest = re.sub(r"%\(\w+\)[sd]", "", text)
    return " " not in text.strip() or text in _PROPER_NAMES or not any(char.isalpha() for char in rest)


def _faults(message: Message) -> Iterator[str]:
    original = message.id if isinstance(message.id, str) else message.id[-1]
    if not _translated(message):
        yield f"not translated: {original!r}"
        return
    if message.fuzzy:
        yield f"fuzzy: {original!r}"
    for text in _strings(message):
        if placeholders(original) != placeholders(text):
            yield f"other placeholders: {original!r} → {text!r}"
        if text == original and not _same_in_both(text):
            yield f"still English: {original!r}"
        if [part.isspace() for part in (original[:1], original[-1:])] != [
            part.isspace() for part in (text[:1], text[-1:])
        ]:
            yield f"other spaces at the ends: {original!r}"


def placeholders(text: str) -> list[str]:
    """What is filled into a sentence, sorted; a translation may order it otherwise, but needs all of it."""
    return sorted({found.group(0) for found in PLACEHOLDER.finditer(text)})


def _translated(message: Message) -> bool:
    return all(_strings(message)) and bool(_strings(message))


def _strings(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string or ())


def _string(found: Message, message: Message) -> str | tuple[str, ...]:
    """The translation in the form that the message needs: one text, or the one plural form of Vietnamese."""
    text = _strings(found)[0]
    return (text,) if message.pluralizable else text


def _key(message: Message) -> object:
    return (message.id if isinstance(message.id, str) else message.id[0], message.context)


def _messages(catalogue: Catalog) -> list[Message]:
    return sorted((message for message in catalogue if message.id), key=lambda message: str(_key(message)))


def _read(path: Path) -> Catalog:
    try:
        with path.open("rb") as file:
            return read_po(file, locale=None if path == TEMPLATE else "vi", abort_invalid=True)
    except PoFileError as error:
        raise CatalogueError(f"{path.name}: {error}") from error


def _parse(text: str) -> Catalog:
    return read_po(BytesIO(text.encode()))


def _text(catalogue: Catalog, locale: str) -> str:
    buffer = BytesIO()
    write_po(
        buffer, catalogue, width=0, omit_header=True, sort_output=True, include_lineno=False, include_previous=False
    )
    plural = "nplurals=1; plural=0" if locale in LOCALES else "nplurals=2; plural=(n != 1)"
    return HEADER.format(locale=locale, plural=plural) + buffer.getvalue().decode().strip() + "\n"


def _write(path: Path, text: str) -> None:
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def _update_command() -> None:
    _write(TEMPLATE, extract())
    for locale in LOCALES:
        _write(source_of(locale), merge(locale))
    compile_catalogues()


def _check_command() -> None:
    problems = check()
    if problems:
        raise CatalogueError("\n".join(problems))


COMMANDS: dict[str, Callable[[], object]] = {
    "update": _update_command,
    "compile": compile_catalogues,
    "check": _check_command,
}


def main(arguments: list[str]) -> int:
    """Run one command. 0 well, 1 something to mend, 2 usage."""
    if len(arguments) != 1 or arguments[0] not in COMMANDS:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        COMMANDS[arguments[0]]()
    except CatalogueError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
