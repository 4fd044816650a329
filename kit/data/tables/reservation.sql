-- What a participant holds for a unit of work; one row per id, never deleted. RELEASED is final.
CREATE TABLE reservation (
  reservation_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  user_id BIGINT NOT NULL,
  state ENUM('RESERVED', 'CONFIRMED', 'RELEASED') NOT NULL,
  content TEXT NOT NULL,
  repeats INT UNSIGNED NOT NULL DEFAULT 0,
  create_time DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  update_time DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  PRIMARY KEY (reservation_id),
  KEY ix_reservation_state (state, create_time)
) COMMENT = 'never deleted';
