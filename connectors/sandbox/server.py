"""Starts the embedded trackers and the chat receiver, with the sample portfolio or with recorded issues."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, time
from pathlib import Path
from secrets import token_urlsafe

from connectors.sandbox.azure_devops.application import azure_devops_application
from connectors.sandbox.azure_devops.store import AzureDevOpsStore
from connectors.sandbox.chat import SLACK_PATH, TEAMS_PATH, TEAMS_SIGNATURE, ChatReceiver, chat_application
from connectors.sandbox.clock import MovableClock, RunningClock
from connectors.sandbox.faults import Application
from connectors.sandbox.jira import Account, JiraStore, jira_application
from connectors.sandbox.jira.model import Deployment
from connectors.sandbox.sample.configuration import write_configuration
from connectors.sandbox.sample.loading import Trackers, load
from connectors.sandbox.sample.people import BOT, MAIL_DOMAIN
from connectors.sandbox.sample.portfolio import plan_sample
from connectors.sandbox.sample.recorded import Recording, read_recording
from connectors.sandbox.sample.story import BUSINESS_DAYS, Story
from connectors.sandbox.sample.timeline import TIMEZONE, Timeline
from connectors.sandbox.serving import LoopbackServer
from lpm_sync.errors import ConfigurationError
from lpm_sync.ports import Sandbox, SandboxRequest

ORGANIZATION = "northwind"
JIRA, AZURE_DEVOPS, CHAT = "jira", "azure-devops", "chat"
SLACK, TEAMS = "slack", "teams"
DEPLOYMENTS: Mapping[str, Deployment] = {"cloud": "Cloud", "data-center": "Server"}
"""The editions of Jira; the first is the usual one."""


def start(request: SandboxRequest) -> Sandbox:
    """Starts the servers, loaded and answering.

    Raises ConfigurationError where a server's name or its edition is unknown, a port cannot be had, or a recording
    cannot be used.
    """
    servers = (JIRA, CHAT) if request.recorded else (JIRA, AZURE_DEVOPS, CHAT)
    unknown = sorted(set(request.listen) - set(servers))
    if unknown:
        raise ConfigurationError(f"there is no embedded server {unknown[0]!r}; there are: {', '.join(servers)}")
    for name, edition in request.editions.items():
        if name != JIRA or edition not in DEPLOYMENTS:
            raise ConfigurationError(
                f"there is no embedded {name} of edition {edition!r}; of {JIRA} there are: {', '.join(DEPLOYMENTS)}"
            )
    if not request.recorded:
        return SampleTrackers(request, DEPLOYMENTS[request.editions.get(JIRA, "cloud")])
    if request.editions:
        raise ConfigurationError("recorded issues tell themselves which Jira they come from: leave its edition out")
    return RecordedTracker(request, read_recording(request.recorded))


class _Embedded:
    """What both kinds share: a clock in the office hours of a working day, an embedded Jira, the chats."""

    def __init__(self, request: SandboxRequest, deployment: Deployment, *, with_defaults: bool) -> None:
        self.timeline, self._clock = _time_of(request)
        self._listen = request.listen
        self._servers: dict[str, LoopbackServer] = {}
        self.receiver = ChatReceiver()
        bot = Account(BOT, email=f"{BOT}@{MAIL_DOMAIN}", token=token_urlsafe(24), time_zone=TIMEZONE)
        self.jira = JiraStore(self._clock, deployment=deployment, account=bot, with_defaults=with_defaults)
        self._serve(JIRA, jira_application(self.jira))
        self._serve(CHAT, chat_application(self.receiver))

    @property
    def clock(self) -> MovableClock:
        """The one clock, which stands still until it is moved, unless it was asked to run."""
        return self._clock

    @property
    def addresses(self) -> Mapping[str, str]:
        """As the port says. One server stands for both chats."""
        return {JIRA: self._servers[JIRA].url, SLACK: self._servers[CHAT].url, TEAMS: self._servers[CHAT].url}

    @property
    def environment(self) -> Mapping[str, str]:
        """As the port says. The tokens are new in each run."""
        user = {"LPM_JIRA_EMAIL": self.jira.bot.email} if self.jira.is_cloud else {}
        return {
            **user,
            "LPM_JIRA_TOKEN": self.jira.bot.token,
            "LPM_SLACK_WEBHOOK": f"{self._servers[CHAT].url}{SLACK_PATH}",
            "LPM_TEAMS_WEBHOOK": f"{self._servers[CHAT].url}{TEAMS_PATH}?sig={TEAMS_SIGNATURE}",
        }

    def accepted_messages(self) -> Mapping[str, int]:
        """As the port says."""
        return {SLACK: len(self.receiver.slack_messages), TEAMS: len(self.receiver.teams_messages)}

    def close(self) -> None:
        """Stops all servers at once; a second time does nothing."""
        servers, self._servers = list(self._servers.values()), {}
        with ThreadPoolExecutor() as pool:
            for stopped in [pool.submit(server.__exit__, None, None, None) for server in servers]:
                stopped.result()

    def _serve(self, name: str, application: Application) -> None:
        port = self._listen.get(name, 0)
        try:
            server = LoopbackServer(application, port=port)
        except (OSError, OverflowError) as error:
            self.close()
            raise ConfigurationError(f"{name}: cannot listen on port {port} of this machine: {error}") from None
        self._servers[name] = server.__enter__()


def _time_of(request: SandboxRequest) -> tuple[Timeline, MovableClock]:
    """A clock that stands begins in the office hours of a working day; one that runs begins where it was told, and the
    sample's day is the last working day before."""
    if request.is_running:
        return Timeline.until_instant(request.start), RunningClock(request.start)
    timeline = Timeline.from_instant(request.start)
    return timeline, MovableClock(timeline.clock_start(request.start))


