"""What `lpm-sync --help` shows, by itself: to build the command line for it would take three times as long."""

USAGE = """\
Usage: lpm-sync [OPTIONS] COMMAND [ARGS]...

  Governance as code for Lean Portfolio Management, on the trackers a company
  already has.

Options:
  --version  Show the version and exit.
  --help     Show this message and exit; after a command, what it takes.

Commands:
  demo     Do the whole job once on embedded trackers with a sample portfolio.
  sandbox  Start the embedded trackers and chat receiver alone.
  init     Write a first commented configuration from what a tracker has.
  doctor   Check everything that is needed, and say what an admin has to grant.
  plan     Show everything that would be written, and why; write nothing.
  apply    Write exactly a plan; refuse where the trackers have moved since.
  run      Run one cycle: pull, decide, plan, write, report.
  serve    Run cycles and the weekly digest on their schedule; answer /healthz.
  explain  Show why an item has its findings: each rule and the values it read.
  digest   Show the weekly digest, or post it: once a slot to each chat.
  docs     Write the configuration's JSON Schema and the rule reference.
"""
