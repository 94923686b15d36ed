"""Mistakes in the cycle around the pure core: what is believed, written, remembered, posted."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

_CYCLE = ("tests/pipeline/test_one_cycle.py",)
_BELIEVED = ("tests/pipeline/test_what_is_believed.py",)
_WRITES = ("tests/pipeline/test_what_a_write_leads_to.py",)
_DIGEST = ("tests/pipeline/test_one_digest_a_slot.py",)

MUTANTS = (
    Mutant(
        name="cycle-shrunken-source-believed",
        breaks="a source that suddenly brings almost nothing resolves and removes everything",
        file="lpm_sync/pipeline/sources.py",
        old="len(before) - len(gone) < LARGEST_SHRINKAGE * len(before):",
        new="gone is None:",
        tests=_BELIEVED,
    ),
    Mutant(
        name="cycle-part-of-a-project-believed",
        breaks="items of a project that was not delivered whole are acted on",
        file="lpm_sync/pipeline/sources.py",
        old="read = {item.ref: item for item in pull.items if item.project not in pull.failures}",
        new="read = {item.ref: item for item in pull.items}",
        tests=_BELIEVED,
    ),
    Mutant(
        name="cycle-failed-source-forgotten",
        breaks="the last snapshot of a tracker that failed does not stand in for it",
        file="lpm_sync/pipeline/sources.py",
        old="return Source(tracker=name, stale_items=before, error=pull)",
        new="return Source(tracker=name, error=pull)",
        tests=_BELIEVED,
    ),
    Mutant(
        name="cycle-foreign-dependency-reversed",
        breaks="a dependency over two trackers is read the wrong way round",
        file="lpm_sync/pipeline/dependencies.py",
        old="if link.direction is Direction.BLOCKED_BY else",
        new="if link.direction is Direction.BLOCKS else",
        tests=_CYCLE,
    ),
    Mutant(
        name="cycle-blocked-since-the-earlier",
        breaks="a blocker that moved yesterday is escalated for a link that is old",
        file="lpm_sync/core/dependency.py",
        old="return max(made, blocker_moved or made), link_created is None",
        new="return min(made, blocker_moved or made), link_created is None",
        tests=("tests/core/test_dependency.py",),
    ),
    Mutant(
        name="cycle-since-of-the-card-forgotten",
        breaks="after the loss of the state every finding is as old as today",
        file="lpm_sync/pipeline/deciding.py",
        old="since[str(subject), code_of(token)] = day",
        new="since.pop((str(subject), code_of(token)), None)",
        tests=_CYCLE,
    ),
    Mutant(
        name="cycle-refusal-repeated",
        breaks="a change that the tracker refused is sent again in every cycle",
        file="lpm_sync/pipeline/deciding.py",
        old="one.created > plan.made_at - REFUSAL_LASTS",
        new="one.created > plan.made_at",
        tests=_CYCLE,
    ),
    Mutant(
        name="cycle-moved-item-written",
        breaks="a plan is applied to an item that a person edited since",
        file="lpm_sync/pipeline/cycle.py",
        old=" or precondition(item.source) != planned.precondition:",
        new=":",
        tests=_CYCLE,
    ),
    Mutant(
        name="cycle-limits-not-asked",
        breaks="a cycle writes a plan of any size",
        file="lpm_sync/pipeline/cycle.py",
        old="check_safety(decision.plan, configuration.governance().safety, control.approved_digest)",
        new="pass",
        tests=_CYCLE,
    ),
    Mutant(
        name="cycle-trouble-is-success",
        breaks="a cycle in which something failed ends with 0",
        file="lpm_sync/pipeline/cycle.py",
        old="return ExitStatus.PARTIAL if self.troubles else ExitStatus.DONE",
        new="return ExitStatus.DONE",
        tests=_CYCLE,
    ),
    Mutant(
        name="cycle-held-finding-forgotten",
        breaks="the state takes a finding that could not be told for one that is resolved",
        file="lpm_sync/pipeline/remembering.py",
        old="if code in held.get(subject, {}):",
        new="if code in ():",
        tests=_BELIEVED,
    ),
    Mutant(
        name="cycle-refused-credential-used-on",
        breaks="a tracker that refused the credential is asked on and on, until the account is locked",
        file="lpm_sync/pipeline/writing.py",
        old="self.refused.add(write.tracker)",
        new="self.refused.discard(write.tracker)",
        tests=_WRITES,
    ),
    Mutant(
        name="cycle-stop-ignored",
        breaks="a cycle that is asked to stop writes on",
        file="lpm_sync/pipeline/writing.py",
        old="if self.should_stop():",
        new="if tracker is None:",
        tests=_CYCLE,
    ),
    Mutant(
        name="cycle-follow-up-on-a-standing-epic",
        breaks="an escalation epic that stands gets a second card",
        file="lpm_sync/pipeline/writing.py",
        old="if made[0].result is Result.UNCHANGED:",
        new="if made[0].result is None:",
        tests=_WRITES,
    ),
    Mutant(
        name="digest-posted-twice",
        breaks="a digest is posted again for the same slot",
        file="lpm_sync/pipeline/digesting.py",
        old="if not state.digests.claim(digest.slot, name, workplace.clock.now()):",
        new="if state.digests.claim(digest.slot, name, workplace.clock.now()) is None:",
        tests=_DIGEST,
    ),
    Mutant(
        name="digest-after-a-lost-state",
        breaks="after the loss of the state the digest of this slot is posted again",
        file="lpm_sync/pipeline/digesting.py",
        old="if is_scheduled and state.created > slot:",
        new="if is_scheduled and state.created < slot:",
        tests=_DIGEST,
    ),
    Mutant(
        name="digest-lost-answer-posted-again",
        breaks="a digest that may have arrived is posted again",
        file="lpm_sync/pipeline/digesting.py",
        old="    except UnavailableError as error:\n        state.digests.release(",
        new="    except (UnavailableError, UnclearError) as error:\n        state.digests.release(",
        tests=_DIGEST,
    ),
)
