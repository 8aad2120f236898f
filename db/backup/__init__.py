"""A whole database in one file, and back: every row of every business at one instant.

Not pg_dump: that one has to be as new as the server, and as a role that row-level security binds
(ours, on purpose) it refuses to read, or, with --enable-row-security, leaves rows out silently.
"""

from db.backup.archive import BackupError, BackupFile, Manifest
from db.backup.restore import Restored, restore
from db.backup.take import back_up

__all__ = ["BackupError", "BackupFile", "Manifest", "Restored", "back_up", "restore"]
