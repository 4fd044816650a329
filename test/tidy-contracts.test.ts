import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { getOption } from "@bufbuild/protobuf";
import { field as fieldRules } from "@bufbuild/protovalidate/gen/buf/validate/validate_pb.js";
import { expect } from "chai";
import { ReasonSchema } from "#gen/questioncloud/common/v1/reason_pb.ts";
import { Access } from "#gen/questioncloud/options/v1/policy_pb.ts";
import {
  calleesOf,
  contracts,
  events,
  protoServices,
  protoServicesOf,
  serversOf,
  serviceNames,
} from "#kit/contract/contracts.ts";
import { subscribersOf } from "#kit/contract/event.ts";
import { isIdempotent, policyOf } from "#kit/contract/policy.ts";
import { givenUpMs } from "#kit/rpc/client/service-client.ts";
import { refusalsOf } from "./support/rpc/contract-comments.ts";
import { circlesIn } from "./support/tidy/imports.ts";
import { root, sources } from "./support/tidy/sources.ts";
import { textsIn } from "./support/tidy/texts.ts";

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
    for (const service of serviceNames) {
      const row = readme.split("\n").find(line => line.startsWith(`| [${service}](services/`)) ?? "";
      const isPublic = ({ methods }: (typeof protoServices)[number]) =>
        methods.some(method => policyOf(method).access !== Access.INTERNAL);
      const named = [...row.matchAll(/`(\w+)`/g)].map(match => match[1]);
      const served = protoServicesOf(service).filter(isPublic);
      expect(named, service).to.have.members(served.map(({ name }) => name));
    }
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

  it("calls no service that calls it back, by any path", () => {
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

  it("leave internal calls time for another replica after one that hangs", () => {
    const internal = protoServices
      .flatMap(({ methods }) => methods)
      .filter(method => policyOf(method).access === Access.INTERNAL);
    expect(internal.length).to.be.greaterThan(10);
    const short = internal.filter(method => policyOf(method).deadlineMs < givenUpMs + 500);
    expect(short.map(({ name }) => name)).to.deep.equal([]);
    expect(internal.filter(method => !isIdempotent(method)).map(({ name }) => name)).to.deep.equal([]);
  });

  it("name only callers and subscribers that exist", () => {
    const named = [...methods.flatMap(method => policyOf(method).callers), ...events.flatMap(subscribersOf)];
    expect(named.filter(name => !serviceNames.includes(name))).to.deep.equal([]);
  });

  it("carry a line of a purchase whole, from the snapshot to answer and event", () => {
    const fieldsOf = (message: string) =>
      contracts.getMessage(`questioncloud.${message}`)?.fields.map(field => field.name) ?? [];
    const snapshot = fieldsOf("question.v1.QuestionSnapshot").filter(
      name => !/^(offer_)?price_points$/.test(name),
    );
    const answered = fieldsOf("pay.v1.PricedLine");
    expect(fieldsOf("pay.v1.PurchasedLine")).to.have.members(answered);
    expect(answered).to.include.members(snapshot);
    expect(fieldsOf("pay.v1.PurchasedDiscount")).to.have.members(fieldsOf("pay.v1.CouponDiscount"));
  });

  it("agree on how many lines a purchase has, with two coupons for each and one for the whole", () => {
    const maxItemsOf = (message: string, name: string) => {
      const field = contracts.getMessage(`questioncloud.${message}`)?.fields.find(each => each.name === name);
      const rules = field && getOption(field, fieldRules).type;
      return rules?.case === "repeated" ? Number(rules.value.maxItems) : undefined;
    };
    const lines = maxItemsOf("pay.v1.Basket", "lines") ?? 0;
    expect(maxItemsOf("pay.v1.QuestionsPurchased", "lines")).to.equal(lines);
    expect(maxItemsOf("question.v1.QuoteQuestionsRequest", "question_ids")).to.equal(lines);
    expect(maxItemsOf("question.v1.ReserveEntitlementsRequest", "lines")).to.equal(lines);
    expect(maxItemsOf("cart.v1.MergeCartRequest", "question_ids")).to.equal(lines);
    expect(maxItemsOf("cart.v1.RemoveFromCartRequest", "question_ids")).to.equal(lines);
    const coupons = 2 * lines + 1;
    expect(maxItemsOf("coupon.v1.GetCouponTermsRequest", "user_coupon_ids")).to.equal(coupons);
    expect(maxItemsOf("coupon.v1.ReserveCouponsRequest", "user_coupon_ids")).to.equal(coupons);
  });

  it("say of every text in a request what it is: an id, an address, ASCII, or a kind of text", () => {
    const seen = new Set<string>();
    const texts = methods.flatMap(({ input }) => textsIn(input, seen));
    expect(texts).not.to.deep.equal([]);
    const unclear = texts.filter(({ kinds }) => kinds.length !== 1);
    expect(unclear).to.deep.equal([]);
  });

  it("have a public method for each of the 56 endpoints of the first edition", () => {
    const page = readFileSync(join(root, "docs/first-edition.md"), "utf8");
    const rows = [...page.matchAll(/^\| `([A-Z]+ \/api\/[^`]+)` \| ((?:`\w+\.\w+` ?)+)\|/gm)];
    expect(new Set(rows.map(([, endpoint]) => endpoint)).size).to.equal(56);
    const known = methods
      .filter(method => policyOf(method).access !== Access.INTERNAL)
      .map(({ parent, name }) => `${parent.name}.${name}`);
    const named = rows.flatMap(([, , cell = ""]) =>
      [...cell.matchAll(/`(\w+\.\w+)`/g)].map(match => match[1]),
    );
    expect(named.filter(name => !known.includes(name ?? ""))).to.deep.equal([]);
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

function filesIn(folder: string): string[] {
  return existsSync(join(root, folder))
    ? readdirSync(join(root, folder))
        .filter(name => !name.endsWith(".test.ts"))
        .sort()
    : [];
}

function kebab(name: string): string {
  return name.replace(/(?<=[a-z0-9])(?=[A-Z])/g, "-").toLowerCase();
}
