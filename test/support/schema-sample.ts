import { z } from 'zod';

interface Node {
  type?: string;
  const?: unknown;
  enum?: unknown[];
  anyOf?: Node[];
  oneOf?: Node[];
  allOf?: Node[];
  properties?: Record<string, Node>;
  additionalProperties?: Node | boolean;
  items?: Node;
  minimum?: number;
  format?: string;
}

/** A value with every member that a schema knows: near to what it takes, though not always taken. */
export function sampleOf(schema: z.ZodType): unknown {
  return sample(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Node);
}

function sample(node: Node): unknown {
  const [choice] = node.anyOf ?? node.oneOf ?? node.allOf ?? [];
  if (choice) return sample(choice);
  if ('const' in node) return node.const;
  if (node.enum) return node.enum[0];
  switch (node.type) {
    case 'object':
      return Object.fromEntries(Object.entries(node.properties ?? {}).map(([name, member]) => [name, sample(member)]));
    case 'array':
      return [sample(node.items ?? {})];
    case 'integer':
    case 'number':
      return Math.max(1, node.minimum ?? 1);
    case 'boolean':
      return true;
    case 'string':
      return node.format === 'date-time' ? '2026-03-14T15:09:26Z' : 'gate';
    case undefined:
    default:
      return {};
  }
}
