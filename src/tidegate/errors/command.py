"""Errors of the command line and configuration: TG-C."""

from tidegate.errors.base import TidegateError


class UsageError(TidegateError):
    """The command line or a call's arguments do not make sense together."""

    code = "TG-C001"
    exit_code = 2


class SettingError(TidegateError):
    """A setting has a name or a value that Tidegate does not know."""

    code = "TG-C002"
    exit_code = 2


class MissingDependencyError(TidegateError):
    """An optional package or model that this action needs is not installed."""

    code = "TG-C003"
    exit_code = 3


class InputNotFoundError(TidegateError):
    """A path given on the command line does not exist or cannot be listed."""

    code = "TG-C004"
    exit_code = 4
