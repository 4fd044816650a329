import { execFile, spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Where the server is, and as whom it is dumped. */
export interface Server {
  readonly dumpProgram: string;
  readonly loadProgram: string;
  readonly adminUrl: string;
}

/** Dumps one schema as it is at one instant, while others write to it. Returns the file. */
export async function dumpSchema(server: Server, schema: string, dir: string): Promise<string> {
  const file = join(dir, `${schema}.sql`);
  const args = [
    ...connectionArgs(server),
    "--single-transaction",
    "--skip-lock-tables",
    "--hex-blob",
    schema,
  ];
  const dump = spawn(server.dumpProgram, args, {
    env: environmentOf(server),
    stdio: ["ignore", "pipe", "pipe"],
  });
  let problems = "";
  dump.stderr.on("data", (text: Buffer) => {
    problems += text.toString();
  });
  const ended = new Promise<number | null>(resolve => dump.once("close", resolve));
  await pipeline(dump.stdout, createWriteStream(file));
  if ((await ended) !== 0) {
    throw new Error(`${schema} was not dumped: ${problems}`);
  }
  return file;
}

/** Loads a dump into an empty schema. */
export async function loadSchema(server: Server, schema: string, file: string): Promise<void> {
  const charset = "CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci";
  const recreate = `DROP DATABASE \`${schema}\`; CREATE DATABASE \`${schema}\` ${charset}`;
  await run(server.loadProgram, [...connectionArgs(server), "-e", recreate], { env: environmentOf(server) });
  const input = await open(file);
  try {
    const load = spawn(server.loadProgram, [...connectionArgs(server), schema], {
      env: environmentOf(server),
      stdio: [input.fd, "ignore", "inherit"],
    });
    const code = await new Promise<number | null>(resolve => load.once("close", resolve));
    if (code !== 0) {
      throw new Error(`${schema} was not loaded`);
    }
  } finally {
    await input.close();
  }
}

function connectionArgs({ adminUrl }: Server): string[] {
  const { hostname, port, username } = new URL(adminUrl);
  return ["--no-defaults", `--host=${hostname}`, `--port=${port}`, `--user=${decodeURIComponent(username)}`];
}

/** The password is not among the arguments, which every user of the machine can read. */
function environmentOf({ adminUrl }: Server): NodeJS.ProcessEnv {
  return { ...process.env, MYSQL_PWD: decodeURIComponent(new URL(adminUrl).password) };
}
