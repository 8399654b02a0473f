"""Request → Capture."""
