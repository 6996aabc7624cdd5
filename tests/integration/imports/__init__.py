"""From an upload to committed tasks: services, pages, bad input."""
