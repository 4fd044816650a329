import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { root } from "./support/tidy/sources.ts";

const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  scripts: Record<string, string>;
};
const pages = globSync(["*.md", "{bench,dev,docs,gateway,k8s,kit,ops,services,test}/**/*.md"], { cwd: root });

/** The commands in the code of a page: the name of the script, and what is passed to it. */
function commandsIn(text: string): { name: string; args: string }[] {
  const blocks = [...text.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block = ""]) =>
    block.replaceAll(/ \\\n\s*/g, " ").split("\n"),
  );
  const spans = [...text.replaceAll(/```[\s\S]*?```/g, "").matchAll(/`([^`\n]+)`/g)].map(
    ([, code = ""]) => code,
  );
  return [...blocks, ...spans].flatMap(code =>
    [...code.matchAll(/\bnpm (?:run (?:--silent )?([\w-]+)|(start))(?: -- ([^;|#&]*))?/g)].map(
      ([, run, start, args = ""]) => ({ name: run ?? start ?? "", args }),
    ),
  );
}

/** The files that say what a script takes. */
function filesOf(name: string): string[] {
  const script = scripts[name] ?? "";
  const usage = `dev/usage/${name}.txt`;
  if (existsSync(join(root, usage))) {
    return [usage];
  }
  return name === "bench"
    ? globSync("bench/**/*.ts", { cwd: root })
    : script.split(" ").filter(word => word.endsWith(".ts"));
}

describe("the commands that pages name", () => {
  const named = pages.flatMap(page =>
    commandsIn(readFileSync(join(root, page), "utf8")).map(command => ({ page, ...command })),
  );

  it("are scripts of package.json", () => {
    expect(named.length).to.be.greaterThan(60);
    const unknown = named.filter(({ name }) => scripts[name] === undefined);
    expect(unknown.map(({ page, name }) => `${page}: ${name}`)).to.deep.equal([]);
  });

  it("replace the shell that runs them, so that a signal to npm reaches them", () => {
    const shells = Object.entries(scripts).filter(([, script]) => !/^(\w+="[^"]*" )?exec /.test(script));
    expect(shells.map(([name]) => name)).to.deep.equal([]);
  });

  it("take the options that are passed to them", () => {
    const wrong = named.flatMap(({ page, name, args }) => {
      const texts = filesOf(name).map(file => readFileSync(join(root, file), "utf8"));
      return [...args.matchAll(/(?<!\S)--[a-z][\w-]*/g)]
        .filter(([option]) => option !== "--help" && !texts.some(text => text.includes(option)))
        .map(([option]) => `${page}: npm run ${name} -- ${option}`);
    });
    expect(wrong).to.deep.equal([]);
  });

  it("call methods that exist", () => {
    const contracts = globSync("proto/questioncloud/**/*.proto", { cwd: root })
      .map(file => readFileSync(join(root, file), "utf8"))
      .join("\n");
    const called = named
      .filter(({ name }) => name === "call")
      .map(({ args }) => /\b[A-Z]\w+/.exec(args)?.[0]);
    expect(called).to.include("ListQuestions");
    expect(
      called.filter(
        method =>
          method !== undefined && !new RegExp(`(rpc ${method}\\(|service ${method} )`).test(contracts),
      ),
    ).to.deep.equal([]);
  });
});
