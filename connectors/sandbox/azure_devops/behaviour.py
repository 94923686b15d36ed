"""How the embedded server misbehaves or restricts: switches that a test or a demo turns by hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from connectors.sandbox.azure_devops.releases import SERVICE, Release


@dataclass(slots=True, kw_only=True)
class Behaviour:
    """All switches with their ordinary values; the quoted ones follow a line of trackers.md, "Azure DevOps"."""

    release: Release = SERVICE  # which versions are spoken: `releases`
    # "`?format=markdown`" of comments; no contract says what becomes of a format on a server that has no Markdown.
    comment_formats: Literal["known", "passed over", "refused"] = "known"
    may_create_tags: bool = True  # "a new tag may need a permission (403, TF401289)"
    validates: bool = True  # off: `validateOnly` is passed over, as by a server that does not know it
    may_write: bool = True  # off: every write is refused with 403
    query_result_limit: int = 20_000  # "at most 20,000 (400, VS402337)"
    revision_limit: int = 10_000  # "an item with 10,000 revisions answers 500 for ever"
    races: int = 0  # so many of the next updates meet another writer: "a race 409"
    throttled_requests: int = 0  # so many of the next requests get 429 with `retry_after`
    retry_after: str = "30"  # the text of every Retry-After header
    warn_with_retry_after: bool = False  # "`Retry-After` may come on a 200"
    rate_limit_headers: bool = False  # X-RateLimit-*: "`X-RateLimit-Cost` tells the price"
    comments_page_size: int = 200  # comments a page where no $top is given
    reporting_page_size: int = 1_000  # revisions or links a batch where no $maxPageSize is given
    flat_link_changes: bool = False  # link changes beside `rel`, as api version 2.2 documents, not in `attributes`
    projects_page_size: int = 100  # projects a page where no $top is given
    largest_page: int = 100_000  # comments, updates, projects, revisions or links a page, whatever $top asks for
