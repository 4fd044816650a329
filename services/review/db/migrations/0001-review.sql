-- Deleted reviews stay, without their text. `live` is NULL for them, so that their question can be reviewed again.
CREATE TABLE review (
  review_id BIGINT NOT NULL AUTO_INCREMENT,
  question_id BIGINT NOT NULL,
  creator_id BIGINT NOT NULL,
  reviewer_id BIGINT NOT NULL,
  state ENUM('SHOWN', 'HIDDEN', 'DELETED') NOT NULL DEFAULT 'SHOWN',
  rate TINYINT UNSIGNED NOT NULL,
  comment VARCHAR(2000) NOT NULL,
  version BIGINT NOT NULL DEFAULT 1,
  helpful_count BIGINT NOT NULL DEFAULT 0,
  open_report_count BIGINT NOT NULL DEFAULT 0,
  create_time DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  change_time DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  edit_time DATETIME(6) NULL,
  report_time DATETIME(6) NULL,
  hide_time DATETIME(6) NULL,
  live TINYINT AS (IF(state = 'DELETED', NULL, 1)) VIRTUAL,
  PRIMARY KEY (review_id),
  UNIQUE KEY uq_review (reviewer_id, question_id, live),
  KEY ix_review_own (reviewer_id, live, review_id),
  KEY ix_review_newest (question_id, state, review_id),
  KEY ix_review_highest (question_id, state, rate, review_id),
  KEY ix_review_lowest (question_id, state, rate, review_id DESC),
  KEY ix_review_helpful (question_id, state, helpful_count, review_id),
  KEY ix_review_reported (report_time, review_id),
  KEY ix_review_hidden (hide_time, review_id),
  CONSTRAINT ck_review_rate CHECK (rate BETWEEN 1 AND 5)
) COMMENT = 'never deleted';

CREATE TABLE review_reply (
  review_id BIGINT NOT NULL,
  comment VARCHAR(2000) NOT NULL,
  create_time DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  edit_time DATETIME(6) NULL,
  PRIMARY KEY (review_id),
  CONSTRAINT fk_reply_review FOREIGN KEY (review_id) REFERENCES review (review_id)
);

-- Who finds a review helpful.
CREATE TABLE review_vote (
  review_id BIGINT NOT NULL,
  user_id BIGINT NOT NULL,
  PRIMARY KEY (review_id, user_id),
  CONSTRAINT fk_vote_review FOREIGN KEY (review_id) REFERENCES review (review_id)
);

CREATE TABLE review_report (
  report_id BIGINT NOT NULL AUTO_INCREMENT,
  review_id BIGINT NOT NULL,
  user_id BIGINT NOT NULL,
  reason TINYINT UNSIGNED NOT NULL,
  text VARCHAR(1000) NOT NULL,
  create_time DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  close_time DATETIME(6) NULL,
  PRIMARY KEY (report_id),
  UNIQUE KEY uq_review_report (user_id, review_id),
  KEY ix_report_review (review_id, report_id),
  CONSTRAINT fk_report_review FOREIGN KEY (review_id) REFERENCES review (review_id)
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
