/** A call of one operation of the OpenAPI document. */
export interface Call {
  /** The operation id in lower case without signs, which is what all generators leave of it. */
  readonly operation: string;
  /** Empty for a call without a token. */
  readonly token: string;
  /** The body of a POST; the parameters of a GET. */
  readonly arguments: object;
}

/** What a generated client returned. */
export interface Outcome {
  readonly operation: string;
  readonly status: number;
  /** The answer or the refusal, as the type that the client has for it, in JSON again; null if it has none. */
  readonly parsed: unknown;
}

/** A generator of clients for one language. */
export interface Language {
  readonly name: string;
  /** Why this machine cannot run it; undefined if it can. */
  missing(): string | undefined;
  /** Generates a client in an empty folder; rejects with what the generator does not understand. */
  generate(documentFile: string, dir: string): Promise<void>;
  /** Makes calls through the client. Operations that it does not have are left out. */
  call(dir: string, baseUrl: string, calls: readonly Call[]): Promise<Outcome[]>;
}
