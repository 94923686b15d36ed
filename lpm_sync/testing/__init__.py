"""For authors of plug-ins: the conformance suite, a tracker in memory and a clock that is moved by hand."""
