import { type Command, Redis } from "ioredis";

const apart = new Set<string>();
const transactions = new WeakMap<Redis, string[]>();

/** The part of a key by which a Redis cluster chooses where it is. */
function tagOf(key: string): string {
  return /\{([^}]+)\}/.exec(key)?.[1] ?? key;
}

function note(name: string, keys: readonly string[]): void {
  if (new Set(keys.map(tagOf)).size > 1) {
    apart.add(`${name} of ${keys.slice(0, 3).join(", ")}`);
  }
}

const send = Redis.prototype.sendCommand;

/** Notes the keys of each command of this process, and of the transaction that it is in. */
Redis.prototype.sendCommand = function sendAndNote(this: Redis, command: Command, ...rest) {
  const name = command.name.toLowerCase();
  const keys = command.getKeys().map(String);
  note(name, keys);
  const transaction = transactions.get(this);
  if (name === "multi") {
    transactions.set(this, []);
  } else if (name === "exec" || name === "discard") {
    note("transaction", transaction ?? []);
    transactions.delete(this);
  } else {
    transaction?.push(...keys);
  }
  return send.call(this, command, ...rest);
};

/** Fails if a command named keys that a Redis cluster may have in several places, which it refuses. */
export function requireKeysTogether(): void {
  if (apart.size > 0) {
    throw new Error(`keys without a common {tag}, as a Redis cluster needs:\n${[...apart].join("\n")}`);
  }
}
