-- All withdrawn creators have the same name, and no key of it.
CREATE TABLE creator (
  creator_id BIGINT NOT NULL AUTO_INCREMENT,
  user_id BIGINT NOT NULL,
  name VARCHAR(40) NOT NULL,
  name_key VARCHAR(200) COLLATE utf8mb4_bin NULL,
  profile_image_url VARCHAR(500) NOT NULL,
  main_subject TINYINT UNSIGNED NOT NULL,
  introduction VARCHAR(2000) NOT NULL,
  version BIGINT NOT NULL DEFAULT 1,
  create_time DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  withdraw_time DATETIME(6) NULL,
  PRIMARY KEY (creator_id),
  UNIQUE KEY uq_creator_user (user_id),
  UNIQUE KEY uq_creator_name (name_key)
) COMMENT = 'never deleted';

CREATE TABLE creator_statistics (
  creator_id BIGINT NOT NULL,
  sales_count BIGINT NOT NULL DEFAULT 0,
  subscriber_count BIGINT NOT NULL DEFAULT 0,
  rating_sum BIGINT NOT NULL DEFAULT 0,
  rating_count BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (creator_id),
  CONSTRAINT fk_statistics_creator FOREIGN KEY (creator_id) REFERENCES creator (creator_id)
) COMMENT = 'never deleted';

-- Who subscribes to whom, from SubscriptionChanged. An older version never replaces a newer one.
CREATE TABLE subscriber (
  creator_id BIGINT NOT NULL,
  user_id BIGINT NOT NULL,
  subscribed BOOLEAN NOT NULL,
  version BIGINT NOT NULL,
  PRIMARY KEY (creator_id, user_id)
);

-- What each purchase counted, by its id.
CREATE TABLE sale (
  sale_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  creator_id BIGINT NOT NULL,
  copies INT NOT NULL,
  PRIMARY KEY (sale_id, creator_id),
  KEY ix_sale_creator (creator_id, copies)
);

-- The rate of each review as it was last seen, 0 where it does not count; the ratings of creators are their sums.
CREATE TABLE seen_review (
  review_id BIGINT NOT NULL,
  creator_id BIGINT NOT NULL,
  version BIGINT NOT NULL,
  rate TINYINT UNSIGNED NOT NULL,
  PRIMARY KEY (review_id),
  KEY ix_seen_review_creator (creator_id, rate)
);
