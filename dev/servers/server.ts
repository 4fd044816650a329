import type { ServerProcess } from "./process.ts";

export interface ServerOptions {
  /** The run's directory; a server keeps its data in a folder of its own name below. */
  dir: string;
  /** A free port on loopback. */
  port: number;
  /** Gets progress for a person to read, one line each. */
  log: (line: string) => void;
  env?: NodeJS.ProcessEnv;
}

/** A backing server, one's own (then without a process) or one that runs below this process. */
export interface BackingServer {
  url: string;
  process: ServerProcess | undefined;
  /** Ends the process; does nothing to a server of one's own. */
  stop(): Promise<void>;
}

export function ownServer(url: string): BackingServer {
  return { url, process: undefined, stop: async () => {} };
}

export function localServer(url: string, process: ServerProcess): BackingServer {
  return { url, process, stop: process.stop };
}
