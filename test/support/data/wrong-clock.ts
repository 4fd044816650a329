/** Runs work while the clock of this process is off. */
export async function withClockOff<T>(offsetMs: number, work: () => T | Promise<T>): Promise<T> {
  const { now } = Date;
  Date.now = () => now() + offsetMs;
  try {
    return await work();
  } finally {
    Date.now = now;
  }
}
