import type { DescMethodUnary } from "@bufbuild/protobuf";
import { failpoint, hasFailpoints } from "#kit/process/failpoint.ts";
import type { Interceptor } from "#kit/rpc/call.ts";

/** Two places where a test may stop the process: `<Method>.before` and `<Method>.after` the handler. */
export function passFailpoints({ name }: DescMethodUnary): Interceptor {
  if (!hasFailpoints) {
    return next => next;
  }
  return next => async call => {
    await failpoint(`${name}.before`);
    const answer = await next(call);
    await failpoint(`${name}.after`);
    return answer;
  };
}
