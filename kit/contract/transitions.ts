/** The states that each state may change to: one table per state machine, shared by the code and the checks. */
export type Transitions<State extends string> = Readonly<Record<State, readonly State[]>>;

/** The states from which `to` may be reached. */
export function sourcesOf<State extends string>(transitions: Transitions<State>, to: State): State[] {
  return (Object.keys(transitions) as State[]).filter(from => transitions[from].includes(to));
}

/** The states that a row may be in once it has been in `from`, this one included. */
export function reachableFrom<State extends string>(
  transitions: Transitions<State>,
  from: State,
): ReadonlySet<State> {
  const reached = new Set([from]);
  for (const state of reached) {
    for (const next of transitions[state]) {
      reached.add(next);
    }
  }
  return reached;
}
