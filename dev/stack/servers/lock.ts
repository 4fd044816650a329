import { createHash } from "node:crypto";
import { rmSync } from "node:fs";
import { connect, createServer, type ListenOptions } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

const pollMs = 100;

interface Lock {
  release(): Promise<void>;
}

/**
 * Takes a lock on this machine; undefined if another process holds it. The lock is a listening socket, so the
 * operating system releases it when its holder dies.
 */
export async function tryLock(name: string): Promise<Lock | undefined> {
  const path = socketPath(name);
  const lock = await tryListen({ path });
  if (lock || path.startsWith("\0") || (await answers(path))) {
    return lock;
  }
  rmSync(path, { force: true });
  return tryListen({ path });
}

/** Runs the action while holding the lock; waits at most `withinMs` for the lock. */
export async function withLock<T>(name: string, withinMs: number, action: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const lock = await tryLock(name);
    if (lock) {
      return action().finally(() => lock.release());
    }
    if (Date.now() > deadline) {
      throw new Error(`Another process has held the lock "${name}" for too long.`);
    }
    await delay(pollMs);
  }
}

/** Listens; undefined if the address is in use. The listener does not keep the process alive. */
export function tryListen(options: ListenOptions): Promise<Lock | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<Lock | undefined>();
  const server = createServer(socket => socket.destroy());
  server.unref();
  server.once("error", (error: NodeJS.ErrnoException) =>
    error.code === "EADDRINUSE" || error.code === "EACCES" ? resolve(undefined) : reject(error),
  );
  server.listen(options, () => resolve({ release: () => new Promise(done => server.close(() => done())) }));
  return promise;
}

/** On Linux a socket name outside the file system, which needs no cleanup; elsewhere a file. */
function socketPath(name: string): string {
  const id = `questioncloud-${createHash("sha256").update(name).digest("hex").slice(0, 24)}`;
  return process.platform === "linux" ? `\0${id}` : join(tmpdir(), `${id}.sock`);
}

function answers(path: string): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(path, () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
