const silenceMs = 9000;

/** Tells people who wait about a step. */
export type Log = (line: string) => void;

/** Progress on standard output, for people who wait. */
interface ProgressLog {
  /** Prints a step, with the seconds since the start. */
  readonly log: Log;
  /** Stops reminding; steps can still be printed. */
  end(): void;
}

/** Prints steps, and repeats the last one while it lasts, so that at most ten seconds pass without a line. */
export function createProgressLog(): ProgressLog {
  const startMs = Date.now();
  const print = (line: string) => {
    const seconds = ((Date.now() - startMs) / 1000).toFixed(1).padStart(5);
    process.stdout.write(`${seconds} s  ${line}\n`);
  };
  let last = "Starting";
  const timer = setInterval(() => print(`… ${last}`), silenceMs);
  timer.unref();
  return {
    log(line) {
      last = line;
      timer.refresh();
      print(line);
    },
    end: () => clearInterval(timer),
  };
}
