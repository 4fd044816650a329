import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect } from "chai";
import { root } from "#dev/stack/root.ts";

const commands = {
  start: "dev/start.ts",
  demo: "dev/demo.ts",
  call: "dev/call.ts",
  migrate: "ops/migrate.ts",
  topology: "ops/topology.ts",
  events: "ops/events.ts",
  config: "ops/config.ts",
  "verify-invariants": "ops/verify-invariants.ts",
  "recover-charges": "ops/recover-charges.ts",
  "grant-admin": "ops/grant-admin.ts",
  gateway: "gateway/main.ts",
  k8s: "k8s/main.ts",
};

const { PATH, NODE_COMPILE_CACHE } = process.env;
const necessary = { PATH, NODE_COMPILE_CACHE };

describe("commands", () => {
  async function run(command: string, args: readonly string[], env: Record<string, string> = {}) {
    const child = spawn(command, args, { cwd: root, env: { ...necessary, ...env } });
    const [[code], output, errors] = await Promise.all([
      once(child, "close"),
      text(child.stdout),
      text(child.stderr),
    ]);
    return { code: code as number, output, errors };
  }

  const runScript = (file: string, args: readonly string[], env?: Record<string, string>) =>
    run(process.execPath, [join(root, file), ...args], env);

  for (const [name, file] of Object.entries(commands)) {
    it(`${name} says in one line what it does not understand`, async () => {
      const wrong = [["--nonsense"], ["stray", "argument", "too-many"]];
      for (const { code, output, errors } of await Promise.all(wrong.map(args => runScript(file, args)))) {
        expect({ code, output }, errors).to.deep.equal({ code: 2, output: "" });
        expect(errors).to.match(/nonsense|stray|argument|too-many|one e-mail/);
        expect(errors).not.to.match(/^ {4}at |node:internal/m);
      }
    });
  }

  it("say how they are called, whatever part of them is asked", async () => {
    const parts = [
      ["k8s", "node"],
      ["k8s", "roll"],
      ["topology", "apply"],
      ["gateway", "print"],
    ] as const;
    const asked = parts.map(async ([name, part]) => {
      const { code, output, errors } = await runScript(commands[name], [part, "--help"]);
      expect({ code, errors }, part).to.deep.equal({ code: 0, errors: "" });
      expect(output, part).to.match(new RegExp(`npm run ${name}[^]*^ *${part}`, "m"));
    });
    await Promise.all(asked);
  });

  it("start refuses at once a port that is none", async () => {
    const ports = ["abc", "31999"].map(port => runScript(commands.start, ["--port-base", port]));
    for (const { code, errors } of await Promise.all(ports)) {
      expect(code).to.equal(2);
      expect(errors).to.match(/^--port-base must be a whole number from 1024 to \d+\nnpm run start/);
    }
  });

  it("start refuses at once variables that cannot be used, and names all of them", async () => {
    const env = { ENVOY_BIN: "/nowhere/envoy", MARIADB_URL: "localhost", MONGODB_URI: "localhost" };
    const { code, output, errors } = await runScript(commands.start, [], env);
    expect({ code, output }).to.deep.equal({ code: 1, output: "" });
    for (const name of Object.keys(env)) {
      expect(errors).to.match(new RegExp(`^ {2}${name} must `, "m"));
    }
    expect(errors).not.to.include("    at ");
  });

  it("start, demo and call show their usage where nothing is installed", async () => {
    for (const name of ["start", "demo", "call"]) {
      const { code, output } = await run("/bin/sh", [join(root, "dev/run.sh"), name, "--help"], {
        PATH: "/usr/bin:/bin",
      });
      expect(code).to.equal(0);
      expect(output).to.match(new RegExp(`^npm (run )?${name} -- `));
    }
  });
});
