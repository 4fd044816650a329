import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { ReasonSchema } from "#gen/questioncloud/common/v1/reason_pb.ts";
import {
  calleesOf,
  events,
  protoServices,
  protoServicesOf,
  serversOf,
  serviceNames,
} from "#kit/contract/contracts.ts";
import { publisherOf, subscribersOf, topicOf } from "#kit/contract/event.ts";
import { policyOf } from "#kit/contract/policy.ts";
import { refusalsOf } from "./support/rpc/contract-comments.ts";
import { circlesIn, deadExportsIn, importsOf } from "./support/tidy/imports.ts";
import { documents, root, type Source, sources } from "./support/tidy/sources.ts";
import { bannedWordsIn } from "./support/tidy/vocabulary.ts";

const maxCodeLines = 200;
const maxTestLines = 300;
const maxColumns = 120;

// The only files that may read the environment of the process.
const environmentReaders = [
  /^kit\/process\/(failpoint|telemetry)\.ts$/,
  /^services\/main\.ts$/,
  /^gateway\/(main|site\/main)\.ts$/,
  /^(ops|dev|test|bench)\//,
];

const offenders = (test: (source: Source) => boolean) => sources.filter(test).map(({ path }) => path);

describe("the sources", () => {
  it("keep files short", () => {
    const limitOf = (path: string) => (path.endsWith(".test.ts") ? maxTestLines : maxCodeLines);
    const long = sources.filter(({ path, lines }) => lines.length > limitOf(path));
    expect(long.map(({ path, lines }) => `${path}: ${lines.length} lines`)).to.deep.equal([]);
  });

  it("keep lines short, comments and SQL included", () => {
    const wide = [...sources, ...documents.filter(({ path }) => /\.(sql|js)$/.test(path))].flatMap(
      ({ path, lines }) =>
        lines.flatMap((line, index) => (line.length > maxColumns ? [`${path}:${index + 1}`] : [])),
    );
    expect(wide).to.deep.equal([]);
  });

  it("use the words of the field", () => {
    const banned = [...sources, ...documents].flatMap(bannedWordsIn);
    expect(banned).to.deep.equal([]);
  });

  it("have names that say something", () => {
    const vague = /(^|[/-])(utils?|helpers?|managers?|common|misc)([.-]|$)/;
    expect(offenders(({ path }) => vague.test(path))).to.deep.equal([]);
  });

  it("leave no marks behind", () => {
    const marks = [
      /\b(TODO|FIXME|XXX)\b|\b(it|describe)\.(only|skip)\(/,
      /@ts-(ignore|nocheck|expect-error)|biome-ignore|: any\b|as any\b/,
    ];
    const isMarked = ({ path, text }: Source) =>
      path !== "test/tidy.test.ts" && marks.some(mark => mark.test(text));
    expect(offenders(isMarked)).to.deep.equal([]);
  });

  it("read the environment at the edges only", () => {
    const reads = ({ path, text }: Source) =>
      /process\.env/.test(text) && !environmentReaders.some(reader => reader.test(path));
    expect(offenders(reads)).to.deep.equal([]);
  });

  it("export nothing that no other file imports", () => {
    expect(deadExportsIn(sources)).to.deep.equal([]);
  });

  it("import by alias across units and by path within one", () => {
    const wrong = sources.flatMap(({ path, text }) =>
      importsOf(text)
        .filter(target => !isRightlySpelled(path, target))
        .map(target => `${path} -> ${target}`),
    );
    expect(wrong).to.deep.equal([]);
  });

  it("import downwards", () => {
    const wrong = sources.flatMap(({ path, text }) =>
      importsOf(text)
        .filter(target => !mayImport(path, target))
        .map(target => `${path} -> ${target}`),
    );
    expect(wrong).to.deep.equal([]);
  });

  it("form no circle between the folders of the kit", () => {
    const folderOf = (path: string) => /^kit\/\w+/.exec(path)?.[0];
    const edges = sources.flatMap(({ path, text }) =>
      importsOf(text).map(target => [folderOf(path), folderOf(target.replace("#", ""))] as const),
    );
    expect(circlesIn(edges)).to.deep.equal([]);
  });

  it("have no domain word in the kit", () => {
    const words =
      /\b(coupons?|questions?|purchases?|wallets?|creators?|charges?|promotions?|entitlements?)\b/i;
    const own = ({ path, text }: Source) =>
      path.startsWith("kit/") &&
      words.test(text.replace(/questioncloud/gi, "").replace(/`[^`\n]*`|"#gen[^"]*"/g, ""));
    expect(offenders(own)).to.deep.equal([]);
  });
});

describe("a service", () => {
  it("has one file per RPC, named like it", () => {
    for (const service of serviceNames) {
      const wanted = protoServicesOf(service)
        .filter(proto => proto.file.proto.package === `questioncloud.${service}.v1`)
        .flatMap(proto => proto.methods.map(method => `${kebab(method.name)}.ts`));
      expect(filesIn(`services/${service}/rpc`), service).to.deep.equal(wanted.sort());
    }
  });

  it("has one file per subscribed event, named like it", () => {
    for (const service of serviceNames) {
      const wanted = events
        .filter(event => subscribersOf(event).includes(service))
        .map(event => `${kebab(event.name)}.ts`);
      expect(filesIn(`services/${service}/subscribers`), service).to.deep.equal(wanted.sort());
    }
  });

  it("has the shape of every other", () => {
    const shape = [
      "README.md",
      "app.ts",
      "config.ts",
      "db",
      "failures.ts",
      "invariants.ts",
      "rpc",
      "service.ts",
    ];
    for (const service of serviceNames) {
      const found = readdirSync(join(root, "services", service));
      expect(
        shape.filter(name => !found.includes(name)),
        service,
      ).to.deep.equal([]);
    }
  });

  it("is in the README, and explains itself in ten lines", () => {
    const folders = readdirSync(join(root, "services"), { withFileTypes: true })
      .filter(entry => entry.isDirectory())
      .map(({ name }) => name);
    const readme = readFileSync(join(root, "README.md"), "utf8");
    const rows = [...readme.matchAll(/^\| \[(\w+)\]\(services\/\w+\//gm)].map(match => match[1] ?? "");
    expect(rows.sort()).to.deep.equal(folders.sort());
    expect([...serviceNames].sort()).to.deep.equal(folders.sort());
    for (const folder of folders) {
      const text = readFileSync(join(root, "services", folder, "README.md"), "utf8");
      expect(text.trim().split("\n").length, folder).to.be.at.most(12);
    }
  });

  it("opens exactly the clients that the contracts allow", () => {
    for (const service of serviceNames) {
      const wired = sources
        .filter(({ path }) => path.startsWith(`services/${service}/`) && !path.endsWith(".test.ts"))
        .flatMap(({ text }) => [...text.matchAll(/\.client\("(\w+)", (\w+)\)/g)])
        .map(([, callee, proto]) => `${callee}: ${proto}`);
      const allowed = protoServices
        .filter(proto => proto.methods.some(method => policyOf(method).callers.includes(service)))
        .flatMap(proto => serversOf(proto).map(callee => `${callee}: ${proto.name}`));
      expect(wired.sort(), service).to.deep.equal(allowed.sort());
    }
  });

  it("calls no service that calls it back, on any way", () => {
    const edges = serviceNames.flatMap(caller => calleesOf(caller).map(callee => [caller, callee] as const));
    expect(circlesIn(edges)).to.deep.equal([]);
  });
});

describe("the contracts", () => {
  const methods = protoServices.flatMap(service => service.methods);

  it("guard every method", () => {
    for (const method of methods) {
      expect(() => policyOf(method), method.toString()).not.to.throw();
    }
  });

  it("name only callers and subscribers that exist", () => {
    const named = [...methods.flatMap(method => policyOf(method).callers), ...events.flatMap(subscribersOf)];
    expect(named.filter(name => !serviceNames.includes(name))).to.deep.equal([]);
  });

  it("name in comments only reasons of the catalog, and every reason of a domain somewhere", () => {
    const known = ReasonSchema.values.map(value => value.name.replace("REASON_", ""));
    const named = new Set(methods.flatMap(refusalsOf));
    expect([...named].filter(reason => !known.includes(reason))).to.deep.equal([]);
    const domain = ReasonSchema.values
      .filter(value => value.number >= 100)
      .map(value => value.name.replace("REASON_", ""));
    expect(domain.filter(reason => !named.has(reason))).to.deep.equal([]);
  });
});

describe("the documents", () => {
  it("list the events of the contracts", () => {
    const page = readFileSync(join(root, "docs/events.md"), "utf8");
    const rows = [...page.matchAll(/^\| `(\w+)` \| (\w+) \| `([\w-]+)` \| ([\w, ]+) \|$/gm)];
    const listed = rows.map(([, name, publisher, topic, subscribers]) => [
      name,
      publisher,
      topic,
      subscribers,
    ]);
    const declared = events.map(event => [
      event.name,
      publisherOf(event),
      topicOf(event),
      subscribersOf(event).toSorted().join(", "),
    ]);
    expect(listed.sort()).to.deep.equal(declared.sort());
  });

  it("are short, and link only to what exists", () => {
    const pages = documents.filter(({ path }) => path.endsWith(".md"));
    const broken = pages.flatMap(({ path, text }) =>
      [...text.matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)]
        .map(match => join(path, "..", match[1] ?? ""))
        .filter(target => !existsSync(join(root, target)))
        .map(target => `${path} -> ${target}`),
    );
    expect(broken).to.deep.equal([]);
    const long = pages.filter(({ path, lines }) => path.startsWith("docs/") && lines.length > 130);
    expect(long.map(({ path }) => path)).to.deep.equal([]);
  });
});

function filesIn(folder: string): string[] {
  return existsSync(join(root, folder))
    ? readdirSync(join(root, folder))
        .filter(name => !name.endsWith(".test.ts"))
        .sort()
    : [];
}

/** A unit is a service's folder, or a top-level folder. */
function unitOf(path: string): string {
  return (/^services\/\w+(?=\/)/.exec(path) ?? /^\w+/.exec(path))?.[0] ?? path;
}

function isRightlySpelled(path: string, target: string): boolean {
  if (target.startsWith("#")) {
    const isOwn = unitOf(target.slice(1)) === unitOf(path);
    return !isOwn || path.startsWith("kit/");
  }
  const file = join(path, "..", target);
  return !target.startsWith(".") || unitOf(file) === unitOf(path) || file.startsWith("node_modules/");
}

const stores = /^(sequelize|mariadb|mongoose|ioredis|redlock|@aws-sdk\/.*)$/;
const kitForRules = /^#kit\/contract\/(failure|transitions)\.ts$/;

/** The kit knows no service, a service no sibling; rules know neither stores nor the kit; RPCs know no store. */
function mayImport(path: string, target: string): boolean {
  if (path.startsWith("kit/")) {
    return !/^#(services|gateway|ops|dev|test)\//.test(target);
  }
  const [, service, layer] = /^services\/(\w+)\/(?:(\w+)\/)?/.exec(path) ?? [];
  if (service === undefined || path.endsWith(".test.ts")) {
    return true;
  }
  if (/^#(services|gateway|ops|dev|test)\//.test(target)) {
    return false;
  }
  if (layer === "domain") {
    return (
      (!stores.test(target) && !/\/db\//.test(target) && !target.startsWith("#kit/")) ||
      kitForRules.test(target)
    );
  }
  if (layer === "rpc" || layer === "subscribers" || layer === "jobs") {
    return !stores.test(target) && target !== "@connectrpc/connect";
  }
  return layer === "db" || !/^(sequelize|mariadb)$/.test(target);
}

function kebab(name: string): string {
  return name.replace(/(?<=[a-z0-9])(?=[A-Z])/g, "-").toLowerCase();
}
