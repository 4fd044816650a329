/** What calls wait for. */
type WaitsFor = "event_loop" | "connection";

interface OverloadOptions {
  readonly maxWaitMs: number;
  readonly connectionWaitedMs: () => number;
}

/** Tells whether the calls of a service wait too long. */
interface Overload {
  /**
   * To be called for each call that arrives. Returns what it would wait for longer than `patience` times the limit, as
   * calls have done for a while.
   */
  noteCall(patience: number): WaitsFor | undefined;
}

const beatMs = 10;
// A burst is worked off, and a long collection of garbage is over, before this.
const standsAfterMs = 100;
const standsAfterBeats = 3;

/**
 * Watches how late a timer is, which is how long a call waits for its turn, and how long the longest waits for a
 * connection. What counts is a queue that stands: one that was not empty for a tenth of a second, however fast it moves
 * (Controlled Delay). The timer runs while calls arrive or wait.
 */
export function createOverload({ maxWaitMs, connectionWaitedMs }: OverloadOptions): Overload {
  const eventLoop = createQueue();
  const connection = createQueue();
  let isBeating = false;
  let hasCalls = false;
  let dueMs = 0;
  let lateMs = 0;
  const beat = () => {
    const nowMs = performance.now();
    lateMs = nowMs - dueMs;
    eventLoop.note(lateMs < maxWaitMs / 4, nowMs);
    connection.note(connectionWaitedMs() === 0, nowMs);
    isBeating = hasCalls || connectionWaitedMs() > 0;
    hasCalls = false;
    if (isBeating) {
      schedule(nowMs);
    }
  };
  const schedule = (nowMs: number) => {
    dueMs = nowMs + beatMs;
    setTimeout(beat, beatMs).unref();
  };
  return {
    noteCall(patience) {
      hasCalls = true;
      const nowMs = performance.now();
      if (!isBeating) {
        isBeating = true;
        lateMs = 0;
        eventLoop.note(true, nowMs);
        connection.note(true, nowMs);
        schedule(nowMs);
        return undefined;
      }
      const limitMs = maxWaitMs * patience;
      if (eventLoop.stands(nowMs) && Math.max(lateMs, nowMs - dueMs) > limitMs) {
        return "event_loop";
      }
      return connection.stands(nowMs) && connectionWaitedMs() > limitMs ? "connection" : undefined;
    },
  };
}

/** Knows for how long a queue has not been empty. */
function createQueue() {
  let emptyMs = 0;
  let beats = 0;
  return {
    note(isEmpty: boolean, nowMs: number) {
      beats = isEmpty ? 0 : beats + 1;
      emptyMs = isEmpty ? nowMs : emptyMs;
    },
    stands: (nowMs: number) => beats >= standsAfterBeats && nowMs - emptyMs > standsAfterMs,
  };
}
