"""What the admins named in the settings do from their own chat."""
