-- Files that clients may upload, or have uploaded. What an owner and a kind are is up to the service.
CREATE TABLE upload (
  upload_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  owner_id BIGINT NOT NULL,
  kind TINYINT UNSIGNED NOT NULL,
  content_type VARCHAR(40) CHARACTER SET ascii NOT NULL,
  size_bytes INT UNSIGNED NOT NULL,
  state ENUM('OPEN', 'ACCEPTED') NOT NULL DEFAULT 'OPEN',
  final_key VARCHAR(160) CHARACTER SET ascii COLLATE ascii_bin NULL,
  create_time DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  expire_time DATETIME(6) NOT NULL,
  PRIMARY KEY (upload_id),
  KEY ix_upload_owner (owner_id, state, expire_time)
);
