import { createProgressLog } from "#dev/stack/progress.ts";
import { readEnvoyOptions } from "#gateway/config.ts";
import { UsageError } from "#ops/command-line.ts";
import { renderTranslated } from "./bootstrap.ts";
import { buildProgram, type Environment, findProgram, programNames } from "./programs.ts";

/** `npm run k8s -- gateway-api build|translate`. */
export async function gatewayApiCommand(args: readonly string[], env: Environment): Promise<number> {
  const [action, ...rest] = args;
  if (rest.length > 0) {
    throw new UsageError(`not understood: ${rest[0]}`);
  }
  switch (action) {
    case "build":
      return build(env);
    case "translate":
      return print(env);
    default:
      throw new UsageError(`not understood: gateway-api ${action ?? ""}`);
  }
}

async function build(env: Environment): Promise<number> {
  const { log, end } = createProgressLog();
  for (const name of programNames) {
    await buildProgram(name, env, log);
  }
  end();
  process.stdout.write("The translator and the controller are built.\n");
  return 0;
}

async function print(env: Environment): Promise<number> {
  const program = findProgram("egctl", env);
  if (program === undefined) {
    process.stderr.write("No translator is built here; npm run k8s -- gateway-api build builds one.\n");
    return 1;
  }
  process.stdout.write(`${await renderTranslated(program, readEnvoyOptions(env))}\n`);
  return 0;
}
