"""The embedded Jira, Azure DevOps and chat receiver: real HTTP on loopback, for the demo and the tests."""
