"""Mistakes in what `doctor` and `init` tell, and in what they leave behind."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

_REHEARSAL = ("tests/connectors/test_rehearsal.py",)
_JIRA_CHECK = ("tests/connectors/jira/test_jira_check.py",)
_JIRA_CREDENTIALS = ("tests/connectors/jira/test_jira_credentials.py",)
_ENTRA = ("tests/connectors/azure_devops/test_azure_devops_credentials.py",)
_ADO_CHECK = ("tests/connectors/azure_devops/test_azure_devops_check.py",)
_ADO_SERVERS = ("tests/connectors/azure_devops/test_azure_devops_servers.py",)
_WITHOUT_COMMENTS = ("tests/cli/test_server_without_comments.py",)
_DOCTOR = ("tests/cli/test_doctor_command.py",)
_INIT = ("tests/cli/test_init_command.py",)

MUTANTS = (
    Mutant(
        name="rehearsal-interrupted-stays",
        breaks="what a write test wrote stays when it is interrupted",
        file="connectors/rehearsal.py",
        old="taken back first\n        _taken_back(rehearsal)\n",
        new="taken back first\n",
        tests=_REHEARSAL,
    ),
    Mutant(
        name="rehearsal-grants-for-an-outage",
        breaks="an administrator is to grant something where a server failed",
        file="connectors/rehearsal.py",
        old="    return LATE if isinstance(error, UnclearError) else AGAIN",
        new="    return rehearsal.remedy",
        tests=_REHEARSAL,
    ),
    Mutant(
        name="rehearsal-taken-back-once",
        breaks="a comment of a write test stays since one request was not answered",
        file="connectors/rehearsal.py",
        old="TRIES = 3",
        new="TRIES = 1",
        tests=_DOCTOR,
        only="next_try",
    ),
    Mutant(
        name="refused-permissions-are-missing",
        breaks="a gateway that tells no permissions is taken for an account that has none",
        file="connectors/jira/preflight.py",
        old='permissions", unknown=unknown, remedy=remedy)',
        new='permissions", fault=unknown, remedy=remedy)',
        tests=_JIRA_CHECK,
        only="nobody_tells",
    ),
    Mutant(
        name="email-kept-for-data-center",
        breaks="nobody is told that a personal access token goes without an e-mail address",
        file="connectors/jira/credentials.py",
        old="            remedy=_remedy(connection, self.kind),\n",
        new="",
        tests=_JIRA_CREDENTIALS,
        only="unset",
    ),
    Mutant(
        name="remedy-of-a-credential-lost",
        breaks="a refused credential says nothing of what would be taken",
        file="connectors/http/authorised.py",
        old="remedies = (self._authorisation.remedy, refusal.remedy)",
        new="remedies = (refusal.remedy,)",
        tests=_JIRA_CREDENTIALS,
        only="unset",
    ),
    Mutant(
        name="authority-out-of-reach-is-the-tracker",
        breaks="an administrator looks at the address of the tracker where the authority is out of reach",
        file="connectors/azure_devops/entra_errors.py",
        old="if isinstance(ours, UnavailableError) and ours.remedy:",
        new="if isinstance(ours, UnavailableError) and not ours.fault:",
        tests=_ENTRA,
        only="out_of_reach",
    ),
    Mutant(
        name="bad-certificate-not-named",
        breaks="an administrator is not told which file is no certificate, and what it should be",
        file="connectors/azure_devops/entra.py",
        old='if (path := secrets.get("certificate_file")) is not None:',
        new='if (path := secrets.get("no_file")) is not None:',
        tests=_ENTRA,
        only="cannot_be_used",
    ),
    Mutant(
        name="process-refusal-is-to-be-granted",
        breaks="an administrator is to grant a right where a rule of the process refuses",
        file="connectors/azure_devops/trials.py",
        old="return self.lifted if self.identifier is None or isinstance(error, BadRequestError) else self.grant",
        new="return self.grant",
        tests=_ADO_CHECK,
        only="process",
    ),
    Mutant(
        name="cards-tried-where-there-are-none",
        breaks="every card is tried on a server that has no comments",
        file="lpm_sync/planning/cardless.py",
        old="is_left = tracker in reasons and",
        new="is_left = not tracker and",
        tests=_WITHOUT_COMMENTS,
        only="cycle",
    ),
    Mutant(
        name="discussed-items-unreadable",
        breaks="items that people discuss are in quarantine on a server that has no comments for us",
        file="connectors/azure_devops/reading.py",
        old="        except MissingResourceError:\n            return item",
        new="        except MissingResourceError:\n            raise",
        tests=_ADO_SERVERS,
        only="without_comments",
    ),
    Mutant(
        name="untold-statuses-are-mapped",
        breaks="statuses that nobody told count as mapped",
        file="lpm_sync/pipeline/vocabulary_checks.py",
        old="if untold := [project for project, kind in found.items() if not kind.statuses]:",
        new="if untold := [project for project in found if not project]:",
        tests=_DOCTOR,
        only="not_told",
    ),
    Mutant(
        name="translated-names-in-the-first-configuration",
        breaks="a configuration goes by names that follow the language of the account",
        file="lpm_sync/pipeline/first_configuration.py",
        old="return len(alike) > 1 or bool(",
        new="return len(alike) > 1 and bool(",
        tests=_INIT,
        only="any_language",
    ),
    Mutant(
        name="fields-known-by-their-name-only",
        breaks="init finds no due date on a site in another language",
        file="lpm_sync/pipeline/guessing.py",
        old="(folded(field.name), folded(field.known_as))",
        new="(folded(field.name),)",
        tests=_INIT,
        only="any_language or reference_names",
    ),
    Mutant(
        name="init-writes-over-a-new-file",
        breaks="init replaces a file that somebody wrote while the tracker was asked",
        file="lpm_sync/pipeline/initialising.py",
        old='"w" if overwrites else "x"',
        new='"w"',
        tests=_INIT,
        only="meanwhile",
    ),
)
