-- Contents are read in slices: kept as they are, a slice is read without the rest. (Compressed, each slice would unpack the whole.)
ALTER TABLE file_contents ALTER COLUMN content SET STORAGE EXTERNAL;
