import { parseArgs } from "node:util";
import {
  type GrantOutcome,
  grantAdmin,
  type RevokeOutcome,
  revokeAdmin,
} from "#services/user/grant-admin.ts";
import { runCommand, UsageError } from "./command-line.ts";
import { databaseConfig, openDatabases } from "./databases.ts";
import { commandEnvironment } from "./environment.ts";

const usage = `npm run grant-admin -- [--revoke] <e-mail>

Makes a user an administrator (role ADMIN). The account must exist and be active.

  --revoke  take the role away instead, at once, and end the sessions

Reads USER_DATABASE_URL; without it the command uses the local stack that is running.
`;

const messages: Readonly<Record<GrantOutcome | RevokeOutcome, string>> = {
  granted: "The user is now an administrator. A session in use learns so with its next refresh.",
  "already an administrator": "The user is already an administrator. Nothing was changed.",
  revoked: "The user is no administrator any more, and every session is ended.",
  "no administrator": "The user is no administrator. Nothing was changed.",
  unknown: "There is no account with this e-mail address. Register it and open the link in the mail first.",
  "not active": "The account is not active: its e-mail address is not confirmed yet, or it is banned.",
};

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: { help: { type: "boolean", short: "h" }, revoke: { type: "boolean", default: false } },
    allowPositionals: true,
  });
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }
  const [email] = positionals;
  if (email === undefined || positionals.length > 1) {
    throw new UsageError("one e-mail address is needed");
  }
  const env = await commandEnvironment(databaseConfig(["user"]));
  const databases = openDatabases(env, ["user"]);
  try {
    const change = values.revoke ? revokeAdmin : grantAdmin;
    const outcome = await databases.use("user", database => change(database, email));
    const failed = outcome === "unknown" || outcome === "not active";
    (failed ? process.stderr : process.stdout).write(`${messages[outcome]}\n`);
    return failed ? 1 : 0;
  } finally {
    await databases.close();
  }
}

if (import.meta.main) {
  await runCommand("grant-admin", main);
}
