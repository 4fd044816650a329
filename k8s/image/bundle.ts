import { cpSync, existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { build, type Plugin } from "esbuild";
import { manifest, root } from "./root.ts";

const packages = join(root, "node_modules");

/** What pods start, by the same paths as in the sources. */
const entryPoints = ["services/main.ts", "gateway/site/main.ts", ...globSync("ops/*.ts", { cwd: root })];

// Read from disk at run time.
const dataFiles = [
  "gen/*.binpb",
  "kit/data/{migrations,tables}/**",
  "services/*/db/migrations/**",
  "gateway/site/assets/**",
];

/** Native code cannot be bundled, and by its license mariadb stays a package that can be replaced. */
const separatePackages = ["@node-rs/argon2", "mariadb"];

// Sequelize names the drivers of other databases and their packages, none of which is installed.
const otherDialects = /^\.\/dialects\/(postgres|mssql|sqlite|db2|snowflake|oracle)$/;

/**
 * Writes what pods run to `folder`: the code of this project and of the packages that it imports as a few JavaScript
 * files, and the files that they read. Every service and command has an entry of its own; what several use is shared.
 */
export async function bundle(folder: string): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  const { outputFiles, metafile } = await build({
    entryPoints,
    absWorkingDir: root,
    outdir: folder,
    outbase: root,
    chunkNames: "chunks/[name]-[hash]",
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node24",
    // Names of classes and functions are read: by packages, and by people in a stack trace.
    keepNames: true,
    legalComments: "linked",
    external: [...separatePackages, "#dev/*", "*-hstore"],
    banner: { js: banner },
    plugins: [ownPaths, unusedCode],
    metafile: true,
    write: false,
    logLevel: "warning",
  });
  for (const { path, contents } of outputFiles) {
    writeTo(path, path.endsWith(".js") ? toAscii(Buffer.from(contents).toString()) : contents);
  }
  for (const file of dataFiles.flatMap(pattern => globSync(pattern, { cwd: root }))) {
    cpSync(join(root, file), join(folder, file), { recursive: true });
  }
  cpSync(join(packages, "grpc-health-check/proto"), join(folder, "gen/grpc-health-check/proto"), {
    recursive: true,
  });
  copyLicenses(Object.keys(metafile.inputs), join(folder, "licenses"));
  for (const each of withDependencies(separatePackages)) {
    cpSync(join(packages, each), join(folder, "node_modules", each), { recursive: true });
  }
  const { name, version, license, type, imports } = manifest;
  writeTo(
    join(folder, "package.json"),
    JSON.stringify({ name, version, license, private: true, type, imports }),
  );
}

/** What is distributed keeps its license. */
function copyLicenses(inputs: readonly string[], folder: string): void {
  const folders = inputs.map(path => /^node_modules\/(.*node_modules\/)?(@[^/]+\/)?[^/]+/.exec(path)?.[0]);
  for (const each of new Set(folders.filter(found => found !== undefined))) {
    for (const file of globSync("{LICEN[CS]E,NOTICE}*", { cwd: join(root, each) })) {
      const target = join(folder, relative("node_modules", each), file);
      cpSync(join(root, each, file), target, { recursive: true });
    }
  }
}

/** The packages and what they depend on, as far as it is installed for this platform. */
function withDependencies(names: readonly string[]): readonly string[] {
  const found = new Set(names);
  for (const name of found) {
    const text = readFileSync(join(packages, name, "package.json"), "utf8");
    const { dependencies = {}, optionalDependencies = {} } = JSON.parse(text) as Record<string, object>;
    for (const each of Object.keys({ ...dependencies, ...optionalDependencies })) {
      if (existsSync(join(packages, each)) && !each.startsWith("@types/")) {
        found.add(each);
      }
    }
  }
  return [...found];
}

// For packages that are CommonJS; grpc-health-check looks for its contract next to itself.
const banner = `import { createRequire as $createRequire } from "node:module";
import { fileURLToPath as $fileURLToPath, pathToFileURL as $pathToFileURL } from "node:url";
const require = $createRequire(import.meta.url);
const $healthFolder = $fileURLToPath(import.meta.resolve("#gen/grpc-health-check/build/src"));`;

/** Files are found by the aliases of package.json, since a module's own address is that of a shared file. */
const ownPaths: Plugin = {
  name: "own-paths",
  setup({ onLoad }) {
    onLoad({ filter: /\/(kit|ops|gateway|services)\/[^.]*\.ts$/ }, async ({ path }) => {
      const text = await readFile(path, "utf8");
      const own = `#${relative(root, path)}`;
      const entry = `#${relative(root, path).replace(/\.ts$/, ".js")}`;
      return text.includes("import.meta.")
        ? {
            loader: "ts",
            contents: text
              .replaceAll("import.meta.url", `import.meta.resolve("${own}")`)
              .replaceAll(
                "import.meta.main",
                `(import.meta.resolve("${entry}") === $pathToFileURL(process.argv[1]).href)`,
              ),
          }
        : undefined;
    });
    onLoad({ filter: /\/grpc-health-check\/build\/src\/health\.js$/ }, async ({ path }) => ({
      loader: "js",
      contents: (await readFile(path, "utf8")).replaceAll("__dirname", () => "$healthFolder"),
    }));
  },
};

/** Leaves out what packages carry for others: drivers of other databases, and time zones, where every time is UTC. */
const unusedCode: Plugin = {
  name: "unused-code",
  setup({ onLoad, onResolve }) {
    onResolve({ filter: otherDialects }, ({ path }) => ({ path, namespace: "unused" }));
    onLoad({ filter: /.*/, namespace: "unused" }, () => ({ contents: "module.exports = {};", loader: "js" }));
    onResolve({ filter: /^\.\/data\/packed\/latest\.json$/ }, ({ path }) => ({
      path,
      namespace: "no-zones",
    }));
    onLoad({ filter: /.*/, namespace: "no-zones" }, () => ({
      contents: `{"version":"none","zones":[],"links":[],"countries":[]}`,
      loader: "json",
    }));
  },
};

/** One character beyond Latin-1, be it in a comment, makes V8 keep a whole file with two bytes for each. */
function toAscii(text: string): string {
  return text.replace(/[^\0-\x7f]/g, unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

function writeTo(path: string, contents: string | Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, contents);
}
