"""`lpm-sync digest`: the weekly digest, shown or posted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from lpm_sync.cli.console import complain, progress_bar, say, say_json
from lpm_sync.cli.workplace import open_workplace

if TYPE_CHECKING:
    from lpm_sync.pipeline.digesting import Posting


def digest(
    post: Annotated[bool, typer.Option("--post", help="Post it to the chats that have not had this slot's.")] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Post also where the state is too young to know what was posted before.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Show the weekly digest, or post it: once a slot to each chat."""
    from lpm_sync.pipeline.cycle import ExitStatus
    from lpm_sync.pipeline.digesting import post_digest, show_digest
    from lpm_sync.report.digest import digest_text

    workplace = open_workplace()
    if post:
        with progress_bar("posting the digest"):
            postings = post_digest(workplace, is_scheduled=not force)
        _show(postings, as_json)
        return
    with progress_bar("reading"):
        shown = show_digest(workplace)
    made, text = shown.digest, digest_text(shown.digest)
    if as_json:
        say_json({"title": made.title, "slot": made.slot, "text": text, "troubles": list(shown.troubles)})
    else:
        for line in text.splitlines():
            say(line)
    for trouble in shown.troubles:
        complain(trouble)
    if shown.exit_status is not ExitStatus.DONE:
        raise typer.Exit(shown.exit_status)


def _show(postings: tuple[Posting, ...], as_json: bool) -> None:
    """Says what became of the digest in each chat; one that did not take all of it makes the exit code 4."""
    from lpm_sync.pipeline.cycle import ExitStatus
    from lpm_sync.state.digests import DigestStatus

    if as_json:
        say_json(
            {
                one.chat: {
                    "status": one.status,
                    "messages": one.messages,
                    "detail": one.detail,
                    "is_whole": one.is_whole,
                }
                for one in postings
            }
        )
    for posting in postings:
        line = f"{posting.chat}: {posting.status or 'not posted'}"
        detail = f": {posting.detail}" if posting.detail else ""
        detail += "" if posting.is_whole else "; it says which trackers it lacks"
        (complain if as_json else say)(line + detail)
    if not postings:
        complain("no chat is configured: name one under `digest.chats` in policy.yaml")
    if any(posting.is_mistaken for posting in postings):
        raise typer.Exit(ExitStatus.MISTAKEN)
    if any(posting.status is not DigestStatus.POSTED or not posting.is_whole for posting in postings):
        raise typer.Exit(ExitStatus.PARTIAL)
