import {
  create,
  createFileRegistry,
  type DescMethodUnary,
  type FileRegistry,
  fromBinary,
} from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { expect } from "chai";
import { ExtensionRequestSchema } from "#gen/grpc/reflection/v1/reflection_pb.ts";
import { CouponService } from "#gen/questioncloud/coupon/v1/coupon_pb.ts";
import { policy } from "#gen/questioncloud/options/v1/policy_pb.ts";
import { contracts, protoServices } from "#kit/contract/contracts.ts";
import { createCaller } from "../support/rpc/callers.ts";
import { listReflected, openReflection, type ReflectionClient } from "../support/rpc/grpc-services.ts";
import { type Listeners, startListeners } from "../support/rpc/listeners.ts";

describe("reflection", () => {
  let listeners: Listeners;
  let url: string;
  let client: ReflectionClient;

  before(async () => {
    listeners = await startListeners();
    url = listeners.grpcUrl;
    client = openReflection(url);
  });
  after(async () => {
    client?.close();
    await listeners?.stop();
  });

  /** What a client can build from one answer. */
  async function registryFrom(question: Parameters<ReflectionClient["ask"]>[0]): Promise<FileRegistry> {
    const answer = await client.ask(question);
    if (answer.case !== "fileDescriptorResponse") {
      throw new Error(`no file: ${JSON.stringify(answer.value)}`);
    }
    const file = answer.value.fileDescriptorProto.map(bytes => fromBinary(FileDescriptorProtoSchema, bytes));
    return createFileRegistry(create(FileDescriptorSetSchema, { file: file.reverse() }));
  }

  it("gives the files of every service that it lists, complete and unchanged", async () => {
    const services = await listReflected(url);
    expect(services).to.have.members([
      ...protoServices.map(({ typeName }) => typeName),
      "grpc.health.v1.Health",
      "grpc.reflection.v1.ServerReflection",
    ]);
    for (const service of services) {
      const registry = await registryFrom({ case: "fileContainingSymbol", value: service });
      const found = registry.getService(service);
      expect(found?.file.proto, service).to.deep.equal(contracts.getService(service)?.file.proto);
    }
  });

  it("lets a client that knows only the address call a method", async () => {
    const registry = await registryFrom({ case: "fileContainingSymbol", value: CouponService.typeName });
    const method = registry.getService(CouponService.typeName)?.method.listUserCoupons as DescMethodUnary;
    const caller = createCaller("grpc-js", url);
    const request = create(method.input, { pageSize: 7 } as Record<string, unknown>);
    const { answer, refusal } = await caller.call(method, request, {
      headers: { authorization: "Bearer x" },
    });
    caller.close();
    expect(refusal).to.equal(undefined);
    expect(answer).to.have.property("nextPageToken").that.matches(/^\d+$/);
  });

  it("finds methods, messages, fields, enums and their values, and files by their names", async () => {
    const names = [
      "CouponService.ListUserCoupons",
      "UserCoupon",
      "UserCoupon.terms",
      "CouponScope",
      "COUPON_SCOPE_LINE",
    ];
    for (const value of names.map(name => `questioncloud.coupon.v1.${name}`)) {
      const registry = await registryFrom({ case: "fileContainingSymbol", value });
      expect(registry.getFile("questioncloud/coupon/v1/coupon.proto"), value).not.to.equal(undefined);
    }
    const registry = await registryFrom({ case: "fileByFilename", value: "google/rpc/error_details.proto" });
    expect(registry.getMessage("google.rpc.ErrorInfo")).not.to.equal(undefined);
  });

  it("finds the extensions of a message", async () => {
    const containingType = "google.protobuf.MethodOptions";
    const all = await client.ask({ case: "allExtensionNumbersOfType", value: containingType });
    expect(all.case === "allExtensionNumbersResponse" && all.value.extensionNumber).to.include(policy.number);
    const value = create(ExtensionRequestSchema, { containingType, extensionNumber: policy.number });
    const registry = await registryFrom({ case: "fileContainingExtension", value });
    expect(registry.getExtension(policy.typeName)?.number).to.equal(policy.number);
  });

  it("names what it does not know, and goes on", async () => {
    for (const question of [
      { case: "fileContainingSymbol", value: "questioncloud.nothing.v1.Nothing" },
      { case: "fileContainingSymbol", value: "questioncloud.coupon.v1.UserCoupon.nothing" },
      { case: "fileByFilename", value: "nothing.proto" },
      { case: "allExtensionNumbersOfType", value: "nothing" },
    ] as const) {
      const answer = await client.ask(question);
      expect(answer.case === "errorResponse" && answer.value.errorCode, question.value).to.equal(5);
    }
    const empty = await client.ask({ case: undefined });
    expect(empty.case === "errorResponse" && empty.value.errorCode).to.equal(3);
  });

  it("speaks the first version, which older clients know", async () => {
    const older = openReflection(url, "v1alpha");
    const answer = await older.ask({ case: "fileContainingSymbol", value: CouponService.typeName });
    older.close();
    expect(answer.case).to.equal("fileDescriptorResponse");
  });
});
