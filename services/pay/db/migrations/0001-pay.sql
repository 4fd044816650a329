CREATE TABLE purchase (
  purchase_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  user_id BIGINT NOT NULL,
  request_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  request_hash BINARY(32) NOT NULL,
  state ENUM('PENDING', 'PAID', 'CANCELLED') NOT NULL,
  original_points BIGINT NOT NULL,
  amount_points BIGINT NOT NULL,
  consent_time DATETIME(6) NOT NULL,
  cancel_reason VARCHAR(63) CHARACTER SET ascii NULL,
  cancel_metadata JSON NULL,
  create_time DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  finish_time DATETIME(6) NULL,
  PRIMARY KEY (purchase_id),
  UNIQUE KEY uq_purchase_request (user_id, request_id),
  KEY ix_purchase_history (user_id, state, purchase_id),
  CONSTRAINT ck_purchase_amount CHECK (amount_points BETWEEN 0 AND original_points)
) COMMENT = 'never deleted';

CREATE TABLE purchase_line (
  purchase_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  line_number SMALLINT UNSIGNED NOT NULL,
  question_id BIGINT NOT NULL,
  version INT NOT NULL,
  title VARCHAR(100) NOT NULL,
  creator_id BIGINT NOT NULL,
  creator_name VARCHAR(40) NOT NULL,
  subject INT NOT NULL,
  category_id BIGINT NOT NULL,
  parent_category_id BIGINT NOT NULL,
  parent_category_title VARCHAR(50) NOT NULL,
  category_title VARCHAR(50) NOT NULL,
  level INT NOT NULL,
  original_points BIGINT NOT NULL,
  promotion_id BIGINT NOT NULL,
  promotion_title VARCHAR(50) NOT NULL,
  promotion_discount_points BIGINT NOT NULL,
  coupon_discount_points BIGINT NOT NULL,
  amount_points BIGINT NOT NULL,
  PRIMARY KEY (purchase_id, line_number),
  CONSTRAINT fk_purchase_line FOREIGN KEY (purchase_id) REFERENCES purchase (purchase_id),
  CONSTRAINT ck_purchase_line CHECK (
    amount_points = original_points - promotion_discount_points - coupon_discount_points AND amount_points >= 0
  )
) COMMENT = 'append-only';

CREATE TABLE purchase_discount (
  purchase_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  discount_number SMALLINT UNSIGNED NOT NULL,
  user_coupon_id BIGINT NOT NULL,
  title VARCHAR(50) NOT NULL,
  scope INT NOT NULL,
  question_id BIGINT NOT NULL,
  discount_points BIGINT NOT NULL,
  PRIMARY KEY (purchase_id, discount_number),
  CONSTRAINT fk_purchase_discount FOREIGN KEY (purchase_id) REFERENCES purchase (purchase_id)
) COMMENT = 'append-only';

SOURCE task.sql;
