-- The tables of the Redis chat. There is no outbox: what Redis misses is heard by nobody, and the history has it.

CREATE TABLE settings (
  key text PRIMARY KEY,
  value text NOT NULL
);

CREATE TABLE members (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL,
  email text NOT NULL CONSTRAINT members_email UNIQUE,
  password_hash text NOT NULL
);

-- From where did a member log in? The place is a keyed hash of an address, good for comparing only.
CREATE TABLE known_places (
  user_id bigint NOT NULL REFERENCES members ON DELETE CASCADE,
  place text NOT NULL,
  seen_at timestamptz NOT NULL,
  PRIMARY KEY (user_id, place)
);
CREATE INDEX known_places_place ON known_places (place, seen_at);

-- pair: of a private room, the ids of its two members, the smaller one first; of a group, nothing.
CREATE TABLE rooms (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL,
  pair text CONSTRAINT rooms_pair UNIQUE
);

CREATE TABLE participants (
  room_id bigint NOT NULL REFERENCES rooms ON DELETE CASCADE,
  member_id bigint NOT NULL REFERENCES members ON DELETE CASCADE,
  PRIMARY KEY (room_id, member_id)
);
CREATE INDEX participants_member ON participants (member_id);

CREATE TABLE messages (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  room_id bigint NOT NULL REFERENCES rooms ON DELETE CASCADE,
  sender_id bigint NOT NULL REFERENCES members,
  content text NOT NULL
);
CREATE INDEX messages_room ON messages (room_id, id);

-- One row for each message and whoever was in the room when it was said.
CREATE TABLE read_marks (
  message_id bigint NOT NULL REFERENCES messages ON DELETE CASCADE,
  room_id bigint NOT NULL,
  member_id bigint NOT NULL REFERENCES members ON DELETE CASCADE,
  is_read boolean NOT NULL,
  PRIMARY KEY (message_id, member_id)
);
CREATE INDEX read_marks_unread ON read_marks (member_id, room_id) WHERE NOT is_read;
