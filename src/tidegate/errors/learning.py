"""Errors of training: TG-L."""

from tidegate.errors.base import TidegateError


class TrainingDataError(TidegateError, ValueError):
    """Labelled data cannot be used; file and line are said."""

    code = "TG-L001"
    exit_code = 2
