import type { ServerProcess } from "./process.ts";

export interface ServerOptions {
  /** The run's directory; a server stores its data in a folder of its own name in it. */
  dir: string;
  /** A free port on loopback. */
  port: number;
  /** Receives progress for people to read, one line per call. */
  log: (line: string) => void;
  env?: NodeJS.ProcessEnv;
}

/** A backing server: an external one, without a process, or a child of this process. */
export interface BackingServer {
  url: string;
  process: ServerProcess | undefined;
  /** Stops the process; does nothing to an external server. */
  stop(): Promise<void>;
}

export function externalServer(url: string): BackingServer {
  return { url, process: undefined, stop: async () => {} };
}

export function localServer(url: string, process: ServerProcess): BackingServer {
  return { url, process, stop: process.stop };
}
