"""The HTML report: one self-contained page that runs no script and asks no one for anything."""
