"""Trackers that answer from pre-rendered bytes, in a process of their own, so that only the client is measured."""
