import type { Database, Queryable, Tx } from "#kit/data/database.ts";
import { fromNow, insertDeferred, raw } from "#kit/data/sql.ts";
import type { Writes } from "#kit/data/transaction-statements.ts";

/** A claimed task: only its owner works on the row it is about, until the claim ends. */
export interface Task {
  readonly kind: string;
  readonly id: string;
  /** Names this one claim, so that an owner who has lost it cannot end it. */
  readonly owner: string;
  /** How often it was claimed, this time included. */
  readonly attempts: number;
  readonly claimMs: number;
}

/** How tasks are claimed. */
interface ClaimOptions {
  /** The replica that claims. */
  readonly instance: string;
  /** Milliseconds after which a claim ends unless renewed, which bounds the delay after a crash. */
  readonly claimMs: number;
}

let claims = 0;

function nextOwner(instance: string): string {
  claims += 1;
  return `${instance}#${claims}`;
}

/** Schedules a task that is due after `inMs`. */
export async function scheduleTask(tx: Tx, kind: string, id: string, inMs: number): Promise<void> {
  await insertDeferred(tx, "task", { kind, id, dueTime: fromNow(inMs) });
}

/** Schedules tasks that are due now, by one statement. */
export async function scheduleTasks(tx: Tx, kind: string, ids: readonly string[]): Promise<void> {
  const places = ids.map(() => "(?, ?, NOW(6))").join(", ");
  await tx.deferred.execute(
    `INSERT INTO task (kind, id, due_time) VALUES ${places}`,
    ids.flatMap(id => [kind, id]),
  );
}

/** Schedules a task that is claimed from the start by the caller, and due for others when the claim ends. */
export async function startTask(tx: Tx, kind: string, id: string, options: ClaimOptions): Promise<Task> {
  const task = { kind, id, owner: nextOwner(options.instance), attempts: 1, claimMs: options.claimMs };
  await insertDeferred(tx, "task", {
    kind,
    id,
    attempts: 1,
    owner: task.owner,
    dueTime: raw("NOW(6)"),
    claimedUntil: fromNow(options.claimMs),
  });
  return task;
}

const isDue = "kind = ? AND due_time <= NOW(6) AND (claimed_until IS NULL OR claimed_until <= NOW(6))";

// LAST_INSERT_ID, so that the answer of one row tells its attempts.
const claim = `UPDATE task SET owner = ?, claimed_until = NOW(6) + INTERVAL ? MICROSECOND,
  attempts = LAST_INSERT_ID(attempts + 1), recheck_requested = FALSE`;

/**
 * Claims tasks that are due, oldest first, in a short transaction of its own, so that any number of replicas may look
 * for work and a task that fails does not block others. Unless one is expected to be due, it is preceded by a look
 * without a transaction, because most looks find nothing.
 */
export async function claimTasks(
  database: Database,
  kind: string,
  limit: number,
  { instance, claimMs, isDueExpected = false }: ClaimOptions & { readonly isDueExpected?: boolean },
): Promise<Task[]> {
  const look = `SELECT 1 FROM task WHERE ${isDue} LIMIT 1`;
  if (!isDueExpected && (await database.query(look, [kind])).length === 0) {
    return [];
  }
  return database.transaction(async tx => {
    const due = await tx.query<Pick<Task, "id" | "attempts">>(
      `SELECT id, attempts FROM task WHERE ${isDue} ORDER BY due_time LIMIT ? FOR UPDATE SKIP LOCKED`,
      [kind, limit],
    );
    const owner = nextOwner(instance);
    if (due.length > 0) {
      const ids = due.map(({ id }) => id);
      await tx.deferred.execute(`${claim} WHERE kind = ? AND id IN (?)`, [owner, claimMs * 1000, kind, ids]);
    }
    return due.map(({ id, attempts }) => ({ kind, id, owner, attempts: attempts + 1, claimMs }));
  });
}

