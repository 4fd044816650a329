import type { CreatorDirectoryService, CreatorSummary } from "#gen/questioncloud/creator/v1/mesh_pb.ts";
import type { WorkContext } from "#kit/context.ts";
import type { Logger } from "#kit/log.ts";
import type { Neighbour } from "#kit/neighbour.ts";
import { createExpiringMap } from "./expiring-map.ts";
import { away } from "./failures.ts";

/** Creators by their id. */
export type Creators = ReadonlyMap<bigint, CreatorSummary>;

/** The names beside questions, kept for a while in this process. */
export interface CreatorNames {
  /** Those that are known; while the creator service is away, as they were last seen. Never fails. */
  find(creatorIds: readonly bigint[], context: WorkContext): Promise<Creators>;
  /** Like find, and throws SERVICE_UNAVAILABLE where one is not known because the creator service is away. */
  require(creatorIds: readonly bigint[], context: WorkContext): Promise<Creators>;
}

export interface CreatorNamesOptions {
  readonly directory: Pick<Neighbour<typeof CreatorDirectoryService>, "batchGetCreators">;
  readonly freshMs: number;
  /** Milliseconds that a page waits for names. */
  readonly timeoutMs: number;
  readonly log: Logger;
}

const rememberedCreators = 20_000;

/** Makes the names; a change of a name shows after `freshMs`. */
export function createCreatorNames({
  directory,
  freshMs,
  timeoutMs,
  log,
}: CreatorNamesOptions): CreatorNames {
  const known = createExpiringMap<bigint, CreatorSummary>({ maxEntries: rememberedCreators, freshMs });

  async function refresh(creatorIds: readonly bigint[], context: WorkContext): Promise<unknown> {
    const stale = [...new Set(creatorIds)].filter(id => known.fresh(id) === undefined);
    if (stale.length === 0) {
      return undefined;
    }
    try {
      const deadlineMs = Math.min(context.deadlineMs, Date.now() + timeoutMs);
      const { creators } = await directory.batchGetCreators(
        { creatorIds: stale },
        { ...context, deadlineMs },
      );
      for (const creator of creators) {
        known.set(creator.creatorId, creator);
      }
      return undefined;
    } catch (error) {
      log.warn({ err: error }, "names of creators could not be read");
      return error;
    }
  }

  function lastKnown(creatorIds: readonly bigint[]): Creators {
    return new Map(
      creatorIds.flatMap(id => {
        const creator = known.last(id);
        return creator === undefined ? [] : [[id, creator] as const];
      }),
    );
  }

  return {
    async find(creatorIds, context) {
      await refresh(creatorIds, context);
      return lastKnown(creatorIds);
    },
    async require(creatorIds, context) {
      const fault = await refresh(creatorIds, context);
      const creators = lastKnown(creatorIds);
      if (fault !== undefined && creatorIds.some(id => !creators.has(id))) {
        throw away(fault);
      }
      return creators;
    },
  };
}
