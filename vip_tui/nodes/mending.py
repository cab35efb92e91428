"""The commands of the remedies: each mends one thing, is idempotent, and can be taken back."""
