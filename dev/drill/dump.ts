import { spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";

/** Where the server is, and as whom it is dumped. */
export interface Server {
  readonly dumpProgram: string;
  readonly loadProgram: string;
  readonly adminUrl: string;
}

/** Dumps schemas as all of them are at one instant, while others write to them. Returns the file. */
export async function dumpSchemas(server: Server, schemas: readonly string[], dir: string): Promise<string> {
  const file = join(dir, `${schemas.join("-")}.sql`);
  const args = [
    ...connectionArgs(server),
    // One transaction over all schemas: what is in a row of one is in the rows of the others.
    "--single-transaction",
    "--skip-lock-tables",
    "--hex-blob",
    "--add-drop-database",
    "--databases",
    ...schemas,
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
    throw new Error(`${schemas.join(", ")} not dumped: ${problems}`);
  }
  return file;
}

/** Puts the schemas of a dump in place of those that are there. */
export async function loadDump(server: Server, file: string): Promise<void> {
  const input = await open(file);
  try {
    const load = spawn(server.loadProgram, connectionArgs(server), {
      env: environmentOf(server),
      stdio: [input.fd, "ignore", "inherit"],
    });
    const code = await new Promise<number | null>(resolve => load.once("close", resolve));
    if (code !== 0) {
      throw new Error(`${file} was not loaded`);
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
