-- The tables of one chat system. Ids are UUIDs (version 7), given by the server. Instants are whole microseconds.

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

CREATE TABLE users (
  id uuid PRIMARY KEY,
  username text NOT NULL CONSTRAINT users_username UNIQUE,
  email text NOT NULL,
  password_hash text NOT NULL,
  role text NOT NULL CHECK (role IN ('USER', 'CHANNEL_MANAGER', 'ADMIN')),
  profile_id uuid,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE UNIQUE INDEX users_email ON users (lower(email));
CREATE INDEX users_role ON users (role);

-- A login lives from the answer to POST /api/auth/login until logout, expiry, role change, deletion of the user, or a second login.
CREATE TABLE logins (
  id uuid PRIMARY KEY,
  user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
  refresh_hash text NOT NULL CONSTRAINT logins_refresh UNIQUE,
  expires_at timestamptz NOT NULL
);
CREATE INDEX logins_user ON logins (user_id);

CREATE TABLE channels (
  id uuid PRIMARY KEY,
  type text NOT NULL CHECK (type IN ('PUBLIC', 'PRIVATE')),
  name text,
  description text,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  -- The newest createdAt given in this channel, kept when that message is deleted: instants are never given twice.
  last_instant timestamptz NOT NULL DEFAULT '-infinity'
);

CREATE TABLE channel_members (
  channel_id uuid NOT NULL REFERENCES channels ON DELETE CASCADE,
  user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
  PRIMARY KEY (channel_id, user_id)
);
CREATE INDEX channel_members_user ON channel_members (user_id);

CREATE TABLE messages (
  id uuid PRIMARY KEY,
  channel_id uuid NOT NULL REFERENCES channels ON DELETE CASCADE,
  author_id uuid REFERENCES users ON DELETE SET NULL,
  content text NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  CONSTRAINT messages_instant UNIQUE (channel_id, created_at)
);
CREATE INDEX messages_author ON messages (author_id);

-- Profiles have neither channel nor message; attachments have both. The bytes stand apart, so that reading a row never reads them.
CREATE TABLE files (
  id uuid PRIMARY KEY,
  file_name text NOT NULL,
  size bigint NOT NULL,
  content_type text NOT NULL,
  status text NOT NULL CHECK (status IN ('WAITING', 'SUCCESS', 'FAILED')),
  sha256 text NOT NULL,
  uploader_id uuid REFERENCES users ON DELETE SET NULL,
  channel_id uuid REFERENCES channels ON DELETE CASCADE,
  message_id uuid REFERENCES messages ON DELETE CASCADE,
  position integer NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX files_message ON files (message_id);
CREATE INDEX files_channel ON files (channel_id);
CREATE INDEX files_uploader ON files (uploader_id);
CREATE INDEX files_waiting ON files (created_at) WHERE status = 'WAITING';

CREATE TABLE file_contents (
  file_id uuid PRIMARY KEY REFERENCES files ON DELETE CASCADE,
  content bytea NOT NULL
);

ALTER TABLE users ADD CONSTRAINT users_profile FOREIGN KEY (profile_id) REFERENCES files ON DELETE SET NULL;
CREATE INDEX users_profile ON users (profile_id);

CREATE TABLE read_statuses (
  id uuid PRIMARY KEY,
  user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
  channel_id uuid NOT NULL REFERENCES channels ON DELETE CASCADE,
  last_read_at timestamptz NOT NULL,
  notification_enabled boolean NOT NULL,
  CONSTRAINT read_statuses_pair UNIQUE (user_id, channel_id)
);
CREATE INDEX read_statuses_channel ON read_statuses (channel_id) WHERE notification_enabled;
CREATE INDEX read_statuses_channel_all ON read_statuses (channel_id);

-- cause: the record that a row was made for; a record handled twice makes no second row.
CREATE TABLE notifications (
  id uuid PRIMARY KEY,
  receiver_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
  type text NOT NULL CHECK (type IN ('NEW_MESSAGE', 'ROLE_CHANGED', 'ASYNC_FAILED')),
  title text NOT NULL,
  content text NOT NULL,
  target_id uuid,
  cause uuid NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT notifications_once UNIQUE (cause, receiver_id)
);
CREATE INDEX notifications_receiver ON notifications (receiver_id, created_at DESC, id DESC);
