import type { Queryable } from "#kit/data/database.ts";

/** What is known about the work on a row; undefined where it needs none. */
interface TaskState {
  readonly attempts: number;
  readonly isClaimed: boolean;
  readonly dueTime: Date;
  readonly lastError: string;
}

/** Reads the task of a row. */
export async function findTask(from: Queryable, kind: string, id: string): Promise<TaskState | undefined> {
  const [row] = await from.query<Omit<TaskState, "isClaimed"> & { claimed: bigint | number | null }>(
    "SELECT attempts, claimed_until > NOW(6) AS claimed, due_time, last_error FROM task WHERE kind = ? AND id = ?",
    [kind, id],
  );
  return row && { ...row, isClaimed: Number(row.claimed ?? 0) === 1 };
}
