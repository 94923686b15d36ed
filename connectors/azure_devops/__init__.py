"""Azure DevOps Boards as a tracker: `connector.connect` is the way in."""
