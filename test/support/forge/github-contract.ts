import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { Ajv, type ValidateFunction } from "ajv";

type Schema = Readonly<Record<string, unknown>>;
interface Operation {
  readonly requestBody?: { readonly required?: boolean; readonly content?: Readonly<Record<string, { readonly schema?: Schema }>> };
  readonly responses?: Readonly<Record<string, { readonly content?: Readonly<Record<string, { readonly schema?: Schema }>> }>>;
}
type Paths = Readonly<Record<string, Readonly<Record<string, Operation>>>>;

/** GitHub's own description of its REST API, as a judge of requests and answers. */
export interface Contract {
  /** `undefined`: GitHub has no such route. */
  match(
    method: string,
    path: string,
  ):
    | { readonly template: string; request(body: unknown): readonly string[]; response(status: number, body: unknown): readonly string[] }
    | undefined;
}

interface Route {
  readonly template: string;
  readonly operations: Readonly<Record<string, Operation>>;
  readonly literal: number;
  readonly pattern: RegExp;
}

let loaded: Contract | undefined;

/** Parsed once per process: it is 73 MB of JSON. */
export function loadContract(): Contract {
  loaded ??= openContract();
  return loaded;
}

function openContract(): Contract {
  const file = createRequire(import.meta.url).resolve("@octokit/openapi/generated/api.github.com.deref.json");
  const { paths } = JSON.parse(readFileSync(file, "utf8")) as { paths: Paths };
  const routes = Object.entries(paths)
    .map(toRoute)
    .sort((a, b) => b.literal - a.literal);
  const check = openChecker();
  return {
    match(method, path) {
      const verb = method.toLowerCase();
      const route = routes.find((candidate) => candidate.operations[verb] !== undefined && candidate.pattern.test(path));
      const operation = route?.operations[verb];
      if (route === undefined || operation === undefined) return undefined;
      const key = `${verb} ${route.template}`;
      return {
        template: route.template,
        request(body) {
          if (body === undefined) return operation.requestBody?.required === true ? ["body missing"] : [];
          return check(`${key} request`, operation.requestBody?.content?.["application/json"]?.schema, body);
        },
        response(status, body) {
          const described = operation.responses?.[String(status)];
          if (described === undefined) return [`status ${status} is not described`];
          return check(`${key} ${status}`, described.content?.["application/json"]?.schema, body);
        },
      };
    },
  };
}

function toRoute([template, operations]: [string, Paths[string]]): Route {
  const source = template
    .replace(/[.+]/g, "\\$&")
    .replace(/\{(path|ref|basehead|branch)\}/g, "(.+)")
    .replace(/\{[^}]+\}/g, "([^/]+)");
  return { template, operations, literal: template.replace(/\{[^}]+\}/g, "").length, pattern: new RegExp(`^${source}/?$`) };
}

function openChecker(): (key: string, schema: Schema | undefined, data: unknown) => readonly string[] {
  const ajv = new Ajv({ strict: false, allErrors: true, logger: false, validateFormats: false });
  const compiled = new Map<string, ValidateFunction>();
  return (key, schema, data) => {
    if (schema === undefined) return [];
    const validate = compiled.get(key) ?? ajv.compile(normalise(schema) as Schema);
    compiled.set(key, validate);
    if (validate(data)) return [];
    const errors = (validate.errors ?? []).filter((error) => !["anyOf", "oneOf", "if"].includes(error.keyword));
    return [...new Set(errors.map((error) => `${error.instancePath || "/"} ${error.message}`))].slice(0, 12);
  };
}

/** OpenAPI 3.0 says `nullable`; JSON Schema says `anyOf null`. */
function normalise(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(normalise);
  if (typeof schema !== "object" || schema === null) return schema;
  const { nullable, ...rest } = schema as Record<string, unknown>;
  const literal = new Set(["example", "examples", "default", "enum"]);
  const plain = Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, literal.has(key) ? value : normalise(value)]));
  return nullable === true ? { anyOf: [plain, { type: "null" }] } : plain;
}
