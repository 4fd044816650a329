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

-- Questions that are or were on sale, from QuestionChanged. An older version never replaces a newer one. The key of the
-- feed joins time and id, so that the feed goes on in one range of the index for each creator, also within a tie.
CREATE TABLE question (
  question_id BIGINT NOT NULL,
  creator_id BIGINT NOT NULL,
  on_sale BOOLEAN NOT NULL,
  title VARCHAR(100) NOT NULL,
  subject TINYINT UNSIGNED NOT NULL,
  level TINYINT UNSIGNED NOT NULL,
  price_points BIGINT NOT NULL,
  publish_time DATETIME(6) NOT NULL,
  version BIGINT NOT NULL,
  feed_key CHAR(45) CHARACTER SET ascii COLLATE ascii_bin AS (CONCAT(publish_time, LPAD(question_id, 19, '0'))) VIRTUAL,
  PRIMARY KEY (question_id),
  KEY ix_question_feed (creator_id, on_sale, feed_key)
) COMMENT = 'never deleted';
