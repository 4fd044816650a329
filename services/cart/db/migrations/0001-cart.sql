-- The row of a cart is locked while lines are added, so that no two calls exceed its capacity together.
CREATE TABLE cart (
  user_id BIGINT NOT NULL,
  create_time DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  PRIMARY KEY (user_id)
);

CREATE TABLE cart_line (
  cart_line_id BIGINT NOT NULL AUTO_INCREMENT,
  user_id BIGINT NOT NULL,
  question_id BIGINT NOT NULL,
  create_time DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  PRIMARY KEY (cart_line_id),
  UNIQUE KEY uq_cart_line (user_id, question_id),
  CONSTRAINT fk_line_cart FOREIGN KEY (user_id) REFERENCES cart (user_id) ON DELETE CASCADE
);
