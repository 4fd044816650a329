-- A parent category has the parent 0. Categories are listed in the order of their ids.
CREATE TABLE category (
  category_id BIGINT NOT NULL AUTO_INCREMENT,
  subject TINYINT UNSIGNED NOT NULL,
  parent_category_id BIGINT NOT NULL DEFAULT 0,
  title VARCHAR(50) NOT NULL,
  title_key VARCHAR(200) COLLATE utf8mb4_bin NOT NULL,
  PRIMARY KEY (category_id),
  UNIQUE KEY uq_category_title (subject, parent_category_id, title_key)
) COMMENT = 'never deleted';

-- What is known of creators, from CreatorChanged and the creator directory. An older version never replaces a newer
-- one.
CREATE TABLE creator (
  creator_id BIGINT NOT NULL,
  user_id BIGINT NOT NULL,
  name VARCHAR(40) NOT NULL,
  profile_image_url VARCHAR(500) NOT NULL,
  version BIGINT NOT NULL,
  withdrawn BOOLEAN NOT NULL DEFAULT FALSE,
  PRIMARY KEY (creator_id),
  UNIQUE KEY uq_creator_user (user_id)
) COMMENT = 'never deleted';

-- Repeats part of the latest version, all of whose content is in question_version.
CREATE TABLE question (
  question_id BIGINT NOT NULL AUTO_INCREMENT,
  creator_id BIGINT NOT NULL,
  request_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  state ENUM('DRAFT', 'IN_REVIEW', 'PUBLISHED', 'UNPUBLISHED', 'SUSPENDED', 'DELETED') NOT NULL DEFAULT 'DRAFT',
  is_kept BOOLEAN AS (state <> 'DELETED') PERSISTENT,
  state_reason VARCHAR(500) NOT NULL DEFAULT '',
  state_time DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  -- What a suspended question was.
  restore_state ENUM('PUBLISHED', 'UNPUBLISHED') NULL,
  version INT NOT NULL DEFAULT 1,
  change_version BIGINT NOT NULL DEFAULT 0,
  title VARCHAR(100) NOT NULL,
  subject TINYINT UNSIGNED NOT NULL,
  category_id BIGINT NOT NULL,
  type TINYINT UNSIGNED NOT NULL,
  level TINYINT UNSIGNED NOT NULL,
  price_points BIGINT NOT NULL,
  thumbnail_key VARCHAR(160) CHARACTER SET ascii COLLATE ascii_bin NULL,
  sales_count BIGINT NOT NULL DEFAULT 0,
  rating_sum BIGINT NOT NULL DEFAULT 0,
  rating_count BIGINT NOT NULL DEFAULT 0,
  -- The mean in tenths, rounded half up; one that can be shown and sorted by, also while sums are wrong.
  rating_tenths TINYINT UNSIGNED
    AS (IF(rating_count <= 0, 0, LEAST(50, GREATEST(0, rating_sum * 20 + rating_count) DIV (2 * rating_count))))
    PERSISTENT,
  create_time DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  publish_time DATETIME(6) NULL,
  PRIMARY KEY (question_id),
  UNIQUE KEY uq_question_request (creator_id, request_id),
  KEY ix_question_creator (creator_id, is_kept, question_id),
  KEY ix_question_state (state, state_time, question_id),
  CONSTRAINT fk_question_creator FOREIGN KEY (creator_id) REFERENCES creator (creator_id)
) COMMENT = 'never deleted';

-- The questions on sale, as the store filters, sorts and searches them; follows question and question_version. An index
-- begins with what branches of a list have in common, goes on with their order, and has all else that a list filters
-- by, so that a page is found without reading rows. search_terms are the terms of search_text in ASCII.
CREATE TABLE listing (
  question_id BIGINT NOT NULL,
  creator_id BIGINT NOT NULL,
  subject TINYINT UNSIGNED NOT NULL,
  category_id BIGINT NOT NULL,
  type TINYINT UNSIGNED NOT NULL,
  level TINYINT UNSIGNED NOT NULL,
  price_points BIGINT NOT NULL,
  price_band TINYINT UNSIGNED NOT NULL,
  sales_count BIGINT NOT NULL,
  rating_tenths TINYINT UNSIGNED NOT NULL,
  publish_time DATETIME(6) NOT NULL,
  search_text MEDIUMTEXT COLLATE utf8mb4_bin NOT NULL,
  search_terms MEDIUMTEXT CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  PRIMARY KEY (question_id),
  KEY ix_listing_shelf_popularity
    (subject, type, sales_count, question_id, category_id, level, price_points, creator_id),
  KEY ix_listing_shelf_rating
    (subject, type, rating_tenths, question_id, category_id, level, price_points, creator_id),
  KEY ix_listing_shelf_latest
    (subject, type, publish_time, question_id, category_id, level, price_points, creator_id),
  KEY ix_listing_shelf_level (subject, type, level, question_id, category_id, price_points, creator_id),
  KEY ix_listing_shelf_price (subject, type, price_points, question_id DESC, category_id, level, creator_id),
  KEY ix_listing_category_popularity
    (category_id, type, sales_count, question_id, subject, level, price_points, creator_id),
  KEY ix_listing_category_rating
    (category_id, type, rating_tenths, question_id, subject, level, price_points, creator_id),
  KEY ix_listing_category_latest
    (category_id, type, publish_time, question_id, subject, level, price_points, creator_id),
  KEY ix_listing_category_level (category_id, type, level, question_id, subject, price_points, creator_id),
  KEY ix_listing_category_price (category_id, type, price_points, question_id DESC, subject, level, creator_id),
  KEY ix_listing_level_popularity
    (level, type, sales_count, question_id, subject, category_id, price_points, creator_id),
  KEY ix_listing_level_rating
    (level, type, rating_tenths, question_id, subject, category_id, price_points, creator_id),
  KEY ix_listing_level_latest
    (level, type, publish_time, question_id, subject, category_id, price_points, creator_id),
  KEY ix_listing_level_price (level, type, price_points, question_id DESC, subject, category_id, creator_id),
  KEY ix_listing_band_popularity
    (price_band, type, sales_count, question_id, subject, category_id, level, price_points, creator_id),
  KEY ix_listing_band_rating
    (price_band, type, rating_tenths, question_id, subject, category_id, level, price_points, creator_id),
  KEY ix_listing_band_latest
    (price_band, type, publish_time, question_id, subject, category_id, level, price_points, creator_id),
  KEY ix_listing_band_level (price_band, type, level, question_id, subject, category_id, price_points, creator_id),
  KEY ix_listing_creator_popularity
    (creator_id, sales_count, question_id, subject, category_id, type, level, price_points),
  KEY ix_listing_creator_rating
    (creator_id, rating_tenths, question_id, subject, category_id, type, level, price_points),
  KEY ix_listing_creator_latest
    (creator_id, publish_time, question_id, subject, category_id, type, level, price_points),
  KEY ix_listing_creator_level (creator_id, level, question_id, subject, category_id, type, price_points),
  KEY ix_listing_creator_price (creator_id, price_points, question_id DESC, subject, category_id, type, level),
  FULLTEXT KEY ix_listing_search (search_terms),
  CONSTRAINT fk_listing_question FOREIGN KEY (question_id) REFERENCES question (question_id)
);

