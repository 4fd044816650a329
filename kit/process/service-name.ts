import { AsyncLocalStorage } from "node:async_hooks";

const serviceName = new AsyncLocalStorage<string>();

/**
 * Runs `start` as a service. Everything it starts keeps the name: timers, connections, and listeners with their calls.
 * So several services can share a process, and each span still belongs to one of them.
 */
export function runAsService<T>(name: string, start: () => T): T {
  return serviceName.run(name, start);
}

/** The service that the running code belongs to; undefined outside of services, as in commands. */
export function currentServiceName(): string | undefined {
  return serviceName.getStore();
}
