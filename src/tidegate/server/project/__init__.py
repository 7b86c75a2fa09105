"""The Django project: made from Tidegate's settings, never from a settings module of its own."""
