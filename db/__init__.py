"""PostgreSQL: session, models, migrations, the embedded server and the repositories.

The transactions live here; everything above asks in domain words and gets typed values back.
"""