-- What each purchase counted, by its id.
CREATE TABLE sale (
  sale_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  question_id BIGINT NOT NULL,
  copies INT NOT NULL,
  PRIMARY KEY (sale_id, question_id),
  KEY ix_sale_question (question_id, copies)
);

-- The rate of each review as it was last seen, 0 where it does not count; the ratings of questions are their sums.
CREATE TABLE seen_review (
  review_id BIGINT NOT NULL,
  question_id BIGINT NOT NULL,
  version BIGINT NOT NULL,
  rate TINYINT UNSIGNED NOT NULL,
  PRIMARY KEY (review_id),
  KEY ix_seen_review_question (question_id, rate)
);

-- Rows never change: buyers keep the version that they bought.
CREATE TABLE question_version (
  question_id BIGINT NOT NULL,
  version INT NOT NULL,
  title VARCHAR(100) NOT NULL,
  description TEXT NOT NULL,
  subject TINYINT UNSIGNED NOT NULL,
  category_id BIGINT NOT NULL,
  type TINYINT UNSIGNED NOT NULL,
  level TINYINT UNSIGNED NOT NULL,
  price_points BIGINT NOT NULL,
  files JSON NOT NULL,
  search_text MEDIUMTEXT COLLATE utf8mb4_bin NOT NULL,
  create_time DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  PRIMARY KEY (question_id, version),
  CONSTRAINT fk_version_question FOREIGN KEY (question_id) REFERENCES question (question_id),
  CONSTRAINT fk_version_category FOREIGN KEY (category_id) REFERENCES category (category_id)
) COMMENT = 'append-only';

CREATE TABLE promotion (
  promotion_id BIGINT NOT NULL AUTO_INCREMENT,
  question_id BIGINT NOT NULL,
  title VARCHAR(50) NOT NULL,
  sale_price_points BIGINT NOT NULL,
  start_time DATETIME(6) NOT NULL,
  end_time DATETIME(6) NOT NULL,
  create_time DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  PRIMARY KEY (promotion_id),
  KEY ix_promotion_question (question_id, end_time),
  KEY ix_promotion_latest (question_id, start_time, promotion_id),
  CONSTRAINT fk_promotion_question FOREIGN KEY (question_id) REFERENCES question (question_id)
) COMMENT = 'never deleted';

-- Repeats of the version that was bought what a library filters and sorts by.
CREATE TABLE entitlement (
  entitlement_id BIGINT NOT NULL AUTO_INCREMENT,
  user_id BIGINT NOT NULL,
  question_id BIGINT NOT NULL,
  version INT NOT NULL,
  purchase_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  creator_id BIGINT NOT NULL,
  subject TINYINT UNSIGNED NOT NULL,
  category_id BIGINT NOT NULL,
  type TINYINT UNSIGNED NOT NULL,
  level TINYINT UNSIGNED NOT NULL,
  price_points BIGINT NOT NULL,
  state ENUM('RESERVED', 'OWNED') NOT NULL DEFAULT 'RESERVED',
  create_time DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  own_time DATETIME(6) NULL,
  download_time DATETIME(6) NULL,
  PRIMARY KEY (entitlement_id),
  UNIQUE KEY uq_entitlement (user_id, question_id),
  KEY ix_entitlement_purchase (purchase_id),
  KEY ix_entitlement_latest
    (user_id, state, own_time, entitlement_id, subject, category_id, type, level, price_points, creator_id),
  KEY ix_entitlement_level
    (user_id, state, level, entitlement_id, subject, category_id, type, price_points, creator_id),
  CONSTRAINT fk_entitlement_version
    FOREIGN KEY (question_id, version) REFERENCES question_version (question_id, version)
);

SOURCE reservation.sql;

SOURCE upload.sql;

SOURCE task.sql;
