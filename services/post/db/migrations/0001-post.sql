-- Repeats the creator of its question, so that the board of a creator is one walk over an index.
CREATE TABLE post (
  post_id BIGINT NOT NULL AUTO_INCREMENT,
  question_id BIGINT NOT NULL,
  creator_id BIGINT NOT NULL,
  writer_id BIGINT NOT NULL,
  request_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  request_hash BINARY(32) NOT NULL,
  title VARCHAR(100) NOT NULL,
  body TEXT NOT NULL,
  files JSON NOT NULL,
  comment_count INT NOT NULL DEFAULT 0,
  pinned BOOLEAN NOT NULL DEFAULT FALSE,
  version INT NOT NULL DEFAULT 1,
  create_time DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  edit_time DATETIME(6) NULL,
  PRIMARY KEY (post_id),
  UNIQUE KEY uq_post_request (writer_id, request_id),
  KEY ix_post_question (question_id, pinned, post_id),
  KEY ix_post_creator (creator_id, post_id),
  KEY ix_post_writer (writer_id, post_id)
);

-- What posts said before their edits.
CREATE TABLE post_edit (
  post_id BIGINT NOT NULL,
  version INT NOT NULL,
  title VARCHAR(100) NOT NULL,
  body TEXT NOT NULL,
  edit_time DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  PRIMARY KEY (post_id, version),
  CONSTRAINT fk_edit_post FOREIGN KEY (post_id) REFERENCES post (post_id) ON DELETE CASCADE
);

-- Whether the writer was the creator of the question is said once, when the comment is written.
CREATE TABLE comment (
  comment_id BIGINT NOT NULL AUTO_INCREMENT,
  post_id BIGINT NOT NULL,
  parent_comment_id BIGINT NULL,
  writer_id BIGINT NOT NULL,
  request_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  request_hash BINARY(32) NOT NULL,
  body VARCHAR(2000) NOT NULL,
  written_by_creator BOOLEAN NOT NULL,
  version INT NOT NULL DEFAULT 1,
  create_time DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  edit_time DATETIME(6) NULL,
  PRIMARY KEY (comment_id),
  UNIQUE KEY uq_comment_request (writer_id, request_id),
  KEY ix_comment_post (post_id, comment_id),
  KEY ix_comment_writer (writer_id, comment_id),
  KEY ix_comment_parent (parent_comment_id),
  CONSTRAINT fk_comment_post FOREIGN KEY (post_id) REFERENCES post (post_id) ON DELETE CASCADE,
  CONSTRAINT fk_comment_parent FOREIGN KEY (parent_comment_id) REFERENCES comment (comment_id) ON DELETE SET NULL
);

-- Of a post or of a comment, with which it is deleted.
CREATE TABLE report (
  report_id BIGINT NOT NULL AUTO_INCREMENT,
  post_id BIGINT NULL,
  comment_id BIGINT NULL,
  user_id BIGINT NOT NULL,
  reason TINYINT UNSIGNED NOT NULL,
  text VARCHAR(1000) NOT NULL,
  create_time DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  close_time DATETIME(6) NULL,
  PRIMARY KEY (report_id),
  UNIQUE KEY uq_report_post (user_id, post_id),
  UNIQUE KEY uq_report_comment (user_id, comment_id),
  KEY ix_report_open (close_time, report_id),
  KEY ix_report_post (post_id),
  KEY ix_report_comment (comment_id),
  CONSTRAINT fk_report_post FOREIGN KEY (post_id) REFERENCES post (post_id) ON DELETE CASCADE,
  CONSTRAINT fk_report_comment FOREIGN KEY (comment_id) REFERENCES comment (comment_id) ON DELETE CASCADE
);

-- Who subscribes to whom, from SubscriptionChanged.
CREATE TABLE subscriber (
  creator_id BIGINT NOT NULL,
  user_id BIGINT NOT NULL,
  subscribed BOOLEAN NOT NULL,
  version BIGINT NOT NULL,
  PRIMARY KEY (creator_id, user_id)
) COMMENT = 'never deleted';

-- Questions from QuestionChanged, and how far the news of them has come: the subscribers of their creator up to
-- news_user_id have been told.
CREATE TABLE question (
  question_id BIGINT NOT NULL,
  creator_id BIGINT NOT NULL,
  title VARCHAR(100) NOT NULL,
  on_sale BOOLEAN NOT NULL,
  version BIGINT NOT NULL,
  news_state ENUM('NONE', 'SPREADING', 'SPREAD') NOT NULL DEFAULT 'NONE',
  news_user_id BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (question_id)
) COMMENT = 'never deleted';

-- Titles and writers are those of the posts and comments, with which a notification is deleted.
CREATE TABLE notification (
  notification_id BIGINT NOT NULL AUTO_INCREMENT,
  user_id BIGINT NOT NULL,
  kind ENUM('NEW_POST', 'NEW_COMMENT', 'NEW_QUESTION') NOT NULL,
  -- The id of the post, comment or question, as the kind says.
  subject_id BIGINT NOT NULL,
  question_id BIGINT NOT NULL,
  post_id BIGINT NULL,
  comment_id BIGINT NULL,
  create_time DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  read_time DATETIME(6) NULL,
  PRIMARY KEY (notification_id),
  UNIQUE KEY uq_notification (user_id, kind, subject_id),
  KEY ix_notification_user (user_id, notification_id),
  KEY ix_notification_unread (user_id, read_time, notification_id),
  KEY ix_notification_create_time (create_time),
  KEY ix_notification_post (post_id),
  KEY ix_notification_comment (comment_id),
  CONSTRAINT fk_notification_post FOREIGN KEY (post_id) REFERENCES post (post_id) ON DELETE CASCADE,
  CONSTRAINT fk_notification_comment FOREIGN KEY (comment_id) REFERENCES comment (comment_id) ON DELETE CASCADE
);

-- Only what a user has changed, or that the user withdrew and is told nothing any more.
CREATE TABLE notification_preference (
  user_id BIGINT NOT NULL,
  kind ENUM('NEW_POST', 'NEW_COMMENT', 'NEW_QUESTION') NOT NULL,
  in_app BOOLEAN NOT NULL,
  mail BOOLEAN NOT NULL,
  -- When the last mail was requested.
  mail_time DATETIME(6) NULL,
  PRIMARY KEY (user_id, kind)
);

SOURCE task.sql;

SOURCE upload.sql;
