"""Media at rest: objects named by their content, each encrypted under a key of its own, in a folder or object store."""
