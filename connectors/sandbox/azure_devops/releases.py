"""Which versions of the interface an Azure DevOps speaks: the service, and the releases of Azure DevOps Server.

Learn, "REST API versioning": Server 2019 has 5.0, Server 2020 has 6.0, Server 2022 has 7.0. What is newer than that is
in preview there, as users of these servers report ("The latest REST API version this server supports is 5.1" of 2019
Update 1, "is 6.1" of 2020, "is 7.1" of 2022). MicrosoftDocs/vsts-rest-api-specs holds 7.1 for Server 2022 Update 1,
with comments in 7.1-preview.4; before it they are in preview.3, which knows no format. The service's own rows are those
of realdata/azure-devops/options_minimal.json. Server 2019 has no comments before its first update: they begin with 5.1.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """`newest` and `released` are versions of the interface, `comments` the revision that their preview has reached."""

    newest: str
    released: str
    comments: int
    is_hosted: bool = False

    @property
    def knows_formats(self) -> bool:
        """Whether comments have a format: azure-devops-wit-7.1.swagger.json, `format` of 7.1-preview.4."""
        return self.comments >= 4


SERVICE = Release(newest="7.2", released="7.1", comments=4, is_hosted=True)
SERVER_2022_1 = Release(newest="7.2", released="7.1", comments=4)
SERVER_2022 = Release(newest="7.1", released="7.0", comments=3)
SERVER_2020 = Release(newest="6.1", released="6.0", comments=3)
SERVER_2019_1 = Release(newest="5.1", released="5.0", comments=3)
SERVER_2019 = Release(newest="5.0", released="5.0", comments=0)
