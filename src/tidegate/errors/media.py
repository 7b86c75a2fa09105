"""Errors of media: TG-M. A file that meets one is held for a person."""

from tidegate.errors.base import TidegateError


class MediaError(TidegateError):
    """A file cannot be screened as media; the upload is held for a person, never allowed."""

    code = "TG-M000"
    exit_code = 4


class NotARegularFileError(MediaError):
    """The path is a fifo, device, socket, directory or symlink loop."""

    code = "TG-M001"


class UnreadableFileError(MediaError):
    """The file cannot be opened or read."""

    code = "TG-M002"


class EmptyFileError(MediaError):
    """The file has no bytes."""

    code = "TG-M003"


class FileTooLargeError(MediaError):
    """The file is larger than `media.max_size_bytes`."""

    code = "TG-M004"


class UnknownContainerError(MediaError):
    """The bytes are no container that Tidegate reads."""

    code = "TG-M005"


class RefusedContainerError(MediaError):
    """The container is known and refused, for example a playlist that names other files."""

    code = "TG-M006"


class RefusedCodecError(MediaError):
    """A stream's codec is not on the allow-list."""

    code = "TG-M007"


class TooManyStreamsError(MediaError):
    """More streams than `media.max_streams`."""

    code = "TG-M008"


class TooLongError(MediaError):
    """Declared or measured duration above `media.max_duration_s`."""

    code = "TG-M009"


class TooManyPixelsError(MediaError):
    """A picture larger than `media.max_pixels`, or with a side above `media.max_side_px`."""

    code = "TG-M010"


class TooManyFramesError(MediaError):
    """More frames declared than `media.max_frames`."""

    code = "TG-M011"


class NothingDecodedError(MediaError):
    """The container opened but neither a picture nor a sound came out of it."""

    code = "TG-M012"


class DecodeTimeoutError(MediaError):
    """Decoding went past its wall or CPU time limit and its process was ended."""

    code = "TG-M013"


class DecodeCrashError(MediaError):
    """The decode process died: out of memory or a fault in a decoder."""

    code = "TG-M014"


class OutputTooLargeError(MediaError):
    """Decoding produced more data than `media.max_output_bytes`."""

    code = "TG-M015"


class DamagedContainerError(MediaError):
    """The container is one that is read, but its header is missing or makes no sense."""

    code = "TG-M016"
