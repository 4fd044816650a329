-- One row per user and creator, for good: after its end it keeps the version, so that its events can be ordered.
CREATE TABLE subscription (
  user_id BIGINT NOT NULL,
  creator_id BIGINT NOT NULL,
  state ENUM('SUBSCRIBED', 'ENDED') NOT NULL DEFAULT 'SUBSCRIBED',
  version BIGINT NOT NULL DEFAULT 1,
  change_time DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  PRIMARY KEY (user_id, creator_id),
  KEY ix_subscription_list (user_id, state, change_time, creator_id)
) COMMENT = 'never deleted';
