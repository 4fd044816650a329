CREATE TABLE coupon (
  coupon_id BIGINT NOT NULL AUTO_INCREMENT,
  code VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  title VARCHAR(50) NOT NULL,
  scope ENUM('LINE', 'PURCHASE') NOT NULL,
  kind ENUM('FIXED', 'PERCENT') NOT NULL,
  value BIGINT NOT NULL,
  minimum_points BIGINT NOT NULL,
  maximum_discount_points BIGINT NOT NULL,
  target_question_id BIGINT NOT NULL,
  target_creator_id BIGINT NOT NULL,
  target_category_id BIGINT NOT NULL,
  stackable BOOLEAN NOT NULL,
  stock_count BIGINT NOT NULL,
  issued_count BIGINT NOT NULL DEFAULT 0,
  start_time DATETIME(6) NOT NULL,
  end_time DATETIME(6) NOT NULL,
  create_time DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  PRIMARY KEY (coupon_id),
  UNIQUE KEY uq_coupon_code (code),
  CONSTRAINT ck_coupon_stock CHECK (issued_count BETWEEN 0 AND stock_count)
) COMMENT = 'never deleted';

-- The end is that of the coupon when it was registered, so that what can be used is found in its order by an index;
-- a coupon that an operator ends has an earlier one.
CREATE TABLE user_coupon (
  user_coupon_id BIGINT NOT NULL AUTO_INCREMENT,
  user_id BIGINT NOT NULL,
  coupon_id BIGINT NOT NULL,
  state ENUM('FREE', 'HELD', 'USED') NOT NULL DEFAULT 'FREE',
  purchase_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
  end_time DATETIME(6) NOT NULL,
  create_time DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  PRIMARY KEY (user_coupon_id),
  UNIQUE KEY uq_user_coupon (user_id, coupon_id),
  KEY ix_user_coupon_usable (user_id, state, end_time, user_coupon_id),
  KEY ix_user_coupon_purchase (purchase_id),
  CONSTRAINT fk_user_coupon_coupon FOREIGN KEY (coupon_id) REFERENCES coupon (coupon_id)
) COMMENT = 'never deleted';

SOURCE reservation.sql;
