"""What a judge of property tests looks at: what stands in the trackers, told by whose it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from msgspec.structs import replace

from lpm_sync.core.card import find_cards, is_above_items, parse_footer
from lpm_sync.core.change import (
    AddLabel,
    AddLink,
    CloseEscalation,
    ItemChange,
    OpenEscalation,
    PutCard,
    RemoveCard,
    RemoveLabel,
)
from lpm_sync.core.document import plain_text
from lpm_sync.core.work_item import Ref, SourceItem
from tests.pipeline.conftest import Office

OURS = {"own_comments": (), "linked": frozenset()}
"""What may change on an item of people: our cards, and the relation to an escalation epic of ours."""


Picture = tuple[list[str], dict[str, str], list[str], str]
"""Labels, comments by their ids, links of ours, status."""


def of_people(office: Office) -> dict[str, object]:
    """Everything that is not ours: on items that we did not create all but our labels and our cards."""
    return {
        key: (
            replace(item, **OURS, labels=frozenset(filter(not_ours, item.labels)), updated=item.created),
            [comment.text for comment in office.store(item.ref).comments(item.ref) if not comment.is_ours],
            [comment.text for comment in item.own_comments if parse_footer(comment.text) is None],
        )
        for key, (item, _) in office.everything().items()
        if not item.is_ours
    }


def not_ours(label: str) -> bool:
    return not label.lower().startswith("lpm:") or label.lower() in ("lpm:opt-out", "lpm:approved")


def ours(office: Office) -> dict[Ref, tuple[frozenset[str], tuple[str, ...]]]:
    """What we own on each item: labels and cards."""
    return {
        item.ref: (
            frozenset(label for label in item.labels if not not_ours(label)),
            tuple(comment.text for comment, _ in find_cards(item)),
        )
        for item, _ in office.everything().values()
    }


def escalated_of(refs: Iterable[Ref], code: str, office: Office) -> Counter[str]:
    """The findings of that rule about these items that stand as escalated on other items."""
    keys = {office.store(ref).view(ref).key for ref in refs if ref in office.store(ref).items}
    lines = [line for text in office.our_comments() for line in text.splitlines()]
    escalated = (line for line in lines if line.startswith("Escalated finding") and code in line)
    return Counter(line for line in escalated if any(f":{key} " in line for key in keys))


def without_figures(office: Office) -> dict[str, object]:
    """Everything, but of cards that report on a stream or the portfolio just the findings: their sums go on moving."""
    return {
        key: (replace(item, own_comments=(), updated=item.created), reported) if reported else (item, comments)
        for key, (item, comments) in office.everything().items()
        for reported in [[token for token in tokens_on(item) if is_above_items(token)]]
    }


def tokens_on(item: SourceItem) -> list[str]:
    """The findings that the cards on an item state."""
    return [token for _, footer in find_cards(item) for token, _ in footer.findings]


def outcome(office: Office) -> tuple[dict[Ref, tuple[object, ...]], Counter[str]]:
    """Labels, findings on cards, open escalations: no history lines and days, no card that all is well again."""
    shown = {
        item.ref: (
            sorted(item.labels),
            tokens_on(item),
        )
        for item, _ in office.everything().values()
        if not item.is_ours
    }
    return shown, open_escalations(office)


def standing_of(office: Office) -> dict[str, tuple[object, ...]]:
    """How many comments and which links stand on every item, those of ours among them."""
    return {
        key: (len(comments), item.linked, tuple(addresses(office, item.ref)))
        for key, (item, comments) in office.everything().items()
    }


def nothing_is_double(office: Office) -> bool:
    """No second card on an item, and no second escalation epic that is open for a blocker."""
    cards = [len(footers_on(item)) for item, _ in office.everything().values()]
    return max(cards) <= 1 and max(open_escalations(office).values(), default=0) <= 1


def footers_on(item: SourceItem) -> list[object]:
    return [footer for comment in item.own_comments if (footer := parse_footer(comment.text)) is not None]


def open_escalations(office: Office) -> Counter[str]:
    return Counter(
        label
        for ref in office.jira.items_labelled("lpm:escalation")
        if office.jira.status(ref) != "Done"
        for label in office.jira.labels(ref)
        if label.startswith("lpm:blocker-")
    )


def texts(picture: Picture) -> tuple[object, ...]:
    """A picture without the ids of comments: those of new ones are the tracker's choice."""
    labels, comments, links, status = picture
    return labels, list(comments.values()), links, status


def picture(office: Office) -> dict[Ref, Picture]:
    return {
        item.ref: (
            sorted(item.labels),
            {comment.id: comment.text for comment in office.store(item.ref).comments(item.ref)},
            sorted([*map(str, item.linked), *addresses(office, item.ref)]) if item.is_ours else [],
            item.status,
        )
        for item, _ in office.everything().values()
    }


def addresses(office: Office, ref: Ref) -> list[str]:
    return [address for holder, address in office.store(ref).addresses if holder == ref]


def planned(before: Picture, changes: tuple[ItemChange, ...]) -> Picture:
    labels, comments, links, status = before
    for change in changes:
        match change:
            case AddLabel(label=label):
                labels = sorted({*labels, label})
            case RemoveLabel(label=label):
                labels = sorted({*labels} - {label})
            case PutCard(card=card, comment_id=comment_id, before=text):
                assert comments.get(comment_id, "") == text
                comments = {**comments, comment_id or "new": f"{plain_text(card.document)}\n{card.footer}"}
            case RemoveCard():
                raise AssertionError("there is no second card in this story")
            case AddLink(target=target, target_url=url):
                links = sorted([*links, str(target) if target.tracker == "jira" else url])
            case CloseEscalation(status=closed):
                status = closed
    return labels, comments, links, status


def opened(escalation: OpenEscalation) -> Picture:
    return planned((sorted(escalation.labels), {}, [], "To Do"), escalation.follow_up)
