"""Where templates, translations, migrations and static files are: in the wheel, or in the source tree.

The build hook copies ``templates/``, ``translations/`` and the guide into ``taskflow/_data`` of the wheel; a
source tree has them at its top, as the user asked.
"""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
_PACKAGED = PACKAGE / "_data"
_ROOT = _PACKAGED if _PACKAGED.is_dir() else PACKAGE.parent

TEMPLATES = _ROOT / "templates"
TRANSLATIONS = _ROOT / "translations"
GUIDE = _ROOT / "docs" / "guide.md"
MIGRATIONS = PACKAGE / "migrations"
STATIC = PACKAGE / "static"
