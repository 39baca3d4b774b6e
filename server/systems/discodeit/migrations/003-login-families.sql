-- A login is a family of refresh tokens, of which one is good. An old one that is used again may be stolen: it ends its family.
CREATE TABLE spent_refresh_tokens (
  hash text PRIMARY KEY,
  login_id uuid NOT NULL REFERENCES logins ON DELETE CASCADE,
  spent_at timestamptz NOT NULL
);
CREATE INDEX spent_refresh_tokens_login ON spent_refresh_tokens (login_id, spent_at);

-- From where did a user log in? The place is a keyed hash of an address, good for comparing only.
CREATE TABLE known_places (
  user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
  place text NOT NULL,
  seen_at timestamptz NOT NULL,
  PRIMARY KEY (user_id, place)
);
CREATE INDEX known_places_place ON known_places (place, seen_at);
