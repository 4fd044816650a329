const depthLimit = 4;

/** An example of a message, from its schema. */
export function createExample(schema, schemas, depth = 0) {
  const { $ref, ...own } = schema;
  const full = $ref ? { ...schemas[$ref.slice("#/components/schemas/".length)], ...own } : own;
  switch (full.type) {
    case "object":
      if (depth === depthLimit) {
        return {};
      }
      return Object.fromEntries(
        Object.entries(full.properties ?? {})
          .filter(([name]) => !isAlternative(name, full))
          .map(([name, property]) => [name, createExample(property, schemas, depth + 1)]),
      );
    case "array":
      return full.minItems ? [createExample(full.items, schemas, depth + 1)] : [];
    case "boolean":
      return false;
    case "integer":
    case "number":
      return Math.max(full.minimum ?? 0, 0);
    default:
      return createText(full);
  }
}

/** True for all fields of a oneof but the first. */
function isAlternative(name, { not }) {
  return (not?.anyOf ?? []).some(({ required }) => required?.indexOf(name) > 0);
}

function createText(schema) {
  if (schema.enum) {
    return schema.enum.find(value => !schema.not?.enum?.includes(value));
  }
  if (schema.format === "int64") {
    return schema["x-minimum"] > 0 ? schema["x-minimum"] : "0";
  }
  if (schema.format === "uuid") {
    return crypto.randomUUID();
  }
  if (schema.format === "email") {
    return "buyer@example.com";
  }
  if (schema.format === "date-time") {
    return new Date().toISOString();
  }
  return "";
}
