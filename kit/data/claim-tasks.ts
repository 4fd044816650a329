import type { Database } from "#kit/data/database.ts";
import { type ClaimOptions, nextOwner, type Task } from "#kit/data/tasks.ts";

const isDue = "kind = ? AND due_time <= NOW(6) AND (claimed_until IS NULL OR claimed_until <= NOW(6))";

const claim = `UPDATE task FORCE INDEX (PRIMARY) SET owner = ?, claimed_until = NOW(6) + INTERVAL ? MICROSECOND,
  attempts = LAST_INSERT_ID(attempts + 1), recheck_requested = FALSE`;

type DueTask = Pick<Task, "id" | "attempts">;

/**
 * Claims tasks that are due, oldest first, so that any number of replicas may look for work and a task that fails does
 * not block others. A transaction is needed only where replicas claim at the same time.
 */
export async function claimTasks(
  database: Database,
  kind: string,
  limit: number,
  { instance, claimMs }: ClaimOptions,
): Promise<Task[]> {
  const due = await database.query<DueTask>(
    `SELECT id, attempts FROM task WHERE ${isDue} ORDER BY due_time LIMIT ?`,
    [kind, limit],
  );
  if (due.length === 0) {
    return [];
  }
  const owner = nextOwner(instance);
  const ids = due.map(({ id }) => id);
  const { affectedRows } = await database.execute(`${claim} WHERE ${isDue} AND id IN (?)`, [
    owner,
    claimMs * 1000,
    kind,
    ids,
  ]);
  const toTask = ({ id, attempts }: DueTask) => ({ kind, id, owner, attempts: attempts + 1, claimMs });
  if (affectedRows === due.length) {
    return due.map(toTask);
  }
  // Other replicas have claimed the rest.
  const own = await database.query<{ id: string }>(
    "SELECT id FROM task WHERE kind = ? AND id IN (?) AND owner = ?",
    [kind, ids, owner],
  );
  const isOwn = new Set(own.map(({ id }) => id));
  const others = await claimUnlocked(database, kind, limit - own.length, { owner, claimMs });
  return [...due.filter(({ id }) => isOwn.has(id)), ...others].map(toTask);
}

/** Claims due tasks past those that others are claiming. */
function claimUnlocked(
  database: Database,
  kind: string,
  limit: number,
  { owner, claimMs }: { readonly owner: string; readonly claimMs: number },
): Promise<DueTask[]> {
  return database.transaction(async tx => {
    const due = await tx.query<DueTask>(
      `SELECT id, attempts FROM task WHERE ${isDue} ORDER BY due_time LIMIT ? FOR UPDATE SKIP LOCKED`,
      [kind, limit],
    );
    if (due.length > 0) {
      const ids = due.map(({ id }) => id);
      await tx.execute(`${claim} WHERE kind = ? AND id IN (?)`, [owner, claimMs * 1000, kind, ids]);
    }
    return due;
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
