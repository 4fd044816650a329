import {
  type Config,
  type ConfigSchema,
  type Environment,
  isRules,
  isVariable,
  type Variable,
} from "#kit/process/config.ts";
import { isBroken } from "#kit/process/duration-rules.ts";

/** Thrown with one line per variable that is missing or wrong; never names a value. */
export class ConfigError extends Error {
  constructor(problems: readonly string[]) {
    super(`The environment is not complete:\n${problems.map(problem => `  ${problem}`).join("\n")}`);
    this.name = "ConfigError";
  }
}

/** Reads a tree of variables and reports every problem at once. */
export function readConfig<const S extends ConfigSchema>(env: Environment, schema: S): Config<S> {
  const problems = new Set<string>();
  const values = readTree(env, schema, problems);
  if (problems.size > 0) {
    throw new ConfigError([...problems]);
  }
  return values as Config<S>;
}

function readTree(env: Environment, tree: ConfigSchema, problems: Set<string>): unknown {
  const values: Record<string, unknown> = {};
  for (const [key, node] of Object.entries(tree)) {
    if (isRules(node)) {
      // A value that is wrong by itself is reported where the tree names it.
      const read = (duration: Variable<number>) => Number(readVariable(env, duration, new Set()));
      for (const { shorter, longer } of node.filter(rule => isBroken(rule, read))) {
        problems.add(`${shorter.name} must not be longer than ${longer.name}`);
      }
    } else {
      values[key] = isVariable(node) ? readVariable(env, node, problems) : readTree(env, node, problems);
    }
  }
  return values;
}

function readVariable(env: Environment, { name, schema }: Variable<unknown>, problems: Set<string>): unknown {
  const text = env[name];
  const value = text === "" ? undefined : text;
  const result = schema.safeParse(value);
  if (result.success) {
    return result.data;
  }
  for (const { message } of value === undefined ? [{ message: "is required" }] : result.error.issues) {
    problems.add(`${name} ${message}`);
  }
  return undefined;
}
