"""Errors of master keys and of media at rest: TG-H0."""

from tidegate.errors.base import TidegateError


class KeyRingError(TidegateError):
    """The key ring is missing, cannot be read or is damaged; what its keys protect stays closed until it is back."""

    code = "TG-H001"
    exit_code = 2


class KeyRingExposedError(KeyRingError):
    """Others than its owner may read or replace the key ring."""

    code = "TG-H002"
    exit_code = 2


class UnknownKeyError(TidegateError):
    """Something is protected by a master key that the ring does not hold."""

    code = "TG-H003"


class KeyStillNeededError(TidegateError):
    """A master key is not retired: it is the active one, became old only now, or something is still protected by it."""

    code = "TG-H004"
    exit_code = 2


class SealError(TidegateError):
    """A wrapped key or sealed secret was changed, or is opened for another purpose than it was sealed for."""

    code = "TG-H005"


class BlobMissingError(TidegateError):
    """The store holds no object of that name."""

    code = "TG-H010"


class BlobDamagedError(TidegateError):
    """A stored object is cut off, altered, or not the one its name promises; nothing of the bad part was handed out."""

    code = "TG-H011"


class BlobSpaceError(TidegateError):
    """There is no room left for an object; nothing of it was kept."""

    code = "TG-H012"


class BlobStoreError(TidegateError):
    """The place where objects lie cannot be reached, read or written."""

    code = "TG-H013"


class BlobNameError(TidegateError, ValueError):
    """The name of an object is not the SHA-256 of its content in 64 lowercase hexadecimal digits."""

    code = "TG-H014"
    exit_code = 2
