/** A violation of one invariant, and how to undo it. `?` is what the first statement finds. */
export interface PlantedViolation {
  readonly invariant: string;
  readonly what: string;
  readonly find: string;
  readonly plant: string;
  readonly repair: string;
}

/** A violation in one column of a table, planted and repaired by the same statement. */
export function update(
  invariant: string,
  what: string,
  find: string,
  table: string,
  id: string,
  [plant, repair]: readonly [string, string],
): PlantedViolation {
  const statement = (set: string) => `UPDATE ${table} SET ${set} WHERE ${id} = ?`;
  return { invariant, what, find, plant: statement(plant), repair: statement(repair) };
}

/** A row that waits for work that no task says. */
export function waitingWithoutTask(
  table: string,
  find: string,
  [waiting, ended]: readonly [string, string],
): PlantedViolation {
  const kind = table.slice(table.indexOf(".") + 1);
  const states = [`state = '${waiting}'`, `state = '${ended}'`] as const;
  return update(
    `I10 tasks of ${kind}`,
    `a ${kind} that waits without a task`,
    find,
    table,
    `${kind}_id`,
    states,
  );
}
