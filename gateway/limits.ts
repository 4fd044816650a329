/** What the gateway allows its clients, whatever the route. */
export const clientLimits = {
  connections: 10_000,
  bodyBytes: 64 * 1024,
  headers: 100,
  headersKib: 32,
  headersTimeoutMs: 5_000,
  requestTimeoutMs: 60_000,
  streamIdleTimeoutMs: 60_000,
  idleTimeoutMs: 300_000,
  bufferBytes: 1024 * 1024,
  streamsPerConnection: 256,
  streamWindowBytes: 64 * 1024,
  connectionWindowBytes: 1024 * 1024,
};

/** How long load balancers have to learn that a gateway ends. */
export const drainNoticeMs = 10_000;

/** How the gateway connects to the replicas of a service. */
export const upstreamLimits = {
  connections: 256,
  pendingRequests: 1024,
  requests: 2048,
  streamsPerConnection: 100,
  connectTimeoutMs: 1_000,
  /** Shorter than the 65 s after which services close an idle connection: a request must not race with a close. */
  idleTimeoutMs: 30_000,
  keepAlive: { intervalMs: 5_000, timeoutMs: 2_000 },
  /** How often names are resolved: a pod that ends closes its listeners ten seconds after its name has lost it. */
  resolveMs: 1_000,
  /**
   * A request is repeated so often, but at most a part of the requests in flight may be repetitions, so that a service
   * in trouble does not get twice the load.
   */
  retries: {
    perRequest: 2,
    percentOfRequests: 10,
    always: 10,
    /** A repeatable request that is not hedged gives up a silent replica after this part of its time. */
    shareOfTime: 0.5,
  },
  /** A read that has no answer yet is sent to another replica as well; the first answer counts. */
  hedgeAfterMs: 1_000,
  /** A replica that cannot be reached so often in a row gets nothing for a short time. */
  ejection: { failures: 3, intervalMs: 1_000, baseMs: 1_000 },
};
