const maxAddresses = 1_000;

/** Addresses whose next mails are refused temporarily, for tests of retries. */
export interface Refusals {
  /** Refuses the next `times` attempts to send to the address; 0 stops refusing. */
  set(to: string, times: number): void;
  /** True where this attempt has to be refused; each call counts as an attempt. */
  take(to: string): boolean;
}

export function createRefusals(): Refusals {
  const remaining = new Map<string, number>();
  return {
    set(to, times) {
      remaining.delete(to.toLowerCase());
      if (remaining.size >= maxAddresses) {
        throw new RangeError(`At most ${maxAddresses} addresses can be refused.`);
      }
      if (times > 0) {
        remaining.set(to.toLowerCase(), times);
      }
    },
    take(to) {
      const times = remaining.get(to.toLowerCase()) ?? 0;
      if (times > 1) {
        remaining.set(to.toLowerCase(), times - 1);
      } else {
        remaining.delete(to.toLowerCase());
      }
      return times > 0;
    },
  };
}
