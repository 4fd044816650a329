import { join } from "node:path";
import { expect } from "chai";
import { silentNarrator } from "#dev/demo/narrator.ts";
import { playStory } from "#dev/demo/story.ts";
import type { Stack } from "#dev/stack/stack.ts";
import { CouponService } from "#gen/questioncloud/coupon/v1/coupon_pb.ts";
import { signUpAdmin } from "../support/market/people.ts";
import { bearer, createCaller } from "../support/rpc/callers.ts";
import { completeLines } from "../support/stack/complete-lines.ts";
import { type Metric, readMetrics } from "../support/stack/metrics.ts";
import type { Span } from "../support/stack/otlp.ts";
import { documentedRows, namesIn, type Row } from "../support/stack/telemetry-tables.ts";
import { tracedStack } from "../support/stack/traced-stack.ts";
import { until } from "../support/stack/until.ts";
import { waitUntilIdle } from "../support/stack/wait-until-idle.ts";
import { sources } from "../support/tidy/sources.ts";

// What a sale need not bring about at the moment of the scrape, and what only TLS does.
const maybeWithoutSamples = ["nodejs_active_requests", "tls_certificate_expiry_timestamp_seconds"];

describe("the tables of docs/telemetry.md", () => {
  let stack: Stack;
  let collected: readonly Span[];
  const spansOfServices = () => collected.filter(({ service }) => service !== "gateway");

  before(async () => {
    const traced = await tracedStack();
    stack = traced.stack;
    collected = traced.collector.spans;
    const { mailUrl, pspUrl, identityUrl, ports } = stack;
    const admin = await signUpAdmin(stack);
    const gatewayUrl = stack.gatewayUrl ?? "";
    await playStory({
      gatewayUrl,
      mailUrl,
      pspUrl,
      identityUrl,
      protocol: "connect",
      admin,
      narrator: silentNarrator,
    });
    const coupon = `http://127.0.0.1:${ports.services.coupon?.http}`;
    const caller = createCaller("connect-web", coupon);
    const { registerCoupon } = CouponService.method;
    const { refusal } = await caller.call(registerCoupon, undefined, { headers: bearer(admin.token) });
    expect(refusal?.fields).not.to.deep.equal([]);
    await fetch(`${coupon}/${CouponService.typeName}/NoSuchMethod`, { method: "POST" });
    await waitUntilIdle(stack);
  });

  it("list every span with its attributes", async () => {
    const rows = documentedRows("span");
    await until(
      () => rows.every(row => spansOfServices().some(span => isOf(span, row))),
      `each was exported: ${rows.map(row => row.span).join(", ")}`,
    );
    const unknown = spansOfServices().filter(span => !rows.some(row => isOf(span, row)));
    expect(unknown.map(({ kind, name, attributes }) => [kind, name, Object.keys(attributes)])).to.deep.equal(
      [],
    );
    for (const row of rows) {
      const spans = spansOfServices().filter(span => isOf(span, row));
      const seen = new Set(spans.flatMap(({ attributes }) => Object.keys(attributes)));
      expect([...seen], row.span).to.include.members(namesIn(row.attributes?.split("(")[0]));
    }
  });

  it("list every metric with its type and labels", async () => {
    const rows = documentedRows("metric").flatMap(({ metric, type, labels }) =>
      namesIn(metric).map(name => ({ name, type, labels: namesIn(labels).sort() })),
    );
    const metrics = (await scrapeAll()).flatMap(({ scraped }) => scraped);
    expect([...new Set(metrics.map(({ name }) => name))].sort()).to.deep.equal(
      rows.map(({ name }) => name).sort(),
    );
    for (const { name, type, labels } of rows) {
      const found = metrics.filter(metric => metric.name === name);
      expect(new Set(found.map(metric => metric.type)), name).to.deep.equal(new Set([type]));
      const samples = found.flatMap(metric => metric.samples);
      if (samples.length > 0 || !maybeWithoutSamples.includes(name)) {
        const used = new Set(samples.flatMap(sample => Object.keys(sample)));
        const own = [...used].filter(label => label !== "le" && label !== "service_name");
        expect(own.sort(), name).to.deep.equal(labels);
      }
    }
  });

  it("name the service of every metric, and show those of the process once", async () => {
    const services = await scrapeAll();
    for (const { service, scraped } of services) {
      const names = scraped
        .filter(({ name }) => !isOfProcess(name))
        .flatMap(({ samples }) => samples.map(sample => sample.service_name));
      expect(new Set(names), service).to.deep.equal(new Set([service]));
    }
    const showing = services.filter(({ scraped }) => scraped.some(({ name }) => isOfProcess(name)));
    expect(showing).to.have.length(1);
  });

  it("list every field of a log line", () => {
    const documented = new Set(documentedRows("field").flatMap(({ field }) => namesIn(field)));
    const logged = completeLines(join(stack.dir, "logs/all.log")).map(
      line => JSON.parse(line) as Record<string, unknown>,
    );
    const seen = new Set(logged.flatMap(line => Object.keys(line)));
    const written = new Set(sources.filter(({ path }) => isOfServices(path)).flatMap(fieldsLoggedBy));
    const unlisted = [...seen, ...written].filter(field => !documented.has(field));
    expect(unlisted).to.deep.equal([]);
    const code = sources
      .filter(({ path }) => isOfServices(path))
      .map(({ text }) => text)
      .join("\n");
    const unused = [...documented].filter(
      field => !seen.has(field) && !new RegExp(`\\b${field}\\b`).test(code),
    );
    expect(unused).to.deep.equal([]);
    expect([...seen]).to.include.members(["traceId", "requestId", "reason", "violations", "metadata"]);
    expect(new Set(logged.map(({ level }) => typeof level))).to.deep.equal(new Set(["string"]));
  });

  it("allow no value of a request, a statement or a person", () => {
    const values = spansOfServices().flatMap(({ attributes }) => Object.values(attributes).map(String));
    expect(values.filter(value => /@|['"=?]/.test(value))).to.deep.equal([]);
    const summaries = spansOfServices().flatMap(
      ({ attributes }) => attributes["db.query.summary"]?.toString() ?? [],
    );
    expect(summaries.filter(summary => !/^[A-Z ]+( [a-z_]+)*$/.test(summary))).to.deep.equal([]);
  });

  async function scrapeAll(): Promise<{ service: string; scraped: Metric[] }[]> {
    return Promise.all(
      Object.entries(stack.ports.services).map(async ([service, ports]) => ({
        service,
        scraped: await readMetrics({ probeUrl: `http://127.0.0.1:${ports.probe}` }),
      })),
    );
  }
});

const placeholders: Readonly<Record<string, string>> = {
  " <tables>": "(?: [a-z_]+)*",
  "<proto service>": "questioncloud(?:\\.\\w+)+",
  "<method>": "[A-Z]\\w+",
  "<verb>": "(?:GET|POST)",
  "<route>": "/\\S+",
  "<statement>": "(?:START TRANSACTION|[A-Z]+)",
  "<command>": "[A-Z]+",
  "<operation>": "[a-z]+[A-Za-z]*",
  "<collection>": "[a-z_]+",
  "<topic>": "[a-z-]+",
  "<queue>": "[a-z-]+",
};

/** True for a span with the name and the kind of a row, and no attribute that the row does not list. */
function isOf({ name, kind, attributes }: Span, row: Row): boolean {
  const pattern = Object.entries(placeholders).reduce(
    (text, [placeholder, replacement]) => text.replace(placeholder, replacement),
    namesIn(row.span)[0] ?? "",
  );
  const allowed = namesIn(row.attributes);
  return (
    kind === row.kind &&
    new RegExp(`^${pattern}$`).test(name) &&
    Object.keys(attributes).every(attribute => allowed.includes(attribute))
  );
}

function isOfProcess(metric: string): boolean {
  return metric.startsWith("process_") || metric.startsWith("nodejs_");
}

function isOfServices(path: string): boolean {
  return /^(kit|services)\//.test(path) && !path.endsWith(".test.ts");
}

/** The fields that the log lines of a file name; those of a spread object are not seen. */
function fieldsLoggedBy({ text }: { readonly text: string }): string[] {
  const bare = text.replace(/`[^`]*`/g, "text");
  return [...bare.matchAll(/\blog\.(?:debug|info|warn|error)\(\s*\{([^{}]*)\}/g)]
    .flatMap(([, fields = ""]) => fields.split(","))
    .flatMap(field => /^\s*(\w+)\s*(?::|$)/.exec(field)?.[1] ?? []);
}
