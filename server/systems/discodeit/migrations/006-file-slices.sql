-- Contents are stored in slices, as they are read: no statement holds more than one, however large the file is. A file without a byte has one
-- empty slice: no slice means that the upload failed.
CREATE TABLE file_slices (
  file_id uuid NOT NULL REFERENCES files ON DELETE CASCADE,
  position integer NOT NULL,
  content bytea NOT NULL,
  PRIMARY KEY (file_id, position)
);
-- Not compressed: files of today are compressed already.
ALTER TABLE file_slices ALTER COLUMN content SET STORAGE EXTERNAL;
INSERT INTO file_slices (file_id, position, content)
SELECT c.file_id, n, substring(c.content FROM n * 131072 + 1 FOR 131072)
FROM file_contents c, generate_series(0, (length(c.content) - 1) / 131072) n;
DROP TABLE file_contents;
