import { type Client, status as grpcStatus, type Metadata, type StatusObject } from "@grpc/grpc-js";

/** The channel of a client of grpc-js, which resolves names, balances, connects and retries. */
export type Channel = ReturnType<Client["getChannel"]>;

interface UnaryCall {
  readonly path: string;
  readonly metadata: Metadata;
  readonly message: Uint8Array;
  /** Milliseconds since the epoch. */
  readonly deadlineMs: number;
  /** Cancels the call. */
  readonly signal: AbortSignal;
}

/** A call that has ended without an answer. */
export class CallError extends Error {
  readonly code: grpcStatus;
  readonly metadata: Metadata;

  constructor({ code, details, metadata }: StatusObject) {
    super(`${code} ${grpcStatus[code]}: ${details}`);
    this.code = code;
    this.metadata = metadata;
  }
}

/**
 * Makes one call, and returns the message of its answer; throws a CallError. `makeUnaryRequest` of grpc-js would do
 * the same, but builds two layers of interceptors, an emitter and the caller's stack for each call: a sixth of its CPU
 * time.
 */
export function callUnary(
  channel: Channel,
  { path, metadata, message, deadlineMs, signal }: UnaryCall,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const call = channel.createCall(path, deadlineMs, null, null, null);
    const cancel = () => call.cancelWithStatus(grpcStatus.CANCELLED, "the caller has gone");
    let answer: Buffer | undefined;
    call.start(metadata, {
      onReceiveMetadata() {},
      onReceiveMessage(received: Buffer) {
        answer = received;
      },
      onReceiveStatus(status) {
        signal.removeEventListener("abort", cancel);
        if (status.code === grpcStatus.OK && answer !== undefined) {
          resolve(answer);
        } else {
          reject(new CallError(status.code === grpcStatus.OK ? withoutAnswer(status) : status));
        }
      },
    });
    call.startRead();
    // A view of the same bytes: grpc-js copies them into its frame.
    call.sendMessageWithContext({}, Buffer.from(message.buffer, message.byteOffset, message.byteLength));
    call.halfClose();
    signal.addEventListener("abort", cancel);
    if (signal.aborted) {
      cancel();
    }
  });
}

function withoutAnswer(status: StatusObject): StatusObject {
  return { ...status, code: grpcStatus.INTERNAL, details: "the answer has no message" };
}
