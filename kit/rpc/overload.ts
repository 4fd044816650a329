/** What calls wait for. */
type WaitsFor = "event_loop" | "connection";

interface OverloadOptions {
  readonly maxWaitMs: number;
  readonly connectionWaitedMs: () => number;
}

/** A call that arrives. */
interface ArrivingCall {
  readonly isInternal: boolean;
  /** The calls that are in flight, and the public ones among them. */
  readonly inFlight: number;
  readonly publicInFlight: number;
}

/** Tells whether the calls of a service wait too long. */
interface Overload {
  /** To be called for each call that arrives. Returns why it is refused: what calls have waited for, for a while. */
  noteCall(call: ArrivingCall): WaitsFor | undefined;
}

// What other services ask for belongs to calls that have started: new work is refused first.
const internalPatience = 4;
// So few do not wait because of each other.
const fewestCalls = 10;
const beatMs = 10;
// A burst is worked off, and a long collection of garbage is over, before this.
const standsAfterMs = 100;
const standsAfterBeats = 3;

/**
 * Watches how late a timer is, which is how long a call waits for its turn, and how long the longest waits for a
 * connection. What counts is a queue that stands: one that was not empty for a tenth of a second, however fast it moves
 * (Controlled Delay). From then on as many public calls are admitted as do not wait long. The timer runs while calls
 * arrive or wait.
 */
export function createOverload({ maxWaitMs, connectionWaitedMs }: OverloadOptions): Overload {
  const eventLoop = createQueue();
  const connection = createQueue();
  const limit = createLimit(maxWaitMs);
  let isBeating = false;
  let hasCalls = false;
  let dueMs = 0;
  let lateMs = 0;
  const beat = () => {
    const nowMs = performance.now();
    lateMs = nowMs - dueMs;
    eventLoop.note(lateMs < maxWaitMs / 4, nowMs);
    connection.note(connectionWaitedMs() === 0, nowMs);
    limit.adjust(Math.max(lateMs, connectionWaitedMs()), nowMs);
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
  const standing = (nowMs: number, limitMs: number): WaitsFor | undefined => {
    if (eventLoop.stands(nowMs) && Math.max(lateMs, nowMs - dueMs) > limitMs) {
      return "event_loop";
    }
    return connection.stands(nowMs) && connectionWaitedMs() > limitMs ? "connection" : undefined;
  };
  return {
    noteCall({ isInternal, inFlight, publicInFlight }) {
      hasCalls = true;
      const nowMs = performance.now();
      if (!isBeating) {
        isBeating = true;
        lateMs = 0;
        eventLoop.note(true, nowMs);
        connection.note(true, nowMs);
        limit.adjust(0, nowMs);
        schedule(nowMs);
      }
      if (isInternal) {
        return inFlight < fewestCalls ? undefined : standing(nowMs, maxWaitMs * internalPatience);
      }
      const waitsFor = standing(nowMs, maxWaitMs);
      if (waitsFor !== undefined) {
        limit.lower(publicInFlight, waitsFor);
      }
      return limit.check(publicInFlight, nowMs);
    },
  };
}

/**
 * Limits public calls in flight: to half of them while a queue stands, then to one more at each beat while they wait
 * for less than half of what they may, and to a tenth less where they wait longer. Ends when none was refused for a
 * while.
 */
function createLimit(maxWaitMs: number) {
  const liftAfterMs = maxWaitMs * 20;
  let calls = Number.POSITIVE_INFINITY;
  let waitsFor: WaitsFor = "event_loop";
  let refusedMs = 0;
  return {
    lower(inFlight: number, by: WaitsFor) {
      calls = Math.min(calls, Math.max(fewestCalls, inFlight / 2));
      waitsFor = by;
    },
    adjust(waitMs: number, nowMs: number) {
      if (nowMs - refusedMs > liftAfterMs) {
        calls = Number.POSITIVE_INFINITY;
      } else {
        calls = waitMs < maxWaitMs / 2 ? calls + 1 : Math.max(fewestCalls, calls * 0.9);
      }
    },
    check(inFlight: number, nowMs: number): WaitsFor | undefined {
      if (inFlight < calls) {
        return undefined;
      }
      refusedMs = nowMs;
      return waitsFor;
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
