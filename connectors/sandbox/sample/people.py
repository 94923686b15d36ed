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
        return f"{self.user}@{MAIL_DOMAIN}"

    @property
    def user(self) -> str:
        """The name to sign in with, which is the account in Jira Data Center."""
        return ".".join(self.name.casefold().split())

    def jira_account(self, *, is_cloud: bool) -> str:
        """What Jira knows the person by: an account id in Cloud, the user's name in Data Center."""
        return f"557058:northwind-{self.id}" if is_cloud else self.user

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
