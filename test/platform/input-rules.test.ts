import { type DescMethodUnary, type Message, toJson } from "@bufbuild/protobuf";
import { expect } from "chai";
import fc from "fast-check";
import { protoServices } from "#kit/contract/contracts.ts";
import { type Fault, faultsOf } from "../support/input/faults.ts";
import { validMessage } from "../support/input/messages.ts";
import { runs } from "../support/input/runs.ts";
import { type Caller, createCaller } from "../support/rpc/callers.ts";
import { callerHeaders, type Listeners, startListeners } from "../support/rpc/listeners.ts";

const methods = protoServices.flatMap(service => service.methods as DescMethodUnary[]);

describe("a request that breaks one rule of its contract", () => {
  let listeners: Listeners;
  let callers: readonly Caller[];

  before(async () => {
    listeners = await startListeners();
    callers = [createCaller("connect-web", listeners.httpUrl), createCaller("grpc-js", listeners.grpcUrl)];
  });
  after(async () => {
    for (const caller of callers ?? []) {
      caller.close();
    }
    await listeners?.stop();
  });

  const call = (method: DescMethodUnary, request: Message) =>
    Promise.all(callers.map(caller => caller.call(method, request, { headers: callerHeaders(method) })));

  for (const method of methods) {
    const name = `${method.parent.name}.${method.name}`;

    it(`is let in by ${name} before it is broken`, () =>
      fc.assert(
        fc.asyncProperty(validMessage(method.input), async request => {
          for (const { refusal } of await call(method, request)) {
            expect(refusal, JSON.stringify(toJson(method.input, request))).to.equal(undefined);
          }
        }),
        runs(2),
      ));

    const faults = faultsOf(method.input);
    if (faults.length > 0) {
      it(`is refused by ${name}, whichever of ${faults.length} it is, with the field's path`, async () => {
        for (const fault of faults) {
          await fc.assert(
            fc.asyncProperty(validMessage(method.input, { full: true }), fault.values, (request, value) =>
              expectRefusedFor(fault, method, request, value),
            ),
            runs(1),
          );
        }
      });
    }
  }

  async function expectRefusedFor(fault: Fault, method: DescMethodUnary, request: Message, value: unknown) {
    fault.plant(request, value);
    for (const { refusal } of await call(method, request)) {
      const broken = `${fault.path}: ${fault.rule}`;
      expect(refusal, broken).to.include({ code: "InvalidArgument", reason: "BAD_REQUEST" });
      expect(refusal?.fields, broken).to.include(fault.path);
    }
  }
});
