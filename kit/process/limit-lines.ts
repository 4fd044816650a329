const linesPerWindow = 20;

/** What a line is about: of lines with the same message and the same one of these, some are left out. */
const subjects = ["method", "job", "queue", "store", "reason"];
/** Fields of lines that an outage repeats for every call. */
const faults = ["err", "cause", "store"];

/** A line that may be written, or left out. */
export interface Line {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly message: string;
}

/** Decides which lines are written. `report` gets a line about those that were left out, once their time is over. */
export type LineLimit = (line: Line, report: (line: Line) => void) => boolean;

/**
 * Bounds what an outage writes: of lines about a fault that are alike, twenty in ten seconds are written, and then one
 * that counts the others.
 */
export function createLineLimit(windowMs = 10_000): LineLimit {
  const written = new Map<string, { lines: number; leftOut: number }>();
  return ({ fields, message }, report) => {
    if (!faults.some(name => name in fields)) {
      return true;
    }
    const about = Object.fromEntries(
      subjects.flatMap(name => (name in fields ? [[name, fields[name]]] : [])),
    );
    const key = `${message} ${Object.values(about).join(" ")}`;
    const known = written.get(key);
    if (known === undefined) {
      const count = { lines: 1, leftOut: 0 };
      written.set(key, count);
      setTimeout(() => {
        written.delete(key);
        if (count.leftOut > 0) {
          report({
            fields: { ...about, line: message, leftOut: count.leftOut },
            message: "similar lines left out",
          });
        }
      }, windowMs).unref();
      return true;
    }
    if (known.lines === linesPerWindow) {
      known.leftOut += 1;
      return false;
    }
    known.lines += 1;
    return true;
  };
}
