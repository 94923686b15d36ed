"""Which addresses lead to an item of the organisation."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.azure_devops.addresses import item_id

ROOT = "https://dev.azure.com/Northwind"


@pytest.mark.parametrize(
    "path",
    [
        "/Platform/_workitems/edit/431",
        "/Platform/_workitems/edit/431/",
        "/Mobile%20App/_workitems/edit/431?fullScreen=true#comments",
        "/_workitems/edit/431",
        "/Platform/_workitems?id=431",
        "/Platform/_workitems/?id=431&_a=edit",
        "/_workitems?ID=431",
        "/Platform/_boards/board/t/Platform%20Team/Features/?workitem=431",
        "/Platform/_boards/?workItem=431",
        "/Platform/_backlogs/backlog/Team/Epics?workitem=431",
        "/_apis/wit/workItems/431",
        "/0f7c-guid/_apis/wit/workitems/431/updates",
    ],
)
def test_pages_and_resources_of_an_item_lead_to_it(path: str) -> None:
    assert item_id(ROOT + path, ROOT) == "431"


def test_host_and_organisation_are_the_same_whatever_their_case() -> None:
    assert item_id("HTTPS://DEV.Azure.com:443/NORTHWIND/Platform/_workitems/edit/431", ROOT) == "431"


@pytest.mark.parametrize("root", [ROOT, f"{ROOT}/", "https://northwind.visualstudio.com"])
@pytest.mark.parametrize(
    "url",
    [
        f"{ROOT}/_apis/wit/workItems/431",
        "https://northwind.visualstudio.com/_apis/wit/workItems/431",
        "https://Northwind.VisualStudio.com/0f7c-guid/_apis/wit/workItems/431",
        "https://northwind.visualstudio.com/DefaultCollection/Platform/_workitems/edit/431",
    ],
)
def test_an_organisation_of_the_service_has_two_addresses(root: str, url: str) -> None:
    assert item_id(url, root) == "431"
    assert item_id(url, "https://dev.azure.com/Southwind") is None
    assert item_id(url, "https://azure.example/Northwind") is None


@pytest.mark.parametrize(
    "url",
    [
        "https://dev.azure.com/Northwind2/Platform/_workitems/edit/431",
        "https://dev.azure.com/Other/Platform/_workitems/edit/431",
        "http://dev.azure.com/Northwind/Platform/_workitems/edit/431",
        "https://dev.azure.com.evil.example/Northwind/Platform/_workitems/edit/431",
        "https://dev.azure.com:8443/Northwind/Platform/_workitems/edit/431",
        "https://dev.azure.com/Northwind/Platform/_wiki?id=431",
        "https://dev.azure.com/Northwind/Platform/_workitems/edit/43x1",
        "https://dev.azure.com/Northwind/Platform/_workitems/edit/12345678901",
        "https://dev.azure.com/Northwind/Platform/_workitems?id=",
        "https://[",
        "",
    ],
)
def test_anything_else_leads_to_none(url: str) -> None:
    assert item_id(url, ROOT) is None


@given(st.text(max_size=40))
def test_no_text_breaks_it(text: str) -> None:
    item_id(text, ROOT)
    item_id(f"{ROOT}/{text}", ROOT)
