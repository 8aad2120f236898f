#!/bin/sh
# The assistant's role and database, made at the first start. Not a superuser: those bypass row-level
# security, which keeps businesses apart.
set -eu
psql --set=ON_ERROR_STOP=1 --set=password="$ASSISTANT_DB_PASSWORD" --username=postgres <<'SQL'
CREATE ROLE assistant LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE PASSWORD :'password';
CREATE DATABASE assistant OWNER assistant;
SQL
