-- A phone number is not unique: it is not verified, so a unique key would let any user block the number of another.
-- A withdrawn user keeps the row without personal data, and an address that cannot exist.
-- Who registered with a social account has no password.
CREATE TABLE user (
  user_id BIGINT NOT NULL AUTO_INCREMENT,
  email VARCHAR(254) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  phone VARCHAR(11) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  password_hash VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NULL,
  name VARCHAR(40) NOT NULL,
  profile_image_url VARCHAR(500) NOT NULL DEFAULT '',
  role ENUM('USER', 'ADMIN') NOT NULL DEFAULT 'USER',
  status ENUM('ACTIVE', 'BANNED', 'WITHDRAWN') NOT NULL DEFAULT 'ACTIVE',
  create_time DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  withdraw_time DATETIME(6) NULL,
  PRIMARY KEY (user_id),
  UNIQUE KEY uq_user_email (email),
  KEY ix_user_phone (phone)
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

-- Whom an identity provider calls `subject`. Each belongs to one user, who has at most one of each provider.
CREATE TABLE social_account (
  provider ENUM('KAKAO', 'GOOGLE', 'NAVER') NOT NULL,
  subject VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  user_id BIGINT NOT NULL,
  create_time DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  PRIMARY KEY (provider, subject),
  UNIQUE KEY uq_social_account_user (user_id, provider),
  CONSTRAINT fk_social_account_user FOREIGN KEY (user_id) REFERENCES user (user_id)
);

-- A social login between its start and its end, and with a user the link of a social account to their account. The row
-- is removed when it is used, so that it is used once.
CREATE TABLE social_login (
  state_hash BINARY(32) NOT NULL,
  handle_hash BINARY(32) NOT NULL,
  provider ENUM('KAKAO', 'GOOGLE', 'NAVER') NOT NULL,
  user_id BIGINT NULL,
  code_verifier VARCHAR(128) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  nonce VARCHAR(128) CHARACTER SET ascii COLLATE ascii_bin NULL,
  expire_time DATETIME(6) NOT NULL,
  PRIMARY KEY (state_hash),
  KEY ix_social_login_expire_time (expire_time)
);

-- Claims nothing, so nothing but the token is unique. The token is made when the mail is sent.
CREATE TABLE registration (
  registration_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  email VARCHAR(254) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  phone VARCHAR(11) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  password_hash VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  name VARCHAR(40) NOT NULL,
  token_hash BINARY(32) NULL,
  create_time DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  expire_time DATETIME(6) NOT NULL,
  PRIMARY KEY (registration_id),
  UNIQUE KEY uq_registration_token_hash (token_hash),
  KEY ix_registration_email (email),
  KEY ix_registration_expire_time (expire_time)
);

-- What a mail is needed for: a new password, the address of an account, another address. Who asks may be anyone; what
-- the request names need not exist.
CREATE TABLE account_request (
  request_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  kind ENUM('PASSWORD_RESET', 'EMAIL_REMINDER', 'EMAIL_CHANGE', 'CONFIRMATION') NOT NULL,
  user_id BIGINT NULL,
  email VARCHAR(254) CHARACTER SET ascii COLLATE ascii_bin NULL,
  previous_email VARCHAR(254) CHARACTER SET ascii COLLATE ascii_bin NULL,
  phone VARCHAR(11) CHARACTER SET ascii COLLATE ascii_bin NULL,
  token_hash BINARY(32) NULL,
  report_token_hash BINARY(32) NULL,
  create_time DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  expire_time DATETIME(6) NOT NULL,
  confirm_time DATETIME(6) NULL,
  remove_time DATETIME(6) NOT NULL,
  PRIMARY KEY (request_id),
  UNIQUE KEY uq_account_request_token (token_hash),
  UNIQUE KEY uq_account_request_report_token (report_token_hash),
  KEY ix_account_request_email (email, kind),
  KEY ix_account_request_phone (phone),
  KEY ix_account_request_user (user_id),
  KEY ix_account_request_remove_time (remove_time)
);

-- To a user, or for a registration or a request. Each may be gone before the mail is sent, so none is a foreign key.
CREATE TABLE mail (
  mail_id BIGINT NOT NULL AUTO_INCREMENT,
  user_id BIGINT NULL,
  registration_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
  request_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
  template ENUM('REGISTRATION', 'PURCHASE_RECEIPT', 'CHARGE_RECEIPT', 'PASSWORD_RESET', 'EMAIL_REMINDER',
    'EMAIL_ADDRESS', 'EMAIL_CHANGE', 'EMAIL_CHANGE_NOTICE', 'CONFIRMATION', 'SOCIAL_ACCOUNT',
    'NOTIFICATION') NOT NULL,
  data JSON NULL,
  state ENUM('PENDING', 'SENT', 'DROPPED', 'PARKED') NOT NULL DEFAULT 'PENDING',
  last_failure VARCHAR(80) NULL,
  create_time DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  finish_time DATETIME(6) NULL,
  PRIMARY KEY (mail_id),
  KEY ix_mail_user (user_id, mail_id),
  KEY ix_mail_registration (registration_id),
  KEY ix_mail_state (state, create_time),
  KEY ix_mail_finish_time (finish_time),
  CONSTRAINT ck_mail_recipient
    CHECK ((user_id IS NOT NULL) + (registration_id IS NOT NULL) + (request_id IS NOT NULL) = 1)
);

SOURCE task.sql;
