import { currentServiceName, runAsService } from "#kit/process/service-name.ts";

/**
 * A listener whose calls run as the service that opened it: Node.js reads HTTP/2 outside of the context in which its
 * listener was opened.
 */
export function keepServiceName<A extends unknown[]>(listener: (...args: A) => void): (...args: A) => void {
  const name = currentServiceName();
  return name === undefined ? listener : (...args) => runAsService(name, () => listener(...args));
}
