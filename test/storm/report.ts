import type { Happened } from "./chaos.ts";
import type { StormResult } from "./storm.ts";

const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;

/** What a storm did and left, for people. */
export function reportStorm(result: StormResult, repeat: string): string {
  const { shopping, happened, stormMs, violations } = result;
  const perSecond = (shopping.calls / (stormMs / 1000)).toFixed(0);
  return [
    "",
    `calls     ${shopping.calls} (${perSecond} per second), the slowest ${seconds(shopping.slowestMs)}`,
    `          ${shopping.paid.size} purchases and ${shopping.charged.size} charges were acknowledged`,
    ...block("refusals ", counted(shopping.refusals)),
    ...block("failures ", counted(result.failures)),
    ...block(`faults   `, happened.map(describe)),
    `recovery  ${seconds(result.servedAfterMs)} until a new user could charge and buy`,
    `          ${seconds(result.idleAfterMs)} until no work was left`,
    `result    ${result.invariants} invariants checked, and whether everything acknowledged is there`,
    `          ${violations.length === 0 ? "all hold" : `${violations.length} VIOLATIONS`}`,
    ...violations.map(each => `          ${each}`),
    ...(result.logs === undefined ? [] : [`logs      ${result.logs}`]),
    `repeat    ${repeat}`,
    "",
  ].join("\n");
}

/** A storm in one row of a table. */
export function reportRow({ seed, shopping, happened, ...result }: StormResult): string {
  const { calls, paid, charged, refusals } = shopping;
  const refused = [...refusals.values()].reduce((sum, count) => sum + count, 0);
  const cells = [
    seed,
    `${calls} (${refused} refused)`,
    `${paid.size}, ${charged.size}`,
    happened.length,
    `${seconds(result.servedAfterMs)}, ${seconds(result.idleAfterMs)}`,
    result.violations.length,
  ];
  return `| ${cells.join(" | ")} |`;
}

function describe({ atMs, what, lastedMs, error }: Happened): string {
  const failure = error === undefined ? "" : ` (${error})`;
  return `${seconds(atMs).padStart(7)}  ${what}, over after ${seconds(lastedMs)}${failure}`;
}

function counted(counts: ReadonlyMap<string, number>): string[] {
  return [...counts].toSorted(([, a], [, b]) => b - a).map(([name, count]) => `${count} ${name}`);
}

function block(title: string, lines: readonly string[]): string[] {
  return lines.length === 0
    ? [`${title} none`]
    : lines.map((line, index) => `${index === 0 ? title : " ".repeat(9)} ${line}`);
}
