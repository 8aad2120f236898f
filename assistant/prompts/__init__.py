"""The prompts that admins edit: read, checked and filled. The text itself is in `prompts/`."""
