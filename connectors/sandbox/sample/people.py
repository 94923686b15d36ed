"""The people of the sample, with the names under which trackers and chats know them."""

from __future__ import annotations

from dataclasses import dataclass

BOT = "lpm-sync"
MAIL_DOMAIN = "northwind.example"


@dataclass(frozen=True, slots=True, kw_only=True)
class SamplePerson:
    """A person; `id` is the one of `value_streams.yaml`."""

    id: str
    name: str

    @property
    def mail(self) -> str:
        """The address, which is the account in Azure DevOps."""
        return f"{'.'.join(self.name.casefold().split())}@{MAIL_DOMAIN}"

    @property
    def jira_account(self) -> str:
        """The account id in Jira Cloud."""
        return f"557058:northwind-{self.id}"

    @property
    def slack_account(self) -> str:
        """The member id in Slack."""
        return f"U04{self.id.upper()}"


PORTFOLIO_OFFICE = SamplePerson(id="ruth", name="Ruth Adeyemi")

BUSINESS_OWNERS = {
    "payments": SamplePerson(id="dana", name="Dana Novak"),
    "mobile": SamplePerson(id="miguel", name="Miguel Santos"),
    "logistics": SamplePerson(id="aisha", name="Aisha Rahman"),
    "platform": SamplePerson(id="jun", name="Jun Tanaka"),
}

PRODUCT_MANAGERS = (
    SamplePerson(id="lena", name="Lena Brandt"),
    SamplePerson(id="omar", name="Omar Haddad"),
    SamplePerson(id="priya", name="Priya Nair"),
    SamplePerson(id="tomas", name="Tomas Rivera"),
    SamplePerson(id="yuki", name="Yuki Mori"),
    SamplePerson(id="karl", name="Karl Jensen"),
    SamplePerson(id="ines", name="Ines Costa"),
    SamplePerson(id="piotr", name="Piotr Zielinski"),
    SamplePerson(id="grace", name="Grace Owusu"),
    SamplePerson(id="noah", name="Noah Weber"),
)

EVERYBODY = (PORTFOLIO_OFFICE, *BUSINESS_OWNERS.values(), *PRODUCT_MANAGERS)
