"""The verb ``gate``, one module per concern."""
