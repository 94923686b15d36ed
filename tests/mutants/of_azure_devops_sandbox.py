"""Mistakes that would make the embedded Azure DevOps kinder or stranger than a real one."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

_FOLDER = "tests/connectors/sandbox/azure_devops"
_PATCH = (f"{_FOLDER}/test_azure_devops_sandbox_patch.py",)
_READING = (f"{_FOLDER}/test_azure_devops_sandbox_reading.py",)
_WIQL = (f"{_FOLDER}/test_azure_devops_sandbox_wiql.py",)
_COMMENTS = (f"{_FOLDER}/test_azure_devops_sandbox_comments.py",)
_REPORTING = (f"{_FOLDER}/test_azure_devops_sandbox_reporting.py",)
_ACCESS = (f"{_FOLDER}/test_azure_devops_sandbox_access.py",)

MUTANTS = (
    Mutant(
        name="ado-sandbox-dependency-reversed",
        breaks="a predecessor that is written stands as a successor",
        file="connectors/sandbox/azure_devops/links.py",
        old="(there, here) if rel.endswith(REVERSE) else (here, there)",
        new="(there, here) if rel.endswith(FORWARD) else (here, there)",
        tests=_PATCH,
    ),
    Mutant(
        name="ado-sandbox-add-replaces-tags",
        breaks="adding a tag takes those of people away",
        file="connectors/sandbox/azure_devops/patch.py",
        old='f"{before};{text}" if operation == "add" else text',
        new="text",
        tests=_PATCH,
    ),
    Mutant(
        name="ado-sandbox-replace-appends-tags",
        breaks="replacing tags leaves all of them",
        file="connectors/sandbox/azure_devops/patch.py",
        old='f"{before};{text}" if operation == "add" else text',
        new='f"{before};{text}"',
        tests=_PATCH,
    ),
    Mutant(
        name="ado-sandbox-revision-not-tested",
        breaks="a patch for an older revision is taken",
        file="connectors/sandbox/azure_devops/patch.py",
        old="if actual != expected:",
        new='if path != "/rev" and actual != expected:',
        tests=_PATCH,
    ),
    Mutant(
        name="ado-sandbox-link-makes-a-revision",
        breaks="a link between items moves rev, which a real one leaves alone",
        file="connectors/sandbox/azure_devops/patch.py",
        old="if written or history or self._relations.resources_changed:",
        new="if written or history or self._relations.resources_changed or self._relations.added:",
        tests=_PATCH,
    ),
    Mutant(
        name="ado-sandbox-hyperlink-makes-none",
        breaks="a hyperlink makes no revision, which in a real one it does",
        file="connectors/sandbox/azure_devops/patch.py",
        old="if written or history or self._relations.resources_changed:",
        new="if written or history:",
        tests=_PATCH,
    ),
    Mutant(
        name="ado-sandbox-existing-link-made",
        breaks="a link that exists is taken instead of being refused",
        file="connectors/sandbox/azure_devops/links.py",
        old="if link in added or (link in self and link not in removed):",
        new="if link in added:",
        tests=_PATCH,
    ),
    Mutant(
        name="ado-sandbox-new-tag-without-permission",
        breaks="an account that may not create tags creates one",
        file="connectors/sandbox/azure_devops/tags.py",
        old="if not may_create and any(",
        new="if not names and any(",
        tests=_PATCH,
    ),
    Mutant(
        name="ado-sandbox-hidden-project-read",
        breaks="items of a project that the account may not see are shown",
        file="connectors/sandbox/azure_devops/records.py",
        old="return not item.deleted and not self.project(item.project_id).hidden",
        new="return not item.deleted",
        tests=_READING,
    ),
    Mutant(
        name="ado-sandbox-large-batch",
        breaks="a batch of more than 200 items is answered",
        file="connectors/sandbox/azure_devops/routes_items.py",
        old="if len(ids) > MOST_IDS:",
        new="if not ids:",
        tests=_READING,
    ),
    Mutant(
        name="ado-sandbox-no-nulls",
        breaks="a batch leaves out what cannot be read, where a real one answers null",
        file="connectors/sandbox/azure_devops/routes_items.py",
        old="values.append(None)",
        new="values += ()",
        tests=_READING,
    ),
    Mutant(
        name="ado-sandbox-endless-query",
        breaks="a query gives more than 20,000 ids at once",
        file="connectors/sandbox/azure_devops/wiql.py",
        old="if len(found) > limit and (top is None or top > limit):",
        new="if limit < 0:",
        tests=_WIQL,
    ),
    Mutant(
        name="ado-sandbox-time-without-precision",
        breaks="a query with a time is answered without timePrecision",
        file="connectors/sandbox/azure_devops/wiql.py",
        old="if not self._time_precision and re.search(",
        new="if not text and re.search(",
        tests=_WIQL,
    ),
    Mutant(
        name="ado-sandbox-comments-in-one-page",
        breaks="a page of comments names no next one",
        file="connectors/sandbox/azure_devops/routes_comments.py",
        old="if start + size < len(shown):",
        new="if size < 0:",
        tests=_COMMENTS,
    ),
    Mutant(
        name="ado-sandbox-edits-others-comments",
        breaks="an account edits comments of people",
        file="connectors/sandbox/azure_devops/routes_comments.py",
        old="if comment.author != call.store.account:",
        new="if comment.author is None:",
        tests=_COMMENTS,
    ),
    Mutant(
        name="ado-sandbox-removed-link-active",
        breaks="the feed of links tells a removed link as one that stands",
        file="connectors/sandbox/azure_devops/routes_queries.py",
        old='"isActive": event.active,',
        new='"isActive": True,',
        tests=_REPORTING,
    ),
)
