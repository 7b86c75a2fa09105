"""The HTTP API under /api/v1: typed shapes, rows as JSON, lists with cursors, the feed and the stream of decisions."""
