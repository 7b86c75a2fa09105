"""Telling the platform: outbox, webhooks, reversals, statements of reasons."""
