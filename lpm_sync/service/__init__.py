"""The scheduled service: cycles and digests by the clock, and an answer to whoever asks how it does."""
