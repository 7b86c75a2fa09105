"""The operations of the API, one file a subject. Who may use them stands in `accounts.access`, not here."""
