"""Mistakes that would make the embedded Jira kinder or stranger than a real one."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

_FOLDER = "tests/connectors/sandbox/jira"
_LINK = (f"{_FOLDER}/test_jira_sandbox_link.py",)
_ISSUE = (f"{_FOLDER}/test_jira_sandbox_issue.py",)
_SEARCH = (f"{_FOLDER}/test_jira_sandbox_search.py",)
_JQL = (f"{_FOLDER}/test_jira_sandbox_jql.py",)
_COMMENT = (f"{_FOLDER}/test_jira_sandbox_comment.py",)
_ACCESS = (f"{_FOLDER}/test_jira_sandbox_access.py",)

MUTANTS = (
    Mutant(
        name="jira-sandbox-link-reversed",
        breaks="the other end of a link stands under the wrong name",
        file="connectors/sandbox/jira/issue_views.py",
        old='("outwardIssue", link.outward_id) if link.inward_id == issue.id else ("inwardIssue", link.inward_id)',
        new='("inwardIssue", link.outward_id) if link.inward_id == issue.id else ("outwardIssue", link.inward_id)',
        tests=_LINK,
    ),
    Mutant(
        name="jira-sandbox-duplicate-link-made",
        breaks="a link that stands already is made a second time",
        file="connectors/sandbox/jira/store.py",
        old="(link.inward_id, link.outward_id) == (first.id, second.id):",
        new="link.inward_id == link.outward_id:",
        tests=_LINK,
    ),
    Mutant(
        name="jira-sandbox-global-id-ignored",
        breaks="a remote link that is written again stands twice",
        file="connectors/sandbox/jira/store.py",
        old="if global_id is not None and known.global_id == global_id:",
        new="if known.id == global_id:",
        tests=_LINK,
    ),
    Mutant(
        name="jira-sandbox-label-verb-overwrites",
        breaks="adding a label takes those of people away",
        file="connectors/sandbox/jira/editing.py",
        old="labels.append(value)",
        new="labels = [value]",
        tests=_ISSUE,
    ),
    Mutant(
        name="jira-sandbox-label-with-blank",
        breaks="a label with a blank is taken, which a real one refuses",
        file="connectors/sandbox/jira/editing.py",
        old='if not label or re.search(r"\\s", label):',
        new="if not label:",
        tests=_ISSUE,
    ),
    Mutant(
        name="jira-sandbox-string-for-a-document",
        breaks="version 3 takes a comment that is a string",
        file="connectors/sandbox/jira/editing.py",
        old="if call.is_version_3 and not is_document(value):",
        new="if call.is_version_3 and value is None:",
        tests=_COMMENT,
    ),
    Mutant(
        name="jira-sandbox-all-comments-embedded",
        breaks="an issue embeds more than 20 comments, so that nobody notices who reads no further",
        file="connectors/sandbox/jira/issue_views.py",
        old="cap = self.store.behaviour.embedded_comments if self.store.is_cloud else len(issue.comments)",
        new="cap = len(issue.comments)",
        tests=_SEARCH,
    ),
    Mutant(
        name="jira-sandbox-old-search-answers",
        breaks="the search that Cloud has removed still answers",
        file="connectors/sandbox/jira/routes_search.py",
        old="raise RefusalError(410, GONE)",
        new="return search_server_by_query(_)",
        tests=_SEARCH,
    ),
    Mutant(
        name="jira-sandbox-unbounded-search",
        breaks="Cloud answers a search without any restriction",
        file="connectors/sandbox/jira/routes_search.py",
        old="if query.condition is None and call.store.is_cloud:",
        new="if query is None:",
        tests=_SEARCH,
    ),
    Mutant(
        name="jira-sandbox-one-page-too-many",
        breaks="a last page that is full names a next one",
        file="connectors/sandbox/jira/routes_search.py",
        old="cursors.token(shown[-1]) if len(found) > size else None",
        new="cursors.token(shown[-1]) if len(found) >= size else None",
        tests=_SEARCH,
    ),
    Mutant(
        name="jira-sandbox-hidden-project-found",
        breaks="a search shows issues that the account may not browse",
        file="connectors/sandbox/jira/routes_search.py",
        old="if store.can_browse(call.account, issue) and matches(issue)]",
        new="if matches(issue)]",
        tests=_ACCESS,
    ),
    Mutant(
        name="jira-sandbox-jql-in-utc",
        breaks="times in JQL are not read in the zone of the account's profile",
        file="connectors/sandbox/jira/matching.py",
        old='zone = ZoneInfo(self._account.time_zone if self._account is not None else "UTC")',
        new='zone = ZoneInfo("UTC")',
        tests=_JQL,
    ),
    Mutant(
        name="jira-sandbox-stranger-refused",
        breaks="bad credentials are refused on Cloud, where a real one answers as to a stranger",
        file="connectors/sandbox/jira/access.py",
        old="if not store.is_cloud or store.behaviour.refuse_bad_credentials:",
        new="if store is not None:",
        tests=_ACCESS,
    ),
)
