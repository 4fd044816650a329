import type { CheckOptions } from "#kit/data/invariants.ts";
import type { ConfigSchema, Environment } from "#kit/process/config.ts";
import type { Databases } from "../databases.ts";

export interface JoinOptions extends CheckOptions {
  /** How many days of the PSP's records are compared. */
  readonly pspDays: number;
}

/** The sources of the facts. */
interface Sources {
  readonly databases: Databases;
  /** For stores besides MariaDB. */
  readonly env: Environment;
}

/** Something that always holds between the facts of several services or stores. */
export interface Join {
  readonly name: string;
  /** The services whose facts it needs. */
  readonly services: readonly string[];
  /** The variables that it reads itself. */
  readonly config: ConfigSchema;
  /** Yields one line per violation. Changes nothing. */
  check(sources: Sources, options: JoinOptions): AsyncIterable<string>;
}
