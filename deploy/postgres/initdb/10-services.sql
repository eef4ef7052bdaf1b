-- Once, when the database is made: one schema and one role per service. A role owns its
-- schema, finds its tables there by itself, and reaches nothing else; PUBLIC has nothing.
\set ON_ERROR_STOP on
\set intake_password `cat /run/secrets/intake_database_password`
\set signing_password `cat /run/secrets/signing_database_password`
\set storage_password `cat /run/secrets/storage_database_password`

REVOKE ALL ON DATABASE ecopy FROM PUBLIC;
REVOKE ALL ON SCHEMA public FROM PUBLIC;

CREATE ROLE intake LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'intake_password';
CREATE ROLE signing LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'signing_password';
CREATE ROLE storage LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'storage_password';
GRANT CONNECT ON DATABASE ecopy TO intake, signing, storage;

CREATE SCHEMA intake AUTHORIZATION intake;
CREATE SCHEMA signing AUTHORIZATION signing;
CREATE SCHEMA storage AUTHORIZATION storage;
ALTER ROLE intake IN DATABASE ecopy SET search_path = intake;
ALTER ROLE signing IN DATABASE ecopy SET search_path = signing;
ALTER ROLE storage IN DATABASE ecopy SET search_path = storage;
