import { expect } from "chai";
import { accountPages } from "#gateway/site/account-pages.ts";
import { Access } from "#gen/questioncloud/options/v1/policy_pb.ts";
import { contracts } from "#kit/contract/contracts.ts";
import { policyOf } from "#kit/contract/policy.ts";

describe("the pages of accounts", () => {
  it("send the forms of accounts to methods and fields that exist", () => {
    const calls = accountPages.flatMap(([, { body }]) =>
      [...body.text.matchAll(/<form data-method="([^"]+)".*?<\/form>/gs)].map(([text, method = ""]) => ({
        method,
        fields: [...text.matchAll(/name="([^"]+)"/g)].map(([, name]) => name),
      })),
    );
    expect(calls).to.have.length(8);
    for (const { method, fields } of calls) {
      const [service = "", name = ""] = method.split("/");
      const input = contracts.getService(service)?.methods.find(each => each.name === name)?.input;
      expect(
        input?.fields.map(field => field.jsonName),
        method,
      ).to.include.members(fields);
    }
  });

  it("collect what is stored about a user by calls that exist and need that user, page by page", async () => {
    const script = new URL("../../gateway/site/assets/personal-data.js", import.meta.url).href;
    const { personalDataCalls, collectPersonalData } = await import(script);
    for (const path of personalDataCalls as string[]) {
      const [service = "", name = ""] = path.split("/");
      const method = contracts.getService(service)?.methods.find(each => each.name === name);
      expect(method && policyOf(method).access, path).to.equal(Access.USER);
    }
    const called: unknown[] = [];
    const data = await collectPersonalData(async (path: string, request: object) => {
      called.push([path, request]);
      if (path.endsWith("GetOwnCreator")) {
        throw Object.assign(new Error(), { reason: "NOT_CREATOR" });
      }
      return "pageToken" in request || !path.endsWith("ListCharges") ? {} : { nextPageToken: "2" };
    });
    expect(Object.keys(data)).to.deep.equal(personalDataCalls);
    expect(called).to.deep.include([personalDataCalls[6], { pageToken: "2" }]);
  });
});
