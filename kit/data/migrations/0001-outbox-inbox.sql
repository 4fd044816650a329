CREATE TABLE outbox (
  outbox_id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  event_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  topic VARCHAR(80) CHARACTER SET ascii NOT NULL,
  type VARCHAR(160) CHARACTER SET ascii NOT NULL,
  body MEDIUMTEXT NOT NULL,
  traceparent VARCHAR(64) CHARACTER SET ascii NULL,
  state ENUM('PENDING', 'PUBLISHED', 'PARKED') NOT NULL DEFAULT 'PENDING',
  attempts INT UNSIGNED NOT NULL DEFAULT 0,
  last_error VARCHAR(500) NULL,
  create_time DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  next_attempt_time DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  publish_time DATETIME(6) NULL,
  PRIMARY KEY (outbox_id),
  UNIQUE KEY uq_outbox_event (event_id),
  KEY ix_outbox_due (state, next_attempt_time),
  KEY ix_outbox_published (state, publish_time)
);

CREATE TABLE inbox (
  event_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  consumer VARCHAR(80) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  create_time DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  PRIMARY KEY (event_id, consumer),
  KEY ix_inbox_create_time (create_time)
);

CREATE TABLE audit_log (
  audit_id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  admin_user_id BIGINT NULL COMMENT 'null for an operator who ran a command',
  action VARCHAR(80) CHARACTER SET ascii NOT NULL,
  subject VARCHAR(120) NOT NULL,
  detail JSON NOT NULL,
  create_time DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  PRIMARY KEY (audit_id)
) COMMENT = 'append-only';
