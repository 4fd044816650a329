import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { events } from "#kit/contract/contracts.ts";
import { publisherOf, subscribersOf, topicOf } from "#kit/contract/event.ts";
import { printConfig } from "#ops/config.ts";
import { circlesIn, deadExportsIn, importsOf } from "./support/tidy/imports.ts";
import { documents, root, type Source, sources, topLevel } from "./support/tidy/sources.ts";
import { bannedWordsIn } from "./support/tidy/vocabulary.ts";

const maxCodeLines = 200;
const maxTestLines = 300;
const maxColumns = 120;

// The only files that may read the environment of the process.
const environmentReaders = [
  /^kit\/process\/(failpoint|telemetry)\.ts$/,
  /^services\/main\.ts$/,
  /^(gateway|gateway\/site|k8s)\/main\.ts$/,
  /^(ops|dev|test|bench)\//,
];

const topLevelNames: ReadonlySet<string> = new Set([
  ...[".ci", ".gitignore", ".npmrc", "biome.json", "buf.gen.yaml", "buf.yaml", "tsconfig.json"],
  ...["package.json", "package-lock.json"],
  ...["CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "NOTICE", "README.md", "SECURITY.md"],
  ...["bench", "dev", "docs", "gateway", "gen", "k8s", "kit", "ops", "proto", "services", "test"],
]);

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

  it("stand in folders that are known, and tests where they are run", () => {
    expect([...topLevel].filter(name => !topLevelNames.has(name))).to.deep.equal([]);
    const lost = offenders(({ path }) => path.endsWith(".test.ts") && !/^(services|test)\//.test(path));
    expect(lost).to.deep.equal([]);
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
        .filter(target => !isCorrectlySpelled(path, target))
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

  it("are listed once each in docs/README.md, to which both entry pages link", () => {
    const pages = documents.filter(
      ({ path }) => /^docs\/[\w-]+\.md$/.test(path) && path !== "docs/README.md",
    );
    const index = readFileSync(join(root, "docs/README.md"), "utf8");
    const listed = [...index.matchAll(/^\| \[([\w-]+)\]\(\1\.md\) \| /gm)].map(
      ([, name]) => `docs/${name}.md`,
    );
    expect(listed.toSorted()).to.deep.equal(pages.map(({ path }) => path).toSorted());
    for (const page of ["README.md", "CONTRIBUTING.md"]) {
      expect(readFileSync(join(root, page), "utf8"), page).to.include("(docs/README.md)");
    }
  });

  it("list the variables of the configuration, as `npm run config` prints them", async () => {
    expect(readFileSync(join(root, "docs/configuration.md"), "utf8")).to.equal(await printConfig([]));
  });

  it("name tests that exist", () => {
    const { text = "" } = documents.find(({ path }) => path === "SECURITY.md") ?? {};
    const named = [...text.matchAll(/`((?:services|test)\/\S+\.test\.ts)`: ([^|]+?)(?=; `| \|)/g)];
    expect(named).not.to.have.length(0);
    const missing = named.filter(([, path = "", title = ""]) => {
      const file = join(root, path);
      return !existsSync(file) || !readFileSync(file, "utf8").includes(title);
    });
    expect(missing.map(([name]) => name)).to.deep.equal([]);
    expect(text.match(/\.test\.ts`/g)).to.have.length(named.length);
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
    const written = pages.filter(({ path }) => path.startsWith("docs/") && path !== "docs/configuration.md");
    const long = written.filter(({ lines }) => lines.length > 130);
    expect(long.map(({ path }) => path)).to.deep.equal([]);
  });
});

/** A unit is a service's folder, or a top-level folder. */
function unitOf(path: string): string {
  return (/^services\/\w+(?=\/)/.exec(path) ?? /^\w+/.exec(path))?.[0] ?? path;
}

function isCorrectlySpelled(path: string, target: string): boolean {
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
