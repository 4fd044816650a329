// redlock 4 ships no types; these are the parts we use.
declare module "redlock" {
  import type { Redis } from "ioredis";

  interface Lock {
    unlock(): Promise<void>;
  }

  export default class Redlock {
    constructor(clients: Redis[], options: { retryCount: number });
    on(event: "clientError", listener: (error: Error) => void): void;
    lock(resource: string, ttlMs: number): Promise<Lock>;
  }
  export type { Lock };
}
