import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { temporaryDirectory } from "./context.ts";

export type Target = { uri: string; stop(): Promise<void> };

/** A real MongoDB, if there is one: `MONGODB_URI`, or a private mongod. */
export function realServer(): (() => Promise<Target>) | undefined {
  const uri = process.env.MONGODB_URI;
  if (uri !== undefined) {
    return async () => ({ uri, stop: async () => {} });
  }
  if (spawnSync("mongod", ["--version"]).status !== 0) {
    return undefined;
  }
  return async () => {
    const port = await freePort();
    const child = spawn("mongod", ["--dbpath", await temporaryDirectory(), "--port", String(port)], {
      stdio: "ignore",
    });
    return {
      uri: `mongodb://127.0.0.1:${port}`,
      stop: async () => void (child.kill("SIGTERM") && (await once(child, "exit"))),
    };
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  await new Promise(resolve => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}
