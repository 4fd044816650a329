import { join } from "node:path";
import type { Source } from "./sources.ts";

/** What a module imports, as it spells it. */
export function importsOf(text: string): string[] {
  return [...text.matchAll(/(?:from|import\()\s*"([^"]+)"/g)].map(match => match[1] ?? "");
}

/** Exports that no other file imports by name, as `path: name`. */
export function deadExportsIn(sources: readonly Source[]): string[] {
  const used = new Set(sources.flatMap(namesImportedBy));
  return sources
    .filter(({ path }) => !path.endsWith(".test.ts"))
    .flatMap(({ path, text }) =>
      exportsOf(text)
        .filter(name => !used.has(`${path} ${name}`) && !used.has(`${path} *`))
        .filter(name => !isEntryPoint(path, name))
        .map(name => `${path}: ${name}`),
    );
}

// Loaded by name: the modules of services, their invariants, and the hooks of the test runner.
function isEntryPoint(path: string, name: string): boolean {
  return (
    (/^services\/\w+\/service\.ts$/.test(path) && (name === "start" || name === "config")) ||
    (/^services\/\w+\/invariants\.ts$/.test(path) && name === "invariants") ||
    (path.startsWith("test/support/") && (name === "mochaHooks" || name === "default"))
  );
}

function exportsOf(text: string): string[] {
  const declared = text.matchAll(
    /^export (?:async )?(?:function\*?|const|let|class|interface|type|abstract class) (\w+)/gm,
  );
  return [...declared].map(match => match[1] ?? "");
}

function namesImportedBy({ path, text }: Source): string[] {
  const named = text.matchAll(/(?:import|export)\s+(?:type\s+)?\{([^}]*)\}\s+from\s+"([^"]+)"/g);
  const whole = text.matchAll(/import\s+\*\s+as\s+\w+\s+from\s+"([^"]+)"|import\(\s*"([^"]+)"\s*\)/g);
  return [
    ...[...named].flatMap(([, names = "", target = ""]) =>
      names
        .split(",")
        .map(
          name =>
            name
              .trim()
              .replace(/^type\s+/, "")
              .split(/\s+as\s+/)[0] ?? "",
        )
        .map(name => `${resolve(path, target)} ${name}`),
    ),
    ...[...whole].map(([, star, dynamic]) => `${resolve(path, star ?? dynamic ?? "")} *`),
  ];
}

function resolve(path: string, target: string): string {
  return target.startsWith("#") ? target.slice(1) : join(path, "..", target);
}

/** The circles of a graph, each once, as `a -> b -> a`. */
export function circlesIn(edges: readonly (readonly [string | undefined, string | undefined])[]): string[] {
  const graph = new Map<string, Set<string>>();
  for (const [from, to] of edges) {
    if (from !== undefined && to !== undefined && from !== to) {
      graph.set(from, (graph.get(from) ?? new Set()).add(to));
    }
  }
  const circles: string[] = [];
  const done = new Set<string>();
  const visit = (node: string, trail: readonly string[]): void => {
    const start = trail.indexOf(node);
    if (start >= 0) {
      circles.push([...trail.slice(start), node].join(" -> "));
    } else if (!done.has(node)) {
      for (const next of graph.get(node) ?? []) {
        visit(next, [...trail, node]);
      }
      done.add(node);
    }
  };
  for (const node of graph.keys()) {
    visit(node, []);
  }
  return circles;
}
