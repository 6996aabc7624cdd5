"""The WSGI application, for any server: ``waitress-serve wsgi:app``."""

from taskflow.factory import create_app

app = create_app()
