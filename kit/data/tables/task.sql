-- Work that has to be done for a row: a task exists only while there is some.
CREATE TABLE task (
  kind VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  id VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  due_time DATETIME(6) NOT NULL,
  attempts INT UNSIGNED NOT NULL DEFAULT 0,
  recheck_requested BOOLEAN NOT NULL DEFAULT FALSE,
  hurried_attempts INT UNSIGNED NULL,
  owner VARCHAR(160) NULL,
  claimed_until DATETIME(6) NULL,
  last_error VARCHAR(500) NOT NULL DEFAULT '',
  create_time DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  PRIMARY KEY (kind, id),
  KEY ix_task_due (kind, due_time)
);
