-- Deleted reviews stay. `live` is NULL for them, so that they do not keep their question from being reviewed again.
CREATE TABLE review (
  review_id BIGINT NOT NULL AUTO_INCREMENT,
  question_id BIGINT NOT NULL,
  creator_id BIGINT NOT NULL,
  reviewer_id BIGINT NOT NULL,
  state ENUM('SHOWN', 'HIDDEN', 'DELETED') NOT NULL DEFAULT 'SHOWN',
  rate TINYINT UNSIGNED NOT NULL,
  comment VARCHAR(2000) NOT NULL,
  version BIGINT NOT NULL DEFAULT 1,
  create_time DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  edit_time DATETIME(6) NULL,
  live TINYINT AS (IF(state = 'DELETED', NULL, 1)) VIRTUAL,
  PRIMARY KEY (review_id),
  UNIQUE KEY uq_review (reviewer_id, question_id, live),
  KEY ix_review_newest (question_id, state, review_id),
  KEY ix_review_rate (question_id, state, rate, review_id),
  CONSTRAINT ck_review_rate CHECK (rate BETWEEN 1 AND 5)
) COMMENT = 'never deleted';

-- How often each rate was given to a question, over its reviews that are shown.
CREATE TABLE question_rating (
  question_id BIGINT NOT NULL,
  rate TINYINT UNSIGNED NOT NULL,
  review_count BIGINT NOT NULL,
  PRIMARY KEY (question_id, rate)
) COMMENT = 'never deleted';

-- Over the reviews of a user that are shown.
CREATE TABLE reviewer (
  reviewer_id BIGINT NOT NULL,
  rating_sum BIGINT NOT NULL,
  rating_count BIGINT NOT NULL,
  PRIMARY KEY (reviewer_id)
) COMMENT = 'never deleted';