/** Claims one task whether it is due or not. Returns undefined where there is none, or it is claimed. */
export async function claimTask(
  database: Database,
  kind: string,
  id: string,
  { instance, claimMs }: ClaimOptions,
): Promise<Task | undefined> {
  const owner = nextOwner(instance);
  const { affectedRows, insertId: attempts } = await database.execute(
    `${claim} WHERE kind = ? AND id = ? AND (claimed_until IS NULL OR claimed_until <= NOW(6))`,
    [owner, claimMs * 1000, kind, id],
  );
  return affectedRows === 0 ? undefined : { kind, id, owner, attempts: Number(attempts), claimMs };
}

/** Works on a claimed task and renews the claim meanwhile. The signal aborts where the claim is lost. */
export async function withClaim<T>(
  database: Database,
  task: Task,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const lost = new AbortController();
  const renew = async () => {
    const { affectedRows } = await database.execute(
      "UPDATE task SET claimed_until = NOW(6) + INTERVAL ? MICROSECOND WHERE kind = ? AND id = ? AND owner = ?",
      [task.claimMs * 1000, task.kind, task.id, task.owner],
    );
    if (affectedRows === 0) {
      lost.abort(new Error(`the claim on ${task.kind} ${task.id} is lost`));
    }
  };
  // A renewal that fails is tried again by the next; the claim outlives two of them.
  const heartbeat = setInterval(() => void renew().catch(() => {}), task.claimMs / 3);
  try {
    return await work(lost.signal);
  } finally {
    clearInterval(heartbeat);
  }
}

/** Ends a claim and makes the task due after `delayMs`, or at once where a recheck was requested meanwhile. */
export async function postponeTask(
  on: Writes,
  { kind, id, owner }: Task,
  { delayMs, error }: { delayMs: number; error: string },
): Promise<void> {
  await on.execute(
    `UPDATE task SET owner = NULL, claimed_until = NULL, last_error = ?,
       due_time = IF(recheck_requested, NOW(6), NOW(6) + INTERVAL ? MICROSECOND), recheck_requested = FALSE
      WHERE kind = ? AND id = ? AND owner = ?`,
    [error.slice(0, 500), Math.round(delayMs * 1000), kind, id, owner],
  );
}

/** Ends a claim for good: the task is gone, unless a recheck was requested meanwhile; then it is due at once. */
export async function finishTask({ deferred }: Tx, task: Task): Promise<void> {
  await deferred.execute(
    "DELETE FROM task WHERE kind = ? AND id = ? AND owner = ? AND NOT recheck_requested",
    [task.kind, task.id, task.owner],
  );
  await postponeTask(deferred, task, { delayMs: 0, error: "" });
}

/**
 * Removes a task regardless of its owner: the row it is about needs no more work. Returns the time by the database's
 * clock, undefined where there was no task any more.
 */
export async function dropTask(on: Queryable, kind: string, id: string): Promise<Date | undefined> {
  const [dropped] = await on.query<{ time: Date }>(
    "DELETE FROM task WHERE kind = ? AND id = ? RETURNING NOW(6) AS time",
    [kind, id],
  );
  return dropped?.time;
}

/**
 * Requests a check now: the task becomes due at once, is created where there is none, and is repeated where a check is
 * running.
 */
export async function requestRecheck(on: Queryable, kind: string, id: string): Promise<void> {
  await on.execute(
    `INSERT INTO task (kind, id, due_time) VALUES (?, ?, NOW(6))
      ON DUPLICATE KEY UPDATE recheck_requested = claimed_until IS NOT NULL, due_time = NOW(6)`,
    [kind, id],
  );
}

// Every other attempt stays scheduled, so that attempts are at most twice as frequent as the backoff says.
/** Makes a task due now for a caller who waits for it. */
export async function hurryTask(on: Queryable, kind: string, id: string): Promise<void> {
  await on.execute(
    `UPDATE task SET due_time = NOW(6), hurried_attempts = attempts
      WHERE kind = ? AND id = ? AND claimed_until IS NULL AND due_time > NOW(6)
        AND (hurried_attempts IS NULL OR attempts > hurried_attempts + 1)`,
    [kind, id],
  );
}
