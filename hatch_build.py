"""Build hook: the wheel carries ``templates/``, ``translations/`` and the guide as ``taskflow/_data``.

Nothing is copied into the source tree, and an editable install gets nothing: it goes on reading the
folders at the top of the tree (see taskflow/paths.py). A static ``force-include`` would leave stale
copies behind there.
"""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

DATA = (
    ("templates", "**/*"),
    ("translations", "*/LC_MESSAGES/messages.[mp]o"),
    ("docs", "guide.md"),
    ("docs", "images/*"),
)


class DataHook(BuildHookInterface):  # type: ignore[type-arg] # the configuration's type is of no interest here
    """Adds the data folders to a wheel, with the catalogues compiled."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called before the wheel is written; ``version`` is "standard" or "editable"."""
        root = Path(self.root)
        runpy.run_path(str(root / "scripts" / "translations.py"))["compile_catalogues"]()
        if version == "editable":
            return
        for folder, pattern in DATA:
            for path in sorted((root / folder).glob(pattern)):
                if path.is_file():
                    build_data["force_include"][str(path)] = f"taskflow/_data/{path.relative_to(root).as_posix()}"
