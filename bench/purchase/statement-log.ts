import { connectAdmin } from "#dev/stack/servers/mariadb-schemas.ts";

/** A statement as the server received it. */
export interface LoggedStatement {
  readonly service: string;
  /** The beginning of its text, without values; ends with COMMIT where it commits. */
  readonly text: string;
  /** Milliseconds since the epoch, by the clock of the server, which is this machine's. */
  readonly timeMs: number;
}

/** Everything that a MariaDB receives from services while it is on. */
export interface StatementLog {
  start(): Promise<void>;
  /** Ends the recording and returns what was recorded. */
  stop(): Promise<LoggedStatement[]>;
  /** Bytes that the server has received and sent, all connections together. */
  bytes(): Promise<number>;
  close(): Promise<void>;
}

/** Opens the general log of a server, by a connection of an administrator. */
export async function openStatementLog(adminUrl: string, services: readonly string[]): Promise<StatementLog> {
  const admin = await connectAdmin(adminUrl);
  await admin.query("SET GLOBAL log_output = 'TABLE'");
  return {
    async start() {
      await admin.query("TRUNCATE TABLE mysql.general_log");
      await admin.query("SET GLOBAL general_log = 1");
    },
    async stop() {
      await admin.query("SET GLOBAL general_log = 0");
      const rows: { user: string; thread: bigint; text: string; timeMs: string }[] = await admin.query(
        `SELECT SUBSTRING_INDEX(user_host, '[', 1) AS user, thread_id AS thread,
           CONVERT(argument USING utf8mb4) AS text, CAST(UNIX_TIMESTAMP(event_time) * 1000 AS DOUBLE) AS timeMs
          FROM mysql.general_log WHERE command_type IN ('Query', 'Execute') ORDER BY event_time`,
      );
      const commits = createCommitFinder();
      return rows
        .filter(({ user }) => services.includes(user))
        .map(({ user, thread, text, timeMs }) => ({
          service: user,
          text: `${withoutValues(text)}${commits(thread, text) ? " … COMMIT" : ""}`,
          timeMs: Number(timeMs),
        }));
    },
    async bytes() {
      const rows: { Value: string }[] = await admin.query(
        "SHOW GLOBAL STATUS WHERE variable_name IN ('Bytes_received', 'Bytes_sent')",
      );
      return rows.reduce((sum, { Value }) => sum + Number(Value), 0);
    },
    close: () => admin.end(),
  };
}

/** Says of each statement of the log, in order, whether it commits: by a COMMIT in it, or a write in no transaction. */
function createCommitFinder(): (thread: bigint, text: string) => boolean {
  const open = new Set<bigint>();
  return (thread, text) => {
    const isCommit = /\bCOMMIT\b/.test(text);
    if (isCommit || /^ROLLBACK\b/.test(text)) {
      open.delete(thread);
    } else if (/\bSTART TRANSACTION\b/.test(text)) {
      open.add(thread);
    }
    return isCommit || (!open.has(thread) && write.test(text));
  };
}

const write = /^\s*(SET STATEMENT .*? FOR )?(INSERT|UPDATE|DELETE|REPLACE)\b/;
const shownCharacters = 90;

function withoutValues(text: string): string {
  return text
    .replace(/\s+/g, " ")
    .replace(/_?(?:binary|utf8mb4)?'(?:[^'\\]|\\.|'')*'/g, "?")
    .replace(/\b\d+\b/g, "?")
    .replace(/\?(?:, ?\?)+/g, "?, …")
    .slice(0, shownCharacters)
    .trim();
}
