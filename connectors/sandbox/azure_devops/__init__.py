"""An embedded Azure DevOps Boards: `store` holds it, `application` serves it."""
