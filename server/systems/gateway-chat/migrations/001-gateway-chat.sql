-- The tables of the gateway chat. There are no accounts and no table of rooms: a room is the name that people say.

CREATE TABLE outbox (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  topic text NOT NULL,
  key text NOT NULL,
  record text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- number: in which order they were stored, and which are the oldest.
CREATE TABLE messages (
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id uuid NOT NULL,
  room_id text NOT NULL,
  sender text NOT NULL,
  content text NOT NULL,
  created_at timestamptz NOT NULL
);
CREATE INDEX messages_room ON messages (room_id, number);
