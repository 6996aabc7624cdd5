"""Write the OpenAPI document that the tests compare with: ``python -m tests.integration.api.snapshot``."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from taskflow.api.v1.openapi import document
from taskflow.api.v1.routes import PREFIX
from taskflow.config import Settings
from taskflow.factory import create_app

SNAPSHOT = Path(__file__).parents[2] / "snapshots" / "openapi.json"


def main() -> None:
    """Write it."""
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(Settings(data_dir=Path(folder), secret_key="only for the routes"))
        with app.app_context():
            text = json.dumps(json.loads(document(PREFIX)), ensure_ascii=False, indent=1, sort_keys=True)
    SNAPSHOT.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
