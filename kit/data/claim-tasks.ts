import type { Database } from "#kit/data/database.ts";
import { type ClaimOptions, nextOwner, type Task } from "#kit/data/tasks.ts";

const isDue = "kind = ? AND due_time <= NOW(6) AND (claimed_until IS NULL OR claimed_until <= NOW(6))";

const claim = `UPDATE task FORCE INDEX (PRIMARY) SET owner = ?, claimed_until = NOW(6) + INTERVAL ? MICROSECOND,
  attempts = LAST_INSERT_ID(attempts + 1), recheck_requested = FALSE`;

/**
 * Claims tasks that are due, oldest first, in a short transaction of its own, so that any number of replicas may look
 * for work and a task that fails does not block others. It is preceded by a look without a transaction, because most
 * looks find nothing.
 */
export async function claimTasks(
  database: Database,
  kind: string,
  limit: number,
  { instance, claimMs }: ClaimOptions,
): Promise<Task[]> {
  if ((await database.query(`SELECT 1 FROM task WHERE ${isDue} LIMIT 1`, [kind])).length === 0) {
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
      await tx.execute(`${claim} WHERE kind = ? AND id IN (?)`, [owner, claimMs * 1000, kind, ids]);
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
