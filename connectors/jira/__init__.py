"""The connector to Jira Cloud and Jira Data Center."""
