"""What the journal adds up to: exact figures that only rise, for dashboards and alarms."""
