-- Since when does a reader want to be told of new messages (NULL: not)? A message that was there before is none of them, even when the
-- work of telling comes later than the switch.

ALTER TABLE read_statuses ADD COLUMN notified_since timestamptz;
UPDATE read_statuses SET notified_since = clock_timestamp() WHERE notification_enabled;
ALTER TABLE read_statuses DROP COLUMN notification_enabled;
CREATE INDEX read_statuses_notified ON read_statuses (channel_id) WHERE notified_since IS NOT NULL;
