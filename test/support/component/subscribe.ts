import { create } from "@bufbuild/protobuf";
import {
  type GetCreatorsRequest,
  GetCreatorsResponseSchema,
  type ListedCreator,
  ListedCreatorSchema,
} from "#gen/questioncloud/creator/v1/internal_creator_directory_pb.ts";
import {
  SubscribeRequestSchema,
  UnsubscribeRequestSchema,
} from "#gen/questioncloud/subscribe/v1/subscription_pb.ts";
import type { Environment } from "#kit/process/config.ts";
import { readConfig } from "#kit/process/read-config.ts";
import { type App, createApp } from "#services/subscribe/app.ts";
import { config } from "#services/subscribe/config.ts";
import { subscribe } from "#services/subscribe/rpc/subscribe.ts";
import { unsubscribe } from "#services/subscribe/rpc/unsubscribe.ts";
import { callContextOf } from "./call-context.ts";
import { componentEnvironment } from "./component.ts";

/** The subscribe service on a real schema, with a creator directory in memory. */
export interface SubscribeComponent {
  readonly app: App;
  subscribe(userId: bigint, creatorId: bigint): Promise<unknown>;
  unsubscribe(userId: bigint, creatorId: bigint): Promise<unknown>;
  /** Adds creators to the directory. */
  addCreators(...creatorIds: readonly bigint[]): void;
  /** Removes a creator from the directory. */
  removeCreator(creatorId: bigint): void;
  /** The ids that each call of the directory asked for. */
  readonly lookups: readonly bigint[][];
}

/** Opens the component on the environment of a component test; the creator with id N is the user with id N. */
export async function openSubscribeComponent(env?: Environment): Promise<SubscribeComponent> {
  const creators = new Map<bigint, ListedCreator>();
  const lookups: bigint[][] = [];
  const creatorDirectory = {
    getCreators: async ({ creatorIds }: GetCreatorsRequest) => {
      lookups.push(creatorIds);
      const found = creatorIds.flatMap(id => creators.get(id) ?? []);
      return create(GetCreatorsResponseSchema, { creators: found });
    },
  } as unknown as App["creatorDirectory"];
  const settings = readConfig(env ?? (await componentEnvironment("subscribe")), config);
  const app = await createApp(settings, { creatorDirectory });
  return {
    app,
    subscribe: (userId, creatorId) =>
      subscribe(app)(create(SubscribeRequestSchema, { creatorId }), callContextOf(userId)),
    unsubscribe: (userId, creatorId) =>
      unsubscribe(app)(create(UnsubscribeRequestSchema, { creatorId }), callContextOf(userId)),
    addCreators(...creatorIds) {
      for (const creatorId of creatorIds) {
        const summary = { creatorId, userId: creatorId, name: `출제자 ${creatorId}`, version: 1n };
        creators.set(creatorId, create(ListedCreatorSchema, { summary, mainSubject: 1 }));
      }
    },
    removeCreator: creatorId => void creators.delete(creatorId),
    lookups,
  };
}
