import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { hasOption } from "@bufbuild/protobuf";
import { expect } from "chai";
import { contracts, protoServices } from "../gateway/contracts.ts";
import { ReasonSchema } from "../gen/questioncloud/common/v1/reason_pb.ts";
import { event } from "../gen/questioncloud/options/v1/policy_pb.ts";
import { hearersOf } from "../kit/event.ts";
import { policyOf } from "../kit/policy.ts";
import { serviceNames } from "../ops/services.ts";
import { refusalsOf } from "./support/contract-comments.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const maxCodeLines = 200;
const maxTestLines = 300;

// An exception is one line with its reason.
const longFiles: Readonly<Record<string, string>> = {};

// The only files that may read the environment of the process.
const environmentReaders = [
  /^kit\/(failpoint|telemetry|run)\.ts$/,
  /^ops\//,
  /^dev\//,
  /^gateway\/(main|site\/main)\.ts$/,
  /^test\//,
  /^bench\//,
];

const sources = ["kit", "services", "gateway", "dev", "ops", "bench", "test"].flatMap(listSources);

describe("the house", () => {
  it("keeps files short", () => {
    const long = sources.filter(
      ({ path, text }) =>
        !(path in longFiles) &&
        text.split("\n").length - 1 > (path.endsWith(".test.ts") ? maxTestLines : maxCodeLines),
    );
    expect(long.map(({ path, text }) => `${path}: ${text.split("\n").length - 1} lines`)).to.deep.equal([]);
  });

  it("names things for what they are", () => {
    const banned = /(^|[/-])(utils?|helpers?|managers?|common|misc)([.-]|$)/;
    expect(sources.map(({ path }) => path).filter(path => banned.test(path))).to.deep.equal([]);
  });

  it("leaves no marks behind", () => {
    const marks =
      /\b(TODO|FIXME|XXX)\b|@ts-(ignore|nocheck|expect-error)|biome-ignore|\b(it|describe)\.(only|skip)\(|: any\b|as any\b/;
    expect(offenders(({ path, text }) => path !== "test/tidy.test.ts" && marks.test(text))).to.deep.equal([]);
  });

  it("reads the environment at the edges only", () => {
    const reads = offenders(
      ({ path, text }) => /process\.env/.test(text) && !environmentReaders.some(reader => reader.test(path)),
    );
    expect(reads).to.deep.equal(["services/user/grant-admin.ts"].filter(path => reads.includes(path)));
  });

  it("imports downwards", () => {
    const wrong = sources.flatMap(({ path, text }) =>
      importsOf(text)
        .filter(target => !mayImport(path, target))
        .map(target => `${path} -> ${target}`),
    );
    expect(wrong).to.deep.equal([]);
  });

  it("keeps domain words out of the floor", () => {
    const words =
      /\b(coupons?|questions?|purchases?|wallets?|creators?|charges?|promotions?|entitlements?)\b/i;
    const own = ({ path, text }: Source) =>
      path.startsWith("kit/") &&
      words.test(text.replace(/questioncloud/gi, "").replace(/`[^`\n]*`|"#gen[^"]*"/g, ""));
    expect(offenders(own)).to.deep.equal([]);
  });

  it("has one file per RPC, named like it", () => {
    for (const service of serviceNames) {
      const wanted = protoServices
        .filter(proto => proto.typeName.startsWith(`questioncloud.${service}.`))
        .flatMap(proto => proto.methods.map(method => `${kebab(method.name)}.ts`));
      expect(filesIn(`services/${service}/rpc`), service).to.deep.equal(wanted.sort());
    }
  });

  it("has one file per event heard, named like it", () => {
    const events = [...contracts.files]
      .flatMap(file => file.messages)
      .filter(message => hasOption(message, event));
    for (const service of serviceNames) {
      const wanted = events
        .filter(message => hearersOf(message).includes(service))
        .map(message => `${kebab(message.name)}.ts`);
      expect(filesIn(`services/${service}/consumers`), service).to.deep.equal(wanted.sort());
    }
  });

  it("shows every service in the README, and every service explains itself in ten lines", () => {
    const folders = readdirSync(join(root, "services")).filter(name => name !== "all");
    const readme = readFileSync(join(root, "README.md"), "utf8");
    const rows = [...readme.matchAll(/^\| \[(\w+)\]\(services\/\w+\//gm)].map(match => match[1] ?? "");
    expect(rows.sort()).to.deep.equal(folders.sort());
    expect([...serviceNames].sort()).to.deep.equal(folders.sort());
    for (const folder of folders) {
      expect(
        readFileSync(join(root, "services", folder, "README.md"), "utf8")
          .trim()
          .split("\n").length,
        folder,
      ).to.be.at.most(12);
    }
  });
});

describe("the contracts", () => {
  const methods = protoServices.flatMap(service => service.methods);

  it("guard every method", () => {
    for (const method of methods) {
      expect(() => policyOf(method), method.toString()).not.to.throw();
    }
  });

  it("name only callers and hearers that exist", () => {
    const named = methods.flatMap(method => policyOf(method).callers);
    const heard = [...contracts.files]
      .flatMap(file => file.messages)
      .filter(message => hasOption(message, event))
      .flatMap(hearersOf);
    expect(
      [...named, ...heard].filter(name => !serviceNames.includes(name as (typeof serviceNames)[number])),
    ).to.deep.equal([]);
  });

  it("allow exactly the neighbours that are wired", () => {
    for (const service of serviceNames) {
      const code = sources.filter(
        ({ path }) => path.startsWith(`services/${service}/`) && !path.endsWith(".test.ts"),
      );
      const wired = code.flatMap(({ text }) =>
        [...text.matchAll(/\.neighbour\("(\w+)", (\w+)\)/g)].map(match => match[2] ?? ""),
      );
      const allowed = protoServices.filter(proto =>
        proto.methods.some(method => policyOf(method).callers.includes(service)),
      );
      expect(wired.sort(), service).to.deep.equal(allowed.map(proto => proto.name).sort());
    }
  });

  it("name in comments only reasons of the catalogue, and every reason of a domain somewhere", () => {
    const known = ReasonSchema.values.map(value => value.name.replace("REASON_", ""));
    const named = new Set(methods.flatMap(refusalsOf));
    expect([...named].filter(reason => !known.includes(reason))).to.deep.equal([]);
    const domain = ReasonSchema.values
      .filter(value => value.number >= 100)
      .map(value => value.name.replace("REASON_", ""));
    expect(domain.filter(reason => !named.has(reason))).to.deep.equal([]);
  });
});

interface Source {
  readonly path: string;
  readonly text: string;
}

function listSources(folder: string): Source[] {
  if (!existsSync(join(root, folder))) {
    return [];
  }
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && entry.name.endsWith(".ts"))
    .map(entry => join(entry.parentPath, entry.name))
    .map(file => ({ path: relative(root, file), text: readFileSync(file, "utf8") }));
}

function offenders(test: (source: Source) => boolean): string[] {
  return sources.filter(test).map(({ path }) => path);
}

function filesIn(folder: string): string[] {
  return existsSync(join(root, folder))
    ? readdirSync(join(root, folder))
        .filter(name => !name.endsWith(".test.ts"))
        .sort()
    : [];
}

function importsOf(text: string): string[] {
  return [...text.matchAll(/(?:from|import\()\s*"([^"]+)"/g)].map(match => match[1] ?? "");
}

const stores = /^(sequelize|mariadb|mongoose|ioredis|redlock|@aws-sdk\/.*)$/;

// Services see the floor and the generated contracts; rules and RPCs see no store, and nobody sees a sibling.
function mayImport(path: string, target: string): boolean {
  if (path.startsWith("kit/")) {
    return !target.startsWith("../") || /^\.\.\/gen/.test(target);
  }
  const service = /^services\/(\w+)\//.exec(path)?.[1];
  if (service === undefined || service === "all" || path.endsWith(".test.ts")) {
    return true;
  }
  if (target.startsWith(".")) {
    return !relative(join("services", service), join(path, "..", target)).startsWith("..");
  }
  if (/\/(rpc|consumers|jobs)\//.test(path)) {
    return !stores.test(target) && target !== "@connectrpc/connect";
  }
  return true;
}

function kebab(name: string): string {
  return name.replace(/(?<=[a-z0-9])(?=[A-Z])/g, "-").toLowerCase();
}
