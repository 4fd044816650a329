import type { Variable } from "#kit/process/config.ts";

/** Two durations that contradict each other where the first is longer than the second. */
export interface Rule {
  readonly shorter: Variable<number>;
  readonly longer: Variable<number>;
}

/** Requires that a duration is not longer than another; their names say their units. */
export function notLonger(shorter: Variable<number>, longer: Variable<number>): Rule {
  return { shorter, longer };
}

/** True where the values that `read` returns break a rule. */
export function isBroken({ shorter, longer }: Rule, read: (duration: Variable<number>) => number): boolean {
  return read(shorter) * unitMs(shorter) > read(longer) * unitMs(longer);
}

const unitsMs: Readonly<Record<string, number>> = { MS: 1, SECONDS: 1000, DAYS: 86_400_000 };

function unitMs({ name }: Variable<number>): number {
  const unit = unitsMs[name.replace(/.*_/, "")];
  if (unit === undefined) {
    throw new TypeError(`the name of ${name} does not end with a unit of time`);
  }
  return unit;
}
