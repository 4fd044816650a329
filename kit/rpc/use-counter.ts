import type { Redis } from "ioredis";

/** Counts uses of keys in Redis, each key within a time that starts at its first use. */
interface UseCounter {
  /** Counts one use; returns for how many milliseconds the key has none left, 0 where it had. */
  count(key: string): Promise<number>;
  /** Takes one use back, if its time has not ended. */
  giveBack(key: string): Promise<void>;
}

interface UseCounterOptions {
  readonly prefix: string;
  readonly uses: number;
  readonly seconds: number;
}

// ARGV: uses, seconds. Replies for each key with the milliseconds for which it has no use left.
const countScript = `
local waits = {}
for index, key in ipairs(KEYS) do
  local used = redis.call("INCR", key)
  if used == 1 then
    redis.call("EXPIRE", key, ARGV[2])
  end
  waits[index] = 0
  if used > tonumber(ARGV[1]) then
    waits[index] = math.max(1, redis.call("PTTL", key))
  end
end
return waits`;

const giveBackScript = `
if redis.call("EXISTS", KEYS[1]) == 1 then
  redis.call("DECR", KEYS[1])
end`;

// So that one script does not keep other commands waiting.
const mostKeys = 500;

interface WaitingUse {
  readonly key: string;
  readonly resolve: (waitMs: number) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Creates a counter. Uses at the same time share one command: most of its cost is not the counting. The keys share a
 * hash tag, without which a Redis cluster refuses that.
 */
export function createUseCounter(redis: Redis, { prefix, uses, seconds }: UseCounterOptions): UseCounter {
  redis.defineCommand("countUses", { lua: countScript });
  redis.defineCommand("giveBackUse", { lua: giveBackScript, numberOfKeys: 1 });
  const commands = redis as Redis & {
    countUses(keys: number, ...args: (string | number)[]): Promise<number[]>;
    giveBackUse(key: string): Promise<void>;
  };
  const nameOf = (key: string) => `{${prefix}}:${key}`;
  let waiting: WaitingUse[] = [];

  async function flush(): Promise<void> {
    const batch = waiting;
    waiting = [];
    const keys = batch.map(({ key }) => key);
    try {
      const waits = await commands.countUses(keys.length, ...keys, uses, seconds);
      batch.forEach((use, index) => {
        use.resolve(waits[index] ?? 0);
      });
    } catch (error) {
      for (const use of batch) {
        use.reject(error);
      }
    }
  }

  return {
    count: key =>
      new Promise((resolve, reject) => {
        const length = waiting.push({ key: nameOf(key), resolve, reject });
        if (length === 1) {
          setImmediate(flushWaiting);
        } else if (length === mostKeys) {
          void flush();
        }
      }),
    giveBack: key => commands.giveBackUse(nameOf(key)),
  };

  function flushWaiting(): void {
    if (waiting.length > 0) {
      void flush();
    }
  }
}
