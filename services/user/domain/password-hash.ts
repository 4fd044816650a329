import { parseOptions } from "@node-rs/argon2";

/** The cost of an argon2id hash today. */
export const hashCost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** True where a hash was created with other parameters than today's. */
export function isOutdated(passwordHash: string): boolean {
  const { memoryCost, timeCost, parallelism } = parseOptions(passwordHash);
  return (
    !passwordHash.startsWith("$argon2id$v=19$") ||
    memoryCost !== hashCost.memoryCost ||
    timeCost !== hashCost.timeCost ||
    parallelism !== hashCost.parallelism
  );
}
