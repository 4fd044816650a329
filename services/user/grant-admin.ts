import { parseArgs } from "node:util";
import { z } from "zod";
import { writeAudit } from "#kit/audit.ts";
import { readConfig } from "#kit/config.ts";
import { createWorkContext } from "#kit/context.ts";
import { createDatabase, type Database } from "#kit/database.ts";
import { normalizeEmail } from "./account-rules.ts";
import { makeAdmin } from "./store/administration.ts";
import { lockAccountByEmail } from "./store/users.ts";

const usage = `Makes a user an operator (role ADMIN). The account must exist and be active.

Usage: node services/user/grant-admin.ts <email>

Environment: USER_DATABASE_URL, as for the user service.
`;
const auditTimeoutMs = 10_000;

type Outcome = "granted" | "granted before" | "unknown" | "not active";

const messages: Readonly<Record<Outcome, string>> = {
  granted:
    "The user is an operator now. New access tokens say so; a session in use follows with its next refresh.",
  "granted before": "The user is an operator already. Nothing was changed.",
  unknown: "There is no account with this e-mail address. Register it first.",
  "not active": "The account is not active: its e-mail address waits for confirmation, or it is banned.",
};

/** Makes the user of an address an operator and writes that to the audit log, as done by the user itself. */
export function grantAdmin(database: Database, email: string): Promise<Outcome> {
  return database.transaction(async tx => {
    const account = await lockAccountByEmail(tx, normalizeEmail(email));
    if (account === undefined) {
      return "unknown";
    }
    const { userId } = account;
    if (account.role === "ADMIN") {
      return "granted before";
    }
    if (!(await makeAdmin(tx, userId))) {
      return "not active";
    }
    const context = createWorkContext({ service: "user", userId, timeoutMs: auditTimeoutMs });
    const detail = { by: "command" };
    await writeAudit(tx, context, { action: "user.grant-admin", subject: userId.toString(), detail });
    return "granted";
  });
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: { help: { type: "boolean", short: "h" } },
    allowPositionals: true,
  });
  const [email] = positionals;
  if (values.help || email === undefined || positionals.length > 1) {
    (values.help ? process.stdout : process.stderr).write(usage);
    return values.help ? 0 : 2;
  }
  const { USER_DATABASE_URL: url } = readConfig(process.env, {
    USER_DATABASE_URL: z.string().regex(/^mariadb:\/\//),
  });
  const database = createDatabase({ url, poolSize: 1 });
  try {
    const outcome = await grantAdmin(database, email);
    const isGranted = outcome === "granted" || outcome === "granted before";
    (isGranted ? process.stdout : process.stderr).write(`${messages[outcome]}\n`);
    return isGranted ? 0 : 1;
  } finally {
    await database.close();
  }
}

if (import.meta.main) {
  process.exitCode = await main().catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  });
}