class SampleTrackers(_Embedded):
    """Jira and Azure DevOps with the sample portfolio.

    `jira`, `azure_devops` and `receiver` are what they hold, `roles` the items that the story is about.
    """

    def __init__(self, request: SandboxRequest, deployment: Deployment) -> None:
        super().__init__(request, deployment, with_defaults=True)
        self.azure_devops = AzureDevOpsStore(
            self._clock, organization=ORGANIZATION, account=BOT, token=token_urlsafe(24)
        )
        self._serve(AZURE_DEVOPS, azure_devops_application(self.azure_devops))
        trackers = Trackers(
            jira=self.jira,
            azure_devops=self.azure_devops,
            jira_url=self.addresses[JIRA],
            azure_devops_url=self.addresses[AZURE_DEVOPS],
        )
        sample = plan_sample(self.timeline, request.seed)
        loaded = load(sample, trackers)
        self.roles = {role: loaded[name] for role, name in sample.roles.items()}
        self._story = Story(clock=self._clock, trackers=trackers, roles=self.roles)

    @property
    def addresses(self) -> Mapping[str, str]:
        """As the port says; that of Azure DevOps with its organisation."""
        return {**super().addresses, AZURE_DEVOPS: f"{self._servers[AZURE_DEVOPS].url}/{ORGANIZATION}"}

    @property
    def environment(self) -> Mapping[str, str]:
        """As the port says. The tokens are new in each run."""
        return {**super().environment, "LPM_ADO_TOKEN": self.azure_devops.token}

    def write_configuration(self, directory: Path) -> None:
        """As the port says."""
        write_configuration(
            directory,
            self.timeline,
            jira_url=self.addresses[JIRA],
            azure_devops_url=self.addresses[AZURE_DEVOPS],
            is_cloud=self.jira.is_cloud,
        )

    def go_on(self) -> Sequence[str]:
        """As the port says: five business days pass."""
        return self._story.go_on()


class RecordedTracker(_Embedded):
    """A Jira, Cloud or Data Center, with recorded issues. `jira` and `receiver` are what is held."""

    def __init__(self, request: SandboxRequest, recording: Recording) -> None:
        super().__init__(request, recording.deployment, with_defaults=False)
        self._recording = recording
        try:
            self.jira.load_recorded(recording.lines)
        except (KeyError, TypeError, ValueError) as error:
            self.close()
            reason = f"{type(error).__name__}: {error}"
            raise ConfigurationError(f"a recorded issue is not as Jira answers it: {reason}") from None

    def write_configuration(self, directory: Path) -> None:
        """As the port says."""
        self._recording.write_configuration(directory, jira_url=self.addresses[JIRA])

    def go_on(self) -> Sequence[str]:
        """Five business days pass, and nobody does anything."""
        today = Timeline.from_instant(self._clock.now())
        day = today.business_days_on(today.today, BUSINESS_DAYS)
        self._clock.move_to(today.at(day, time(12)).astimezone(UTC))
        return (f"{BUSINESS_DAYS} business days passed.",)
