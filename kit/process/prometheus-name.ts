type Underscored<Name extends string> = Name extends `${infer Head}.${infer Tail}`
  ? `${Head}_${Underscored<Tail>}`
  : Name;

/** A name of the semantic conventions as Prometheus writes it: `rpc.method` becomes `rpc_method`. */
export function prometheusName<const Name extends string>(name: Name): Underscored<Name> {
  return name.replaceAll(".", "_") as Underscored<Name>;
}
