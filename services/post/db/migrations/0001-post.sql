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
  version INT NOT NULL DEFAULT 1,
  create_time DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  edit_time DATETIME(6) NULL,
  PRIMARY KEY (post_id),
  UNIQUE KEY uq_post_request (writer_id, request_id),
  KEY ix_post_question (question_id, post_id),
  KEY ix_post_creator (creator_id, post_id)
);

-- Whether the writer was the creator of the question is said once, when the comment is written.
CREATE TABLE comment (
  comment_id BIGINT NOT NULL AUTO_INCREMENT,
  post_id BIGINT NOT NULL,
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
  CONSTRAINT fk_comment_post FOREIGN KEY (post_id) REFERENCES post (post_id) ON DELETE CASCADE
);

SOURCE upload.sql;
