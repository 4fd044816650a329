const MAX_ORDERS = 10_000;
const MAX_CALLS_PER_ORDER = 200;

export interface LoggedCall {
  call: "confirm" | "find" | "cancel";
  idempotencyKey: string | undefined;
  replayed: boolean;
}

export interface CallLog {
  add(orderId: string, call: LoggedCall): void;
  of(orderId: string): LoggedCall[];
}

/** Which calls reached the gateway for an order, oldest first; lets a test see what a client really sent. */
export function createCallLog(): CallLog {
  const calls = new Map<string, LoggedCall[]>();
  return {
    add(orderId, call) {
      const oldest = calls.keys().next().value;
      if (!calls.has(orderId) && calls.size >= MAX_ORDERS && oldest !== undefined) calls.delete(oldest);
      calls.set(orderId, [...(calls.get(orderId) ?? []), call].slice(-MAX_CALLS_PER_ORDER));
    },
    of: orderId => calls.get(orderId) ?? [],
  };
}
