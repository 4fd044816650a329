import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect } from "chai";
import { serviceNames } from "#kit/contract/contracts.ts";
import { type ConfigSchema, variablesOf } from "#kit/process/config.ts";
import { ConfigError, readConfig } from "#kit/process/read-config.ts";

const main = fileURLToPath(new URL("../../services/main.ts", import.meta.url));
const run = promisify(execFile);

describe("the configuration of a service", () => {
  const schemaOf = async (name: string) =>
    ((await import(`../../services/${name}/config.ts`)) as { config: ConfigSchema }).config;
  const requiredBy = (schema: ConfigSchema) =>
    new Set(
      variablesOf(schema)
        .filter(variable => !variable.schema.safeParse(undefined).success)
        .map(({ name }) => name),
    );
  const missingIn = (printed: string) =>
    [...printed.matchAll(/^ {2}(\w+) is required$/gm)].map(match => match[1]);

  for (const name of serviceNames) {
    it(`of ${name}: an empty environment is answered with every missing variable at once`, async () => {
      const schema = await schemaOf(name);
      expect(() => readConfig({}, schema)).to.throw(ConfigError);
      try {
        readConfig({}, schema);
      } catch (error) {
        expect(missingIn((error as ConfigError).message)).to.have.members([...requiredBy(schema)]);
      }
    });
  }

  it("is read for all services of a process in one go, and a start without it ends with status 1", async () => {
    const env = { PATH: process.env.PATH ?? "" };
    const failed = await run(process.execPath, [main, "all"], { env }).then(
      () => undefined,
      (error: { code: number; stderr: string }) => error,
    );
    expect(failed?.code).to.equal(1);
    const schemas = await Promise.all(serviceNames.map(schemaOf));
    const required = new Set(schemas.flatMap(schema => [...requiredBy(schema)]));
    expect(missingIn(failed?.stderr ?? "")).to.have.members([...required]);
  });

  it("names a wrong value's variable and what would be right, and never the value", async () => {
    const env = { PAY_WORK_MS: "secret", PAY_DATABASE_URL: "mysql://user:secret@host/pay" };
    const schema = await schemaOf("pay");
    expect(() => readConfig(env, schema))
      .to.throw(ConfigError, /PAY_WORK_MS must be a whole number from 100 to 15000/)
      .with.property("message")
      .that.matches(/PAY_DATABASE_URL must be an address that starts with mariadb:\/\//)
      .and.not.includes("secret");
  });

  it("names both variables where durations contradict each other, in whatever unit", async () => {
    const contradictions = {
      pay: [
        ["PAY_WORK_MS", "5000", "PAY_PENDING_LIMIT_MS", "4999"],
        ["PAY_WORK_MS", "12000", "DRAIN_LIMIT_MS", "11999"],
        ["PAY_CLAIM_MS", "5000", "PAY_PENDING_LIMIT_MS", "4999"],
        ["PAY_RESOLVE_BASE_MS", "60001", "PAY_RESOLVE_MAX_MS", "60000"],
      ],
      user: [
        ["USER_MAIL_RETRY_BASE_MS", "5000", "USER_MAIL_RETRY_MAX_MS", "4999"],
        ["USER_SMTP_TIMEOUT_MS", "10000", "DRAIN_LIMIT_MS", "9999"],
        ["USER_REGISTRATION_RESEND_MS", "60001", "USER_REGISTRATION_LIFETIME_SECONDS", "60"],
      ],
      point: [
        ["POINT_RECONCILE_BASE_MS", "5000", "POINT_RECONCILE_MAX_MS", "4999"],
        ["POINT_CONFIRM_WAIT_MS", "25000", "DRAIN_LIMIT_MS", "24999"],
      ],
      question: [["QUESTION_LINK_CACHE_SECONDS", "11", "QUESTION_LINK_LIFETIME_SECONDS", "10"]],
    };
    for (const [service, pairs] of Object.entries(contradictions)) {
      const schema = await schemaOf(service);
      const problemsOf = (env: Record<string, string>) => {
        try {
          readConfig(env, schema);
        } catch (error) {
          return (error as ConfigError).message;
        }
        return "";
      };
      for (const [shorter = "", long = "", longer = "", short = ""] of pairs) {
        const problem = `${shorter} must not be longer than ${longer}`;
        expect(problemsOf({ [shorter]: long, [longer]: short })).to.include(problem);
        expect(problemsOf({})).not.to.include(problem);
      }
    }
  });

  it("declares a variable with one bound, wherever it is used", async () => {
    const declared = new Map<string, string>();
    for (const name of serviceNames) {
      for (const { name: variable, schema } of variablesOf(await schemaOf(name))) {
        const bounds = JSON.stringify(schema.safeParse("-1").error?.issues ?? []);
        expect(declared.get(variable) ?? bounds, variable).to.equal(bounds);
        declared.set(variable, bounds);
      }
    }
  });
});
