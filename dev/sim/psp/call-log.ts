const maxOrders = 10_000;
const maxCallsPerOrder = 200;

export interface LoggedCall {
  call: "confirm" | "find" | "cancel";
  idempotencyKey: string | undefined;
  replayed: boolean;
}

export interface CallLog {
  add(orderId: string, call: LoggedCall): void;
  of(orderId: string): LoggedCall[];
}

/** The calls that reached the PSP for an order, oldest first, so that a test can see what a client really sent. */
export function createCallLog(): CallLog {
  const calls = new Map<string, LoggedCall[]>();
  return {
    add(orderId, call) {
      const oldest = calls.keys().next().value;
      if (!calls.has(orderId) && calls.size >= maxOrders && oldest !== undefined) {
        calls.delete(oldest);
      }
      calls.set(orderId, [...(calls.get(orderId) ?? []), call].slice(-maxCallsPerOrder));
    },
    of: orderId => calls.get(orderId) ?? [],
  };
}
