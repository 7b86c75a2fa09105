"""A small video site that publishes only what Tidegate releases: the integration to copy from."""
