-- Names that look alike are one name: the key is the name without what people do not see (domain/names.ts, which fills it for users who are
-- there already, twins included, so that this file cannot fail on them).
ALTER TABLE users ADD COLUMN username_key text CONSTRAINT users_username_key UNIQUE;
