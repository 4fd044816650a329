import type { TcpGate } from "../stack/tcp-gate.ts";

/** What a network does to the connections between two, by the name of it. */
export const linkFaults: Readonly<Record<string, (gate: TcpGate) => void>> = {
  "are cut": gate => gate.shut(),
  "are reset": gate => gate.reset(),
  "fall silent": gate => gate.mute(true),
  "are slow": gate => gate.slow(300),
  "are half open": gate => gate.halfOpen(),
  "lose replies": gate => gate.loseReplies(),
};
