CREATE TABLE user (
  user_id BIGINT NOT NULL AUTO_INCREMENT,
  email VARCHAR(254) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  phone VARCHAR(11) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  password_hash VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  name VARCHAR(40) NOT NULL,
  profile_image_url VARCHAR(500) NOT NULL DEFAULT '',
  role ENUM('USER', 'ADMIN') NOT NULL DEFAULT 'USER',
  status ENUM('PENDING', 'ACTIVE', 'BANNED') NOT NULL DEFAULT 'PENDING',
  create_time DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  activate_time DATETIME(6) NULL,
  PRIMARY KEY (user_id),
  UNIQUE KEY uq_user_email (email),
  UNIQUE KEY uq_user_phone (phone)
) COMMENT = 'never deleted';

CREATE TABLE session (
  session_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  user_id BIGINT NOT NULL,
  user_agent VARCHAR(200) NOT NULL,
  family_hash BINARY(32) NOT NULL,
  seed BINARY(32) NOT NULL,
  current_hash BINARY(32) NOT NULL,
  previous_hash BINARY(32) NULL,
  create_time DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  refresh_time DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  expire_time DATETIME(6) NOT NULL,
  end_time DATETIME(6) NULL,
  PRIMARY KEY (session_id),
  UNIQUE KEY uq_session_family (family_hash),
  KEY ix_session_user (user_id, create_time),
  KEY ix_session_expire_time (expire_time),
  CONSTRAINT fk_session_user FOREIGN KEY (user_id) REFERENCES user (user_id)
);

CREATE TABLE activation_token (
  user_id BIGINT NOT NULL,
  token_hash BINARY(32) NOT NULL,
  expire_time DATETIME(6) NOT NULL,
  PRIMARY KEY (user_id),
  UNIQUE KEY uq_activation_token_hash (token_hash),
  KEY ix_activation_token_expire_time (expire_time),
  CONSTRAINT fk_activation_token_user FOREIGN KEY (user_id) REFERENCES user (user_id)
);

-- A receipt may be for a user who is gone, so the user is no foreign key.
CREATE TABLE mail (
  mail_id BIGINT NOT NULL AUTO_INCREMENT,
  user_id BIGINT NOT NULL,
  template ENUM('ACTIVATION', 'PURCHASE_RECEIPT', 'CHARGE_RECEIPT') NOT NULL,
  data JSON NOT NULL,
  state ENUM('PENDING', 'SENT', 'DROPPED', 'PARKED') NOT NULL DEFAULT 'PENDING',
  last_failure VARCHAR(80) NULL,
  create_time DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  finish_time DATETIME(6) NULL,
  PRIMARY KEY (mail_id),
  KEY ix_mail_user (user_id, template, create_time),
  KEY ix_mail_state (state, create_time),
  KEY ix_mail_finish_time (finish_time)
);

SOURCE task.sql;
