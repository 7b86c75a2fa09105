"""Request bodies read as they arrive, in bounded memory."""

from tidegate.server.intake.bodies.limits import BodyLimits
from tidegate.server.intake.bodies.read import read_body
from tidegate.server.intake.bodies.record import Body, BodyKind, Video
from tidegate.server.intake.bodies.sinks import Sink, SinkFactory

__all__ = ["Body", "BodyKind", "BodyLimits", "Sink", "SinkFactory", "Video", "read_body"]
