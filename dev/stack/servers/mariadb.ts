import { execFile, execFileSync } from "node:child_process";
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { findBinary } from "./binary.ts";
import { connectAdmin } from "./mariadb-schemas.ts";
import { startProcess } from "./process.ts";
import { requireBinary } from "./require-binary.ts";
import { storedSecret } from "./secret.ts";
import { type BackingServer, externalServer, localServer, type ServerOptions } from "./server.ts";

const run = promisify(execFile);
const installWithinMs = 120_000;

interface MariadbOptions extends ServerOptions {
  /** More lines for `[mariadbd]`, such as `{ innodb_snapshot_isolation: "ON" }`. */
  settings?: Record<string, string>;
}

/**
 * MariaDB with an administrator's URL: `MARIADB_URL`, or a private instance on loopback whose data stays in
 * `<dir>/mariadb`.
 */
export async function startMariadb(options: MariadbOptions): Promise<BackingServer> {
  const { port, log, env = process.env } = options;
  if (env.MARIADB_URL) {
    return externalServer(env.MARIADB_URL);
  }
  const binaries = await requireMariadb(log, env);
  const dir = join(options.dir, "mariadb");
  mkdirSync(join(dir, "tmp"), { recursive: true, mode: 0o700 });
  const password = storedSecret(join(dir, "password"));
  const configFile = writeConfig(dir, options);
  writeFileSync(join(dir, "init.sql"), initialStatements(password), { mode: 0o600 });
  await createData(binaries.install, dir);
  const url = `mariadb://admin:${password}@127.0.0.1:${port}`;
  const server = await startProcess({
    name: "mariadb",
    command: binaries.server,
    args: [`--defaults-file=${configFile}`],
    dir,
    ready: async () => {
      const connection = await connectAdmin(url);
      await connection.end();
      return true;
    },
    stopWithinMs: 30_000,
    log,
  });
  return localServer(url, server);
}

interface Binaries {
  server: string;
  install: string;
}

/** The programs of MariaDB, which are installed if they are missing and the user is root. */
export function requireMariadb(log: (line: string) => void, env: NodeJS.ProcessEnv): Promise<Binaries> {
  return requireBinary({
    title: "MariaDB",
    find: () => findMariadb(env),
    debianPackages: ["mariadb-server-core", "mariadb-client-core"],
    variable: "MARIADB_URL",
    log,
  });
}

/** Older packages use the names of MySQL's binaries; MySQL itself is not supported. */
function findMariadb(env: NodeJS.ProcessEnv): Binaries | undefined {
  const server = findBinary(["mariadbd", "mysqld"], env);
  const install = findBinary(["mariadb-install-db", "mysql_install_db"], env);
  if (!server || !install || !findBinary(["my_print_defaults"], env)) {
    return undefined;
  }
  const version = execFileSync(server, ["--no-defaults", "--version"], { encoding: "utf8" });
  return version.includes("MariaDB") ? { server, install } : undefined;
}

/**
 * No Unix socket, because its path would be too long in a deep folder. Every commit reaches the disk, as in
 * production. A temporary folder of its own, because an instance that starts removes the temporary files of others.
 */
function writeConfig(dir: string, options: MariadbOptions): string {
  const settings = {
    datadir: `"${join(dir, "data")}"`,
    tmpdir: `"${join(dir, "tmp")}"`,
    init_file: `"${join(dir, "init.sql")}"`,
    pid_file: `"${join(dir, "mariadbd.pid")}"`,
    socket: "",
    port: String(options.port),
    bind_address: "127.0.0.1",
    skip_name_resolve: "ON",
    secure_file_priv: `"${dir}"`,
    default_time_zone: "+00:00",
    character_set_server: "utf8mb4",
    collation_server: "utf8mb4_unicode_ci",
    transaction_isolation: "READ-COMMITTED",
    max_connections: "500",
    innodb_flush_log_at_trx_commit: "1",
    innodb_buffer_pool_size: "256M",
    innodb_buffer_pool_dump_at_shutdown: "OFF",
    innodb_log_file_size: "96M",
    innodb_lock_wait_timeout: "10",
    ...(process.getuid?.() === 0 ? { user: "root" } : {}),
    ...options.settings,
  };
  const file = join(dir, "my.cnf");
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}`);
  writeFileSync(file, ["[mariadbd]", ...lines, ""].join("\n"), { mode: 0o600 });
  return file;
}

/** Every user of the machine can connect to loopback, so accounts without a password are dropped. */
function initialStatements(password: string): string {
  return [
    "DROP USER IF EXISTS 'root'@'127.0.0.1', 'root'@'::1';",
    `CREATE OR REPLACE USER 'admin'@'127.0.0.1' IDENTIFIED BY '${password}';`,
    "GRANT ALL PRIVILEGES ON *.* TO 'admin'@'127.0.0.1' WITH GRANT OPTION;",
    "",
  ].join("\n");
}

/**
 * Created under another name and renamed, so that an interrupted installation is not taken for a complete one.
 * `--force`, because the installer refuses a machine whose host name does not resolve.
 */
async function createData(installer: string, dir: string) {
  const data = join(dir, "data");
  if (existsSync(data)) {
    return;
  }
  const unfinished = join(dir, "data.unfinished");
  rmSync(unfinished, { recursive: true, force: true });
  const args = [
    "--no-defaults",
    // Relative, because the installer does not quote paths; mariadbd changes to the data folder.
    "--datadir=./data.unfinished",
    "--tmpdir=../tmp",
    "--auth-root-authentication-method=normal",
    "--skip-test-db",
    "--force",
    "--skip-name-resolve",
    ...(process.getuid?.() === 0 ? ["--user=root"] : []),
  ];
  await run(installer, args, { cwd: dir, timeout: installWithinMs }).catch(
    (error: { stdout: string; stderr: string }) => {
      throw new Error(
        `MariaDB's data could not be created in ${dir}: ${error.stderr.trim() || error.stdout.trim()}`,
      );
    },
  );
  renameSync(unfinished, data);
}
