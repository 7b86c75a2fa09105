"""Errors of records: TG-R."""

from tidegate.errors.base import TidegateError


class RecordError(TidegateError, ValueError):
    """A record was given a value outside its documented range."""

    code = "TG-R001"
    exit_code = 2


class RecordJsonError(TidegateError, ValueError):
    """JSON does not describe the record it claims to be."""

    code = "TG-R002"
    exit_code = 2


class SchemaVersionError(TidegateError, ValueError):
    """JSON was written under a record schema this version cannot read."""

    code = "TG-R003"
    exit_code = 2
