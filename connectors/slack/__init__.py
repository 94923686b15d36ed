"""Slack: the digest as Block Kit, through an incoming webhook."""
