import { type ConfigSchema, type Environment, variablesOf } from "#kit/process/config.ts";

/**
 * The environment for the variables of `schema`: that of the process, or, if it has none of the required ones, that of
 * the running local stack. Prints on stderr which of the two it is.
 */
export async function commandEnvironment(schema: ConfigSchema): Promise<Environment> {
  const required = variablesOf(schema).filter(variable => !variable.schema.safeParse(undefined).success);
  const stack = required.some(({ name }) => process.env[name]) ? undefined : await readStackEnvironment();
  if (stack === undefined) {
    process.stderr.write("using the variables of this environment\n");
    return process.env;
  }
  process.stderr.write(`using the local stack at http://127.0.0.1:${stack.GATEWAY_PORT}\n`);
  // The clients of AWS read their credentials from the process.
  return Object.assign(process.env, stack);
}

// Production images have no dev/.
async function readStackEnvironment(): Promise<Environment | undefined> {
  const dev = await import("#dev/stack/running-stack.ts").catch(() => undefined);
  return dev?.runningStackEnvironment();
}
