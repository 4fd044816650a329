import type { Market } from "../market/market.ts";
import type { FaultMesh } from "./mesh.ts";

/** What the faults of a suite share, once it has started. */
export type Given = () => { readonly mesh: FaultMesh; readonly market: Market };

/** True if faults are tried at full length, which takes many minutes. */
export const isLong = process.env.FAULTS === "all";
