CREATE TABLE wallet (
  user_id BIGINT NOT NULL,
  paid_points BIGINT NOT NULL DEFAULT 0,
  bonus_points BIGINT NOT NULL DEFAULT 0,
  held_points BIGINT NOT NULL DEFAULT 0,
  month_start DATETIME(6) NOT NULL DEFAULT '2000-01-01',
  create_time DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  PRIMARY KEY (user_id),
  CONSTRAINT ck_wallet_points CHECK (paid_points >= 0 AND bonus_points >= 0 AND held_points >= 0)
) COMMENT = 'never deleted';

-- What a user had when the first change of a Korean month was made, so that statements sum nothing. A change is made in
-- the month of the wallet, or begins the next one.
CREATE TABLE month_opening (
  user_id BIGINT NOT NULL,
  start_time DATETIME(6) NOT NULL,
  paid_points BIGINT NOT NULL,
  bonus_points BIGINT NOT NULL,
  held_points BIGINT NOT NULL,
  PRIMARY KEY (user_id, start_time)
) COMMENT = 'append-only';

-- What all users have together, kept by the transactions that change wallets. A user belongs to one slice, so that few
-- transactions wait for one another.
CREATE TABLE outstanding_points (
  slice TINYINT UNSIGNED NOT NULL,
  paid_points BIGINT NOT NULL,
  bonus_points BIGINT NOT NULL,
  held_points BIGINT NOT NULL,
  PRIMARY KEY (slice)
) COMMENT = 'never deleted';

INSERT INTO outstanding_points (slice, paid_points, bonus_points, held_points) VALUES
  (0, 0, 0, 0), (1, 0, 0, 0), (2, 0, 0, 0), (3, 0, 0, 0), (4, 0, 0, 0), (5, 0, 0, 0), (6, 0, 0, 0), (7, 0, 0, 0),
  (8, 0, 0, 0), (9, 0, 0, 0), (10, 0, 0, 0), (11, 0, 0, 0), (12, 0, 0, 0), (13, 0, 0, 0), (14, 0, 0, 0), (15, 0, 0, 0);

-- Points issued on a day (UTC), kept by the transactions that issue them.
CREATE TABLE issued_points (
  day DATE NOT NULL,
  source ENUM('PAID', 'GIVEN') NOT NULL,
  points BIGINT NOT NULL,
  PRIMARY KEY (day, source)
) COMMENT = 'never deleted';

-- One transfer between two accounts is two rows, each naming the other account; rows are only ever added. System
-- accounts have no user.
CREATE TABLE ledger_entry (
  entry_id BIGINT NOT NULL AUTO_INCREMENT,
  type ENUM('CHARGE', 'HOLD', 'RELEASE', 'SPEND', 'ADJUSTMENT') NOT NULL,
  reference CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  account ENUM('PAID', 'BONUS', 'HELD', 'PSP_CLEARING', 'SALES', 'ADJUSTMENTS') NOT NULL,
  counter_account ENUM('PAID', 'BONUS', 'HELD', 'PSP_CLEARING', 'SALES', 'ADJUSTMENTS') NOT NULL,
  user_id BIGINT NULL,
  delta_points BIGINT NOT NULL,
  create_time DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  PRIMARY KEY (entry_id),
  UNIQUE KEY uq_ledger_entry (reference, type, account, counter_account),
  KEY ix_ledger_entry_user (user_id, create_time, entry_id),
  CONSTRAINT ck_ledger_entry_delta CHECK (delta_points <> 0),
  CONSTRAINT ck_ledger_entry_user CHECK ((account IN ('PAID', 'BONUS', 'HELD')) = (user_id IS NOT NULL))
) COMMENT = 'append-only';

SOURCE reservation.sql;

-- Only facts; when a charge is checked next is said by its row in `task`.
CREATE TABLE charge (
  charge_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  user_id BIGINT NOT NULL,
  request_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  provider VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  package ENUM('A', 'B', 'C', 'D', 'E', 'F') NOT NULL,
  amount_points BIGINT NOT NULL,
  state ENUM('ORDERED', 'CONFIRMING', 'CHARGED', 'FAILED', 'EXPIRED', 'CANCELLED', 'CLOSED') NOT NULL
    DEFAULT 'ORDERED',
  is_open BOOLEAN AS (state IN ('ORDERED', 'CONFIRMING')) VIRTUAL,
  payment_key VARCHAR(200) CHARACTER SET ascii COLLATE ascii_bin NULL,
  attempt INT UNSIGNED NOT NULL DEFAULT 0,
  attempt_answered BOOLEAN NOT NULL DEFAULT FALSE,
  unknown_keys INT UNSIGNED NOT NULL DEFAULT 0,
  idempotency_key VARCHAR(50) CHARACTER SET ascii COLLATE ascii_bin NULL,
  failure_code VARCHAR(200) NULL,
  failure_message VARCHAR(500) NOT NULL DEFAULT '',
  receipt_url VARCHAR(2000) NOT NULL DEFAULT '',
  create_time DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  expire_time DATETIME(6) NOT NULL,
  confirm_time DATETIME(6) NULL,
  approve_time DATETIME(6) NULL,
  charge_time DATETIME(6) NULL,
  PRIMARY KEY (charge_id),
  UNIQUE KEY uq_charge_request (user_id, request_id),
  KEY ix_charge_user (user_id, create_time, charge_id),
  KEY ix_charge_state (state, create_time, charge_id),
  KEY ix_charge_open (is_open, create_time, charge_id),
  KEY ix_charge_provider (provider, create_time),
  KEY ix_charge_user_state (user_id, state, create_time, charge_id),
  KEY ix_charge_approved (provider, approve_time, charge_id),
  CONSTRAINT ck_charge_amount CHECK (amount_points > 0)
) COMMENT = 'never deleted';

SOURCE task.sql;

CREATE TABLE adjustment (
  adjustment_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  request_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  admin_user_id BIGINT NOT NULL,
  user_id BIGINT NOT NULL,
  account ENUM('PAID', 'BONUS') NOT NULL,
  delta_points BIGINT NOT NULL,
  reason VARCHAR(500) NOT NULL,
  create_time DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  PRIMARY KEY (adjustment_id),
  UNIQUE KEY uq_adjustment_request (admin_user_id, request_id)
) COMMENT = 'append-only';

CREATE TABLE discrepancy (
  discrepancy_id BIGINT NOT NULL AUTO_INCREMENT,
  kind ENUM('CANCELLED_AT_PSP', 'MISSING_CREDIT', 'MISSING_PAYMENT', 'AMOUNT', 'UNREADABLE') NOT NULL,
  charge_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  our_amount_points BIGINT NOT NULL,
  psp_amount_points BIGINT NOT NULL,
  create_time DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  resolve_time DATETIME(6) NULL,
  note VARCHAR(500) NOT NULL DEFAULT '',
  PRIMARY KEY (discrepancy_id),
  UNIQUE KEY uq_discrepancy (kind, charge_id),
  KEY ix_discrepancy_open (resolve_time, discrepancy_id)
) COMMENT = 'never deleted';

-- A Korean day whose charges are compared with the transactions of a PSP; its row in `task` says when. Without gaps
-- from the day of the first charge.
CREATE TABLE compared_day (
  provider VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  day DATE NOT NULL,
  transactions BIGINT NULL,
  create_time DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  finish_time DATETIME(6) NULL,
  PRIMARY KEY (provider, day),
  KEY ix_compared_day_open (finish_time)
) COMMENT = 'never deleted';
