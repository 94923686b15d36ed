"""Mistakes with what names lead to: a field, a link or a project that something else is taken for."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

_RESOLUTION = ("tests/core/test_resolution.py",)
_LOCK = ("tests/policy/test_lock.py",)
_LOST = ("tests/pipeline/test_what_is_lost.py",)
_COMMANDS = ("tests/cli/test_pins_of_commands.py",)
_JIRA = ("tests/connectors/jira/test_jira_pins.py",)
_JIRA_CONFORMANCE = ("tests/connectors/jira/test_jira_conformance.py",)
_AZURE_DEVOPS = ("tests/connectors/azure_devops/test_azure_devops_pins.py",)
_AZURE_DEVOPS_CONFORMANCE = ("tests/connectors/azure_devops/test_azure_devops_conformance.py",)

MUTANTS = (
    Mutant(
        name="quiet-day-believed",
        breaks="a field that is gone is written about, where nothing else changed",
        file="lpm_sync/pipeline/cycle.py",
        old="return decided(quiet) if quiet and decision.plan.change_count else (reading, decision)",
        new="return reading, decision",
        tests=("tests/connectors/sandbox/test_completeness_gate.py",),
        only="nothing_else",
    ),
    Mutant(
        name="pins-not-compared",
        breaks="a field that has become another thing is read and acted on",
        file="lpm_sync/pipeline/delivering.py",
        old="wrong = changed(question.pins, pull.resolved)",
        new="wrong = changed({}, pull.resolved)",
        tests=_LOST,
    ),
    Mutant(
        name="pins-kind-ignored",
        breaks="a number that was made a list of options under its id goes unnoticed",
        file="lpm_sync/core/resolution.py",
        old="elif found.kind != pin.kind:",
        new="elif found.kind == pin.name:",
        tests=_RESOLUTION,
    ),
    Mutant(
        name="pins-rename-not-told",
        breaks="nobody is told that a field goes by another name",
        file="lpm_sync/pipeline/reading.py",
        old="lines = renamed(configuration.pins(source.tracker), source.pull.resolved)",
        new="lines = renamed({}, source.pull.resolved)",
        tests=_LOST,
    ),
    Mutant(
        name="pins-not-told-to-the-connector",
        breaks="the lock is written and nothing goes by it",
        file="lpm_sync/policy/configuration.py",
        old="pinned={where: pin.id for where, pin in self.pins(tracker).items()},",
        new="pinned={},",
        tests=_LOCK,
    ),
    Mutant(
        name="pins-outlive-their-name",
        breaks="after a change of trackers.yaml the old field is read on",
        file="lpm_sync/policy/lock.py",
        old="if said.get(where) == pin.configured",
        new="if where in said",
        tests=_LOCK,
    ),
    Mutant(
        name="pins-of-another-site",
        breaks="ids of the old site are taken for fields of the new one",
        file="lpm_sync/policy/lock.py",
        old="if locked is None or locked.url != stanza.url:",
        new="if locked is None:",
        tests=_LOCK,
    ),
    Mutant(
        name="pins-dropped-when-renewed",
        breaks="pinning while a project is hidden forgets its pin",
        file="lpm_sync/policy/lock.py",
        old="{**lock.pins(name, stanza), **resolved.get(name, {})}",
        new="{**resolved.get(name, {})}",
        tests=_LOCK,
    ),
    Mutant(
        name="pins-damaged-lock-ignored",
        breaks="a lock with a conflict of merging in it pins nothing, and nobody is told",
        file="lpm_sync/policy/loader.py",
        old='unreadable += [f"{text}; {DAMAGED}" for text in not_read]',
        new="",
        tests=_LOCK,
    ),
    Mutant(
        name="pins-keep-themselves",
        breaks="`doctor --pin` goes by the pins that it is to renew",
        file="lpm_sync/pipeline/doctor.py",
        old="goes_by_lock=not pins",
        new="goes_by_lock=True",
        tests=_COMMANDS,
    ),
    Mutant(
        name="pins-doctor-writes-unasked",
        breaks="an examination writes the lock",
        file="lpm_sync/pipeline/doctor.py",
        old="        if self.pins:\n            done",
        new="        if True:\n            done",
        tests=_COMMANDS,
        only="nothing_but_pin",
    ),
    Mutant(
        name="jira-pinned-field-replaced",
        breaks="where a pinned field is gone another one of its name is read",
        file="connectors/jira/resolving.py",
        old="        if where in self.pinned:\n",
        new="        if where in self.pinned and any(one.id == self.pinned[where] for one in self.known):\n",
        tests=_JIRA_CONFORMANCE,
        only="pinned",
    ),
    Mutant(
        name="jira-pinned-link-turned-round",
        breaks="after the phrases of a type of link changed ends every dependency is read backwards",
        file="connectors/jira/resolving_links.py",
        old="if read_at.id != pin or links",
        new="if links",
        tests=_JIRA,
    ),
    Mutant(
        name="jira-phrases-of-the-past",
        breaks="a delta reads dependencies by the wording that was configured, not by that of today",
        file="connectors/jira/knowing.py",
        old="phrases=worded(connection.dependency_links, ends),",
        new="phrases=connection.dependency_links,",
        tests=_JIRA,
    ),
    Mutant(
        name="jira-pinned-project-by-key",
        breaks="a project that got the key of ours is read for it",
        file="connectors/jira/reading.py",
        old="self.project_ids.get(project, project)",
        new="project",
        tests=_JIRA,
    ),
    Mutant(
        name="jira-candidates-counted-out-of-scope",
        breaks="how often a field is filled is told of the whole site",
        file="connectors/jira/filled.py",
        old='f"project in ({names}) AND {clause_name(field.id)} is not EMPTY{scope}"',
        new='f"project is not EMPTY AND {clause_name(field.id)} is not EMPTY{scope}"',
        tests=_JIRA,
    ),
    Mutant(
        name="jira-fields-counted-by-name",
        breaks="fields of one name are counted together",
        file="connectors/jira/filled.py",
        old='return f"cf[{number}]" if',
        new="return quoted(number) if",
        tests=_JIRA,
    ),
    Mutant(
        name="ado-pinned-field-replaced",
        breaks="where a pinned field is gone another one of its name is read",
        file="connectors/azure_devops/fields.py",
        old="        if one is None:\n            found.changes",
        new="        if one is None and not found:\n            found.changes",
        tests=_AZURE_DEVOPS_CONFORMANCE,
        only="pinned",
    ),
    Mutant(
        name="ado-lost-field-reads-as-empty",
        breaks="a change that is read after a field was deleted has no value, and a finding says so",
        file="connectors/azure_devops/delta.py",
        old="if census or found.others or any(found.wanted.values()):",
        new="if census:",
        tests=_AZURE_DEVOPS_CONFORMANCE,
        only="pinned",
    ),
    Mutant(
        name="ado-pins-outside-the-fingerprint",
        breaks="after pinning the fields of the old position are read on",
        file="connectors/azure_devops/position.py",
        old="        sorted(connection.pinned.items()),\n",
        new="",
        tests=_AZURE_DEVOPS,
    ),
    Mutant(
        name="ado-long-texts-compared",
        breaks="how often a long text is filled cannot be told",
        file="connectors/azure_devops/queries.py",
        old='test = "IS NOT EMPTY" if is_long_text else',
        new='test = "IS EMPTY" if is_long_text else',
        tests=_AZURE_DEVOPS,
    ),
    Mutant(
        name="service-troubles-unheard",
        breaks="a service says nothing of what was lost under it",
        file="lpm_sync/service/serve.py",
        old='log.warning("cycle_remark", remark=remark)',
        new="pass",
        tests=("tests/service/test_serving_process.py",),
        only="terminal",
    ),
)
