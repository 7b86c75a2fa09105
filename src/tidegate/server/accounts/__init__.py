"""People, roles and API keys; one table says who may do what."""
