"""Errors of detectors, banks and judgement: TG-S, TG-B, TG-J."""

from tidegate.errors.base import TidegateError


class DetectorError(TidegateError):
    """A detector failed on an upload; it becomes an Abstention, never silence."""

    code = "TG-S001"


class DuplicateDetectorError(TidegateError):
    """Two detectors claim one id; both owners are named."""

    code = "TG-S002"
    exit_code = 2


class PipelineError(TidegateError):
    """The detectors do not fit together: a need nobody provides, or a `when` nobody can answer."""

    code = "TG-S003"
    exit_code = 2


class ModelFileError(TidegateError):
    """A model file is missing, damaged or not the one its card names."""

    code = "TG-S004"
    exit_code = 3


class UnknownDetectorError(TidegateError):
    """A detector id that is not registered."""

    code = "TG-S005"
    exit_code = 2


class PluginError(TidegateError):
    """An installed plugin offers a detector that cannot be imported or made; nothing is screened without it."""

    code = "TG-S006"
    exit_code = 3


class BankFileError(TidegateError, ValueError):
    """A bank file cannot be read; line and column are said and nothing of it was taken."""

    code = "TG-B001"
    exit_code = 2


class FusionModelError(TidegateError, ValueError):
    """A fusion model file is malformed or contradicts itself."""

    code = "TG-J001"
    exit_code = 2
