-- The tables of the study rooms. Ids of users, rooms and messages are numbers, given by the database.

CREATE TABLE settings (
  key text PRIMARY KEY,
  value text NOT NULL
);

CREATE TABLE outbox (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  topic text NOT NULL,
  key text NOT NULL,
  record text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- provider_id: by what others know a user, and what the access token names.
CREATE TABLE users (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  provider_id uuid NOT NULL UNIQUE,
  email text NOT NULL CONSTRAINT users_email UNIQUE,
  nickname text NOT NULL,
  password_hash text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE logins (
  id uuid PRIMARY KEY,
  user_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
  refresh_hash text NOT NULL CONSTRAINT logins_refresh UNIQUE,
  expires_at timestamptz NOT NULL
);
CREATE INDEX logins_user ON logins (user_id);

-- From where did a user log in? The place is a keyed hash of an address, good for comparing only.
CREATE TABLE known_places (
  user_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
  place text NOT NULL,
  seen_at timestamptz NOT NULL,
  PRIMARY KEY (user_id, place)
);
CREATE INDEX known_places_place ON known_places (place, seen_at);

CREATE TABLE rooms (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  title text NOT NULL,
  description text NOT NULL,
  host_id bigint NOT NULL REFERENCES users,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX rooms_host ON rooms (host_id);

CREATE TABLE room_members (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  room_id bigint NOT NULL REFERENCES rooms ON DELETE CASCADE,
  user_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
  role text NOT NULL CHECK (role IN ('HOST', 'PARTICIPANT')),
  CONSTRAINT room_members_pair UNIQUE (room_id, user_id)
);
CREATE INDEX room_members_user ON room_members (user_id);

CREATE TABLE messages (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  room_id bigint NOT NULL REFERENCES rooms ON DELETE CASCADE,
  sender_id bigint NOT NULL REFERENCES users,
  content text NOT NULL,
  created_at timestamptz NOT NULL
);
CREATE INDEX messages_room ON messages (room_id, created_at DESC, id DESC);

-- What a room was last told of a user. Not of members only: who left is told to be gone afterwards.
CREATE TABLE told (
  room_id bigint NOT NULL REFERENCES rooms ON DELETE CASCADE,
  user_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
  entered boolean NOT NULL DEFAULT false,
  status text NOT NULL DEFAULT 'OFFLINE' CHECK (status IN ('ONLINE', 'STUDYING', 'BREAK', 'OFFLINE')),
  PRIMARY KEY (room_id, user_id)
);
CREATE INDEX told_present ON told (room_id, user_id) WHERE entered OR status <> 'OFFLINE';
