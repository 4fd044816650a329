import { readFileSync } from "node:fs";
import { text } from "node:stream/consumers";
import { parseArgs } from "node:util";
import { type DescMethodUnary, fromJson, type JsonValue, type Message, toJson } from "@bufbuild/protobuf";
import { ConnectError, createClient, type Transport } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport } from "@connectrpc/connect-node";
import type { JWK } from "jose";
import { AuthService } from "#gen/questioncloud/user/v1/auth_pb.ts";
import { packageServiceOf, serversOf } from "#kit/contract/contracts.ts";
import { policyOf } from "#kit/contract/policy.ts";
import { createServiceTokenSigner, serviceTokenHeader } from "#kit/rpc/tokens/service-token.ts";
import { namedServices, runCommand, UsageError } from "#ops/command-line.ts";
import { chooseService, describeMethods, findMethod, isInternal } from "./call/methods.ts";
import { describeRefusal } from "./call/refusal.ts";
import { findRunningStack, type RunningStack, readStackFile } from "./stack/running-stack.ts";

// The usage is in usage/call.txt, so that it can be shown before anything is installed.
const option = { type: "string" } as const;
const options = { as: option, at: option, user: option, login: option, token: option, stack: option };

type Options = { readonly [Name in keyof typeof options]?: string };

/** Where a call goes, and with which headers. */
interface Target {
  readonly transport: Transport;
  readonly headers: Record<string, string>;
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  const [name, json = "{}", ...further] = positionals;
  if (further.length > 0) {
    throw new UsageError(`not understood: ${further[0]}`);
  }
  if (name === undefined) {
    process.stdout.write(describeMethods());
    return 0;
  }
  const method = findMethod(name);
  requireFittingOptions(method, values);
  const request = parseRequest(method, json === "-" ? await text(process.stdin) : json);
  const stack = values.stack === undefined ? await findRunningStack() : readStackFile(values.stack);
  if (stack === undefined) {
    throw new Error("no stack is running here. Start one with: npm start");
  }
  const target = await (isInternal(method) ? findService : findGateway)(stack, method, values);
  try {
    const { message } = await target.transport.unary(method, undefined, undefined, target.headers, request);
    process.stdout.write(`${JSON.stringify(toJson(method.output, message), null, 2)}\n`);
    return 0;
  } catch (error) {
    process.stderr.write(`${describeRefusal(ConnectError.from(error))}\n`);
    return 1;
  }
}

function requireFittingOptions(method: DescMethodUnary, { as, at, user, login, token }: Options): void {
  const internal = { "--as": as, "--at": at, "--user": user };
  const outside = { "--login": login, "--token": token };
  const wrong = Object.entries(isInternal(method) ? outside : internal).find(([, value]) => value);
  if (wrong !== undefined) {
    throw new UsageError(
      `${wrong[0]} is for ${isInternal(method) ? "public" : "internal"} methods; ${method.name} is not one`,
    );
  }
  if (login !== undefined && token !== undefined) {
    throw new UsageError("--login and --token exclude each other");
  }
  if (user !== undefined && !/^[1-9]\d{0,18}$/.test(user)) {
    throw new UsageError("--user must be the id of a user");
  }
  namedServices([as, at].filter(service => service !== undefined));
}

function parseRequest(method: DescMethodUnary, json: string): Message {
  try {
    return fromJson(method.input, JSON.parse(json) as JsonValue);
  } catch (error) {
    throw new UsageError(`the request is not one of ${method.name}: ${(error as Error).message}`);
  }
}

/** The grpc listener of the called service, with a token that its caller signs. */
async function findService({ env }: RunningStack, method: DescMethodUnary, given: Options): Promise<Target> {
  const caller = chooseService("--as", given.as, policyOf(method).callers);
  const callee = chooseService("--at", given.at, serversOf(method.parent));
  const key = JSON.parse(readFileSync(env[`${caller.toUpperCase()}_SERVICE_KEY_FILE`] ?? "", "utf8")) as JWK;
  const sign = await createServiceTokenSigner(caller, key);
  const token = await sign(callee, given.user === undefined ? undefined : BigInt(given.user));
  const baseUrl = `http://${env[`${callee.toUpperCase()}_GRPC_ADDRESSES`]}`;
  return { transport: createGrpcTransport({ baseUrl }), headers: { [serviceTokenHeader]: token } };
}

/** The gateway, or the service's own HTTP listener where there is none. */
async function findGateway(stack: RunningStack, method: DescMethodUnary, given: Options): Promise<Target> {
  const at = (called: DescMethodUnary) => {
    const service = packageServiceOf(called.parent.file).toUpperCase();
    const baseUrl = stack.gatewayUrl ?? `http://${stack.env[`${service}_HTTP_ADDRESSES`]}`;
    return createConnectTransport({ baseUrl, httpVersion: "1.1" });
  };
  const token =
    given.login === undefined ? given.token : await logIn(at(AuthService.method.login), given.login);
  return {
    transport: at(method),
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
  };
}

async function logIn(transport: Transport, login: string): Promise<string> {
  const [email = "", ...password] = login.split(":");
  const { tokens } = await createClient(AuthService, transport)
    .login({ email, password: password.join(":") })
    .catch(error => {
      throw new Error(`login ${describeRefusal(ConnectError.from(error))}`);
    });
  return tokens?.accessToken ?? "";
}

await runCommand("call", main);
